#!/bin/bash
# tests/flows/sip_dial.sh - Calls that begin here, with telephones by baresip and a trunk behind which the world answers,
# is busy, or lets it ring: an agent dials a colleague, a routing point and numbers outside, hands a caller on to one, and
# may not dial what the site does not allow; call-backs are dialled, told how they ended, and have an agent. Linphone, a
# second stack, does what a telephone does.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/sip_phones.sh"
mkdir "$flow" && cp "$top_srcdir/tests/flows/sip_dial.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/sip_dial.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('Sales'), ('Support');
insert into agent (name, display) values ('marie', 'Marie'), ('paul', 'Paul'), ('olga', 'Olga'), ('nina', 'Nina');
insert into agent_skill values ('marie', 'Sales', 9), ('olga', 'Support', 9);
insert into dn (number, type) values ('7001', 'extension'), ('7002', 'extension'), ('7003', 'extension'), ('7005', 'extension'), ('1803', 'routing_point'), ('1804', 'routing_point'), ('1801', 'routing_point'), ('1802', 'routing_point'), ('forms', 'queue'), ('*71', 'routing_point'), ('*72', 'routing_point'), ('*73', 'routing_point'), ('*74', 'routing_point');
insert into queue (name, dn) values ('forms', 'forms');
insert into routing_point (dn, strategy, defaults) values ('1801', 'later', ''), ('1802', 'direct', ''), ('1803', 'helps', ''), ('1804', 'keys', ''), ('forms', 'form', ''), ('*71', 'clock', ''), ('*72', 'clock', ''), ('*73', 'clock', ''), ('*74', 'clock', '');
SQL
telephone 7001 one auto agent
telephone 7002 two auto welcome
(umask 077; echo '7004 four' >>"$dir/telephones")
telephone 7003 three 'auto;mediaenc=srtp-mand' agent # its sound is encrypted
tls=$(free_port)
if command -v linphonec >/dev/null; then linphone 7005 five "$tls"; else echo "not tested: linphone-cli is not installed"; fi
(umask 077; openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/tls.pem" -out "$dir/tls.crt" -days 1 -subj /CN=localhost 2>/dev/null; cat "$dir/tls.crt" >>"$dir/tls.pem")
world=$(free_port)
(umask 077; echo "sip:gcx@127.0.0.2:$world gcx word" >"$dir/providers")
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" tls_address = "127.0.0.1:$tls" tls_certificate = "$dir/tls.pem" srtp = yes
    trunks = "127.0.0.2" numbers = "1801, 1802, 1803, 1804, *71, *72, *73, *74" providers = "$dir/providers"
    outbound = "127.0.0.2:$world" dialable = "+33*, 110"
    prompts = "$dir/prompts" telephones = "$dir/telephones" port_file = "$dir/cti.port" restart_ms = 200
}
adapter work { queue = "forms" listen = "127.0.0.1:0" port_file = "$dir/work.port" token_file = "$dir/token" }
CONF
(umask 077; echo word >"$dir/token")
in_background python3 "$top_srcdir/tests/flows/sip_outside.py" "$dir" "$world"
start
telephones_on
await in_service 3
in_background python3 "$tool" desk "$dir" marie 7001
in_background python3 "$tool" desk "$dir" paul 7002
await agent_is marie ready
await agent_is paul ready
outside() { grep -qx "$1" "$dir/outside"; }
# dials DN NUMBER EVENT: what the desktop there is answered.
dials() {
    until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"'"$1"'"}' \
        '{"Message":"RequestMakeCall","ReferenceID":2,"ThisDN":"'"$1"'","OtherDN":"'"$2"'"}' >"$dir/answer"
    grep -q "\"$3\"" "$dir/answer" || say_failed "$1 dials $2: no $3: $(tail -n 1 "$dir/answer")"
    conn=$(sed -n 's/.*"Event'"Dialing"'".*"ConnID":"\([^"]*\)".*/\1/p' "$dir/answer")
}
asks() {
    until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"'"$1"'"}' \
        '{"Message":"'"$2"'","ReferenceID":2,"ThisDN":"'"$1"'","ConnID":"'"$conn"'"'"${4-}"'}' >"$dir/answer"
    grep -q "\"$3\"" "$dir/answer" || say_failed "$2 of $1: no $3: $(tail -n 1 "$dir/answer")"
}
free() { await no_calls; await agent_is marie ready; await agent_is paul ready; }

# ---- an agent dials: a colleague, who is called by the agent's number; a routing point; a number outside ----
dials 7001 7002 EventDialing
await logged "conn=$conn EventEstablished dn=7002 "
await logged "conn=$conn EventEstablished dn=7001 "
asks 7001 RequestReleaseCall EventReleased
free
dials 7002 1802 EventDialing
await logged "conn=$conn EventEstablished dn=7001 "
asks 7001 RequestReleaseCall EventReleased
free
dials 7001 +33145550101 EventDialing
await outside 'called +33145550101 7001'
await outside 'heard +33145550101'
forked() { [ "$(grep -c "^fork $1" "$dir/outside")" = "$2" ]; } # a second telephone has answered, too, and said so twice
await forked ACK 2
await forked BYE 1
asks 7001 RequestHoldCall EventHeld
asks 7001 RequestRetrieveCall EventRetrieved
asks 7001 RequestReleaseCall EventReleased
await outside 'ended +33145550101'
free
dials 7001 +33145550102 EventDialing
await outside 'called +33145550102 7001'
free
dials 7001 +33145550104 EventDialing # the provider wants its password
await outside 'answered +33145550104'
asks 7001 RequestReleaseCall EventReleased
free
for number in +4930555 1100 7009 "'x"; do dials 7001 "$number" EventError; done

# ---- the telephone itself dials: a colleague, the world, whom it busies; a routing point; it gives up; it may not ----
# at DN NUMBER: the telephone dials; $conn is the call, once the core has it.
rings() { conn=$(tail -n "+$mark" "$dir/gcxvm.log" | sed -n "s/.*conn=\([^ ]*\) EventDialing dn=$1 .*/\1/p" | tail -n 1); [ -n "$conn" ]; }
at() { mark=$(($(wc -l <"$dir/gcxvm.log") + 1)); press "$1" dial "sip:$2@127.0.0.1:$port"; await rings "$1"; }
at 7001 7002
await logged "conn=$conn EventEstablished dn=7002 "
await logged "conn=$conn EventEstablished dn=7001 "
press 7001 hangup
free
at 7002 1802
await logged "conn=$conn EventEstablished dn=7001 "
asks 7002 RequestReleaseCall EventReleased
free
at 7001 +33145550111
await outside 'heard +33145550111'
press 7001 hangup
await outside 'ended +33145550111'
free
at 7003 +33145550131
await outside 'heard +33145550131'
press 7003 hangup
free
at 7001 +33145550102
await logged "conn=$conn EventReleased dn=7001 "
free
at 7001 +33145550103
await outside 'called +33145550103 7001'
press 7001 hangup
await outside 'gave_up +33145550103'
free
press 7001 dial "sip:+4930555@127.0.0.1:$port"
await grep -q 'what a telephone dials is refused: ' "$dir/gcxvm.log"
no_calls || say_failed "a number was dialled that must not be"
python3 "$top_srcdir/tests/flows/sip_front.py" fraud "$port" 7004 four || say_failed "a telephone was let dial"

# ---- an agent without a desktop logs in, pauses, is ready and logs out at the telephone; nobody does it from outside ----
at 7003 '*71'
await agent_is nina ready
await no_calls
at 7003 '*72'
await agent_is nina not_ready
ctl agents --json | grep -q '"lunch"' || say_failed "the reason of a pause by telephone is not told: $(ctl agents --json)"
await no_calls
for number in '*71' '*72' '*73' '*74'; do call "$number"; wait "$caller"; kill "$ear"; wait "$ear" 2>/dev/null; done
for refused in in pause ready out; do await logged "$refused: no_place"; done
agent_is nina not_ready || say_failed "a caller from outside has changed an agent's state"
at 7003 '*73'
await agent_is nina ready
await no_calls
at 7003 '*74'
await agent_is nina logged_out
free

# ---- a caller is handed on to a number outside, and the agent is out of it ----
call 1802
await hears agent
conn=$(rows | awk '{print $2; exit}')
asks 7001 RequestSingleStepTransfer EventReleased ',"OtherDN":"110"'
await agent_is marie ready
await outside 'called 110 +33145550101'
await outside 'heard 110'
outside "^brings 110 \['32'\] <sip:1802@127.0.0.1:$port>;index=1 <sip:110@127.0.0.2:[0-9]*>;index=1.1;mp=1 \['abc.def;info=<https://certificate.example/1.pem>;alg=ES256;ppt=shaken'\]$" ||
    say_failed "what the call has brought is not passed on: $(grep '^brings 110' "$dir/outside")"
hang_up
await outside 'ended 110'
free

# ---- call-backs: one answers and has Marie, one is busy, one does not answer, one may not be dialled ----
mark=$(wc -l <"$dir/gcxvm.log")
call 1801
wait "$caller" # who is not answered, and told so
kill "$ear"; wait "$ear" 2>/dev/null
await outside 'heard +33145550121'
await outside 'called +33145550122 1801'
await outside 'gave_up +33145550123'
for result in busy no_answer; do
    progress() { tail -n "+$mark" "$dir/gcxvm.log" | grep -q "EventCallProgress.*result=$result"; }
    await progress
done
conn=$(rows | awk '{print $2; exit}')
asks 7001 RequestReleaseCall EventReleased
await outside 'ended +33145550121'
free
# ---- who asked by a form is called back, too: from no routing point of `numbers`, and by a number of ours ----
curl -sf "http://127.0.0.1:$(cat "$dir/work.port")/work" -H 'Authorization: Bearer word' -d '{"id":"form-1","from":"web"}' >"$dir/answer" ||
    say_failed "the form is not taken: $(cat "$dir/answer")"
await outside 'called +33145550141 1801'
await outside 'heard +33145550141'
conn=$(rows | awk '{print $2; exit}')
asks 7001 RequestReleaseCall EventReleased
await outside 'ended +33145550141'
free
# ---- a telephone of another make: by TLS, with encrypted sound, it answers, holds, hangs up, dials and keys ----
if [ -d "$dir/linphone" ]; then
    linphone_on
    await logged 'EventDNBackInService dn=7005'
    in_background python3 "$tool" desk "$dir" olga 7005
    await agent_is olga ready
    call 1803
    await logged 'EventRinging dn=7005'
    types answer
    await hears welcome 12
    types pause
    await logged 'EventHeld dn=7005'
    await linphone_says 1 'is now paused'
    types resume
    await logged 'EventRetrieved dn=7005'
    types terminate
    hung_up
    python3 "$tool" heard "$dir/linphone/heard.wav" 400 || say_failed "Linphone did not hear the caller"
    types "call sip:1804@127.0.0.1:$tls;transport=tls"
    await grep -q 'Media streams established.*1804' "$dir/linphone/said"
    types 4 2 7
    await logged 'choice=427'
    types terminate
    free
fi
[ "$(grep -cE '4930| 7004' "$dir/outside")" = 0 ] || say_failed "a number was dialled that must not be"
stop
finish
