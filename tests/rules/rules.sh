#!/bin/sh
# tests/rules/rules.sh - Each rule of the verifier (vm/rules.def) refuses an image that breaks just it: rules.c alters the
# enterprise site's and that of rules.gcx until every rule has spoken.
set -u
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-rules-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
echo 'nobody loads it' >"$dir/checks.so"
"$top_builddir/gcxc" build "$top_srcdir/strategies/enterprise/enterprise.gcx" -o "$dir/enterprise.gcxb" || exit 1
"$top_builddir/gcxc" build --native "$dir" --site "$top_srcdir/tests/rules/rules.gcx" "$top_srcdir/tests/rules/rules.gcx" \
    -o "$dir/rules.gcxb" || exit 1
"$top_builddir/tests/rules/rules" "$dir/enterprise.gcxb" "$dir/rules.gcxb"
