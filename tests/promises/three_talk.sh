#!/bin/bash
# Three people talk, and a supervisor listens, while everything around them dies. As the caller: the talk has no gap when the
# router dies and comes back. As the agents: both stay taken, and nobody gets a second caller; who leaves is free, and has the
# one who waited all along, in their place and with their age. As the supervisor: still there, unseen, and out of it at the
# end. With real telephones (baresip) and callers (sipp). In the end the exchange itself dies: nobody stays stuck.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/sip_phones.sh"
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
telephone 7001 one auto agent
telephone 7002 two auto welcome
telephone 7003 three auto boss
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" trunks = "127.0.0.2" numbers = "1801, 1802" outlive_s = 60
    prompts = "$dir/prompts" telephones = "$dir/telephones" port_file = "$dir/cti.port" restart_ms = 200
}
CONF
start
telephones_on
await in_service 3
in_background python3 "$tool" desk "$dir" marie 7001
in_background python3 "$tool" desk "$dir" paul 7002
await agent_is marie ready
await agent_is paul ready

asks() {
    until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"'"$1"'"}' \
        '{"Message":"'"$2"'","ReferenceID":2,"ThisDN":"'"$1"'","ConnID":"'"$conn"'"'"${4-}"'}' >"$dir/answer"
    grep -q "\"$3\"" "$dir/answer" || say_failed "$2 of $1: no $3: $(tail -n 1 "$dir/answer")"
}
heard() { sed -n "s/.*$1=\([0-9]*\).*/\1/p" "$dir/ear.heard" 2>/dev/null; }
says() { before=$(heard "$1"); before=${before:-0} voice=$1; await says_more; }
says_more() { [ "$(heard "$voice")" -ge $((before + 3)) ]; }
since_mark() { tail -n "+$((marked + 1))" "$dir/gcxvm.log" | grep -q -e "$1"; }
mark() { marked=$(wc -l <"$dir/gcxvm.log"); }
next() { await since_mark "$1"; }
one_stream() { [ "$(sed 's/.*streams=\([0-9]*\) gaps=\([0-9]*\).*/\1 \2/' "$dir/ear.heard")" = '1 0' ] || say_failed "the caller has heard several streams, or gaps: $(cat "$dir/ear.heard")"; }

# ---- Marie talks with a caller, calls Paul in; a supervisor listens ----
call 1801
says agent
conn=$(rows | awk '{print $2; exit}')
mark
asks 7001 RequestInitiateConference EventHeld ',"OtherDN":"7002"'
next 'EventEstablished dn=7002'
asks 7001 RequestCompleteConference EventRetrieved
asks 7003 RequestMonitorCall EventMonitoring ',"OtherDN":"7001"'
next 'EventEstablished dn=7003'
says both

# ---- a second caller asks for Paul, who is taken: music; then the router dies, and comes back ----
first=$dir first_caller=$caller first_ear=$ear first_port=$caller_port
dir=$first/second && mkdir "$dir" && call 1802 && dir=$first
second_hears() { [ "$(sed -n "s/.*$1=\([0-9]*\).*/\1/p" "$dir/second/ear.heard")" -ge "${2-3}" ]; }
await second_hears music
since() { ctl interactions --live --json | awk '/"dnis": "1802"/ {is = 1} is && /"arrived_us"/ {printf "%.0f\n", $2 / 1000; exit}'; } # ms
arrived=$(since)
exchange=$(adapter_pid)
kill_core
says both
start
[ "$(adapter_pid)" = "$exchange" ] || say_failed "the exchange did not outlive the router"
says both
two_calls() { [ "$(rows | wc -l)" = 2 ]; }
await two_calls
for agent in marie paul; do expect "^$agent .* on a call " ctl agents; done
[ "$(since)" = "$arrived" ] || say_failed "the waiting call has lost its age: $arrived, $(since)"
second_hears welcome 1 && say_failed "Paul has two callers"

# ---- Paul leaves: he has the one who waited, and Marie goes on with hers ----
mark
asks 7002 RequestReleaseCall EventReleased
says agent
await second_hears welcome
since_mark 'EventReleased dn=7003' && say_failed "the supervisor left with somebody else's agent"
expect "^marie .* on a call " ctl agents
one_stream

# ---- the caller goes: so does the supervisor; Marie is free ----
mark
python3 "$tool" hang "$first_port" "call1-1"
wait "$first_caller" || say_failed "the first caller's end: sipp ended with $?"
next 'EventReleased dn=7003'
await agent_is marie ready

# ---- the exchange dies: Paul's call is lost, and nobody is stuck; the next caller has him ----
kill -9 "$(adapter_pid)"
await no_calls
await agent_is paul ready
kill -9 "$caller" "$ear" "$first_ear"; wait "$caller" "$ear" "$first_ear" 2>/dev/null
call 1802
await hears welcome
hang_up
await no_calls
await agent_is paul ready
stop
finish
