#!/bin/bash
# tests/flows/service_drain.sh - SIGTERM lets nobody new in, waits for the calls in progress as long as it may, and
# ends; the second one ends at once. The rest is in the journal.
. "$top_srcdir/tests/flows/enterprise_common.sh"
build_flow "$top_srcdir/tests/flows/service_drain.gcx"

ended() { ! kill -0 "$vm" 2>/dev/null; }
# reap CODE: it has ended with that code.
reap() { wait "$vm"; local got=$?; vm=''; [ $got = "$1" ] || say_failed "gcxvm ended with $got, not $1"; }
still_waits() { [ "$(waiting)" = 1 ] || say_failed "the call that waits has lost its place: $1"; }
leave() { kill "$sim" 2>/dev/null; wait "$sim" 2>/dev/null; sim=''; }

echo "a call waits; another comes while it drains"
drain_s=60
clock_stands 3
begin "one waits, one comes later"
await are_waiting 1
kill -TERM "$vm"
await logged 'drains for Terminated'
await logged ' admin AdminRequest actor=Terminated op=drain'
ctl drain --why "to be sure" >/dev/null || say_failed "gcxctl drain" # does not keep what is to end
clock_runs
await logged ' core .*RouteDefault'
await simulated 'RouteUsed .*destination=5900'
still_waits "somebody else came"
ready_now 7001
await ended
reap 0
await logged 'drained: nothing is left to do' || say_failed "it did not say that it is drained"
expect 'EventRouteUsed .*to=7001' grep EventRouteUsed "$dir/gcxvm.log"
leave

echo "the time is up; the next one finds the call where it was"
drain_s=1
begin "one waits"
await are_waiting 1
rows >"$dir/before"
kill -TERM "$vm"
await ended
reap 0
await logged 'the time is up, 1 interactions stay in the journal' || say_failed "it did not say what is left"
restarted
await are_waiting 1
rows >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting call is not where it was"

echo "SIGTERM twice"
drain_s=60
stop_at_once() {
    kill -TERM "$vm"
    await logged 'drains for Terminated: no more arrivals, then it ends'
    kill -"$1" "$vm"
    await ended
    reap 0
}
kill -TERM "$vm"; await ended; reap 0 # still drain_s = 1
configure
start
await are_waiting 1
stop_at_once TERM
start
await are_waiting 1
stop_at_once INT

echo "the third signal is the system's: nothing that was acknowledged is lost"
start
await are_waiting 1
adapter=$(adapter_pid)
kill -STOP "$adapter" # it does not end when it is asked to
stopping() { logged 'Terminated: ends in order' && [ ! -S "$dir/state/admin.sock" ]; }
: >"$dir/gcxvm.log"
kill -TERM "$vm"
await logged 'drains for Terminated'
kill -TERM "$vm"
await stopping
kill -TERM "$vm"
await ended
reap 143
kill -CONT "$adapter"

echo "the second signal, where the first has left nothing to wait for, ends nothing early"
drain_s=0
configure
start
await are_waiting 1
adapter=$(adapter_pid)
kill -STOP "$adapter"
: >"$dir/gcxvm.log"
kill -TERM "$vm"
await stopping
kill -TERM "$vm"
sleep 0.3
ended && say_failed "the second signal was the system's"
kill -CONT "$adapter"
await ended
reap 0

echo "nor does it while the journal is closed"
# The moment between the two is short: the log is followed, and not asked again and again.
last_gone() { timeout 60 grep -qm1 "adapter process $adapter has ended" <(tail -n +1 -s 0.02 --pid="$vm" -f "$dir/gcxvm.log" 2>/dev/null); }
for round in 1 2; do
    start
    await are_waiting 1
    adapter=$(adapter_pid)
    : >"$dir/gcxvm.log"
    kill -TERM "$vm"
    last_gone || say_failed "the last adapter has not ended"
    kill -TERM "$vm" 2>/dev/null
    await ended
    reap 0
done

echo "drained or not, the next one serves"
start
await are_waiting 1
ready_now 7001
played
stop

echo "an adapter that is configured no more leaves nobody behind"
conf_tserver='link_grace_s = 2'
clock_stands 3
begin "one waits, one comes later"
await are_waiting 1
stop
sed -i '/^adapter tserver/d' "$dir/gcx.conf"
: >"$dir/gcxvm.log"
"$gcxvm" "$dir/gcx.conf" >>"$dir/gcxvm.log" 2>&1 & vm=$!
await ready
await logged 'tserver the configuration has this adapter no more: its 1 interactions, and 0 claims of agents, end when'
expect 'DEGRADED *tserver configuration: it is not configured any more: 1 interactions' ctl status
await logged 'tserver what this adapter had was ended'
ctl status | grep -q 'interactions  0 live' || say_failed "ghosts: $(ctl status)"
! ctl status | grep DEGRADED || say_failed "what is over is still told"
stop
finish
