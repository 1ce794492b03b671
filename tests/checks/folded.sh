#!/bin/sh
# Fails where two files of a folder, in one library or program, cannot be compiled as one: both have a name of their own for
# something else. Units (tests/quick/units.awk) have boundaries by lines, so that a comment that grows moves one, and a
# collision that nobody sees today would stop the build of whoever writes three lines more tomorrow.
# Left out: folders of tests, and a folder with one file.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
build=$(cd "${top_builddir:-build}" && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-folded-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
flags=$(sed -n 's/^WARN_CFLAGS = //p; /^[A-Z]*_CFLAGS = /{s/^[A-Z]*_CFLAGS = //; /\$/!p;}' "$build/Makefile" | tr '\n' ' ')
cat >"$dir/one" <<END
for unit; do
    ${CC:-gcc} $flags -I. -I"$build" -DHAVE_CONFIG_H -DVM_CHECKED -DSTDLIB_FOLDER='""' -DADMIN_SOCKET='""' -DPKGLIBDIR='""' \
        -Werror -Wno-unused-function -Wno-shadow -fsyntax-only "\$unit" 2>"\$unit.told" || grep -E ' error: ' "\$unit.told" >"\$unit.bad"
done
END
count=0
for first in units/*/*-1.c; do
    group=${first%-1.c}
    [ -e "$group-2.c" ] || continue # what is one unit compiles as one
    cat "$group"-[0-9]*.c >"$dir/$(echo "${group#units/}" | tr / -).c"
    count=$((count + 1))
done
[ "$count" -gt 20 ] || { echo "folded: $count folders only have several units: autogen.sh has written none?"; exit 1; }
ls "$dir"/*.c | xargs -n 6 -P 2 sh "$dir/one" || true
if ls "$dir"/*.bad >/dev/null 2>&1; then
    cat "$dir"/*.bad
    echo "folded: give the second one a name with its file's subject"
    exit 1
fi
echo "folded: the files of each of $count folders can be compiled as one"
