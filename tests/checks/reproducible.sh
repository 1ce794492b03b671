#!/bin/sh
# Fails where the same sources give other bytes in another folder, at another time, in another language. Builds what is
# cheap and has all that could differ: assertions, debugging data, what bison and flex write, an archive, a page. The
# second configure is told what the first has found out of the machine.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL # of the make that runs this
[ -e "$top_srcdir/.git" ] && [ -x "$top_srcdir/configure" ] || { echo "reproducible: no git checkout"; exit 77; }
grep -q fsanitize "$top_builddir/dev/gcx-plugin.pc" && { echo "reproducible: a build without sanitizers has it"; exit 77; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-reproducible-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
made="runtime/vocabulary/phone_tables.def man/tables/fill dev/gcx/message.h libgcx-plugin.a compiler/syntax/libcompiler_la-parser.lo compiler/syntax/libcompiler_la-lexer.lo man/gcxvm.8 examples/gcxvm.conf"
later=; command -v faketime >/dev/null && later="faketime -f +500d"

build() { # build FOLDER COMMAND...: the sources are copied there, and made below it
    folder=$1; shift
    mkdir -p "$folder/build" && (cd "$top_srcdir" && { git -c safe.directory='*' ls-files
        find configure Makefile.in aclocal.m4 config.h.in build-aux m4 -type f; } | tar -c -T - -f -) | tar -x -C "$folder" || exit 1
    (cd "$folder/build" && "$@" sh -c "../configure --cache-file='$dir/found' CC='${CC:-cc}' CFLAGS='-g -O0' && make LIBTOOL=../tests/quick/libtool.sh $made") >"$dir/log" 2>&1 ||
        { tail -n 20 "$dir/log"; exit 1; }
}
build "$dir/a" env LC_ALL=C TZ=UTC
(umask 077; build "$dir/elsewhere/and/deeper" env LC_ALL=C.UTF-8 TZ=Pacific/Auckland $later) || exit 1

status=0
for file in man/tables/fill libgcx-plugin.a compiler/syntax/.libs/libcompiler_la-parser.o compiler/syntax/.libs/libcompiler_la-lexer.o man/gcxvm.8 examples/gcxvm.conf; do
    cmp "$dir/a/build/$file" "$dir/elsewhere/and/deeper/build/$file" || status=1
done
[ $status = 0 ] && echo "reproducible: $made"
exit $status
