#!/bin/sh
# Compared with itself a version does what it did: journals of tests of all strategies, the first of each; all of
# them where GCX_ALL is set. It is how what is compared, and which answers the other core hears, is known to be whole.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
build=$(cd "$top_builddir" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$top_srcdir/strategies" || exit 1
failed=0 compared=0
for folder in */; do
    folder=${folder%/}
    "$build/gcxc" build "$folder" -o "$work/image.gcxb" 2>"$work/said" || { cat "$work/said"; exit 1; }
    cat "$folder"/*.gcx | sed -n 's/^test "\(.*\)" *.*{$/\1/p' >"$work/tests"
    [ -n "${GCX_ALL-}" ] || { head -n 1 "$work/tests" >"$work/few" && mv "$work/few" "$work/tests"; }
    while read -r name; do
        rm -rf "$work/journal" && mkdir "$work/journal"
        "$build/tests/debugger/journal" "$work/image.gcxb" "$work/journal" "$name" >/dev/null 2>&1
        [ -f "$work/journal/journal.db" ] || continue
        "$build/gcxdb" replay "$work/journal" --with "$work/image.gcxb" --only-different >"$work/said" 2>&1
        status=$?
        compared=$((compared + 1))
        [ $status = 0 ] || grep -q 'no strategy runs\|none of the strategies' "$work/said" ||
            { echo "FAILED $folder: $name: status $status"; cat "$work/said"; failed=$((failed + 1)); }
    done <"$work/tests"
done
[ $compared -gt 10 ] || { echo "only $compared journals were compared"; failed=1; }
exit $((failed > 0))
