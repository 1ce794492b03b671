#!/bin/bash
# tests/flows/link_core_hangs.sh - The core's process hangs (SIGSTOP). A call that it works on is the T-Server's after the
# router grace, one that comes meanwhile after the answer timeout; both go to the routing point's default destinations in
# their order: past one that the switch refuses, past the routing point itself, which they do not go round for ever. When
# the core goes on, it learns what became of them, and serves the next.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/link_acts.gcx"
conf_tserver='restart_ms = 200 silent_s = 2'
provision "the core hangs"
sed -i "/into \"routing_point\"/s/'5900'/'5999,1800,5900'/; /into \"routing_point\"/s/10, 60/5, 2/" "$dir/directory.sql"
grep -q "'5999,1800,5900', 5, 2" "$dir/directory.sql" || die "the directory is not as it should be: $(grep 'routing_point' "$dir/directory.sql")"
clock_stands 4
play "the core hangs"
configure
start
await are_waiting 1
hung=$vm resyncs=$(count_logged 'tserver ResyncEnd')
kill -STOP "$hung"
clock_stands 13
await logged 'tserver the link to the core is over (silent): the core is silent'
await simulated 'RouteUsed callID=1 .*destination=5900'
# The router grace begins when the core is found silent, whenever it was heard last.
at() { awk -v what="$1" '$0 ~ what {split($1, t, /[T:Z]/); print int((t[2] * 3600 + t[3] * 60 + t[4]) * 1000); exit}' "$2"; } # ms of the day
took=$(($(at 'RouteUsed callID=1 .*destination=5900' "$dir/sim.log") - $(at 'the link to the core is over .silent' "$dir/gcxvm.log")))
[ "$took" -ge 1900 ] || say_failed "the call in progress was given up $took ms after the core was found silent: before its time"
await simulated 'RouteUsed callID=2 .*destination=5900'
# The answer timeout: five seconds, so that a busy machine has its time.
waited() { # waited CALL: ms from its first request to the default
    awk -v call="callID=$1" '$0 ~ call " " || $0 ~ call "$" {split($1, t, /[T:Z]/); ms = (t[2] * 3600 + t[3] * 60 + t[4]) * 1000}
        /RouteRequest/ && $0 ~ call " " && !from {from = ms} /RouteUsed/ && $0 ~ call " .*destination=5900" {print int(ms - from)}' "$dir/sim.log"
}
[ "$(waited 2)" -ge 4900 ] && [ "$(waited 2)" -le 12000 ] || say_failed "who came meanwhile waited $(waited 2) ms"
for call in 1 2; do
    requests=$(grep -c "RouteRequest callID=$call " "$dir/sim.log")
    [ "$requests" = 2 ] || say_failed "call $call stood at the routing point $requests times: once, and once more by its default"
done
grep -q 'RouteUsed callID=1 .*destination=1800' "$dir/sim.log" || say_failed "the second default was not tried"
kill -CONT "$hung"
found_again() { link_is_up && [ "$(count_logged 'tserver ResyncEnd')" -gt "$resyncs" ]; }
await found_again
clock_runs
third_waits() { rows | grep ' +33145550103 ' | grep -q ' select '; }
await third_waits
are_waiting 1 || say_failed "who was routed meanwhile still waits"
expect '0 routed, 0 abandoned, [12] defaulted' ctl status
told() { ctl status | grep -q 'defaulted [2-9] calls'; }
await told
ready_now 7001
played
expect '1 routed' ctl status
stop
finish
