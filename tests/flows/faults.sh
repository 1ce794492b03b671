#!/bin/bash
# tests/flows/faults.sh - A strategy that goes round without a wait: the call is routed by default, and the log, the status
# and the metrics tell of the fault, once, and of a text that named no target; a gcxvm that replays the journal does not tell it again.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/faults_acts.gcx"
begin "a loop without a wait"
await logged 'a strategy had a fault: rounds, .*faults_acts.gcx:7; .* line: 1$'
expect 'FAULTS  *1 faults of strategies' ctl status
await logged 'does not hold at .*faults_acts.gcx:5: .*group nobody.*; .* line: 1$'
expect 'REFUSED  *1 texts' ctl status
kill_core
restarted
expect 'FAULTS  *1 faults of strategies' ctl status
[ "$(grep -c 'a strategy had a fault' "$dir/gcxvm.log")" -le 1 ] || say_failed "the fault of before is told again"
expect 'REFUSED  *1 texts' ctl status
played
stop
finish
