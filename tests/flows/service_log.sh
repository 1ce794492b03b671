#!/bin/bash
# tests/flows/service_log.sh - The log as JSON, by room; and a log that nobody reads keeps no call waiting.
. "$top_srcdir/tests/flows/enterprise_common.sh"
build_flow "$top_srcdir/tests/flows/service_drain.gcx"

echo "rooms and format"
conf_log=''
conf_more='log { format = "json"  core = warning  tserver = debug }'
begin_quiet() { # as begin, but the log is no text
    rm -rf "$dir/state" "$dir/gcxvm.log"
    provision "$1"
    play "$1"
    configure
    start
}
begin_quiet "one waits"
await are_waiting 1
ready_now 7001
played
stop
if command -v jq >/dev/null; then
    jq -e -s 'all(.[]; (.time | test("^20.*Z$")) and (.level | IN("debug", "info", "warning", "error")) and has("room") and has("text"))' \
        "$dir/gcxvm.log" >/dev/null || { say_failed "not every line is what it should be"; head -n 5 "$dir/gcxvm.log"; }
    jq -e -s 'any(.[]; .room == "tserver" and .ixn == "1-000000000001" and (.text | startswith("EventRouteRequest")))' \
        "$dir/gcxvm.log" >/dev/null || say_failed "the events are not there"
    jq -e -s 'all(.[]; .room != "core" or .level == "warning")' "$dir/gcxvm.log" >/dev/null || say_failed "the core says more than it may"
else
    echo "jq is not installed: the form is not checked"
    grep -q '"room":"tserver".*"text":"EventRouteRequest' "$dir/gcxvm.log" || say_failed "the events are not there"
fi

echo "nobody reads"
conf_more='log_level = "debug" log { rate = 0 }'
rm -rf "$dir/state" "$dir/gcxvm.log"
mkfifo "$dir/pipe"
provision "one waits"
for number in $(seq 200); do echo "insert into skill values ('one of many $number');"; done >>"$dir/directory.sql"
play "one waits"
configure
sleep 60 <"$dir/pipe" & # holds the pipe open, and reads nothing
holder=$!
"$gcxvm" "$dir/gcx.conf" 2>"$dir/pipe" >/dev/null &
vm=$!
await ready
await link_is_up
note_adapter
await are_waiting 1
# Much more than a pipe holds: every load says a line for each row.
kill -0 "$vm" || die "it has ended"
for _ in $(seq 40); do ctl load >/dev/null || say_failed "it does not answer any more"; done
ready_now 7001
played
kill "$vm"; wait "$vm"; got=$?
vm=''
[ $got = 0 ] || say_failed "gcxvm ended with $got"
kill "$holder"; wait "$holder" 2>/dev/null
finish
