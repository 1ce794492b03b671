#!/bin/bash
# tests/flows/select_wire.sh - Over the wire: a wait that ends by its condition, which gcxctl why tells and which is
# kept over a restart, and what the agent alone hears first.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/select_wire.gcx"
"$gcxc" test "$flow/select_wire.gcx" || say_failed "gcxc test"
begin "until, then whispered"
await are_waiting 1
ctl why "$(ixn_of +33145550101)" >"$dir/why" || say_failed "gcxctl why"
grep -q ' until' "$dir/why" || { say_failed "why should tell what ends the wait"; cat "$dir/why"; }
kill_core
restarted
played
stop
finish
