#!/bin/bash
# tests/flows/database_away.sh - The journal's database hangs for some seconds, and is shut down for some more, while calls
# wait and talk, and a chat is open. What is there can be read, and calls go on. A call that comes takes its default
# destination; a mail is put off, a short message not acknowledged, a web hook answered 503, a chat told. Memory stays as
# it is. Once the database is back, what waited is there once, nobody else leads, and each call is where it was.
. "$top_srcdir/tests/flows/standby_common.sh"
for program in swaks openssl python3 curl; do command -v "$program" >/dev/null || { echo "$program is not installed"; cleanup 77; }; done
for plugin in email chat sms webhook; do [ -f "$top_builddir/.libs/$plugin.so" ] || cleanup 77; done
helpers=
also_end() { local pid; for pid in $helpers; do kill "$pid" && wait "$pid"; done 2>/dev/null; cluster_end; }

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/chat.key" -out "$dir/chat.pem" \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2 >"$dir/openssl.log" 2>&1 || die "openssl"
(umask 077; echo "bot secret" >"$dir/bot.secret"; echo 'the token' >"$dir/token")
chmod 600 "$dir/chat.key"
python3 "$top_srcdir/tests/flows/smsc.py" "$dir" 2>>"$dir/smsc.log" & helpers="$helpers $!"
mkfifo "$dir/idle"
python3 "$top_srcdir/tests/flows/webhook_networks.py" "$dir" <"$dir/idle" >"$dir/network" 2>&1 & helpers="$helpers $!"
exec 8>"$dir/idle"
server
await test -s "$dir/smsc.port"
await test -s "$dir/api"
strategies=flow.gcxb
for name in email chat sms webhook; do
    "$gcxc" build "$top_srcdir/tests/flows/${name}_wire.gcx" -o "$dir/$name.gcxb" || die "gcxc build"
    strategies="$strategies\", \"$name.gcxb"
done
build_flow "$top_srcdir/tests/flows/database_away.gcx"
clock_stands 2
answer=3
conf_http='http = "127.0.0.1:0"
lag_ms = 1500'
provision "calls come, wait and talk while the database is away"
sed -i "/into \"routing_point\"/s/10, 60/${answer}, 60/" "$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert or ignore into dn (number, type) values ('letters', 'queue'), ('texts', 'queue'), ('posts', 'queue'), ('service', 'queue'), ('desk', 'queue');
insert or ignore into queue (name, dn) values ('letters', 'letters'), ('texts', 'texts'), ('posts', 'posts'), ('service', 'service'), ('desk', 'desk');
insert into routing_point (dn, strategy) values ('letters', 'mails'), ('texts', 'texts'), ('posts', 'answers'), ('service', 'greets');
SQL
play "calls come, wait and talk while the database is away"
cp "$top_srcdir/tests/flows/postgres_leads.gcx" "$flow" && "$gcxc" build "$flow/postgres_leads.gcx" -o "$dir/other.gcxb" || die "gcxc build"
cluster_configure
store="sqlite:$dir/contacts"
cat >>"$dir/gcx.conf" <<CONF
adapter email { addresses = "service@shop.example=letters" store = "$store" port_file = "$dir/email.port" }
adapter sms { numbers = "+4930123=texts" store = "$store" provider = "127.0.0.1:$(cat "$dir/smsc.port")" system_id = "shop" reconnect = "1" }
adapter webhook {
  network = "$top_srcdir/runtime/adapters/webhook/networks/bot_messenger.json" base = "http://127.0.0.1:$(cat "$dir/api")/v1"
  token_file = "$dir/token" secret_file = "$dir/bot.secret" queue = "posts" store = "$store" state = "$dir/posts" submit_timeout = 2 port_file = "$dir/hook.port"
}
adapter chat {
  begins = "open" certificate = "$dir/chat.pem" key = "$dir/chat.key" queues = "service" origins = "https://shop.example"
  submit_timeout = 2 store = "$store" port_file = "$dir/chat.port" state = "$dir/chats"
}
CONF
node_start first
await leads first
for name in cti email hook chat; do await test -s "$dir/$name.port"; done
all_up() { [ "$(ctl status --json | grep -c '"state": "up"')" = 5 ]; }
await all_up
node_start second
await follows second
await in_step

# mail NAME: the answer of the mail's door is in $dir/mail.NAME.
mail() {
    swaks --protocol LMTP --server 127.0.0.1 --port "$(cat "$dir/email.port")" --to service@shop.example --from "$1@example.org" \
        --h-From "$1@example.org" --header "Message-Id: <$1@example.org>" --timeout 30 --body "I am $1" >"$dir/mail.$1" 2>&1
}
# post NUMBER: the status that the web hook answers is in $dir/post.NUMBER.
post() {
    curl -sS -m 30 -o "$dir/said" -w '%{http_code}' -H 'X-Telegram-Bot-Api-Secret-Token: bot secret' "http://127.0.0.1:$(cat "$dir/hook.port")/" -d \
        "{\"update_id\": $1, \"message\": {\"message_id\": $1, \"from\": {\"first_name\": \"Ann\", \"id\": 7}, \"chat\": {\"id\": $1}, \"date\": 1700000000, \"text\": \"post $1\"}}" >"$dir/post.$1" 2>"$dir/post.error"
}
text() { echo "$1 +4930123 text of $1" >>"$dir/deliver"; }
acknowledged() { grep -q "^$1 " "$dir/acknowledged"; }
chat() { CHAT_CA="$dir/chat.pem" timeout 30 python3 "$top_srcdir/tests/flows/chat_wire.py" "$(cat "$dir/chat.port")" "$@"; }
intake() { ctl status --json | grep -q "\"level\": \"$1\""; }
memory() { awk '/^VmRSS/ {print $2}' "/proc/${node_pid[first]}/status"; }
term() { pg_sql -c 'select term from gcx_domain'; }

pages() { sed -n 's/.*metrics and health at //p' "$dir/$1.log" | tail -n 1; }
at_once() { [ "$(curl -s -m 1 "$(pages "$1")/healthz")" = "$2" ]; }
unready() { curl -s -m 1 "$(pages "$1")/readyz" | grep -q "$2"; }
told_away() { ctl_of "$1" cluster | grep -q '^DATABASE .*does not answer'; }
# stays_away NUMBER, is_back NUMBER: of whoever has written a short message meanwhile.
stays_away() {
    await intake no_arrivals
    are_waiting 3 || say_failed "reads do not go on"
    expect 'database does not answer, and without it nobody can lead' ctl handover
    told_away first || say_failed "the leader does not say that the database is away"
    await told_away second
    unready second "database does not answer" || say_failed "/readyz of the follower: $(curl -s -m 1 "$(pages second)/readyz")"
    ctl_of second cluster | grep -q 'at batch [1-9][0-9]* of [1-9]' || say_failed "how far the follower is: $(ctl_of second cluster)"
    at_once first ok && at_once second ok || say_failed "/healthz waits for the database"
    curl -s -m 1 "$(pages second)/metrics" | grep -q '^gcx_journal_leads 0' || say_failed "a page of the follower waits for the database"
    curl -s -m 1 "$(pages first)/metrics" | grep -q '^gcx_journal_leads 0' || say_failed "the leader says that it leads"
    expect 'does not answer: nothing was changed' ctl load "$dir/other.gcxb"
    ! acknowledged "$1" || say_failed "a short message was acknowledged while the database was away"
}
is_back() {
    await intake open
    await acknowledged "$1"
    await in_step
    [ "$(term)" = "$term_before" ] || say_failed "another one led, though both were without the database"
    rows | grep ' select ' >"$dir/after"
    same_rows "$dir/before" "$dir/after" "the waiting calls are not where they were"
    whole "when it is back"
    ! grep 'nobody leads' "$dir/second.log" || say_failed "nobody is said to lead, though the database was away for both"
}
count() { ctl interactions --live --json | grep -c "\"media\": \"$1\""; }

: >"$dir/acknowledged"
await are_waiting 3
await test -n "$(of +33145550100 1)"
chat begin "$dir/open" || say_failed "a chat is not taken"
rows | grep ' select ' >"$dir/before"
term_before=$(term) memory_before=$(memory)

echo "the database hangs"
pg_signal STOP
clock_runs
text +33145550111
mail early & early=$! # in the core when it hangs: its answer waits
stays_away +33145550111
post 1 & posts=$!
chat says "Is there somebody?" >"$dir/chat.late" 2>&1 & chats=$!
mail late && say_failed "a mail was taken while the database was away"
grep -q '^<\*\* 451' "$dir/mail.late" || say_failed "the mail was not put off: $(tail -n 5 "$dir/mail.late")"
wait $posts
[ "$(cat "$dir/post.1")" = 503 ] || say_failed "the web hook answered $(cat "$dir/post.1")"
wait $chats
grep -q "'code': 'away'" "$dir/chat.late" || say_failed "the chat was not told: $(cat "$dir/chat.late")"
await simulated 'RouteUsed callID=5 .*destination=5900'          # who came
await simulated 'ConnectionCleared callID=1 device=7002 cause=ok' # who talked, to the end
pg_signal CONT
is_back +33145550111
wait $early || say_failed "the mail that waited was not taken: $(tail -n 5 "$dir/mail.early")"

echo "the database is shut down"
pg_stop immediate
text +33145550112
stays_away +33145550112
pg_start || die "the server does not start"
is_back +33145550112
mail late || say_failed "the mail that was put off is not taken"
post 1
[ "$(cat "$dir/post.1")" = 200 ] || say_failed "the post that comes again is not taken: $(cat "$dir/post.1")"
chat resume "$dir/open" || say_failed "the chat that was open does not go on"
for media in email:2 sms:2 social:1; do
    once() { [ "$(count ${media%:*})" = "${media#*:}" ]; }
    await once
done
[ "$(memory)" -lt $((memory_before + 16384)) ] || say_failed "memory grew from $memory_before to $(memory) KB"
[ "$(sort "$dir/acknowledged" | uniq -d)" = '' ] || say_failed "a short message was acknowledged twice"
ready_now 7001
played
whole "at the end"
finish
