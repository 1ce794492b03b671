#!/bin/bash
# tests/flows/standby_sip.sh - The exchange runs on a machine of its own (--connect), and two gcxvm may lead: the lead is
# handed over, then the leader is killed. Callers who talk and callers who wait notice nothing, and the next leader has them.
. "$top_srcdir/tests/flows/standby_common.sh"
. "$top_srcdir/tests/flows/security_common.sh"
calls=${CALLS:-4} agents=${AGENTS:-1} far=''
. "$top_srcdir/tests/flows/restart_common.sh"
also_end() { [ -z "$far" ] || { kill -9 "$far"; wait "$far"; } 2>/dev/null; people_end; cluster_end; }
server
authority ours
for name in core sip; do certificate $name; done
doors=$(python3 "$top_srcdir/tests/flows/free_ports.py")
configure() {
    cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$dir/plugins"
remote_listen = "127.0.0.1:$doors" remote_certificate = "tls/core.pem" remote_key = "tls/core.key" remote_ca = "tls/ours.pem"
drain_s    = 0
$conf_more
adapter sip { remote = true }
CONF
}
cluster_configure
"$gcxvm" --adapter "$dir/plugins/sip.so" --name sip --connect "127.0.0.1:$doors,127.0.0.1:$doors" --ca "$dir/tls/ours.pem" \
    --certificate "$dir/tls/sip.pem" --key "$dir/tls/sip.key" --set address="127.0.0.1:$port" --set trunks="127.0.0.2, 127.0.0.4" \
    --set numbers=1801 --set outbound="127.0.0.4:$(cat "$dir/outside")" --set dialable=900 --set prompts="$dir/prompts" \
    --set telephones="$dir/telephones" --set port_file="$dir/cti.port" --set silence=0 >"$dir/far.log" 2>&1 & far=$!
node_start first
await leads first
people_begin
await logged_in
node_start second
await follows second
does "calls $calls"
await all_there
stay() { # WAY
    await all_there
    await eval "[ \"\$(rows | wc -l)\" = $calls ]"
    await are_waiting "$wait"
    all_there || say_failed "$1: $(cat "$dir/books")"
}
await in_step
await handed_over
node_ends first 7
await leads second
stay "a handover"
node_start first
await follows first
await in_step
node_kill second
await leads first
stay "a leader that was killed"
kill "$far" # it has calls: it stays, and begins no other; the second time it ends
await grep -q 'Terminated: ends when the last of .* and begins no other' "$dir/far.log"
does "calls 1"
await are ' refused=1 '
kill "$far"; wait "$far"; far=''
finish
