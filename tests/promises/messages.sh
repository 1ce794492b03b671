#!/bin/bash
# Each message is heard once, its writer is forgotten everywhere, and who wants none gets none. A person writes short messages,
# by SMPP with TLS in a conversation and alone and by a provider with an API, a multimedia message, and to a social network, with
# a file. Plugins and daemon are killed, the machine's state folder is lost, and a backup from before the last messages is put
# back. Then the person is erased, by number and by the network's name, the daemon is started again, and no file of the site has
# a word of it. Words of somebody else stay, and refusals hold in all media. When the contact store is put back, too, and the
# plugins' own folders are not, each customer's words are in their own conversation.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/sms_common.sh"
. "$top_srcdir/tests/flows/mms_common.sh"
for program in sqlite3 openssl; do command -v "$program" >/dev/null || { echo "$program is not installed"; cleanup 77; }; done
number=+33145550101 chat=4477001 left=+33145550177 left_chat=4477099 network=
also_end() { smsc_end; [ -z "$network" ] || { kill "$network"; wait "$network"; } 2>/dev/null; }
authority ca
certificate smsc ca IP:127.0.0.1
smsc_certificate=$dir/smsc.both
smsc_start
mkfifo "$dir/idle"
python3 "$top_srcdir/tests/flows/webhook_networks.py" "$dir" <"$dir/idle" >"$dir/network" 2>&1 & network=$!
exec 8>"$dir/idle"
await test -s "$dir/api"
api=http://127.0.0.1:$(cat "$dir/api")
"$gcxc" build "$top_srcdir/tests/flows/webhook_wire.gcx" -o "$dir/posts.gcxb" || cleanup 1
key=$(openssl rand -base64 24)
(umask 077; echo "bot secret" >"$dir/bot.secret"; echo 'the token' >"$dir/token"; echo "whsec_$key" >"$dir/provider.secret"; echo ours >"$dir/applications")
networks=$top_srcdir/runtime/adapters/webhook/networks
make_texts "sessions = \"+4930123:service=^chat\\\\b\"
  state = \"$dir/conversations\" country = \"FR\" ca = \"$dir/ca.pem\"
  http = \"127.0.0.1:0\" http_port_file = \"$dir/sms.http\" http_token_file = \"$dir/applications\"
  provider = \"127.0.0.1:$(cat "$dir/smsc.port")\" system_id = \"shop\" response = \"5\""
sed -i 's/^strategies = .*/strategies = {"texts.gcxb", "posts.gcxb", "pictures.gcxb"}/' "$dir/gcx.conf"
cat >>"$dir/gcx.conf" <<CONF
country = "FR"
records = "sqlite:$dir/records.db"
adapter bot {
  plugin = "webhook"
  network = "$networks/bot_messenger.json"
  base = "$api/v1" token_file = "$dir/token" secret_file = "$dir/bot.secret"
  queue = "posts" store = "sqlite:$dir/contacts" state = "$dir/posts" port_file = "$dir/bot.port"
}
adapter provider {
  plugin = "sms"
  network = "$networks/text_json.json" numbers = "+4930124=service"
  base = "$api/provider" account = "shop" token_file = "$dir/token" secret_file = "$dir/provider.secret"
  store = "sqlite:$dir/contacts" hook_port_file = "$dir/provider.port"
  http = "127.0.0.1:0" http_port_file = "$dir/provider.http" http_token_file = "$dir/applications"
}
adapter mms {
  numbers = "+4930123=pictures" store = "sqlite:$dir/contacts"
  mm7 = "127.0.0.1:0" port_file = "$dir/port" password_file = "$dir/password"
}
CONF
cat >>"$dir/directory.sql" <<'SQL'
insert into dn values ('posts', 'queue'), ('pictures', 'queue');
insert into queue values ('posts', 'posts'), ('pictures', 'pictures');
insert into routing_point (dn, strategy) values ('posts', 'answers'), ('pictures', 'pictures');
SQL
state=$dir/state
doors() { for name in bot.port port provider.port provider.http sms.http; do [ -s "$dir/$name" ] || return 1; done; }
up() { [ "$(ctl status --json | grep -c '"state": "up"')" = 4 ] && doors; }
closed() { for name in bot.port port provider.port provider.http sms.http; do : >"$dir/$name"; done; }
again() { start; await up; }
die() { kill -9 "$vm"; wait "$vm" 2>/dev/null; vm=; } # plugins may outlive it, with their ports
# say_post WHO NAME NUMBER FIELDS: by a person of the network, which repeats it while nobody is there: a process whose state
# folder was put back is started anew.
posted() {
    code=$(curl -s -o /dev/null -w '%{http_code}' -H 'X-Telegram-Bot-Api-Secret-Token: bot secret' "http://127.0.0.1:$(cat "$dir/bot.port")/" -d \
        "{\"update_id\": $3, \"message\": {\"message_id\": $3, \"from\": {\"first_name\": \"$2\", \"id\": $1}, \"chat\": {\"id\": $1}, \"date\": 1700000000, $4}}")
    [ "$code" != 000 ]
}
say_post() {
    await posted "$@"
    [ "$code" = 200 ] || say_failed "a post is not taken: $4"
}
# provided FROM NAME TEXT: by the provider.
provided() {
    local now body hex signature
    now=$(date +%s) hex=$(printf %s "$key" | base64 -d | od -An -tx1 | tr -d ' \n')
    body="{\"type\": \"message.received\", \"data\": {\"id\": \"$2\", \"from\": \"$1\", \"to\": \"+4930124\", \"text\": \"$3\"}}"
    signature=$(printf %s "$2.$now.$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$hex" -binary | base64)
    [ "$(curl -sS -o /dev/null -w '%{http_code}' -H "webhook-id: $2" -H "webhook-timestamp: $now" -H "webhook-signature: v1,$signature" \
        "http://127.0.0.1:$(cat "$dir/provider.port")/" -d "$body")" = 200 ] || say_failed "the provider's message is not taken: $3"
}
# pictured NAME TEXT: a multimedia message of the person.
pictured() {
    message "$1" "$2" | sed "s/+491701234501/$number/" >"$dir/one"
    post "$dir/one" && taken "$1" || say_failed "the multimedia message is not taken: $2"
    rm -f "$dir/one"
}
known() { [ "$(ctl interactions --live --json | grep -c '"ixn"')" = "$1" ]; }
acknowledged() { [ "$(sort -u "$dir/acknowledged" 2>/dev/null | grep -c .)" = "$1" ]; }
plugins() { ctl status --json | sed -n 's/^ *"pid": \([0-9]*\),\{0,1\}$/\1/p' | grep -v "^$vm\$"; }
store_sql() { sqlite3 -cmd '.timeout 9000' "$dir/contacts" "$@"; }
written() { curl -sS "$api/written" | grep -oF -e "$1" | grep -c .; }
# none_goes TRIES: nothing goes to those who have left, whoever asks for it.
none_goes() {
    for name in sms provider; do
        [ "$(curl -sS -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer ours' "http://127.0.0.1:$(cat "$dir/$name.http")/messages" -d \
            "{\"id\": \"$1-$name\", \"to\": \"$left\", \"text\": \"News\"}")" = 409 ] || say_failed "$name writes to somebody who has left, $1"
    done
    say_post $left_chat Leila "$1" '"text": "Not you again"'
    held() { [ "$(grep -c 'bot .*EventDelivery .*state=failed .*cause=refused' "$dir/log")" = "$(($1 - 19))" ]; }
    await held "$1"
    [ "$(written $left_chat)" = 0 ] || say_failed "the network has a message for somebody who has left"
    for ixn in $(ctl interactions --live --json | sed -n 's/^ *"ixn": "\(.*\)",*/\1/p'); do expect_exit 0 ctl end "$ixn"; done
    await known 0
}
again

# ---- each is heard once ----
deliver "$number +4930123 My kettle leaks, says Bauer"
deliver "$number +4930123 chat about the kettle"
deliver "+33145550199 +4930123 My pan is fine"
provided $number P1 'The kettle has a spare part'
pictured t-1 'my kettle from above'
await acknowledged 3
say_post $chat Bauer 9 '"text": "My kettle leaks here, too"'
say_post $chat Bauer 10 '"caption": "see the kettle", "document": {"file_id": "lamp", "file_name": "kettle.png"}'
say_post 42 Other 11 '"text": "My pan is fine"'
await known 7
expect_exit 0 ctl backup "$dir/copy"
deliver "$number +4930123 The kettle has exploded"
say_post $chat Bauer 12 '"text": "It has exploded"'
provided $number P2 'The kettle has exploded, sends the provider'
pictured t-2 'my kettle has exploded'
say_post 4477002 New 13 '"text": "My pot is fine"'
deliver "+33145550188 +4930123 chat about my pot"
deliver "$left +4930123 STOP"
provided $left P3 STOP
store_sql "insert into refusals(tenant, kind, address, media, own, since) values ('', 'social', '$left_chat', 'social', '', 1)"
await acknowledged 6
await known 11
plugins | { closed; xargs kill -9; }
await up
say_post $chat Bauer 12 '"text": "It has exploded"'
provided $number P2 'The kettle has exploded, sends the provider'
die
rm -rf "$state"
expect_exit 0 "$gcxctl" restore "$dir/copy"
again
await known 11
say_post 4477002 New 14 '"text": "My pot is black"'
[ "$(store_sql "select count(*) from messages where text like 'My pot is %' and interaction = (select interaction from messages where text = 'My pot is fine')")" = 2 ] || say_failed "a conversation that the core had lost does not go on"
await known 11
words() { store_sql "select text || ': ' || count(*) from messages where role = 'customer' and text like '%$1%' group by text"; }
for text in 'My kettle leaks, says Bauer' 'chat about the kettle' 'The kettle has exploded' 'My kettle leaks here, too' 'It has exploded' \
    'see the kettle' 'The kettle has a spare part' 'The kettle has exploded, sends the provider' 'my kettle from above' 'my kettle has exploded'; do
    words "$text" | grep -qxF "$text: 1" || say_failed "not once in the store: $text, but $(words "$text")"
done
for ixn in $(ctl interactions --live --json | sed -n 's/^ *"ixn": "\(.*\)",*/\1/p'); do expect_exit 0 ctl end "$ixn"; done
await known 0
none_goes 20

# ---- and forgotten everywhere ----
expect_exit 0 "$top_builddir/gcxrecords" --once "$dir/gcx.conf" "sqlite:$dir/records.db"
grep -q -a -i kettle "$dir"/contacts* || say_failed "the store does not have the words: the search below would prove nothing"
rm -rf "$dir/copy"
for who in '01 45 55 01 01' "$chat" "$left" "$left_chat"; do
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
[ "$(store_sql "select count(*) from messages where text = 'My pan is fine'")" = 2 ] || say_failed "somebody else's words are gone, too"
none_goes 21

# ---- a store that was put back gives its numbers again, and no words go astray ----
say_post 4477005 Later 30 '"text": "My lid is fine"'
await known 1
left_over=$(plugins)
closed
die
# shellcheck disable=SC2086
kill -9 $left_over # after gcxvm, which would begin them anew
expect_exit 0 "$gcxctl" restore --all "$dir/copy" "$dir/gcx.conf"
again
say_post 4477006 Newer 31 '"text": "My whisk is fine"'
await known 1
say_post 4477005 Later 32 '"text": "My lid is lost"'
await known 2
[ "$(store_sql "select count(distinct interaction) || ' ' || count(*) from messages where text like 'My lid %' or text like 'My whisk %'")" = '2 2' ] || { say_failed "another customer's conversation has the words"; store_sql "select interaction, text from messages where role = 'customer'"; }
stop 0
nowhere "after the end"
finish
