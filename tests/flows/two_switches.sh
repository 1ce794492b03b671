#!/bin/bash
# Two switches at one gcxvm, with a T-Server each: a call that comes in at the north is not for an agent whose telephone is
# at the south, and that is told in the log, in the status and by gcxctl why; the same extension at both logs nobody out.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null || exit 77
switches='' desks=''
also_end() { for pid in $switches $desks; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done; }
build_flow "$top_srcdir/tests/flows/two_switches.gcx"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('French');
insert into agent values ('anna', 'Anna'), ('bert', 'Bert');
insert into agent_skill values ('anna', 'French', 9), ('bert', 'French', 9);
insert into dn (number, type) values ('7001', 'extension'), ('1800', 'routing_point'), ('5000', 'queue');
insert into queue values ('desk', '5000');
insert into routing_point (dn, strategy, defaults) values ('1800', 'reached', '5000');
SQL
"$gcxsim" call --wait 120s --listen 127.0.0.1:0 --port-file "$dir/north.port" --cti-port-file "$dir/north.cti" --admin "$dir/state/admin.sock" \
    --directory "$dir/directory.sql" --from +33145550101 --to 1800 --handles 1s --limit 300s >"$dir/sim.log" 2>&1 &
sim=$!
"$gcxsim" switch --listen 127.0.0.1:0 --port-file "$dir/south.port" --directory "$dir/directory.sql" >"$dir/south.log" 2>&1 &
switches=$!
await test -s "$dir/north.port" && await test -s "$dir/south.port"
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter south { plugin = "$top_builddir/.libs/tserver.so" switch = "127.0.0.1:$(cat "$dir/south.port")" port_file = "$dir/south.cti" restart_ms = 200 }
adapter north { plugin = "$top_builddir/.libs/tserver.so" switch = "127.0.0.1:$(cat "$dir/north.port")" port_file = "$dir/north.cti" restart_ms = 200 }
CONF
"$gcxvm" "$dir/gcx.conf" >>"$dir/gcxvm.log" 2>&1 &
vm=$!
both_are_up() { [ "$(ctl status --json | grep -c '"state": "up"')" = 2 ]; }
await both_are_up
timeout 800 python3 "$top_srcdir/tests/flows/two_switches.py" "$dir" >"$dir/desks.log" 2>&1 &
desks=$!
await test -e "$dir/bert.ready"

# Bert is ready, and matches. The call waits, for its switch cannot reach him.
await are_waiting 1
ixn=$(ixn_of +33145550101)
await logged 'whoever matches is logged in at a telephone of another link alone'
expect 'OUT OF REACH  [1-9]' ctl status
expect "bert .*has no telephone at the call's switch" ctl why "$ixn"
state_of() { ctl agents --json | awk -v name="\"$1\"," '$1 == "\"name\":" {is = $2 == name} is && $1 == "\"state\":" {gsub(/[",]/, "", $2); print $2; exit}'; }
[ "$(state_of bert)" = ready ] || say_failed "Bert is $(state_of bert)"

# Anna logs in at the north, at the extension that Bert has at the south: the call is hers, and he stays.
: >"$dir/anna.comes"
await test -e "$dir/anna.talks"
expect '^anna was chosen at ' ctl why "$ixn"
[ "$(state_of bert)" = ready ] || say_failed "Bert is $(state_of bert)"
! grep -q Delivered "$dir/south.log" || say_failed "a call came to the south"
: >"$dir/over"
wait "$desks" || { say_failed "the desktops"; cat "$dir/desks.log"; }
kill_sim() { kill "$sim"; wait "$sim"; } 2>/dev/null
kill_sim
sim=''
stop
finish
