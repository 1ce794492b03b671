#!/bin/bash
# Callers who talk and callers who wait notice nothing of a router that is killed, stopped and started, and upgraded: nobody is
# cut off, nobody goes to the default destination, music goes on, and the books have the same calls. An exchange of an older
# program serves, new calls included, until it has no call; then the new one is there. Stopped for good, those who
# wait go to the default destination, those who talk go on, new ones are told to try elsewhere, and with the last call the
# exchange is gone. CALLS and AGENTS: so many (6, of whom 2 talk); ROUNDS: so often (1).
. "$top_srcdir/tests/flows/enterprise_common.sh"
calls=${CALLS:-6} agents=${AGENTS:-2}
. "$top_srcdir/tests/flows/restart_common.sh"
also_end() { people_end; }
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$dir/plugins"
drain_s    = 0
http       = "127.0.0.1:0"
adapter sip {
    address = "127.0.0.1:$port" trunks = "127.0.0.2, 127.0.0.4" numbers = "1801" outlive_s = 4
    outbound = "127.0.0.4:$(cat "$dir/outside")" dialable = "900" prompts = "$dir/prompts" telephones = "$dir/telephones"
    port_file = "$dir/cti.port" restart_ms = 200 linkless_s = 4 wrap_up = 0 silence = 0
}
CONF
start
people_begin
await logged_in

# away SECONDS: so long nobody leads: longer than what music plays.
away() { local until=$((SECONDS + $1)); while ((SECONDS < until)); do all_there || await all_there; sleep 0.2; done; }
restart() { # WAY
    case $1 in
        stopped) stop ;;
        upgraded) cp "$dir/plugins/sip.so" "$dir/plugins/sip.new" && mv "$dir/plugins/sip.new" "$dir/plugins/sip.so"; stop ;;
        killed) kill_core ;;
    esac
    away 1
    start
    kept "$1"
}
ctl snapshot >/dev/null || say_failed "gcxctl snapshot"
# aged NAME ADAPTER WHAT: a copy of the state as one of an earlier version in which that happened since; what
# upgrade --check says of it, in $dir/said. Its exit is that of the check.
aged() {
    local locks status
    mkfifo "$dir/$1.end"
    "$gcxvm" --export "$dir/$1" "$dir/gcx.conf" >/dev/null || say_failed "gcxvm --export"
    "$top_builddir/tests/flows/older_tool" "$dir/$1" "$2" "$3" >"$dir/$1.held" <"$dir/$1.end" &
    locks=$! started="$started $!"
    exec 8>"$dir/$1.end"
    await grep -q held "$dir/$1.held"
    sed "s|adapter sip {|adapter $2 { plugin = \"$dir/plugins/sip.so\"|" "$dir/gcx.conf" >"$dir/aged.conf"
    "$gcxvm" --upgrade-check --state "$dir/$1" "$dir/aged.conf" >"$dir/said" 2>&1
    status=$?
    exec 8>&-
    wait "$locks"
    sed -i "s/process $locks is/process PID is/" "$dir/said"
    return $status
}
cut='calls since the newest snapshot of adapter sip: its process PID is of a version that ends'
keeps() { aged "$@" && grep -q '^does not carry over: nothing' "$dir/said" || say_failed "$1: $(cat "$dir/said")"; }
cuts() { ! aged "$@" && grep -q "^does not carry over: $cut" "$dir/said" || say_failed "$1: $(cat "$dir/said")"; }
keeps no_call sip nothing
keeps of_another exchange call
cuts of_nobody sip elsewhere
cuts in_other_words sip unread
does "calls $calls"
await all_there
adapter=$(adapter_pid)
# ---- what an upgrade would cut is told before: an exchange of a version that ends with its gcxvm has a shorter lock ----
upgrade() { "$gcxctl" upgrade --check "$dir/gcx.conf"; }
expect '^does not carry over: nothing' upgrade
cp "$dir/state/sip.lock" "$dir/sip.lock"
truncate -s 64 "$dir/state/sip.lock"
expect "^does not carry over: $calls calls of adapter sip: its process $adapter is of a version that ends with its gcxvm" upgrade
! upgrade >/dev/null || say_failed "calls that an upgrade would cut do not matter to the check"
cat "$dir/sip.lock" >"$dir/state/sip.lock"
# Of another semantics number only the newest snapshot is read, which has none of these calls: a copy of the folder whose
# last batch is of the number before, as if a gcxvm and an exchange of earlier versions worked on it.
cuts all_calls sip call

# ---- an exchange that is slow while gcxvm stops and starts keeps its calls ----
mark() { marked=$(wc -l <"$dir/gcxvm.log"); }
since() { tail -n "+$((marked + 1))" "$dir/gcxvm.log" | grep -q -e "$1"; }
begin() { "$gcxvm" "$dir/gcx.conf" >>"$dir/gcxvm.log" 2>&1 & vm=$!; } # and waits for nothing
kill -STOP "$adapter"
stop
kill -STOP "$adapter" # the kernel lets go on who is stopped in a group whose parent has ended
begin
await logged 'no link for another 4 s, and is left alone with its '"$calls"' conversations'
kill -CONT "$adapter"
await link_is_up
note_adapter
logged "does not answer, and is left alone with its $calls conversations" || say_failed "it is not said that a slow exchange is left alone"
kept "a slow exchange"

# ---- and one whose gcxvm goes and comes ----
for ((round = 0; round < ${ROUNDS:-1}; round++)); do
    for way in killed stopped upgraded; do restart $way; done
done
echo "$((3 * ${ROUNDS:-1})) restarts and upgrades under $calls calls, cut: $(sed 's/.* ended=\([0-9]*\).*/\1/' "$dir/books")"

# ---- the exchange of before serves new calls, and is replaced when it has none ----
expect 'DEGRADED *sip process: .*older program' ctl status
does "calls 1"
wait=$((wait + 1))
kept "a new call at the exchange of before"
mark
does over
# The callers send their INVITE once: the new exchange must have its port and its numbers before. Its own line says so; a
# link that is up may still be the link of before.
await since 'ResyncEnd: 0 calls'
await link_is_up
[ "$(adapter_pid)" != "$adapter" ] || say_failed "the exchange of before is there still"
ctl status >"$dir/says" && ! grep -q 'older program' "$dir/says" || say_failed "it says still that it is of an older program"

# ---- stopped for good ----
await logged_in
does "calls $calls"
wait=$((calls - agents))
await all_there
adapter=$(adapter_pid)
note_adapter
directory 1 >"$dir/directory.sql"
ctl load >"$dir/load" || say_failed "gcxctl load"
kill -TERM "$adapter" # a person's word, which no gcxvm changes
readyz() {
    exec 9<>"/dev/tcp/127.0.0.1/$(sed -n 's,.*metrics and health at http://127.0.0.1:,,p' "$dir/gcxvm.log" | tail -n 1)" || return 1
    printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&9
    timeout 15 cat <&9
    exec 9>&-
}
unready="503 .*adapter sip: process $adapter was told to end.* $calls conversations are left"
left="DEGRADED *sip process: .*process $adapter was told to end.* $calls conversations are left"
expect "$left" ctl status
expect "$unready" eval 'readyz | tr "\r\n" "  "'
stop
begin
await link_is_up
expect "$left" ctl status
expect "$unready" eval 'readyz | tr "\r\n" "  "'
mark
stop
await are "default=$wait\$"
are "^talk=$talk .* ended=0" || say_failed "stopped for good: $(cat "$dir/books")"
await since 'no gcxvm wants it: ends when the last of .* and begins no other'
does "calls 1"
await are ' refused=1 '
kill -0 "$adapter" || say_failed "the exchange has left its calls"
are "^talk=$talk .* ended=0" || say_failed "stopped for good, later: $(cat "$dir/books")"
does over
await since 'no conversation is left: ends'
await eval "! kill -0 $adapter"
finish
