#!/bin/bash
# An agent who is ready and alone gets the next interaction, and callers are served by their age: callers whose strategy
# selects for two seconds in a loop keep their order while it begins anew, when the core is killed and started again, and
# when the T-Server is. $ROUNDS kills, 2 where nothing is said.
. "$top_srcdir/tests/flows/enterprise_common.sh"
ROUNDS=${ROUNDS-2}
mkdir -p "$flow"
cat >"$dir/looped.gcx" <<'GCX'
import site;

strategy looped on voice {
    repeat 200 {
        let who = select in vq service { skill French >= 1; } age kept timeout 2s else none;
        if who != none { route who answer 15s else {}; }
    }
    route queue desk;
}

test "one after another" {
    agent anna (French: 9) not_ready answers 100ms handles 200ms;
    call looped from "+33145550101" to "1800";
    after 1s: call looped from "+33145550102" to "1800";
    after 2s: call looped from "+33145550103" to "1800";
    after 3s: call looped from "+33145550104" to "1800";
    expect routed to agent anna times 4;
}
GCX
build_flow "$dir/looped.gcx"
# Neither the switch nor the play gives up while a busy machine starts what was killed.
answer=60 grace=300 begin "one after another" --wait 600s --limit 900s
await are_waiting 4
# Where it selected again: the strategy has begun another round for the oldest one.
again() { ctl interaction "$(ixn_of +33145550101)" | grep -q 'since its first wait'; }
await again

round=0
while [ "$round" -lt "$ROUNDS" ]; do
    round=$((round + 1))
    clock_stops
    case $((round % 2)) in
        1) kill_core; start ;;
        0) pid=$(adapter_pid); kill -9 "$pid"; await link_is up; await are_waiting 4 ;;
    esac
    clock_runs
    await are_waiting 4
    await again
done

# A desktop may still be on its way back to the T-Server that was killed: then she is asked again.
is_made_ready() {
    until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' \
        '{"Message":"RequestAgentReady","ReferenceID":2,"ThisDN":"7001"}' | grep -q '"EventAgentReady"'
}

# The oldest one is first, whoever has begun to select last.
for n in 1 2 3 4; do
    expect "number $n of 4" ctl interaction "$(ixn_of +3314555010$n)"
done
# On a slow machine she is asked twice, and may have the next one, too: the order in which she got them tells.
has_gone() { ctl interaction "$1" | grep -q 'outcome routed'; }
for n in 1 2 3 4; do
    ixn=$(ixn_of +3314555010$n)
    has_gone "$ixn" || await is_made_ready
    expect 'outcome routed' ctl interaction "$ixn"
    expect '^anna was chosen at ' ctl why "$ixn"
    ctl why "$ixn" | sed -n 's/^anna was chosen at \([-0-9]* [0-9:.]*\).*/\1/p' >>"$dir/chosen"
done
[ "$(wc -l <"$dir/chosen")" = 4 ] && sort -c "$dir/chosen" || { say_failed "the oldest one is first"; cat "$dir/chosen"; }
played
stop
finish
