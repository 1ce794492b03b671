#!/bin/sh
# Fails where the README shows another strategy than the one in the tree, or names a path that is not there.
set -u
build=$(cd "$top_builddir" && pwd)
cd "$top_srcdir" || exit 1
status=0
sed -n '/^record Customer/,/^```/p' README.md | sed '$d' >"${TMPDIR:-/tmp}/readme.$$"
sed '1d' strategies/enterprise/enterprise.gcx | cmp -s - "${TMPDIR:-/tmp}/readme.$$" ||
    { echo "README.md: the strategy is not strategies/enterprise/enterprise.gcx as it is"; status=1; }
rm -f "${TMPDIR:-/tmp}/readme.$$"
for path in $(grep -oE '`(compiler|vm|runtime|strategies|tests|man)/[A-Za-z_./-]*`' README.md | tr -d '`' | sort -u); do
    test -e "$path" || { echo "README.md: there is no $path"; status=1; }
done
# Every manual that it names is in the build, where it says that they are read.
pages=$(sed -n '/^## The manual/,/^## /p' README.md | grep -oE '[a-z][a-z.-]*\([0-9]\)' | sort -u)
[ -n "$pages" ] || { echo "README.md: names no manual"; status=1; }
for page in $pages; do
    name=${page%(*} section=${page#*(}
    test -e "$build/man/$name.${section%)}" || { echo "README.md: $page is not in build/man"; status=1; }
done
exit $status
