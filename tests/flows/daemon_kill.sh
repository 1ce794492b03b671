#!/bin/sh
# kill -9 of gcxvm with calls waiting for an agent: the next one finds them where they were. kill -9 of the adapter too:
# its successor finds the calls at the switch by their ConnIDs. All are routed, whatever died.
. "$top_srcdir/tests/flows/daemon_common.sh"

gcxsim=$top_builddir/gcxsim
gcxc=$top_builddir/gcxc
enterprise=$top_srcdir/strategies/enterprise
[ -x "$gcxsim" ] && [ -x "$gcxc" ] || exit 77
calls=16

# There is no customer database: who calls is unknown, and the call is routed all the same.
"$gcxc" build "$enterprise/enterprise.gcx" -o "$dir/enterprise.gcxb" || cleanup 1
cp "$enterprise/directory.sql" "$dir/directory.sql"
printf 'marie 7001\njean 7003\n' >"$dir/agents"
"$gcxsim" load --calls "$calls" --rate 100 --digits 4711,2 --handles 400ms --listen 127.0.0.1:0 \
    --port-file "$dir/switch" --cti-port-file "$dir/clients" --admin "$dir/state/admin.sock" \
    --directory "$dir/directory.sql" --agents "$dir/agents" --quiet --json >"$dir/result" 2>"$dir/sim.log" &
sim=$!
also_end() { [ -z "$sim" ] || { kill "$sim"; wait "$sim"; } 2>/dev/null; }
within 10 test -s "$dir/switch" || cleanup 1
cat >"$dir/gcx.conf" <<CONF
directory = "directory.sql"
strategies = {"enterprise.gcxb"}
plugins = "$top_builddir/.libs"
source customers { database = "customers.db" }
adapter tserver { switch = "127.0.0.1:$(cat "$dir/switch")" port_file = "$dir/clients" }
CONF

start
arrived() { [ "$(ctl interactions --json | grep -c '"step": "select"')" -ge $((calls / 2)) ]; }
within 20 arrived
kill -9 "$vm"; wait "$vm" 2>/dev/null
start
logged "batches replayed" || say_failed "nothing was replayed"
expect "epoch 2" ctl status
[ "$(sed -n 's/.*epoch 2.* \([0-9]*\) interactions live/\1/p' "$dir/log")" -ge $((calls / 3)) ] ||
    say_failed "the waiting calls were not found again"

within 10 link_is up
first=$(adapter_pid)
kill -9 "$first"
back() { link_is up && [ "$(adapter_pid)" != "$first" ]; }
within 10 back
expect "RESTARTS" ctl status
waiting() { ctl interactions --json | grep -q '"step": "select"'; }
waiting || say_failed "nobody waited when the adapter came back"

wait "$sim"; got=$?; sim=
[ "$got" = 0 ] || { say_failed "gcxsim ended with $got"; cat "$dir/result" "$dir/sim.log"; }
expect "$calls routed, 0 abandoned, 0 defaulted" ctl status
stop 0
finish
