#!/bin/bash
# tests/bench/wire.sh BUILD [sqlite|postgres] - The enterprise flow over the wire at growing rates: switch and desktops,
# T-Server and daemon in processes of their own, the journal on disk, the customers in a file or in a server. Prints the
# highest rate at which every call was routed and the decision stayed under 100 ms at p99 (calls/s); at half that rate
# p50, p99 and p99.9 of the decision in us, batches (each a sync) a second and events a batch; and, of a daemon that
# starts on that journal, events replayed a second; of gcxrecords, interactions of that journal written a second.
set -u
build=$(cd "${1:-build}" && pwd) || exit 2
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
flow=$top/strategies/enterprise
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-wire-XXXXXX") || exit 1
daemon='' database='database = "customers.db"'
pg_end() { :; }
trap '[ -n "$daemon" ] && kill "$daemon" 2>/dev/null && wait "$daemon"; pg_end; rm -rf "$dir"' EXIT

cp "$flow"/*.gcx "$flow"/*.sql "$dir" || exit 1
case ${2-sqlite} in
    sqlite) sqlite3 "$dir/customers.db" <"$flow/customers.sql" && sqlite3 "$dir/customers.db" <"$flow/customers-data.sql" || exit 1 ;;
    postgres)
        . "$top/tests/flows/postgres_common.sh"
        pg_begin >&2 && pg_sql -f "$flow/customers.sql" -f "$flow/customers-data.sql" || exit 1
        database="postgres = \"$pg_conninfo\""
        sed -i 's/source customers schema "customers.sql"/source customers postgres schema "customers.pulled"/' "$dir/site.gcx"
        "$build/gcxc" schema pull --source customers --connect "$pg_conninfo" "$dir/enterprise.gcx" >&2 || exit 1 ;;
    *) echo "usage: wire.sh BUILD [sqlite|postgres]" >&2; exit 2 ;;
esac
"$build/gcxc" build "$dir/enterprise.gcx" -o "$dir/enterprise.gcxb" || exit 1
{ cat "$flow/directory.sql"; sed 's/i < 60/i < 900/' "$flow/crowd.sql"; } >"$dir/directory.sql"
for i in $(seq 1 900); do printf 'a%03d %d\n' "$i" $((8000 + i)); done >"$dir/agents"

# load RATE: four seconds of calls; its result as JSON in $dir/load.
load() {
    rm -f "$dir/switch.port"
    "$build/gcxsim" load --listen "127.0.0.1:${port:-0}" --port-file "$dir/switch.port" --cti-port-file "$dir/cti.port" \
        --admin "$dir/state/admin.sock" --directory "$dir/directory.sql" --agents "$dir/agents" --rate "$1" \
        --calls $(($1 * 4)) --digits 4711,2 --digits 4712,1 --json >"$dir/load" 2>"$dir/sim.log" &
    sim=$!
    until [ -s "$dir/switch.port" ]; do kill -0 $sim 2>/dev/null || return 1; sleep 0.02; done
    if [ -z "${port-}" ]; then
        port=$(cat "$dir/switch.port")
        cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"enterprise.gcxb"}
plugins    = "$build/.libs"
log_level  = "warning"
source customers { $database }
adapter tserver  { switch = "127.0.0.1:$port" port_file = "$dir/cti.port" }
CONF
        "$build/gcxvm" "$dir/gcx.conf" 2>"$dir/gcxvm.log" &
        daemon=$!
    fi
    wait $sim
}
value() { tr -d ' \n' <"$dir/load" | sed -n "s/.*\"$1\":{\([^}]*\)}.*/\1/p" | tr ',' '\n' | sed -n "s/\"$2\"://p"; }
count() { tr -d ' \n' <"$dir/load" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
# Every call routed, the decision under 100 ms at p99, and the calls did come at that rate.
good() {
    [ "$(count routed)" = "$(count calls)" ] &&
        awk -v us="$(value decision p99_us)" -v came="$(count rate)" -v rate="$1" 'BEGIN {exit !(us != "" && us < 100000 && came >= 0.95 * rate)}'
}

best=0
for rate in ${RATES-200 600 1000 1500 2000 3000 4000 5000 6000}; do
    load "$rate" && good "$rate" || break
    best=$rate
done
[ "$best" -gt 0 ] || { tail -n 5 "$dir/sim.log" "$dir/gcxvm.log" >&2; cat "$dir/load" >&2; exit 1; }

status() { "$build/gcxctl" --socket "$dir/state/admin.sock" status --json | tr -d ' ,' | sed -n "s/^\"$1\"://p" | head -n 1; }
batches=$(status batches) events=$(status events)
load $((best / 2)) || exit 1
batches=$(($(status batches) - batches)) events=$(($(status events) - events)) journaled=$(status events)

# Until the line that tells of the replay, the start of the process included.
kill "$daemon" && wait "$daemon"
began=$(date +%s%N)
"$build/gcxvm" --log-level info "$dir/gcx.conf" 2>"$dir/replay.log" &
daemon=$!
until grep -q 'batches replayed' "$dir/replay.log"; do kill -0 "$daemon" 2>/dev/null || exit 1; sleep 0.02; done
took=$(($(date -d "$(grep 'batches replayed' "$dir/replay.log" | cut -d ' ' -f 1)" +%s%N) - began))

kill "$daemon" && wait "$daemon"
daemon=''
case ${2-sqlite} in sqlite) records=sqlite:$dir/records.db ;; postgres) records="$pg_conninfo" ;; esac
began=$(date +%s%N)
"$build/gcxrecords" --once "$dir/gcx.conf" "$records" 2>"$dir/records.log" || { cat "$dir/records.log" >&2; exit 1; }
wrote=$(($(date +%s%N) - began))
count_ended='select count(*) from interactions'
case ${2-sqlite} in sqlite) ended=$(sqlite3 "$dir/records.db" "$count_ended") ;; postgres) ended=$(pg_sql -c "$count_ended") ;; esac
echo "$best $(value decision p50_us) $(value decision p99_us) $(value decision p999_us) $((batches / 4))" \
    "$(awk -v e="$events" -v b="$batches" 'BEGIN {printf "%.1f", e / b}') $((journaled * 1000000000 / took)) $((ended * 1000000000 / wrote))"
