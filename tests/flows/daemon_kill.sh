#!/bin/sh
# kill -9 of gcxvm with calls waiting for an agent: the next one finds them where they were. kill -9 of the adapter too:
# its successor finds the calls at the switch by their ConnIDs. All are routed, whatever died.
. "$top_srcdir/tests/flows/daemon_common.sh"

[ -x "$gcxsim" ] && [ -x "$gcxc" ] || exit 77
calls=16

"$gcxc" build "$enterprise/enterprise.gcx" -o "$dir/enterprise.gcxb" || cleanup 1
clock_stands 0.5 # all have come, and wait
play_calls "$calls" 400ms 'marie 7001' 'jean 7003'

start
arrived() { [ "$(ctl interactions --json | grep -c '"step": "select"')" -ge $((calls / 2)) ]; }
await arrived
kill -9 "$vm"; wait "$vm" 2>/dev/null
start
await logged "batches replayed" || say_failed "nothing was replayed"
expect "epoch 2" ctl status
[ "$(sed -n 's/.*epoch 2.* \([0-9]*\) interactions live/\1/p' "$dir/log")" -ge $((calls / 3)) ] ||
    say_failed "the waiting calls were not found again"

await link_is up
first=$(adapter_pid)
kill -9 "$first"
back() { link_is up && [ "$(adapter_pid)" != "$first" ]; }
await back
expect "RESTARTS" ctl status
waiting() { ctl interactions --json | grep -q '"step": "select"'; }
waiting || say_failed "nobody waited when the adapter came back"
clock_runs

wait "$sim"; got=$?; sim=
[ "$got" = 0 ] || { say_failed "gcxsim ended with $got"; cat "$dir/result" "$dir/sim.log"; }
expect "$calls routed, 0 abandoned, 0 defaulted" ctl status
stop 0
finish
