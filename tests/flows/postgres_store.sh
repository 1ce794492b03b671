#!/bin/bash
# tests/flows/postgres_store.sh - The tests of the contact store (tests/unit/store_*.c) against a real PostgreSQL server,
# which they stop and start, and that of the items of before the post office (tests/unit/postbook.c). Then a person is erased from the store and from calling lists there by the tools, which get
# the connection string by the standard input.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
[ -x "$top_builddir/tests/unit/store_put" ] || exit 77
. "$top_srcdir/tests/flows/postgres_common.sh"
trap 'pg_end' EXIT
trap 'exit 1' INT TERM
pg_begin || exit 1
pg_control
status=0
for tests in store_put store_find store_who store_rings store_quality; do
    GCX_PG_CONNINFO=$pg_conninfo GCX_PG_CONTROL=$pg_dir/control \
        timeout -k 5 800 "$top_builddir/tests/unit/$tests" -j1 >"$pg_dir/out" 2>&1 || status=1
    cat "$pg_dir/out"
done
fail() { echo "failed: $1"; cat "$pg_dir/out"; status=1; }
pg_sql -c 'drop schema public cascade; create schema public' >/dev/null 2>&1
printf 'number,customer\n01 45 55 01 01,Bauer\n+33 1 45 55 01 02,Other\n' >"$pg_dir/people.csv"
"$top_builddir/gcxlists" --country FR --zone Europe/Paris import "$pg_conninfo" people "$pg_dir/people.csv" >"$pg_dir/out" 2>&1 || fail import
rm "$pg_dir/people.csv"
"$top_builddir/gcxstore" migrate "$pg_conninfo" >"$pg_dir/out" 2>&1 || fail "gcxstore migrate"
# The plugin sms' own tables of before the post office, of SQLite, as PostgreSQL has them: the book takes them over.
grep -E '^(INSERT INTO (contacts|addresses|interactions|messages|(gcx_)?sms[a-z_]*|sqlite_sequence) |CREATE TABLE (gcx_)?sms)' \
    "$top_srcdir/tests/unit/golden/sms_7.sql" | sed "s/INTEGER PRIMARY KEY AUTOINCREMENT/BIGSERIAL PRIMARY KEY/; s/INTEGER/BIGINT/g; /INTO messages/s/NULL,NULL);$/DEFAULT,NULL);/
    s/INSERT INTO sqlite_sequence VALUES('\([a-z_]*\)',\([0-9]*\))/SELECT setval(pg_get_serial_sequence('\1', 'id'), \2)/" |
    pg_sql >"$pg_dir/out" 2>&1 || fail "the tables of before"
GCX_PG_CONNINFO=$pg_conninfo "$top_builddir/tests/unit/postbook" --filter '*/a_book_of_the_plugin_before_goes_on' >"$pg_dir/out" 2>&1 ||
    fail "the book does not take over what PostgreSQL has of before"
pg_sql -c 'truncate contacts, addresses, interactions, messages, post_came, post_pieces, post_out, post_names' >"$pg_dir/out" 2>&1 || fail truncate
pg_sql >"$pg_dir/out" 2>&1 <<'SQL' || fail "a contact"
insert into contacts values (7, '', 'Anna Bauer', 1, 1, null, null), (8, '', 'Other', 1, 1, null, null);
insert into addresses values ('', 'phone', '+33145550101', '01 45', 7, 1), ('', 'email', 'other@x.org', 'other@x.org', 8, 1);
insert into post_memos(kind, owner, name, person, saved, changed) values ('callback', '1/chat', 'a', '+33145550101', '{}', 1);
insert into interactions(id, tenant, media, external_id, contact, direction, thread, address, subject, received, messages)
    values (3, '', 'email', '<1@bauer>', 7, 'in', 3, 'bauer@x.org', 'kettle', 1, 1);
insert into messages(id, interaction, n, msg_id, at, role, sender, kind, visible, subject, text)
    values (1, 3, 1, '<1@bauer>', 1, 'customer', 'Bauer', 'text', 'all', 'kettle', 'it leaks');
SQL
printf '%s\n%s\n' "$pg_conninfo" '+33 (0)1 45 55 01 01' | "$top_builddir/gcxlists" --country FR forget - - >"$pg_dir/out" 2>&1 &&
    grep -q '1 records are erased' "$pg_dir/out" || fail "gcxlists forget"
printf '%s\n%s\n' "$pg_conninfo" '+33 1 45 55 01 01' | "$top_builddir/gcxstore" withdraw - - >"$pg_dir/out" 2>&1 &&
    grep -q '^1 call-backs are withdrawn' "$pg_dir/out" || fail "gcxstore withdraw"
printf '%s\n%s\n' "$pg_conninfo" '+33 1 45 55 01 01' | "$top_builddir/gcxstore" forget - - >"$pg_dir/out" 2>&1 &&
    grep -q '1 contacts and the bodies of 1 interactions are erased' "$pg_dir/out" || fail "gcxstore forget"
for table in $(pg_sql -c "select tablename from pg_tables where schemaname = 'public'"); do
    pg_sql -c "select * from $table"
done >"$pg_dir/out" 2>&1
grep -q Other "$pg_dir/out" || fail "somebody else is gone, too"
! grep -qiE 'bauer|45550101|leaks|kettle' "$pg_dir/out" || fail "the databases still have the person"
[ $status = 0 ] || tail -n 20 "$pg_dir/log"
exit $status
