#!/bin/sh
# Knowledge workers at their own XMPP clients (im_wire.py), and somebody who asks, by way of Prosody: presence becomes
# agents' states, a preview is declined by one worker and accepted by the next, and words go to and fro in their order. The
# core and the adapter are killed in the middle, and the server goes away and comes back. Who asked is erased then, and no
# file of the site has a word of it.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/xmpp_common.sh"
people=
also_end() { [ -z "$people" ] || { kill "$people"; wait "$people"; } 2>/dev/null; }

xmpp_server ann kim lee bot
printf '# agent address\nkim kim@localhost\nlee Lee@localhost\n' >"$dir/workers"
"$gcxc" build "$top_srcdir/tests/flows/im_wire.gcx" -o "$dir/asks.gcxb" || cleanup 1
make_world "adapter im {
  server = \"127.0.0.1:$component\"
  domain = \"kw.localhost\"
  secret_file = \"$dir/secret\"
  queues = \"billing,quick,slow,closed\"
  workers = \"$dir/workers\"
  store = \"sqlite:$dir/contacts\"
  state = \"$dir/im.state\"
  steady = 0
  read_receipts = \"yes\"
}"
site_queues asks.gcxb billing quick slow closed desk
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('Billing');
insert into agent values ('kim', 'Kim Lane'), ('lee', 'Lee Smith');
insert into agent_skill values ('kim', 'Billing', 9), ('lee', 'Billing', 5);
insert into routing_point (dn, strategy) values ('billing', 'asks'), ('quick', 'quick'), ('slow', 'slow'), ('closed', 'shuts');
SQL
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
start
"$python" "$top_srcdir/tests/flows/im_wire.py" "$dir" "$gcxctl" >"$dir/people" 2>&1 &
people=$!
await test -e "$dir/kill" -o ! -d "/proc/$people"
kill -9 "$vm"
wait "$vm" 2>/dev/null
start
wait "$people" || { say_failed "the people"; cat "$dir/people"; ctl agents; ctl interactions; }
people=
texts() { sqlite3 -cmd '.timeout 9000' "$dir/contacts" "select role || ' ' || text from messages order by interaction, n"; }
expect 'customer Where is invoice 7?' texts
logged 'is not read: it is too long' || say_failed 'a stanza beyond the limit is not told'
logged 'xmpp: it is away: a stanza' && say_failed 'a stanza beyond the limit ends the stream'
[ "$(texts | grep -c '^agent so [0-9]$')" = 6 ] || { say_failed 'not each word of the worker stands once in the store'; texts; }
[ "$(texts | grep -c 'has not got a message')" = 1 ] || { say_failed 'what was returned is not kept once'; texts; }
fates=$(sqlite3 -cmd '.timeout 9000' "$dir/contacts" "select result from messages where text in ('so 3', 'so 5') order by text")
[ "$(echo $fates)" = 'read failed' ] || { say_failed "what became of two messages: $fates"; }
contents=$(sqlite3 -cmd '.timeout 9000' "$dir/contacts" "select a.kind || ' ' || coalesce(m.text, '-') from messages a left join messages m on
m.msg_id = a.of_id where a.kind not in ('text', 'file') order by a.n")
[ "$contents" = 'edit It costs 70.
reaction so 5
reaction so 5
reaction It costs 70.
place -
deletion It costs 70.
reaction so 5' ] || { say_failed "messages about messages: $contents"; }
# The asker is erased: nothing of the site has their words.
echo ann@localhost | "$gcxctl" erase - "$dir/gcx.conf" >"$dir/erased" 2>&1 || { say_failed "erase"; cat "$dir/erased"; }
expect_exit 0 ctl journal prune --days 0
stop 0
found=$(cd "$dir" && grep -r -l -a -i -e 'ann@localhost' -e 'invoice' . | grep -v -e '\./erased' -e '\./people' -e prosody -e '\.gcxb' -e xmpp -e ejabberd)
[ -z "$found" ] || { say_failed "the asker's words are in $found"; grep -a -i -o -h '.\{60\}invoice.\{20\}' $(cd "$dir" && echo "$found" | sed "s|^|$dir/|") | head -n 5; }
[ "$failures" = 0 ] || tail -n 30 "$dir/log"
finish
