# tests/flows/postgres_flow.sh - The enterprise flow on PostgreSQL: what the scripts postgres_*.sh share. Sourced by bash
# with top_srcdir and top_builddir set: a server of its own, the site says postgres, what a test implies goes into it.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "$top_srcdir/tests/flows/postgres_common.sh"
trap pg_end EXIT
. "$top_srcdir/tests/flows/enterprise_common.sh"
also_end() { pg_end; }
command -v sqlite3 >/dev/null || exit 77

conf_database="postgres = \"$pg_conninfo\""

# server [SETTING=VALUE...]: started, with the flow's schema.
server() {
    pg_begin "$@" || die "the server does not start"
    pg_sql -f "$enterprise/customers.sql" || die "the schema"
}
# build_for_server FILE: as build_flow does, for PostgreSQL: the statements are described by the server first.
build_for_server() {
    mkdir -p "$flow"
    cp "$enterprise"/*.gcx "$enterprise"/customers.sql "$flow" && cp "$1" "$flow" || die "cannot copy the strategy"
    sed -i 's/source customers schema "customers.sql"/source customers postgres schema "customers.pulled"/' "$flow/site.gcx"
    image=$dir/flow.gcxb
    expect 'customers.pulled.*No such file' "$gcxc" check "$flow/${1##*/}"
    "$gcxc" schema pull --source customers --connect "$pg_conninfo" "$flow/${1##*/}" || die "gcxc schema pull"
    "$gcxc" build "$flow/${1##*/}" -o "$image" || die "gcxc build"
}
# provision TEST: the rows that a test implies go from a file to the server.
provision() {
    rm -f "$dir/customers.db"
    "$gcxsim" provision "$image" --test "$1" --directory "$dir/directory.sql" --database "$dir/customers.db" \
        --schema "$flow/customers.sql" || die "gcxsim provision: $1"
    { echo 'truncate customer;'; sqlite3 -cmd '.mode insert customer' "$dir/customers.db" 'select * from customer'; } | pg_sql ||
        die "the customers"
}
ended() { ctl interactions --json | grep -c '"outcome": "routed"' | grep -qx "$1"; }
