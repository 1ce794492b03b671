#!/bin/bash
# tests/bench/lists.sh - A calling list in SQLite or PostgreSQL: records taken in, fetched, dialled and closed per second, and
# beside it the same file by the database's own program into a table without keys or checks. A line: taken, fetched,
# closed, theirs; 77: the database's programs are not installed. Usage: lists.sh BUILD sqlite|postgres RECORDS CLOSED
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) build=$(cd "$1" && pwd) kind=$2 count=$3 closed=$4
dir=$(mktemp -d) || exit 1
end() { rm -rf "$dir"; [ "$kind" != postgres ] || pg_end; }
if [ "$kind" = postgres ]; then
    . "$top_srcdir/tests/flows/postgres_common.sh"
    trap end EXIT
    pg_begin fsync=on shared_buffers=128MB || exit 1
    target=$pg_conninfo
else
    command -v sqlite3 >/dev/null || exit 77
    trap end EXIT
    target=sqlite:$dir/lists.db
fi
awk -v count="$count" 'BEGIN {
    print "number,customer,zone"
    for (i = 0; i < count; i++) printf "+4930%07d,c%d,Europe/Berlin\n", i, i }' >"$dir/list.csv"
ours=$("$build/tests/bench/lists" "$target" "$dir/list.csv" "$closed") || exit 1
began=$(date +%s%N)
if [ "$kind" = postgres ]; then
    pg_sql -c 'CREATE TABLE plain(number TEXT, customer TEXT, zone TEXT)' -c "\\copy plain FROM '$dir/list.csv' CSV HEADER" || exit 1
else
    sqlite3 "$dir/plain.db" 'CREATE TABLE plain(number TEXT, customer TEXT, zone TEXT)' '.mode csv' ".import --skip 1 $dir/list.csv plain" || exit 1
fi
awk -v ours="$ours" -v count="$count" -v ns=$(($(date +%s%N) - began)) 'BEGIN { printf "%s %.0f\n", ours, count * 1e9 / ns }'
