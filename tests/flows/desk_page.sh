#!/bin/sh
# What the desk's page shows of what goes wrong (desk_page.py), in headless Chromium: an offer is missed; the core is killed
# and comes back with a chat open; the desk's process ends in order and comes back; and what becomes of calls, by a T-Server that
# says each of its events (tserver_stub.py).
. "$top_srcdir/tests/flows/browser_common.sh"
[ -f "$top_builddir/.libs/desk.so" ] || exit 77

"$gcxc" build "$top_srcdir/tests/flows/desk_page.gcx" -o "$dir/page.gcxb" || cleanup 1
hash=$(echo secret | "$gcxvm" --hash-password)
printf '%s\n' "marie agent password=$hash" "jean agent password=$hash" "paul supervisor password=$hash" >"$dir/users"
chmod 600 "$dir/users"
play desk_page.py
make_world "adapter chat {
  queues = \"service\"
  origins = \"http://127.0.0.1:$(cat "$dir/site")\"
  store = \"sqlite:$dir/contacts\"
  state = \"$dir/chats\"
  port_file = \"$dir/port\"
}
adapter desk {
  users = \"$dir/users\"
  store = \"sqlite:$dir/contacts\"
  state = \"$dir/sessions\"
  queues = \"service\"
  reasons = \"lunch\"
  texts_way = \"udh16\"
  wrapups = \"parcel_late, question_answered\"
  call_queues = \"Parcels=1801, Returns=1802\"
  admin = \"$dir/state/admin.sock\"
  parameters = \"patience\"
  links = \"Parcel [voice]=https://shop.example/parcels?id={parcel}, Mail [email]=https://shop.example/{parcel}\"
  frames = \"Tracking [voice vq:parcels]=https://shop.example/track/{parcel}\"
  tserver = \"127.0.0.1:$(cat "$dir/tserver")\"
  port_file = \"$dir/desk\"
}"
site_queues page.gcxb service
cat >>"$dir/directory.sql" <<'SQL'
insert into agent values ('jean', 'Jean Moreau'), ('paul', 'Paul Simon');
create table "group" (name text primary key);
create table group_member ("group" text, agent text, primary key ("group", agent));
insert into "group" values ('helpers');
insert into group_member values ('helpers', 'marie'), ('helpers', 'jean');
insert into routing_point (dn, strategy) values ('service', 'talks');
SQL
start
pid_of() { ctl links --json | "$python" -c "import json, sys; print(next(one['pid'] for one in json.load(sys.stdin)['links'] if one['name'] == '$1'))"; }
# What the player asks for: a file with a word, taken away when it is done.
while kill -0 "$player" 2>/dev/null; do
    case $(cat "$dir/wants" 2>/dev/null) in
    core_away) kill -9 "$vm"; wait "$vm" 2>/dev/null; vm=; rm "$dir/wants" ;;
    core_back) start; rm "$dir/wants" ;;
    desk_away) kill "$(pid_of desk)"; rm "$dir/wants" ;;
    chat_ended) ctl end "$(ctl interactions --live --json | sed -n 's/.*"ixn": "\([^"]*\)".*/\1/p' | head -n 1)" >/dev/null; rm "$dir/wants" ;;
    desk_killed) kill -9 "$(pid_of desk)"; rm "$dir/wants" ;;
    esac
    sleep 0.05
done
played
stop 0
[ "$failures" = 0 ] || tail -n 60 "$dir/log"
finish
