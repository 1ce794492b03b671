#!/bin/bash
# tests/flows/standby_faults.sh - Three rounds of tests/faults/cluster: the leader is stopped and wakes up deposed, its
# connections are cut, and it is killed, while calls wait.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "$top_srcdir/tests/faults/cluster" 3 30 freeze cut kill
