#!/bin/sh
# Fails where a file does not compile by itself: it uses what another file of its unit includes, or a name twice within a
# function. Units (tests/quick/units.awk) hide that. A header that may be included twice is a piece of others, and is
# not asked.
# All files take two minutes of a processor, so each day asks a tenth of them: another one the next day. ALONE=1 asks all.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
build=$(cd "${top_builddir:-build}" && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-alone-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
# All the flags of libraries that configure has found, and the paths that rooms are given.
flags=$(sed -n 's/^WARN_CFLAGS = //p; /^[A-Z]*_CFLAGS = /{s/^[A-Z]*_CFLAGS = //; /\$/!p;}' "$build/Makefile" | tr '\n' ' ')
cat >"$dir/one" <<END
status=0
for file; do
    ${CC:-gcc} $flags -I. -I"$build" -DHAVE_CONFIG_H -DVM_CHECKED -DSTDLIB_FOLDER='""' -DADMIN_SOCKET='""' -DPKGLIBDIR='""' \
        -Werror -Wno-unused-function -fsyntax-only -include "\$file" -x c /dev/null >>"$dir/told.\$\$" 2>&1 || { echo "alone: \$file" >>"$dir/bad"; status=1; }
done
exit \$status
END
# A header whose .c includes it first is asked with that one.
git ls-files base vm runtime compiler tests/proving man/tables 2>/dev/null | grep '\.[ch]$' | while read -r file; do
    case $file in
    *.h)
        grep -qE '^#(pragma once|ifndef [A-Z_0-9]*_H)$' "$file" || continue
        own=${file%.h}.c
        if [ -f "$own" ]; then
            first=$(sed -n 's/^#include "\(.*\)"$/\1/p' "$own" | grep -v '^config.h$' | head -1)
            [ "$first" = "$file" ] && continue
        fi ;;
    esac
    echo "$file"
done | awk -v parts="${ALONE:-10}" -v part="${GCX_SEED:-$(date +%d)}" 'NR % parts == part % parts' >"$dir/files"
[ -s "$dir/files" ] || { echo "alone: no git checkout"; exit 77; }
xargs -n 40 -P 2 sh "$dir/one" <"$dir/files" || true
[ -f "$dir/bad" ] || { echo "alone: $(wc -l <"$dir/files") files compile by themselves"; exit 0; }
cat "$dir"/told.* | grep -E 'error' | head -40
sort "$dir/bad"
exit 1
