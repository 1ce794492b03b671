#!/bin/bash
# tests/bench/replay.sh BUILD CALLS - The journal of so many calls, 12 events each, in gcxdb replay.
# Prints: batches; seconds until it is open (it is applied once, unwatched); seconds from there to its last event, with
# each line of the source noted; seconds of a step back from there; instructions of the processor for a line of the
# source that nobody watches; how many more for one that is watched, and for a breakpoint that is not met ("?": valgrind
# is not installed). Then of `record full` of gdb, of a loop in C: seconds for a million lines forward, from 4,000 of
# them, and of a step back ("?": it is not installed). It takes about a minute.
build=$(cd "$1" && pwd) calls=$2
cd "$(dirname "$0")/../debugger" || exit 1
# The journal is not what is measured: it is written where a sync costs nothing.
work=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")") || exit 1
trap 'rm -rf "$work"' EXIT
cp site.gcx "$work" || exit 1
journal() { # CALLS FOLDER
    mkdir "$work/$2"
    {
        sed '/^test /,$d' past.gcx
        echo 'test "many callers" {'
        seq -f '    agent a%g in group help ready;' 20
        echo '    ivr.digits(prompt account, min: 4) -> "4711" after 3s;'
        echo '    ivr.digits(prompt account, min: 2) -> "42";'
        seq -f '    after %gs: call past from "+33145550101";' "$1"
        echo '}'
    } >"$work/many.gcx"
    "$build/gcxc" build "$work/many.gcx" -o "$work/many.gcxb" &&
        "$build/tests/debugger/journal" "$work/many.gcxb" "$work/$2" "many callers"
}
# timed FOLDER COMMANDS: seconds of a session with these.
timed() {
    local began
    began=$(date +%s%N)
    printf '%s\n' "${@:2}" | "$build/gcxdb" replay "$work/$1" >"$work/said" || exit 1
    awk -v ns=$(($(date +%s%N) - began)) 'BEGIN {printf "%.3f\n", ns / 1e9}'
}
journal "$calls" long || exit 1
open=$(timed long quit)
batches=$(sed -n 's/.*batches: \([0-9]*\);.*/\1/p' "$work/said")
end=$(timed long continue quit)
back=$(timed long continue reverse-step reverse-step reverse-step reverse-step reverse-step quit)

# A line of the source: seven of a call, by what 50 calls more cost. valgrind is slow, and counts the same each time.
counted='? ? ?'
if command -v valgrind >/dev/null; then
    journal 50 short && journal 100 twice || exit 1
    instructions() { # FOLDER COMMANDS
        printf '%s\n' "${@:2}" | valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$work/valgrind" \
            "$build/gcxdb" replay "$work/$1" >/dev/null || exit 1
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$work/valgrind"
    }
    each() { echo $((($(instructions twice "$@") - $(instructions short "$@")) / (7 * 50))); }
    plain=$(each quit) watched=$(each continue quit) stopped=$(each 'break exit busy' continue quit)
    counted="$plain $((watched - plain)) $((stopped - watched))"
fi
awk -v n="$batches" -v open="$open" -v end="$end" -v back="$back" -v counted="$counted" \
    'BEGIN {printf "%d %.2f %.2f %.3f %s\n", n, open, end - open, (back - end) / 5, counted}'

command -v gdb >/dev/null || { echo '? ?'; exit 0; }
cat >"$work/loop.c" <<'C'
int main(void)
{
    volatile unsigned sum = 0;
    for (unsigned i = 0; i < 2000; i++)
        sum += i;
    return sum == 0;
}
C
cc -g -O0 -static -o "$work/loop" "$work/loop.c" || { echo '? ?'; exit 0; }
recorded() { # COMMANDS: seconds
    local began
    began=$(date +%s%N)
    printf '%s\n' 'set confirm off' 'set record full insn-number-max unlimited' 'break main' run 'record full' 'break 6' \
        "$@" 'kill' quit >"$work/commands"
    gdb -q -nx -batch -x "$work/commands" "$work/loop" >"$work/said" 2>&1
    awk -v ns=$(($(date +%s%N) - began)) 'BEGIN {printf "%.3f\n", ns / 1e9}'
}
begun=$(recorded) ran=$(recorded continue) stepped=$(recorded continue 'reverse-step 200')
awk -v begun="$begun" -v ran="$ran" -v stepped="$stepped" 'BEGIN {printf "%.1f %.4f\n", (ran - begun) * 1e6 / 4000, (stepped - ran) / 200}'
