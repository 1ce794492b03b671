#!/bin/bash
# tests/bench/desk_tasks.sh BUILD - Common tasks of an agent at the desk, by the keyboard alone, in headless Chromium: how
# many keys each takes, and how many seconds: see desk_tasks.py. BUILD may be that of an older version: the tasks that it
# has not are printed with "-". 77: there is no Chromium, or no selenium.
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd)
. "$top_srcdir/tests/flows/browser_common.sh"
[ -f "$top_builddir/.libs/desk.so" ] && [ -f "$top_builddir/.libs/email.so" ] || cleanup 77
"$gcxc" build "$top_srcdir/tests/flows/desk_browser.gcx" -o "$dir/day.gcxb" >&2 || cleanup 1
hash=$(echo secret | "$gcxvm" --hash-password)
(umask 077; printf '%s\n' "marie agent password=$hash" "jean agent password=$hash" >"$dir/users")
printf '[Comes tomorrow]\nresponse = Parcels/late\ntags = parcel\ndata.order = late\nwrapup = parcel_late\nfinish = yes\n' >"$dir/macros"
printf 'category,name,language,subject,text\nParcels,late,,Late,"Dear {contact.name}, it comes tomorrow."\n' >"$dir/responses.csv"
play ../bench/desk_tasks.py
make_world "adapter chat {
  queues = \"service\"
  origins = \"http://127.0.0.1:$(cat "$dir/site")\"
  store = \"sqlite:$dir/contacts\"
  port_file = \"$dir/port\"
}
adapter email {
  addresses = \"service@shop.example=incoming\"
  store = \"sqlite:$dir/contacts\"
  port_file = \"$dir/lmtp\"
}
adapter desk {
  users = \"$dir/users\"
  store = \"sqlite:$dir/contacts\"
  media = \"email, chat, work\"
  queues = \"service, mail, outgoing\"
  workbins = \"later, returned\"
  outbound = \"outgoing\"
  from = \"service@shop.example\"
  reasons = \"lunch, training\"
  data = \"order\"
  wrapups = \"parcel_late, question_answered\"
  tags = \"parcel, urgent\"
  macros = \"$dir/macros\"
  port_file = \"$dir/desk\"
}"
site_queues day.gcxb service incoming team soon mail outgoing
cat >>"$dir/directory.sql" <<'SQL'
insert into agent values ('jean', 'Jean Moreau');
create table "group" (name text primary key);
create table group_member ("group" text, agent text, primary key ("group", agent));
insert into "group" values ('helpers');
insert into group_member values ('helpers', 'marie'), ('helpers', 'jean');
insert into routing_point (dn, strategy) values ('service', 'talks'), ('incoming', 'mails'), ('team', 'teams'), ('soon', 'soon');
SQL
"$top_builddir/gcxstore" import "sqlite:$dir/contacts" "$dir/responses.csv" >&2 || cleanup 1
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || sed -i '/^  tags = /d; /^  macros = /d' "$dir/gcx.conf" # an older version
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check" >&2; cleanup 1; }
start >&2
wait "$player" || { failures=1; tail -n 20 "$dir/log" >&2; }
player=''
cat "$dir/play.log"
cleanup "$failures"
