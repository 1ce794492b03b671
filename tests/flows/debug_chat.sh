#!/bin/sh
# A chat is stopped by gcxdb attach: nothing is said to its customer and no music comes, what they write is kept, and all
# goes on as it would have.
. "$top_srcdir/tests/flows/daemon_common.sh"
for program in python3 openssl; do
    command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }
done
gcxdb=$top_builddir/gcxdb
[ -f "$top_builddir/.libs/chat.so" ] && [ -x "$gcxdb" ] || exit 77
debugger='' customer=''
also_end() { for pid in $debugger $customer; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done; }

"$gcxc" build "$top_srcdir/tests/flows/chat_wire.gcx" -o "$dir/chats.gcxb" || cleanup 1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/chat.key" -out "$dir/chat.pem" \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2 >"$dir/openssl.log" 2>&1 || cleanup 1
chmod 600 "$dir/chat.key"
make_world "adapter chat {
  begins = \"open\"
  certificate = \"$dir/chat.pem\"
  key = \"$dir/chat.key\"
  queues = \"service\"
  origins = \"https://shop.example\"
  store = \"sqlite:$dir/contacts\"
  port_file = \"$dir/port\"
  state = \"$dir/chats\"
}"
site_queues chats.gcxb service desk
cat >>"$dir/directory.sql" <<'SQL'
insert into routing_point (dn, strategy) values ('service', 'greets');
SQL
start
await link_is up
await test -s "$dir/port"
export CHAT_CA="$dir/chat.pem"

for secret in 'pin == "4711"' 'attached.pin == "4711"'; do
    expect 'pin is secret' "$gcxdb" attach "$dir/state/admin.sock" --at service --when "$secret"
done
mkfifo "$dir/tell"
"$gcxdb" attach "$dir/state/admin.sock" --at service --when 'attached.queue == none and (media == chat or ani == "nobody")' --bound 5m <"$dir/tell" >"$dir/said" 2>&1 &
debugger=$!
exec 8>"$dir/tell"
await grep -q Waiting "$dir/said"
timeout 300 python3 "$top_srcdir/tests/flows/chat_wire.py" "$(cat "$dir/port")" begin "$dir/token" >"$dir/begun" 2>&1 &
customer=$!
await grep -q "^> $(sed -n '/One moment/=' "$top_srcdir/tests/flows/chat_wire.gcx") " "$dir/said"
expect 'stands until' ctl interaction 1-000000000001
! grep -q -e 'SendMessage' -e 'Music' "$dir/log" || say_failed "something was done for a chat that stands"
printf '%s\n' next continue quit >&8
wait "$customer" || { say_failed "the customer is not served: $(cat "$dir/begun")"; }
customer=''
await grep -q 'EventMessage .*Is somebody there' "$dir/said"
expect 'queued' ctl interactions
kill "$debugger" && wait "$debugger" 2>/dev/null # it follows the chat in its queue
debugger=''
exec 8>&-
await grep -q 'op=detach' "$dir/log"
stop 0
[ "$failures" = 0 ] || tail -n 20 "$dir/log" "$dir/said"
finish
