#!/bin/bash
# tests/flows/sip_calls.sh - What agents do with their calls, with telephones by baresip and callers by sipp: they ask a
# colleague, at a routing point or outside, take the call back, hand it on in one step or in two, call each other. The
# plugin dies in a consultation, and nobody is stuck. Everybody has a tone of their own, and all are listened to: who hears whom
# is what hears.def says of the call's state.
. "$top_srcdir/tests/flows/enterprise_common.sh"
listened=yes
. "$top_srcdir/tests/flows/sip_phones.sh"

# ---- a site with a seller and an expert ----
mkdir "$flow" && cp "$top_srcdir/tests/flows/sip_calls.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/sip_calls.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('Sales'), ('Expert');
insert into agent (name, display) values ('marie', 'Marie'), ('paul', 'Paul');
insert into agent_skill values ('marie', 'Sales', 9), ('paul', 'Expert', 9);
insert into dn (number, type) values ('7001', 'extension'), ('7002', 'extension'), ('7003', 'extension'), ('1801', 'routing_point'), ('1802', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('1801', 'direct', ''), ('1802', 'expert', '');
SQL
python3 "$tool" sound "$dir/prompts/hold.wav" 600
outside=$(free_port)
telephone 7001 one auto agent
telephone 7002 two auto welcome
telephone 7003 three auto boss
linphone=$(command -v linphonec)
[ -z "$linphone" ] || linphone 7004 four
(umask 077; printf '%s\n' '7005 five' '7006 six' >>"$dir/telephones")
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" trunks = "127.0.0.2" numbers = "1801, 1802"
    outbound = "127.0.0.5:$outside" dialable = "+49*"
    prompts = "$dir/prompts" telephones = "$dir/telephones" port_file = "$dir/cti.port" restart_ms = 200 ring = 6
}
CONF
start
telephones_on
[ -z "$linphone" ] || linphone_on
await in_service $((${linphone:+1} + 3))
in_background python3 "$tool" desk "$dir" marie 7001
in_background python3 "$tool" desk "$dir" paul 7002
await agent_is marie ready
await agent_is paul ready

# hears STATE CALLER CALLED THIRD: sip_heard.py says that all of them hear what they ought to.
coproc EARS { exec python3 "$top_srcdir/tests/flows/sip_heard.py" "$dir" "$outside" "$top_srcdir/runtime/adapters/sip/hears.def"; }
started="$started $EARS_PID"
exec 7<&"${EARS[0]}" 8>&"${EARS[1]}"
ears() {
    local said
    echo "$*" >&8
    read -r -u 7 said && [ "$said" = ok ] || say_failed "${said-the ears are gone}"
}
hears() { ears hears "$@"; }

# says VOICE: the caller hears some more of it than up to now.
heard() { sed -n "s/.*$1=\([0-9]*\).*/\1/p" "$dir/ear.heard" 2>/dev/null; }
says() {
    before=$(heard "$1"); before=${before:-0} voice=$1
    await says_more
}
says_more() { [ "$(heard "$voice")" -ge $((before + 3)) ]; }
# asks DN REQUEST EVENT [MEMBERS]: of the desktop at that DN, about the call $conn; its answer.
asks() {
    until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"'"$1"'"}' \
        '{"Message":"'"$2"'","ReferenceID":2,"ThisDN":"'"$1"'","ConnID":"'"$conn"'"'"${4-}"'}' >"$dir/answer"
    grep -q "\"$3\"" "$dir/answer" || say_failed "$2 of $1: no $3: $(tail -n 1 "$dir/answer")"
}
# next TEXT: it is logged once more than when `mark` was said.
mark() { marked=$(wc -l <"$dir/gcxvm.log"); }
since_mark() { tail -n "+$((marked + 1))" "$dir/gcxvm.log" | grep -q -e "$1"; }
next() { await since_mark "$1"; }
free() { await no_calls; await agent_is marie ready; await agent_is paul ready; }
# talked: a customer talks with Marie.
talked() {
    call 1801
    says agent
    conn=$(rows | awk '{print $2; exit}')
}

# ---- she asks Paul, takes the call back, asks again, and leaves it to him ----
talked
asks 7001 RequestInitiateTransfer EventError ',"OtherDN":"7009"'
grep -q InvalidDestination "$dir/answer" || grep -q invalid_destination "$dir/answer" || say_failed "a telephone that is not there: $(tail -n 1 "$dir/answer")"
asks 7001 RequestInitiateTransfer EventError ',"OtherDN":"7001"'
hears talks ear 7001 -
asks 7001 RequestHoldCall EventHeld
hears called_holds ear 7001 -
asks 7001 RequestRetrieveCall EventRetrieved
hears talks ear 7001 -
mark
asks 7001 RequestInitiateTransfer EventHeld ',"OtherDN":"7002"'
next 'EventEstablished dn=7002'
hears consult_talks ear 7001 7002
asks 7001 RequestInitiateTransfer EventError ',"OtherDN":"7002"'
asks 7001 RequestReconnectCall EventRetrieved
hears talks ear 7001 7002
asks 7001 RequestInitiateTransfer EventHeld ',"OtherDN":"+4930"'
ears rings
hears consult_early ear 7001 outside
ears answer
hears consult_talks ear 7001 outside
asks 7001 RequestReconnectCall EventRetrieved
mark
asks 7001 RequestInitiateTransfer EventHeld ',"OtherDN":"7002"'
next 'EventEstablished dn=7002'
asks 7001 RequestCompleteTransfer EventReleased
hears transferred ear 7001 7002
since_mark 'EventPartyChanged' || say_failed "the parties have not changed"
[ "$(sed 's/.*streams=\([0-9]*\).*/\1/' "$dir/ear.heard")" = 1 ] || say_failed "the caller has heard several streams: $(cat "$dir/ear.heard")"
await agent_is marie ready
expect paul ctl agents
asks 7002 RequestReleaseCall EventReleased
hung_up
free

# ---- she asks at a routing point: nobody is free there yet, so the customer waits there; then Paul is ----
until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7002"}' \
    '{"Message":"RequestAgentNotReady","ReferenceID":2,"ThisDN":"7002"}' >/dev/null
talked
mark
asks 7001 RequestInitiateTransfer EventHeld ',"OtherDN":"1802"'
next 'EventTreatmentApplied dn=1802'
hears consult_waits ear 7001 -
asks 7001 RequestCompleteTransfer EventReleased
await agent_is marie ready
hears transfer_waits ear 7001 7002
ready_now 7002
hears transferred ear 7001 7002
hang_up
free

# ---- a conference: all three hear each other, who holds is out meanwhile, each may leave ----
# confers: Marie, a customer and Paul.
confers() {
    talked
    mark
    asks 7001 RequestInitiateConference EventHeld ',"OtherDN":"7002"'
    next 'EventEstablished dn=7002'
    asks 7001 RequestCompleteConference EventRetrieved
    says both
    since_mark 'EventPartyChanged' || say_failed "the parties have not changed"
}
talked
asks 7001 RequestCompleteConference EventError
mark
asks 7001 RequestInitiateConference EventHeld ',"OtherDN":"1802"'
next 'EventRouteRequest dn=1802'
next 'EventEstablished dn=7002'
asks 7001 RequestCompleteConference EventRetrieved
hears conference ear 7001 7002
asks 7001 RequestHoldCall EventHeld
hears conference_held ear 7001 7002
asks 7001 RequestSingleStepTransfer EventError ',"OtherDN":"1802"'
asks 7001 RequestRetrieveCall EventRetrieved
hears conference ear 7001 7002
asks 7001 RequestReleaseCall EventReleased
hears talks ear 7002 7001
await agent_is marie ready
[ "$(sed 's/.*streams=\([0-9]*\) gaps=\([0-9]*\).*/\1 \2/' "$dir/ear.heard")" = '1 0' ] || say_failed "the caller has heard several streams, or gaps: $(cat "$dir/ear.heard")"
asks 7002 RequestReleaseCall EventReleased
hung_up
free
confers
press 7002 hangup
hears talks ear 7001 7002
await agent_is paul ready
asks 7001 RequestReleaseCall EventReleased
hung_up
free
confers
hang_up
free

# ---- a supervisor listens, whispers, is heard by all; leaves with the agent, and by themselves ----
talked
asks 7003 RequestMonitorCall EventError ',"OtherDN":"7002"'
asks 7003 RequestMonitorCall EventError ',"OtherDN":"7001","MonitorMode":"Shout"'
mark
asks 7003 RequestMonitorCall EventMonitoring ',"OtherDN":"7001"'
next 'EventEstablished dn=7003'
hears listened ear 7001 7003
asks 7003 RequestMonitorCall EventMonitoring ',"OtherDN":"7001","MonitorMode":"Coach"'
hears coached ear 7001 7003
asks 7003 RequestMonitorCall EventMonitoring ',"OtherDN":"7001","MonitorMode":"BargeIn"'
hears barged ear 7001 7003
asks 7001 RequestHoldCall EventHeld
hears monitor_held ear 7001 7003
asks 7001 RequestRetrieveCall EventRetrieved
hears barged ear 7001 7003
mark
asks 7003 RequestReleaseCall EventReleased
hears talks ear 7001 7003
[ "$(sed 's/.*streams=\([0-9]*\) gaps=\([0-9]*\).*/\1 \2/' "$dir/ear.heard")" = '1 0' ] || say_failed "the caller has heard several streams, or gaps: $(cat "$dir/ear.heard")"
mark
asks 7003 RequestMonitorCall EventMonitoring ',"OtherDN":"7001"'
next 'EventEstablished dn=7003'
asks 7001 RequestSingleStepTransfer EventReleased ',"OtherDN":"7002"'
next 'EventReleased dn=7003'
says welcome
mark
asks 7003 RequestMonitorCall EventMonitoring ',"OtherDN":"7002"'
next 'EventEstablished dn=7003'
hang_up
next 'EventReleased dn=7003'
free

# ---- in one step: the other telephone rings, and she is out of it ----
talked
mark
asks 7001 RequestSingleStepTransfer EventReleased ',"OtherDN":"7002"'
hears transferred ear 7001 7002
since_mark 'EventReleased dn=7001 to=7002 cause=transferred' || say_failed "it was not handed on"
# The telephone does it itself.
mark
press 7002 transfer "sip:7001@127.0.0.1:$port"
says agent
since_mark 'EventReleased dn=7002 to=7001 cause=transferred' || say_failed "the telephone did not hand it on"
asks 7001 RequestSingleStepTransfer EventReleased ',"OtherDN":"7002"'
says welcome
# The one who has it now asks back, and the customer goes meanwhile: both are free.
mark
asks 7002 RequestInitiateTransfer EventHeld ',"OtherDN":"7001"'
next 'EventEstablished dn=7001'
hang_up
free

# ---- a telephone has two calls, and joins them by itself (linphone's): the second one is the consultation ----
if [ "$linphone" ]; then
    talked
    asks 7001 RequestSingleStepTransfer EventReleased ',"OtherDN":"7004"'
    types answer
    await logged "conn=$conn EventEstablished dn=7004"
    for times in 1 2; do
        types pause
        await linphone_says "$times" 'is now paused'
        mark
        types "call sip:7002@127.0.0.1:$port"
        next 'EventCallCreated media=voice call_type=consult .*prev_conn='"$conn"
        next 'EventEstablished dn=7002'
        says hold
        [ $times = 1 ] || break
        types "terminate 2" # the second call is over, the first one goes on
        next 'EventReleased dn=7002'
        types "resume 1"
        next 'EventRetrieved dn=7004'
    done
    mark
    types "transfer 1 --to-call 3"
    says welcome
    since_mark 'EventPartyChanged .*how=transfer' || say_failed "the calls are not one"
    since_mark 'EventReleased dn=7004.* cause=transferred' || say_failed "the telephone has not handed its call on"
    await grep -q 'Call 3 .* ended' "$dir/linphone/said"
    asks 7002 RequestReleaseCall EventReleased
    hung_up
    free
else
    echo "no linphonec: its transfer is not tried (Debian: linphone-cli)"
fi
# Names of calls that are not there, or somebody else's; two who join at once; a caller who goes meanwhile.
joiner() { in_background python3 "$top_srcdir/tests/flows/sip_replaces.py" "$@"; joiner=$!; }
joiner replaces "$port" "$dir" 7001 7002 7003
await test -e "$dir/joined.1"
await agent_is marie ready # as to the core, which has another call at her telephone
press 7001 hangup
free
: >"$dir/go.1"
wait "$joiner" || say_failed "Replaces of bad telephones"
free

# ---- she calls Paul, and once more by the point that looks for him ----
conn=0
asks 7001 RequestMakeCall EventError ',"OtherDN":"7009"'
asks 7001 RequestMakeCall EventError ',"OtherDN":"7001"'
for number in 7002 1802; do
    mark
    asks 7001 RequestMakeCall EventDialing ',"OtherDN":"'$number'"'
    next 'EventEstablished dn=7002'
    next 'EventEstablished dn=7001'
    conn=$(rows | awk '{print $2; exit}')
    hears talks 7001 7002 -
    asks 7001 RequestHoldCall EventHeld
    hears caller_holds 7001 7002 -
    asks 7002 RequestHoldCall EventHeld
    hears both_hold 7001 7002 -
    asks 7001 RequestReleaseCall EventReleased
    free
done
# She gives up before anybody has answered.
mark
asks 7001 RequestMakeCall EventDialing ',"OtherDN":"1801"'
next 'EventRouteRequest dn=1801'
conn=$(rows | awk '{print $2; exit}')
asks 7001 RequestReleaseCall EventReleased
free

# ---- the desktop answers: the telephone is called again, and picks up once it does so by itself ----
if [ "$linphone" ]; then
    talked
    asks 7001 RequestSingleStepTransfer EventReleased ',"OtherDN":"7004"'
    asks 7004 RequestAnswerCall EventError
    grep -q '"unsupported"' "$dir/answer" || say_failed "a telephone that does not answer by itself: $(tail -n 1 "$dir/answer")"
    types "autoanswer enable"
    asks 7004 RequestAnswerCall EventEstablished
    types "autoanswer disable"
    hang_up
    free
fi
joiner answers "$port" "$dir"
await test -e "$dir/answers"
talked
asks 7001 RequestSingleStepTransfer EventReleased ',"OtherDN":"7006"'
asks 7006 RequestAnswerCall EventEstablished
asks 7006 RequestAnswerCall EventError
hang_up
wait "$joiner" || say_failed "a telephone that answers by itself"
free

# ---- a supervisor's telephone that nobody picks up rings no longer than it may ----
if [ "$linphone" ]; then
    talked
    mark
    asks 7004 RequestMonitorCall EventMonitoring ',"OtherDN":"7001"'
    next 'EventRinging dn=7004'
    next 'EventReleased dn=7004 .*no_answer'
    hang_up
    free
fi

# ---- the plugin dies while a telephone joins two calls ----
joiner vanish "$port" "$dir" 7001 7002
await test -e "$dir/joined.2"
mark
: >"$dir/go.2"
kill -9 "$(adapter_pid)"
next 'EventLinkConnected: 0 calls'
free

# ---- an operator ends a call that talks ----
talked
ctl end "$(rows | awk '{print $1; exit}')" >/dev/null || say_failed "gcxctl end"
hung_up
free

# ---- the plugin dies in a consultation ----
talked
mark
asks 7001 RequestInitiateTransfer EventHeld ',"OtherDN":"7002"'
next 'EventEstablished dn=7002'
mark
kill -9 "$(adapter_pid)"
next 'EventLinkConnected: 0 calls'
free
kill -9 "$caller" "$ear"; wait "$caller" "$ear" 2>/dev/null
stop

# ---- a site where telephones are called once the desktop answers ----
sed -i 's/ ring = 6/ desk_answer = only/' "$dir/gcx.conf"
mark
start
next 'agent=marie dn=7001 state=ready'
call 1801
next 'EventRinging dn=7001'
conn=$(rows | awk '{print $2; exit}')
asks 7001 RequestHoldCall EventError
since_mark 'EventEstablished' && say_failed "a telephone answered that nobody had called"
asks 7001 RequestAnswerCall EventEstablished
says agent
hang_up
free
stop
finish
