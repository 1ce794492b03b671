#!/bin/bash
# What is refused, swallowed or put off is told where somebody looks. Contact store, submission server, classifier and
# calling lists are taken away, one after the other: each is told once in the log, in gcxctl status and waits, by /readyz,
# which stays 200 with the reason, and by a metric; once more when it comes back, also where the core was killed meanwhile
# or the adapter begins anew. A mail that is put off, one that is refused, an answer that waits or is refused for good, and
# a log-in that fails are counted. ROUNDS: so often one of them goes and comes, while core, adapter or nobody is killed, after
# all of them have (1).
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/postgres_common.sh"
. "$top_srcdir/tests/flows/email_common.sh"
[ -f "$top_builddir/.libs/dialer.so" ] || cleanup 77
classifier='' silent=''
also_end() { for pid in $classifier $silent; do kill "$pid"; wait "$pid"; done 2>/dev/null; mail_end; pg_end; }
pg_begin || cleanup 1
"$pg_bin/createdb" -h "$pg_socket" -p "$pg_port" -U gcx lists || cleanup 1
where="host=$pg_socket port=$pg_port user=gcx dbname"
"$top_builddir/gcxlists" migrate "$where=lists" >"$dir/migrate" 2>&1 || { cat "$dir/migrate"; cleanup 1; }

classifier_start() {
    python3 - "$dir" "$1" <<'PY' &
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"category": "claim", "confidence": 0.9}')
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler)
with open(sys.argv[1] + "/port.new", "w") as out:
    out.write(str(server.server_port))
os.rename(sys.argv[1] + "/port.new", sys.argv[1] + "/classifier")
server.serve_forever()
PY
    classifier=$!
    await test -s "$dir/classifier"
}
classifier_start 0
make_mails "classifier = \"http://127.0.0.1:$(cat "$dir/classifier")/about\" outlive_s = 30 restart_ms = 200" "$where=crm"
cat >>"$dir/gcx.conf" <<CONF
http = "127.0.0.1:0"
adapter dialer { lists = "$where=lists" outlive_s = 30 restart_ms = 200 }
CONF
start
await test -s "$dir/port"

# get PATH: status, then body.
get() {
    local where
    where=$(ctl status --json | sed -n 's,^ *"http": "\(.*\)"\,*$,\1,p')
    exec 8<>"/dev/tcp/${where%:*}/${where##*:}" || return 1
    printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" "$where" >&8
    awk 'NR == 1 { print $2; next } body; /^\r$/ { body = 1 }' <&8
    exec 8>&-
}
metric() { get /metrics | sed -n "s/^$1 \([0-9.]*\)\$/\1/p"; }
metric_is() { [ "$(metric "$1")" = "$2" ]; }
ready_says() { get /readyz | tr '\n' ' ' | grep -q -e "$1"; }
lines() { grep -c -e "$1" "$dir/log"; }
names() { "$@" | grep -q -e "$text"; }
says() { text=$1; shift; await names "$@"; }

# Each of them: how it goes and how it comes back, by whom it is told, and under which name.
store_away() { pg_sql -d "$where=postgres" -c "alter database crm allow_connections false" -c "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'crm'" >/dev/null; }
store_back() { pg_sql -d "$where=postgres" -c "alter database crm allow_connections true"; }
lists_away() { pg_sql -d "$where=postgres" -c "alter database lists allow_connections false" -c "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'lists'" >/dev/null; }
lists_back() { pg_sql -d "$where=postgres" -c "alter database lists allow_connections true"; }
submission_away() { kill -KILL "$exim"; wait "$exim" 2>/dev/null; exim=; }
submission_back() { exim_start; }
classifier_away() { kill "$classifier"; wait "$classifier" 2>/dev/null; classifier=; }
classifier_back() { classifier_start "$(cat "$dir/classifier")"; }
adapter_of() { [ "$1" = lists ] && echo dialer || echo email; }

# told_away NAME: everywhere.
told_away() {
    adapter=$(adapter_of "$1")
    says "^DEGRADED  *$adapter $1: " ctl status
    await ready_says "^200 ok degraded: .*adapter $adapter: $1: " || { say_failed "/readyz and $1"; get /readyz; }
    await metric_is "gcx_neighbour_up{adapter=\"$adapter\",neighbour=\"$1\"}" 0 || say_failed "the metric of $1"
    says "^$adapter .*$1: " ctl waits || { say_failed "waits and $1"; ctl waits; }
}
is_there() { await metric_is "gcx_neighbour_up{adapter=\"$(adapter_of "$1")\",neighbour=\"$1\"}" 1; }
is_whole() { ctl status >"$dir/status" && ! grep -q DEGRADED "$dir/status"; }
told_back() {
    is_there "$1"
    await is_whole || say_failed "the status and $1"
    await ready_says "^200 ok  *\$" || { say_failed "/readyz when $1 is back"; get /readyz; }
}
all_there() { ready_says "^200 ok  *\$"; }
await all_there

# Those of different adapters go at once, and come back at once: each is told as if it were alone.
gone_lines() { lines "$(adapter_of "$1") $1: it is away: "; }
back_lines() { lines "$(adapter_of "$1") $1: it is there again"; }
# go_and_come DIES NAME...: meanwhile the core is killed, or the adapter of the first of them, or nobody.
go_and_come() {
    local dies=$1; shift
    for name; do
        eval "${name}_gone=$(gone_lines "$name") ${name}_came=$(back_lines "$name")"
        "${name}_away"
    done
    for name; do
        told_away "$name"
        eval "[ $(gone_lines "$name") = \$((${name}_gone + 1)) ]" || say_failed "$name has not gone once in the log"
    done
    await metric_is gcx_degraded $# || say_failed "gcx_degraded: $(metric gcx_degraded)"
    # The next core hears of it from the adapters, which outlived it; the next adapter finds it out, and says it again.
    case $dies in
    core)
        kill -KILL "$vm"; wait "$vm" 2>/dev/null
        start
        for name; do told_away "$name"; done ;;
    adapter)
        kill -KILL "$(pid_of "$(adapter_of "$1")")"
        await says_gone "$(adapter_of "$1")" ;;
    esac
    for name; do "${name}_back"; done
    for name; do is_there "$name"; done
    told_back "$1"
    [ "$dies" != adapter ] || return
    for name; do
        eval "[ $(back_lines "$name") = \$((${name}_came + 1)) ]" || say_failed "$name has not come back once in the log"
    done
}
pid_of() { sed -n "s/.* $1 adapter started, process //p" "$dir/log" | tail -n 1; }
# says_gone ADAPTER: it is not there, or what it lacks is told again.
says_gone() { ready_says "degraded: .*adapter $1: " || ready_says "adapter $1 is not connected"; }
go_and_come core store lists
go_and_come core submission
go_and_come nobody classifier
# A mail server that is there, and whose certificate has ended, is away as well; how long the good one is good is a metric.
ends_soon() { ctl status | grep -q '^CERTIFICATE  *submission of email ends in '; }
days_left() { metric 'gcx_certificate_days_left{adapter="email",certificate="submission"}' | grep -qx '1\.9[0-9]*'; }
await days_left || say_failed "the days of the mail server's certificate: $(get /metrics | grep days_left)"
await ends_soon || say_failed "status and a certificate that ends soon: $(ctl status)"
openssl x509 -req -in "$dir/mx.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -extfile "$dir/mx.ext" -days -1 -out "$dir/ended.pem" 2>/dev/null
cp "$dir/mail/mx.pem" "$dir/good.pem"
shows() { kill -KILL "$exim"; wait "$exim" 2>/dev/null; cat "$dir/$1" >"$dir/mail/mx.pem"; exim_start; }
plainly_away=$(declare -f submission_away) plainly_back=$(declare -f submission_back)
submission_away() { shows ended.pem; }
submission_back() { shows good.pem; }
go_and_come nobody submission
eval "$plainly_away; $plainly_back"
# Further rounds: one of them each, and each time somebody else is killed.
neighbours=('store lists' submission classifier) killed=(core adapter nobody core)
for ((round = 1; round < ${ROUNDS-1}; round++)); do
    [ $((round % 50)) != 0 ] || echo "round $round"
    go_and_come "${killed[round % 4]}" ${neighbours[round % 3]}
    [ "$failures" = 0 ] || { echo "in round $round: ${killed[round % 4]}, ${neighbours[round % 3]}"; break; }
done

# A mail that is put off, as its store is away, and then taken; one that nobody has a queue for.
mail() { deliver --from "$1@example.org" --h-From "$1@example.org" --header "Message-Id: <$1@example.org>" --body hello; }
put_off=$(metric 'gcx_mails_put_off_total{adapter="email"}')
store_away
mail anna && say_failed "a mail was taken though the store is away"
more_than() { [ "$(metric "$1")" -gt "$2" ]; }
await more_than 'gcx_mails_put_off_total{adapter="email"}' "${put_off:-0}"
store_back
told_back store
deliver --to nobody@shop.example --from anna@example.org && say_failed "a mail to nobody was taken"
await metric_is 'gcx_mails_refused_total{adapter="email"}' 1
# Answers wait for the mail server, and go when it is back, without the pause that has grown meanwhile.
submission_away
mail anna || { say_failed "a mail was not taken"; cat "$dir/swaks"; }
await metric_is 'gcx_mails_taken_total{adapter="email"}' 1
await metric_is 'gcx_mails_waiting{adapter="email"}' 1
await more_than 'gcx_mails_oldest_unsent_seconds{adapter="email"}' 0
says '^email  *SendMessage  *1  .*submission: ' ctl waits
submission_back
await metric_is 'gcx_mails_sent_total{adapter="email"}' 1
await metric_is 'gcx_mails_waiting{adapter="email"}' 0
# A mail server that refuses an answer for good.
submission_away
sed -i 's/^acl_smtp_rcpt = accept/acl_smtp_rcpt = deny/' "$dir/exim.conf"
submission_back
mail bert || { say_failed "a mail was not taken"; cat "$dir/swaks"; }
await metric_is 'gcx_mails_failed_total{adapter="email"}' 1
logged 'mail .*: not sent: .*550' || say_failed "the log does not say that it was refused, and how"

# Connections that ask nothing keep nobody out: neither of /metrics, nor of gcxctl, where they may ask for a second.
hold() {
    python3 - "$@" "$dir/held" <<'PY' &
import signal, socket, sys
def one(where):
    if where.startswith("/"):
        client = socket.socket(socket.AF_UNIX)
        client.connect(where)
        return client
    host, port = where.rsplit(":", 1)
    return socket.create_connection((host, int(port)))
held = [one(sys.argv[1]) for _ in range(int(sys.argv[2]))]
open(sys.argv[3], "w").close()
signal.pause()
PY
    silent=$!
    await test -e "$dir/held"
}
let_go() { kill "$silent"; wait "$silent" 2>/dev/null; silent=''; rm "$dir/held"; }
hold "$(ctl status --json | sed -n 's,^ *"http": "\(.*\)"\,*$,\1,p')" 500
more_than gcx_http_requests_total 0 || say_failed "idle connections keep /metrics from who asks"
let_go
hold "$dir/state/admin.sock" 16
await ctl status
let_go

# An adapter that cannot begin without its store says so, though it is not there.
stop 0
store_away
"$gcxvm" "$dir/gcx.conf" >>"$dir/log" 2>&1 &
vm=$!
says 'adapter email is not connected: store: ' get /readyz
[ "$(get /readyz | head -n 1)" = 503 ] || say_failed "/readyz says that an adapter serves that does not"
store_back
await all_there
stop 0
[ "$failures" = 0 ] && cleanup 0
tail -n 30 "$dir/log"
cleanup 1
