#!/bin/bash
# tests/flows/enterprise_adapter.sh - The T-Server's process is killed while a call waits. A short absence costs nothing;
# in a long one the switch routes what it has to its last default, and the core learns of it by the resync. Then both are
# killed at once.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/enterprise_acts.gcx"
answer=5 # a new T-Server finds the calls uninstructed, and a busy machine may need more than a second to tell the core
kill_adapter() {
    first=$(adapter_pid) downs=$(count_logged 'LinkDown link=16') resyncs=$(count_logged 'tserver ResyncEnd')
    kill -9 "$first"
    is_down() { [ "$(count_logged 'LinkDown link=16')" -gt "$downs" ]; }
    await is_down
    desktops=$(count_logged 'EventAgentNotReady client=') # what the one that is gone heard until its end does not count
    link_is up && say_failed "the link should be down"
}
is_back() { link_is_up && [ "$(adapter_pid)" != "$first" ] && [ "$(count_logged 'tserver ResyncEnd')" -gt "$resyncs" ]; }
# The agent's desktop has found the new T-Server, and has said again that it is not ready.
desktop_is_back() { [ "$(count_logged 'EventAgentNotReady client=')" -gt "$desktops" ]; }

echo "a short absence: the one who waits keeps the place, the one who comes is found at the routing point"
# The second pause would be all of the grace; within it, it is as short as the first, and leaves 6 s in which to come up.
conf_tserver='restart_ms = 6000 link_grace_s = 12'
clock_stands 2
begin "the adapter is away for a while"
await are_waiting 1
rows >"$dir/before"
kill_adapter
clock_runs
await is_back
kill_adapter
rows | grep ' +33145550101 ' >"$dir/after"
same_rows "$dir/before" "$dir/after" "the link's loss alone moved the call"
await is_back
await are_waiting 2
rows | grep ' +33145550101 ' >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting call has lost its place"
await desktop_is_back
ready_now 7001
played
expect '2 routed, 0 abandoned, 0 defaulted' ctl status
# The new T-Server knows nothing but what the core restored.
await simulated 'desktop .*EventRinging .*ANI=+33145550101 .*"name":"Dupont"' || say_failed "the desktop did not get the customer's data"
stop

echo "a long absence: the switch's last default"
conf_tserver='restart_ms = 6000'
clock_stands 1.5
begin "the adapter is away for too long" --last-default 1s
await are_waiting 1
kill_adapter
clock_stands 6
await simulated 'RouteUsed callID=1 .*destination=5900 how=default'
await simulated 'RouteUsed callID=2 .*destination=5900 how=default'
are_waiting 1 || say_failed "the core cannot know of it yet"
await is_back
await are_waiting 0
expect 'outcome defaulted' ctl trace "$(ixn_of +33145550101)"
clock_runs
await are_waiting 1
await desktop_is_back
ready_now 7001
played
expect '1 routed, 0 abandoned, 1 defaulted' ctl status
expect '0 claims' ctl status
stop

echo "the whole machine: core and T-Server killed at once, a call comes before they are back"
conf_tserver='restart_ms = 200'
clock_stands 2
begin "the adapter is away for a while"
await are_waiting 1
rows >"$dir/before"
adapter=$(adapter_pid) desktops=$(count_logged 'EventAgentNotReady client=')
kill_core
kill -9 "$adapter"
clock_runs
await simulated 'Arrives from=+33145550102'
restarted
await are_waiting 2
rows | grep ' +33145550101 ' >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting call has lost its place"
await desktop_is_back
ready_now 7001
played
expect '2 routed, 0 abandoned, 0 defaulted' ctl status
stop
finish
