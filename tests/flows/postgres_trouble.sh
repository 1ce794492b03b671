#!/bin/bash
# tests/flows/postgres_trouble.sh - A column changes its type, is NULL, its table is locked or slow, the server goes and
# comes back: each time the step's exit is taken and named, a statement that is late is ended at the server, the call is
# routed all the same, and the next one finds the customer as soon as all is well.
. "$top_srcdir/tests/flows/postgres_flow.sh"
server
build_for_server "$top_srcdir/tests/flows/postgres_acts.gcx"
conf_source='retry_ms = 50 retry_max_ms = 300 failures = 4'
clock_stands 3
begin "the server has its troubles"

# outcome NUMBER CALLER EXIT TEXT: the call was routed without the customer, and it is said why.
outcome() {
    await ended "$1"
    local ixn
    ixn=$(ixn_of "$2")
    expect "EventDone $3" ctl trace "$ixn"
    expect 'priority 0' ctl trace "$ixn"
    grep "ixn=$ixn " "$dir/gcxvm.log" | grep -q "EventError.*code=$3 .*$4" || say_failed "the log should name the exit $3 and say: $4"
}
none_runs() { pg_sql -c "select count(*) from pg_stat_activity where state = 'active' and query like '%from customer%' and pid <> pg_backend_pid()" | grep -qx 0; }
circuit_is() { ctl status --json | grep -q "\"circuit\": \"$1\""; }

await ended 1
expect 'priority 50' ctl trace "$(ixn_of +33145550101)"

pg_sql -c "alter table customer alter tier drop default, alter tier type integer using 1"
clock_stands 7
outcome 2 +33145550102 bad_row 'column tier of row 1 is an integer; expected a text'

pg_sql -c "alter table customer alter tier type text using 'gold', alter name drop not null" -c "update customer set name = null"
clock_stands 11
outcome 3 +33145550103 bad_row 'column name of row 1 is NULL; expected a text'

pg_sql -c "update customer set name = 'Dupont'"
mkfifo "$dir/lock"
pg_sql <"$dir/lock" >"$dir/locked" 2>&1 &
lock=$!
exec 7>"$dir/lock"
echo 'begin; lock table customer in access exclusive mode; select 1;' >&7
await grep -q 1 "$dir/locked"
clock_stands 15
outcome 4 +33145550104 unavailable 'locked (waited 200 ms)'
echo 'rollback;' >&7
exec 7>&-
wait "$lock"

pg_sql -c 'alter table customer rename to customer_data' \
    -c 'create view customer as select d.* from customer_data d, lateral (select pg_sleep(300)) s'
clock_stands 19.5
await ended 5
expect 'priority 0' ctl trace "$(ixn_of +33145550105)"
await none_runs
ctl status --json | grep -q '"cancelled": 0' && say_failed "nothing was cancelled at the server"
pg_sql -c 'drop view customer; alter table customer_data rename to customer'

pg_stop immediate
await circuit_is open
clock_stands 21.5
outcome 6 +33145550106 unavailable 'circuit open after [0-9]* failures in a row: connection to server'
await logged 'warning customers .*connection lost' || say_failed "the log should say that the connection was lost"
pg_start || say_failed "the server does not start"

clock_runs
await ended 7
expect 'priority 50' ctl trace "$(ixn_of +33145550107)"
circuit_is closed || say_failed "the circuit should be closed"
await logged 'info customers .*circuit closed' || say_failed "the log should say that the circuit is closed"
played
expect '7 routed, 0 abandoned, 0 defaulted' ctl status
stop
finish
