#!/bin/bash
# tests/flows/sip_wishes.sh - Seven things for which the users of other exchanges have asked for years, with real telephones:
# nobody starves behind a call that waits for somebody rare, priority and age hold over several queues, a priority that an
# operator changes counts at once, no telephone rings twice and no agent stays stuck, an agent who comes while an
# announcement plays is connected at once, a declined call goes to the next agent; and an agent is asked first (preview).
# At the end, what is kept of the telephones is damaged and taken away: both are told.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/sip_phones.sh"
mkdir "$flow" && cp "$top_srcdir/tests/flows/sip_wishes.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/sip_wishes.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('Sales'), ('Expert');
insert into agent (name, display) values ('marie', 'Marie'), ('paul', 'Paul');
insert into agent_skill values ('marie', 'Sales', 9), ('paul', 'Sales', 1), ('paul', 'Expert', 9);
insert into dn (number, type) values ('7001', 'extension'), ('7002', 'extension');
insert into dn (number, type) values ('1801', 'routing_point'), ('1802', 'routing_point'), ('1803', 'routing_point'), ('1804', 'routing_point'), ('1805', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('1801', 'plain', ''), ('1802', 'precious', ''), ('1803', 'rare', ''), ('1804', 'talkative', ''), ('1805', 'asking', '');
SQL
telephone 7001 one auto
telephone 7002 two manual
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" trunks = "127.0.0.2" numbers = "1801, 1802, 1803, 1804, 1805"
    prompts = "$dir/prompts" telephones = "$dir/telephones" port_file = "$dir/cti.port"
}
CONF
start
telephones_on
await in_service 2
for desk in 'marie 7001' 'paul 7002'; do in_background python3 "$tool" desk "$dir" $desk; done
await agent_is marie ready
await agent_is paul ready
# wants DN REQUEST [CONNID]: of the desktop there; what it answers.
wants() {
    until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"'"$1"'"}' \
        '{"Message":"'"$2"'","ReferenceID":2,"ThisDN":"'"$1"'"'"${3:+,\"ConnID\":\"$3\"}"'}' >"$dir/answer"
}
for dn in 7001 7002; do wants $dn RequestAgentNotReady; done

# ---- four wait, the first one longest; the second is made urgent; Marie serves them one by one ----
waiters=''
# waits NAME NUMBER: somebody calls, without an ear. The name's ConnID and interaction are kept.
declare -A conn_of=() ixn_of=() port_of=()
waits() {
    local known; known=$(rows | wc -l)
    port_of[$1]=$(free_port)
    (cd "$dir" && exec sipp -sf "$top_srcdir/tests/flows/sip_caller.xml" -s "$2" -i 127.0.0.2 -p "${port_of[$1]}" -m 1 -nostdin -cid_str "$1-%u" \
        -key sound 9 -key told "$dir/told.$1" -timeout 200 -timeout_error 127.0.0.1:"$port") >"$dir/sipp.$1" 2>&1 &
    waiters="$waiters $!"; started="$started $!"
    more_rows() { [ "$(rows | wc -l)" -gt "$known" ]; }
    await more_rows
    read -r "ixn_of[$1]" "conn_of[$1]" _ < <(rows | sort | tail -n 1)
}
waits rare 1803
rare=$waiters
waits first 1801
waits second 1801
waits gold 1802
await ctl change "${ixn_of[second]}" priority=80
ready_now 7001
talks=0
# serves DN: the next call that is answered there; its ConnID is $conn.
serves() {
    talks=$((talks + 1)) at=$1
    answered() { [ "$(count_logged 'EventEstablished dn=700[12] data')" -ge "$talks" ]; }
    await answered
    conn=$(grep 'EventEstablished dn=700[12] data' "$dir/gcxvm.log" | sed -n "${talks}s/.*conn=\([^ ]*\).*/\1/p")
    grep 'EventEstablished dn=700[12] data' "$dir/gcxvm.log" | sed -n "${talks}p" | grep -q "dn=$at " || say_failed "not answered at $at"
}
release() {
    wants "$at" RequestReleaseCall "$conn"
    grep -q EventReleased "$dir/answer" || say_failed "the call at $at could not be released: $(tail -n 1 "$dir/answer")"
}
for name in second gold first; do
    serves 7001
    [ "$conn" = "${conn_of[$name]}" ] || say_failed "$conn is served, it was the turn of $name: $(declare -p conn_of)"
    release
done
rang() { count_logged 'EventRinging dn=7001 data'; }
[ "$(rang)" = 3 ] || say_failed "the telephone rang $(rang) times for three calls"
await agent_is marie ready
expect "${ixn_of[rare]}" rows
for pid in $waiters; do [ "$pid" = $rare ] || wait "$pid" || say_failed "sipp ended with $?"; done
wants 7001 RequestAgentNotReady

# ---- who waits for somebody rare has them once they come; who gives up while it rings leaves nobody stuck ----
ready_now 7002
await logged 'EventRinging dn=7002 data'
python3 "$tool" hang "${port_of[rare]}" rare-1
wait $rare || say_failed "sipp ended with $?"
await no_calls
await agent_is paul ready

# ---- declined there, it rings at the next agent, and once ----
call 1801
rings_again() { [ "$(count_logged 'EventRinging dn=7002 data')" -ge 2 ]; }
await rings_again
ready_now 7001
press 7002 hangup
serves 7001
await hears agent
[ "$(rang)" = 4 ] || say_failed "the telephone rang $(rang) times for four calls"
hang_up
await no_calls
wants 7001 RequestAgentNotReady
wants 7002 RequestAgentNotReady

# ---- an agent comes in the middle of an announcement of half a minute ----
call 1804
await hears welcome
ready_now 7001
serves 7001
await hears agent
[ "$(sed 's/.*welcome=\([0-9]*\).*/\1/' "$dir/ear.heard")" -lt 250 ] || say_failed "the announcement was heard to its end"
hang_up
await no_calls
await agent_is marie ready

# ---- an agent is asked before the call rings at their telephone ----
call 1805
ticket() { sed -n 's/.*"EventInvite".*"TicketID":"\([0-9a-f]*\)".*/\1/p' "$dir/desk.7001" | tail -n 1; }
is_asked() { [ -n "$(ticket)" ]; }
await is_asked
until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' \
    '{"Message":"RequestAccept","ReferenceID":2,"ThisDN":"7001","TicketID":"'"$(ticket)"'"}' >"$dir/answer"
grep -q '"EventAccepted"' "$dir/answer" || say_failed "who is asked cannot accept: $(tail -n 1 "$dir/answer")"
serves 7001
await hears agent
hang_up
await no_calls

# ---- the file of its telephones is cut, then taken away with the list of files: each is told, and it is written anew ----
stop_all() { local adapter; adapter=$(adapter_pid); stop; await eval "! kill -0 $adapter"; }
verify() { "$gcxvm" --verify "$dir/gcx.conf"; }
whole() { verify >"$dir/verified"; }
stop_all
whole || say_failed "$(cat "$dir/verified")"
truncate -s -20 "$dir/state/sip.telephones"
expect 'NOT GOOD: its file `sip.telephones` is damaged' verify
start
await logged 'sip: .*/sip.telephones is damaged: its good lines count'
await whole
stop_all
rm "$dir/state/sip.telephones" "$dir/state/kept"
expect 'NOT GOOD: its file `sip.telephones` was removed' verify
start
logged 'since gcxvm ran last: its file `sip.telephones` was removed' || say_failed "the log does not say that the file is gone"
await whole
stop
finish
