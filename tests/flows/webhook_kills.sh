#!/bin/bash
# A network brings messages of five people while plugin and daemon are killed again and again (KILLS, 6): each message that
# was answered 200 is in the contact store exactly once, in the order in which its writer's came, in one conversation of
# theirs, and the pictures among them are there. The network brings a message until it is answered, as networks do, and so
# some come twice.
. "$top_srcdir/tests/flows/daemon_common.sh"
for program in python3 sqlite3; do command -v $program >/dev/null || { echo "$program is not installed"; cleanup 77; }; done
[ -f "$top_builddir/.libs/webhook.so" ] || cleanup 77
brings='' network=
also_end() { for one in $brings $network; do kill "$one"; wait "$one"; done 2>/dev/null; }
if [ -n "${FOLLOWED-}" ]; then
    FOLLOWED=disk # the network brings at once again what was not answered
    . "$top_srcdir/tests/flows/postgres_common.sh"
    pg_begin || cleanup 1
    . "$top_srcdir/tests/flows/followed_common.sh"
fi
"$gcxc" build "$top_srcdir/tests/flows/webhook_wire.gcx" -o "$dir/posts.gcxb" || cleanup 1
(umask 077; echo "bot secret" >"$dir/bot.secret"; echo 'the token' >"$dir/token")
mkfifo "$dir/idle"
python3 "$top_srcdir/tests/flows/webhook_networks.py" "$dir" <"$dir/idle" >"$dir/network" 2>&1 & network=$!
exec 8>"$dir/idle"
await test -s "$dir/api"
make_world "adapter bot {
  plugin = \"webhook\"
  network = \"$top_srcdir/runtime/adapters/webhook/networks/bot_messenger.json\"
  base = \"http://127.0.0.1:$(cat "$dir/api")/v1\" token_file = \"$dir/token\" secret_file = \"$dir/bot.secret\"
  queue = \"posts\" store = \"sqlite:$dir/contacts\" state = \"$dir/posts\" port_file = \"$dir/bot.port\"
}"
site_queues posts.gcxb posts desk
echo "insert into routing_point (dn, strategy) values ('posts', 'answers');" >>"$dir/directory.sql"
start
await test -s "$dir/bot.port"
cat >"$dir/brings.py" <<'PY'
import http.client, json, sys, time

folder, count = sys.argv[1], int(sys.argv[2])
with open(folder + "/answered", "w", buffering=1) as book:
    for n in range(1, count + 1):
        who = 4000 + n % 5
        said = {"caption": f"word {n}", "photo": [{"file_id": "lamp"}]} if n % 7 == 0 else {"text": f"word {n}"}
        body = json.dumps({"update_id": n, "message": {"message_id": n, "from": {"first_name": "A", "id": who}, "chat": {"id": who}, "date": 1700000000, **said}})
        while True:
            try:
                wire = http.client.HTTPConnection("127.0.0.1", int(open(folder + "/bot.port").read()), timeout=10)
                wire.request("POST", "/", body, {"X-Telegram-Bot-Api-Secret-Token": "bot secret"})
                if wire.getresponse().status == 200:
                    break
            except (OSError, ValueError, http.client.HTTPException):
                pass
            time.sleep(0.02)
        print(n, file=book)
PY
kills=${KILLS:-6} each=30
python3 "$dir/brings.py" "$dir" $((kills * each)) & brings=$!
answered() { [ "$(wc -l <"$dir/answered")" -ge "$1" ]; }
pid_of_bot() { ctl status --json | python3 -c 'import json, sys; print(*[one["pid"] for one in json.load(sys.stdin)["links"] if one["name"] == "bot"])'; }
await test -e "$dir/answered"
for ((kill = 1; kill <= kills; kill++)); do
    await answered $(((kill - 1) * each + kill % each))
    if [ $((kill % 2)) = 0 ]; then
        pid=$(pid_of_bot)
        signal=KILL; [ $((kill % 4)) = 0 ] && signal=TERM # an end in order
        [ -z "$pid" ] || kill -$signal "$pid"
    else
        kill -KILL "$vm"
        wait "$vm" 2>/dev/null
        start
    fi
done
await answered $((kills * each))
wait "$brings"; brings=
five() { [ "$(ctl interactions --live --json | grep -c '"ixn"')" = 5 ]; }
await five
store_sql() { sqlite3 -readonly -cmd '.timeout 5000' "$dir/contacts" "$@"; }
echo "$((kills * each)) messages, $kills kills"
# One without a word was begun by a plugin that was killed then; the next one ends it within a minute.
[ "$(store_sql "select count(*) from interactions where messages > 0")" = 5 ] || say_failed "not a conversation for each writer"
store_sql "select interaction, substr(text, 6) from messages where role = 'customer' and text like 'word %' order by interaction, n" >"$dir/kept"
[ "$(cut -d'|' -f2 "$dir/kept" | sort -n)" = "$(seq 1 $((kills * each)))" ] || { say_failed "not each message once"; cut -d'|' -f2 "$dir/kept" | sort -n | uniq -c | awk '$1 != 1'; }
pictures=$(store_sql "select count(distinct m.n || ' ' || m.interaction), count(*), min(p.type), min(p.length) from messages m join parts p on p.interaction = m.interaction and p.message = m.n where m.msg_id like 'c:%'")
[ "$pictures" = "$((kills * each / 7))|$((kills * each / 7))|image/png|264" ] || say_failed "pictures: $pictures"
sort -t'|' -k1,1n -k2,2n -c "$dir/kept" || say_failed "not in their order"
stop 0
finish
