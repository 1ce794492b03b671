#!/bin/bash
# tests/flows/postgres_journal.sh - The tests of the journal's stores (tests/unit/journal_kept.h) with a real
# server, which they stop and start.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
[ -x "$top_builddir/tests/unit/journal_kinds" ] || exit 77
. "$top_srcdir/tests/flows/postgres_common.sh"
trap 'pg_end' EXIT
trap 'exit 1' INT TERM
pg_begin || exit 1
pg_control
status=0
for tests in journal_kinds journal_follow journal_leads; do
    GCX_PG_CONNINFO=$pg_conninfo GCX_PG_CONTROL=$pg_dir/control \
        timeout -k 5 800 "$top_builddir/tests/unit/$tests" -j1 >"$pg_dir/out" 2>&1 || status=1
    cat "$pg_dir/out"
done
[ $status = 0 ] || tail -n 20 "$pg_dir/log"
exit $status
