#!/bin/bash
# tests/flows/postgres_lists.sh - The tests of the calling lists (tests/unit/lists_*.c) and of their dialer against a real
# PostgreSQL server, which they stop and start.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
[ -x "$top_builddir/tests/unit/lists_import" ] || exit 77
. "$top_srcdir/tests/flows/postgres_common.sh"
trap 'pg_end' EXIT
trap 'exit 1' INT TERM
pg_begin || exit 1
pg_control
status=0
for tests in lists_import lists_fetch lists_persons lists_change lists_forget dialer_wire; do
    GCX_PG_CONNINFO=$pg_conninfo GCX_PG_CONTROL=$pg_dir/control \
        timeout -k 5 800 "$top_builddir/tests/unit/$tests" -j1 >"$pg_dir/out" 2>&1 || status=1
    cat "$pg_dir/out"
done
[ $status = 0 ] || tail -n 20 "$pg_dir/log"
exit $status
