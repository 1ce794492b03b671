#!/bin/bash
# tests/flows/postgres_tls.sh - PostgreSQL over TLS with sslmode=verify-full: under the right root customers are found and
# nothing is sent in the clear; another root, another name, and a server without TLS are not asked, which the log and the
# step's exit say.
command -v openssl >/dev/null && command -v perl >/dev/null || exit 77
. "$top_srcdir/tests/flows/postgres_flow.sh"
tls=$pg_dir/tls
openssl_quiet() { openssl "$@" >"$dir/openssl" 2>&1 || { cat "$dir/openssl"; die "openssl $1"; }; }
# root NAME: an authority of that name.
root() { openssl_quiet req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" -keyout "$tls/$1.key" -out "$tls/$1.crt"; }
mkdir "$tls" && chmod 755 "$tls" || die "no folder"
root right
root wrong
openssl_quiet req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$tls/server.key" -out "$tls/server.csr"
openssl_quiet x509 -req -in "$tls/server.csr" -CA "$tls/right.crt" -CAkey "$tls/right.key" -CAcreateserial -days 2 \
    -extfile <(echo subjectAltName=DNS:localhost) -out "$tls/server.crt"
[ "$(id -u)" != 0 ] || chown nobody "$tls/server.key"
chmod 600 "$tls/server.key"
chmod 644 "$tls"/*.crt

# PostgreSQL cannot have a port chosen: it is given one that the kernel chose, and if that was taken since, another.
for try in 1 2 3 4 5; do
    pg_port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
    pg_conninfo="host=$pg_socket port=$pg_port dbname=crm user=gcx"
    pg_begin "listen_addresses = '127.0.0.1'" 'ssl = on' "ssl_cert_file = '$tls/server.crt'" "ssl_key_file = '$tls/server.key'" \
        >"$dir/pg" && break
    [ $try != 5 ] || { cat "$dir/pg"; die "the server does not start"; }
    rm -rf "$pg_data"
done
pg_sql -f "$enterprise/customers.sql" || die "the schema"
build_for_server "$top_srcdir/tests/flows/postgres_acts.gcx"
conf_source='retry_ms = 50 retry_max_ms = 300 failures = 2'

# over HOST ROOT: the source's connection.
over() { conf_database="postgres = \"host=$1 port=$pg_port dbname=crm user=gcx sslmode=verify-full sslrootcert=$tls/$2.crt\""; }
connections() { pg_sql -c "select count(*) from pg_stat_activity join pg_stat_ssl using (pid) where application_name like 'gcx %' and $1"; }

# refused TEXT: the calls are routed without the customer, it is said why, and the server has not let anybody in.
refused() {
    begin "a gold caller is known"
    await ended 3
    local ixn
    ixn=$(ixn_of +33145550101)
    expect 'EventDone unavailable' ctl trace "$ixn"
    expect 'priority 0' ctl trace "$ixn"
    await logged "warning customers .*$1" || say_failed "the log should say of the source: $1"
    grep "ixn=$ixn " "$dir/gcxvm.log" | grep -q "EventError.*code=unavailable .*$1" || say_failed "the step's exit should say: $1"
    [ "$(connections true)" = 0 ] || say_failed "it is connected all the same"
    played
    stop
}

echo "the right root"
over localhost right
begin "a gold caller is known"
await ended 3
expect 'priority 50' ctl trace "$(ixn_of +33145550101)"
expect '"errors": 0' ctl status --json
[ "$(connections ssl)" -gt 0 ] || say_failed "there is no connection over TLS"
[ "$(connections 'not ssl')" = 0 ] || say_failed "something is sent in the clear"
played
stop

echo "another root"
over localhost wrong
refused 'certificate verify failed'
echo "another name"
over 127.0.0.1 right
refused 'server certificate for .*localhost.* does not match host name .*127.0.0.1'
echo "no TLS"
pg_sql -c 'alter system set ssl = off' -c 'select pg_reload_conf()' >"$dir/reload"
await sh -c "[ \"\$('$pg_bin/psql' -XAtq -d '$pg_conninfo' -c 'show ssl')\" = off ]"
over localhost right
refused 'server does not support SSL, but SSL was required'
finish
