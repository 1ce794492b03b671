#!/bin/sh
# An adapter that dies is a link that is down, and comes back. A daemon that dies finds its adapter again.
. "$top_srcdir/tests/flows/daemon_common.sh"

[ -f "$top_builddir/.libs/tserver.so" ] || exit 77
make_world 'adapter tserver { switch = "127.0.0.1:9" restart_ms = 300 }'
start
await link_is up
first=$(adapter_pid)
await logged "warning tserver switch: cannot connect: Connection refused"
expect '"service": "resync"' ctl status --json

# Neither of them is dumped; a build with a sanitizer allows it.
if ! grep -q -e __asan_init "$gcxvm" "$top_builddir/.libs/gcxvm" 2>/dev/null; then
    for pid in "$vm" "$first"; do
        grep -q '^Max core file size *0 *0 ' "/proc/$pid/limits" || say_failed "process $pid may be dumped"
    done
fi

kill -9 "$first"
await logged "LinkDown link=16 reason=closed"
back() { link_is up && [ -n "$(adapter_pid)" ] && [ "$(adapter_pid)" != "$first" ]; }
await back
second=$(adapter_pid)
expect "16  up" ctl status

# kill -9 of the daemon: its adapter lives on, and the next daemon takes it back with its link's number.
kill -9 "$vm"; wait "$vm" 2>/dev/null
kill -0 "$second" || say_failed "the adapter died with its daemon"
start
await link_is up
[ "$(adapter_pid)" = "$second" ] || say_failed "another adapter was started beside the one that lives"
expect "epoch 2" ctl status

# One that hangs is killed, and another started.
kill -9 "$vm"; wait "$vm" 2>/dev/null
kill -STOP "$second"
sed -i 's/restart_ms = 300/restart_ms = 300 linkless_s = 4/' "$dir/gcx.conf"
start
unhung() { link_is up && ! kill -0 "$second" 2>/dev/null; }
await unhung
expect "has had no link for 4 s" cat "$dir/log"
second=$(adapter_pid)

# With other settings it is started anew.
kill -9 "$vm"; wait "$vm" 2>/dev/null
sed -i 's/restart_ms = 300/restart_ms = 300 answer_timeout = 7/' "$dir/gcx.conf"
start
anew() { link_is up && [ -n "$(adapter_pid)" ] && [ "$(adapter_pid)" != "$second" ]; }
await anew
third=$(adapter_pid)
# Ctrl-C at a terminal goes to gcxvm alone, which asks its adapters to end: it is no word to them.
[ "$(ps -o pgid= -p "$third" | tr -d ' ')" = "$third" ] || say_failed "the adapter hears what is for the group of gcxvm"
stop 0
kill -0 "$third" 2>/dev/null && say_failed "the adapter outlived an end in order"

# Without leave to outlive it, it ends with the daemon.
sed -i 's/restart_ms = 300/restart_ms = 300 outlive_s = 0/' "$dir/gcx.conf"
start
await link_is up
fourth=$(adapter_pid)
kill -9 "$vm"; wait "$vm" 2>/dev/null
vm=
gone() { ! kill -0 "$fourth"; }
await gone
finish
