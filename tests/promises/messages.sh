#!/bin/bash
# Each message is heard once, and its writer is forgotten everywhere: a person writes short messages, in a conversation and
# alone, and to a social network. Plugins and daemon are killed, the machine's state folder is lost, and a backup from
# before the last messages is put back. Then the person is erased, by number and by the network's name, the daemon is
# started again, and no file of the site has a word of it. Words of somebody else stay.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/sms_common.sh"
for program in sqlite3 curl; do command -v "$program" >/dev/null || { echo "$program is not installed"; cleanup 77; }; done
number=+33145550101 chat=4477001
smsc_start
"$gcxc" build "$top_srcdir/tests/flows/webhook_wire.gcx" -o "$dir/posts.gcxb" || cleanup 1
(umask 077; echo "bot secret" >"$dir/bot.secret"; echo 'the token' >"$dir/token")
make_texts "sessions = \"+4930123:service=^chat\\\\b\"
  state = \"$dir/conversations\" country = \"FR\"
  provider = \"127.0.0.1:$(cat "$dir/smsc.port")\" system_id = \"shop\" response = \"5\""
sed -i 's/^strategies = .*/strategies = {"texts.gcxb", "posts.gcxb"}/' "$dir/gcx.conf"
cat >>"$dir/gcx.conf" <<CONF
country = "FR"
records = "sqlite:$dir/records.db"
adapter bot {
  plugin = "webhook"
  network = "$top_srcdir/runtime/adapters/webhook/networks/bot_messenger.json"
  base = "http://127.0.0.1:9/v1" token_file = "$dir/token" secret_file = "$dir/bot.secret"
  queue = "posts" store = "sqlite:$dir/contacts" state = "$dir/posts" port_file = "$dir/bot.port"
}
CONF
echo "insert into dn values ('posts', 'queue'); insert into queue values ('posts', 'posts'); insert into routing_point (dn, strategy) values ('posts', 'answers');" >>"$dir/directory.sql"
state=$dir/state
up() { [ "$(ctl status --json | grep -c '"state": "up"')" = 2 ] && [ -s "$dir/bot.port" ]; }
again() { start; await up; }
die() { kill -9 "$vm"; wait "$vm" 2>/dev/null; vm=; }
post() { # WHO NAME NUMBER TEXT
    [ "$(curl -sS -o /dev/null -w '%{http_code}' -H 'X-Telegram-Bot-Api-Secret-Token: bot secret' "http://127.0.0.1:$(cat "$dir/bot.port")/" -d \
        "{\"update_id\": $3, \"message\": {\"message_id\": $3, \"from\": {\"first_name\": \"$2\", \"id\": $1}, \"chat\": {\"id\": $1}, \"date\": 1700000000, \"text\": \"$4\"}}")" = 200 ]
}
known() { [ "$(ctl interactions --live --json | grep -c '"ixn"')" = "$1" ]; }
acknowledged() { [ "$(sort -u "$dir/acknowledged" 2>/dev/null | grep -c .)" = "$1" ]; }
plugins() { ctl status --json | sed -n 's/^ *"pid": \([0-9]*\),\{0,1\}$/\1/p' | grep -v "^$vm\$"; }
again

# ---- each is heard once ----
deliver "$number +4930123 My kettle leaks, says Bauer"
deliver "$number +4930123 chat about the kettle"
deliver "+33145550199 +4930123 My pan is fine"
await acknowledged 3
post $chat Bauer 9 'My kettle leaks here, too' || say_failed "the post was not taken"
post 42 Other 10 'My pan is fine' || say_failed "the other post was not taken"
await known 5
expect_exit 0 ctl backup "$dir/copy"
deliver "$number +4930123 The kettle has exploded"
post $chat Bauer 11 'It has exploded' || say_failed "the second post was not taken"
await acknowledged 4
plugins | xargs kill -9
await up
post $chat Bauer 11 'It has exploded' || say_failed "the second post was not taken again"
die
rm -rf "$state"
expect_exit 0 "$gcxctl" restore "$dir/copy"
again
await known 5
words() { sqlite3 -cmd '.timeout 9000' "$dir/contacts" "select text || ': ' || count(*) from messages where role = 'customer' and text like '%$1%' group by text"; }
for text in 'My kettle leaks, says Bauer: 1' 'chat about the kettle: 1' 'The kettle has exploded: 1' 'My kettle leaks here, too: 1' 'It has exploded: 1'; do
    [ "$(words "${text%: 1}")" = "$text" ] || say_failed "not once in the store: $text, but $(words "${text%: 1}")"
done
for ixn in $(ctl interactions --live --json | sed -n 's/^ *"ixn": "\(.*\)",*/\1/p'); do expect_exit 0 ctl end "$ixn"; done
await known 0

# ---- and forgotten everywhere ----
expect_exit 0 "$top_builddir/gcxrecords" --once "$dir/gcx.conf" "sqlite:$dir/records.db"
grep -q -a -i kettle "$dir"/contacts* || say_failed "the store does not have the words: the search below would prove nothing"
rm -rf "$dir/copy"
for who in '01 45 55 01 01' "$chat"; do
    echo "$who" | "$gcxctl" erase - "$dir/gcx.conf" >"$dir/output" 2>&1 || { say_failed "erase $who"; cat "$dir/output"; }
done
cat "$dir/output"
expect_exit 0 ctl journal prune --days 0
die
again
rm -f "$dir/output"
nowhere() {
    for form in 145550101 '1 45 55 01 01' $chat bauer kettle exploded; do
        found=$(find "$dir" -type f ! -name '*.gcxb' ! -name deliver ! -name acknowledged ! -name submitted ! -name 'smsc*' -exec grep -l -a -i -F -e "$form" {} +)
        [ -z "$found" ] || { say_failed "$1: $form is in $found"; echo "$found" | grep -v sqlite | xargs grep -a -i -F -h -m 2 -e "$form" | tr -cd "[:print:]\n" | cut -c1-300; }
    done
}
nowhere "after it"
expect_exit 0 ctl backup "$dir/copy"
nowhere "in a backup"
[ "$(sqlite3 "$dir/contacts" "select count(*) from messages where text = 'My pan is fine'")" = 2 ] || say_failed "somebody else's words are gone, too"
stop 0
nowhere "after the end"
finish
