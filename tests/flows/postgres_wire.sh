#!/bin/bash
# tests/flows/postgres_wire.sh - The enterprise flow from end to end with its customers in PostgreSQL: statements described
# by the server, built without it, run against it; the row decides priority; what is not there is none.
. "$top_srcdir/tests/flows/postgres_flow.sh"
server
build_for_server "$top_srcdir/tests/flows/postgres_acts.gcx"
grep -q '^  column "language" text null' "$flow/customers.pulled" || say_failed "what the server said is not in the file"
begin "a gold caller is known"
await ended 3
expect 'priority 50' ctl trace "$(ixn_of +33145550101)"
expect 'priority 0' ctl trace "$(ixn_of +33145550102)"
expect 'priority 0' ctl trace "$(ixn_of +33145550103)"
await logged "name=O'Dupont" || say_failed "the customer's name is not as it was"
expect '"type": "postgresql"' ctl status --json
expect '"circuit": "closed"' ctl status --json
expect '"errors": 0' ctl status --json
expect '"queries": 3' ctl status --json
played
stop
logged 'source customers:' && say_failed "something went wrong"

# An image for the other kind of database is refused before the first call.
"$gcxc" build "$enterprise/enterprise.gcx" -o "$image" || say_failed "gcxc build"
expect 'its statements are written for SQLite; expected .source customers postgres schema' "$gcxvm" --check "$dir/gcx.conf"

# The database changes: the build goes on as it was until the next pull, which says so at the very column.
pg_sql -c 'alter table customer rename column tier to rank'
expect '^$' "$gcxc" check "$flow/enterprise.gcx"
expect 'enterprise.gcx:[0-9]*:[0-9]*: error: column "tier" does not exist' \
    "$gcxc" schema pull --source customers --connect "$pg_conninfo" "$flow/enterprise.gcx"
grep -q '"tier"' "$flow/customers.pulled" || say_failed "a pull that failed has touched the file"
expect 'holds a password' "$gcxc" schema pull --source customers --connect "$pg_conninfo password=x" "$flow/enterprise.gcx"
expect 'the site has no source crm' "$gcxc" schema pull --source crm --connect "$pg_conninfo" "$flow/enterprise.gcx"
expect 'connection to server' "$gcxc" schema pull --source customers --connect 'host=/nowhere' "$flow/enterprise.gcx"
expect 'is no description of statements' "$gcxc" schema pull --source customers --connect "$pg_conninfo" \
    -o "$flow/site.gcx" "$flow/enterprise.gcx"
finish
