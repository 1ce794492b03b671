#!/bin/bash
# tests/flows/matrix_disk.sh - The disk under the journal fails in the middle of load: no space, an error. The core ends
# with its code and acknowledges nothing more, calls go on to their default destinations; and the next core has all that
# was acknowledged. The disk under the customers fails: calls are routed without what it knows.
waits=60s rings=15s
. "$top_srcdir/tests/flows/matrix_common.sh"
fault_disk=$top_builddir/tests/flows/.libs/fault_disk.so
[ -e "$fault_disk" ] || exit 77
cat >"$dir/gcxvm" <<SH
#!/bin/sh
export FAULT_DISK="$dir/fault" ASAN_OPTIONS="\${ASAN_OPTIONS:+\$ASAN_OPTIONS:}verify_asan_link_order=0"
LD_PRELOAD=$fault_disk exec "$gcxvm" "\$@"
SH
chmod +x "$dir/gcxvm"
gcxvm=$dir/gcxvm
fault() { echo "$*" >"$dir/fault.new" && mv "$dir/fault.new" "$dir/fault"; }
# ended_by TEXT: the core, for that reason.
ended_by() {
    wait "$vm"; local got=$?
    vm=''
    [ $got = 4 ] || say_failed "gcxvm ended with $got, not 4"
    await logged "$1" || say_failed "the log does not say: $1"
    rm "$dir/fault"
}
of_load() { tr -d ' \n' <"$dir/load" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
at_least() { [ "$(ctl status --json | sed -n "s/^ *\"$1\": \([0-9]*\).*/\1/p" | head -n 1)" -ge "$2" ]; }

echo "no space, in the middle of load"
provision "they talk for long"
sed -i "/into \"routing_point\"/s/10, 60/1, 1/" "$dir/directory.sql"
{ cat "$dir/directory.sql"; sed 's/i < 60/i < 20/' "$enterprise/crowd.sql"; } >"$dir/crowd.sql" && mv "$dir/crowd.sql" "$dir/directory.sql"
for i in $(seq 1 20); do printf 'a%03d %d\n' "$i" $((8000 + i)); done >"$dir/agents"
"$gcxsim" load --wait 120s --listen 127.0.0.1:0 --port-file "$dir/switch.port" --cti-port-file "$dir/cti.port" --admin "$dir/state/admin.sock" \
    --directory "$dir/directory.sql" --agents "$dir/agents" --rate 5 --calls 60 --digits 4711,2 --digits 4712,1 --handles 1s \
    --queue 1s --desk 500ms --limit 120s --json >"$dir/load" 2>"$dir/sim.log" &
sim=$!
await test -s "$dir/switch.port"
configure
start
await at_least routed 5
fault write journal.db-wal 28
ended_by 'journal'
in_default() { grep -q 'tserver.*RouteDefault' "$dir/gcxvm.log"; }
await in_default
restarted
routed=$(ctl status --json | sed -n 's/^ *"routed": \([0-9]*\).*/\1/p' | head -n 1)
await at_least routed $((routed + 5))
wait "$sim" || say_failed "a call has come to no known end: $(cat "$dir/load" "$dir/sim.log")"
sim=''
[ $(($(of_load routed) + $(of_load queued) + $(of_load defaulted))) = 60 ] || say_failed "some got lost: $(cat "$dir/load")"
settled
stop

echo "an error of the disk, while data are attached"
begin "they talk for long"
await are_waiting 2
ready_now 7001
await simulated 'Established callID=1 '
conn=$(of +33145550101 2) ixn=$(of +33145550101 1)
exec 6<>"/dev/tcp/127.0.0.1/$(cat "$dir/cti.port")"
echo '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' >&6
# attach NUMBER: succeeds where it is acknowledged.
attach() {
    local line
    echo '{"Message":"RequestUpdateUserData","ReferenceID":'$((1000 + $1))',"ThisDN":"7001","ConnID":"'"$conn"'","UserData":{"note":'"$1"'}}' >&6
    while read -r -t 60 -u 6 line; do
        [[ $line == *'"ReferenceID":'$((1000 + $1))[,}]* ]] || continue
        [[ $line == *'"EventAttachedDataChanged"'* ]]; return
    done
    return 1
}
kept=0
for n in $(seq 1 200); do
    [ "$n" != 20 ] || fault sync journal.db-wal 5
    attach "$n" || break
    kept=$n
done
exec 6>&-
[ "$kept" -ge 19 ] && [ "$kept" -lt 200 ] || say_failed "$kept changes were acknowledged"
ended_by 'journal'
restarted
expect "note *$kept\$\|note *$((kept + 1))\$" ctl data "$ixn"
await are_waiting 1
desk_is_there() { [ "$(of +33145550101 6)" = agent ]; }
await desk_is_there
serve marie
played
offered_once
settled 2
stop

echo "the customers cannot be read"
fault read customers.db 5
clock_stands 5
begin "the customers cannot be read"
first() { ctl interactions --json | grep -q '"outcome": "routed"'; }
await first
rm "$dir/fault"
clock_runs
expect 'EventDone unavailable' ctl trace "$(ixn_of +33145550101)"
await logged 'EventError.*code=unavailable .*disk I/O error' || say_failed "the log does not say why: $(grep EventError "$dir/gcxvm.log")"
played
expect 'priority 50' ctl trace "$(ixn_of +33145550102)"
expect '2 routed, 0 abandoned, 0 defaulted' ctl status
settled 2
stop
finish
