#!/bin/bash
# tests/flows/sip_races.sh - What crosses, is lost or comes again between a caller, the exchange and a telephone: CANCEL and
# 200, ACK, offers anew, refreshes of a session, refusals; what is too large. After each of them no call is left and the
# agent is free. The core dies with a route under way, the plugin with a call up.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
[ -f "$top_builddir/.libs/sip.so" ] || { echo "skipped: the plugin sip was not built"; exit 77; }
started=''
also_end() { for pid in $started; do kill -9 "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done; }

mkdir "$flow" && cp "$top_srcdir/tests/flows/sip_races.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/sip_races.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('Sales'), ('Support');
insert into agent (name, display) values ('marie', 'Marie'), ('agent0', ''), ('agent1', ''), ('agent2', ''), ('agent3', ''), ('agent4', ''), ('agent5', ''), ('agent6', ''), ('agent7', '');
insert into agent_skill select name, case name when 'marie' then 'Sales' else 'Support' end, 9 from agent;
insert into dn (number, type) values ('7001', 'extension'), ('7010', 'extension'), ('7011', 'extension'), ('7012', 'extension'), ('7013', 'extension'),
    ('7014', 'extension'), ('7015', 'extension'), ('7016', 'extension'), ('7017', 'extension'), ('1801', 'routing_point'), ('1802', 'routing_point'), ('1803', 'routing_point'), ('1804', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('1801', 'direct', ''), ('1802', 'helps', ''), ('1803', 'patient', ''), ('1804', 'unpaid', '');
SQL
mkdir "$dir/prompts"
python3 "$top_srcdir/tests/flows/sip_wire.py" sounds "$dir/prompts" || die "no sounds"
(umask 077; printf '%s one\n' 7001 7010 7011 7012 7013 7014 7015 7016 7017 >"$dir/telephones")
python3 "$top_srcdir/tests/flows/free_ports.py" >"$dir/world"
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:0" sip_port_file = "$dir/sip.port" trunks = "127.0.0.2, 127.0.0.4" numbers = "1801, 1802, 1803, 1804"
    outbound = "127.0.0.4:$(cat "$dir/world")" dialable = "+33*"
    prompts = "$dir/prompts" telephones = "$dir/telephones" port_file = "$dir/cti.port" restart_ms = 200 outlive_s = 30
}
CONF
start
port=$(cat "$dir/sip.port")
tool=$top_srcdir/tests/flows/sip_races.py
peer() { python3 "$tool" "$1" "$port" "$dir" || say_failed "sip_races.py $1"; }
behind() { python3 "$tool" "$1" "$port" "$dir" & behind=$!; started="$started $behind"; }
state_of() { ctl agents --json | awk -v name="\"$1\"," '$1 == "\"name\":" {is = $2 == name} is && $1 == "\"state\":" {gsub(/[",]/, "", $2); print $2; exit}'; }
agent_is() { [ "$(state_of "$1")" = "$2" ]; }
no_calls() { [ -z "$(rows | grep -v ' +33145550188 ')" ]; }
free() { await no_calls; await agent_is marie ready; }

peer telephone # which registers
behind glare; glare=$behind
behind unacknowledged; unacknowledged=$behind
python3 "$top_srcdir/tests/flows/sip_wire.py" desk "$dir" marie 7001 & started="$started $!"
await agent_is marie ready

for what in cancels repeats offers refuses outside early large script; do
    peer "$what"
    free
done
grep -q '"user_to_user":"<script>alert(1)</script>"' "$dir/desk.7001" || say_failed "the caller's data are not passed on as text"
# 480 is the word of a person who does not want the call now: until it rings, the core hears it as busy.
for told in '7010 code=busy' '7011 code=busy' '7012 code=invalid_destination' '7013 code=out_of_service' '7014 code=rejected'; do
    logged "EventError dn=1802 dest=$told the telephone answers" || say_failed "a telephone that refuses: no $told"
done
for told in '7015 change=Diverted .*cause=busy' '7016 change=Diverted .*cause=refused' '7017 change=Diverted .*cause=refused'; do
    logged "EventDiverted dn=$told" || say_failed "a telephone that rings, and then refuses: no $told"
done
wait "$unacknowledged" || say_failed "who never acknowledges"
wait "$glare" || say_failed "refreshes that cross"

# ---- the core dies with a route under way: the telephone is called once ----
adapter=$(adapter_pid)
behind again
await test -e "$dir/asked"
kill_core
: >"$dir/dead"
start
[ "$(adapter_pid)" = "$adapter" ] || say_failed "the plugin did not outlive the core, or died before"
wait "$behind" || say_failed "a route that was given before the core died"
free

# ---- the plugin dies with a call up: within a minute its agent is free, however busy the machine is ----
peer vanishes
links=$(count_logged 'EventLinkConnected: 0 calls')
kill -9 "$(adapter_pid)"
await logged_beyond "$links" 'EventLinkConnected: 0 calls'
free
seconds() { sed -n "s/^[^T]*T\([0-9]*\):\([0-9]*\):\([0-9.]*\)Z .*$1.*/\1 \2 \3/p" "$dir/gcxvm.log" | tail -n 1 | awk '{print $1 * 3600 + $2 * 60 + $3}'; }
awk -v died="$(seconds "adapter process $adapter has ended")" -v free="$(seconds 'Observed what=agent.*agent=marie.*state=ready')" \
    'BEGIN {exit !(died > 0 && (free - died + 86400) % 86400 < 60)}' || say_failed "the agent was not free within a minute"
stop
finish
