#!/bin/bash
# tests/flows/counters.sh - What strategies count and note is told by gcxctl and /metrics, and by the play's own expectations; it
# is what it was when the core was killed, by replay.
. "$top_srcdir/tests/flows/enterprise_common.sh"
profilers=''
also_end() { for pid in $profilers; do kill "$pid" 2>/dev/null; done; }
conf_log=''
conf_more='http = "127.0.0.1:0"
bounded_reading = true'
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

clock_stops # no call comes before somebody looks
begin "two leave, one is served"
expect 'there is no profile yet' ctl profile --seconds 0
# Two ask for a profile: one has it, the other is refused.
"$gcxctl" --socket "$dir/state/admin.sock" profile --seconds 600 >/dev/null 2>>"$dir/refused" & profilers=$!
"$gcxctl" --socket "$dir/state/admin.sock" profile --seconds 600 >/dev/null 2>>"$dir/refused" & profilers="$profilers $!"
await grep -q 'a profile goes on for [0-9]* seconds more' "$dir/refused"
expect 'there is no counter `abandoned_calls`' ctl counters abandoned_calls
clock_stands 1 # nobody leaves before all three wait
await are_waiting 3
clock_runs
await counted abandoned_calls "" 2
expect '^COUNTER  *KEY  *COUNT' ctl counters
expect '^abandoned_calls  *- *2' ctl counters
ctl counters abandoned_calls --limit 1 --from 1 >/dev/null || say_failed "the page behind the last one of a counter"
expect '^by_caller  *+33145550101  *1' ctl counters by_caller
# Who reads only whom they lead sees what is counted of all, and no caller's number.
cat >>"$dir/directory.sql" <<'SQL'
create table if not exists queue_lead (queue text, supervisor text);
insert into queue_lead values ('nowhere', 'lead');
SQL
ctl reload >/dev/null || say_failed "gcxctl reload with a lead"
expect '^by_caller  *+33145550101' ctl counters --as other
ctl counters --as lead >"$dir/bounded"
grep -q '^abandoned_calls  *- *2' "$dir/bounded" && ! grep -q +33145550101 "$dir/bounded" || { say_failed "counters of whom one does not lead"; cat "$dir/bounded"; }
expect '^lately .* 2 .*1h\|^lately .* 2 .*60m\|^lately .* 2 .*3600' ctl counters lately
expect '^LATCH  *SET  *SINCE' ctl latches
await losing
on_page() { page | grep -qF "$1"; }
await on_page 'gcx_counter{counter="abandoned_calls",key=""} 2'
await on_page 'gcx_counter{counter="by_caller",key="+33145550102"} 1'
expect 'Note left +33145550101$' ctl trace 1-000000000001
await logged "core ixn=1-000000000001 .* Note ref=[0-9]* text=..(17)" || { say_failed "the log does not tell of the note, or shows its text"; grep Note "$dir/gcxvm.log"; }
# What was profiled is replayed below by a core that nobody profiles.
ctl profile --seconds 0 --lines 100 >"$dir/profile" || say_failed "gcxctl profile"
for pid in $profilers; do kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; done
grep -q '^ *share  *instructions  *runs  *fuel  *bytes  *waits  *over  *waited  line, by instructions$' "$dir/profile" &&
    grep -q '/enterprise.gcx:[0-9]*  enterprise of [0-9a-f]\{12\}$' "$dir/profile" || { say_failed "the profile has no line of the strategy"; cat "$dir/profile"; }
ctl profile --seconds 0 --folded --by waits >"$dir/folded"
grep -q '^enterprise (.*/enterprise.gcx:[0-9]*) 3$' "$dir/folded" || { say_failed "three callers have not waited at one line"; cat "$dir/folded"; }
ctl profile --seconds 0 --lcov --by runs >"$dir/lines.info"
"$gcxc" graph --format dot --lcov "$dir/lines.info" "$(sed -n '/enterprise.gcx$/s/^SF://p' "$dir/lines.info")" | grep -q '>[1-9][0-9]*x<' ||
    { say_failed "the graph has no colours of the profile"; cat "$dir/lines.info"; }
expect 'a profile has no count `colour`' ctl profile --by colour
expect 'takes at most 600 seconds' ctl profile --seconds 601
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
