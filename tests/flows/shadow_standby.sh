#!/bin/bash
# tests/flows/shadow_standby.sh - A shadow begins beside the gcxvm that leads a journal in PostgreSQL. That gcxvm is killed and another
# one leads: who calls then is compared, too.
. "$top_srcdir/tests/flows/standby_common.sh"
[ -x "$top_builddir/gcxtwin" ] || cleanup 77
server
pg_standby || die "the standby of the database does not start"
build_flow "$top_srcdir/tests/flows/postgres_leads.gcx"
shadow=''
also_end() { [ -z "$shadow" ] || kill "$shadow" 2>/dev/null; cluster_end; }
clock_stops
alone='' begin_nodes "calls wait while others lead"
sed -i 's/priority += 50;/priority += 60;/' "$flow/enterprise.gcx"
"$gcxc" build "$flow/postgres_leads.gcx" -o "$dir/other.gcxb" || die "gcxc build"
node_start second
await follows second
await in_step
clock_stands 0.1
await are_waiting 1
"$gcxctl" --socket "$dir/first/admin.sock" shadow 1800 "$dir/other.gcxb" --json >"$dir/shadow" 2>"$dir/shadow.err" &
shadow=$!
await grep -q ' shadows ' "$dir/shadow.err"
node_kill first
await leads second
clock_stands 1
await are_waiting 3
await grep -q 'is away' "$dir/shadow.err"
ctl drain --cancel >/dev/null # answered when it is in the journal, and so all before it
kill -INT $shadow; wait $shadow; got=$?
shadow=''
[ $got = 1 ] && grep -q '"interactions": 2' "$dir/shadow" && grep -q '"same": 1' "$dir/shadow" && grep -q 'priority 60, ' "$dir/shadow" ||
    { say_failed "the shadow ended with $got"; cat "$dir/shadow" "$dir/shadow.err"; }
ready_now 7001
played
finish
