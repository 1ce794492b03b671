#!/bin/bash
# tests/flows/link_switch_hangs.sh - The switch hangs (SIGSTOP), and says all at once what it had to say. The T-Server is
# behind: whoever waits stays, who arrives meanwhile goes to the default destination, and once it has caught up, by
# itself, the next is served.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/link_acts.gcx"
conf_tserver='restart_ms = 200 lag = 1'
answer=10
begin "the switch hangs"
await are_waiting 1
rows >"$dir/before"
arrived=$(date -d "$(sed -n 's/^\([^ ]*\) .*Arrives from=+33145550101.*/\1/p' "$dir/sim.log")" +%s)
kill -STOP "$sim"
await logged 'switch: behind with what it says, arrivals are refused'
over() { [ "$(date +%s)" -ge $((arrived + 8)) ]; } # the second would have come
await over
kill -CONT "$sim"
await simulated 'RouteUsed callID=2 .*destination=5900'
await logged 'switch: caught up, arrivals are let in again'
rows >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting call has moved, or another was let in"
await are_waiting 2
ready_now 7001
played
expect '2 routed, 0 abandoned, 0 defaulted' ctl status
expect 'adapters refused 1 arrivals, defaulted 1 calls' ctl status
stop
finish
