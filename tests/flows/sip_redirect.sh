#!/bin/bash
# tests/flows/sip_redirect.sh - Calls that are only decided here: 302 with the telephone's own contact, or with a number at
# the proxy; a call that is given up, an answer that is lost, a decision of the defaults while the core is away. Then with
# Kamailio in front, as examples/kamailio configures it: its telephone, ours and the trunk are reached, and talk.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/sip_phones.sh"
peer=$top_srcdir/tests/flows/sip_redirect.py
mkdir "$flow" && cp "$top_srcdir/tests/flows/sip_redirect.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/sip_redirect.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('Sales'), ('Support');
insert into agent (name, display) values ('marie', 'Marie'), ('paul', 'Paul');
insert into agent_skill values ('marie', 'Sales', 9), ('paul', 'Support', 9);
insert into dn (number, type) values ('7001', 'extension'), ('7002', 'extension'), ('+4930555', 'extension'), ('+33145550199', 'extension');
insert into dn (number, type) select '180' || value, 'routing_point' from json_each('[1, 2, 3, 4, 5, 6, 7]');
insert into queue values ('dear', '+4930555'), ('world', '+33145550199'), ('answered', '1807'), ('helped', '1802');
insert into routing_point (dn, strategy, defaults, answer_timeout_s, router_grace_s) values ('1801', 'sales', '+4930555,7001', 1, 1), ('1802', 'support', '', 10, 60),
    ('1803', 'outside', '', 10, 60), ('1804', 'plays', '', 10, 60), ('1805', 'moves', '', 10, 60), ('1806', 'refuses', '', 10, 60), ('1807', 'serves', '', 10, 60);
SQL
telephone 7001 one auto agent
telephone 7002 two auto welcome
proxy=$(free_port)
sed -i "s/@127.0.0.1:$port/@127.0.0.3:$proxy/" "$dir/phone.7002/accounts"
sed -i s/PCMU/PCMA/ "$dir"/phone.*/accounts # nobody translates between them and the caller
sed -i 's/^7002 .*/7002 -/' "$dir/telephones"
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" tcp = yes trunks = "127.0.0.2, 127.0.0.3"
    numbers = "1801, 1802, 1803, 1804, 1805, 1806, 1807" redirects = "1801, 1802, 1803, 1804, 1805, 1806"
    dialable = "+33*" router_grace = 2 answer_timeout = 2 wrap_up = 1
    prompts = "$dir/prompts" telephones = "$dir/telephones" port_file = "$dir/cti.port" restart_ms = 200
}
CONF
sed 's/redirects = "1801/redirects = "1899, 1801/' "$dir/gcx.conf" >"$dir/wrong.conf"
expect 'redirects: `1899` is no routing point of `numbers`' "$gcxvm" --check "$dir/wrong.conf"

# ---- Kamailio, by the example's configuration; without it the last part is not tested ----
kamailio='' world=$(free_port) example=$top_srcdir/examples/kamailio
place() { sed -i "s|^\(#!substdef \"!$1!\)[^!]*!|\1$2!|" "$dir/kamailio.cfg"; grep -q "!$1!$2!" "$dir/kamailio.cfg" || die "the example has no $1"; }
bound() { grep -q ": 0300007F:$(printf %04X "$proxy") " /proc/net/udp; }
if command -v kamailio >/dev/null; then
    mkdir "$dir/kamailio" "$dir/kamailio.run"
    sed 's/a-long-random-word/one/; s/another-one/two/' "$example/telephones" >"$dir/kamailio/telephones"
    cp "$example/kamailio.cfg" "$dir/kamailio.cfg"
    place OWN_ADDRESS 127.0.0.3; place OWN_PORT "$proxy"
    place GCX_ADDRESS 127.0.0.1; place GCX_PORT "$port"
    place TRUNK_ADDRESS 127.0.0.2; place TRUNK_PORT "$world"
    place TELEPHONES "$dir/kamailio"
    kamailio -f "$dir/kamailio.cfg" -DD -E -Y "$dir/kamailio.run" -m 32 -M 8 >"$dir/kamailio.log" 2>&1 & kamailio=$!
    await bound
fi
also_end() {
    [ ! "$kamailio" ] || { kill "$kamailio" 2>/dev/null && wait "$kamailio" 2>/dev/null; }
    for pid in $started; do kill -9 "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
}
start
telephones_on
await in_service 1
in_background python3 "$tool" desk "$dir" marie 7001
in_background python3 "$tool" desk "$dir" paul 7002
await agent_is marie ready
await agent_is paul ready
free() { await no_calls; await agent_is marie ready; await agent_is paul ready; }
# decided NUMBER EXPECTED [HOW]...: what the caller is told, where PROXY is the caller's own address.
decided() {
    local number=$1 expected=$2; shift 2
    python3 "$peer" call "$port" "$number" "$@" >"$dir/told" 2>&1 || say_failed "sip_redirect.py call $number $*: $(cat "$dir/told")"
    expected=${expected//PROXY/127.0.0.2:$(sed -n 's/^port //p' "$dir/told")}
    [ "$(tail -n 1 "$dir/told")" = "$expected" ] || say_failed "$number $*: not $expected: $(cat "$dir/told")"
}

# ---- a telephone of ours is named by its own contact; its agent has had the call, and rests for a second ----
ours=$(sed -n 's/^telephone.7001.\([^\t]*\)\t\([^\t]*\)\t.*/sip:\1@\2/p' "$dir"/state/*.telephones)
decided 1801 "302 $ours"
await logged 'EventRouteUsed dn=1801 to=7001 how=instructed'
await logged 'EventReleased dn=7001 .*cause=redirected'
await logged 'EventCallDeleted cause=redirected'
await agent_is marie after_call_work
free
expect 'routed' ctl interactions
expect '"distributed": 1' ctl queues service --json
grep -q '"Message":"EventRinging".*"ANI":"+33145550101"' "$dir/desk.7001" || say_failed "the desktop does not see whose call it is"

# ---- a telephone that registers elsewhere is the proxy's to find, so are numbers that may be dialled, and our own points ----
decided 1802 "302 sip:7002@PROXY"
free
decided 1803 "302 sip:+33145550199@PROXY" # after one that may not be dialled
await logged 'RequestRouteCall.*dest=+4930555'
decided 1804 "302 sip:1807@PROXY" # what is to be played is not
expect 'heard=nothing' cat "$dir/gcxvm.log"
await logged 'EventTreatmentNotApplied code=unsupported calls of this routing point are only decided here'
decided 1805 "302 sip:7002@PROXY" # by another point, which only decides, too
await logged 'EventRouteRequest dn=1802'
free
decided 1806 "603 -"
python3 "$peer" claims "$port" 7002 || say_failed "a telephone that registers elsewhere could register here"
python3 "$peer" tcp "$port" 1803 >"$dir/told" || say_failed "no answer over TCP"
expect '^302 sip:+33145550199@127.0.0.2:5999;transport=tcp$' cat "$dir/told"
decided 1803 "302 sip:+33145550199@PROXY" odd # sound is not our affair

# ---- an INVITE that comes again, a 302 that is lost: one decision ----
decisions=$(count_logged 'EventCallCreated call=')
decided 1803 "302 sip:+33145550199@PROXY" twice
decided 1803 "302 sip:+33145550199@PROXY" lost
decided 1803 "302 sip:+33145550199@PROXY" hasty
await no_calls
[ "$(count_logged 'EventCallCreated call=')" = $((decisions + 3)) ] || say_failed "an INVITE that came again was decided again"

# ---- it is given up while it waits for somebody; it waits until somebody is there ----
not_ready() {
    until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' \
        '{"Message":"RequestAgentNotReady","ReferenceID":2,"ThisDN":"7001"}' >/dev/null
    await agent_is marie not_ready
}
not_ready
decided 1801 "487 -" cancel
await no_calls
decided 1801 "487 -" early
await no_calls
expect '"abandoned": 2' ctl queues service --json
(decided 1801 "302 $ours" wait "$dir/rings"; exit $failures) & waits=$!; started="$started $waits"
await test -e "$dir/rings"
await are_waiting 1
ready_now 7001
wait "$waits" || say_failed "the call that waited was not decided"
free

# ---- the core is away: the default destinations decide, those that may be dialled ----
kill_core
decided 1801 "302 $ours"
await logged 'EventRouteUsed dn=1801 to=7001 how=default'
start
free

# ---- Kamailio in front ----
if [ ! "$kamailio" ]; then
    echo "not tested: kamailio is not installed, so that its example is not"
    stop
    finish
fi
in_background python3 "$top_srcdir/tests/flows/sip_outside.py" "$dir" "$world"
outside() { grep -qx "$1" "$dir/outside"; }
called_at=127.0.0.3:$proxy
await python3 "$peer" registered "$(cat "$dir/phone.7002/control")"

call 1802 # to the telephone that has registered there
await hears welcome
await logged 'EventReleased dn=7002 .*cause=redirected'
hang_up
free
call 1801 # to one of ours
await hears agent
hang_up
free
call 1803 # to the world
await outside 'answered +33145550199'
hang_up
await outside 'ended +33145550199'
call 1804 # to a point where gcx answers
await hears welcome
hang_up
free
decided 1806 "603 -" # what is refused stays so
press 7002 dial "sip:1801@127.0.0.3:$proxy"
await grep -q 'EventRinging.*"ANI":"7002"' "$dir/desk.7001"
press 7002 hangup
free
kill "$kamailio" && wait "$kamailio"
grep -E 'ERROR|CRITICAL' "$dir/kamailio.log" | grep -v receive_fd && say_failed "Kamailio complains" # that one is of its end
stop
finish
