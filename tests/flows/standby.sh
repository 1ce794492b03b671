#!/bin/bash
# tests/flows/standby.sh - A second gcxvm follows the first one's journal in PostgreSQL, from an empty state folder. The
# first is killed while calls wait: the second leads, with each call in its place.
. "$top_srcdir/tests/flows/standby_common.sh"
server
pg_standby || die "the standby of the database does not start"
build_flow "$top_srcdir/tests/flows/postgres_leads.gcx"
clock_stands 2
answer=3
begin_cluster "calls wait while others lead"
await are_waiting 3
rows >"$dir/before"
node_start second
await follows second
await in_step

echo "the first is killed"
node_kill first
await leads second
rows >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting calls are not where they were"
await node_logged second 'EventClient .*up=true agent=marie'
clock_runs
ready_now 7001
played
whole "at the end"
finish
