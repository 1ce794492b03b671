#!/bin/sh
# tests/fuzz/run.sh BUILD SECONDS TARGET... - Each target of libFuzzer for so many seconds, with its seeds, what was
# found before and its words; FUZZ_JOBS at once (as many as there are processors). FUZZ_RUNS ends a target after so many
# inputs, or after a part of them where one takes long. FUZZ_SEED is the date (YYMMDD) unless it is given: each day tries
# other inputs. With the same seed and FUZZ_RUNS, and FUZZ_FRESH=yes, which forgets the inputs of runs before, a second run
# tries the same ones. New inputs are kept in BUILD/fuzz/NAME/corpus. An input that breaks the target is kept in
# BUILD/fuzz/NAME, and beside it, under its name with `.again`, a script that gives the target this input again. A line a
# target, which stays in BUILD/fuzz/NAME/result; exits 1 where one was broken.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
top_srcdir=$top
# Stacks with names where there is no llvm-symbolizer.
ASAN_OPTIONS=allow_addr2line=1:${ASAN_OPTIONS-} UBSAN_OPTIONS=print_stacktrace=1:${UBSAN_OPTIONS-}
export top_srcdir ASAN_OPTIONS UBSAN_OPTIONS
build=$(cd "$1" && pwd) seconds=$2; shift 2
FUZZ_SEED=${FUZZ_SEED:-$(date -u +%y%m%d)} # of all targets, though a day may end meanwhile
export FUZZ_SEED
seed=$FUZZ_SEED

# part_of NAME: sets per_mille, of 5,000 inputs as many as a processor does in six seconds.
part_of() {
    case $1 in
        life) per_mille=12 ;; differential) per_mille=16 ;; admin) per_mille=33 ;; core | snapshot) per_mille=100 ;; lsp | source) per_mille=150 ;;
        cti | aside | scenario) per_mille=370 ;; dialplan) per_mille=100 ;; flow | workflow | contact_flow | studio) per_mille=740 ;; *) per_mille=1000 ;;
    esac
}

one() {
    target=$1 name=${1##*/fuzz_}
    own=$build/fuzz/$name found=nothing
    rm -rf "$own/seeds"
    [ "${FUZZ_FRESH-}" != yes ] || rm -rf "$own/corpus"
    mkdir -p "$own/corpus"
    "$top/tests/fuzz/seeds.sh" "$build" "$name" "$own/seeds" || exit 1
    "$top/tests/fuzz/words.sh" "$name" >"$own/words"
    # Inputs that are choices are long from the beginning; texts grow.
    case $name in core | snapshot | adapter | differential | life | block) lengths="-max_len=3000 -len_control=0" ;; *) lengths=-max_len=65536 ;; esac
    part_of "$name"
    runs=${FUZZ_RUNS:--1}
    [ "$runs" -lt 0 ] || runs=$((runs * per_mille / 1000))
    # shellcheck disable=SC2086
    set -- $lengths -max_total_time="$seconds" -runs="$runs" -seed="$seed" -print_final_stats=1 -timeout=300 -report_slow_units=5 -rss_limit_mb=2048 \
        -malloc_limit_mb=512 -artifact_prefix="$own/" "$own/corpus" "$own/seeds"
    if [ -s "$own/words" ]; then set -- "-dict=$own/words" "$@"; fi
    if [ -d "$top/tests/fuzz/found/$name" ]; then set -- "$@" "$top/tests/fuzz/found/$name"; fi
    if ! "$build/$target" "$@" >"$own/log" 2>&1; then
        found="see $own/log"
        grep -aE '^(SUMMARY|.*ERROR:|.*Assertion|artifact_prefix)' "$own/log" | head -n 5
        input=$(sed -n 's/.*Test unit written to //p' "$own/log" | tail -n 1)
        again="top_srcdir=$top $build/$target ${input:-$*}"
        echo "again: $again"
        printf '#!/bin/sh\n# Seed %s, commit %s.\n%s\n' "$seed" "$(git -C "$top" rev-parse HEAD 2>/dev/null)" "$again" >"${input:-$own/run}.again"
    fi
    awk -v name="$name" -v seed="$seed" -v found="$found" '
        /^stat::number_of_executed_units/ {runs = $2}
        / ft: / {for (i = 1; i < NF; i++) {if ($i == "ft:") paths = $(i + 1); if ($i == "corp:") corpus = $(i + 1)}}
        / DONE .* in | runs in / {for (i = 1; i < NF; i++) if ($i == "in") took = $(i + 1)}
        END {sub("/.*", "", corpus)
             printf "%-8s %9d runs in %s s, %6d paths, %5d inputs, seed %s, found: %s\n", name, runs, took, paths, corpus, seed, found}' \
        "$own/log" | tee "$own/result"
    [ "$found" = nothing ]
}

if [ "${FUZZ_ONE-}" = yes ]; then one "$1"; exit; fi
[ $# -gt 0 ] || { echo "fuzz: there are no targets" >&2; exit 1; }
export FUZZ_ONE=yes
# What takes long for an input begins first: its seeds alone take longest, and at the end no processor waits for them.
for target; do part_of "${target##*/fuzz_}"; echo "$per_mille $target"; done | sort -s -n | cut -d ' ' -f 2 | xargs -P "${FUZZ_JOBS:-$(nproc)}" -I TARGET "$0" "$build" "$seconds" TARGET || exit 1
