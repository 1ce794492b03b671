#!/bin/sh
# Customers chat over WebSocket connections of their own with TLS (chat_wire.py) with strategies: greeted, kept, resumed after a
# lost connection, closed, refused where they may not come.
. "$top_srcdir/tests/flows/daemon_common.sh"
for program in python3 openssl sqlite3; do
    command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }
done
[ -f "$top_builddir/.libs/chat.so" ] || exit 77

"$gcxc" build "$top_srcdir/tests/flows/chat_wire.gcx" -o "$dir/chats.gcxb" || cleanup 1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/chat.key" -out "$dir/chat.pem" \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2 >"$dir/openssl.log" 2>&1 || cleanup 1
chmod 600 "$dir/chat.key"
make_world "adapter chat {
  begins = \"open\"
  certificate = \"$dir/chat.pem\"
  key = \"$dir/chat.key\"
  queues = \"service, closed, nowhere\"
  origins = \"https://shop.example\"
  store = \"sqlite:$dir/contacts\"
  port_file = \"$dir/port\"
  state = \"$dir/chats\"
  begins_per_minute = \"8\"
  file_types = \"image/png, text/plain\"
  file_size = \"1\"
  files = \"3\"
  files_per_minute = \"60\"
}"
site_queues chats.gcxb service desk closed
cat >>"$dir/directory.sql" <<'SQL'
insert into routing_point (dn, strategy) values ('service', 'greets'), ('closed', 'ends');
SQL
sed 's/, nowhere//' "$dir/gcx.conf" >"$dir/checked.conf" # that queue is asked for in vain below
"$gcxvm" --check "$dir/checked.conf" >"$dir/check" 2>&1 || {
    cat "$dir/check"
    cleanup 1
}
start
await link_is up
await test -s "$dir/port"
export CHAT_CA="$dir/chat.pem"
play() { timeout 300 python3 "$top_srcdir/tests/flows/chat_wire.py" "$(cat "$dir/port")" "$@" || say_failed "$*"; }
# The adapter is killed with a chat in it: the next one has the chat, its customer goes on, and the core knows it still.
play begin "$dir/token"
first=$(adapter_pid)
: >"$dir/port"
kill -9 "$first"
back() { [ -s "$dir/port" ] && link_is up && [ -n "$(adapter_pid)" ] && [ "$(adapter_pid)" != "$first" ]; }
await back
play resume "$dir/token"
nobody() { ctl interactions --state queued --json >"$dir/queued" && ! grep -q '"ixn"' "$dir/queued"; }
await nobody
await grep -q 'EventSessionEnded cause=ok transcript=' "$dir/log"
expect 'Otto: I go then' "$top_builddir/gcxstore" part "sqlite:$dir/contacts" 1

# All is killed with a chat in it, and both states are lost: nobody has the chat any more, and the store has its end and why.
# A chat whose customer may come back has none.
play begin "$dir/token"
kill -9 "$vm" $(adapter_pid)
wait "$vm" 2>/dev/null
rm -rf "$dir/state"
sqlite3 -cmd '.timeout 9000' "$dir/contacts" 'delete from post_talks'
: >"$dir/port"
start
await back
play begin "$dir/token"
results() { sqlite3 -cmd '.timeout 9000' "$dir/contacts" "select coalesce(result, 'open') from interactions order by id"; }
are() { [ "$(results | tr '\n' ' ')" = "$*" ]; }
await are left lost 'open ' || results
expect 'no orphans' ctl reconcile
logged 'interaction 2 of the contact store, chat, has no end there' || say_failed "the log does not tell of the end"
play resume "$dir/token"
await nobody

play all
expect 'chat in' "$top_builddir/gcxstore" search "sqlite:$dir/contacts" parcel
! logged 'unknown' || { say_failed "the core was told of what it does not know"; }
stop 0
[ "$failures" = 0 ] || tail -n 20 "$dir/log"
finish
