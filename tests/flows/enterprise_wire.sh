#!/bin/bash
# tests/flows/enterprise_wire.sh - One scenario, two players: the strategy's own tests and small ones about what else may
# become of a call, under the virtual clock and over the wire. They must agree; what cannot be played over the wire says
# so. The tests over the wire run side by side, each with a switch, a T-Server and a gcxvm of its own.
. "$top_srcdir/tests/flows/both_common.sh"

both "$enterprise/tests.gcx"
# A fixed date is for the virtual clock, unless it does not matter.
expect 'virtual only: it has a fixed date' "$gcxsim" list "$image"
played=$number
rm -rf "$flow"

# The same strategy with short times.
short=$dir/short; mkdir "$short"
cp "$enterprise"/site.gcx "$enterprise"/*.sql "$short"
sed 's/after 20s:/after 2s:/; s/after 40s:/after 4s:/; s/timeout 3m/timeout 6s/; s/answer 15s/answer 2s/' "$enterprise/enterprise.gcx" >"$short/enterprise.gcx"
enterprise=$short
both "$top_srcdir/tests/flows/enterprise_wire.gcx"
[ $((played + number)) -ge 7 ] || say_failed "only $((played + number)) tests were played over the wire"
grep -q 'virtual only' "$dir/list" || say_failed "none is virtual only"
finish
