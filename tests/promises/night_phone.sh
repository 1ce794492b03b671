#!/bin/bash
# A place where nobody is logged in has one call at a time, and no call is lost there: three callers and two telephones
# at night. While two of them ring, the core is killed and started again, then the T-Server is; the third caller rings
# nowhere meanwhile, and hangs up. The other two are answered, each after one request to the switch. $ROUNDS kills, 2
# where nothing is said.
. "$top_srcdir/tests/flows/enterprise_common.sh"
ROUNDS=${ROUNDS-2}
mkdir -p "$flow"
cp "$top_srcdir/tests/promises/night_phone.gcx" "$enterprise/customers.sql" "$flow"
image=$dir/flow.gcxb
"$gcxc" build "$flow/night_phone.gcx" -o "$image" || die "gcxc build"
# Neither the switch nor the play gives up while a busy machine starts what was killed.
clock_stands 3
answer=60 grace=300 begin "three callers, two telephones" --wait 600s --limit 900s
# Two calls are at their route for good; the third one finds no place, and waits a little.
ringing() { [ "$(rows | grep -c ' route ')" = 2 ] && [ "$(rows | wc -l)" = 3 ]; }
await ringing
rings_where() { for n in 1 2; do ctl trace "$(ixn_of +3314555010$n)" | grep -o 'Rings at.*' | tail -n 1; done; }
rings_where >"$dir/before"
[ "$(sort -u "$dir/before" | wc -l)" = 2 ] || { say_failed "two telephones ring"; cat "$dir/before"; }

round=0
while [ "$round" -lt "$ROUNDS" ]; do
    round=$((round + 1))
    case $((round % 2)) in
        1) kill_core; start ;;
        0) pid=$(adapter_pid); kill -9 "$pid"; await link_is up ;;
    esac
    await ringing
    rings_where | cmp -s - "$dir/before" || { say_failed "after kill $round other telephones ring"; rings_where; }
done
clock_runs

for n in 1 2; do
    ixn=$(ixn_of +3314555010$n)
    expect 'outcome routed' ctl interaction "$ixn"
done
ixn=$(ixn_of +33145550103)
expect 'outcome abandoned' ctl interaction "$ixn"
ctl trace "$ixn" | grep RequestRouteCall && say_failed "the third caller was sent to a telephone"
# What the switch was asked for: the core may say the same again to a T-Server that finds the call again.
grep -o 'RouteSelect destination=.*' "$dir/sim.log" | sort >"$dir/asked"
printf 'RouteSelect destination=%s\n' 6001 6002 | cmp - "$dir/asked" || { say_failed "other requests than one for each telephone"; cat "$dir/asked"; }
played
stop
finish
