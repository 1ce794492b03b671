#!/bin/bash
# tests/bench/pacing.sh BUILD [DAYS] - The predictive pacer beside other policies on the same days of a model (pacing.c): a
# table of what was abandoned and how busy agents were, and its figures; then what a decision costs. With 100 days, the
# usual number, it works for some twenty minutes; run.sh plays only twenty days of one group.
set -u
build=$(cd "${1:-build}" && pwd) || exit 2
days=${2:-100}
work=$(mktemp -d "${TMPDIR:-/tmp}/gcx-pacing-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$(dirname "$0")" || exit 1
. ./figures.sh
rows=$work/rows

# Larger groups' days differ less, and cost more: the best policies are searched for on fewer of them.
searched() { local some=$((100 / $1 + 4)); [ $some -lt "$days" ] && echo $some || echo "$days"; }
row='%-8s %-8s %-12s %10s %10s %10s %8s\n'
printf "$row" agents answer policy abandoned 'high 95%' kept busy
for agents in 5 20 100; do
    for share in 20 35 60; do
        "$build/tests/bench/pacing" table $agents $share "$days" "$(searched $agents)" >"$work/$agents.$share" || exit 1
        while read -r policy abandoned high kept busy; do
            printf "$row" $agents "$share %" "$policy" "$abandoned %" "$high %" "$kept" "$busy %"
        done <"$work/$agents.$share"
    done
done
echo
figures_begin
of() { awk -v policy="$1" -v at="$2" '$1 == policy {print $at}' "$work/$agents.$share"; }
for agents in 5 20 100; do
    for share in 20 35 60; do
        what="$agents agents, $share % answer"
        busy=$(of predictive 5)
        best=$(awk '($1 == "fixed" || $1 == "oracle") && $5 > best {best = $5} END {print best}' "$work/$agents.$share")
        figure "$what: busy" "%" "$busy" progressive "$(of progressive 5)" ">=1"
        figure "$what: busy" "%" "$busy" "adapting lines per agent" "$(of textbook 5)" "-"
        figure "$what: busy" "%" "$busy" "best that knows all" "$best" "-"
        figure "$what: busy, below the best" points "$(awk "BEGIN {print $best - $busy}")" - - "<=2"
        figure "$what: days of 100 within 3 %" days "$(of predictive 4 | awk -F/ '{print 100 * $1 / $2}')" - - ">=95"
    done
done
for campaigns in 1000 100 10; do
    read -r mean high bytes < <("$build/tests/bench/pacing" asks $campaigns 10000) || exit 1
    figure "pacing: a decision, $campaigns campaigns, 10,000 agents" ns "$mean" - - "-"
    figure "pacing: the same, p99" ns "$high" - - "-"
done
figure "pacing: memory of a campaign" bytes "$bytes" - - "-"
