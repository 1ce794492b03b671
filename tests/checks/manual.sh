#!/bin/sh
# Fails where mandoc finds fault with a page of the manual.
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
exit $status
