#!/bin/sh
# tests/differential/formatted.sh - Random programs mean the same in the one style, which is reached at once: formatted
# again they stay as they are, and their images differ in nothing but the places of lines. A program that
# lint has mended does what it did, and `doc` tells of them. So many: FORMATTED_SEEDS (25, under the sanitizers 8), from
# FORMATTED_SEED (1000) on.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
export top_srcdir
gcxc=$top_builddir/gcxc
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
echo "its hash stands in the images, and nobody calls it" >"$work/world.so"
bad=0
say_failed() { echo "FAILED: seed $seed: $*"; bad=1; }
# The hash of all that decides: 32 bytes from the 17th on (vm/image.h).
meaning() { "$gcxc" build --native "$work" --site "$1" "$1" -o "$work/image" >"$work/said" 2>&1 && od -An -tx1 -j16 -N32 "$work/image"; }
# What it does, without the places in the text, which are others now, and the lines of selections: one that adds nobody
# is taken out.
trace() {
    "$top_builddir/tests/differential/differential" -x "$1" "$seed" 2>&1 |
        sed -e 's/ at [0-9]*:[0-9]*$//' -e 's/ line [0-9]* share [0-9]*\(=[a-z0-9]*\|<[a-z]*>\)//g'
}
seed=${FORMATTED_SEED:-1000} count=25
grep -q __asan_init "$gcxc" && count=8
last=$((seed + ${FORMATTED_SEEDS:-$count}))
while [ "$seed" -lt "$last" ]; do
    "$top_builddir/tests/differential/differential" -p "$seed" >"$work/written.gcx" || say_failed "no program"
    cp "$work/written.gcx" "$work/once.gcx"
    "$gcxc" fmt "$work/once.gcx" >"$work/said" 2>&1 || { say_failed "fmt"; head -n 5 "$work/said"; }
    "$gcxc" fmt --check "$work/once.gcx" >"$work/said" 2>&1 || { say_failed "it is formatted twice"; "$gcxc" fmt --diff "$work/once.gcx" | head -n 20; }
    before=$(meaning "$work/written.gcx") || { say_failed "it does not compile"; head -n 5 "$work/said"; }
    after=$(meaning "$work/once.gcx") || { say_failed "formatted it does not compile"; head -n 5 "$work/said"; }
    [ "$before" = "$after" ] || say_failed "formatted it means something else"
    "$gcxc" lint --fix --rules all --site "$work/once.gcx" "$work/once.gcx" >"$work/said" 2>&1
    [ $? -le 2 ] || { say_failed "lint --fix"; tail -n 5 "$work/said"; }
    meaning "$work/once.gcx" >/dev/null || { say_failed "mended it does not compile"; head -n 5 "$work/said"; }
    trace "$work/written.gcx" >"$work/did"
    trace "$work/once.gcx" >"$work/does"
    cmp -s "$work/did" "$work/does" || { say_failed "mended it does something else"; diff "$work/did" "$work/does" | head -n 10; }
    "$gcxc" doc --site "$work/written.gcx" -o "$work/pages" "$work/written.gcx" >"$work/said" 2>&1 || { say_failed "doc"; tail -n 5 "$work/said"; }
    seed=$((seed + 1))
done
exit $bad
