#!/bin/bash
# tests/flows/counters.sh - What strategies count and note is told by gcxctl and /metrics, and by the play's own expectations; it
# is what it was when the core was killed, by replay.
. "$top_srcdir/tests/flows/enterprise_common.sh"
conf_log=''
conf_more='http = "127.0.0.1:0"'
mkdir -p "$flow"
cp "$enterprise"/*.gcx "$enterprise"/*.sql "$top_srcdir/tests/flows/counters.gcx" "$flow" || die "cannot copy the strategy"
sed -i 's/on abandoned {}/on abandoned { count abandoned_calls; count by_caller[ani]; count lately; log.note("left {ani}"); }/' "$flow/enterprise.gcx"
sed -i 's/^    if customer?.tier/    if losing { priority += 1; }\n&/' "$flow/enterprise.gcx"
sed -i 's/skill English/latch losing = abandoned_calls >= 2 until abandoned_calls == 0; counter abandoned_calls; counter by_caller[str]; counter lately over 1h;\n    &/' "$flow/site.gcx"
image=$dir/flow.gcxb
"$gcxc" build "$flow/counters.gcx" -o "$image" || die "gcxc build"

port() { sed -n 's,.*metrics and health at http://127.0.0.1:,,p' "$dir/gcxvm.log" | tail -n 1; }
page() {
    exec 9<>"/dev/tcp/127.0.0.1/$(port)" || return 1
    printf 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n' >&9
    timeout 15 cat <&9
    exec 9>&-
}
counted() { ctl counters "$1" --json | tr -d ' \n' | grep -q "\"key\":${2:-null},\"count\":$3\|\"count\":$3,\"key\":${2:-null}\|\"count\":$3,.*\"key\":${2:-null}"; }

losing() { ctl latches | grep -q "^losing  *yes"; }

begin "two leave, one is served"
expect 'there is no counter `abandoned_calls`' ctl counters abandoned_calls
await counted abandoned_calls "" 2
expect '^COUNTER  *KEY  *COUNT' ctl counters
expect '^abandoned_calls  *- *2' ctl counters
ctl counters abandoned_calls --limit 1 --from 1 >/dev/null || say_failed "the page behind the last one of a counter"
expect '^by_caller  *+33145550101  *1' ctl counters by_caller
expect '^lately .* 2 .*1h\|^lately .* 2 .*60m\|^lately .* 2 .*3600' ctl counters lately
expect '^LATCH  *SET  *SINCE' ctl latches
await losing
expect 'gcx_counter{counter="abandoned_calls",key=""} 2' page
expect 'gcx_counter{counter="by_caller",key="+33145550102"} 1' page
expect 'Note left +33145550101$' ctl trace 1-000000000001
logged "core ixn=1-000000000001 .* Note ref=[0-9]* text=..(17)" || { say_failed "the log does not tell of the note, or shows its text"; grep Note "$dir/gcxvm.log"; }
{ ctl counters --json; ctl latches --json; } >"$dir/before"
kill_core
restarted
{ ctl counters --json; ctl latches --json; } >"$dir/after"
cmp -s "$dir/before" "$dir/after" || { say_failed "the counters are not what they were"; diff "$dir/before" "$dir/after"; }
expect 'Note left +33145550101$' ctl trace 1-000000000001
ready_now 7001
played
stop
finish
