#!/bin/sh
# tests/flows/record_wire.sh - A recording over the wire: the switch records, the T-Server tells where it lies, the
# strategy keeps that in the mailbox, also where another daemon goes on with the journal. A caller who says nothing
# and a switch that refuses are told as they are.
set -u
dir=$(mktemp -d /tmp/gcx-record-XXXXXX)
vm= sim= failures=0

cleanup() {
    trap - EXIT
    for pid in $sim $vm; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
    rm -rf "$dir"
    exit "$1"
}
trap 'cleanup 1' EXIT INT TERM

record=$top_srcdir/tests/language/play-record.gcx
image=$dir/record.gcxb
"$top_builddir/gcxc" build --site "$record" "$record" -o "$image" || cleanup 1

# play NAME [PATTERN]: a daemon on an empty mailbox, and the test over the wire. Once the simulator's log has the pattern, the
# daemon is killed, and another one goes on with its journal.
play() {
    home=$dir/play; rm -rf "$home"; mkdir "$home"
    "$top_builddir/gcxsim" provision "$image" --test "$1" --directory "$home/directory.sql" --database "$home/mailbox.db" \
        --schema "$top_srcdir/tests/language/mailbox.sql" || return 1
    "$top_builddir/gcxsim" switch --play "$image" --test "$1" --port-file "$home/switch.port" \
        --cti-port-file "$home/cti.port" --admin "$home/state/admin.sock" --wait 120s --limit 180s --grace 10s >"$home/sim.log" 2>&1 &
    sim=$!
    tries=0; until [ -s "$home/switch.port" ] || [ $tries = 1800 ]; do sleep 0.05; tries=$((tries + 1)); done
    cat >"$home/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
source mailbox  { database = "mailbox.db" write = true }
adapter tserver { switch = "127.0.0.1:$(cat "$home/switch.port")" port_file = "$home/cti.port" }
CONF
    "$top_builddir/gcxvm" "$home/gcx.conf" 2>"$home/gcxvm.log" &
    vm=$!
    if [ $# = 2 ]; then
        tries=0; until grep -q "$2" "$home/sim.log" || [ $tries = 1800 ]; do sleep 0.05; tries=$((tries + 1)); done
        kill -9 "$vm"; wait "$vm" 2>/dev/null
        "$top_builddir/gcxvm" "$home/gcx.conf" 2>"$home/gcxvm.log" &
        vm=$!
    fi
    wait "$sim"; status=$?; sim=
    kill "$vm"; wait "$vm"; ended=$?; vm=
    tail -n 1 "$home/sim.log"
    [ $status = 0 ] && [ $ended = 0 ] && return 0
    echo "FAILED: \"$1\": gcxsim ended with $status, gcxvm with $ended"
    tail -n 60 "$home/sim.log"; tail -n 60 "$home/gcxvm.log"
    return 1
}

# holds WHAT PATTERN: the daemon's log tells it.
holds() {
    grep -q "$2" "$home/gcxvm.log" && return
    echo "FAILED: $1"; cat "$home/gcxvm.log"
    failures=$((failures + 1))
}

play "what the caller says is recorded, and its reference kept" || failures=$((failures + 1))
holds "the event carries the reference" \
    'EventTreatmentEnd .*recording={store=recordings key=1 length=96000 sha256=53fc3cb3312d0abf.* media_type=audio/basic}'
holds "the statement binds its text" 'Query .*recordings/1'
play "what the caller says is recorded, and its reference kept" 'type=PlayAnnouncement prompt=thanks' ||
    failures=$((failures + 1))
holds "the journal has it" 'epoch 2, .* batches replayed'
holds "what was recorded before is bound after" 'Query .*recordings/1'
play "a caller who says nothing" || failures=$((failures + 1))
play "the switch cannot record" || failures=$((failures + 1))
[ "$failures" = 0 ] || { echo "$failures failed"; cleanup 1; }
cleanup 0
