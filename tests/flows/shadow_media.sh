#!/bin/sh
# tests/flows/shadow_media.sh - gcxctl shadow over each kind of wire: a call by SIP, a chat, a mail and a short message come to one
# gcxvm, and another version of the four strategies would have done something else with each, while nobody notices. What the
# other version asks of an endpoint has the answer that the running one got; a native computes for both. Shadows outlive a gcxvm
# that is started again.
. "$top_srcdir/tests/flows/daemon_common.sh"
for program in python3 openssl cc; do
    command -v $program >/dev/null || { echo "$program is not installed"; cleanup 77; }
done
for plugin in chat email sms sip; do [ -f "$top_builddir/.libs/$plugin.so" ] || cleanup 77; done
[ -x "$top_builddir/gcxtwin" ] || cleanup 77
smsc='' server='' shadows=''
also_end() { for pid in $smsc $server $shadows; do kill "$pid" && wait "$pid"; done 2>/dev/null; }

# The other version says, sends, writes and routes otherwise.
mkdir "$dir/other"
sed 's/One moment, please/Welcome/; s/for bert/for anna/; s/We have it/Thank you/; s/route queue world/route queue dear/' \
    "$top_srcdir/tests/flows/shadow_media.gcx" >"$dir/other/shadow_media.gcx"
cp "$top_srcdir/examples/native/checks.c" "$dir/other" && mkdir "$dir/gcx" && cp "$top_srcdir/vm/gcx_native.h" "$dir/gcx" || cleanup 1
"$gcxc" headers -o "$dir/other/checks.h" "$top_srcdir/examples/native/checks.gcx" &&
    cc -fPIC -I"$dir" -shared -o "$dir/checks.so" "$dir/other/checks.c" || cleanup 1
"$gcxc" build --native "$dir" "$top_srcdir/tests/flows/shadow_media.gcx" -o "$dir/media.gcxb" || cleanup 1
"$gcxc" build --native "$dir" "$dir/other/shadow_media.gcx" -o "$dir/other.gcxb" || cleanup 1

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/chat.key" -out "$dir/chat.pem" \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2 >"$dir/openssl.log" 2>&1 || cleanup 1
chmod 600 "$dir/chat.key"
mkdir "$dir/prompts"
(umask 077 && echo '7001 one' >"$dir/telephones")
python3 "$top_srcdir/tests/flows/smsc.py" "$dir" 2>>"$dir/smsc.log" & smsc=$!
await test -s "$dir/smsc.port"
python3 - "$dir" <<'PY' & server=$!
import http.server, json, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with open(sys.argv[1] + "/asked", "a") as out:
            out.write(f"{asked}\n")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'"seventeen"')
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1] + "/http.new", "w") as out:
    out.write(str(server.server_port))
os.rename(sys.argv[1] + "/http.new", sys.argv[1] + "/http.port")
server.serve_forever()
PY
await test -s "$dir/http.port"
sip=$(python3 "$top_srcdir/tests/flows/free_ports.py")
make_world "log { personal = shown }
native checks { libraries = {\"$dir/checks.so\"} }
endpoint word { url = \"http://127.0.0.1:$(cat "$dir/http.port")/\" connect_ms = 50000 }
adapter chat {
  begins = \"open\" certificate = \"$dir/chat.pem\" key = \"$dir/chat.key\" queues = \"talks\" origins = \"https://shop.example\"
  store = \"sqlite:$dir/contacts\" port_file = \"$dir/chat.port\" state = \"$dir/chats\"
}
adapter email { addresses = \"service@shop.example=mails\" store = \"sqlite:$dir/contacts\" port_file = \"$dir/mail.port\" }
adapter sms {
  numbers = \"+4930123=texts\" store = \"sqlite:$dir/contacts\" reconnect = \"1\"
  provider = \"127.0.0.1:$(cat "$dir/smsc.port")\" system_id = \"shop\" plain = \"yes\"
}
adapter sip {
  address = \"127.0.0.1:$sip\" trunks = \"127.0.0.2\" numbers = \"1801\" redirects = \"1801\" dialable = \"+33*\"
  prompts = \"$dir/prompts\" telephones = \"$dir/telephones\"
}"
site_queues media.gcxb talks mails texts desk
cat >>"$dir/directory.sql" <<'SQL'
insert into dn (number, type) values ('1801', 'routing_point'), ('7001', 'extension'), ('+33145550199', 'extension'), ('+33145550198', 'extension');
insert into queue values ('world', '+33145550199'), ('dear', '+33145550198');
insert into routing_point (dn, strategy) values ('talks', 'talk'), ('mails', 'mail'), ('texts', 'text'), ('1801', 'speech');
SQL
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
start
for file in chat.port mail.port bound; do await test -s "$dir/$file"; done
all_up() { [ "$(ctl status --json | grep -c '"state": "up"')" = 4 ]; }
await all_up

for point in talks mails texts 1801; do
    "$gcxctl" --socket "$dir/state/admin.sock" shadow $point "$dir/other.gcxb" --json >"$dir/$point.out" 2>"$dir/$point.err" &
    shadows="$shadows $!"
    eval "shadow_$point=$!"
done
for point in talks mails texts 1801; do await grep -q ' shadows ' "$dir/$point.err"; done
all_shown() { [ "$(ctl versions --json | grep -c '"state": "shadow"')" = 4 ]; }
await all_shown

# gcxvm ends and begins again, and its older batches go: the shadows wait for it, and it knows of them again.
rm "$dir/chat.port" "$dir/mail.port" "$dir/bound"
stop 0
start
for file in chat.port mail.port bound; do await test -s "$dir/$file"; done
await all_up
expect 'batch' ctl journal prune --days 0
await all_shown

CHAT_CA=$dir/chat.pem python3 - "$top_srcdir/tests/flows" "$dir" "$(cat "$dir/chat.port")" "$(cat "$dir/mail.port")" <<'PY' || say_failed "who writes"
import os, smtplib, socket, ssl, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from websocket import WebSocket
with open(sys.argv[2] + "/deliver", "a") as out:
    out.write("+491701234501 +4930123 hello\n")
mail = smtplib.LMTP("127.0.0.1", int(sys.argv[4]))
mail.sendmail("anna@example.org", ["service@shop.example"],
              "From: anna@example.org\r\nTo: service@shop.example\r\nSubject: for anna\r\nMessage-Id: <one@example.org>\r\n"
              "Date: Fri, 2 Jan 2026 10:00:00 +0000\r\n\r\nhello\r\n")
mail.quit()
tls = ssl.create_default_context(cafile=os.environ["CHAT_CA"]).wrap_socket(
    socket.create_connection(("127.0.0.1", int(sys.argv[3])), timeout=90), server_hostname="localhost")
chat = WebSocket(tls, "localhost", "/chat", {"Origin": "https://shop.example"})
chat.send({"type": "begin", "name": "Otto", "queue": "talks"})
heard = chat.hear()
while heard["type"] != "message":
    heard = chat.hear()
assert heard["text"] == "One moment, please: 123 456.", heard
PY
await grep -q 'We have it: seventeen' "$dir/submitted"
python3 -B "$top_srcdir/tests/flows/sip_redirect.py" call "$sip" 1801 >"$dir/called" || say_failed "the call"
grep -q '^302 .*+33145550199' "$dir/called" || { say_failed "the call went elsewhere"; cat "$dir/called"; }
decided() { [ "$(ctl interactions --json | grep -c '"ixn"')" = 4 ]; }
await decided
in_desk() { [ "$(ctl interactions --state queued --json | grep -c '"ixn"')" = 3 ]; }
await in_desk
ctl drain --cancel >/dev/null # answered when it is in the journal, and so all before it

# told POINT TEXT...: it differs once, and says each text.
told() {
    point=$1; shift
    eval "kill -INT \$shadow_$point; wait \$shadow_$point"; got=$?
    [ "$got" = 1 ] || say_failed "the shadow at $point ended with $got, not 1"
    for text in '"interactions": 1' '"differs": 1' "$@"; do
        grep -q -e "$text" "$dir/$point.out" && continue
        say_failed "the shadow at $point should say: $text"
        cat "$dir/$point.out" "$dir/$point.err"
    done
}
told talks '"what": ".*One moment, please: 123 456' '"what": ".*Welcome: 123 456' 'shadow_media.gcx:11"'
told texts '"what": ".*We have it: seventeen' '"what": ".*Thank you: seventeen' 'shadow_media.gcx:23"'
told mails 'shadow_media.gcx:16"' 'anna'
told 1801 '+33145550199' '+33145550198' 'shadow_media.gcx:28"'
[ "$(wc -l <"$dir/asked")" = 1 ] || say_failed "the endpoint was asked by a shadow"
shadows=
stop 0
"$gcxvm" --verify "$dir/gcx.conf" >"$dir/verified" 2>&1 || { say_failed "the journal does not replay"; cat "$dir/verified"; }
finish
