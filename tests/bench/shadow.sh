#!/bin/bash
# tests/bench/shadow.sh BUILD CALLS ROUNDS - What a shadow costs the gcxvm that it watches: its time of a processor for so many
# calls, without and with `gcxctl shadow` beside it, by turns. A line: microseconds a call without, and with, the least of all
# rounds; then, of the shadow itself, microseconds of a batch: the candidate's core, p50 and p99, and the present one's.
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd) calls=$2 rounds=$3
. "$top_srcdir/tests/flows/daemon_common.sh"
[ -x "$gcxsim" ] && [ -x "$gcxc" ] && [ -x "$top_builddir/gcxtwin" ] || cleanup 77
shadow=
also_end() { for one in $sim $shadow; do kill "$one" 2>/dev/null && wait "$one"; done; }
mkdir "$dir/strategies" && cp "$enterprise"/*.gcx "$enterprise/customers.sql" "$dir/strategies"
"$gcxc" build "$enterprise/enterprise.gcx" -o "$dir/enterprise.gcxb" || cleanup 1
sed 's/priority += 50;/priority += 25; priority += 25;/' "$enterprise/enterprise.gcx" >"$dir/strategies/enterprise.gcx"
"$gcxc" build "$dir/strategies/enterprise.gcx" -o "$dir/other.gcxb" || cleanup 1

# spent: nanoseconds of a processor that all threads of gcxvm have had.
spent() { cat "/proc/$vm/task/"*/schedstat | awk '{sum += $1} END {printf "%.0f", sum}'; }
# played [with]: calls, and the microseconds of gcxvm for each.
played() {
    rm -rf "$dir/state" "$dir/switch" "$dir/clients" "$dir/shadow.err" # what the round before said is no sign of this one
    clock_stands 0 # until the shadow is there
    play_calls "$calls" 5ms 'marie 7001' 'jean 7003'
    echo 'log_level = "error"' >>"$dir/gcx.conf"
    start
    await link_is up
    if [ "${1-}" ]; then
        "$gcxctl" --socket "$dir/state/admin.sock" shadow 1800 "$dir/other.gcxb" --json >"$dir/shadow" 2>"$dir/shadow.err" &
        shadow=$!
        await grep -q shadows "$dir/shadow.err"
    fi
    before=$(spent)
    clock_runs
    wait "$sim" || { cat "$dir/result" "$dir/sim.log" >&2; cleanup 1; }
    sim=
    after=$(spent)
    if [ "${1-}" ]; then
        kill -INT "$shadow"; wait "$shadow"; shadow=
    fi
    stop 0
    awk -v ns=$((after - before)) -v calls="$calls" 'BEGIN {printf "%.1f", ns / 1e3 / calls}'
}
of_shadow() { python3 -c 'import json, sys; t = json.load(open(sys.argv[1]))["time"]; print(*(t[a][b] / 1000 for a in ("candidate", "present") for b in ("p50_ns", "p99_ns")))' "$dir/shadow"; }
for _ in $(seq "$rounds"); do
    without=$(played) && with=$(played with) || cleanup 1
    echo "$without $with"
done | awk 'NR == 1 || $1 < a {a = $1} NR == 1 || $2 < b {b = $2} END {print a, b}'
of_shadow
grep -q '"differs": 0' "$dir/shadow" && grep -q "\"interactions\": $calls" "$dir/shadow" || { cat "$dir/shadow" >&2; cleanup 1; }
finish
