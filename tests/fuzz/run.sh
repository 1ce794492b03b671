#!/bin/sh
# tests/fuzz/run.sh BUILD SECONDS TARGET... - Each target of libFuzzer for so many seconds, its seeds and its words with
# it. What it learns is kept in BUILD/fuzz/NAME/corpus, what breaks it in BUILD/fuzz/NAME. A line a target; exits 1 where
# one was broken.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$1 seconds=$2; shift 2
[ $# -gt 0 ] || { echo "fuzz: there are no targets" >&2; exit 1; }
status=0
for target; do
    name=$(basename "$target")
    own=$build/fuzz/$name
    mkdir -p "$own/corpus"
    set -- -max_total_time="$seconds" -print_final_stats=1 -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$own/" "$own/corpus"
    if [ -d "$top/tests/fuzz/corpus/$name" ]; then set -- "$@" "$top/tests/fuzz/corpus/$name"; fi
    if [ -f "$top/tests/fuzz/$name.dict" ]; then set -- "-dict=$top/tests/fuzz/$name.dict" "$@"; fi
    if "$build/$target" "$@" >"$own/log" 2>&1; then found=nothing; else
        found="see $own/log"; status=1
        grep -aE '^(SUMMARY|.*ERROR:|artifact_prefix)' "$own/log" | head -n 5
    fi
    awk -v name="$name" -v seconds="$seconds" -v found="$found" '
        /^stat::number_of_executed_units/ {runs = $2}
        / cov: / {for (i = 1; i < NF; i++) if ($i == "cov:") cover = $(i + 1)}
        END {printf "%-24s %10d runs in %d s, %6d edges, found: %s\n", name, runs, seconds, cover, found}' "$own/log"
done
exit $status
