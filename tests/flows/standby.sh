#!/bin/bash
# tests/flows/standby.sh - A second gcxvm follows the first one's journal in PostgreSQL, from an empty state folder. The
# first is killed while calls wait: the second leads, with each call in its place. The first comes back with an empty
# folder, when the journal's beginning was pruned, and leads again after a handover. At first the site is on one machine,
# with its journal in the state folder.
. "$top_srcdir/tests/flows/standby_common.sh"
server
pg_standby || die "the standby of the database does not start"
build_flow "$top_srcdir/tests/flows/postgres_leads.gcx"
clock_stands 2
answer=3
conf_http='http = "127.0.0.1:0"'
# Paul works at a desk, besides Marie at her telephone.
command -v python3 >/dev/null && [ -f "$top_builddir/.libs/desk.so" ] || cleanup 77
conf_node="adapter desk {
  store = \"sqlite:$dir/contacts\"
  users = \"$dir/users\"
  port_file = \"$dir/@node@.desk\"
  state = \"$dir/@node@/desk\"
}"
(umask 077; echo "paul agent password=$(echo other | "$gcxvm" --hash-password)" >"$dir/users")
eval "calls_$(declare -f provision)"
provision() { calls_provision "$1" && echo "insert into agent (name) values ('paul');" >>"$dir/directory.sql"; }
begin_site "calls wait while others lead"
# Two begin an empty journal at once: one leads, the other one follows.
begun_by() { grep -qs ' ready' "$dir/$1.log" && follows "$2"; }
both_begun() { begun_by third fourth || begun_by fourth third; }
for name in third fourth; do
    mkdir -m 700 "$dir/$name"
    sed -e '/^adapter desk/,/^}/d' -e '/^adapter/d' -e '/^http/d' -e "s,^# node,state = \"$name\"\npartition = 2," "$dir/gcx.conf" >"$dir/$name.conf"
    "$gcxvm" --follow "$dir/$name.conf" >>"$dir/$name.log" 2>&1 &
    node_pid[$name]=$!
done
await are_waiting 3
await both_begun
for name in third fourth; do node_kill "$name"; done
pg_sql -c "delete from gcx_batch where domain = 2" -c "delete from gcx_member where domain = 2"
rows >"$dir/before"

echo "the journal moves from the state folder into the database"
node_configure first
expect 'not moved:.* in use' "$gcxvm" --move-journal "$dir/first.conf"
node_kill first
"$gcxvm" "$dir/first.conf" >"$dir/again.log" 2>&1 && say_failed "the journal in the folder was passed over"
grep -q -e '--move-journal' "$dir/again.log" || say_failed "how the journal is moved was not told"
expect 'is in the database that' "$gcxvm" --move-journal "$dir/first.conf"
mv "$dir/first/journal.db.moved" "$dir/first/journal.db" && mkdir "$dir/first/moving" # as where it was killed at its end
expect 'is in the database that' "$gcxvm" --move-journal "$dir/first.conf"
[ -e "$dir/first/journal.db.moved" ] && [ ! -e "$dir/first/moving" ] || say_failed "a move that was interrupted has not ended"
expect 'is in a database already' "$gcxvm" --move-journal "$dir/first.conf"
node_start first
await leads first
rows >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting calls are not where they were after the journal was moved"
whole "after the journal was moved"
expect 'no other gcxvm follows' ctl handover
"$gcxvm" "$dir/first.conf" >"$dir/again.log" 2>&1
[ $? = 6 ] || say_failed "a third one began with the folder of the first"
node_start second
await follows second
await in_step
expect 'copies: 2' ctl cluster
sign_is_told() { ctl_of second cluster | grep -q 'this one *follower.* last sign is [0-9.]*m*s old'; }
await sign_is_told
expect 'knows `cluster` only' ctl_of second status

metrics=$(sed -n 's/.*metrics and health at //p' "$dir/second.log")
expect '^gcx_journal_leads 0' curl -s "$metrics/metrics"
expect 'it follows the gcxvm that leads' curl -s "$metrics/readyz"

await test -s "$dir/first.desk"
cp "$dir/first.desk" "$dir/desk.port"
python3 "$top_srcdir/tests/flows/standby_desk.py" "$dir" "$top_srcdir" >"$dir/desk.out" 2>&1 &
desk=$!
await test -f "$dir/at_desk"
desk_known() { ctl agents --json | tr -d '\n' | grep -q '"name": "paul"[^}]*"chat"' && pg_sql -c "select 1 from gcx_file where name = 'desk'" | grep -q 1; }
await desk_known

echo "the first is killed"
sed -i 's/Please stay with us/Please wait/' "$flow"/*.gcx
"$gcxc" build "$flow/postgres_leads.gcx" -o "$dir/other.gcxb" && ctl load "$dir/other.gcxb" >"$dir/loaded" || die "$(cat "$dir/loaded")"
other=$(grep -oE '[0-9a-f]{12,}' "$dir/loaded" | head -n 1)
expect 'stays so over reloads' ctl activate 1800 "${other:0:8}" --why 'by hand'
echo "what an adapter keeps beside its state" >"$dir/first/desk.known"
shared() { [ "$(pg_sql -c "select count(*) from gcx_file where name in ('activations.json', 'desk.known')")" = 2 ]; }
await shared
sleep 0.5 # two beats, so that the desk's newest row is there
cp "$dir/first/activations.json" "$dir/activations.json"
node_kill first
await leads second
rows >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting calls are not where they were"
mkdir -p "$dir/copy/state"
expect 'another gcxvm leads it: end that one first' "$gcxvm" --restore "$dir/copy" "$dir/first.conf"
expect 'nothing is erased: the journal is led by another gcxvm' "$gcxvm" --erase +33145550102 "$dir/first.conf"
expect 'interactions are the person' "$gcxvm" --erase +33145550199 "$dir/second.conf"
await test -s "$dir/second.desk"
cp "$dir/second.desk" "$dir/moving" && mv "$dir/moving" "$dir/moved"
wait "$desk" && [ -f "$dir/stayed" ] || { say_failed "the desk did not stay"; cat "$dir/desk.out"; }
cmp "$dir/activations.json" "$dir/second/activations.json" || say_failed "an activation by hand was lost"
cmp "$dir/first/desk.known" "$dir/second/desk.known" || say_failed "a file beside an adapter's state did not go over"
node_logged second 'stays as it was activated by hand' || say_failed "the activation by hand is not in force"

echo "the first comes back without its folder, and the journal was pruned"
rm -rf "$dir/first" && : >"$dir/first.log"
pruned() { # a batch between two snapshots, so that the older one is superfluous
    ctl end 1-ffff >"$dir/cut" 2>&1
    ctl journal-prune --days 0 >"$dir/cut" && [ "$(batches 'min(batch) > 1')" = t ]
}
await pruned
node_start first
await node_logged first 'no snapshot is in the database yet'
nowhere() { ctl cluster --json | grep -q '"batch": 0,'; } # it is not behind by 0
await nowhere
ctl snapshot >"$dir/cut" || say_failed "$(cat "$dir/cut")"
await follows first
await in_step
expect 'nothing is erased: this gcxvm follows' "$gcxvm" --erase +33145550102 "$dir/first.conf"
# As on a slow line: it is heard of, and what it has read is far behind.
pg_sql -c "create function held() returns trigger language plpgsql as 'begin new.batch := old.batch; return new; end'" \
    -c "create trigger held before update on gcx_member for each row when (new.role = 'follower') execute function held()" ||
    die "the follower cannot be held back"
python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); f = s.makefile("rwb")
for i in range(1010): f.write(b"{\"id\":1,\"command\":\"end\",\"ixn\":\"1-ffff\"}\n"); f.flush(); f.readline()' "$dir/state/admin.sock"
far_behind() { ctl cluster --json | grep -qE '"behind": 1[0-9]{3}'; }
await far_behind
expect 'follows, but is 1[0-9]* batches behind' ctl handover
pg_sql -c 'drop trigger held on gcx_member' -c 'drop function held'
await in_step
kill -STOP "${node_pid[first]}"
silent() { ctl cluster --json | awk -F '[ ,:]+' '/"role"/ {follows = /follower/} follows && /"silent_us"/ && $3 >= 1000000 {found = 1} END {exit !found}'; }
await silent
expect 'has not been heard of within the lease' ctl handover
kill -CONT "${node_pid[first]}"
heard() { ctl cluster --json | awk -F '[ ,:]+' '/"role"/ {follows = /follower/} follows && /"silent_us"/ && $3 < 500000 {found = 1} END {exit !found}'; }
await heard
# The one that follows is gone once the request is under way: whoever asked is told that nothing was handed over.
mkfifo "$dir/sql"
pg_sql <"$dir/sql" >"$dir/sql.out" 2>&1 & holds=$!
exec 8>"$dir/sql"
echo 'begin; lock table gcx_batch in exclusive mode;' >&8
locked() { pg_sql -c "select 1 from pg_locks where relation = 'gcx_batch'::regclass and mode = 'ExclusiveLock' and granted" | grep -q 1; }
await locked
ctl handover >"$dir/handed" 2>&1 & handover=$!
await node_logged second 'hands the lead over for'
node_kill first
await silent
echo 'commit; \q' >&8
exec 8>&-
wait "$holds"
wait "$handover" && say_failed "a handover that was not made ended well: $(cat "$dir/handed")"
grep -q 'within the lease\|does not answer' "$dir/handed" || say_failed "why the lead was kept was not told: $(cat "$dir/handed")"
await node_logged second 'keeps the lead: '
expect 'this one *leader' ctl cluster
node_start first
await in_step
await handed_over
node_ends second 7
await leads first
expect 'no other gcxvm follows' ctl handover
node_start second && await in_step && kill "${node_pid[second]}" && node_ends second 0
rows >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting calls are not where they were after the handover"

echo "the database is lost, and then the journal in it is to be replaced: a backup is put back"
expect 'the backup is whole' ctl backup "$dir/backup"
kill "${node_pid[first]}"; node_ends first 0
expect 'with what came after the backup: start gcxvm --follow' "$gcxvm" --restore "$dir/backup" "$dir/first.conf"
pg_sql -c 'drop table gcx_domain, gcx_batch, gcx_image, gcx_passed, gcx_key, gcx_file, gcx_member'
restored() { # WORDS OPTION...: the backup is put back, and a start goes on with it
    local words=$1; shift
    expect "$words" "$gcxvm" --restore "$dir/backup" "$@" "$dir/first.conf"
    : >"$dir/first.log"
    node_start first
    await leads first
    node_logged first 'was put back from a copy' || say_failed "the mark of the copy is lost"
    rows >"$dir/after"
    same_rows "$dir/before" "$dir/after" "the waiting calls are not where they were after the restore"
    whole "after the restore"
}
restored 'is put back into the database'
node_start second
node_ends second 3
node_logged second 'another one than this state folder' || say_failed "the other one was not told that its folder is of another journal"
kill "${node_pid[first]}"; node_ends first 0
restored 'is set aside: .* with domain = -1' --all
[ "$(pg_sql -c 'select count(*) > 3 from gcx_batch where domain = -1')" = t ] || say_failed "what was there is not set aside"
await node_logged first 'EventClient .*up=true agent=marie'
clock_runs
ready_now 7001
played
whole "at the end"
expect 'are whole and unaltered' "$gcxvm" --verify "$dir/first.conf"
finish
