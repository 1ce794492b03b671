#!/bin/sh
# Three networks write to gcx and are written to (webhook_wire.py): one with signed batches, one with a secret in a
# header, one that is asked. The adapters are killed, and nothing is told, asked or answered twice.
. "$top_srcdir/tests/flows/daemon_common.sh"
for program in python3 sqlite3; do
    command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }
done
api=
also_end() { [ -z "$api" ] || kill "$api" 2>/dev/null; }

mkfifo "$dir/orders"
python3 "$top_srcdir/tests/flows/webhook_wire.py" "$dir" <"$dir/orders" >"$dir/done" 2>&1 &
api=$!
exec 8>"$dir/orders"
await test -s "$dir/api"
base=http://127.0.0.1:$(cat "$dir/api")
for name in cloud bot; do (umask 077; echo "$name secret" >"$dir/$name.secret"); done
(umask 077; echo 'the token' >"$dir/token")
networks=$top_srcdir/runtime/adapters/webhook/networks
# network NAME FILE MORE: an adapter of that name.
network() {
    echo "adapter $1 {
  plugin = \"webhook\"
  network = \"$2\"
  base = \"$base/v1\"
  token_file = \"$dir/token\"
  queue = \"posts\"
  store = \"sqlite:$dir/contacts\"
  state = \"$dir/$1.state\"
  port_file = \"$dir/$1.port\"
  $3
}"
}
"$gcxc" build "$top_srcdir/tests/flows/webhook_wire.gcx" -o "$dir/posts.gcxb" || cleanup 1
sed 's/"every_s": 10/"every_s": 1/' "$networks/microblog.json" >"$dir/microblog.json"
make_world "$(network cloud "$networks/cloud_messenger.json" "account = \"77\"
  secret_file = \"$dir/cloud.secret\"
  verify_token = \"our word\" file_size = 1 ours = \"+491701234, +49170699\"")
$(network bot "$networks/bot_messenger.json" "secret_file = \"$dir/bot.secret\" answers = 1 messages = 10")
$(network blog "$dir/microblog.json" 'answers = 1')"
site_queues posts.gcxb posts desk
echo "insert into routing_point (dn, strategy) values ('posts', 'answers');" >>"$dir/directory.sql"
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || {
    cat "$dir/check"
    cleanup 1
}
start
ports() { for name in cloud bot blog; do [ -s "$dir/$name.port" ] || return 1; done; }
up() { [ "$(ctl status --json | grep -c '"state": "up"')" = 3 ]; }
await up
await ports
# order WORD: the networks do that.
order() {
    echo "$1" >&8
    await grep -qE "^(done $1|FAILED|Traceback)" "$dir/done"
    grep -q "^done $1" "$dir/done" || { say_failed "$1"; cat "$dir/done"; }
}
waiting() { ctl interactions --state queued --json | grep -c '"ixn"'; }
seven() { [ "$(waiting)" = 7 ]; }
order begin
await seven
told() { [ "$(grep -c 'EventDelivery.*state=accepted' "$dir/log")" = 7 ]; }
await told
for name in cloud bot blog; do : >"$dir/$name.port"; done
kill_adapters() { ctl status --json | sed -n 's/^ *"pid": \([0-9]*\),\{0,1\}$/\1/p' | grep -v "^$vm\$" | xargs kill -9; }
kill_adapters
await ports
await up
# What each had of us before the adapters' death is forgotten with them: it is answered once more, and then no more.
order again
[ "$(waiting)" = 7 ] || { say_failed "$(waiting) wait, not 7"; ctl interactions --json; }
texts() { sqlite3 -cmd '.timeout 9000' "$dir/contacts" "select count(*) from messages where role = 'customer' and kind <> 'edit'"; }
[ "$(texts)" = 17 ] || say_failed "the store has $(texts) messages of customers, not 17"
unsent() { [ "$(sqlite3 -cmd '.timeout 9000' "$dir/contacts" "select count(*) from messages where text like 'The customer has not got a message: the network%'")" = 1 ]; }
await unsent
# Who has written to few is answered to few, although the last words were to everybody.
sqlite3 -cmd '.timeout 9000' "$dir/contacts" "select saved from post_talks where owner like '%/blog'" | grep -q '"visibility": *"direct"' || say_failed "the answer would be public"
sqlite3 "$dir/contacts" "select m.text, coalesce(p.type, '-'), coalesce(p.name, '-') from messages m left join parts p on p.interaction = m.interaction and p.message = m.n
    where m.role = 'customer' and (m.msg_id like 'c:p%' or m.msg_id = 'c:42:10' or m.msg_id = 'c:900') order by m.msg_id, m.n" >"$dir/files"
cat >"$dir/wanted" <<'END'
my lamp|image/png|image.png
Where is my parcel?|image/png|image.png
my lamp|image/png|image.png
do you see it?|-|-
[image/png was sent, which could not be had: the network answered 404]|-|-
[image/png was sent, which could not be had: its address is at no host that files may be fetched from]|-|-
[image/png was sent, which could not be had: its address is at no host that files may be fetched from]|-|-
[image/png was sent, which could not be had: it is larger than 1024 KiB]|-|-
.._a.html|application/octet-stream|.._a.html
file|image/png|file
END
cmp -s "$dir/files" "$dir/wanted" || { say_failed "files"; diff "$dir/wanted" "$dir/files"; }
[ "$(sqlite3 "$dir/contacts" "select group_concat(msg_id) from (select msg_id from messages where msg_id like 'c:p_' and msg_id < 'c:p8' order by n)")" = c:p1,c:p2,c:p3,c:p4,c:p5,c:p6,c:p7 ] || say_failed "not in their order"
[ "$(grep -c 'posts come for the account 78, and this adapter has 77' "$dir/log")" = 1 ] || say_failed "another account's posts are not told once"
expect 'Where is my parcel?' sqlite3 "$dir/contacts" "select text from messages where role = 'customer'"
none() { [ "$(waiting)" = 0 ]; }
for round in 1 2; do
    for ixn in $(ctl interactions --live --json | sed -n 's/^ *"ixn": "\(.*\)",*/\1/p'); do expect_exit 0 ctl end "$ixn"; done
    await none
    order "anew$round"
done
held() { [ "$(grep -c 'a message is not sent: machines wrote to the address too often in ten minutes' "$dir/log")" = 2 ]; }
await held
order last
more() { [ "$(sqlite3 -cmd '.timeout 9000' "$dir/contacts" "select count(*), count(distinct interaction) from messages where text like 'more %'")" = "12|2" ]; }
await more
# One text of 3,011 letters, 6,011 bytes: two messages, nothing lost.
whole() { [ "$(sqlite3 -cmd '.timeout 9000' "$dir/contacts" "select group_concat(length(text) || ' ' || substr(text, -3)) from (select text from messages where msg_id glob 'c:q3*' order by n)")" = "2048 $(printf '\303\251%.0s' 1 2 3),963 end" ]; }
await whole || say_failed "a long text is not kept whole"
grep -q 'a message waits for 1 s: the network answered 429' "$dir/log" || say_failed "a wait is not told"
# The network refuses a message for good: with its status and its words that stands in the log, in the conversation and in the
# core's event, and is counted, from 0, by status and metric.
order refusal
refused=' cloud by_network: refused, .*400 .*(#131047) Re-engagement message'
await grep -q -e "$refused" "$dir/log"
await grep -q 'EventDelivery.*state=failed cause=refused' "$dir/log"
kept_so() { [ "$(sqlite3 -cmd '.timeout 9000' "$dir/contacts" "select count(*) from messages where text like 'The customer has not got a message: the network answered 400 %(#131047) Re-engagement message%'")" = 1 ]; }
await kept_so
expect 'by cloud: 1 by_network' ctl status
# The adapter dies while the network has a message of ours and has not answered: nobody knows, and that is told.
order silence
kill_adapters
await grep -q 'EventDelivery.*state=failed cause=lost' "$dir/log"
order once
stop 0
[ "$failures" = 0 ] || tail -n 30 "$dir/log"
finish
