# tests/flows/postgres_common.sh - A real PostgreSQL server on a socket in a temporary directory. Sourced by bash; the
# caller's exit handler calls pg_end. Root may not run the server: then nobody does. GCX_POSTGRES names the folder of a
# server that others use, too (kind_common.sh): it is there to be stopped and started, and has a database for each.
for pg_bin in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin ''; do [ -x "$pg_bin/initdb" ] && break; done
[ -n "$pg_bin" ] || { echo "no PostgreSQL server is installed"; exit 77; }
# The path of a socket is short: not in a deep TMPDIR.
pg_shared=${GCX_POSTGRES-}
pg_dir=${pg_shared:-$(mktemp -d /tmp/gcx-pg-XXXXXX)} || exit 1
pg_socket=$pg_dir/s pg_data=$pg_dir/data pg_port=5432
pg_as=()
if [ "$(id -u)" = 0 ]; then
    [ -n "$pg_shared" ] || chown nobody:nogroup "$pg_dir" || exit 1
    pg_as=(setpriv --reuid=nobody --regid=nogroup --clear-groups env "HOME=$pg_dir")
fi
chmod 755 "$pg_dir"
pg_conninfo="host=$pg_socket port=$pg_port dbname=crm user=gcx"

pg_start() {
    (cd / && exec "${pg_as[@]}" "$pg_bin/pg_ctl" -D "$pg_data" -l "$pg_dir/log" -w -t 30 start >"$pg_dir/pg_ctl.log" 2>&1) ||
        { cat "$pg_dir/pg_ctl.log" "$pg_dir/log"; return 1; }
}
# pg_stop [fast|immediate]
pg_stop() { (cd / && "${pg_as[@]}" "$pg_bin/pg_ctl" -D "$pg_data" -m "${1-fast}" -w -t 30 stop >"$pg_dir/pg_ctl.log" 2>&1); }
# pg_signal SIGNAL: to the server and its processes.
pg_signal() {
    local pid; pid=$(head -n 1 "$pg_data/postmaster.pid")
    kill -"$1" "$pid" $(pgrep -P "$pid")
}
pg_sql() { "$pg_bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "$pg_conninfo" "$@"; }

# pg_begin [SETTING=VALUE...]: a fresh cluster, or the one that is shared, with an empty database crm, started.
pg_begin() {
    local setting
    if [ -n "$pg_shared" ]; then
        [ -f "$pg_data/postmaster.pid" ] || pg_start || return 1
        "$pg_bin/dropdb" --if-exists --force -h "$pg_socket" -p "$pg_port" -U gcx crm &&
            "$pg_bin/createdb" -h "$pg_socket" -p "$pg_port" -U gcx crm
        return
    fi
    (cd / && "${pg_as[@]}" "$pg_bin/initdb" -D "$pg_data" -U gcx -A trust --no-sync --locale=C -E UTF8 >"$pg_dir/initdb.log" 2>&1) ||
        { cat "$pg_dir/initdb.log"; return 1; }
    "${pg_as[@]}" mkdir -p "$pg_socket" || return 1
    {
        echo "listen_addresses = ''"
        echo "unix_socket_directories = '$pg_socket'"
        echo "port = $pg_port"
        echo "fsync = off"
        echo "shared_buffers = 16MB"
        echo "max_connections = 40"
        for setting; do echo "$setting"; done
    } >>"$pg_data/postgresql.conf"
    # Whoever is called so needs a password; the others are trusted.
    sed -i '1i local all secretive scram-sha-256' "$pg_data/pg_hba.conf" || return 1
    pg_start || return 1
    "$pg_bin/createdb" -h "$pg_socket" -p "$pg_port" -U gcx crm
}
# pg_standby: a copy of the server, to which each commit goes before it is answered, until pg_standby_end.
pg_standby=
pg_standby() {
    pg_standby=$pg_dir/standby
    rm -rf "$pg_standby"
    (cd / && "${pg_as[@]}" "$pg_bin/pg_basebackup" -h "$pg_socket" -p "$pg_port" -U gcx -D "$pg_standby" -R -X stream -c fast \
        >"$pg_dir/base.log" 2>&1) || { cat "$pg_dir/base.log"; return 1; }
    "${pg_as[@]}" mkdir -p "$pg_dir/t"
    echo "unix_socket_directories = '$pg_dir/t'" >>"$pg_standby/postgresql.conf"
    (cd / && "${pg_as[@]}" "$pg_bin/pg_ctl" -D "$pg_standby" -l "$pg_dir/standby.log" -w -t 30 start >"$pg_dir/pg_ctl.log" 2>&1) ||
        { cat "$pg_dir/pg_ctl.log" "$pg_dir/standby.log"; return 1; }
    pg_sql -c "alter system set synchronous_standby_names = '*'" -c 'select pg_reload_conf()' >"$pg_dir/pg_ctl.log" || return 1
    until [ "$(pg_sql -c "select count(*) from pg_stat_replication where sync_state = 'sync'")" = 1 ]; do sleep 0.05; done
}
pg_standby_end() {
    [ -n "$pg_standby" ] || return 0
    pg_sql -c 'alter system reset synchronous_standby_names' -c 'select pg_reload_conf()' >"$pg_dir/pg_ctl.log" 2>&1
    (cd / && "${pg_as[@]}" "$pg_bin/pg_ctl" -D "$pg_standby" -m immediate -w -t 30 stop >"$pg_dir/pg_ctl.log" 2>&1)
    rm -rf "$pg_standby"
    pg_standby=
}
pg_end() {
    pg_standby_end
    [ -z "$pg_shared" ] || return 0
    [ ! -f "$pg_data/postmaster.pid" ] || { pg_signal CONT; pg_stop immediate; }
    rm -rf "$pg_dir"
}
# pg_control: a command that a test calls to have the server started and stopped, $pg_dir/control.
pg_control() {
    {
        echo '#!/bin/bash'
        declare -p pg_bin pg_dir pg_data pg_as
        declare -f pg_start pg_stop
        echo '"pg_$@"'
    } >"$pg_dir/control"
    chmod 755 "$pg_dir/control"
}
