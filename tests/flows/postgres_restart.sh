#!/bin/bash
# tests/flows/postgres_restart.sh - The server is killed and comes back while calls come all the while: every call is
# routed, what was in flight is asked again, and afterwards customers are known as before.
. "$top_srcdir/tests/flows/postgres_flow.sh"
server
build_for_server "$top_srcdir/tests/flows/postgres_acts.gcx"
conf_source='retry_ms = 50 retry_max_ms = 200 failures = 200'
begin "calls come all the while"
# Each query takes a while, so that some are in flight when the server dies.
pg_sql -c 'alter table customer rename to customer_data' \
    -c 'create view customer as select d.* from customer_data d, lateral (select pg_sleep(0.03)) s'
some_ended() { [ "$(ctl interactions --json | grep -c '"outcome": "routed"')" -ge 20 ]; }
await some_ended
pg_stop immediate
await logged 'connection lost'
pg_start || say_failed "the server does not start"
await ended 120
played
ctl status --json >"$dir/status"
grep -q '"trouble": "[^"]' "$dir/status" && say_failed "there should be no trouble"
grep -q '"connected": 0' "$dir/status" && say_failed "there should be connections"
last=$(rows | tail -n 1); [ -z "$last" ] || say_failed "somebody is still there: $last"
known=$(grep -c 'EventDone.*tier=gold' "$dir/gcxvm.log")
[ "$known" -ge 90 ] || say_failed "only $known callers of 120 were known"
expect '120 routed, 0 abandoned, 0 defaulted' ctl status
stop
finish
