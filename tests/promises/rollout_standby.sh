#!/bin/bash
# The promise of rollout.sh through takeovers: two gcxvm share a journal in PostgreSQL, and the one that leads is killed
# each time; the other one goes on with both arms, and decides.
. "$top_srcdir/tests/flows/standby_common.sh"
server
lease_ms=5000 # a busy machine may stand still for a second or two
leader=first other=second
played_by() { begin_cluster "$@"; node_start second; await follows second; await in_step; }
dies() {
    await in_step
    node_kill $leader
    await leads $other
    : >"$dir/$leader.log"
    node_start $leader
    await follows $leader
    local was=$leader; leader=$other other=$was
}
all_die() { dies; }
. "$top_srcdir/tests/flows/rollout_common.sh"
finish
