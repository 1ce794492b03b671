#!/bin/bash
# tests/flows/link_grace.sh - A link that is lost for longer than its grace: who waits is given up, for nobody could be
# brought to an agent. When the adapter is back, who still stands there begins anew, and all are served.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/link_acts.gcx"
conf_tserver='restart_ms = 4000 link_grace_s = 1'
begin "the link is lost for longer than its grace"
within 10 are_waiting 1
first=$(of +33145550101 1)
kill -9 "$(adapter_pid)"
within 5 logged 'LinkDown link=16'
are_waiting 1 || say_failed "the call has lost its place at once"
within 3 are_waiting 0
link_is up && say_failed "the adapter is back: the grace was not over before"
expect 'outcome failed' ctl trace "$first"
within 15 link_is_up
within 10 logged 'tserver ResyncEnd'
second_waits() { rows | grep ' +33145550102 ' | grep -q ' select '; }
within 15 second_waits
desktop_is_back() { logged 'EventAgentNotReady client='; }
within 10 desktop_is_back
ready_now 7001
played
expect '0 claims' ctl status
stop
finish
