#!/bin/sh
# A mail from swaks goes by LMTP to the adapter, is kept, submitted and acknowledged by a strategy; Exim takes the answer
# by STARTTLS, once its certificate is good, and gives it to Dovecot. The same mail again is no second one; a machine's is
# not answered. A classifier is asked over TLS, once its certificate is good, with the header that it knows us by.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/email_common.sh"
cp "$dir/other.pem" "$dir/trusted.pem"
python3 - "$dir" <<'PY' &
import http.server, os, ssl, sys
dir = sys.argv[1]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open(dir + "/asked", "a") as out:
            out.write(f"{self.path} {self.headers['X-Key']} {text}\n")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"category": "clam", "confidence": 0.9}' if "a clam" in text else b'{"category": "claim", "confidence": 0.9}')
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(dir + "/mail/mx.pem", dir + "/mail/mx.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
with open(dir + "/port.new", "w") as out:
    out.write(str(server.server_port))
os.rename(dir + "/port.new", dir + "/classifier")
server.serve_forever()
PY
classifier=$!
also_end() { kill "$classifier"; mail_end; }
await test -s "$dir/classifier"
(umask 077 && echo 'X-Key: 4711' >"$dir/headers")
make_mails "classifier = \"https://127.0.0.1:$(cat "$dir/classifier")/about\" classifier_ca = \"$dir/ca.pem\"
  classifier_header_file = \"$dir/headers\" answers = \"9\" classifier_timeout = \"60\"
  forms = \"127.0.0.1:0\" forms_port_file = \"$dir/forms.port\" forms_per_minute = \"8\" forms_origins = \"https://shop.example\" reply_to_is_sender = \"form@hoster.example\"" "sqlite:$dir/contacts"
sed -i 's/ca\.pem/trusted.pem/' "$dir/gcx.conf"
cat >>"$dir/gcx.conf" <<CONF
adapter support {
  plugin = "$top_builddir/.libs/email.so" addresses = "support@shop.example=service" store = "sqlite:$dir/contacts"
  port_file = "$dir/support.port"
}
CONF
start
await link_is up
await test -s "$dir/port"

# anna COMMAND...: with the mail of Anna, the same one each time.
anna() {
    "$@" --from anna@example.org --h-From 'Anna<anna@example.org>' --header 'Message-Id:<one@example.org>' --body hello \
        --h-Date 'Fri, 2 Jan 2026 10:00:00 +0000' --h-Subject "${subject:-test mail}"
}
anna deliver || { say_failed "the mail was not taken"; cat "$dir/swaks"; tail "$dir/log"; }
await logged 'again in .*certificate' # of an authority that we do not trust
logged 'classifier: .*certificate' && [ ! -e "$dir/asked" ] || say_failed "a text went to a classifier whose certificate is not good"
[ ! -d "$dir/mail/box/anna" ] || say_failed "it was sent to a server whose certificate is not good"
cp "$dir/ca.pem" "$dir/trusted.pem"
await answered anna
grep -q 'with esmtps' "$dir"/mail/box/anna/new/* || say_failed "it was sent without TLS"
grep -q '^In-Reply-To: <one@example.org>' "$dir"/mail/box/anna/new/* || say_failed "the answer has no thread"
anna deliver || say_failed "the same mail again was not taken"
# A mail to two mailboxes, which an adapter each takes, is one interaction, and has one answer.
await test -s "$dir/support.port"
anna swaks --protocol LMTP --server 127.0.0.1 --port "$(cat "$dir/support.port")" --to support@shop.example >"$dir/swaks" 2>&1 ||
    say_failed "the same mail in another mailbox was not taken"
# Whoever writes is in From: an address of somebody else in Reply-To gets the answer, and opens nobody's contact.
deliver --from eve@example.org --h-From 'Eve <eve@example.org>' --header 'Reply-To: Zoe <zoe@example.org>' \
    --header 'Message-Id: <eve@example.org>' || say_failed "a mail with Reply-To was not taken"
from_whom() { sqlite3 "$dir/contacts" "select address from interactions where external_id = '$1'"; }
[ "$(from_whom eve@example.org)" = eve@example.org ] || say_failed "it is from whom Reply-To names"
# A form writes for who stands in Reply-To, as the setting says: the acknowledgement goes there, and the contact is theirs.
deliver --from form@hoster.example --h-From form@hoster.example --header 'Reply-To: Berta <berta@example.org>' \
    --header 'Message-Id: <form@hoster.example>' || say_failed "a form's mail was not taken"
await answered berta
[ "$(from_whom form@hoster.example)" = berta@example.org ] || say_failed "a form's mail is from the form"
# A form of a web page is a mail of the customer: checked, once, and answered.
# form CODE PATTERN FIELD...: what the page is answered.
form() {
    wanted="$1 $2"; shift 2
    for field; do set -- "$@" -F "$field"; shift; done
    got=$(curl -s -o "$dir/form" -w '%{http_code}' "$@" "http://127.0.0.1:$(cat "$dir/forms.port")/form")
    [ "$got" = "${wanted%% *}" ] && grep -q "${wanted#* }" "$dir/form" || say_failed "a form is answered $got $(cat "$dir/form"), not $wanted"
}
if command -v curl >/dev/null; then
    echo 'a list' >"$dir/list.txt"
    opening() {
        form 200 '"ok":true' 'name=Érna "E" Lind' 'address=erna@example.org' 'subject=Opening' 'text=Are you open?' "file=@$dir/list.txt" "file=@$dir/list.txt;type=message/rfc822;filename=mail.eml" 'website='
    }
    opening
    posted=$(date +%s)
    while [ "$(date +%s)" = "$posted" ]; do sleep 0.05; done # a Date would tell the two apart
    opening
    await answered erna
    sqlite3 "$dir/contacts" "select group_concat(direction || ' ' || subject, ';') from interactions where address = 'erna@example.org' and direction = 'in'" >"$dir/form"
    [ "$(cat "$dir/form")" = 'in Opening' ] || say_failed "a form that came twice is there as: $(cat "$dir/form")"
    [ "$(sqlite3 "$dir/contacts" "select count(*) from parts where name = 'list.txt'")" = 1 ] || say_failed "the file of a form is not kept"
    yes X: | head -n 10001 | sed '1i --x' >"$dir/headers.form"
    [ "$(curl -s -H 'Content-Type: multipart/form-data; boundary=x' --data-binary "@$dir/headers.form" "http://127.0.0.1:$(cat "$dir/forms.port")/form")" = '{"error":"it has too many parts or headers"}' ] ||
        say_failed "a form of any number of headers is read"
    printf -- '--x\r\nContent-Disposition: form-data; name=f; filename=a\r\nContent-Type: message/rfc822\r\n--x--\r\n' >"$dir/empty.form"
    curl -s -o "$dir/form" -H 'Content-Type: multipart/form-data; boundary=x' --data-binary "@$dir/empty.form" "http://127.0.0.1:$(cat "$dir/forms.port")/form"
    ! logged CRITICAL || say_failed "a form with an empty mail as a file makes the library complain"
    form 400 'address: it is no e-mail address' 'address=nobody' 'text=x'
    form 400 'address: it is one of ours' 'address=service@shop.example' 'text=x'
    form 400 'subject: a line' "subject=$(printf 'a\nBcc: all@example.org')" 'address=erna@example.org' 'text=x'
    form 400 'to: it is none' 'to=boss@example.org' 'address=erna@example.org' 'text=x'
    form 429 'too many' 'address=erna@example.org' 'text=x'
    [ "$(curl -s -o /dev/null -w '%{http_code}' -H 'Origin: https://elsewhere.example' -F text=x "http://127.0.0.1:$(cat "$dir/forms.port")/form")" = 403 ] ||
        say_failed "a page of anybody may send forms"
fi
deliver --from '<>' --header 'Message-Id: <robot@example.org>' --header 'Auto-Submitted: auto-replied' \
    --h-From 'anna@example.org' || say_failed "a machine's mail was not taken"
await logged 'a machine wrote, and is not answered by one'
deliver --from carla@example.org --h-From carla@example.org --header 'Message-Id: <two@example.org>' --h-Subject 'tell bert'
await grep -rqs '^Subject: News of carla@example.org' "$dir/mail/box/bert/new"
deliver --from carla@example.org --h-From carla@example.org --header 'Message-Id: <six@example.org>' --h-Subject 'greet anna'
greeted() { grep -L '^In-Reply-To: ' $(grep -ls '^Subject: We have it' "$dir"/mail/box/anna/new/*) | grep -q .; }
await greeted # a new mail, filled in with whom it goes to
grep -q 'Dear Anna' $(grep -L '^In-Reply-To: ' "$dir"/mail/box/anna/new/*) || say_failed "the template is not filled in with Anna"
deliver --from carla@example.org --h-From carla@example.org --header 'Message-Id: <four@example.org>' --header 'Auto-Submitted: auto-generated' \
    --h-Subject 'for bert'
await grep -rqs '^Subject: for bert' "$dir/mail/box/bert/new" # as it came, from whoever has written it, also a machine
bert=$(grep -rls '^Subject: for bert' "$dir/mail/box/bert/new" | head -n 1)
grep -q '^From: carla@example.org' "$bert" && grep -q '^Message-Id: <four@example.org>' "$bert" && grep -q '^Resent-From: <service@' "$bert" ||
    say_failed "it was not redirected as it came: $(cat "$bert")"
deliver --from carla@example.org --h-From carla@example.org --header 'Message-Id: <five@example.org>' \
    --header "$(grep '^Resent-Message-ID: ' "$bert" | tr -d '\r')" --h-Subject 'for bert'
await logged 'it was redirected from here before'
deliver --from carla@example.org --h-From carla@example.org --header 'Message-Id: <three@example.org>' --h-Subject 'tell all'
await logged 'the address is one of ours, and a machine wrote it' # wherever it stands among others
# An alarm of a machine goes on to the stock; what comes back from there, or answers it, does not go round.
stocked() { grep -rls "^Subject: .*to stock" "$dir/mail/box/stock/new" 2>/dev/null | wc -l; }
to_stock() { # WHO ID [HEADER]
    deliver --from "$1" --h-From "$1" --header "Message-Id: <$2>" --header 'Auto-Submitted: auto-generated' ${3:+--header "$3"} --h-Subject 'to stock'
}
to_stock no-reply@alarms.example seven@example.org
await grep -rqs '^Subject: .*to stock' "$dir/mail/box/stock/new"
stock=$(grep -rls '^Subject: .*to stock' "$dir/mail/box/stock/new" | head -n 1)
grep -q '^Auto-Submitted: auto-generated' "$stock" || say_failed "it does not say that no person forwarded it: $(cat "$stock")"
to_stock stock@example.org eight@example.org
to_stock robot@example.org nine@example.org "In-Reply-To: $(sed -n 's/^Message-I[Dd]: //p' "$stock" | tr -d '\r')"
to_stock mailer-daemon@example.org ten@example.org
to_stock alarms@alarms.example eleven@shop.example # another program of the domain has its own names
two_stocked() { [ "$(stocked)" -ge 2 ]; }
await two_stocked
[ "$(stocked)" = 2 ] || say_failed "$(stocked) alarms came to the stock, not 2: one goes round"
grep -qF '/about 4711 {"subject":"test ' "$dir/asked" || say_failed "the classifier was not asked"
logged 'EventDone.*category=' || say_failed "the classifier has not answered"
for number in 12 13; do # what no strategy declares is told once, and the step is unsure
    deliver --from dora@example.org --h-From dora@example.org --header "Message-Id: <$number@example.org>" --h-Subject 'a clam'
done
asked_twice() { [ "$(grep -c 'a clam' "$dir/asked")" = 2 ]; }
await asked_twice
await logged 'a classifier says the category `clam`, which no strategy declares'
[ "$(grep -c 'the category `clam`' "$dir/log")" = 1 ] && ! logged 'the category `claim`' || say_failed "categories that are unknown: $(grep 'the category' "$dir/log")"
[ "$(answers_of anna)" = 2 ] || say_failed "more than one answer, or more than one greeting"
subject='another door' anna deliver || say_failed "another mail of the same name was not taken"
expect 2 sh -c "'$top_builddir/gcxstore' search 'sqlite:$dir/contacts' hello | grep -c '^.*email in'"
expect 'email in' "$top_builddir/gcxstore" search "sqlite:$dir/contacts" hello
stop 0
[ "$failures" = 0 ] && cleanup 0
tail -n 20 "$dir/log" "$dir/swaks"
cleanup 1
