# tests/flows/outbound_common.sh - What the scripts of campaigns share: numbers from a file go through calling lists, dialer,
# core, T-Server and switch, and each of them can be killed. The lists are a SQLite file, or with LISTS=postgres a database of
# a server that is started here, and goes away and comes back like the others. Sourced by bash behind enterprise_common.sh.
[ -e "$top_builddir/.libs/dialer.so" ] && command -v sqlite3 >/dev/null || exit 77
ports=${PORTS-5}
if [ "${LISTS-}" = postgres ]; then
    . "$top_srcdir/tests/flows/postgres_common.sh"
    also_end() { pg_end; }
    pg_begin || cleanup 1
    lists=$pg_conninfo
    sql() { pg_sql -c "$1"; }
    followed_log=gcxvm.log
    . "$top_srcdir/tests/flows/followed_common.sh"
else
    lists=sqlite:$dir/lists.db
    sql() { sqlite3 -cmd '.timeout 10000' "$dir/lists.db" "$1"; }
fi
image=$dir/remind.gcxb
"$gcxc" build "$top_srcdir/tests/flows/outbound_wire.gcx" -o "$image" || die "gcxc build"

# numbers FROM COUNT: a file of so many.
numbers() { awk -v from="$1" -v count="$2" 'BEGIN { print "number"; for (i = 0; i < count; i++) printf "+4930%07d\n", from + i }' >"$dir/in.csv"; }
# import [OPTION...]: the file, into the list of the campaign.
import() { "$top_builddir/gcxlists" --quiet "$@" import "$lists" reminders "$dir/in.csv" >>"$dir/import" 2>&1 || die "gcxlists import"; }
# The second switch is where the first was.
play_outside() {
    "$gcxsim" switch --listen "127.0.0.1:$1" --port-file "$dir/switch.port" --directory "$dir/directory.sql" \
        --outside 100ms >>"$dir/sim.log" 2>&1 &
    sim=$!
    await test -s "$dir/switch.port"
}
campaign_starts() {
    await ctl campaign reminders load # the lists' link may be on its way up
    ctl campaign reminders start >/dev/null || die "gcxctl campaign reminders start"
}
# begin_campaign [COUNTRY]: its directory, switch and daemon; with $more_rows of the directory and $more_adapters.
begin_campaign() {
    sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
    cat >>"$dir/directory.sql" <<SQL
create table rule_set (name text primary key, lines integer, ports integer, unknown_pause_s integer);
create table campaign (name text primary key, mode text, rule_set text);
insert into dn (number, type) values ('reminders', 'routing_point'), ('5000', 'queue');
insert into queue values ('desk', '5000');
insert into routing_point (dn, strategy, defaults) values ('reminders', 'remind', '5000');
insert into rule_set values ('ours', $ports, $ports, 86400);
insert into campaign values ('reminders', 'power', 'ours');
${more_rows-}
SQL
    play_outside 0
    cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
${1:+country = \"$1\"}
adapter tserver { switch = "127.0.0.1:$(cat "$dir/switch.port")" port_file = "$dir/cti.port" outlive_s = 30 restart_ms = 200 }
adapter dialer  { lists = "$lists" rest = "86400" outlive_s = 30 restart_ms = 200 }
${more_adapters-}
CONF
    start
    campaign_starts
}

# ---- what is killed ----

# An adapter outlives its daemon, so the one that was started last is there.
pid_of() { sed -n "s/.* $1 adapter started, process //p" "$dir/gcxvm.log" | tail -n 1; }
is_another() { [ "$(pid_of "$1")" != "$2" ]; }
# kill_adapter NAME SIGNAL: by KILL, or by TERM in order.
kill_adapter() {
    local pid
    pid=$(pid_of "$1")
    kill "-$2" "$pid"
    await is_another "$1" "$pid"
}
# The dialer's last word of the lists.
are_missed() { grep -e 'nothing is dialled until' -e 'they can be asked again' "$dir/gcxvm.log" | tail -n 1 | grep -q 'nothing is dialled'; }
kill_one() {
    case $1 in
    dialer) kill_adapter dialer TERM ;; # `state` kills it
    tserver) kill_adapter tserver KILL ;;
    core) kill_core; start ;;
    state)
        note_adapter
        kill -9 "$(pid_of dialer)" "$(pid_of tserver)"
        kill_core
        rm -rf "$dir/state"
        start
        campaign_starts ;;
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
[ -z "${FOLLOWED-}" ] || victims=(dialer core switch core tserver)
[ "${LISTS-}" != postgres ] || victims+=(lists)

dials() { grep -c ' MakePredictiveCall ' "$dir/sim.log"; }
# dialled: all numbers so far, a line each.
dialled() { sed -n 's/.* MakePredictiveCall .*destination=\([^ ]*\).*/\1/p' "$dir/sim.log" | sort; }
