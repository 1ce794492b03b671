#!/bin/sh
# The manual as HTML (make html): one file per page, all of them in the index, and no link between them leads nowhere.
set -u
command -v mandoc >/dev/null || { echo "html: mandoc is not installed"; exit 77; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-html-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
status=0
complain() { echo "html: $*"; status=1; }
set --
for page in "$top_srcdir"/man/*.[1-9] "$top_srcdir"/man/*.[1-9].in; do
    name=$(basename "$page" .in)
    [ -f "$top_builddir/man/$name" ] && page=$top_builddir/man/$name
    set -- "$@" "$page"
done
sh "$top_srcdir/man/html.sh" "$top_srcdir/man/html.css" "$dir/html" "$@" >/dev/null || exit 1
[ $# -gt 20 ] || complain "only $# pages"
cd "$dir/html" || exit 1
for page; do
    name=$(basename "$page")
    grep -q "href=\"$name.html\"" index.html || complain "$name is not in the index"
    grep -q 'class="manual-text"' "$name.html" || complain "$name.html is no page"
    grep -q 'href="index.html"' "$name.html" || complain "$name.html does not lead to the index"
done
if command -v dot >/dev/null; then
    [ -s rooms.svg ] || complain "the rooms are not drawn"
    grep -q 'src="rooms.svg"' gcx-house.7.html || complain "gcx-house(7) does not show the rooms"
fi
grep -q '<a class="Xr" href="gcxc.1.html">' gcx.7.html || complain "gcx(7) does not lead to gcxc(1)"
for link in $(grep -oh 'href="[^"]*"' ./*.html | sed 's/^href="//; s/"$//' | sort -u); do
    case $link in
    https://manpages.debian.org/*gcx*) complain "$link is ours" ;;
    http* | '#'*) ;;
    *) [ -f "${link%%#*}" ] || complain "$link leads nowhere" ;;
    esac
done
[ $status = 0 ] && echo "html: $# pages, and each link between them leads somewhere"
exit $status
