#!/bin/sh
# backup.sh CONNECTION FOLDER DAYS [FILE] - A base backup in FOLDER/base, named by the moment in UTC at which it was whole. Those
# that are older than DAYS go, except the newest, and with them the segments in FOLDER/wal that only they needed. Leavings
# of a backup that failed go with the next one. FILE is for node exporter: when the last one was whole. As user postgres.
set -eu
[ $# = 3 ] || [ $# = 4 ] || { sed -n '2,4s/^# //p' "$0"; exit 2; }
PATH=/usr/lib/postgresql/15/bin:$PATH
umask 077
mkdir -p "$2/base"
rm -rf "$2/base/new"
pg_basebackup -d "$1" -D "$2/base/new" -F tar -z -X stream -c fast
sync "$2"/base/new/*
mv "$2/base/new" "$2/base/$(date -u +%Y%m%dT%H%M%SZ)"
sync "$2/base"
find "$2/base" -mindepth 1 -maxdepth 1 -name '*Z' | sort | sed '$d' | while read -r old; do
    [ -z "$(find "$old" -maxdepth 0 -mmin "+$(($3 * 1440))")" ] || rm -rf "$old"
done
oldest=$(find "$2/base" -mindepth 1 -maxdepth 1 -name '*Z' | sort | head -n 1)
needed=$(tar -xzOf "$oldest/base.tar.gz" backup_label | sed -n 's/^START WAL LOCATION.*(file \([0-9A-F]*\))$/\1/p')
[ ! -d "$2/wal" ] || pg_archivecleanup -x .gz "$2/wal" "$needed"
[ -z "${4-}" ] || printf '# HELP %s\n# TYPE %s\n%s\n' 'postgres_base_backup_seconds when the last base backup was whole, since 1970' \
    'postgres_base_backup_seconds gauge' "postgres_base_backup_seconds $(date +%s)" >"$4"
