#!/bin/bash
# tests/flows/matrix_switch_gone.sh - The switch vanishes while a call rings at an agent's telephone, and comes back with
# the call ringing, answered or gone; or it dies and starts again with other calls of the same names. The core learns
# what became of the call, and the agent is free when it is over.
waits=60s rings=15s
. "$top_srcdir/tests/flows/matrix_common.sh"
talks() { rows | grep -q ' agent '; }

# it_rings TEST: through a relay, which then is cut.
it_rings() {
    answer=5
    clock_stands 1
    begin_between "$1"
    await are_waiting 1
    ready_now 7001
    await rings_at 7001
    await logged 'EventRinging dn=7001'
    turn
    await logged 'tserver EventLinkDisconnected'
    link_is_up && [ "$(ctl status --json | grep -c '"service": "up"')" != 0 ] && say_failed "the core should know that the switch is away"
}
is_back() { [ "$(count_logged 'tserver EventLinkConnected')" -ge 2 ] && [ "$(count_logged 'ResyncEnd ref=')" -ge 2 ]; }
comes_back() { turn; await is_back; }
# at_switch SERVICE: done at the telephone itself, while the T-Server is away.
at_switch() {
    printf '%s\n' '{"service":"SystemRegister","invokeId":1,"name":"telephone","protocol":1}' "$1" |
        "$tool" say "127.0.0.1:$(cat "$dir/switch.real")" 300 >"$dir/telephone"
    grep -q '"result":2' "$dir/telephone" || say_failed "the switch did not do it: $(cat "$dir/telephone")"
}
over() {
    played || say_failed "$1"
    offered_once
    settled 1
    stop
    end_relay
}

echo "it rings still"
it_rings "it rings"
comes_back
clock_runs
over "it rings still"
echo "it was answered meanwhile"
it_rings "it is answered at the telephone"
at_switch '{"service":"AnswerCall","invokeId":2,"callID":"1","device":"7001"}'
comes_back
await talks
over "it was answered meanwhile"

echo "the caller has gone meanwhile"
it_rings "it rings, and the caller gives up"
clock_runs
await simulated 'CallCleared .*cause=abandoned'
comes_back
await nobody_is_there
expect '0 routed, 1 abandoned' ctl status
over "the caller has gone meanwhile"

asked() { grep -c "ApplyTreatment .*prompt=account_number" "$dir/sim.log"; }
both_asked() { [ "$(asked)" = 2 ]; }
# nobody_asked_again CASE: each caller heard the question once, and what each keyed has counted.
nobody_asked_again() {
    await are_waiting 2
    both_asked || say_failed "$1: asked $(asked) times for two account numbers"
    serve marie
    played || say_failed "$1"
    offered_once
    settled 2
    stop
}

echo "one keys while it is away, another when it is back"
answer=5
clock_stands 1
begin_between "two key while the switch is away"
await both_asked
turn
await logged 'tserver EventLinkDisconnected'
clock_stands 5
await simulated 'TreatmentEnded callID=1 .*cause=ok'
comes_back
clock_runs
nobody_asked_again "it was away while a caller keyed"
end_relay

echo "one keys while no T-Server is there"
conf_tserver='restart_ms = 3000'
clock_stands 1
begin "two key while the switch is away"
unset conf_tserver
await both_asked
kill -9 "$(adapter_pid)"
clock_runs
await simulated 'TreatmentEnded callID=1 .*cause=ok'
nobody_asked_again "the T-Server was away while a caller keyed"

echo "the switch dies, and starts again with other calls"
clock_stands 2
begin "one keys, one waits, it rings, one talks"
await simulated 'Established callID=1 '
await are_waiting 2
ready_now "$(dn_of olga)"
await rings_at "$(dn_of olga)"
port=$(cat "$dir/switch.port")
kill -9 "$sim"; wait "$sim" 2>/dev/null
resyncs=$(count_logged 'ResyncEnd ref=')
found() { [ "$(count_logged 'ResyncEnd ref=')" -gt "$resyncs" ]; }
mv "$dir/cti.port" "$dir/cti.kept" && play "two are served and one gives up" --listen "127.0.0.1:$port" && mv "$dir/cti.kept" "$dir/cti.port"
await found
await are_waiting 3
[ "$(rows | wc -l)" = 3 ] || say_failed "the calls of before should be gone: $(ctl interactions)"
clock_runs
await simulated 'CallCleared .*cause=abandoned'
serve marie
played || say_failed "the switch started again"
offered_once
settled
stop
finish
