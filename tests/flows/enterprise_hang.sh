#!/bin/bash
# tests/flows/enterprise_hang.sh - The T-Server's process hangs while a call waits: its silence is a link that is down, the
# process is killed and started anew, and all that within the grace, so that the call keeps its place.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/enterprise_acts.gcx"
answer=5 # a new T-Server finds the call uninstructed, and a busy machine may need more than a second
conf_tserver='restart_ms = 200 linkless_s = 2 silent_s = 3'
begin "somebody learns French"
await are_waiting 1
rows >"$dir/before"
hung=$(adapter_pid)
kill -STOP "$hung"
await logged 'the link is down.*silent'
await logged "adapter process $hung .*killed"
back() { link_is_up && [ "$(adapter_pid)" != "$hung" ] && logged 'ResyncEnd ref='; }
await back
rows >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting call has lost its place"
echo "insert into agent_skill values ('paul', 'French', 9);" >>"$dir/directory.sql"
kill -HUP "$vm"
played
expect '1 routed, 0 abandoned, 0 defaulted' ctl status
stop
finish
