#!/bin/bash
# tests/bench/what_if.sh BUILD CALLS - The journal of so many calls, about 12 events each, decided again by gcxctl what-if.
# Prints for the same version, one that goes another way in every call, and one that asks for another time: what differs,
# seconds of a processor, and microseconds of it for a call. `load` is the last one once more, with waits and load. Then the
# size of the journal. A call comes every 80 ms, so 1,000,000 are a day's; to make their journal takes some five minutes of a
# processor and 4 GB. what-if has a low priority: beside other work it takes long by the clock.
build=$(cd "$1" && pwd) calls=$2
cd "$(dirname "$0")/../debugger" || exit 1
# The journal is not what is measured: it is written where a sync costs nothing.
work=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")") || exit 1
trap 'rm -rf "$work"' EXIT
cp site.gcx "$work" && mkdir "$work/state" || exit 1
{
    sed '/^test /,$d' past.gcx
    echo 'test "many callers" {'
    seq -f '    agent a%g in group help ready;' 20
    echo '    ivr.digits(prompt account, min: 4) -> "4711" after 3s;'
    echo '    ivr.digits(prompt account, min: 2) -> "42";'
    echo "    call past from \"1\" times $calls every 80ms;"
    echo '}'
} >"$work/many.gcx"
"$build/gcxc" build "$work/many.gcx" -o "$work/many.gcxb" &&
    "$build/tests/debugger/journal" "$work/many.gcxb" "$work/state" "many callers" || exit 1
printf 'state = "%s"\ndirectory = "directory.sql"\nstrategies = {"many.gcxb"}\n' "$work/state" >"$work/gcx.conf"
# other NAME SED: the image of another version, without its tests.
other() { sed '/^test /,$d' "$work/many.gcx" | sed "$2" >"$work/$1.gcx" && "$build/gcxc" build "$work/$1.gcx" -o "$work/$1.gcxb"; }
other differs 's/^    let who/    if score > 0 { route queue desk; }\n&/' && other times 's/after 10s/after 12s/' || exit 1
TIMEFORMAT='%U %S'
for image in many differs times load; do
    load=--no-load
    [ $image != load ] || { load='' && mv "$work/times.gcxb" "$work/load.gcxb"; }
    spent=$({ time "$build/gcxctl" what-if $load --config "$work/gcx.conf" --since 0 "$work/$image.gcxb" >"$work/said"; } 2>&1)
    sed -n '2p; /^Waits and load/,$p' "$work/said"
    awk -v spent="$spent" -v calls="$calls" -v image=$image 'BEGIN {split(spent, s); printf "%s: %.2f s of a processor, %.1f us a call\n", image, s[1] + s[2], (s[1] + s[2]) * 1e6 / calls}'
done
du -m "$work/state/journal.db" | cut -f1 | sed 's/$/ MB of journal/'
