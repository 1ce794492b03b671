#!/bin/bash
# restore.sh BACKUP ARCHIVE MOMENT DATA - The data folder DATA anew, as the database was at MOMENT, such as
# "2026-11-25 14:30:00 UTC": from the base backup BACKUP, which is older, and the segments in ARCHIVE. As user postgres; DATA
# is not there yet. The server runs meanwhile, for nobody, and has ended when this has.
set -eu
[ $# = 4 ] || { sed -n '2,4s/^# //p' "$0"; exit 2; }
backup=$1 archive=$2 moment=$3 data=$4
PATH=/usr/lib/postgresql/15/bin:$PATH
umask 077
mkdir "$data"
tar -xzf "$backup/base.tar.gz" -C "$data"
tar -xzf "$backup/pg_wal.tar.gz" -C "$data/pg_wal"
rm -f "$data/standby.signal"
touch "$data/recovery.signal"
# Patroni writes these for a copy; they stand in the way of a target.
sed -i '/^recovery_target/d; /^primary_/d' "$data/postgresql.conf"
pg_ctl -D "$data" -l "$data.log" -w -t 3600 start -o "-c listen_addresses='' -c unix_socket_directories='$data' -c archive_mode=off \
    -c hba_file='$data/pg_hba.conf' -c ident_file='$data/pg_ident.conf' -c synchronous_standby_names='' \
    -c restore_command='gunzip -c $archive/%f.gz >%p' -c recovery_target_time='$moment' -c recovery_target_action=promote" ||
    { tail -n 20 "$data.log"; exit 1; }
until [ "$(psql -X -A -t -h "$data" -U postgres -d postgres -c 'select pg_is_in_recovery()')" = f ]; do
    sleep 0.2
    pg_ctl -D "$data" status >/dev/null || { tail -n 20 "$data.log"; exit 1; }
done
pg_ctl -D "$data" -m fast -w stop
