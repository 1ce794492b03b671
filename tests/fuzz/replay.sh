#!/bin/sh
# tests/fuzz/replay.sh - Every target of the fuzzers with its seeds and with what was found before, once: in builds
# without libFuzzer, too.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
export top_srcdir
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
status=0
for source in "$top_srcdir"/tests/fuzz/fuzz_*.c; do
    target=$(basename "$source" .c) name=$(basename "$source" .c | sed 's/^fuzz_//')
    [ "${name%_*}" != sip ] || [ -e "$top_builddir/tests/fuzz/$target" ] || { echo "$target: the plugin sip was not built"; continue; }
    "$top_srcdir/tests/fuzz/seeds.sh" "$top_builddir" "$name" "$work/$name" || { status=1; continue; }
    [ ! -d "$top_srcdir/tests/fuzz/found/$name" ] || cp "$top_srcdir/tests/fuzz/found/$name"/* "$work/$name"
    if "$top_builddir/tests/fuzz/$target" "$work/$name"/* >"$work/log" 2>&1; then
        echo "$target: $(ls "$work/$name" | wc -l) files"
    else
        tail -n 40 "$work/log"
        echo "FAILED $target"
        status=1
    fi
done
exit $status
