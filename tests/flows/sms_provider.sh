#!/bin/sh
# A provider by HTTP (sms_provider.py) in the place of SMPP: each message is an interaction that comes once, strategies and
# applications send, several at once, a long text goes as one, receipts mark it, and who has left is sent nothing. Some
# messages are a conversation.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/sms_common.sh"
command -v sqlite3 >/dev/null || { echo "sqlite3 is not installed"; cleanup 77; }
provider=
also_end() { [ -z "$provider" ] || { kill "$provider"; wait "$provider"; } 2>/dev/null; }
mkfifo "$dir/orders"
python3 "$top_srcdir/tests/flows/sms_provider.py" "$dir" <"$dir/orders" >"$dir/said" 2>&1 & provider=$!
exec 8>"$dir/orders"
await test -s "$dir/api"
(umask 077; echo 'the token' >"$dir/token"; echo 12345 >"$dir/secret"; echo ours >"$dir/applications")
make_texts "network = \"$top_srcdir/runtime/adapters/webhook/networks/text_form.json\"
  base = \"http://127.0.0.1:$(cat "$dir/api")\" account = \"AC77\" token_file = \"$dir/token\" secret_file = \"$dir/secret\"
  public_url = \"https://texts.example/hook\" plain = \"yes\" hook_port_file = \"$dir/hook.port\"
  sessions = \"+4930123=^(chat|[1-5])\\\\b\" state = \"$dir/conversations\"
  answers = \"2\" http = \"127.0.0.1:0\" http_port_file = \"$dir/http.port\" http_token_file = \"$dir/applications\""
echo 'http = "127.0.0.1:0"' >>"$dir/gcx.conf"
start
await test -s "$dir/hook.port"
await test -s "$dir/http.port"
up() { ctl status --json | grep -q '"state": "up"'; }
await up
echo begin >&8
over() { grep -q "^$1" "$dir/said" || [ ! -d "/proc/$provider" ]; }
await over done
grep -q '^done' "$dir/said" || { say_failed "the provider"; cat "$dir/said"; }
[ "$failures" != 0 ] || { await grep -q 'EventDelivery.*state=delivered' "$dir/log"; await grep -q 'EventDelivery.*state=failed' "$dir/log"; await grep -q 'not delivered: failed' "$dir/log"; }
grep -q 'not sent: machines wrote to the address too often' "$dir/log" || say_failed "a number is answered for ever"
[ "$(grep -c 'a message is refused: its id' "$dir/log")" = 2 ] || say_failed "what is refused for good is not told once per kind"
grep -q 'text to-.*not sent: machines wrote' "$dir/log" || say_failed "notices are sent for ever"
grep -q 'provider: it is away: it does not accept our token' "$dir/log" || say_failed "a token that is not accepted is not told"
[ "$(store_sql "select count(*) from interactions where direction = 'in'")" = 18 ] || { say_failed "interactions"; store_sql "select * from interactions"; }
[ "$(store_sql "select text from messages where text <> '' and visible = 'all' and interaction in (select interaction from messages where text = 'it is dark') order by n")" = "chat about my lamp
We have it: 
it is dark" ] || { say_failed "the conversation"; store_sql "select interaction, n, role, text from messages"; }
grep -q 'not sent: the provider answered 400' "$dir/log" || say_failed "it is not told why a message is refused"
judged() { [ "$(store_sql "select result from interactions where subject = '4 of 5'")" = closed ]; }
await judged
[ "$(store_sql "select address, own, word from refusals")" = '+33612345602|+4930123|STOP
+33612345604|+4930123|STOP
+33612345607|+4930123|STOP' ] || { say_failed "refusals"; store_sql "select * from refusals"; }
page() { python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' "$(ctl status --json | sed -n 's,^ *"http": "\(.*\)"\,*$,http://\1/metrics,p')"; }
page | grep -q '^gcx_texts_refused_total{adapter="sms"} 5$' || { say_failed "each one that is refused is counted"; page | grep refused; }
stop 0
sed 's/"headers": \["Authorization: Basic {basic}"\], "form"/"headers": ["Authorization: Basic {basic}", "X-Text: {text}"], "form"/' \
    "$top_srcdir/runtime/adapters/webhook/networks/text_form.json" >"$dir/lined.json"
sed -i "s,network = .*,network = \"$dir/lined.json\"," "$dir/gcx.conf"
rm "$dir/http.port"
start
await test -s "$dir/http.port"
await up
echo again >&8
await over over
grep -q '^over' "$dir/said" || { say_failed "a text in a header"; cat "$dir/said"; }
echo end >&8
stop 0
[ "$failures" = 0 ] || tail -n 30 "$dir/log"
finish
