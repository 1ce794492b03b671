#!/bin/sh
# Fails where mandoc finds fault with a page of the manual, or where the strategy and the test in gcx(7) do not hold.
set -u
command -v mandoc >/dev/null || { echo "manual: mandoc is not installed"; exit 77; }
status=0
for page in "$top_builddir"/man/*.[1-8] "$top_srcdir"/man/*.[1-8]; do
    test -f "$page" || continue
    # Pages refer to one another before any of them is installed.
    found=$(mandoc -Tlint "$page" 2>&1 | grep -v 'referenced manual not found')
    test -z "$found" || { echo "$found"; status=1; }
done
test -f "$top_builddir/man/gcx.7" || { echo "manual: man/gcx.7 was not made"; status=1; }

example=$(mktemp -d "${TMPDIR:-/tmp}/gcx-manual-XXXXXX") || exit 1
trap 'rm -rf "$example"' EXIT
cp "$top_srcdir"/strategies/enterprise/site.gcx "$top_srcdir"/strategies/enterprise/*.sql "$example" || exit 1
backspace=$(printf '\b')
mandoc -Tascii "$top_builddir/man/gcx.7" | sed "s/.$backspace//g" >"$example/page"
{ sed -n '/A whole strategy/,/^WORDS/p' "$example/page" | sed '1d;$d'
    sed -n '/^     test "a gold/,/^     }/p' "$example/page"; } >"$example/example.gcx"
"$top_builddir/gcxc" test "$example" >"$example/said" 2>&1 && grep -q '^1 passed, 0 failed' "$example/said" ||
    { echo "gcx.7: its example does not hold"; cat "$example/said"; status=1; }
exit $status
