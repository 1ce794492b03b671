#!/bin/bash
# tests/bench/usable.sh BUILD ROUNDS - How long a browser takes until its user can act, at the desk and on a page with the
# widget: see usable.py. 77: there is no Chromium, or no selenium.
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd)
. "$top_srcdir/tests/flows/browser_common.sh"
[ -f "$top_builddir/.libs/desk.so" ] || cleanup 77
"$gcxc" build "$top_srcdir/tests/flows/chat_wire.gcx" -o "$dir/chats.gcxb" >&2 || cleanup 1
(umask 077; echo "marie agent password=$(echo secret | "$gcxvm" --hash-password)" >"$dir/users")
play ../bench/usable.py "$2"
make_world "adapter chat {
  queues = \"service\"
  origins = \"http://127.0.0.1:$(cat "$dir/site")\"
  store = \"sqlite:$dir/contacts\"
  port_file = \"$dir/chat.port\"
}
adapter desk {
  store = \"sqlite:$dir/contacts\"
  users = \"$dir/users\"
  port_file = \"$dir/desk.port\"
  queues = \"desk\"
}"
sed -i 's/^strategies = .*/strategies = {"chats.gcxb"}/' "$dir/gcx.conf"
cat >>"$dir/directory.sql" <<'SQL'
create table dn (number text primary key, type text not null default 'extension');
create table queue (name text primary key, dn text);
create table routing_point (dn text primary key, strategy text not null, defaults text not null default '');
insert into dn values ('service', 'queue'), ('desk', 'queue'), ('closed', 'queue');
insert into queue values ('service', 'service'), ('desk', 'desk'), ('closed', 'closed');
insert into routing_point (dn, strategy) values ('service', 'greets'), ('closed', 'ends');
SQL
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check" >&2; cleanup 1; }
start >&2
wait "$player" || failures=1
player=''
cat "$dir/play.log"
cleanup "$failures"
