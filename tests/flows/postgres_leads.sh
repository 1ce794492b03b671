#!/bin/bash
# tests/flows/postgres_leads.sh - The journal in PostgreSQL, with calls that wait: gcxvm is killed, its process at the
# server is ended, the server is restarted; nothing is lost, nothing is there twice. Then a second gcxvm is refused, and
# one that is told to takes the journal: the first one ends as deposed, and the calls go on at the second.
. "$top_srcdir/tests/flows/postgres_flow.sh"
server
build_flow "$top_srcdir/tests/flows/postgres_leads.gcx"
conf_database='database = "customers.db"'
conf_more="journal = \"$pg_conninfo\"
journal_wait_s = 60
http = \"127.0.0.1:0\""

batches() { pg_sql -c "select $1 from gcx_batch"; }
whole() { # every batch is there once, and each follows the one before
    [ "$(batches 'count(*) = max(batch) - min(batch) + 1 and count(distinct nonce) = count(*)')" = t ] ||
        say_failed "the rows are not whole: $1"
    expect 'are whole and unaltered' "$gcxvm" --verify "$dir/gcx.conf"
}

clock_stands 2
answer=3
begin "calls wait while others lead"
await are_waiting 3
rows >"$dir/before"
[ ! -e "$dir/state/journal.db" ] || say_failed "there is a journal in the folder, too"
[ "$(batches 'count(*) > 3')" = t ] || say_failed "there is no journal in the database"
expect 'copies: 1: the database names no synchronous standby' cat "$dir/gcxvm.log"
metrics=$(sed -n 's/.*metrics and health at //p' "$dir/gcxvm.log" | head -n 1)
expect '^gcx_journal_copies 1' curl -s "$metrics/metrics"
expect "$(batches 'max(batch)')" ctl journal

echo "its process at the server is ended, and the server is restarted"
pg_sql -c "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'gcx journal'" >"$dir/ended"
pg_sql -c 'alter system set archive_mode = on' -c "alter system set archive_command = 'false'" # its log stays
before=$(batches 'max(batch)')
pg_stop immediate
ctl end 1-ffff >"$dir/refused" 2>&1 & # is refused, and is in the journal all the same
asks=$!
await logged 'waits for the database'
pg_start || die "the server does not start"
pg_sql -c 'alter system reset archive_mode' -c 'select pg_switch_wal()' >"$dir/ended"
goes_on() { [ "$(batches 'max(batch)')" -gt "$before" ]; }
await goes_on
await logged 'the database is there again'
wait "$asks"

echo "the server has a copy, and gcxvm is killed"
pg_standby || die "the standby does not start"
await logged 'copies: 2'
kill_core
restarted
await logged 'the database cannot archive its write-ahead log'
metrics=$(sed -n 's/.*metrics and health at //p' "$dir/gcxvm.log" | tail -n 1)
archive_fails() { curl -s "$metrics/metrics" | grep -q '^gcx_journal_archive_fails 1'; }
await archive_fails
pg_sql -c "alter system set archive_command = 'true'" -c 'select pg_reload_conf()' >"$dir/ended"
rows >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting calls are not where they were"

echo "a second gcxvm, as on another machine"
sed -e 's,^adapter.*,,' -e '/^http/d' "$dir/gcx.conf" >"$dir/second.conf"
echo 'state = "second"
adapter tserver { switch = "127.0.0.1:1" listen = "127.0.0.1:0" }' >>"$dir/second.conf"
none_left() { ! pgrep -f -- "--core $dir/$1/lock" >"$dir/left"; } # who has lost the journal leaves no adapter behind
expect 'start gcxvm there with --follow, which brings it' "$gcxvm" --depose "$dir/second.conf"
cp "$dir/state/keys" "$dir/state/site.key" "$dir/second"
"$gcxvm" "$dir/second.conf" >"$dir/second.log" 2>&1
got=$?
[ $got = 6 ] || { say_failed "the second ended with $got"; cat "$dir/second.log"; }
expect 'another gcxvm has the journal of partition 1' cat "$dir/second.log"
ctl status >/dev/null || say_failed "the first is gone"
await logged 'archives its write-ahead log again'
"$gcxvm" --depose "$dir/second.conf" >"$dir/second.log" 2>&1 &
second=$!
wait "$vm"; got=$?; vm=''
[ $got = 7 ] || say_failed "the first ended with $got"
expect 'another .* this journal\|has taken the journal' cat "$dir/gcxvm.log"
await none_left state
await grep -q 'ready' "$dir/second.log"
expect '3 interactions live' cat "$dir/second.log"
kill -9 "$second"; wait "$second" 2>/dev/null
none_left second && say_failed "the adapter of the second has ended with it"

echo "the first comes back, and the calls are routed"
clock_runs
before=$(count_logged 'EventAgentNotReady client=')
start
# The adapter ended with the lead. The agent's desktop comes back to the new one, and says again that she is not ready.
says_again() { [ "$(count_logged 'EventAgentNotReady client=')" -gt "$before" ]; }
await says_again
"$gcxvm" "$dir/second.conf" >"$dir/second.log" 2>&1
got=$?
[ $got = 6 ] || { say_failed "the second ended with $got"; cat "$dir/second.log"; }
await none_left second
ready_now 7001
played
stop
pg_standby_end
expect 'are copied to .*, and are whole' "$gcxvm" --export "$dir/copy" "$dir/gcx.conf"
expect 'are whole and unaltered' "$gcxvm" --verify --state "$dir/copy" "$dir/gcx.conf"
[ -f "$dir/copy/journal.db" ] || say_failed "the copy has no journal"
expect 'the records stand at batch' "$top_builddir/gcxrecords" --once "$dir/gcx.conf" "sqlite:$dir/records.db"
[ "$(sqlite3 "$dir/records.db" 'select count(*) from interactions')" = 3 ] || say_failed "the records have not three calls"
whole "at the end"
finish
