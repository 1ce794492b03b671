#!/bin/bash
# tests/flows/matrix_restart.sh - While one caller keys digits, one waits, one rings and one talks, the core's process is
# killed or ended in order, the T-Server's is killed, both are: nobody is lost, nobody is offered twice, and afterwards the
# counts add up.
waits=60s rings=15s
. "$top_srcdir/tests/flows/matrix_common.sh"

core_is_killed() { kill_core; restarted; }
core_is_ended() { stop; restarted; }
tserver_is_killed() {
    local first=$1
    resyncs=$(count_logged 'ResyncEnd ref=')
    kill -9 "$first"
    await logged 'LinkDown link=16'
    is_back() { link_is_up && [ "$(count_logged 'ResyncEnd ref=')" -gt "$resyncs" ]; }
    await is_back
}
both_are_killed() {
    kill_core
    kill -9 "$1"
    restarted
}

for fault in core_is_killed core_is_ended tserver_is_killed both_are_killed; do
    echo "$fault"
    answer=10
    clock_stands 2
    begin "one keys, one waits, it rings, one talks"
    await simulated 'Established callID=1 '
    await are_waiting 2
    ready_now "$(dn_of olga)"
    await rings_at "$(dn_of olga)"
    await simulated 'TreatmentStarted callID=4 '
    adapter=$(adapter_pid)
    clock_runs
    $fault "$adapter"
    await are_waiting 2 # whoever keyed digits waits in the end too
    serve marie
    played || say_failed "$fault"
    expect '4 routed, 0 abandoned, 0 defaulted' ctl status
    offered_once
    settled 4
    stop
done
finish
