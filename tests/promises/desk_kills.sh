#!/bin/bash
# Every act of an agent at the desk (desk_kills.list), while the desk, the router, the contact store, or the plugin of mails, chats
# or short messages is killed: it was done once, or the page was told that it was not, and the agent does it again
# (desk_kills.py). The acts come in rounds, and in each one process is killed amid them; GCX_SEED draws which, and when. ROUNDS: how
# many rounds with all acts, 1 unless told; ALL=1: 12.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/postgres_common.sh"
command -v python3 >/dev/null || { echo "python3 is not installed"; pg_end; cleanup 77; }
people=''
also_end() { [ -z "$people" ] || { kill "$people"; wait "$people"; } 2>/dev/null; pg_end; }
for plugin in chat email sms desk; do [ -f "$top_builddir/.libs/$plugin.so" ] || cleanup 77; done
[ -z "${ALL-}" ] || export ROUNDS="${ROUNDS:-12}"
pg_begin && pg_control || cleanup 1
"$gcxc" build "$top_srcdir/tests/promises/desk_kills.gcx" -o "$dir/acts.gcxb" || cleanup 1
hash=$(echo secret | "$gcxvm" --hash-password)
(umask 077; printf '%s agent password=%s\n' marie "$hash" paul "$hash" zoe "$hash" yves "$hash" >"$dir/users"
    echo "anne supervisor password=$hash" >>"$dir/users")
printf '[Late]\ndata.note = late\ntags = slow, urgent\nwrapup = solved\n' >"$dir/macros"
tserver=$(python3 "$top_srcdir/tests/flows/free_ports.py")
make_world "adapter chat {
  queues = \"service\"
  origins = \"https://shop.example\"
  store = \"$pg_conninfo\"
  port_file = \"$dir/chat.port\"
  state = \"$dir/chats.state\"
  restart_max_ms = 500
}
adapter email {
  addresses = \"service@shop.example=mail\"
  store = \"$pg_conninfo\"
  port_file = \"$dir/lmtp.port\"
  mails_per_minute = \"100000\"
  restart_max_ms = 500
}
adapter sms {
  numbers = \"+4930123=texts\"
  provider = \"127.0.0.1:9\" system_id = \"shop\"
  store = \"$pg_conninfo\"
  restart_max_ms = 500
}
adapter desk {
  tserver = \"127.0.0.1:$tserver\"
  store = \"$pg_conninfo\"
  users = \"$dir/users\"
  port_file = \"$dir/desk.port\"
  state = \"$dir/desks\"
  media = \"email, chat, im, sms\"
  queues = \"desk, outbound, sms\"
  workbins = \"drafts\"
  asks = \"knowers\"
  outbound = \"outbound\"
  texts = \"sms\"
  from = \"service@shop.example\"
  undo = \"0\"
  admin = \"$dir/state/admin.sock\"
  parameters = \"greeting\"
  wrapups = \"solved, spam\"
  data = \"parcel, note\"
  tags = \"urgent, slow\"
  macros = \"$dir/macros\"
  messages_per_minute = \"100000\"
  begins_per_minute = \"10000\"
  restart_max_ms = 500
}"
site_queues acts.gcxb service mail texts desk outbound sms knowers
cat >>"$dir/directory.sql" <<'SQL'
insert into agent values ('paul', 'Paul Petit'), ('anne', 'Anne Noir'), ('zoe', 'Zoe Blanc'), ('yves', 'Yves Gris');
alter table agent add column capacity text;
alter table queue add column offer_s int;
update queue set offer_s = 3600;
update agent set capacity = 'several';
insert into routing_point (dn, strategy) values ('service', 'waits'), ('mail', 'waits'), ('knowers', 'asked');
SQL
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
start
for port in desk chat lmtp; do await test -s "$dir/$port.port"; done
echo "$vm" >"$dir/core.pid"
PYTHONDONTWRITEBYTECODE=1 timeout 1200 python3 "$top_srcdir/tests/promises/desk_kills.py" "$dir" "$top_srcdir" "$gcxctl" "$pg_dir/control" "$tserver" &
people=$!
# The people kill; the router is started again here.
while wait -n "$vm" "$people"; [ -d "/proc/$people" ]; do
    [ ! -d "/proc/$vm" ] || continue
    start
    echo "$vm" >"$dir/core.new" && mv "$dir/core.new" "$dir/core.pid"
done
wait "$people" || say_failed "the people"
people=''
stop 0
[ "$failures" = 0 ] || tail -n 60 "$dir/log"
finish
