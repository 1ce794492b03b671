#!/bin/bash
# Telephones of the plugin sip where nobody is logged in: they ring together, one is busy, nobody answers, the caller hangs
# up; the core and the plugin are killed while they ring. Each telephone has one call at a time, and each call that is
# answered was sent to the telephones once. The telephones are night_phone_sip.py's.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
[ -f "$top_builddir/.libs/sip.so" ] || { echo "skipped: the plugin sip was not built"; exit 77; }
phones=''
also_end() { [ -z "$phones" ] || { kill -9 "$phones" && wait "$phones"; } 2>/dev/null; }
mkdir "$flow" && cat >"$flow/night.gcx" <<'GCX'
site {
    default timeout 10m;
    default zone "Europe/Paris";
    place gate;
    group watch;
    attached { went_on: str }
}

strategy night on voice {
    repeat 600 {
        route group watch ring 3 answer 5m else {};
        delay 200ms;
    }
    stop "nobody";
}

strategy gate_first on voice {
    route place gate answer 1s else e { attach went_on = "gate: {e.reason}"; };
    route group watch ring 3 answer 5m else stop "nobody";
}
GCX
image=$dir/flow.gcxb
"$gcxc" build "$flow/night.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
create table place (name text primary key);
create table place_dn (dn text primary key, place text);
create table group_place ("group" text, place text, primary key ("group", place));
insert into dn (number, type) values ('6001', 'extension'), ('6002', 'extension'), ('6003', 'extension'), ('1801', 'routing_point'), ('1802', 'routing_point');
insert into place (name) values ('gate'), ('lobby'), ('porter');
insert into place_dn (dn, place) values ('6001', 'gate'), ('6002', 'lobby'), ('6003', 'porter');
insert into "group" values ('watch');
insert into group_place values ('watch', 'gate'), ('watch', 'lobby'), ('watch', 'porter');
insert into routing_point (dn, strategy, defaults, answer_timeout_s, router_grace_s) values ('1801', 'night', '', 60, 300), ('1802', 'gate_first', '', 60, 300);
SQL
mkdir "$dir/prompts"
port=$(python3 "$top_srcdir/tests/flows/free_ports.py")
(umask 077; printf '%s night\n' 6001 6002 6003 >"$dir/telephones")
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" trunks = "127.0.0.2" numbers = "1801, 1802"
    prompts = "$dir/prompts" telephones = "$dir/telephones" port_file = "$dir/cti.port" restart_ms = 200 outlive_s = 120 linkless_s = 120
}
CONF
start
python3 "${0%.sh}.py" "$port" "$dir" & phones=$!
# here NAME: the telephones ring, and wait for a kill. goes_on NAME: it is done.
here() { while [ ! -e "$dir/$1" ] && kill -0 "$phones" 2>/dev/null; do sleep 0.1; done; } # its waits have bounds
goes_on() { rm -f "$dir/$1"; }
no_calls() { [ -z "$(rows)" ]; }

here core
kill_core
start
goes_on core
here away
kill_core
goes_on away
here back
start
goes_on back
here plugin
rings=$(count_logged 'EventLinkConnected: 0 calls')
kill -9 "$(adapter_pid)"
await logged_beyond "$rings" 'EventLinkConnected: 0 calls'
await no_calls
goes_on plugin
wait "$phones" || say_failed "the telephones ended with $?"
phones=''
await no_calls
for n in 1 2 4 5 6 8; do
    expect 'outcome routed' ctl interaction "$(ixn_of +3314555010$n)"
done
expect 'outcome abandoned' ctl interaction "$(ixn_of +33145550103)"
expect 'went_on.*gate: no_answer' ctl interaction "$(ixn_of +33145550104)"
stop
finish
