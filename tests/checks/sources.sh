#!/bin/sh
# Fails where `autogen.sh sources` fails while another build of the same tree calls it, or where it leaves a file behind or
# a list that is not whole.
set -u
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-sources-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
cp "$top_srcdir/autogen.sh" "$dir/" || exit 1
mkdir -p "$dir/runtime/core/base" "$dir/compiler/lsp" "$dir/compiler/cli" "$dir/compiler/import" || exit 1
touch "$dir/runtime/core/core.c" "$dir/runtime/core/base/new.h" "$dir/compiler/a.c" "$dir/compiler/lsp/b.c" "$dir/compiler/cli/c.c" "$dir/compiler/import/d.c"
status=0
for round in 1 2 3 4 5 6 7 8 9 10; do
    rm -f "$dir/runtime/core/sources.mk"
    "$dir/autogen.sh" sources & first=$!
    "$dir/autogen.sh" sources & second=$!
    wait $first || status=1
    wait $second || status=1
done
[ $status = 0 ] || echo "sources: two at the same time are in each other's way"
for file in runtime/core/core.c runtime/core/base/new.h; do
    grep -q "$file" "$dir/runtime/core/sources.mk" || { echo "sources: $file is not in the list"; status=1; }
done
left=$(find "$dir" -name 'sources.mk?*')
[ -z "$left" ] || { echo "sources: left behind: $left"; status=1; }
[ $status = 0 ] && echo "sources: two builds of a tree make its lists at the same time"
exit $status
