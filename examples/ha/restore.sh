#!/bin/bash
# restore.sh FOLDER MOMENT DATA - The data folder DATA anew, as the database was at MOMENT, such as
# "2026-11-25 14:30:00 UTC": from the last base backup before it in FOLDER/base, and the segments in FOLDER/wal. As user
# postgres; DATA is not there yet, and if this fails it is not there again. The server runs meanwhile, for nobody, and has
# ended when this has.
set -eu
[ $# = 3 ] || { sed -n '2,5s/^# //p' "$0"; exit 2; }
archive=$1/wal data=$3
moment=$(date -u -d "$2" '+%F %T.%6N+00')
name=$(date -u -d "$2" +%Y%m%dT%H%M%SZ)
backup=''
for one in "$1"/base/*Z; do # in the order of their moments
    [[ ${one##*/} > $name ]] || backup=$one
done
[ -d "$backup" ] || { echo "no base backup in $1/base is older than $moment" >&2; exit 1; }
PATH=/usr/lib/postgresql/15/bin:$PATH
umask 077
mkdir "$data"
failed() {
    tail -n 20 "$data.log" >&2
    pg_ctl -D "$data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$data"
    echo "$data is not made" >&2
}
trap failed EXIT
: >"$data.log"
tar -xzf "$backup/base.tar.gz" -C "$data"
tar -xzf "$backup/pg_wal.tar.gz" -C "$data/pg_wal"
rm -f "$data/standby.signal"
touch "$data/recovery.signal"
# Patroni writes these for a copy; they stand in the way of a target.
sed -i '/^recovery_target/d; /^primary_/d' "$data/postgresql.conf"
pg_ctl -D "$data" -l "$data.log" -w -t 3600 start -o "-c listen_addresses='' -c unix_socket_directories='$data' -c archive_mode=off \
    -c hba_file='$data/pg_hba.conf' -c ident_file='$data/pg_ident.conf' -c synchronous_standby_names='' \
    -c restore_command='gunzip -c $archive/%f.gz >%p' -c recovery_target_time='$moment' -c recovery_target_action=promote"
until [ "$(psql -X -A -t -h "$data" -U postgres -d postgres -c 'select pg_is_in_recovery()')" = f ]; do
    sleep 0.2
    pg_ctl -D "$data" status >/dev/null
done
pg_ctl -D "$data" -m fast -w stop
trap - EXIT
