#!/bin/bash
# Two switches at one gcxvm, with a T-Server each, and trunks between them: calls go to agents of the other switch with
# their identity, age, data and claim; the route types and what follows where they fail; transfers, consultations
# and conferences across; a T-Server or the core is killed at each step, and the books are balanced. KILLS=200: so many kills.
# PARTS="name ...": these functions of switches.py in place of its own.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null || exit 77
also_end() { [ -z "$people" ] || { kill "$people"; wait "$people"; } 2>/dev/null; }
people=''
image=$dir/flow.gcxb
"$gcxc" build "$top_srcdir/tests/flows/switches.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
sed -n '/^create table access/,/;$/p' "$top_srcdir/man/gcx-directory.5.in" >>"$dir/directory.sql" # as the page has it
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('French'), ('German'), ('Spanish');
insert into agent values ('anna', 'Anna'), ('bert', 'Bert'), ('carl', 'Carl');
insert into agent_skill values ('anna', 'German', 9), ('bert', 'French', 9), ('carl', 'Spanish', 9);
insert into dn (number, type) values ('7001', 'extension'), ('7002', 'extension'), ('7003', 'extension'), ('1802', 'routing_point'), ('1995', 'external_routing_point'), ('1800', 'routing_point'), ('1801', 'routing_point'), ('5000', 'queue'),
    ('1990', 'external_routing_point'), ('1991', 'external_routing_point');
insert into queue values ('desk', '5000');
insert into routing_point (dn, strategy, defaults) values ('1800', 'french', '5000'), ('1801', 'german', '5000'), ('1802', 'spanish', '5000');
insert into access values ('north', 'south', '98', 'point', '1990,1991', 20), ('south', 'north', '97', 'direct,point', '1990', 1), ('north', 'west', '96', 'point', '1995', 20), ('west', 'north', '97', 'direct', '', 20), ('south', 'west', '96', 'point', '1995', 20);
SQL
west=''
[ -f "$top_builddir/.libs/sip.so" ] && west=yes
configure_switches() { # north's port, south's port, that of the trunk to the west
    (umask 077; echo '7003 three' >"$dir/telephones")
    cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter north { plugin = "$top_builddir/.libs/tserver.so" switch = "127.0.0.1:$1" port_file = "$dir/north.cti" defaults = "5000" restart_ms = 100 outlive_s = 30 }
adapter south { plugin = "$top_builddir/.libs/tserver.so" switch = "127.0.0.1:$2" port_file = "$dir/south.cti" defaults = "5000" restart_ms = 100 outlive_s = 30 }
CONF
    if [ -z "$west" ]; then
        sed -i "s/, ('north', 'west'.*/;/" "$dir/directory.sql"
        return
    fi
    cat >>"$dir/gcx.conf" <<CONF
adapter west {
    plugin = "$top_builddir/.libs/sip.so" address = "127.0.0.1:0" sip_port_file = "$dir/sip.port" port_file = "$dir/west.cti"
    trunks = "127.0.0.2, 127.0.0.4" switches = "127.0.0.4" numbers = "1995, 1801" telephones = "$dir/telephones"
    outbound = "127.0.0.4:$3" dialable = "97*" defaults = "7003" restart_ms = 100 outlive_s = 30
}
CONF
}
python3 "$top_srcdir/tests/flows/switches.py" "$dir" "$gcxctl" "${KILLS-6}" "$west" "${PARTS-}" >"$dir/people.log" 2>&1 &
people=$!
await test -s "$dir/ports"
# shellcheck disable=SC2046
configure_switches $(cat "$dir/ports")
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { say_failed "--check"; cat "$dir/check"; }
refused() { # SED SENTENCE: gcxvm --check refuses the directory so edited
    sed "$1" "$dir/directory.sql" >"$dir/edited.sql"
    sed 's/directory.sql/edited.sql/' "$dir/gcx.conf" >"$dir/edited.conf"
    expect "$2" "$gcxvm" --check "$dir/edited.conf"
}
refused "s/'1990', 1)/'7001', 1)/" 'points names 7001; expected a number of table dn of type external_routing_point'
refused "s/'point', '1990,1991'/'point', ''/" 'points is empty; expected external routing points of south'
refused "s/('north', 'south', '98'/('north', 'north', '98'/" 'leads from north to itself'
refused "s/'98', 'point'/null, 'point'/" 'column code is NULL; expected the digits that lead'
refused "s/('north', 'south', '98'/('nowhere', 'south', '98'/" '`nowhere` is no adapter of'
[ -z "$west" ] || refused "s/('south', 'west', /('west', 'south', /; s/('west', 'south'[^)]*)/('west', 'north', '98', 'direct', '', 9)/; s/, ('west', 'north', '97'[^)]*)//" 'no call can go between'
# The machine dies with its state folder: the core, and the T-Servers with it.
die() {
    local adapters pid
    adapters=$(ctl status --json | sed -n 's/^ *"pid": \([0-9]*\),\{0,1\}$/\1/p' | grep -v "^$vm\$")
    # shellcheck disable=SC2086
    kill -9 "$vm" $adapters
    wait "$vm" 2>/dev/null
    vm=''
    for pid in $adapters; do await is_dead "$pid"; done
    rm -rf "$dir/state"
}
is_dead() { ! kill -0 "$1" || grep -q '^State:.Z' "/proc/$1/status"; } # or nobody has asked how it ended
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
    case $(cat "$dir/kill.$life") in
    restart) stop ;;
    restore) die; "$gcxctl" restore "$dir/copy" >"$dir/restored" 2>&1 || { say_failed "restore"; cat "$dir/restored"; } ;;
    *) kill_core ;;
    esac
    start_core "$life"
done
wait "$people" || { say_failed "the people"; cat "$dir/people.log"; }
people=''
tail -n 3 "$dir/people.log"
note_adapter
stop
finish
