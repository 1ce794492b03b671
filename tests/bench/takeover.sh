#!/bin/bash
# tests/bench/takeover.sh BUILD ROUNDS [CALLS] - How long nobody leads: from a fault until the next leader knows all calls
# that wait (tests/faults/cluster; 2,000). Lines "FAULT rounds N p50 MS p99 MS max MS".
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd)
export top_srcdir top_builddir
GCX_FIGURES=$(mktemp) || exit 1
export GCX_FIGURES
trap 'rm -f "$GCX_FIGURES"' EXIT
"$top_srcdir/tests/faults/cluster" "$2" "${3-2000}" kill freeze handover >&2 || exit
for fault in kill freeze handover; do
    sed -n "s/^$fault //p" "$GCX_FIGURES" | sort -n | awk -v fault=$fault '{ms[NR] = $1}
        function at(share) {i = int(NR * share + 0.999999); return ms[i < 1 ? 1 : i]}
        END {if (NR) print fault, "rounds", NR, "p50", at(0.5), "p99", at(0.99), "max", ms[NR]}'
done
