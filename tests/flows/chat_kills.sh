#!/bin/bash
# Three customers chat with an agent at the desk while the chat's plugin, the core, the contact store and the desk are killed in
# turns (KILLS, 5); the plugin ends in order, too. Each message that was acknowledged, of a customer and of the agent, is in
# the store once and in its order, and each customer reads the agent's once and in their order. The books stand outside of what is killed, with the people
# (chat_kills.py).
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/kills_common.sh"
for plugin in chat desk; do [ -f "$top_builddir/.libs/$plugin.so" ] || cleanup 77; done
pg_begin || cleanup 1
cat >"$dir/chats.gcx" <<'GCX'
site {
    vq people;
    queue service, desk;
    skill French;
    capacity chatting { chat 3; }
}

strategy offers on chat {
    let who = select in vq people { skill French >= 1; } timeout 10m else goto later;
    route who else goto later;
    later: route queue desk;
}
GCX
"$gcxc" build "$dir/chats.gcx" -o "$dir/chats.gcxb" || cleanup 1
(umask 077; echo "marie agent password=$(echo secret | "$gcxvm" --hash-password)" >"$dir/users")
make_world "adapter chat {
  queues = \"service\"
  origins = \"https://shop.example\"
  store = \"$pg_conninfo\"
  port_file = \"$dir/chat.port\"
  state = \"$dir/chats.state\"
  messages_per_minute = \"100000\"
  messages = \"20000\"
  restart_max_ms = 500
}
adapter desk {
  store = \"$pg_conninfo\"
  users = \"$dir/users\"
  port_file = \"$dir/desk.port\"
  state = \"$dir/desks\"
  messages_per_minute = \"100000\"
  restart_max_ms = 500
}"
site_queues chats.gcxb service desk
cat >>"$dir/directory.sql" <<'SQL'
alter table agent add column capacity text;
update agent set capacity = 'chatting';
insert into routing_point (dn, strategy) values ('service', 'offers');
SQL
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
start
await test -s "$dir/desk.port" && await test -s "$dir/chat.port"
kills=${KILLS:-5}
people_play chat_kills.py
kill_in_turns 30 chat core store desk chat:TERM
wait "$people" || say_failed "the people"
people=''
cat "$dir/people"
kept_is_said
stop 0
[ "$failures" = 0 ] || tail -n 40 "$dir/log"
finish
