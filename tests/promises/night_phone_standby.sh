#!/bin/bash
# The promise of night_phone.sh through a takeover: two gcxvm share a journal in PostgreSQL, and the one that leads is
# killed while two telephones ring. The other one leads, has each call at its telephone, and asks for no second one.
. "$top_srcdir/tests/flows/standby_common.sh"
server
mkdir -p "$flow"
cp "$top_srcdir/tests/promises/night_phone.gcx" "$enterprise/customers.sql" "$flow"
image=$dir/flow.gcxb
"$gcxc" build "$flow/night_phone.gcx" -o "$image" || die "gcxc build"
clock_stands 3
answer=60 grace=300 begin_cluster "three callers, two telephones" --wait 600s --limit 900s
node_start second
await follows second
ringing() { [ "$(rows | grep -c ' route ')" = 2 ] && [ "$(rows | wc -l)" = 3 ]; }
await ringing
await in_step
rings_where() { for n in 1 2; do ctl trace "$(ixn_of +3314555010$n)" | grep -o 'Rings at.*' | tail -n 1; done; }
rings_where >"$dir/before"
[ "$(sort -u "$dir/before" | wc -l)" = 2 ] || { say_failed "two telephones ring"; cat "$dir/before"; }
node_kill first
await leads second
await ringing
rings_where | cmp -s - "$dir/before" || { say_failed "after the takeover other telephones ring"; rings_where; }
clock_runs
played
for n in 1 2; do
    ixn=$(ixn_of +3314555010$n)
    expect 'outcome routed' ctl interaction "$ixn"
done
expect 'outcome abandoned' ctl interaction "$(ixn_of +33145550103)"
# What the switch was asked for: the core may say the same again to a T-Server that finds the call again.
grep -o 'RouteSelect destination=.*' "$dir/sim.log" | sort >"$dir/asked"
printf 'RouteSelect destination=%s\n' 6001 6002 | cmp - "$dir/asked" || { say_failed "other requests than one for each telephone"; cat "$dir/asked"; }
finish
