#!/bin/sh
# Conversations by short messages (sms_session.py): an agent at the desk and customers at an SMSC. Adapter and core are killed
# amid them; customers leave, come back, and write again when it is over. An idle one ends.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/sms_common.sh"
for program in sqlite3 openssl; do
    command -v "$program" >/dev/null || { echo "$program is not installed"; cleanup 77; }
done
[ -f "$top_builddir/.libs/desk.so" ] || cleanup 77
smsc_start
"$gcxc" build "$top_srcdir/tests/flows/sms_session.gcx" -o "$dir/texts.gcxb" || cleanup 1
(umask 077; echo "marie agent password=$(echo secret | "$gcxvm" --hash-password)" >"$dir/users")
(umask 077; echo "our word" >"$dir/token")
# Something that is no T-Server is where the desk wants one, until it has been told.
python3 -c 'import os, socket, sys
door = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1] + ".new", "w").write(str(door.getsockname()[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
asked = []
while True:
    asked.append(door.accept()[0])
    asked[-1].sendall(b"{\"Message\":\"EventAuthenticationRequired\"}\n" if os.path.exists(sys.argv[2]) else b"220 a mail server\n")' "$dir/tserver.port" "$dir/tserver.there" &
tserver=$!
await test -s "$dir/tserver.port"
# conversations SETTINGS
conversations() {
    make_world "adapter sms {
  numbers = \"+4930123=service, +4930124=service\"
  sessions = \"+4930123 +4930124:service=^(chat|help)\\\\b\"
  state = \"$dir/conversations\"
  store = \"sqlite:$dir/contacts\"
  closing = \"Good bye.\"
  http = \"127.0.0.1:0\" http_port_file = \"$dir/http\" http_token_file = \"$dir/token\"
  provider = \"127.0.0.1:$(cat "$dir/smsc.port")\" system_id = \"shop\" reconnect = \"1\" response = \"60\"
  $1
}
adapter desk {
  store = \"sqlite:$dir/contacts\"
  users = \"$dir/users\"
  port_file = \"$dir/desk.port\"
  state = \"$dir/desks\"
  media = \"sms\"
  tserver = \"127.0.0.1:$(cat "$dir/tserver.port")\"
  queues = \"desk\"
  texts = \"texts\"
  begins_per_minute = \"3\"
}"
    site_queues texts.gcxb service desk texts
    cat >>"$dir/directory.sql" <<'SQL'
alter table agent add column capacity text;
update agent set capacity = 'texting';
insert into routing_point (dn, strategy) values ('service', 'texts'), ('texts', 'sends');
SQL
    "$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
}
conversations ''
start
await test -s "$dir/desk.port"
up() { [ "$(ctl status --json | grep -c '"state": "up"')" = 2 ]; }
await up
pid_of() {
    ctl status --json | python3 -c 'import json, sys
print(*[one["pid"] for one in json.load(sys.stdin)["links"] if one["name"] == sys.argv[1]])' "$1"
}
timeout 120 python3 "$top_srcdir/tests/flows/sms_session.py" "$dir" "$top_srcdir" talk &
agent=$!
also_end() { kill "$agent" "$tserver" 2>/dev/null; smsc_end; }
over() { [ -e "$1" ] || [ ! -d "/proc/$agent" ]; }
# The adapter is killed while an answer is on its way, then while nothing is; the core while a customer writes.
for n in 1 2; do
    await over "$dir/kill_sms$n"
    killed=$(pid_of sms)
    kill -9 "$killed"
    another() { [ "$(pid_of sms)" != "$killed" ] && up; }
    await another
    touch "$dir/killed_sms$n"
done
await logged 'desk tserver: it is away: what answers there is no T-Server'
touch "$dir/tserver.there"
await logged 'desk tserver: it is there again'
await over "$dir/kill_core"
kill -9 "$vm"
wait "$vm" 2>/dev/null
touch "$dir/dead_core"
await over "$dir/start_core"
start
await up
touch "$dir/killed_core"
wait "$agent" || say_failed "the agent"
[ "$(store_sql "select count(*) from interactions where media = 'sms' and direction = 'in' and result is null and external_id not like 'sms-%'")" = 1 ] ||
    { say_failed "more than one conversation is open in the store"; store_sql "select * from interactions"; }
stop 0

# Nobody writes: the customer is told, then it is over.
: >"$dir/desk.port"
conversations 'idle = "1" idle_close = "1" idle_text = "Are you there?" remembers = "0"'
start
await test -s "$dir/desk.port"
await up
timeout 60 python3 "$top_srcdir/tests/flows/sms_session.py" "$dir" "$top_srcdir" idle || say_failed "the idle conversation"
stop 0
sort "$dir/submitted" | grep -v 'One moment\|Good bye\|START:\|STOP:' | uniq -d | grep . && say_failed "a message was sent twice"
[ "$failures" = 0 ] && cleanup 0
tail -n 80 "$dir/log"; cat "$dir/smsc.log" "$dir/submitted"
cleanup 1
