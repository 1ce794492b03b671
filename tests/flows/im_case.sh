#!/bin/bash
# tests/flows/im_case.sh - One case of a call and a question: sipp calls, Marie answers at baresip's telephone, and asks from
# the desk; Kim and Lee read previews at their XMPP clients, one declines, one accepts and writes to her; the call is
# transferred to that one through the routing point of hand_on, or asked first, at the DN or through the routing point, and
# called in. A call that names nobody goes to whoever accepts it in a preview.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/sip_phones.sh"
. "$top_srcdir/tests/flows/xmpp_common.sh"
[ -f "$top_builddir/.libs/desk.so" ] && [ -f "$top_builddir/.libs/im.so" ] || exit 77
cp "$dir/prompts/music.wav" "$dir/prompts/hold.wav"
xmpp_server kim lee
printf 'kim kim@localhost\nlee lee@localhost\n' >"$dir/workers"

mkdir "$flow" && cp "$top_srcdir/tests/flows/im_case.gcx" "$top_srcdir/strategies/knowledge_worker/hand_on.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/im_case.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
alter table agent add column capacity text;
insert into skill values ('Sales'), ('Billing');
insert into agent (name, display, capacity) values ('marie', 'Marie Laurent', 'asked'), ('kim', 'Kim Lane', 'asked'), ('lee', 'Lee Smith', 'asked');
insert into agent_skill values ('marie', 'Sales', 9), ('kim', 'Billing', 9), ('lee', 'Billing', 7);
insert into dn (number, type) values ('7001', 'extension'), ('7002', 'extension'), ('7003', 'extension'), ('1800', 'routing_point'), ('1900', 'routing_point'),
    ('billing', 'queue'), ('everyone', 'queue'), ('desk', 'queue');
insert into queue (name, dn) values ('billing', 'billing'), ('everyone', 'everyone'), ('desk', 'desk');
insert into routing_point (dn, strategy, defaults) values ('1800', 'reception', ''), ('1900', 'hand_on', ''), ('billing', 'asks', ''), ('everyone', 'asks_all', '');
SQL
telephone 7001 one auto
telephone 7002 two auto welcome
telephone 7003 three auto boss
hash=$(printf 'secret\n' | "$gcxvm" --hash-password) || die "gcxvm --hash-password"
(umask 077; printf '%s agent password=%s\n' marie "$hash" kim "$hash" lee "$hash" >"$dir/users")
cti=$(free_port)
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" trunks = "127.0.0.2" numbers = "1800, 1900" prompts = "$dir/prompts"
    telephones = "$dir/telephones" users = "$dir/users" listen = "127.0.0.1:$cti" port_file = "$dir/cti.port"
}
adapter desk {
    users = "$dir/users" store = "sqlite:$dir/contacts" port_file = "$dir/desk.port" state = "$dir/sessions"
    tserver = "127.0.0.1:$cti" media = "email, chat, im" asks = "billing, everyone" asks_to = "1900"
}
adapter im {
    server = "127.0.0.1:$component" domain = "kw.localhost" secret_file = "$dir/secret" queues = "billing,everyone" workers = "$dir/workers"
    store = "sqlite:$dir/contacts" state = "$dir/im.state" steady = 0
}
CONF
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; die "gcxvm --check"; }
start
await test -s "$dir/desk.port"
telephones_on
await in_service 3

# The people say what happens around them, a line each, and wait until it has.
coproc PEOPLE { exec timeout 800 "$python" "$top_srcdir/tests/flows/im_case.py" "$dir" "$top_srcdir" "$gcxctl"; }
people=$PEOPLE_PID started="$started $PEOPLE_PID"
exec 7<&"${PEOPLE[0]}" 8>&"${PEOPLE[1]}"
while read -r -u 7 command; do $command 7<&- 8>&-; echo done >&8; done
wait "$people" || say_failed "the people"
await no_calls
# The case in the contact store: the questions belong to their calls, and say who had them.
sql() { sqlite3 -cmd '.timeout 9000' "$dir/contacts" "$1"; }
of_calls="select count(*) from interactions i join interactions c on c.id = i.parent where i.media = 'im' and i.agent in ('kim', 'lee') and c.media = 'voice'"
[ "$(sql "$of_calls")" = 2 ] || { say_failed "the questions are not their calls'"; sql 'select id, media, parent, agent, result from interactions'; }
stop
finish
