#!/bin/sh
# tests/flows/sim_cli.sh - gcxsim's command line: help, exit codes, files that are not as they should be, signals.
set -u
gcxsim=$top_builddir/gcxsim
dir=$(mktemp -d /tmp/gcx-simcli-XXXXXX)
failures=0 pid=

cleanup() {
    trap - EXIT
    [ -z "$pid" ] || { kill "$pid"; wait "$pid"; } 2>/dev/null
    rm -rf "$dir"
    exit "$1"
}
trap 'cleanup 1' EXIT INT TERM

# expect CODE TEXT ARGUMENT...: gcxsim ends so, and says so.
expect() {
    code=$1 text=$2; shift 2
    output=$("$gcxsim" "$@" 2>&1); got=$?
    if [ "$got" != "$code" ]; then echo "FAILED: gcxsim $* ended with $got, not $code"; failures=$((failures + 1)); fi
    case $output in *"$text"*) ;; *) echo "FAILED: gcxsim $* should say: $text"; echo "$output"; failures=$((failures + 1)) ;; esac
}

expect 0 'usage: gcxsim' --help
expect 0 'gcxsim 0' --version
expect 2 'which mode'
expect 2 'no such mode' dance
expect 2 'unrecognized option' call --loud
expect 2 'needs an image' list
expect 2 'one argument too many' switch here
expect 2 'clients' call
expect 2 'not a duration' call --cti 127.0.0.1:1 --answers soon
expect 2 '--calls takes a whole number' load --cti 127.0.0.1:1 --calls many
expect 2 "'soon' says no arrivals" load --cti 127.0.0.1:1 --arrivals soon
expect 2 '--arrivals takes 120/h or profile' load --cti 127.0.0.1:1 --arrivals 'every(30s)'
expect 2 'is not lognormal(MEAN, DEVIATION)' load --cti 127.0.0.1:1 --handles 'lognormal(4m)'
expect 2 '--schema' provision x.gcxb --database "$dir/db"
expect 1 'cannot read' list "$dir/none.gcxb"
echo nonsense >"$dir/bad.gcxb"
expect 1 'gcxsim: ' list "$dir/bad.gcxb"
expect 1 'cannot read' load --cti 127.0.0.1:1 --agents "$dir/none"
printf 'marie 7001\npaul\n' >"$dir/agents"
expect 1 'agents:2: a line is' load --cti 127.0.0.1:1 --agents "$dir/agents"
printf 'marie secret\npaul' >"$dir/passwords" && chmod 600 "$dir/passwords"
expect 1 'is no agent and password' load --cti 127.0.0.1:1 --passwords "$dir/passwords" --wait 200ms --calls 1
echo 'create tabel dn;' >"$dir/directory.sql"
expect 1 'syntax error' load --cti 127.0.0.1:1 --directory "$dir/directory.sql"
echo 'create table dn (number text, type text);' >"$dir/directory.sql" # without queues, as gcxvm takes it
expect 1 'no T-Server' load --cti 127.0.0.1:1 --directory "$dir/directory.sql" --wait 200ms --calls 1
echo 'create table queue (name text);' >"$dir/directory.sql"
expect 1 'no such column: dn' load --cti 127.0.0.1:1 --directory "$dir/directory.sql"
expect 1 'is not an address' load --cti 127.0.0.1:1 --listen nowhere
expect 1 'no T-Server' load --cti 127.0.0.1:1 --wait 200ms --calls 1

# What an image says of its tests stays what it is: a title in its comment, and each column of a row a column of the table.
echo 'create table customer (name text);' >"$dir/c.sql"
cat >"$dir/t.gcx" <<'GCX'
site { queue desk; source customers schema "c.sql"; }
strategy s on voice { let n = query customers value str `select name from customer where name = {ani}` else "none"; stop "{n}"; }
test "one\ninsert into agent values ('x', 'y');" {
    agent marie ready;
    query customers -> ["name\") select 'y' --": "x"];
    call s from "1" to "1800";
}
GCX
"$top_builddir/gcxc" build --site "$dir/t.gcx" "$dir/t.gcx" -o "$dir/t.gcxb" || failures=$((failures + 1))
expect 0 '' provision "$dir/t.gcxb" --directory "$dir/t.sql"
grep -q "^-- Made by .* \"one insert into agent values ('x', 'y');\"\.$" "$dir/t.sql" || { head -3 "$dir/t.sql"; failures=$((failures + 1)); }
expect 1 'a row for customer' provision "$dir/t.gcxb" --directory "$dir/t.sql" --database "$dir/t.db" --schema "$dir/c.sql"

# A limit is told with its option, its number and what to do.
expect 2 '--calls takes a whole number from 0 to 45000; for more, start gcxsim several times, not 100000' load --calls 100000
expect 2 '--people takes a whole number from 0 to 5000, not 6000' load --people 6000
for rate in -1 100001 0.1234 . 1. .5 1e3 nan 100000.001; do
    expect 2 "--rate takes a number from 0 to 100000, such as 100 or 0.5, with at most" load --rate "$rate"
done

# What was a mode says where it is.
expect 2 'campaign is no mode any more: a build of the source has it as tests/proving/gcxproving' campaign --seeds 3

# A switch is there until it is told to go; then it goes in order.
"$gcxsim" switch --quiet --port-file "$dir/port" & pid=$!
tries=0; until [ -s "$dir/port" ] || [ $tries = 1800 ]; do sleep 0.05; tries=$((tries + 1)); done
expect 1 'cannot listen' load --cti 127.0.0.1:1 --listen "127.0.0.1:$(cat "$dir/port")"
kill "$pid"; wait "$pid"; got=$?; pid=
[ $got = 0 ] || { echo "FAILED: the switch ended with $got on SIGTERM"; failures=$((failures + 1)); }

[ $failures = 0 ] || { echo "$failures failed"; cleanup 1; }
cleanup 0
