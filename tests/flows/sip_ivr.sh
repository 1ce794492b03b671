#!/bin/bash
# tests/flows/sip_ivr.sh - The T-Server's sample call with real telephones (V2): the example of an IVR, a program of its own
# on the CTI wire, has the call at its port, asks for the account, attaches the customer and sends the call to the queue;
# the desktop has the name before the agent answers. The IVR dies in mid-call, and the strategy has the call; it falls
# silent; its connection is lost, and made again; the core is away, and comes back.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/sip_phones.sh"
mv "$dir/prompts/welcome.wav" "$dir/prompts/account.wav"

mkdir "$flow" && cp "$top_srcdir/tests/flows/sip_ivr.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/sip_ivr.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('Sales');
insert into agent (name, display) values ('marie', 'Marie');
insert into agent_skill values ('marie', 'Sales', 9);
insert into dn (number, type) values ('7001', 'extension'), ('5001', 'routing_point'), ('1800', 'routing_point');
insert into routing_point (dn, strategy, defaults, answer_timeout_s) values ('1800', 'service', '', 60), ('5001', 'without', '', 4);
SQL
telephone 7001 one manual
hash=$(printf 'sesame\n' | "$gcxvm" --hash-password) || die "gcxvm --hash-password"
(umask 077; echo "ivr agent dn=5001 password=$hash" >"$dir/users"; echo "marie agent password=$hash" >>"$dir/users")
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" trunks = "127.0.0.2" numbers = "1700=5001, 1800" queues = "1800" prompts = "$dir/prompts"
    telephones = "$dir/telephones" users = "$dir/users" port_file = "$dir/cti.port" outlive_s = 30
}
CONF
start
telephones_on
await in_service 1
"$top_builddir/tests/flows/wire_tool" join "$(cat "$dir/cti.port")" "$dir/relay.port" /dev/null >"$dir/turns" &
relay=$!; started="$started $relay"
await test -s "$dir/relay.port"
turned() { [ "$(wc -l <"$dir/turns")" = "$1" ]; }

GCX_PASSWORD=sesame in_background "$top_srcdir/examples/desktop/desktop.sh" 127.0.0.1 "$(cat "$dir/cti.port")" marie 7001 >"$dir/desktop.log" 2>&1
await agent_is marie ready
ivr() {
    GCX_USER=ivr GCX_PASSWORD=sesame python3 "$top_srcdir/examples/ivr/ivr.py" 127.0.0.1 "$(cat "$dir/relay.port")" 5001 1800 >>"$dir/ivr.log" 2>&1 &
    ivr=$!; started="$started $ivr"
}
says() { grep -q -e "$1" "$dir/ivr.log"; }
ivr
await says '^serves 5001$'

# in_order WHAT...: these stand in the log in this order, from line $from on.
from=1
in_order() {
    local what found
    for what; do
        found=$(awk -v from="$from" -v what="$what" 'NR > from && $0 ~ what {print NR; exit}' "$dir/gcxvm.log")
        [ -n "$found" ] || { say_failed "not in this order, or never: $what"; return; }
        from=$found
    done
}
pops() { tail -n "+$((shown + 1))" "$dir/desktop.log" | grep -q -e "$1"; }
talk_and_end() { # the agent answers, they talk, the caller hangs up
    press 7001 accept
    await hears agent
    hang_up
    await no_calls
    await agent_is marie ready
}

# ---- V2, steps 1 to 7; a first account that is none ----
shown=0
call 1700
await hears welcome
key 9 9 9 9 11
await says 'keyed 9999'
key 4 7 1 1 11
await pops '^+33145550101 rings: .*"UserData":{"customer":"Dupont","account":"4711","ivr":"account known"'
pops '^talking' && say_failed "the data came with the answer, not before it"
expect 'UserData' cat "$dir/desktop.log"
talk_and_end
await pops '^talking to +33145550101'
in_order 'EventCallCreated .*ani=.33145550101 dnis=1700' 'EventEstablished dn=5001' 'EventTreatmentEnd dn=5001' 'RequestAttachUserData dn=5001' \
    'EventReleased dn=5001 to=1800 cause=transferred' 'EventQueued dn=1800' 'EventDiverted dn=1800 to=7001' 'EventRinging dn=7001 .*data=[1-9][0-9][0-9]* bytes' \
    'EventEstablished dn=7001' 'EventCallDeleted'
grep -q '"ThisDN":"7001".*"DNIS":"1700"' "$dir/desktop.log" || say_failed "the desktop is not told what was dialled"
grep -q '"ThisQueue":"1800"' "$dir/desktop.log" || say_failed "the desktop is not told which queue distributed the call"

# ---- the IVR dies while the caller listens: the strategy of its routing point has the call ----
shown=$(wc -l <"$dir/desktop.log")
call 1700
await hears welcome
kill -9 "$ivr"; wait "$ivr" 2>/dev/null
await pops '^+33145550101 rings: .*"ivr":"away"'
in_order 'EventEstablished dn=5001' 'dn=5001: the IVR is gone' 'EventReleased dn=5001' 'EventRouteRequest dn=5001' 'EventRinging dn=7001'
talk_and_end

# ---- it is there again; this time it says nothing ----
: >"$dir/ivr.log"
ivr
await says '^serves 5001$'
shown=$(wc -l <"$dir/desktop.log")
kill -STOP "$ivr"
call 1700
await pops '^+33145550101 rings: .*"ivr":"away"'
in_order 'EventEstablished dn=5001' 'dn=5001: the IVR says nothing' 'EventRinging dn=7001'
kill -CONT "$ivr"
talk_and_end

# ---- its connection is lost between two calls: it comes back by its token ----
kill -USR2 "$relay"; await turned 1
await says '^the connection is lost$'
kill -USR2 "$relay"; await turned 2
await logged 'EventAuthenticated .* user=ivr .* by token'
ivr_serves() { [ "$(grep -c '^serves 5001$' "$dir/ivr.log")" = 2 ]; }
await ivr_serves

# ---- the core dies while the IVR asks: the next one finds the call where it is ----
shown=$(wc -l <"$dir/desktop.log")
call 1700
await hears welcome
kill_core
start
await logged 'ResyncEnd: 1 calls'
key 4 7 1 2 11
await pops '^+33145550101 rings: .*"UserData":{"customer":"Okafor"'
talk_and_end

# ---- the caller goes while the IVR asks ----
call 1700
await hears welcome
hang_up
await no_calls
await says 'hung up'
stop
finish
