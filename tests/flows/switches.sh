#!/bin/bash
# Two switches at one gcxvm, with a T-Server each, and trunks between them: calls go to agents of the other switch with
# their identity, age, data and claim; the route types and what follows where they fail; transfers and consultations
# across; a T-Server or the core is killed at each step, and the books are balanced. KILLS=200: so many kills.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null || exit 77
also_end() { [ -z "$people" ] || { kill "$people"; wait "$people"; } 2>/dev/null; }
people=''
image=$dir/flow.gcxb
"$gcxc" build "$top_srcdir/tests/flows/switches.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
create table access ("from" text, "to" text, code text, types text not null default 'point', points text not null default '', arrive_s integer not null default 10, primary key ("from", "to"));
insert into skill values ('French'), ('German');
insert into agent values ('anna', 'Anna'), ('bert', 'Bert');
insert into agent_skill values ('anna', 'German', 9), ('bert', 'French', 9);
insert into dn (number, type) values ('7001', 'extension'), ('7002', 'extension'), ('1800', 'routing_point'), ('1801', 'routing_point'), ('5000', 'queue'),
    ('1990', 'external_routing_point'), ('1991', 'external_routing_point');
insert into queue values ('desk', '5000');
insert into routing_point (dn, strategy, defaults) values ('1800', 'french', '5000'), ('1801', 'german', '5000');
insert into access values ('north', 'south', '98', 'point', '1990,1991', 20), ('south', 'north', '97', 'direct,point', '1990', 1);
SQL
configure_switches() { # north's port, south's port
    cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter north { plugin = "$top_builddir/.libs/tserver.so" switch = "127.0.0.1:$1" port_file = "$dir/north.cti" defaults = "5000" restart_ms = 100 outlive_s = 30 }
adapter south { plugin = "$top_builddir/.libs/tserver.so" switch = "127.0.0.1:$2" port_file = "$dir/south.cti" defaults = "5000" restart_ms = 100 outlive_s = 30 }
CONF
}
python3 "$top_srcdir/tests/flows/switches.py" "$dir" "$gcxctl" "${KILLS-6}" >"$dir/people.log" 2>&1 &
people=$!
await test -s "$dir/ports"
# shellcheck disable=SC2046
configure_switches $(cat "$dir/ports")
# The core is killed and started as the people ask for it.
start_core() {
    "$gcxvm" "$dir/gcx.conf" >>"$dir/gcxvm.log" 2>&1 &
    vm=$!
    await ready
    : >"$dir/core.$1"
}
start_core 1
for ((life = 2; ; life++)); do
    while [ ! -e "$dir/kill.$life" ] && kill -0 "$people" 2>/dev/null; do sleep 0.02; done
    [ -e "$dir/kill.$life" ] || break
    kill_core
    start_core "$life"
done
wait "$people" || { say_failed "the people"; cat "$dir/people.log"; }
people=''
tail -n 3 "$dir/people.log"
note_adapter
stop
finish
