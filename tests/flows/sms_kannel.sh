#!/bin/sh
# Kannel binds to us as gateways do: its HTTP interface is the handset, whose message is taken as submit_sm, and what our strategy
# answers comes back as deliver_sm and is told by HTTP. Without TLS and with a wrong password it is not let in; Kannel is killed
# and comes again, and finds another certificate; a long text, in parts of Kannel's, is one message, and the answer is one again.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/sms_common.sh"
PATH=$PATH:/usr/sbin
for program in bearerbox smsbox curl openssl sqlite3; do
    command -v "$program" >/dev/null || { echo "$program is not installed"; cleanup 77; }
done
bearerbox=
smsbox=
web=
also_end() { for pid in $smsbox $bearerbox $web; do kill "$pid"; wait "$pid"; done 2>/dev/null; }
ports=$(python3 "$top_srcdir/tests/flows/free_ports.py" 4)
set -- $ports
admin=$1 boxes=$2 http=$3 got=$4
python3 - "$dir" "$got" <<'PY' &
import http.server, sys, urllib.parse
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query, keep_blank_values=True)
        with open(sys.argv[1] + "/got", "a") as out:
            out.write("%s %s %s\n" % (query["from"][0], query["to"][0], query["text"][0]))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
PY
web=$!
(umask 077 && printf '# who may bind\nkannel right\n' >"$dir/peers")
authority ca
certificate gate ca IP:127.0.0.1
make_texts "listen = \"127.0.0.1:0\" peers = \"$dir/peers\" port_file = \"$dir/port\" certificate = \"$dir/gate.pem\" key = \"$dir/gate.key\""
start
await link_is up
await test -s "$dir/port"

conf() { # PASSWORD [TLS]
    cat >"$dir/kannel.conf" <<CONF
group = core
admin-port = $admin
admin-password = x
smsbox-port = $boxes
box-allow-ip = 127.0.0.1
log-file = "$dir/bearerbox.log"
log-level = 0
ssl-trusted-ca-file = "$dir/ca.pem"

group = smsc
smsc = smpp
smsc-id = gcx
host = 127.0.0.1
port = $(cat "$dir/port")
use-ssl = ${2-yes}
transceiver-mode = true
smsc-username = "kannel"
smsc-password = "$1"
system-type = ""
enquire-link-interval = 1
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = $http
log-file = "$dir/smsbox.log"
log-level = 0

group = sendsms-user
username = u
password = p
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:$got/?from=%p&to=%P&text=%a"
CONF
}
kannel_start() {
    bearerbox "$dir/kannel.conf" >>"$dir/kannel.out" 2>&1 &
    bearerbox=$!
}
conf right no
kannel_start
await logged 'peer (not bound): TLS: '
kill "$bearerbox"; wait "$bearerbox" 2>/dev/null
conf wrong
kannel_start
await logged 'peer (not bound): the peer may not bind'
kill "$bearerbox"; wait "$bearerbox" 2>/dev/null
conf right
kannel_start
await logged 'peer kannel: bound'
smsbox "$dir/kannel.conf" >>"$dir/kannel.out" 2>&1 &
smsbox=$!
# handset FROM TEXT
handset() {
    curl -sf --get "http://127.0.0.1:$http/cgi-bin/sendsms" -d username=u -d password=p --data-urlencode "from=$1" \
        --data-urlencode 'to=+4930123' --data-urlencode "text=$2" >"$dir/curl"
}
await handset +491701234510 hello
await came got '+4930123 +491701234510 We have it: hello'
long="$(printf "round and round %.0s" $(seq 1 20))end"
handset +491701234511 "$long" || say_failed "Kannel does not take the long text"
await came got "+4930123 +491701234511 We have it: $long"
[ "$(store_sql "select count(*) from interactions where direction = 'in'")" = 2 ] || say_failed "not two messages in the store"
await grep -q 'enquire_link_resp' "$dir/bearerbox.log" # its question whether we are there

# The gateway dies: what is to go to it waits, and goes when it is there again.
kill -KILL "$bearerbox"; wait "$bearerbox" 2>/dev/null
await logged 'peer kannel: [^b]' # not: bound
certificate next ca IP:127.0.0.1,DNS:next
mv "$dir/next.key" "$dir/gate.key" && mv "$dir/next.pem" "$dir/gate.pem"
shown() { openssl s_client -connect "127.0.0.1:$(cat "$dir/port")" -CAfile "$dir/ca.pem" -verify_return_error -verify_hostname next </dev/null; }
await shown
kannel_start
await eval '[ "$(grep -c "peer kannel: bound" "$dir/log")" = 2 ]'
await handset +491701234512 again
await came got '+4930123 +491701234512 We have it: again'
stop 0
[ "$failures" = 0 ] && cleanup 0
tail -n 40 "$dir/log" "$dir/bearerbox.log"; cat "$dir/got"
cleanup 1
