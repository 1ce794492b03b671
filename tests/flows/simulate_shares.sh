#!/bin/bash
# tests/flows/simulate_shares.sh - Two campaigns on the same agents share them by weight, within 8 of 100: agents are promised
# to more numbers than answer, so the one of the small weight has somewhat more. The one of the higher priority has all where
# it dials for each agent who is ready. Under the sanitizers a day is short, and how the weights share it is not judged: the
# seeds are the same, so a build with them comes to the same figures as the plain one, in five times as much time.
set -u
command -v jq >/dev/null || exit 77
gcxc=$(cd "$top_builddir" && pwd)/gcxc
cd "$top_srcdir" || exit 1
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-shares-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
failures=0
judged=yes days=(--for 2h --warm-up 20m --replications 2)
! grep -q __asan_init "$gcxc" || { judged=no; days=(--for 20m --warm-up 5m --replications 1); }

# Both have one group; or each has a group of its own, of the same agents.
one_group=(strategies/collections --agents '20 (Collections: 5) in group collectors')
two_groups=("$dir/groups.gcx" --agents '20 in group left, right')
printf 'site { default zone "Europe/Paris"; default timeout 10m; vq ours; vq theirs; group left; group right; }\n' >"$dir/groups.gcx"
for one in 'ours left' 'theirs right'; do
    printf 'strategy %s_sale on outbound within 1h {\n    outbound.dial(contact.number) answer 20s else { stop "not reached"; };\n    let who = select in vq %s { group %s; } timeout 2s busy {} else goto nobody;\n    route who answer 5s else goto nobody;\n    nobody: outbound.close(abandoned) else {};\n    stop "abandoned";\n}\n' ${one% *} $one
done >>"$dir/groups.gcx"

# shares SITE MODE RULE RULE FROM TO: of 100 who are reached, the first campaign reaches so many.
shares() {
    local -n site=$1
    local mode=$2 one="collections MODE collectors" two="collections MODE collectors" part
    [ $1 = one_group ] || { one="ours_sale MODE left"; two="theirs_sale MODE right"; }
    part=$("$gcxc" simulate "${site[@]}" --answering 35% --handling 'lognormal(2m, 90s)' --called-back 'uniform(2s, 12s)' "${days[@]}" \
        --format json --campaign "one=${one/MODE/$mode} (lines: 200, $3)" --campaign "two=${two/MODE/$mode} (lines: 200, $4)" 2>/dev/null |
        jq '[.results[] | select(.what == "campaign") | {(.name): .measures.reached.value.mean}] | add | (100 * .one / (.one + .two)) | round')
    if [ -n "$part" ] && [ "$part" -ge "$5" ] && [ "$part" -le "$6" ]; then return; fi
    if [ -n "$part" ] && [ $judged = no ] && [ "$6" -gt 0 ]; then return; fi
    echo "FAILED: $1, $mode, $3 and $4: the first campaign has ${part:-nothing} of 100"
    failures=$((failures + 1))
}
shares one_group progressive 'weight: 100' 'weight: 100' 42 58
shares one_group predictive 'weight: 100' 'weight: 100' 42 58
shares one_group progressive 'weight: 300' 'weight: 100' 67 83
shares one_group predictive 'weight: 100' 'weight: 300' 17 33
shares two_groups progressive 'weight: 100' 'weight: 100' 42 58
shares two_groups predictive 'weight: 300' 'weight: 100' 67 83
shares two_groups progressive 'weight: 100' 'weight: 300' 17 33
shares two_groups progressive 'priority: 1' 'priority: 5' 0 0
shares one_group progressive 'priority: 1' 'priority: 5' 0 0
[ "$failures" = 0 ]
