#!/bin/bash
# tests/flows/matrix_desktop.sh - An agent's desktop vanishes while the telephone rings or while they talk, and comes back
# soon, or too late; one says everything twice under one reference. The caller is served, and nobody is kept for nobody.
waits=60s rings=4s
. "$top_srcdir/tests/flows/matrix_common.sh"
conf_tserver='restart_ms = 200 desktop_grace = 2'
marie_is() { ctl agents --json | awk '$1 == "\"name\":" {is = $2 == "\"marie\","} is && $1 == "\"state\":"' | grep -q "\"$1\""; }
talks() { rows | grep -q ' agent '; }
session() { logged "EventAgentState agent=marie dn=7001 state=$1"; }

# it_rings TEST: at somebody whose desktop goes through a relay.
it_rings() {
    answer=5
    clock_stands 1
    rm -f "$dir/desks.port"
    begin "$1" --cti-port-file "$dir/desks.port"
    await test -s "$dir/cti.port"
    between "$dir/cti.port" "$dir/desks.port"
    await are_waiting 1
    ready_now 7001
    await rings_at 7001
}
over() {
    played || say_failed "$1"
    offered_once
    settled 1
    stop
    end_relay
}

echo "it comes back while it rings"
it_rings "it rings"
turn
await marie_is not_ready
turn
expect '0 routed, 0 abandoned' ctl status
clock_runs
over "it comes back while it rings"

echo "it does not come back while it rings"
it_rings "nobody answers"
turn
await session logged_out
await simulated 'RouteUsed .*destination=5000'
marie_is logged_out || say_failed "marie's desktop is gone, and she is not logged out: $(ctl agents)"
turn
over "it does not come back while it rings"

echo "it is gone while they talk"
it_rings "they talk for a while"
clock_stands 3
await talks
turn
await session logged_out
talks || say_failed "the call went with the desktop"
simulated 'ConnectionCleared .*device=7001' && say_failed "the call was cleared"
turn
over "it is gone while they talk"

echo "everything twice under one reference"
it_rings "it is answered at the telephone"
conn=$(of +33145550101 2)
twice='{"Message":"RequestAnswerCall","ReferenceID":2,"ThisDN":"7001","ConnID":"'"$conn"'"}'
until_reference=2 answers=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' "$twice" "$twice" >"$dir/answers"
answered() { grep '"'"$1"'"' "$dir/answers" | grep -c '"ReferenceID":2[,}]'; }
[ "$(answered EventEstablished)" = 1 ] && [ "$(answered EventError)" = 1 ] ||
    say_failed "the first should be done, the second refused: $(cat "$dir/answers")"
over "everything twice under one reference"
finish
