#!/bin/sh
# tests/flows/secrets_changed.sh - Secrets that change while adapters run: the new one counts, and the old one no more, also where
# gcxvm was killed and has started the adapter anew. A file that is empty for a while changes nothing, and is told. A file that is read
# at the start alone is told when it changes.
. "$top_srcdir/tests/flows/daemon_common.sh"
command -v curl >/dev/null || { echo "curl is not installed"; exit 77; }
for plugin in work mms sms im; do [ -f "$top_builddir/.libs/$plugin.so" ] || exit 77; done
umask 077
token() { printf '%s' "$2" >"$dir/$1"; }
token work 'first
'
token texts 'first
'
token pictures 'shop:first
'
token chat 'first
'
echo 'marie marie@example.org' >"$dir/workers"
"$gcxc" build "$top_srcdir/tests/flows/work_wire.gcx" -o "$dir/work.gcxb" || cleanup 1
make_world "adapter work {
  plugin = \"work\"
  queue = \"faxes\"
  listen = \"127.0.0.1:0\" port_file = \"$dir/work.port\" token_file = \"$dir/work\"
}
adapter texts {
  plugin = \"sms\"
  numbers = \"+4930123=faxes\"
  store = \"sqlite:$dir/contacts\"
  provider = \"127.0.0.1:9\" system_id = \"shop\"
  http = \"127.0.0.1:0\" http_port_file = \"$dir/texts.port\" http_token_file = \"$dir/texts\"
}
adapter pictures {
  plugin = \"mms\"
  numbers = \"+4930124=faxes\"
  store = \"sqlite:$dir/contacts\"
  mm7 = \"127.0.0.1:0\" port_file = \"$dir/pictures.port\" password_file = \"$dir/pictures\"
}
adapter chat {
  plugin = \"im\"
  server = \"127.0.0.1:9\" domain = \"desk.example.org\" queues = \"faxes\"
  store = \"sqlite:$dir/contacts\"
  workers = \"$dir/workers\" secret_file = \"$dir/chat\"
}"
site_queues work.gcxb faxes claims archive

# says DOOR AUTHORIZATION...: the status of a request that says it; 401 where it is not known.
says() {
    door=$1; shift
    curl --silent --output /dev/null --write-out '%{http_code}' --max-time 20 "$@" "http://127.0.0.1:$(cat "$dir/$door.port")/nothing"
}
known() { [ "$(says work -H "Authorization: Bearer $1")" = 404 ] && [ "$(says texts -H "Authorization: Bearer $1")" = 404 ] &&
    [ "$(says pictures -u "shop:$1")" = 405 ]; }
strange() { [ "$(says work -H "Authorization: Bearer $1")$(says texts -H "Authorization: Bearer $1")$(says pictures -u "shop:$1")" = 401401401 ]; }
begun() { await test -s "$dir/work.port" && await test -s "$dir/texts.port" && await test -s "$dir/pictures.port"; }
start
begun || cleanup 1
known first || say_failed "the first secret is not known"
strange second || say_failed "another secret is known"

for door in work texts pictures chat; do token $door ''; done
await logged 'work token_file: the first line of .* is empty; what was read before goes on'
await logged 'texts http_token_file: the first line of .* is empty'
await logged 'pictures password_file: the first line of .* is empty'
await logged 'chat secret_file: the first line of .* is empty'
known first || say_failed "an empty file has shut somebody out"

for door in work texts chat; do token $door 'second
'; done
token pictures 'shop:second
'
echo 'marie kim@example.org' >"$dir/workers"
await logged 'work token_file: read again'
await logged 'texts http_token_file: read again'
await logged 'pictures password_file: read again'
await logged 'chat secret_file: read again'
known second || say_failed "the new secret is not known"
strange first || say_failed "the old secret is known still"
await logged 'chat workers: .* has changed, which counts once the adapter is started anew'

kill -9 "$vm"
wait "$vm" 2>/dev/null
token work 'third
'
start
third() { [ "$(says work -H 'Authorization: Bearer third')" = 404 ] && [ "$(says work -H 'Authorization: Bearer second')" = 401 ]; }
await third || say_failed "a process that outlived gcxvm has the old secret"
known_still() { [ "$(says texts -H 'Authorization: Bearer second')" = 404 ]; }
await known_still
stop 0
finish
