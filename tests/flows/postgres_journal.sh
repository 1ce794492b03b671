#!/bin/bash
# tests/flows/postgres_journal.sh - The tests of the journal's stores (tests/unit/journal_kinds.c) with a real
# server, which they stop and start.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
tests=$top_builddir/tests/unit/journal_kinds
[ -x "$tests" ] || exit 77
. "$top_srcdir/tests/flows/postgres_common.sh"
trap 'pg_end' EXIT
trap 'exit 1' INT TERM
pg_begin || exit 1
pg_control
GCX_PG_CONNINFO=$pg_conninfo GCX_PG_CONTROL=$pg_dir/control timeout -k 5 800 "$tests" -j1 >"$pg_dir/out" 2>&1
status=$?
cat "$pg_dir/out"
[ $status = 0 ] || tail -n 20 "$pg_dir/log"
exit $status
