#!/bin/bash
# tests/flows/ctl_why.sh - gcxctl why: of each agent and each line of a selection, as it was compiled, what is lacking; and
# that with just that the agent is chosen.
. "$top_srcdir/tests/flows/enterprise_common.sh"

mkdir -p "$flow"
cp "$enterprise"/*.gcx "$enterprise"/*.sql "$top_srcdir/tests/flows/ctl_why.gcx" "$flow" || die "cannot copy the strategy"
sed -i 's/^    vq service;/&\n    parameter enough: int = -1;\n    latch rush = vq service.waiting > 4 until vq service.waiting == 0;\n    statistic gone(vq) = abandoned over 1h; statistic sl(vq) = answered(within: 20s) \/ offered over 30m;/' "$flow/site.gcx"
image=$dir/flow.gcxb
"$gcxc" build "$flow/ctl_why.gcx" -o "$image" || die "gcxc build"
begin "nobody will do"
await are_waiting 1
three_are_ready() { [ "$(ctl agents --state ready --json | grep -c '"name"')" = 3 ]; }
await three_are_ready
ixn=$(ixn_of +33145550101)
ctl why "$ixn" >"$dir/why" || die "gcxctl why"
says() { grep -q -e "$1" "$dir/why" || { say_failed "why should say: $1"; cat "$dir/why"; }; }
says '^3 could be chosen, and do not match:'
says '^1 match, and cannot be chosen now (1 not ready):'
says '  dora  *not ready; line 0: matches'
# line 0: one of the two in the brackets would do.
says '  anna  *ready; line 0: English 6, needs 7, or is not in group overflow; '
says '  bert  *ready; line 0: French 5, needs 8; '
# line 1: too good is no match either.
says 'carl .* line 1: Sales 6, at most 4; '
says 'anna .* line 1: French 9, at most 4; '
# line 2: computed when it began to wait.
says 'carl .* line 2: Sales 6, needs 9; line 3: is not in group overflow\(;\|$\)'
says "line 3  ctl_why.gcx:$(grep -n -m1 '^ *group overflow;' "$flow/ctl_why.gcx" | cut -d: -f1)  group overflow, open since"
# what the conditions compare
says 'line 4  ctl_why.gcx:.* where, does not hold now'
says '^ *vq service.waiting is 1; > 4 does not hold$'
says '^ *rush is not set$'
says '^ *gone(vq service) is 0; > enough -1 holds$'
says '^ *sl(vq service) is 0%; < 70% holds$'
says 'line 5  ctl_why.gcx:.* group overflow, its condition does not hold'
says 'line 8  ctl_why.gcx:.* where, holds now'
says '^ *vq service.waiting is 1; >= 9 does not hold$'

echo "with just that"
sed -i "s/'bert', 'French', 5/'bert', 'French', 8/" "$dir/directory.sql"
grep -q "'bert', 'French', 8" "$dir/directory.sql" || grep -n bert "$dir/directory.sql"
ctl reload --why "bert has learnt it" >/dev/null || say_failed "gcxctl reload"
chosen() { ctl why "$ixn" | grep -q '^bert was chosen'; }
await chosen
ctl why "$ixn" | grep -q 'of this medium' && say_failed "what agents take now says nothing of the decision"
expect '^No agent was free for it for ' ctl why "$ixn"
expect '^bert was chosen$' ctl why "$ixn" bert
expect '^dora was not ready, as it is now$' ctl why "$ixn" not dora
expect '^anna was not chosen; --journal FILE' ctl why "$ixn" not anna

echo "from the journal"
past() { ctl why "$@" --journal "$dir/gcx.conf" >"$dir/why" 2>&1 || { say_failed "gcxctl why $*"; cat "$dir/why"; }; }
past "$ixn"
says '^bert was chosen at .* by line 0, '
says '^When bert was chosen, at '
says '^1 chosen:'
says '  bert  *ready; line 0: matches'
says '^1 matched, and could not be chosen (1 not ready):'
says '^2 could have been chosen, and did not match:'
says '; could have been chosen: 3\. '
grep -q ' now\( \|$\)' "$dir/why" && say_failed "that of then is not of now"
says '  anna  *ready; line 0: English 6, needs 7, or is not in group overflow; '
says '^ *vq service.waiting is 1; > 4 does not hold$'
past "$ixn" not carl
says '  carl  *ready; line 0: French 3, needs 8'
grep -q '^  anna' "$dir/why" && say_failed "only carl was asked about"
past "$ixn" not zoe
says '  zoe  *was not known$'
ctl why 1-000000000099 --journal "$dir/gcx.conf" 2>&1 | grep -q 'gcxctl: no interaction 1-000000000099' || say_failed "why of nothing"
kill "$sim"; wait "$sim" 2>/dev/null; sim=''
stop

echo "routed by default"
sed -i 's/timeout 3m until/timeout 1s until/; s/ else goto desk;$/;/' "$flow/ctl_why.gcx"
"$gcxc" build "$flow/ctl_why.gcx" -o "$image" || die "gcxc build"
begin "nobody will do"
defaulted() { ixn=$(ixn_of +33145550101); ctl why "$ixn" | grep -q '^It was routed by default at .*: timeout\.$'; }
await defaulted
past "$ixn"
says '^no agent was chosen for it$'
says '^It was routed by default at .*: timeout\.$'
says '^At the last moment of its wait, '
says '  dora  *not ready; line 0: matches'
says '^ *sl(vq service) is 0%; < 70% holds$'
kill "$sim"; wait "$sim" 2>/dev/null; sim=''
stop
finish
