#!/bin/sh
# Two providers of short messages by HTTP (text_wire.py): one with signed forms, one with signed JSON. Messages come once,
# answers go, receipts mark them, and who has left is not written to.
. "$top_srcdir/tests/flows/daemon_common.sh"
for program in python3 sqlite3; do
    command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }
done
[ -f "$top_builddir/.libs/webhook.so" ] || exit 77
api=
also_end() { [ -z "$api" ] || kill "$api" 2>/dev/null; }
python3 "$top_srcdir/tests/flows/text_wire.py" "$dir" >"$dir/done" 2>&1 &
api=$!
await test -s "$dir/api"
(umask 077; echo 'the token' >"$dir/token"; echo 12345 >"$dir/form.secret"
    echo whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw >"$dir/json.secret")
# provider NAME FILE
provider() {
    echo "adapter $1 {
  plugin = \"webhook\"
  network = \"$top_srcdir/runtime/adapters/webhook/networks/$2.json\"
  base = \"http://127.0.0.1:$(cat "$dir/api")/$1\"
  account = \"AC77\"
  token_file = \"$dir/token\"
  secret_file = \"$dir/$1.secret\"
  public_url = \"https://texts.example/hook?shop=1\"
  languages = \"fr\"
  queue = \"texts\"
  store = \"sqlite:$dir/contacts\"
  state = \"$dir/$1.state\"
  port_file = \"$dir/$1.port\"
}"
}
"$gcxc" build "$top_srcdir/tests/flows/text_wire.gcx" -o "$dir/texts.gcxb" || cleanup 1
make_world "$(provider form text_form)
$(provider json text_json)"
site_queues texts.gcxb texts desk
echo "insert into routing_point (dn, strategy) values ('texts', 'answers');" >>"$dir/directory.sql"
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
start
up() { [ "$(ctl status --json | grep -c '"state": "up"')" = 2 ]; }
await up
await test -s "$dir/form.port"
await test -s "$dir/json.port"
touch "$dir/begin"
over() { [ -e "$dir/left" ] || [ ! -d "/proc/$api" ]; }
await over
[ ! -e "$dir/left" ] || await grep -q 'EventDelivery.*state=failed' "$dir/log"
touch "$dir/end"
wait "$api" || { say_failed "the providers"; cat "$dir/done"; }
api=
asked() { sqlite3 -cmd '.timeout 9000' "$dir/contacts" "$1"; }
[ "$(asked "select count(*) from messages where role = 'customer' and text <> ''")" = 3 ] || { say_failed "messages"; asked "select * from messages"; }
marked() { [ "$(asked "select count(*) from messages where role = 'system' and result = 'delivered'")" = 2 ]; }
await marked
[ "$(asked "select address, own, word from refusals")" = '+33612345603|+33700000001|ARRÊT' ] || { say_failed "refusals"; asked "select * from refusals"; }
[ "$(asked "select count(distinct media) || max(media) from interactions")" = 1sms ] || say_failed "they are short messages"
stop 0
[ "$failures" = 0 ] || tail -n 40 "$dir/log"
finish
