#!/bin/bash
# tests/bench/shadow.sh BUILD ROUNDS SECONDS - What a shadow costs the gcxvm that it watches: microseconds of a processor for
# each event of calls that come all the time. A round has six parts of so many seconds: alone, with `gcxctl shadow`
# beside it, with a process beside it that computes as much as the shadow and reads nothing, and these backwards, so that
# what grows meanwhile is the same for all. A line for each round, then the median of the rounds' ratios: the shadow to
# alone, and the other process to alone. The second ratio is what any work costs on this machine, whatever it does.
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd) rounds=$2 seconds=$3
. "$top_srcdir/tests/flows/daemon_common.sh"
[ -x "$gcxsim" ] && [ -x "$gcxc" ] && [ -x "$top_builddir/gcxtwin" ] || cleanup 77
beside= took=0
also_end() { for one in $sim $beside; do kill "$one" 2>/dev/null && wait "$one"; done; }
mkdir "$dir/strategies" && cp "$enterprise"/*.gcx "$enterprise/customers.sql" "$dir/strategies"
"$gcxc" build "$enterprise/enterprise.gcx" -o "$dir/enterprise.gcxb" || cleanup 1
sed 's/priority += 50;/priority += 25; priority += 25;/' "$enterprise/enterprise.gcx" >"$dir/strategies/enterprise.gcx"
"$gcxc" build "$dir/strategies/enterprise.gcx" -o "$dir/other.gcxb" || cleanup 1

# spent PROCESS...: nanoseconds of a processor that all their threads have had.
spent() { for one in "$@"; do cat "/proc/$one/task/"*/schedstat; done | awk '{sum += $1} END {printf "%.0f", sum}'; }
events() { ctl status --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["events"])'; }
alone_begins() { :; }
alone_ends() { :; }
shadow_begins() {
    rm -f "$dir/shadow.err"
    "$gcxctl" --socket "$dir/state/admin.sock" shadow 1800 "$dir/other.gcxb" --json >"$dir/shadow" 2>"$dir/shadow.err" &
    beside=$!
    await grep -q shadows "$dir/shadow.err"
    child=$(pgrep -P "$beside")
    shadow_at=$(spent "$child")
}
shadow_ends() {
    took=$(($(spent "$child") - shadow_at))
    kill -INT "$beside"
    for _ in $(seq 50); do [ ! -d "/proc/$child" ] || sleep 0.1; done
    [ ! -d "/proc/$child" ] || kill -INT "$beside" # without a free processor it is behind
    wait "$beside"; beside=
    grep -v shadows "$dir/shadow.err" >&2
}
# As often as the shadow looks, with as much to compute.
other_begins() {
    nice -n 19 python3 -c 'import sys, time
each = float(sys.argv[1]) / 1e9 / float(sys.argv[2]) * 0.05
while True:
    end = time.thread_time() + each
    while time.thread_time() < end: pass
    time.sleep(0.05)' "$took" "$seconds" &
    beside=$!
}
other_ends() { kill "$beside"; wait "$beside" 2>/dev/null; beside=; }
# part KIND: prints the microseconds for each event.
part() {
    "$1_begins"
    sleep 1
    events_at=$(events) vm_at=$(spent "$vm")
    sleep "$seconds"
    vm_took=$(($(spent "$vm") - vm_at)) events_took=$(($(events) - events_at))
    "$1_ends"
    result=$(awk -v ns="$vm_took" -v n="$events_took" 'BEGIN {printf "%.2f", ns / 1e3 / n}')
}

clock_stands 0
play_calls 9000 5ms 'marie 7001' 'jean 7003'
echo 'log_level = "error"' >>"$dir/gcx.conf"
start
await link_is up
clock_runs
sleep 2
for _ in $(seq "$rounds"); do
    line=
    for kind in alone shadow other other shadow alone; do part "$kind"; line="$line $result"; done
    echo "$line"
done | tee "$dir/rounds" | awk '{printf "alone %.2f, shadow %.2f, other %.2f us\n", ($1 + $6) / 2, ($2 + $5) / 2, ($3 + $4) / 2; fflush()}'
awk '{print ($2 + $5) / ($1 + $6)}' "$dir/rounds" | sort -n | awk '{v[NR] = $1} END {printf "shadow to alone: %.3f\n", v[int((NR + 1) / 2)]}'
awk '{print ($3 + $4) / ($1 + $6)}' "$dir/rounds" | sort -n | awk '{v[NR] = $1} END {printf "other to alone: %.3f\n", v[int((NR + 1) / 2)]}'
kill "$sim" && wait "$sim"; sim=
stop 0
finish
