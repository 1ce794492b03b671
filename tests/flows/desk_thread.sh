#!/bin/sh
# One customer writes short messages and on a network, and an agent answers at the desk (desk_thread.py): all of it is one
# thread, each answer is marked with what became of it, who wants no messages gets none, and where the time for free answers
# is over the network gets a template or nothing. Where Chromium is installed the page is driven, too: a template is chosen,
# a colleague is asked, a refusal is noted and taken back.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/sms_common.sh"
[ -f "$top_builddir/.libs/desk.so" ] && [ -f "$top_builddir/.libs/webhook.so" ] || cleanup 77
smsc_start
"$gcxc" build "$top_srcdir/tests/flows/desk_thread.gcx" -o "$dir/thread.gcxb" || cleanup 1
hash=$(echo secret | "$gcxvm" --hash-password)
(umask 077; printf '%s\n' "marie agent password=$hash" "jean agent password=$hash" >"$dir/users"; echo 'the token' >"$dir/token"
    echo 'cloud secret' >"$dir/cloud.secret")
# The network takes free answers for two seconds, and files of 1,000 bytes.
sed 's/"window_s": [0-9]*/"window_s": 2/; s/"max": 16000000/"max": 1000/' \
    "$top_srcdir/runtime/adapters/webhook/networks/cloud_messenger.json" >"$dir/network.json"
printf '%s\n' 'category,name,language,subject,text' \
    'Templates,parcel_comes,en,,"Dear {contact.name}, your parcel comes {1}."' \
    'Templates,hello,en,,We are here again.' >"$dir/templates.csv"
"$top_builddir/gcxstore" import "sqlite:$dir/contacts" "$dir/templates.csv" >"$dir/imported" 2>&1 || { cat "$dir/imported"; cleanup 1; }
touch "$dir/receipts"
page=
python=python3
for one in python3 /usr/bin/python3; do
    [ -z "$page" ] && command -v chromium >/dev/null && command -v chromedriver >/dev/null && "$one" -c 'import selenium' 2>/dev/null && page=page python=$one
done
PYTHONDONTWRITEBYTECODE=1 "$python" "$top_srcdir/tests/flows/desk_thread.py" "$dir" "$top_srcdir" $page >"$dir/agent.log" 2>&1 &
agent=$!
also_end() { kill "$agent" 2>/dev/null; smsc_end; }
await test -s "$dir/api"
make_world "adapter sms {
  numbers = \"+4930123=service\"
  sessions = \"+4930123:service\"
  state = \"$dir/conversations\"
  store = \"sqlite:$dir/contacts\"
  provider = \"127.0.0.1:$(cat "$dir/smsc.port")\" system_id = \"shop\" reconnect = \"1\"
}
adapter cloud {
  plugin = \"webhook\"
  network = \"$dir/network.json\"
  base = \"http://127.0.0.1:$(cat "$dir/api")/v1\"
  account = \"77\"
  token_file = \"$dir/token\"
  secret_file = \"$dir/cloud.secret\"
  verify_token = \"our word\"
  templates = \"Templates\"
  queue = \"posts\"
  store = \"sqlite:$dir/contacts\"
  state = \"$dir/cloud.state\"
  port_file = \"$dir/cloud.port\"
}
adapter desk {
  store = \"sqlite:$dir/contacts\"
  users = \"$dir/users\"
  port_file = \"$dir/desk.port\"
  state = \"$dir/desks\"
  media = \"sms, social, im\"
  asks = \"experts\"
  queues = \"desk\"
}"
site_queues thread.gcxb service desk posts experts
cat >>"$dir/directory.sql" <<'SQL'
alter table agent add column capacity text;
insert into agent (name, display) values ('jean', 'Jean Moreau');
insert into agent_skill values ('jean', 'French', 9);
update agent set capacity = 'writing';
insert into routing_point (dn, strategy) values ('service', 'texts'), ('posts', 'answers'), ('experts', 'asked');
SQL
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
start
up() { [ "$(ctl status --json | grep -c '"state": "up"')" = 3 ]; }
await up
await test -s "$dir/desk.port"
await test -s "$dir/cloud.port"
touch "$dir/begin"
wait "$agent" || say_failed "the agent"
stop 0
[ "$failures" = 0 ] && cleanup 0
cat "$dir/agent.log"; tail -n 60 "$dir/log"; cat "$dir/submitted"
cleanup 1
