#!/bin/sh
# tests/flows/sim_players.sh - One scenario, two players: what holds under the virtual clock holds over the wire, with
# gcxvm, the T-Server, a switch and desktops in processes of their own.
set -u
dir=$(mktemp -d /tmp/gcx-players-XXXXXX)
flow=$dir/flow
vm= sim= failures=0

cleanup() {
    trap - EXIT
    for pid in $sim $vm; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
    rm -rf "$dir"
    exit "$1"
}
trap 'cleanup 1' EXIT INT TERM

# Imports are looked for beside the file. The other scenario has a site of its own.
mkdir "$flow"
cp "$top_srcdir"/strategies/enterprise/*.gcx "$top_srcdir"/strategies/enterprise/*.sql "$top_srcdir/tests/flows/sim_players.gcx" "$flow"
image=$dir/players.gcxb
"$top_builddir/gcxc" build "$flow/sim_players.gcx" -o "$image" || cleanup 1
"$top_builddir/gcxc" test "$flow/sim_players.gcx" || failures=$((failures + 1))
palette=$top_srcdir/tests/language/play-palette.gcx
"$top_builddir/gcxc" build --site "$palette" "$palette" -o "$dir/palette.gcxb" || cleanup 1

virtual=$("$top_builddir/gcxsim" list "$image" | grep -c 'virtual only')
[ "$virtual" = 2 ] || { echo "FAILED: two tests are virtual only, not $virtual"; failures=$((failures + 1)); }

# play IMAGE NAME: its people and rows into a directory and a database, a daemon on them, and the test over the wire.
play() {
    home=$dir/play; rm -rf "$home"; mkdir "$home"
    "$top_builddir/gcxsim" provision "$1" --test "$2" --directory "$home/directory.sql" --database "$home/customers.db" \
        --schema "$flow/customers.sql" || return 1
    "$top_builddir/gcxsim" switch --play "$1" --test "$2" --port-file "$home/switch.port" --cti-port-file "$home/cti.port" \
        --admin "$home/state/admin.sock" --limit 180s --grace 10s >"$home/sim.log" 2>&1 &
    sim=$!
    tries=0; until [ -s "$home/switch.port" ] || [ $tries = 1800 ]; do sleep 0.05; tries=$((tries + 1)); done
    cat >"$home/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$1"}
plugins    = "$top_builddir/.libs"
source customers { database = "customers.db" }
adapter tserver  { switch = "127.0.0.1:$(cat "$home/switch.port")" port_file = "$home/cti.port" }
CONF
    "$top_builddir/gcxvm" "$home/gcx.conf" 2>"$home/gcxvm.log" &
    vm=$!
    wait "$sim"; status=$?; sim=
    kill "$vm"; wait "$vm"; ended=$?; vm=
    tail -n 1 "$home/sim.log"
    if [ $status != 0 ] || [ $ended != 0 ]; then
        echo "FAILED: \"$2\": gcxsim ended with $status, gcxvm with $ended"
        tail -n 60 "$home/sim.log"; tail -n 60 "$home/gcxvm.log"
        return 1
    fi
}

for played in "$image" "$dir/palette.gcxb"; do
    "$top_builddir/gcxsim" list "$played" >"$dir/list"
    while IFS='	' read -r place name how; do
        [ "$how" = wire ] || { echo "$name: $how"; continue; }
        play "$played" "$name" </dev/null || failures=$((failures + 1))
    done <"$dir/list"
done
[ "$failures" = 0 ] || { echo "$failures failed"; cleanup 1; }
cleanup 0
