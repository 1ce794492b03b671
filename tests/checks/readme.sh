#!/bin/sh
# Fails where the README shows another strategy than the one in the tree, or names a path that is not there, or shows a
# session of gcxdb that says something else, and where a page names a metric that is not there.
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
# The sample of a call: digits that a caller keys are masked where the call model tells them.
! grep -q 'EventTreatmentEnd *digits [0-9]' README.md || { echo "README.md: digits are shown that the program masks"; status=1; }
# Each metric that a page or a table names is there.
for metric in $(grep -rohE '\bgcx_[a-z_]+(_total|_seconds|_bytes)\b' vm/*.def man/*.in man/*.[1-8] README.md strategies/README.md | sort -u); do
    grep -qE "\"$metric\"|[(, ]${metric#gcx_}[,)]" runtime/daemon/watch/metrics.def runtime/adapter/figures.def ||
        { echo "there is no metric $metric, of which the manual tells"; status=1; }
done
# The session with gcxdb: what the README shows of it comes in this order. Its lines of a timeline may be left out.
shown=$(mktemp) && said=$(mktemp) || exit 1
trap 'rm -f "$shown" "$said"' EXIT
sed -n '/^## In the debugger/,/^## /p' README.md | sed -n 's/^    //p' >"$shown"
sed -n 's/^(gcxdb [0-9.]*s) //p' "$shown" |
    "$build/gcxdb" run strategies/enterprise --test "$(sed -n 's/^\$ gcxdb run .* --test "\(.*\)"$/\1/p' "$shown")" >"$said" 2>&1
grep -v '^\$ ' "$shown" | awk -v said="$said" '
{
    while ((got = (getline line < said)) > 0 && line != $0) { }
    if (got <= 0) { print "README.md: gcxdb does not say, or not there: " $0; exit 1 }
}' || status=1
exit $status
