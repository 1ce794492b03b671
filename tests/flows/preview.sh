#!/bin/bash
# tests/flows/preview.sh - Agents who are asked first, by their desktops: accepting, declining, silence, by everyone, a
# caller who hangs up meanwhile, under the virtual clock and over the wire; and the core killed while somebody is asked:
# the next one goes on with the very question, or withdraws it.
. "$top_srcdir/tests/flows/both_common.sh"

both "$top_srcdir/tests/flows/preview_acts.gcx"

build_flow "$top_srcdir/tests/flows/preview_kill.gcx"

echo "who was asked, and what came of it, is told afterwards"
begin "declined, not answered, accepted"
played
ctl trace "$(ixn_of +33145550101)" >"$dir/trace"
for line in 'Invite marie' 'RequestReject marie' 'Invite paul' 'Withdraw no_answer paul' 'Invite jean' 'RequestAccept jean'; do
    grep -q "$line" "$dir/trace" || { say_failed "trace should tell: $line"; cat "$dir/trace"; }
done
stop

echo "the core is killed while somebody is asked, who accepts while it is away"
clock_stands 1
begin "asked for long"
await simulated 'EventInvite'
expect 'marie' ctl why "$(ixn_of +33145550101)"
kill_core
clock_runs
await simulated 'Accepts agent=marie'
restarted
played
[ "$(grep -c ' EventInvite' "$dir/sim.log")" = 1 ] || say_failed "it was asked twice"
expect '1 routed, 0 abandoned, 0 defaulted' ctl status
expect '0 claims' ctl status
stop

echo "the core is killed while somebody is asked, and the caller hangs up while it is away"
clock_stands 1
begin "asked, and hung up on"
await simulated 'EventInvite'
kill_core
clock_runs
await simulated 'CallCleared .*cause=abandoned'
restarted
await logged 'EventRevoked agent=marie cause=abandoned'
played
expect '1 abandoned' ctl status
expect '0 claims' ctl status
stop

echo "who answers too late is told so"
begin "asked for long"
await simulated 'EventInvite'
ticket=$(sed -n 's/.*EventInvite .*TicketID=\([0-9a-f]*\).*/\1/p' "$dir/sim.log" | head -n 1)
await simulated 'EventEstablished'
until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' \
    '{"Message":"RequestAccept","ReferenceID":2,"ThisDN":"7001","TicketID":"'"${ticket%?}f"'"}' |
    grep -q '"ErrorCode": *"taken"' || say_failed "a stranger's ticket was not refused"
played
stop
finish
