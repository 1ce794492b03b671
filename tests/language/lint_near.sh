#!/bin/sh
# What the rules of gcxc lint find, and what they let pass though it is near: in tests/lint/near-*.gcx each line that a rule
# is to speak of ends in `//= CODE ...`, and of no other line anything may be said. The rules are those that are on.
. "$(dirname "$0")/common.sh"
needs jq
cd "$source"/tests/lint || exit 1
checked=0
for file in near-*.gcx; do
    "$gcxc" check --site "$file" "$file" >"$work/said" 2>&1 || { cat "$work/said"; say "$file is wrong"; continue; }
    awk '{ n = index($0, "//= "); if (n) { split(substr($0, n + 4), codes, " "); for (i in codes) print FNR, codes[i] } }' "$file" |
        sort >"$work/expected"
    "$gcxc" lint --format json --site "$file" "$file" |
        jq -r '.diagnostics[] | select(.code | startswith("L")) | "\(.line) \(.code)"' | sort -u >"$work/found"
    diff "$work/expected" "$work/found" >"$work/differs" || { sed "s/^</$file: silent in line/;s/^>/$file: speaks in line/" "$work/differs"; say "$file"; }
    checked=$((checked + $(wc -l <"$work/expected")))
done
echo "$checked findings, $failed failed"
[ "$checked" -gt 0 ] && [ $failed -eq 0 ]
