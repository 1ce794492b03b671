#!/bin/bash
# A takeover, as each person meets it: the gcxvm that leads is killed, then frozen, then it hands over, in the middle of all.
# A campaign goes on: each record is dialled once, and none that was blocked meanwhile. An attempt is written down before
# its number is dialled: if the leader dies between the two, nobody knows whether it was dialled, and the attempt is stale.
# Before a handover no number rings any more, so that none is.
# Short messages, receipts and STOP count once, whoever leads. An agent at the desk stays logged in and ready, and has a
# chat, an e-mail, one to which she owes a reply, a draft and a question; a reply that falls due while nobody leads is
# hers no more. Who knows is asked when the leader dies, and accepts at the next one. People and books stand outside
# (takeover.py).
. "$top_srcdir/tests/flows/standby_common.sh"
. "$top_srcdir/tests/flows/xmpp_common.sh"
for plugin in sms im chat desk dialer email webhook; do [ -f "$top_builddir/.libs/$plugin.so" ] || exit 77; done
helpers=
also_end() { local pid; for pid in $helpers; do kill "$pid" && wait "$pid"; done 2>/dev/null; cluster_end; }
server
records=0 lists=$pg_conninfo
image=$dir/takeover.gcxb
"$gcxc" build "$top_srcdir/tests/promises/takeover.gcx" -o "$image" || die "gcxc build"
xmpp_server kim lee
printf 'kim kim@localhost\nlee lee@localhost\n' >"$dir/workers"
hash=$(echo secret | "$gcxvm" --hash-password)
(umask 077; echo "marie agent password=$hash" >"$dir/users"; echo ours >"$dir/applications"; echo 'bot secret' >"$dir/bot.secret"; echo 'the token' >"$dir/token")
python3 "$top_srcdir/tests/flows/smsc.py" "$dir" 2>>"$dir/smsc.log" & helpers="$helpers $!"
await test -s "$dir/smsc.port"

# ---- the site ----
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
alter table agent add column capacity text;
create table rule_set (name text primary key, lines integer, ports integer, unknown_pause_s integer);
create table campaign (name text primary key, mode text, rule_set text);
insert into skill values ('French'), ('Billing');
insert into agent (name, display, capacity) values ('marie', 'Marie Laurent', 'several'), ('kim', 'Kim Lane', 'several'), ('lee', 'Lee Smith', 'several');
insert into agent_skill values ('marie', 'French', 9), ('kim', 'Billing', 9), ('lee', 'Billing', 5);
insert into dn (number, type) values ('reminders', 'routing_point'), ('5000', 'queue'), ('service', 'queue'), ('mail', 'queue'),
    ('billing', 'queue'), ('posts', 'queue'), ('texts', 'queue'), ('outbound', 'queue');
insert into queue (name, dn) values ('desk', '5000'), ('service', 'service'), ('mail', 'mail'), ('billing', 'billing'), ('posts', 'posts'),
    ('texts', 'texts'), ('outbound', 'outbound');
insert into routing_point (dn, strategy, defaults) values ('reminders', 'remind', '5000'), ('service', 'offers', ''), ('mail', 'letters', ''),
    ('billing', 'asks', ''), ('posts', 'thanks', ''), ('texts', 'answers', '');
insert into rule_set values ('ours', 3, 3, 86400);
insert into campaign values ('reminders', 'power', 'ours');
SQL
lists() { "$top_builddir/gcxlists" --country DE --quiet "$@" >>"$dir/import" 2>&1 || die "gcxlists $1"; }
import() { # COUNT: so many more
    awk -v from="$records" -v count="$1" 'BEGIN { print "number"; for (i = 1; i <= count; i++) printf "+4930%07d\n", 1000000 + from + i }' >"$dir/in.csv"
    lists --zone Europe/Berlin import "$lists" reminders "$dir/in.csv"
    records=$((records + $1))
}
import 30
"$gcxsim" switch --listen 127.0.0.1:0 --port-file "$dir/switch.port" --directory "$dir/directory.sql" --outside 300ms >"$dir/sim.log" 2>&1 & sim=$!
await test -s "$dir/switch.port"
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
coproc PEOPLE { exec timeout 300 "$python" "$top_srcdir/tests/promises/takeover.py" "$dir" "$top_srcdir" "$gcxctl" 2>"$dir/people.log"; }
people=$PEOPLE_PID helpers="$helpers $people"
exec 7<&"${PEOPLE[0]}" 8>&"${PEOPLE[1]}"
await test -s "$dir/api"
conf_node="adapter dialer { lists = \"$lists\" rest = 1 }
adapter sms {
  numbers = \"+4930123=texts\" store = \"$pg_conninfo\" provider = \"127.0.0.1:$(cat "$dir/smsc.port")\" system_id = \"shop\" reconnect = 1
  http = \"127.0.0.1:0\" http_port_file = \"$dir/http.port\" http_token_file = \"$dir/applications\" rate = 1000 response = 5 answers = 1000000
}
adapter im {
  server = \"127.0.0.1:$component\" domain = \"kw.localhost\" secret_file = \"$dir/secret\" queues = \"billing\" workers = \"$dir/workers\"
  store = \"$pg_conninfo\" state = \"$dir/@node@/im\" steady = 0
}
adapter chat { queues = \"service\" origins = \"https://shop.example\" store = \"$pg_conninfo\" port_file = \"$dir/chat.port\" state = \"$dir/@node@/chats\" }
adapter email { addresses = \"service@shop.example=mail\" store = \"$pg_conninfo\" port_file = \"$dir/lmtp.port\" }
adapter bot {
  plugin = \"webhook\" network = \"$top_srcdir/runtime/adapters/webhook/networks/bot_messenger.json\" base = \"http://127.0.0.1:$(cat "$dir/api")/v1\"
  token_file = \"$dir/token\" secret_file = \"$dir/bot.secret\" queue = \"posts\" store = \"$pg_conninfo\" state = \"$dir/@node@/posts\"
  port_file = \"$dir/bot.port\"
}
adapter desk {
  users = \"$dir/users\" store = \"$pg_conninfo\" port_file = \"$dir/desk.port\" state = \"$dir/@node@/desk\" media = \"email, chat, im\"
  asks = \"billing\" outbound = \"outbound\" queues = \"outbound\" undo = \"0\"
}"
cluster_configure
follower() { [ "$leader" = first ] && echo second || echo first; }
links_up() { [ "$(ctl status --json | grep -c '"state": "up"')" = 8 ]; }
doors() { local name; for name in desk chat lmtp bot http; do [ -s "$dir/$name.port" ] || return 1; done; }
node_start first
leader=first
await leads first
await links_up
await doors
again() { : >"$dir/$1.log"; node_start "$1"; await follows "$1"; await in_step; }
again second

# ---- what the people want done ----
dials() { grep -c ' MakePredictiveCall ' "$dir/sim.log"; }
has_dialled() { [ "$(dials)" -ge "$1" ]; }
campaign() { ctl campaign reminders load >/dev/null && ctl campaign reminders start >/dev/null || die "gcxctl campaign"; }
block() { lists block "$lists" "030 $((1000000 + records))"; } # the last one that was imported
mark() { pg_sql -c "select md5(bytes) from gcx_file where name = 'desk.known'"; }
marked() { [ "$(mark)" != "$1" ]; }
settled() { # what an adapter has written is there for the next leader, and numbers are being dialled
    local before; before=$(mark)
    date >"$dir/$leader/desk.known" # it goes with those that have changed before it
    await marked "$before"
    await has_dialled $(($(dials) + 2))
}
lose() { # HOW: nobody serves from then on
    local name
    last=$leader
    case $1 in
    kill) node_kill "$leader" ;;
    freeze) kill -STOP "${node_pid[$leader]}" ;;
    esac
    for name in desk chat lmtp bot http; do : >"$dir/$name.port"; done
    [ "$1" != handover ] || { stale_before=$(stale); await handed_over && node_ends "$leader" 7; }
}
next() { # the other one has it all, and the last one follows
    leader=$(follower)
    await leads "$leader"
    if [ -n "${node_pid[$last]-}" ]; then kill -CONT "${node_pid[$last]}"; node_ends "$last" 7; fi
    await links_up
    await doors
    again "$last"
    dialled_before=$(dials)
    await goes_on
    [ "$records" = 90 ] || import 30
}
sql() { pg_sql -c "$1"; }
stale() { sql "select count(*) from attempts where result = 'stale'"; }
all_done() { [ "$(sql "select count(*) from records where (status = 'retrieved' or attempt = 0) and number not in (select value from do_not_call)")" = 0 ]; }
goes_on() { has_dialled $((dialled_before + 1)) || all_done; }
while read -r -u 7 command; do echo "$command"; $command 7<&- 8>&-; echo done >&8; done
wait "$people" || { say_failed "the people"; tail -n 30 "$dir/people.log"; }

# ---- the books ----
await all_done
says() { # WHAT WANTED SQL
    local got; got=$(sql "$3")
    [ "$got" = "$2" ] || say_failed "$1: $got, not $2"
}
sed -n 's/.* MakePredictiveCall .*destination=\([^ ]*\).*/\1/p' "$dir/sim.log" | sort >"$dir/dialled"
[ -z "$(uniq -d "$dir/dialled")" ] || say_failed "dialled twice: $(uniq -d "$dir/dialled")"
sql "select number from attempts" | sort >"$dir/attempts"
sql "select number from attempts where result = 'stale'" | sort >"$dir/stale"
comm -23 "$dir/attempts" "$dir/dialled" >"$dir/unheard"
comm -13 "$dir/attempts" "$dir/dialled" >"$dir/unwritten"
comm -23 "$dir/unheard" "$dir/stale" >"$dir/untrue"
says "numbers of $records with an attempt" $((records - 3)) "select count(*) from attempts"
[ ! -s "$dir/unwritten" ] || say_failed "dialled without an attempt: $(cat "$dir/unwritten")"
[ ! -s "$dir/untrue" ] || say_failed "not dialled, and the attempt has a result: $(cat "$dir/untrue")"
[ "$(wc -l <"$dir/unheard")" -le 6 ] || say_failed "not dialled, more than three lines at each leader that was lost: $(cat "$dir/unheard")"
[ "$(stale)" = "$stale_before" ] || say_failed "stale after a handover: $(stale), $stale_before before it"
says "numbers that were blocked, and dialled" 0 "select count(*) from attempts where number in (select value from do_not_call)"
says "attempts that have no end" 0 "select count(*) from attempts where ended is null or result is null"
says "numbers with two attempts" 0 "select count(*) from (select record from attempts group by record having count(*) > 1) two"
says "records that somebody has still" 0 "select count(*) from chains where owner is not null"
says "what was written to us" 34 "select count(*) from messages m join interactions i on i.id = m.interaction where role = 'customer' and (media = 'sms' or text like 'post %')"
says "answers of which nobody knows whether the network has them" 3 "select count(*) from messages where result = 'unknown' and text like 'Thank you%'"
says "what came twice" 0 "select count(*) from (select text from messages where role = 'customer' group by text having count(*) > 1) two"
sql "select coalesce(result, 'none') || ' ' || count(*) from records group by result order by 1"
whole "at the end"
finish
