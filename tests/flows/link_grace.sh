#!/bin/bash
# tests/flows/link_grace.sh - A link that is lost for longer than its grace: who waits is given up, for nobody could be
# brought to an agent. When the adapter is back, who still stands there begins anew, and all are served.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/link_acts.gcx"
conf_tserver='restart_ms = 8000 link_grace_s = 3'
begin "the link is lost for longer than its grace"
await are_waiting 1
first=$(of +33145550101 1) resyncs=$(count_logged 'tserver ResyncEnd') desktops=$(count_logged 'EventAgentNotReady client=')
kill -9 "$(adapter_pid)"
await logged 'LinkDown link=16'
are_waiting 1 || say_failed "the call has lost its place at once"
await are_waiting 0
link_is up && say_failed "the adapter is back: the grace was not over before"
expect 'outcome failed' ctl trace "$first"
found_again() { link_is_up && [ "$(count_logged 'tserver ResyncEnd')" -gt "$resyncs" ]; }
await found_again
second_waits() { rows | grep ' +33145550102 ' | grep -q ' select '; }
await second_waits
desktop_is_back() { [ "$(count_logged 'EventAgentNotReady client=')" -gt "$desktops" ]; }
await desktop_is_back
ready_now 7001
played
expect '0 claims' ctl status
stop
finish
