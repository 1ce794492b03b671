#!/bin/sh
# Starting, asking, reloading, ending in order, starting again: the journal goes on, and nothing is left behind.
. "$top_srcdir/tests/flows/daemon_common.sh"

make_world 'source customers { database = "customers.db" }'
expect_exit 3 ctl status
start
expect "gcxvm 0" ctl status
expect "epoch 1" ctl status
expect "customers" ctl status
expect "marie" ctl agents
expect "French 9" ctl agents
expect_exit 0 ctl queues
expect_exit 0 ctl interactions --live
expect "no interaction 1-00000000002a" ctl trace 1-2a
expect "expected \`ixn\`" ctl trace nonsense
expect_exit 1 ctl data 1-2a
expect_exit 2 ctl trace
expect_exit 2 ctl frobnicate
expect "gcxvm " ctl version
[ "$(stat -c %a "$dir/state/admin.sock")" = 600 ] || say_failed "the admin socket is open to others"

# Another one on the same state folder.
expect_exit 6 "$gcxvm" "$dir/gcx.conf"
expect "another gcxvm works on it, process $vm" "$gcxvm" "$dir/gcx.conf"

# A reload that fails leaves all as it was.
echo "insert into agent values ('paul', 'Paul Adams');" >>"$dir/directory.sql"
expect "in force: 4 rows" ctl load
expect "paul" ctl agents
echo "insert into agent values ('paul', 'twice');" >>"$dir/directory.sql"
expect_exit 1 ctl load
expect "UNIQUE constraint failed" ctl load
expect "paul" ctl agents
sed -i '$d' "$dir/directory.sql"
echo "delete from agent where name = 'paul';" >>"$dir/directory.sql"
kill -HUP "$vm"
paul_gone() { ctl agents >"$dir/agents" && ! grep -q paul "$dir/agents"; }
await paul_gone

stop 0
[ ! -e "$dir/state/admin.sock" ] || say_failed "the admin socket was left behind"
await logged "ends in order" || say_failed "the end was not logged"
start
expect "epoch 2" ctl status
kill -INT "$vm"; wait "$vm"; got=$?
[ "$got" = 0 ] || say_failed "SIGINT: ended with $got"
vm=

# A journal that is none.
for file in "$dir"/state/journal*; do echo "scrambled scrambled scrambled" >"$file"; done
expect_exit 3 "$gcxvm" "$dir/gcx.conf"
finish
