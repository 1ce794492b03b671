#!/bin/bash
# tests/flows/enterprise_kill.sh - kill -9 of gcxvm while calls wait, key digits and ring. The next one replays the
# journal, finds every interaction where it was, and the resync settles what changed meanwhile.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/enterprise_acts.gcx"

echo "calls wait; one hangs up and one comes while the core is away"
clock_stands 2
answer=3
begin "calls wait while the core is away"
await are_waiting 4
rows >"$dir/before"
data_of() { ctl data "$(of "$1" 1)" | grep -v '^\(waited\|arrived\) '; }
data_before=$(data_of +33145550103)
kill_core
clock_runs
await simulated 'ConnectionCleared .*cause=abandoned'
await simulated 'RouteUsed .*destination=5900'
restarted
grep -v ' +33145550104 ' "$dir/before" >"$dir/expected"
settled() { [ "$(of +33145550104 1)" = '' ]; }
await settled
rows | grep -v ' +33145550105 ' >"$dir/after"
same_rows "$dir/expected" "$dir/after" "the waiting calls are not where they were"
[ "$(data_of +33145550103)" = "$data_before" ] || say_failed "user data changed: $data_before"
expect abandoned ctl interactions
[ "$(of +33145550105 4)" = null ] || say_failed "the call that the adapter routed has a strategy"
ready_now 7001
played
# In the order of priority, then age.
order=$(sed -n 's/.* desktop .*EventRinging .*ANI=\([^ ]*\) .*/\1/p' "$dir/sim.log" | tr '\n' ' ')
[ "$order" = '+33145550103 +33145550101 +33145550102 ' ] || say_failed "they were routed in this order: $order"
expect '3 routed, 1 abandoned' ctl status
[ "$(ctl interactions --json | grep -c '"ixn":')" = 5 ] || say_failed "five calls came, and the core knows of others"
stop

echo "a call waits for longer than the T-Server waits for the core"
grace=1
begin "the core is away for too long"
grace=60
await are_waiting 1
lost=$(ixn_of +33145550101)
kill_core
await simulated 'RouteUsed .*destination=5900'
restarted
await are_waiting 0
expect 'outcome defaulted' ctl trace "$lost"
played
expect '0 routed, 0 abandoned, 1 defaulted' ctl status
stop

echo "a caller keys digits, and is asked on"
begin "a caller keys digits"
await simulated TreatmentStarted
kill_core
restarted
ready_now 7001
played
stop

echo "a caller keys digits while the core is away"
clock_stands 1
begin "a caller keys digits"
await simulated TreatmentStarted
kill_core
clock_runs
await simulated 'caller.* Keys'
restarted
await are_waiting 1
ready_now 7001
played
stop

finish
