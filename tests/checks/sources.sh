#!/bin/sh
# Fails where `autogen.sh sources` fails while another build of the same tree calls it, or leaves a file behind or a list
# that is not whole; and where a file that is new, changed or gone has another unit written anew than its own.
set -u
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-sources-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
cp "$top_srcdir/autogen.sh" "$dir/" && mkdir -p "$dir/tests/quick" && cp "$top_srcdir/tests/quick/units.awk" "$dir/tests/quick/" || exit 1
cd "$dir" || exit 1
mkdir -p runtime/core/base runtime/core/run compiler/lsp compiler/cli compiler/import base || exit 1
touch runtime/core/core.c runtime/core/base/new.h compiler/a.c compiler/lsp/b.c compiler/cli/c.c compiler/import/d.c
for i in 1 2 3 4 5 6 7 8 9; do seq 500 >runtime/core/base/f$i.c; done
seq 100 >runtime/core/run/a.c && seq 100 >runtime/core/run/b.c || exit 1
echo 'include base/local.mk' >Makefile.am
printf 'tool_FILES = base/x.c base/x.h \\\n\tbase/y.c\n' >base/local.mk && seq 9 >base/x.c && seq 9 >base/y.c || exit 1
status=0
failed() { echo "sources: $*"; status=1; }
for round in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf sources.mk units
    ./autogen.sh sources & first=$!
    ./autogen.sh sources & second=$!
    wait $first && wait $second || failed "two at the same time are in each other's way"
done
for file in runtime/core/core.c runtime/core/base/new.h units/libcore/base-1.c units/libcore/base-2.c units/libcore/run-1.c units/tool/base-1.c; do
    grep -q "$file" sources.mk || failed "$file is not in the list"
done
left=$(find . -name 'sources.mk?*' -o -name '*.c.*' -o -name 'units.mk*')
[ -z "$left" ] || failed "left behind: $left"
[ "$(cat units/*/*.c | grep -c '^#include')" = 13 ] || failed "the units have other files than the lists"

# written_by COMMAND...: the units that are written, or gone, after it.
written_by() {
    find units -name '*.c' -exec touch -d 2020-01-01 {} + && find units -name '*.c' | sort >before && touch -d 2020-01-02 then || exit 1
    "$@" && ./autogen.sh sources || exit 1
    { find units -name '*.c' -newer then; find units -name '*.c' | sort | comm -3 before -; } | tr -d '\t' | sort -u | tr '\n' ' '
}
grow() { seq 2000 >>runtime/core/base/f1.c; }
[ -z "$(written_by grow)" ] || failed "an edit moves files to other units"
[ "$(written_by touch runtime/core/run/c.c)" = "units/libcore/run-1.c " ] || failed "a new file has another unit written"
[ "$(written_by rm runtime/core/run/b.c runtime/core/run/c.c)" = "units/libcore/run-1.c " ] || failed "the unit of a folder stays with one file"
[ $status = 0 ] && echo "sources: two builds of a tree make its lists and units at the same time, and a file has its own unit written"
exit $status
