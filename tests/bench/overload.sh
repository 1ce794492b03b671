#!/bin/bash
# tests/bench/overload.sh BUILD RATE [SECONDS] - The enterprise flow over the wire at one, two and three times RATE calls
# a second, which is what it carries (wire.sh finds it): switch and desktops, T-Server and daemon in processes of their
# own, the journal on disk. A line each: multiple, calls that came a second, those routed to agents a second (goodput),
# p99 of their decision in us, those refused at the switch in per cent, and what the daemon and the T-Server take
# afterwards in MB. Fails where a call got lost. The simulator shares the machine: what it takes, the others lack.
set -u
top_builddir=$(cd "${1:-build}" && pwd) || exit 2
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
rate=${2:?the calls a second that it carries} seconds=${3:-4}
people=900
. "$top_srcdir/tests/flows/overload_common.sh"

conf_adapter='lag = 0.5'
load_begin 'lag_ms = 300'
load $((rate / 4 + 1)) $((rate / 4 * 2 + 2)) # people log in, code and memory get warm
for times in 1 2 3; do
    calls=$((rate * times * seconds))
    [ "$calls" -le 45000 ] || calls=45000
    load $((rate * times)) "$calls"
    [ $(($(count routed) + $(count queued) + $(count defaulted))) = "$(count calls)" ] || die "calls got lost: $(cat "$dir/load")"
    read -r daemon tserver < <(memory)
    awk -v times=$times -v came="$(count rate)" -v calls="$(count calls)" -v routed="$(count routed)" -v us="$(value decision p99_us)" \
        -v daemon="$daemon" -v tserver="$tserver" \
        'BEGIN {printf "%d %.0f %.0f %d %.1f %.0f %.0f\n", times, came, routed * came / calls, us, 100 * (calls - routed) / calls, daemon / 1024, tserver / 1024}'
done
note_adapter
stop
finish
