#!/bin/bash
# tests/flows/sip_wire.sh - Telephone calls by SIP, with telephones and callers that others wrote: sipp calls, is asked for
# a digit and hears music, baresip rings and talks. The core dies in mid-call, and the talk goes on; a telephone that is
# not answered, and the call goes to another agent; the plugin dies, and the agent is free again.
. "$top_srcdir/tests/flows/enterprise_common.sh"
for program in sipp baresip python3; do command -v $program >/dev/null || { echo "skipped: $program is not installed (Debian: sip-tester, baresip-core)"; exit 77; }; done
[ -f "$top_builddir/.libs/sip.so" ] || { echo "skipped: the plugin sip was not built"; exit 77; }
started=''
also_end() { for pid in $started; do kill -9 "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done; }
tool=$top_srcdir/tests/flows/sip_wire.py
free_port() { python3 "$top_srcdir/tests/flows/free_ports.py"; }

# ---- a site with two agents ----
mkdir "$flow" && cp "$top_srcdir/tests/flows/sip_wire.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/sip_wire.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('Sales');
insert into agent (name, display) values ('marie', 'Marie'), ('paul', 'Paul');
insert into agent_skill values ('marie', 'Sales', 9), ('paul', 'Sales', 9);
insert into dn (number, type) values ('7001', 'extension'), ('7002', 'extension'), ('1800', 'routing_point'), ('1801', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('1800', 'reception', ''), ('1801', 'direct', '');
SQL
mkdir "$dir/prompts" "$dir/phone"
python3 "$tool" sounds "$dir/prompts" || die "no sounds"
(umask 077; printf '7001 one\n7002 two\n' >"$dir/telephones")
port=$(free_port)
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" sip_port_file = "$dir/sip.port" trunks = "127.0.0.2" numbers = "1800, 1801"
    prompts = "$dir/prompts" telephones = "$dir/telephones" port_file = "$dir/cti.port"
    restart_ms = 200 outlive_s = 30
}
CONF
start
[ "$(cat "$dir/sip.port")" = "$port" ] || say_failed "another port than it was told"
# A second exchange on that port is refused: else each would have half of the packets.
mkdir "$dir/second"
sed 's/outlive_s = 30/outlive_s = 0/; s/sip_port_file = "[^"]*"//; s/port_file = "[^"]*"//' "$dir/gcx.conf" >"$dir/second/gcx.conf"
cp "$dir/directory.sql" "$dir/second"
"$gcxvm" "$dir/second/gcx.conf" >"$dir/second/gcxvm.log" 2>&1 & second=$!; started="$started $second"
await grep -q 'another process has this port' "$dir/second/gcxvm.log"
kill "$second"; wait "$second"

# ---- its telephones ----
cat >"$dir/phone/config" <<CONF
sip_listen 127.0.0.1:0
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module sndfile.so
module_app account.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:$(phone_port=$(free_port); echo $phone_port >"$dir/phone.port"; echo $phone_port)
module_app menu.so
audio_source aufile,$dir/prompts/agent.wav
audio_srate 8000
ausrc_srate 8000
auplay_srate 8000
snd_path $dir/phone
CONF
cat >"$dir/phone/accounts" <<CONF
<sip:7001@127.0.0.1:$port>;auth_user=7001;auth_pass=one;regint=60;answermode=auto;audio_codecs=PCMU
<sip:7002@127.0.0.1:$port>;auth_user=7002;auth_pass=two;regint=60;answermode=manual;audio_codecs=PCMU
CONF
: >"$dir/phone/contacts"
baresip -f "$dir/phone" >/dev/null 2>&1 </dev/null & started="$started $!"
in_service() { [ "$(count_logged 'EventDNBackInService')" -ge 2 ]; }
desk() { python3 "$tool" desk "$dir" "$@" & started="$started $!"; }
state_of() { ctl agents --json | awk -v name="\"$1\"," '$1 == "\"name\":" {is = $2 == name} is && $1 == "\"state\":" {gsub(/[",]/, "", $2); print $2; exit}'; }
agent_is() { [ "$(state_of "$1")" = "$2" ]; }
python3 "$tool" odd "$port" || say_failed "an odd message is not answered as it should be"
await in_service
python3 "$tool" late "$port" || say_failed "a call without an offer is not served"
"$gcxvm" --adapter "$top_builddir/.libs/sip.so" --settings >/dev/null || say_failed "the settings cannot be told"
desk marie 7001
await agent_is marie ready

# call NUMBER: a caller by sipp, with an ear of its own. hang_up: that caller does.
calls=0
call() {
    rm -f "$dir"/ear.*
    python3 "$tool" ear "$dir" & ear=$!; started="$started $ear"
    await test -s "$dir/ear.port"
    calls=$((calls + 1)) caller_port=$(free_port)
    (cd "$dir" && exec sipp -sf "$top_srcdir/tests/flows/sip_caller.xml" -s "$1" -i 127.0.0.2 -p "$caller_port" -m 1 -nostdin -cid_str "call$calls-%u" \
        -key sound "$(cat "$dir/ear.port")" -key told "$dir/ear.told" -timeout 300 -timeout_error 127.0.0.1:"$port") >"$dir/sipp.log" 2>&1 &
    caller=$!; started="$started $caller"
}
hang_up() { python3 "$tool" hang "$caller_port" "call$calls-1"; hung_up; }
# hung_up: the caller has seen all that it expects, and is gone.
hung_up() { wait "$caller" || { say_failed "sipp ended with $?"; tail -n 30 "$dir/sipp.log"; }; kill "$ear"; wait "$ear" 2>/dev/null; }
heard_of() { sed -n "s/.*$1=\([0-9]*\).*/\1/p" "$dir/ear.heard" 2>/dev/null; }
hears() { [ "$(heard_of "$1")" -ge "${2-3}" ]; }
ixn_now() { rows | awk '{print $1; exit}'; }

# ---- a call: a prompt, a digit, an agent; the core dies in mid-call ----
call 1800
await hears welcome
echo 5 >"$dir/ear.key"
await hears agent
ixn=$(ixn_now)
expect 'choice.*5' ctl data "$ixn"
expect 'marie' ctl why "$ixn"
[ "$(sed 's/.*streams=\([0-9]*\).*/\1/' "$dir/ear.heard")" = 1 ] || say_failed "the caller has heard several streams: $(cat "$dir/ear.heard")"
adapter=$(adapter_pid)
kill_core
before=$(sed 's/packets=\([0-9]*\).*/\1/' "$dir/ear.heard")
goes_on() { hears packets $((before + 25)); }
await goes_on
start
[ "$(adapter_pid)" = "$adapter" ] || say_failed "the plugin did not outlive the core"
expect "^$ixn " rows
hang_up
ended() { [ -z "$(rows)" ]; }
await ended
await agent_is marie ready
python3 "$tool" heard "$(echo "$dir"/phone/*-dec.wav)" 400 || say_failed "the agent has not heard the caller"

# ---- a telephone that nobody answers: the call is pulled back, hears music, and goes to another agent ----
not_ready() {
    until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"'"$1"'"}' \
        '{"Message":"RequestAgentNotReady","ReferenceID":2,"ThisDN":"'"$1"'"}' | grep -q '"EventAgentNotReady"' || say_failed "$1 could not be made not ready"
}
not_ready 7001
desk paul 7002
await agent_is paul ready
call 1800
await hears welcome
echo 7 >"$dir/ear.key"
await logged 'EventRinging dn=7002'
await logged 'op=pull_back dn=7002 to=1800'
await hears music
ready_now 7001
await hears agent
[ "$(sed 's/.*streams=\([0-9]*\).*/\1/' "$dir/ear.heard")" = 1 ] || say_failed "the caller has heard several streams"
expect 'choice.*7' ctl data "$(ixn_now)"

# ---- the plugin dies in mid-call: the call is lost, and nothing else ----
links=$(count_logged 'EventLinkConnected: 0 calls')
kill -9 "$(adapter_pid)"
await ended
await logged_beyond "$links" 'EventLinkConnected: 0 calls'
await agent_is marie ready
kill -9 "$caller" "$ear"; wait "$caller" "$ear" 2>/dev/null

# ---- and the next call comes, to a telephone that need not register again; the agent's desktop releases it ----
not_ready 7002
restarted_at=$(count_logged 'EventDNBackInService')
call 1800
await hears welcome
echo 9 >"$dir/ear.key"
await hears agent
[ "$(count_logged 'EventDNBackInService')" = "$restarted_at" ] || say_failed "a telephone had to register again"
# Handed back to the routing point, it comes again.
conn=$(rows | awk '{print $2; exit}')
welcomed=$(heard_of welcome)
until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' \
    '{"Message":"RequestSingleStepTransfer","ReferenceID":2,"ThisDN":"7001","OtherDN":"1800","ConnID":"'"$conn"'"}' | grep -q '"EventReleased"' || say_failed "the desktop could not hand the call back"
answered=$(count_logged 'EventEstablished dn=7001 data')
await hears welcome $((welcomed + 3))
echo 8 >"$dir/ear.key"
await logged_beyond "$answered" 'EventEstablished dn=7001 data'
expect 'choice.*8' ctl data "$(ixn_now)"
until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' \
    '{"Message":"RequestReleaseCall","ReferenceID":2,"ThisDN":"7001","ConnID":"'"$conn"'"}' | grep -q '"EventReleased"' || say_failed "the desktop could not release the call"
hung_up
await ended
await agent_is marie ready

# ---- a telephone that declines, a caller who goes while waiting ----
not_ready 7001
ready_now 7002
press() { python3 "$tool" press "$(cat "$dir/phone.port")" "$1" || say_failed "the telephone does not take $1"; }
rang=$(count_logged 'EventRinging dn=7002 data')
call 1800
await hears welcome
echo 3 >"$dir/ear.key"
rings() { logged_beyond "$rang" 'EventRinging dn=7002 data'; }
await rings
press hangup
await logged 'EventDestinationBusy dn=7002 cause=busy'
await logged 'EventDiverted dn=7002 to=1800 cause=busy'
rang=$(count_logged 'EventRinging dn=7002 data')
await hears music
not_ready 7002
hang_up
await ended
await logged 'EventCallDeleted cause=abandoned'

# ---- a caller who goes before anybody has answered: CANCEL here, CANCEL there ----
ready_now 7002
python3 "$tool" cancel "$dir" "$port" & cancelled=$!; started="$started $cancelled"
await test -e "$dir/rings"
await rings
: >"$dir/gone"
wait "$cancelled" || say_failed "a call could not be given up"
await ended
await logged 'EventAbandoned dn=7002'
await agent_is paul ready
stop
finish
