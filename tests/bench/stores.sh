#!/bin/bash
# tests/bench/stores.sh BUILD SECONDS - Appends to the journal: SQLite, PostgreSQL alone, and PostgreSQL with a synchronous
# standby; beside a plain loop of the same INSERT, in turns. The disk syncs for all. Lines "WHERE RECORDS WHO appends/s
# p50 p99", times in us; the first of each is warmed up before. Then, with the standby, a second process that follows, for
# FOLLOWED seconds (10) at FOLLOW_RATE events a second (50,000): "follow RATE events/s events/batch p50 p99", the lag in ms.
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) build=$(cd "$1" && pwd) seconds=$2
. "$top_srcdir/tests/flows/postgres_common.sh"
dir=$(mktemp -d)
end() { pg_end; rm -rf "$dir"; }
trap end EXIT
trap 'exit 1' INT TERM
pg_begin fsync=on shared_buffers=128MB max_wal_size=4GB wal_level=replica max_wal_senders=4 || exit 1

one() { # WHERE RECORDS WHO FOLDER CONNINFO
    local got
    mkdir -p "$dir/$4"
    got=$(cd "$dir" && "$build/tests/bench/stores" "$4" "$5" "$2" "$seconds") || exit 1
    echo "$1 $2 $3 $got"
}
round() { # WHERE
    for records in 1 10 100; do
        one "$1" $records ours "$1" "$pg_conninfo"
        one "$1" $records plain plain "$pg_conninfo"
    done
}
for records in 1 10 100; do one sqlite $records ours sqlite ''; done
round local

pg_standby || exit 1
round copies

for rate in ${FOLLOW_RATE-50000}; do
    pg_sql -c 'drop table gcx_batch, gcx_domain, gcx_image, gcx_passed, gcx_key, gcx_file, gcx_member' || exit 1 # another journal
    got=$("$build/tests/bench/follow" "$dir/leads$rate" "$dir/follows$rate" "$pg_conninfo" "$rate" "${FOLLOWED-10}") || exit 1
    echo "follow $rate $got"
done
