#!/bin/bash
# tests/bench/attach.sh BUILD [ROUNDS] - What a debugger costs the others: the enterprise flow over the wire with some
# 1,000 calls under way, by turns without a debugger and with one call stopped by gcxdb nearly all the while. A line for
# each round: calls under way at the most, p50 and p99 of the decision in us without a debugger, and with; last the medians
# of the rounds' ratios, with by without, of p50 and p99. Fails where a call got lost, the stopped one too.
set -u
top_builddir=$(cd "${1:-build}" && pwd) || exit 2
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
rounds=${2:-5} rate=${RATE-120} people=1200
. "$top_srcdir/tests/flows/overload_common.sh"
debugger=''
also_end() { [ -z "$debugger" ] || kill "$debugger" 2>/dev/null; }

# round: twelve seconds of calls; $most were under way, $p50 and $p99 of their decision.
round() {
    local now
    load_start "$rate" $((rate * 12)) --handles 9s
    most=0
    while kill -0 "$sim" 2>/dev/null; do
        now=$(of_status interactions)
        [ "${now:-0}" -le "$most" ] || most=$now
        sleep 0.5
    done
    load_end
    [ $(($(count routed) + $(count queued) + $(count defaulted))) = "$(count calls)" ] || die "calls got lost: $(cat "$dir/load")"
    p50=$(value decision p50_us) p99=$(value decision p99_us)
}

load_begin ''
load "$rate" $((rate * 2)) --handles 1s # people log in, code and memory get warm
for ((i = 1; i <= rounds; i++)); do
    round
    without="$p50 $p99"
    rm -f "$dir/tell"; mkfifo "$dir/tell"
    "$top_builddir/gcxdb" attach "$dir/state/admin.sock" --at 1800 --bound 12s <"$dir/tell" >"$dir/said" 2>&1 &
    debugger=$!
    exec 8>"$dir/tell"
    await grep -q Waiting "$dir/said"
    round
    grep -q '^> ' "$dir/said" || die "no call was stopped: $(cat "$dir/said")"
    echo quit >&8
    exec 8>&-
    wait "$debugger"; debugger=''
    echo "$most $without $p50 $p99"
done | tee "$dir/rounds"
median() { sort -n | awk '{all[NR] = $1} END {printf "%.3f", all[int((NR + 1) / 2)]}'; }
echo "$(awk '{print $4 / $2}' "$dir/rounds" | median) $(awk '{print $5 / $3}' "$dir/rounds" | median)"
note_adapter
stop
finish
