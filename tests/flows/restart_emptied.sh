#!/bin/bash
# The state folder of a gcxvm whose exchange has calls is emptied, and put back from a copy: the exchange goes on with the gcxvm
# that begins there. Nobody who talks or waits is cut off, each is a call of its books again, and new calls are served.
. "$top_srcdir/tests/flows/enterprise_common.sh"
calls=4 agents=2
. "$top_srcdir/tests/flows/restart_common.sh"
also_end() { people_end; }
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$dir/plugins"
drain_s    = 0
adapter sip {
    address = "127.0.0.1:$port" trunks = "127.0.0.2, 127.0.0.4" numbers = "1801" outlive_s = ${OUTLIVE-4}
    outbound = "127.0.0.4:$(cat "$dir/outside")" dialable = "900" prompts = "$dir/prompts" telephones = "$dir/telephones"
    port_file = "$dir/cti.port" restart_ms = 200 wrap_up = 0 silence = 0
}
CONF
start
people_begin
await logged_in
does "calls $calls"
await all_there
adapter=$(adapter_pid)
taken_back() { [ "$(adapter_pid)" = "$adapter" ]; }
serves_more() { # WHAT: gcxvm may have started one first, which finds no port
    await taken_back
    kept "$1"
    does "calls 1"
    wait=$((wait + 1))
    kept "$1: a new call"
}

# ---- put back, from a copy of before, with the file of the lock another one ----
kill_core
cp -R "$dir/state" "$dir/copy" && rm -r "$dir/state" && mv "$dir/copy" "$dir/state"
start
serves_more "put back"
[ "$(cat "$dir/state/sip.lock")" ] || say_failed "the lock says nothing"

# ---- emptied: another journal, which knows none of them ----
stop
rm -r "$dir/state"
start
serves_more "emptied"
await logged "another journal than that of before: $((calls + 1)) conversations go on there"

# ---- and the gcxvm of the new folder is restarted as any other ----
stop
start
serves_more "emptied, and started again"
does over
await eval '[ "$(rows | wc -l)" = 0 ]'
await logged_in
does "calls 1"
talk=1 wait=0
all_there || await all_there
kept "all had gone"
finish
