#!/bin/sh
# Fails where the README shows another strategy than the one in the tree, or names a path that is not there, or shows a
# session of gcxdb that says something else; where a page names a metric that is not there; where FIRST-HOUR.md shows
# other lines than the sources have; and where gcx-house(7) does not name a room.
set -u
build=$(cd "$top_builddir" && pwd)
cd "$top_srcdir" || exit 1
status=0
sed -n '/^record Customer/,/^```/p' README.md | sed '$d' >"${TMPDIR:-/tmp}/readme.$$"
sed '1d' strategies/enterprise/enterprise.gcx | cmp -s - "${TMPDIR:-/tmp}/readme.$$" ||
    { echo "README.md: the strategy is not strategies/enterprise/enterprise.gcx as it is"; status=1; }
rm -f "${TMPDIR:-/tmp}/readme.$$"
# The first strategy, its tests, what they say, and its picture.
first=$(mktemp -d) || exit 1
for file in invoices tests; do
    awk -v file="$first/$file.gcx" -v begins="$(head -1 examples/first/$file.gcx)" '
        $0 == begins { on = 1 } on && /^```/ { exit } on { print >file }' README.md
    cmp -s "examples/first/$file.gcx" "$first/$file.gcx" ||
        { echo "README.md: examples/first/$file.gcx is not there as it is"; status=1; }
done
"$build/gcxc" test examples/first | sed 's/^/    /' >"$first/said"
sed -n '/^    \$ build.gcxc test examples.first$/,/^$/p' README.md | sed '1d; $d' | cmp -s - "$first/said" ||
    { echo "README.md: gcxc test examples/first does not say this:"; cat "$first/said"; status=1; }
if command -v dot >/dev/null; then
    "$build/gcxc" graph --format svg -o "$first/svg" examples/first && cmp -s "$first/svg" examples/first/invoices.svg ||
        { echo "examples/first/invoices.svg is not what gcxc graph draws"; status=1; }
fi
rm -rf "$first"
# FIRST-HOUR.md: the line to be changed is there, once; the functions of the way are, and so is the word's neighbour.
line=$(sed -n '/^```c$/,/^```$/p' FIRST-HOUR.md | sed '1d; $d')
[ "$(grep -cF "$line" runtime/core/queues/order.c)" = 1 ] || { echo "FIRST-HOUR.md: order.c has no such line: $line"; status=1; }
for name in $(sed -n 's/^| \(`[a-z_`, ]*\) | .*/\1/p' FIRST-HOUR.md | tr -d '`,') select_found put_in; do
    grep -rqE "\b$name\(" runtime/core --include=*.c || { echo "FIRST-HOUR.md: there is no $name()"; status=1; }
done
grep -q '^WORD("dial",' compiler/recovery/hints.def && ! grep -q ExecIf compiler/recovery/hints.def ||
    { echo "FIRST-HOUR.md: its first change is no change any more"; status=1; }
# gcx-house(7): each room.
for room in $(grep -oE '^[a-z][a-z/]*:' tests/checks/arrows.def | tr -d :); do
    case $room in runtime/core/* | runtime/daemon/* | compiler/* | runtime/adapters/* | */cli) named=${room##*/} ;; *) named=$room ;; esac
    grep -E '^(\.Pa|\.It Pa) ' man/gcx-house.7 | grep -qE "[ /]$named( |$)" || { echo "gcx-house(7) does not name $room"; status=1; }
done
for path in $(grep -oE '`(compiler|vm|runtime|strategies|tests|man|examples)/[A-Za-z_./-]*`' README.md FIRST-HOUR.md CAVEATS.md | sed 's/^.*md://' | tr -d '`' | sort -u) $(grep -ohE '\]\([a-z/_-]+\.(svg|png|md)\)' README.md | tr -d '])('); do
    test -e "$path" || { echo "README.md, FIRST-HOUR.md or CAVEATS.md: there is no $path"; status=1; }
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
