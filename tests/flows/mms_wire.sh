#!/bin/bash
# A provider delivers multimedia messages by MM7, Exim by MM4: each is kept with its slides, submitted and acknowledged once,
# also where the adapter is killed between. What nobody may say, and what is hostile, is refused. The answer that a message
# of MM4 asks for goes by Exim. An end is noted in the contact store; who is erased is nowhere.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/mms_common.sh"
PATH=$PATH:/usr/sbin
for program in exim4 swaks setpriv sqlite3 python3; do
    command -v $program >/dev/null || { echo "$program is not installed"; cleanup 77; }
done
[ "$(id -u)" = 0 ] || cleanup 77 # Exim is started as nobody
exim=
also_end() { [ -z "$exim" ] || { kill "$exim"; wait "$exim"; } 2>/dev/null; }
ports=$(python3 "$top_srcdir/tests/flows/free_ports.py" 2)
smtp=${ports% *} door=${ports#* }
chmod 755 "$dir" && mkdir "$dir/mail" && chown nobody:nogroup "$dir/mail"
cat >"$dir/exim.conf" <<CONF
primary_hostname = mx.example
spool_directory = $dir/mail/spool
log_file_path = $dir/mail/exim-%slog
keep_environment =
tls_advertise_hosts =
pid_file_path = $dir/mail/exim.pid
exim_user = nobody
exim_group = nogroup
daemon_smtp_ports = $smtp
local_interfaces = 127.0.0.1
acl_smtp_rcpt = accept
begin routers
door:
  driver = manualroute
  domains = mms.example
  route_list = * 127.0.0.1
  transport = door
  self = send
answers:
  driver = accept
  transport = box
begin transports
door:
  driver = smtp
  port = $door
  allow_localhost
  hosts_avoid_tls = *
box:
  driver = appendfile
  file = $dir/mail/box
begin retry
* * F,1h,1s
CONF
listens() { python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()' "$1"; }
setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$dir/mail" exim4 -C "$dir/exim.conf" -bdf -q1s >"$dir/exim.out" 2>&1 &
exim=$!
await listens "$smtp" || { cat "$dir/exim.out"; cleanup 1; }
make_pictures "mm4 = \"127.0.0.1:$door\" mm4_answers = \"smtp://127.0.0.1:$smtp\"
  mm4_from = \"system@mms.example\" size = \"100000\"" "sqlite:$dir/contacts"
start
await link_is up
await test -s "$dir/port"
store_sql() { sqlite3 -readonly -cmd '.timeout 5000' "$dir/contacts" "$@"; }
kept() { [ "$(store_sql "select count(*) from interactions where external_id like '$1'")" = "${2-1}" ]; }

message t-1 "it leaks" >"$dir/one"
post "$dir/one" -u provider:wrong && grep -q '^401' "$dir/answer" || say_failed "a stranger is not refused"
post "$dir/one" || say_failed "no answer"
taken t-1 || { say_failed "not taken"; cat "$dir/answer"; }
[ "$(store_sql "select group_concat(role || ':' || type, ' ') from (select * from parts order by n)")" = \
    "text:text/plain;charset=utf-8 slides:application/json raw:application/smil inline:image/jpeg inline:text/plain envelope:application/json" ] || { say_failed "the parts"; store_sql "select role, type, content_id from parts"; }
[ "$(store_sql "select bytes from pieces join parts on parts.id = part where role = 'slides'")" = '[{"ms":5000,"parts":[2]},{"ms":0,"parts":[1]}]' ] ||
    { say_failed "the slides"; store_sql "select bytes from pieces join parts on parts.id = part where role = 'slides'"; }
await logged 'message mm7-t-1: submitted'
expect '"media": "mms"' ctl interactions --state queued --json
about() { ctl data 1-000000000001 | grep -q 'about .*broken & wet | it leaks'; }
await about
post "$dir/one" && taken t-1 || say_failed "the same message again is not answered as before"
kept mm7-t-1% || say_failed "the same message is there twice"
message t-1 "it does not" >"$dir/other"
post "$dir/other" && taken t-1 || say_failed "another message under the same name is not taken"
kept 'sha256:%' || say_failed "another message under the same name is lost"
subject="dry again" message t-1 "it leaks" >"$dir/other"
for again in 1 2; do post "$dir/other" && taken t-1 || say_failed "another subject under the same name is not taken"; done
kept 'sha256:%' 2 || say_failed "a message with another subject under the same name is lost"

# Hostile, and wrong.
nothing_comes() { post "$dir/bad" "$@"; grep -q "^$status" "$dir/answer" && ! grep -q '>1000<' "$dir/answer" || { say_failed "$what: $(head -c 300 "$dir/answer")"; }; }
{ printf -- '--out\r\nContent-Type: text/xml\r\n\r\n<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z SYSTEM "file:///etc/passwd">]>'; envelope t-2 4930123 '&z;'; printf -- '\r\n--out--\r\n'; } >"$dir/bad"
what=entities status=400 nothing_comes
message t-3 lost 49999 >"$dir/bad"
what="a number that is not ours" status=200 nothing_comes
grep -q '<mm7:StatusCode>2002<' "$dir/answer" || say_failed "the provider does not hear that the number is wrong"
head -c 150000 /dev/zero >"$dir/bad"
what="too much" status=413 nothing_comes
echo hello >"$dir/bad"
what="no envelope" status=400 nothing_comes
echo '<E><Body><DeliveryReportReq/></Body></E>' >"$dir/bad"
type=text/xml post "$dir/bad" && grep -q DeliveryReportRsp "$dir/answer" && grep -q '>1000<' "$dir/answer" || say_failed "a report is not acknowledged"
[ "$(store_sql "select count(*) from interactions")" = 3 ] || say_failed "something was kept that is no message"

# It is acknowledged when it is in the core, and not before: the core stands still, the adapter dies with the message kept.
message t-4 "third" >"$dir/third"
adapter=$(adapter_pid)
kill -STOP "$vm"
post "$dir/third" &
posting=$!
await kept mm7-t-4
kill -KILL "$adapter"
wait "$posting"
taken t-4 && say_failed "acknowledged before the core had it"
rm "$dir/port"
kill -CONT "$vm"
again() { post "$dir/third"; taken t-4; }
await again
kept mm7-t-4 || say_failed "the message is there twice"

# MM4, by Exim; its answer goes back by Exim.
send() { # ID TEXT
    printf 'From: <+491701234502/TYPE=PLMN@mmsc.example>\r\nTo: <+4930123/TYPE=PLMN@mms.example>\r\nSubject: by mail\r\nX-Mms-Message-Type: MM4_forward.REQ\r\nX-Mms-Message-ID: "%s"\r\nX-Mms-Transaction-ID: "x-%s"\r\nX-Mms-Ack-Request: Yes\r\nX-Mms-Originator-System: system@mmsc.example\r\nContent-Type: text/plain\r\n\r\n%s\r\n' "$1" "$1" "$2" >"$dir/mm4"
    POSIXLY_CORRECT=1 swaks --server 127.0.0.1 --port "$smtp" --from '+491701234502/TYPE=PLMN@mmsc.example' --to '+4930123/TYPE=PLMN@mms.example' --data "@$dir/mm4" >"$dir/swaks" 2>&1 || { say_failed "Exim has not taken it"; cat "$dir/swaks"; }
}
send m-1 "by mail, too"
await kept mm4-m-1
await grep -q '^X-Mms-Transaction-ID: "x-m-1"' "$dir/mail/box"
grep -q '^X-Mms-Message-Type: MM4_forward.RES' "$dir/mail/box" && grep -q '^X-Mms-Request-Status-Code: Ok' "$dir/mail/box" || say_failed "that is no answer"
send m-1 "by mail, too"
await eval '[ "$(grep -c "^X-Mms-Transaction-ID" "$dir/mail/box")" = 2 ]'
kept mm4-m-1 || say_failed "the same mail is there twice"
[ "$(store_sql "select group_concat(address, ' ') from addresses where kind = 'phone'")" = '+491701234501 +491701234502' ] || say_failed "the contacts"

# A bounce, as Exim would bring it, is nobody's message, and is told once.
for n in 1 2; do
    POSIXLY_CORRECT=1 swaks --server 127.0.0.1 --port "$door" --from '<>' --to '+4930123/TYPE=PLMN@mms.example' --header 'Subject: Undelivered' --header "Message-Id: <b-$n@mx.example>" --body 'it came back' >"$dir/swaks" 2>&1 || { say_failed "a bounce is not acknowledged"; cat "$dir/swaks"; }
done
[ "$(grep -c 'it is passed over, as others like it will be: a machine wrote it' "$dir/log")" = 1 ] || say_failed "a bounce is not told once"

live() { ctl interactions --live --json | sed -n 's/^ *"ixn": "\(.*\)",*/\1/p'; }
[ "$(live | wc -l)" = 5 ] || { say_failed "not one interaction for each message"; ctl interactions; }
# The core's state is lost: what the store has open is submitted again, as it was, and nothing is ended.
kill -KILL "$vm"; wait "$vm" 2>/dev/null
mv "$dir/state" "$dir/state.lost"
sed -i 's/mm4_from = /answer_timeout = "2" &/' "$dir/gcx.conf"
start
submitted_again() { [ "$(live | wc -l)" = 5 ] && [ "$(store_sql "select count(distinct journal) from interactions")" = 1 ]; }
await submitted_again
[ "$(store_sql "select count(*) from interactions where ended is not null")" = 0 ] || say_failed "something is ended as lost"
await logged 'message mm7-t-1: reconcile: the core has lost it'
has_again() { for ixn in $(live); do ctl data "$ixn"; done | grep -q 'about .*broken & wet | it leaks'; }
await has_again

# Ends are noted, and who is erased is gone.
for ixn in $(live); do expect_exit 0 ctl end "$ixn"; done
await eval '[ "$(store_sql "select count(*) from interactions where ended is not null")" = 5 ]'
for who in +491701234501 +491701234502; do echo $who | "$gcxctl" erase - "$dir/gcx.conf" >"$dir/output" 2>&1 || { say_failed "erase"; cat "$dir/output"; }; done
[ "$(store_sql "select count(*) from pieces")" = 0 ] && ! grep -qa -e 'it leaks' -e 'by mail, too' -e 491701234501 "$dir"/contacts* || say_failed "the contact store has them still"

# Eight answers wait for a mail server that says nothing, and their messages as long as for one.
kill -STOP "$exim"
python3 - "$door" >"$dir/waits" 2>&1 <<'PYTHON' || { say_failed "the messages behind a mail server that hangs"; cat "$dir/waits"; }
import smtplib, sys, threading, time
def send(n):
    mail = smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=60)
    mail.sendmail("a@mmsc.example", "+4930123/TYPE=PLMN@mms.example",
                  f"From: <+491701234502/TYPE=PLMN@mmsc.example>\r\nX-Mms-Message-ID: h-{n}\r\nX-Mms-Ack-Request: Yes\r\nX-Mms-Originator-System: system@mmsc.example\r\n\r\nhello\r\n")
    taken.append(n)
taken, began = [], time.monotonic()
senders = [threading.Thread(target=send, args=(n,)) for n in range(8)]
for one in senders: one.start()
for one in senders: one.join()
assert len(taken) == 8 and time.monotonic() - began < 10, (taken, time.monotonic() - began)
PYTHON
kill -CONT "$exim"
[ "$(grep -c 'message mm4-h-.: its answer is not sent: Timeout' "$dir/log")" = 8 ] || say_failed "answers that are not sent are not told"
kept mm4-h-% 8 || say_failed "a message whose answer cannot be sent is not taken"

# The adapter ends in order while an answer is on its way: it hears that it is sent, and its message is taken.
kill -STOP "$exim"
python3 - "$door" >"$dir/waits" 2>&1 <<'PYTHON' &
import smtplib, sys
mail = smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=60)
mail.sendmail("a@mmsc.example", "+4930123/TYPE=PLMN@mms.example",
              "From: <+491701234503/TYPE=PLMN@mmsc.example>\r\nX-Mms-Message-ID: e-1\r\nX-Mms-Transaction-ID: x-e-1\r\nX-Mms-Ack-Request: Yes\r\nX-Mms-Originator-System: system@mmsc.example\r\n\r\nhello\r\n")
PYTHON
sending=$!
await logged 'message mm4-e-1: submitted'
kill "$(adapter_pid)"
kill -CONT "$exim"
wait "$sending" || { say_failed "the message whose answer was sent is not taken"; tail -n 1 "$dir/waits"; }
await grep -q '^X-Mms-Transaction-ID: "x-e-1"' "$dir/mail/box"
[ "$(store_sql "select count(ixn) from interactions where external_id = 'mm4-e-1'")" = 1 ] || say_failed "its number is not noted"
stop 0
finish
