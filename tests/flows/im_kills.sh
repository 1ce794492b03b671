#!/bin/bash
# Ann asks and Kim answers at their own XMPP clients, by way of Prosody, while the plugin, the core and the contact store are
# killed in turns (KILLS, 4); the plugin ends in order, too. Each message whose client has a receipt is in the store once and
# in its order, and its reader has it, in its order; one that a reader gets twice has the same id both times. The books stand
# outside of what is killed, with the people (im_kills.py).
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/xmpp_common.sh"
. "$top_srcdir/tests/flows/kills_common.sh"
[ -f "$top_builddir/.libs/im.so" ] || cleanup 77
pg_begin || cleanup 1
xmpp_server ann kim
echo 'kim kim@localhost' >"$dir/workers"
"$gcxc" build "$top_srcdir/tests/flows/im_wire.gcx" -o "$dir/asks.gcxb" || cleanup 1
make_world "adapter im {
  server = \"127.0.0.1:$component\"
  domain = \"kw.localhost\"
  secret_file = \"$dir/secret\"
  queues = \"billing\"
  workers = \"$dir/workers\"
  store = \"$pg_conninfo\"
  state = \"$dir/im.state\"
  messages = \"20000\"
  steady = 0
  restart_max_ms = 500
}"
site_queues asks.gcxb billing quick desk
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('Billing');
insert into agent values ('kim', 'Kim Lane');
insert into agent_skill values ('kim', 'Billing', 9);
insert into routing_point (dn, strategy) values ('billing', 'asks');
SQL
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
start
kills=${KILLS:-4}
people_play im_kills.py
kill_in_turns 16 im core store im:TERM
wait "$people" || say_failed "the people"
people=''
cat "$dir/people"
kept_is_said
stop 0
[ "$failures" = 0 ] || tail -n 40 "$dir/log"
finish
