#!/bin/bash
# tests/flows/standby_faults.sh - Four rounds of tests/faults/cluster, while calls wait: the leader is stopped and wakes
# up deposed; its connections are cut; it dies while the database's copies stall, and the next one's take is committed
# late; one that leads alone is killed, and its adapters stand aside for those of the next one.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "$top_srcdir/tests/faults/cluster" 4 30 freeze cut late shot
