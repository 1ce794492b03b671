#!/bin/bash
# tests/flows/booked.sh - A caller is called back later: the number is dialled when it is due, once, through T-Server and
# switch, also where the core was killed between booking and due time; an administrator takes one off the list.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/booked_acts.gcx"
is_booked() { ctl callbacks | grep -q '+33145550101.*back'; }
dialled() { grep -c ' MakeCall ' "$dir/sim.log"; }
dialled_is() { [ "$(dialled)" = "$1" ] || say_failed "dialled $(dialled) times, not $1"; }

echo "it is dialled when it is due, answered and routed"
begin "who wants to be called back is called back"
await is_booked
dialled_is 0
expect '"bookings": 1' ctl status --json
played
dialled_is 1
expect '1 routed, 0 abandoned, 0 defaulted' ctl status
expect '"bookings": 0' ctl status --json
stop

echo "the core is killed before it is due, and dials once"
begin "who wants to be called back is called back"
await is_booked
kill_core
dialled_is 0
restarted
is_booked || [ "$(dialled)" = 1 ] || say_failed "it is forgotten"
played
dialled_is 1
expect '1 routed, 0 abandoned, 0 defaulted' ctl status
stop

echo "the core is killed while it is dialled, and again when it is over"
begin "who wants to be called back is called back"
await simulated ' MakeCall '
kill_core
restarted
played
dialled_is 1
kill_core
start
await logged 'epoch 3, .* batches replayed' || say_failed "nothing was replayed"
expect '"bookings": 0' ctl status --json
stop

echo "who is busy is dialled again after the pause"
begin "the second time somebody answers"
played
dialled_is 2
expect '1 routed, 0 abandoned, 0 defaulted' ctl status
stop

echo "who is taken off the list is not dialled"
begin "who is taken off the list is left alone"
await is_booked
expect 'no such call-back' ctl cancel-callback 7
ctl cancel-callback 1 >/dev/null || say_failed "gcxctl cancel-callback"
expect '"bookings": 0' ctl status --json
expect 'no such call-back' ctl cancel-callback 1
played
dialled_is 0
stop
finish
