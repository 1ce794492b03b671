#!/bin/bash
# tests/bench/snapshot.sh BUILD MAILS TAIL - So many e-mails wait for an agent; while 500 a second more come a snapshot is
# cut; then so many events more come, and gcxvm is killed and started again, from the snapshot and from the journal alone.
# Prints: MB of the snapshot; seconds until it was cut and verified; what 99.9 % of the decisions took at most (ms) in the
# 20 s before, and while it was cut; both of the journal's syncs, which a decision awaits. Then events after it; seconds
# until a start from it is ready, and of a processor; both of a start from the journal alone; MB of the journal.
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd) mails=$2 tail=$3
. "$top_srcdir/tests/flows/daemon_common.sh"
also_end() { :; }
mkdir "$dir/site" && cp "$top_srcdir/tests/bench/mails.gcx" "$dir/site" && "$gcxc" build "$dir/site/mails.gcx" -o "$dir/mails.gcxb" || cleanup 1
plugin=$top_builddir/tests/bench/.libs/flood.so
[ -f "$plugin" ] || { echo "snapshot.sh: make -C $1 tests/bench/flood.la comes first" >&2; cleanup 77; }
make_world "interactions = $((2 * mails + 2 * tail + 100000))
snapshot_s = 0
snapshot_events = 0
adapter flood {
  plugin = \"$plugin\"
  mails = \"$mails\"
  after = \"0\"
  per_s = \"0\"
}"
sed -i 's/^strategies = .*/strategies = {"mails.gcxb"}/' "$dir/gcx.conf"
sed -i '1i log_level = "warning"\nlog { journal = "info" }' "$dir/gcx.conf"
cat >>"$dir/directory.sql" <<'SQL'
create table dn (number text primary key, type text not null default 'extension');
create table queue (name text primary key, dn text);
create table routing_point (dn text primary key, strategy text not null, defaults text not null default '');
insert into dn values ('mail', 'queue'), ('desk', 'queue');
insert into queue values ('mail', 'mail'), ('desk', 'desk');
insert into routing_point (dn, strategy) values ('mail', 'mails');
SQL
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check" >&2; cleanup 1; }
now() { date +%s.%N; }
number() { ctl status --json | sed -n "s/^ *\"$1\": \([0-9]*\),\{0,1\}$/\1/p" | head -n 1; }
# flood COUNT PER_S: gcxvm, killed and started again, gets so many more than it has.
flood() {
    [ -z "$vm" ] || { have=$(number interactions); kill -KILL "$vm"; wait "$vm" 2>/dev/null; }
    sed -i "s/^  mails = .*/  mails = \"$1\"/; s/^  after = .*/  after = \"${have:-0}\"/; s/^  per_s = .*/  per_s = \"$2\"/" "$dir/gcx.conf"
    start >&2
}
# await_at_least MEMBER NUMBER
await_at_least() {
    until [ "$(number "$1")" -ge "$2" ] 2>/dev/null; do
        kill -0 "$vm" 2>/dev/null || { tail -n 5 "$dir/log" >&2; cleanup 1; }
        sleep 0.2
    done
}
counts() { ctl status --json | jq -c '{decision: .decision.counts, sync: .sync.counts}'; }
# late WHAT BEFORE AFTER: the bound, in ms, under which 99.9 % of them between both stay.
late() {
    jq -n --arg what "$1" --argjson before "$2" --argjson after "$3" '$before[$what] as $a|$after[$what] as $b|[range($a|length)|$b[.]-$a[.]] as $d|($d|add) as $n|
        [0.1,0.25,0.5,1,2.5,5,10,25,50,100,250,500,1000,2500,5000,10000,99999] as $bound|
        first(range($d|length)|select(($d[0:.+1]|add) >= 0.999*$n)|$bound[.])'
}
# again: kills and starts it; $ready_s: seconds until it was ready; $busy_s: of a processor.
again() {
    kill -KILL "$vm" && wait "$vm" 2>/dev/null
    began=$(now)
    "$gcxvm" "$dir/gcx.conf" >>"$dir/log" 2>&1 &
    vm=$!
    until ready 2>/dev/null; do kill -0 "$vm" 2>/dev/null || { tail -n 5 "$dir/log" >&2; cleanup 1; }; sleep 0.02; done
    ready_s=$(awk -v a="$began" -v b="$(now)" 'BEGIN {printf "%.2f", b - a}')
    busy_s=$(awk -v per_s="$(getconf CLK_TCK)" '{printf "%.2f", ($14 + $15) / per_s}' "/proc/$vm/stat")
}
flood "$mails" 0
await_at_least interactions "$mails"
flood 1000000 500
sleep 5
zero=$(counts); sleep 20; one=$(counts)
ctl snapshot --timeout 3600 >&2 || cleanup 1
two=$(counts)
size=$(number snapshot_bytes) took=$(sed -n 's/.*cut and verified in \([0-9]*\) ms.*/\1/p' "$dir/log" | tail -n 1)
awk -v s="$size" -v t="$took" -v a="$(late decision "$zero" "$one")" -v b="$(late decision "$one" "$two")" \
    -v c="$(late sync "$zero" "$one")" -v d="$(late sync "$one" "$two")" 'BEGIN {printf "%.0f %.1f %s %s %s %s\n", s / 1e6, t / 1e3, a, b, c, d}'
flood $((tail * 2)) 0
await_at_least tail_events "$tail"
flood 0 0
events=$(number tail_events)
again
from="$ready_s $busy_s"
mv "$dir/state/snapshots" "$dir/away"
again
echo "$events $from $ready_s $busy_s $(du -m "$dir/state/journal.db" | cut -f 1)"
kill -KILL "$vm" && wait "$vm" 2>/dev/null
vm=
cleanup 0
