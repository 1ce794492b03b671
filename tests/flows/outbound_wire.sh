#!/bin/bash
# tests/flows/outbound_wire.sh - A campaign over all wires: numbers from a file go through calling lists, dialer, core,
# T-Server and switch, while one of dialer, core, switch and T-Server after the other is killed, and once the state folder
# is lost. Afterwards each record is in one state, no number was dialled twice, and each attempt is in the history. ROUNDS
# kills (5), by the seed SEED, while PORTS numbers ring at once; the lists are a SQLite file, or with LISTS=postgres a
# database of a server that is started here, and goes away and comes back like the others.
. "$top_srcdir/tests/flows/enterprise_common.sh"
[ -e "$top_builddir/.libs/dialer.so" ] && command -v sqlite3 >/dev/null || exit 77
rounds=${ROUNDS-5} records=$((30 + 10 * ${ROUNDS-5})) ports=${PORTS-5}
RANDOM=${SEED-16}
if [ "${LISTS-}" = postgres ]; then
    . "$top_srcdir/tests/flows/postgres_common.sh"
    also_end() { pg_end; }
    pg_begin || cleanup 1
    lists=$pg_conninfo
    sql() { pg_sql -c "$1"; }
else
    lists=sqlite:$dir/lists.db
    sql() { sqlite3 -cmd '.timeout 10000' "$dir/lists.db" "$1"; }
fi

# ---- the world ----

image=$dir/remind.gcxb
"$gcxc" build "$top_srcdir/tests/flows/outbound_wire.gcx" -o "$image" || die "gcxc build"
awk -v count="$records" 'BEGIN { print "number"; for (i = 0; i < count; i++) printf "+4930%07d\n", 1000000 + i }' >"$dir/in.csv"
"$top_builddir/gcxlists" --quiet --zone Europe/Berlin import "$lists" reminders "$dir/in.csv" || die "gcxlists import"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<SQL
create table rule_set (name text primary key, lines integer, ports integer, unknown_pause_s integer);
create table campaign (name text primary key, mode text, rule_set text);
insert into dn (number, type) values ('reminders', 'routing_point'), ('5000', 'queue');
insert into queue values ('desk', '5000');
insert into routing_point (dn, strategy, defaults) values ('reminders', 'remind', '5000');
insert into rule_set values ('ours', $ports, $ports, 86400);
insert into campaign values ('reminders', 'power', 'ours');
SQL
# The second one is where the first was.
play_outside() {
    "$gcxsim" switch --listen "127.0.0.1:$1" --port-file "$dir/switch.port" --directory "$dir/directory.sql" \
        --outside 100ms >>"$dir/sim.log" 2>&1 &
    sim=$!
    await test -s "$dir/switch.port"
}
play_outside 0
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
adapter tserver { switch = "127.0.0.1:$(cat "$dir/switch.port")" port_file = "$dir/cti.port" outlive_s = 30 restart_ms = 200 }
adapter dialer  { lists = "$lists" rest = "86400" outlive_s = 30 restart_ms = 200 }
CONF
start
await ctl campaign reminders load # the lists' link may be on its way up
ctl campaign reminders start >/dev/null || die "gcxctl campaign"

# ---- what is killed ----

# An adapter outlives its daemon, so the one that was started last is there.
pid_of() { sed -n "s/.* $1 adapter started, process //p" "$dir/gcxvm.log" | tail -n 1; }
is_another() { [ "$(pid_of "$1")" != "$2" ]; }
kill_adapter() {
    local pid
    pid=$(pid_of "$1")
    kill -9 "$pid"
    await is_another "$1" "$pid"
}
dials() { grep -c ' MakePredictiveCall ' "$dir/sim.log"; }
more_dials() { [ "$(dials)" -ge "$1" ] || all_done; }
all_done() { [ "$(sql "select count(*) from records where status = 'retrieved' or status = 'ready' and due = 0")" = 0 ]; }
# The dialer's last word of the lists.
are_missed() { grep -e 'nothing is dialled until' -e 'they can be asked again' "$dir/gcxvm.log" | tail -n 1 | grep -q 'nothing is dialled'; }
kill_one() {
    case $1 in
    dialer | tserver) kill_adapter "$1" ;;
    core) kill_core; start ;;
    state)
        note_adapter
        kill -9 "$(pid_of dialer)" "$(pid_of tserver)"
        kill_core
        rm -rf "$dir/state"
        start
        await ctl campaign reminders load
        ctl campaign reminders start >/dev/null || die "gcxctl campaign reminders start" ;;
    lists)
        pg_stop immediate
        await are_missed
        pg_start ;;
    switch)
        kill -9 "$sim"; wait "$sim" 2>/dev/null
        play_outside "$(cat "$dir/switch.port")" ;;
    esac
}
victims=(dialer state core switch tserver)
[ "${LISTS-}" != postgres ] || victims+=(lists)
for ((round = 0; round < rounds; round++)); do
    wanted=$(($(dials) + 1 + RANDOM % 9))
    await more_dials $wanted
    kill_one "${victims[$((round < ${#victims[@]} ? round : RANDOM % ${#victims[@]}))]}"
done
await all_done

# ---- what is there now ----

says() { # WHAT WANTED SQL
    local got
    got=$(sql "$3")
    [ "$got" = "$2" ] || say_failed "$1: $got, not $2"
}
says "records that are in no state or lost" "$records" \
    "select count(*) from records where status in ('updated', 'cancelled') and begun is null or status = 'ready' and due > 0 and begun is null"
says "chains that somebody has still" 0 "select count(*) from chains where owner is not null"
says "attempts that have no end" 0 "select count(*) from attempts where ended is null or result is null"
says "records whose attempts are not all in the history" 0 \
    "select count(*) from records r where r.attempt <> (select count(*) from attempts a where a.record = r.id)"
says "numbers with two attempts" 0 "select count(*) from (select record from attempts group by record having count(*) > 1) two"
sed -n 's/.* MakePredictiveCall .*destination=\([^ ]*\).*/\1/p' "$dir/sim.log" | sort >"$dir/dialled"
[ -s "$dir/dialled" ] || say_failed "nothing was dialled"
twice=$(uniq -d "$dir/dialled")
[ -z "$twice" ] || say_failed "dialled twice:" $twice
sql "select number from attempts" | sort >"$dir/attempts"
without=$(comm -23 "$dir/dialled" "$dir/attempts")
[ -z "$without" ] || say_failed "dialled and not in the history:" $without
echo "$rounds kills, $records records: $(wc -l <"$dir/dialled") dialled, $(wc -l <"$dir/attempts") attempts;" \
    $(sql "select coalesce(result, 'none') || ' ' || count(*) from records group by result order by 1")
finish
