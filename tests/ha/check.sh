#!/bin/bash
# tests/ha/check.sh [ROUNDS [CALLS [FAULT...]]] - `make check-ha`: tests/faults/cluster on three machines under Patroni with
# etcd, begun from the files of examples/ha. The first server's process is killed, its machine is, it is stopped and goes
# on, another one leads by order: each time the longest gap between two acknowledgements of the leading gcxvm is told, and
# the books are looked at. The leading gcxvm is killed. Strangers are refused, and certificates replaced. An administrator
# empties synchronous_standby_names, changes the password, puts the site back.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
top_srcdir=${top_srcdir-$(cd "$(dirname "$0")/../.." && pwd)} top_builddir=${top_builddir-$top_srcdir/build}
servers_file=$top_srcdir/tests/ha/patroni.sh
[ $# -gt 0 ] || set -- 9 30
[ $# -gt 2 ] || set -- "$1" "${2-30}" postmaster machine paused switchover kill certificates emptied password restore
. "$top_srcdir/tests/faults/cluster" "$@"
