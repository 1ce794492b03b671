#!/bin/bash
# tests/ha/upgrade.sh - Part of `make check-ha`: a site goes to a gcxvm of the next semantics number while calls wait. That one
# is made here, in a copy of tree and build. It waits beside the leader, leads as soon as that has ended in order, and the
# older one is refused with the cure.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
top_srcdir=${top_srcdir-$(cd "$(dirname "$0")/../.." && pwd)} top_builddir=${top_builddir-$top_srcdir/build}
. "$top_srcdir/tests/flows/standby_common.sh"
[ "$(cd "$top_builddir/.." && pwd)" = "$(cd "$top_srcdir" && pwd)" ] || { echo "the build is not in a folder of the tree"; cleanup 77; }

echo "a gcxvm of the next semantics number is made"
next=$dir/next now=$(sed -n 's/^enum { SEMANTICS_NUMBER = \([0-9]*\) };$/\1/p' "$top_srcdir/runtime/vocabulary/semantics.h")
mkdir "$next" && tar -C "$top_srcdir" -c --exclude=.git --exclude='build-*' . | tar -C "$next" -x || die "the tree cannot be copied"
sed -i "s/SEMANTICS_NUMBER = $now/SEMANTICS_NUMBER = $((now + 1))/" "$next/runtime/vocabulary/semantics.h"
sed -i "s/^MIGRATION($((now - 1)), $now, \(.*\))/&\nMIGRATION($now, $((now + 1)), \1)/" "$next/runtime/core/migrations.def"
make -C "$next/${top_builddir##*/}" gcxvm >"$dir/made" 2>&1 || { tail -n 20 "$dir/made"; die "it cannot be made"; }
older=$gcxvm newer=$next/${top_builddir##*/}/gcxvm
newer_start() { gcxvm=$newer; node_start "$1"; gcxvm=$older; }

server
build_flow "$top_srcdir/tests/flows/postgres_leads.gcx"
clock_stands 2
answer=3
begin_cluster "calls wait while others lead"
await are_waiting 3
rows >"$dir/before"
newer_start second
await node_logged second "made by semantics number $now; this program replays only $((now + 1)), and goes on from a snapshot"
expect 'no other gcxvm follows' ctl handover
at=$(date +%s%N)
kill "${node_pid[first]}"; node_ends first 0
await leads second
echo "the next one led $((($(date +%s%N) - at) / 1000000)) ms after the leader was told to end"
rows >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting calls are not where they were"
: >"$dir/first.log"
node_start first
node_ends first 3
node_logged first 'start the gcxvm that made it, or a later one' || say_failed "the older one was not told the cure"
newer_start first
await follows first
await in_step
await handed_over
node_ends second 7
await leads first
rows >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting calls are not where they were after the handover"
whole "at the end"
await node_logged first 'EventClient .*up=true agent=marie' # else her desktop's return makes her not ready again
clock_runs
ready_now 7001
played
finish
