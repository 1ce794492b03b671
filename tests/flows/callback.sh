#!/bin/bash
# tests/flows/callback.sh - A caller keeps the place and hangs up; when an agent is ready the number is dialled through
# T-Server and switch, once a try, whatever becomes of the core meanwhile; who answers is routed as any other.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/callback_acts.gcx"
is_kept() { simulated 'ClearCall keep='; }
dialled() { grep -c ' MakeCall ' "$dir/sim.log"; }
dialled_is() { [ "$(dialled)" = "$1" ] || say_failed "dialled $(dialled) times, not $1"; }

# begins TEST: until its place is kept, and an agent has become ready.
begins() {
    begin "$1"
    await is_kept
    expect '0 abandoned' ctl status
    ready_now 7001
    await simulated ' MakeCall '
}

echo "it is dialled, answered and routed"
begins "who has kept the place is rung"
expect '1 claims' ctl status
played
dialled_is 1
await logged 'EventCallProgress result=ok' || say_failed "no progress was told"
expect '1 routed, 0 abandoned, 0 defaulted' ctl status
expect '0 claims' ctl status
stop

echo "the core is killed while it rings, and dials once"
begins "who has kept the place is rung"
kill_core
restarted
played
dialled_is 1
expect '1 routed, 0 abandoned, 0 defaulted' ctl status
expect '0 claims' ctl status
stop

echo "who is busy is dialled again after the pause"
begins "the second time somebody answers"
played
dialled_is 2
await logged 'EventCallProgress result=busy' || say_failed "it was not told why"
expect '1 routed, 0 abandoned, 0 defaulted' ctl status
stop
finish
