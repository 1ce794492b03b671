#!/bin/sh
# What the rules of gcxc lint find, and what they let pass though it is near: in tests/lint/near-*.gcx each line that a rule
# is to speak of ends in `//= CODE ...`, and of no other line anything may be said. The rules are those that are on, and those
# that a first line `//! rules LIST` names. In tests/lint/midnight/ and tests/lint/night/ each file is a mistake that is made
# at night, with its codes, errors among them: what two designers thought of without looking at the rules. In own/ are rules
# of a site's own with their examples.
. "$(dirname "$0")/common.sh"
needs jq
cd "$source"/tests/lint || exit 1
checked=0
for file in near-*.gcx; do
    "$gcxc" check --site "$file" "$file" >"$work/said" 2>&1 || { cat "$work/said"; say "$file is wrong"; continue; }
    awk '{ n = index($0, "//= "); if (n) { split(substr($0, n + 4), codes, " "); for (i in codes) print FNR, codes[i] } }' "$file" |
        sort >"$work/expected"
    rules=$(sed -n '1s,^//! rules ,,p' "$file")
    "$gcxc" lint --format json ${rules:+--rules "$rules"} --site "$file" "$file" |
        jq -r '.diagnostics[] | select(.code | startswith("L")) | "\(.line) \(.code)"' | sort -u >"$work/found"
    diff "$work/expected" "$work/found" >"$work/differs" || { sed "s/^</$file: silent in line/;s/^>/$file: speaks in line/" "$work/differs"; say "$file"; }
    checked=$((checked + $(wc -l <"$work/expected")))
done
nights=0
for file in midnight/*.gcx night/*.gcx; do
    case $file in */site.gcx) continue ;; esac
    awk '{ n = index($0, "//= "); if (n) { split(substr($0, n + 4), codes, " "); for (i in codes) print FNR, codes[i] } }' "$file" >"$work/expected"
    "$gcxc" lint --format json --site "${file%/*}/site.gcx" "$file" |
        jq -r '.diagnostics[] | "\(.line) \(.code)"' | sort -u >"$work/found"
    diff "$work/expected" "$work/found" >"$work/differs" || { cat "$work/differs"; say "$file"; }
    [ ! -s "$work/found" ] || nights=$((nights + 1))
done
[ $nights -ge 53 ] || say "of 53 mistakes at midnight only $nights are found"
"$gcxc" test own/site.gcx >"$work/own" || { cat "$work/own"; say "rules of a site's own"; }
echo "$checked findings, $failed failed"
[ "$checked" -gt 0 ] && [ $failed -eq 0 ]
