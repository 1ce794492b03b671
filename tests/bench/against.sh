#!/bin/bash
# tests/bench/against.sh - What this tree's benchmarks cost beside those of another commit, in instructions, which valgrind
# counts: unlike times they are the same on a busy machine. Prints a line per figure: instructions of then and of now,
# and their ratio. Ends with 1 where a figure is above 1.02 and is not ACCEPTED, or cannot be counted in this tree.
# Usage: against.sh BUILD COMMIT [ACCEPTED...]; BUILD has the benchmarks and gcxc.
set -u
build=$(cd "${1:-build}" && pwd) && cd "$(dirname "$0")/../.." || exit 2
commit=$(git rev-parse --verify --quiet "${2:-}^{commit}") || { echo "against: ${2:-no commit} is no commit; REV=COMMIT names one" >&2; exit 2; }
shift 2
accepted=" $* "
. tests/bench/figures.sh
absent valgrind && exit 77
work=$(mktemp -d) || exit 1
trap 'git worktree remove --force "$work/tree" 2>/dev/null; rm -rf "$work"' EXIT
programs='five small load parked select records mails'

# The other commit is built as this tree was: first what its sources include that is made.
git worktree add --quiet --detach "$work/tree" "$commit" && mkdir "$work/tree/build" || exit 1
(
    eval "set -- $("$build/config.status" --config)"
    cd "$work/tree" && ./autogen.sh && cd build && ../configure --quiet "$@" &&
        printf 'include Makefile\nagainst-made: $(BUILT_SOURCES)\n' | ${MAKE:-make} --silent -f - against-made &&
        ${MAKE:-make} --silent gcxc $(printf 'tests/bench/%s ' $programs)
) >"$work/made" 2>&1 || { tail -n 20 "$work/made"; echo "against: $commit cannot be built" >&2; exit 1; }

# images TREE BUILD FOLDER: what the benchmarks run, by that tree's compiler; each image's folder has its one site.
images() {
    local at=$1/tests/bench name
    for name in five small segments select records mails; do
        mkdir -p "$3/$name" && cp "$at/customers.sql" "$3/$name" || return
        case $name in
            segments) { cat "$at/site.gcx"; awk -v gcx=1 -f "$at/segment.awk"; } >"$3/$name/$name.gcx" ;;
            five|small) cp "$at/$name.gcx" "$at/site.gcx" "$3/$name" ;;
            *) cp "$at/$name.gcx" "$3/$name" ;;
        esac
        (cd "$3/$name" && "$2/gcxc" build "$name.gcx" -o "../$name.gcxb") || return
    done
}
images . "$build" "$work/now" >"$work/made" 2>&1 && images "$work/tree" "$work/tree/build" "$work/then" >"$work/made" 2>&1 ||
    { cat "$work/made"; echo "against: the benchmarks' programs cannot be built" >&2; exit 1; }

# counted BUILD IMAGES FUNCTION PROGRAM ARGUMENT...: instructions that are made in FUNCTION and what it calls; "?" where
# the program fails or never comes to it. %NAME is an image.
counted() {
    local program=$1/tests/bench/$4 images=$2 function=$3; shift 4
    valgrind --tool=callgrind --toggle-collect="$function" --callgrind-out-file=/dev/null \
        "$program" "${@/#%/$images/}" >/dev/null 2>"$work/said" || : >"$work/said"
    awk '/Collected : / {count = $4} END {print count ? count : "?"}' "$work/said"
}
# grown BUILD IMAGES FUNCTION SMALL LARGE COMMAND...: how many instructions the command makes more for N = LARGE than for
# N = SMALL, so that what it takes to begin does not count; SMALL 0: all of LARGE.
grown() {
    local where=("$1" "$2" "$3") small=$4 large=$5 less=0; shift 5
    [ "$small" = 0 ] || less=$(counted "${where[@]}" "${@/#N/$small}")
    counted "${where[@]}" "${@/#N/$large}" | awk -v less="$less" '{print $1 == "?" || less == "?" ? "?" : $1 - less}'
}
status=0
printf '%-16s %14s %14s %7s\n' figure then now ratio
against() { # NAME FUNCTION SMALL LARGE COMMAND...
    local name=$1; shift
    instructions_compared "$name" "$(grown "$work/tree/build" "$work/then" "$@")" "$(grown "$build" "$work/now" "$@")" \
        "$accepted" || status=1
}
against five main 1000 3000 five %five.gcxb 0 N
for name in loop score attaching; do against "$name" main 10 30 small %small.gcxb "$name" N; done
against segments main 10 30 small %segments.gcxb segments N
against load main 0 262144 load N
against parked main 1000 3000 parked %five.gcxb N
against decision bench_measure 0 500 select %select.gcxb decision 1000 N
for name in longest highest anybody; do against "ready-$name" bench_measure 0 2000 select %select.gcxb ready N "$name"; done
against first bench_measure 0 2000 select %select.gcxb first N
against nobody bench_measure 0 2000 select %select.gcxb nobody N
against login main 1000 3000 select %select.gcxb login N
against queue bench_measure 0 3000 select %select.gcxb queue N
against threshold bench_measure 0 2000 select %select.gcxb threshold N
against fact bench_measure 0 2000 select %select.gcxb fact N
against records main 1000 3000 records %records.gcxb N
against mails main 1000 3000 mails %mails.gcxb N
exit $status
