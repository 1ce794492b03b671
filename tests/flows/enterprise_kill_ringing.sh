#!/bin/bash
# tests/flows/enterprise_kill_ringing.sh - kill -9 of gcxvm while a call rings at an agent's telephone: whatever becomes
# of it meanwhile, the next one knows, and the agent is free again afterwards.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/enterprise_acts.gcx"
none() { [ -z "$(rows)" ]; }
talks() { rows | grep -q ' agent '; }

# rings TEST: until its call rings; then the core is killed.
rings() {
    clock_stands 1
    begin "$1"
    await are_waiting 1
    ready_now 7001
    await simulated EventRinging
    kill_core
}

echo "it is answered by the next core's time"
rings "it rings"
restarted
clock_stands 4
await talks
played
expect '1 routed, 0 abandoned, 0 defaulted' ctl status
expect '0 claims' ctl status
stop

echo "it is answered while the core is away"
rings "it rings"
clock_stands 4
await simulated EventEstablished
restarted
await talks
played
expect '1 routed, 0 abandoned, 0 defaulted' ctl status
expect '0 claims' ctl status
stop

echo "the caller gives up while the core is away"
rings "it rings, and the caller gives up"
clock_runs
await simulated 'CallCleared .*cause=abandoned'
restarted
await none
expect '0 claims' ctl status
expect '1 abandoned' ctl status
played
stop
finish
