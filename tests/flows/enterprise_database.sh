#!/bin/bash
# tests/flows/enterprise_database.sh - The customer database goes missing, gets another column, is no database, is locked:
# the step's exit is taken and named in the log and in the trace, the call is routed all the same, and the next one finds
# the customer as soon as the database is as it was.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v sqlite3 >/dev/null || exit 77

lock=''
build_flow "$top_srcdir/tests/flows/enterprise_acts.gcx"
clock_stands 2
begin "the database changes"
cp "$dir/customers.db" "$dir/as-it-was.db"

ended() { ctl interactions --json | grep -c '"outcome": "routed"' | grep -qx "$1"; }
# outcome NUMBER CALLER EXIT TEXT: the call was routed without the customer, and it is said why.
outcome() {
    clock_stands "$(((($1 - 1) * 25 + 20) / 10))" # the next comes at 2.5 s times their number
    await ended "$1"
    local ixn
    ixn=$(ixn_of "$2")
    expect "EventDone $3" ctl trace "$ixn"
    expect 'priority 0' ctl trace "$ixn"
    grep "ixn=$ixn " "$dir/gcxvm.log" | grep -q "EventError.*code=$3 .*$4" || say_failed "the log should name the exit $3 and say: $4"
}

await ended 1
expect 'priority 50' ctl trace "$(ixn_of +33145550101)"
mv "$dir/customers.db" "$dir/elsewhere.db"
outcome 2 +33145550102 unavailable 'No such file'

sqlite3 "$dir/elsewhere.db" 'alter table customer rename column tier to rank'
mv "$dir/elsewhere.db" "$dir/customers.db"
outcome 3 +33145550103 refused 'no such column: tier'

echo "this is no database, and never was one: so it is long enough to be looked at" >"$dir/new.db"
mv "$dir/new.db" "$dir/customers.db"
outcome 4 +33145550104 unavailable 'not a database'

cp "$dir/as-it-was.db" "$dir/new.db"
mv "$dir/new.db" "$dir/customers.db"
# Held by another process until its input ends.
mkfifo "$dir/lock"
sqlite3 "$dir/customers.db" <"$dir/lock" >"$dir/locked" 2>&1 &
lock=$!
exec 7>"$dir/lock"
echo 'pragma locking_mode = exclusive; begin exclusive; select 1;' >&7
await grep -q 1 "$dir/locked"
outcome 5 +33145550105 unavailable 'database is locked'
exec 7>&-
wait "$lock"

clock_runs
await ended 6
expect 'priority 50' ctl trace "$(ixn_of +33145550106)"
played
expect '6 routed, 0 abandoned, 0 defaulted' ctl status
stop
finish
