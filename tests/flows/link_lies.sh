#!/bin/bash
# tests/flows/link_lies.sh - Adapters that lie: gaps, repeats, floods, calls of others, answers to nothing, nonsense. Who
# breaks the protocol loses the link with a reason and stays outside for a while; what is merely false changes nothing;
# and all the while a call waits at another adapter, and is served in the end.
. "$top_srcdir/tests/flows/enterprise_common.sh"
liar=$top_builddir/tests/flows/liar sample=$top_builddir/tests/unit/.libs/adapter_sample.so
[ -x "$liar" ] && [ -e "$sample" ] || exit 77

names='gap other_source no_credit huge unknown_kind effect honest'
build_flow "$top_srcdir/tests/flows/enterprise_acts.gcx"
provision "somebody learns French"
play "somebody learns French"
configure
# Names for liars: the processes of these adapters end at once, and their links are free.
for name in $names; do
    echo "adapter $name { plugin = \"$sample\" ani = \"1\" restart_ms = 600000 restart_max_ms = 600000 silent_s = 4 resync_s = 4 link_grace_s = 1 }" >>"$dir/gcx.conf"
done
start
for name in $names; do # each in turn: LINK NUMBER ADAPTER DATE TIME SERVICE PROCESS RESTARTS
    pid_of() { ctl status | awk -v name="$1" '$1 == name {print $(NF - 1)}'; }
    is_up() { ctl status | grep -q "^$1 .* up "; }
    is_down() { ctl status | grep -q "^$1 .* down "; }
    await is_up "$name"
    kill -9 "$(pid_of "$name")"
    await is_down "$name"
done
await are_waiting 1
conn=$(of +33145550101 2) ixn=$(of +33145550101 1)
[ -n "$conn" ] || die "nobody waits"
before=$(rows | grep ' +33145550101 ' | cut -d ' ' -f 1-6)

# tells NAME LIE TEXT...: what the core answers contains each of these.
tells() {
    local got text name=$1 lie=$2; shift 2
    got=$(timeout 150 "$liar" "$dir/state/links.sock" "$name" "${ms-60000}" "$lie" "$conn")
    for text; do [[ $got == *"$text"* ]] || say_failed "to the lie $lie it answers: $got; it should say $text"; done
    is_up tserver || say_failed "after the lie $lie the T-Server's link is not up"
    [ "$(rows | grep ' +33145550101 ' | cut -d ' ' -f 1-6)" = "$before" ] || say_failed "after the lie $lie the call is not where it was"
}

echo "who breaks the protocol loses the link, and is told why"
tells gap gap 'Bye=1' 'reason=protocol' closed
tells other_source other_source 'Bye=1' 'reason=protocol' closed
tells no_credit no_credit 'Bye=1' 'reason=protocol' closed
tells huge huge 'Bye=1' 'reason=protocol' closed
tells unknown_kind unknown_kind 'Bye=1' 'reason=protocol' closed
tells effect effect 'Bye=1' 'reason=protocol' closed
for why in 'gap .*a gap in its numbers' 'other_source .*an event of another source' 'no_credit .*an event without credit' \
    'huge .*a frame of [0-9]* bytes' 'unknown_kind .*no message of kind 999' 'effect .*only the core sends'; do
    await logged "$why (protocol)" || say_failed "the log does not say: $why"
done

echo "and stays outside for as long as if its process had ended"
got=$("$liar" "$dir/state/links.sock" gap 1000 nothing)
[[ $got == *'refused: adapter `gap` broke the protocol: it is let in again after '*closed* ]] || say_failed "it was let in again at once: $got"
got=$("$liar" "$dir/state/links.sock" tserver 1000 nothing)
[[ $got == *'refused: adapter `tserver` has a link already'* ]] || say_failed "two have one name: $got"
got=$("$liar" "$dir/state/links.sock" stranger 1000 nothing)
[[ $got == *'refused: no adapter `stranger` in the configuration'* ]] || say_failed "a stranger is let in: $got"

echo "what is only false changes nothing"
tells honest repeat open
tells honest other_call open
tells honest unknown_call 'QueryAddress=1' open
tells honest answers open
tells honest bad_enum open
[ "$(ixn_of +33145550101)" = "$ixn" ] || say_failed "there are others now from that caller"

echo "relief is not refused, and takes nothing from others"
tells honest relief open &
flood=$!
slowest=0
for n in $(seq 1 10); do
    began=$(date +%s%N)
    ctl status --json >/dev/null || say_failed "the daemon does not answer while it is flooded"
    took=$((($(date +%s%N) - began) / 1000000))
    [ $took -le $slowest ] || slowest=$took
done
wait "$flood" || failures=$((failures + 1))
[ "$slowest" -lt 5000 ] || say_failed "the daemon answered after $slowest ms while it was flooded"

echo "who asks and asks and reads no answer is let go"
is_there() { is_down honest && ! "$liar" "$dir/state/links.sock" honest 100 nothing | grep -q 'has a link already'; }
await is_there
tells honest deaf closed
await logged 'honest .*the adapter does not read' || say_failed "the log does not say that it did not read"

echo "a resync that never ends, one that never begins, and silence"
service_is() { ctl status | grep -q "^honest .* $1 "; }
"$liar" "$dir/state/links.sock" honest 20000 endless_resync >"$dir/liar" &
lies=$!
await service_is resync
await service_is up # what it said counts
kill "$lies"; wait "$lies" 2>/dev/null
await is_down honest
"$liar" "$dir/state/links.sock" honest 20000 nothing >"$dir/liar" &
lies=$!
await service_is resync
# The link is up, and nothing stands behind it.
nothing_behind() { ctl status --json | tr -d ' \n' | grep -q '"name":"honest","link":[0-9]*,"state":"up","service":"down"'; }
await nothing_behind
kill "$lies"; wait "$lies" 2>/dev/null
await is_down honest
tells honest silence 'Ping=' closed
await logged 'honest .*the adapter is silent (silent)' || say_failed "its silence is not told"

echo "insert into agent_skill values ('paul', 'French', 9);" >>"$dir/directory.sql"
kill -HUP "$vm"
played
expect '1 routed, 0 abandoned, 0 defaulted' ctl status
stop
finish
