#!/bin/sh
# Somebody who was erased is nowhere: a person calls, writes a mail, chats, and stands in a calling list and in the records,
# in several ways of writing a number; to one of the mails somebody has begun an answer. gcxctl erase is killed in its
# middle and done again, for the number and for the address; the daemon is killed and started between. Then no file of the
# site has number, name, address or text, in no form, nor what the journal gives when it is read with the keys, nor a backup
# that is made afterwards. Places that it does not reach are named. Whom it erases stands in no list of processes. ROUNDS:
# so often the first one is killed (2).
. "$top_srcdir/tests/flows/daemon_common.sh"
command -v swaks >/dev/null && command -v sqlite3 >/dev/null && command -v openssl >/dev/null && command -v python3 >/dev/null && [ -f "$top_builddir/.libs/email.so" ] && [ -x "$gcxsim" ] || cleanup 77
state=$dir/state
number=+33145550101 address=anna.bauer@example.org

"$gcxc" build "$enterprise/enterprise.gcx" -o "$dir/enterprise.gcxb" || cleanup 1
"$gcxc" build "$top_srcdir/tests/flows/email_wire.gcx" -o "$dir/mails.gcxb" || cleanup 1
"$gcxc" build "$top_srcdir/tests/flows/chat_wire.gcx" -o "$dir/chats.gcxb" || cleanup 1
echo 'site {} strategy later on callback { stop "not today"; }' >"$dir/later.gcx"
"$gcxc" build --site "$dir/later.gcx" "$dir/later.gcx" -o "$dir/later.gcxb" || cleanup 1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/chat.key" -out "$dir/chat.pem" \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2 >"$dir/openssl.log" 2>&1 || cleanup 1
chmod 600 "$dir/chat.key"
play_calls 3 200ms 'marie 7001' 'jean 7003'
cat >>"$dir/directory.sql" <<'SQL'
insert or ignore into dn (number, type) values ('letters', 'queue'), ('desk', 'queue'), ('service', 'queue'), ('1900', 'routing_point');
insert or ignore into queue (name, dn) values ('letters', 'letters'), ('desk', 'desk'), ('service', 'service');
insert into routing_point (dn, strategy) values ('letters', 'mails'), ('service', 'greets'), ('1900', 'later');
SQL
sed -i 's/^strategies = .*/strategies = {"enterprise.gcxb", "mails.gcxb", "chats.gcxb", "later.gcxb"}/' "$dir/gcx.conf"
cat >>"$dir/gcx.conf" <<CONF
country = "FR"
records = "sqlite:$dir/records.db"
adapter email {
  addresses = "service@shop.example=letters"
  store = "sqlite:$dir/contacts.db"
  port_file = "$dir/port"
}
adapter chat {
  certificate = "$dir/chat.pem"
  key = "$dir/chat.key"
  queues = "service"
  origins = "https://shop.example"
  store = "sqlite:$dir/contacts.db"
  port_file = "$dir/chat.port"
  state = "$dir/chats"
  callbacks = "1900"
  callback_numbers = "+33"
  callbacks_per_minute = "1000"
}
adapter dialer { lists = "sqlite:$dir/lists.db" }
CONF
printf 'number,customer\n01 45 55 01 01,Bauer\n+33 1 45 55 01 02,Other\n' >"$dir/people.csv"
"$top_builddir/gcxlists" --country FR --zone Europe/Paris import "sqlite:$dir/lists.db" people "$dir/people.csv" >"$dir/import" 2>&1 || { cat "$dir/import"; cleanup 1; }
rm "$dir/people.csv"

# page METHOD [PATH BODY]: a page asks for a call-back; the answer.
page() {
    python3 -c 'import json, ssl, sys, urllib.error, urllib.request
port, method, path, body = sys.argv[1:5]
asked = urllib.request.Request(f"https://localhost:{port}/callbacks{path}", body.encode() or None, {"Origin": "https://shop.example", "Content-Type": "application/json"}, method=method)
try: print(urllib.request.urlopen(asked, timeout=30, context=ssl._create_unverified_context()).read().decode())
except urllib.error.HTTPError as error: print(error.code, error.read().decode())' "$(cat "$dir/chat.port")" "$1" "${2-}" "${3-}"
}
live() { ctl interactions --live --json | sed -n 's/^ *"ixn": "\(.*\)",*/\1/p'; }
has_mail() { [ "$(ctl interactions --live --json | grep -c '"state": "queued"')" = "$1" ]; }
write() { # FROM NAME SUBJECT BODY
    swaks --protocol LMTP --server 127.0.0.1 --port "$(cat "$dir/port")" --to service@shop.example --from "$1" --h-From "$2 <$1>" --header "Subject: $3" --body "$4" >"$dir/swaks" 2>&1 || { say_failed "the mail was not taken"; cat "$dir/swaks"; }
    rm "$dir/swaks"
}
die() { kill -9 "$vm"; wait "$vm" 2>/dev/null; vm=; }
again() { start; await test -s "$dir/port"; await taken; }
taken() { [ "$(ctl status --json | grep -c "\"state\": \"up\"")" -ge 4 ]; }
erase() { printf '%s\n' "$1" | "$gcxctl" erase - "$dir/gcx.conf"; }
# listed PROCESS: while it runs, no list of processes has the person.
listed() {
    while kill -0 "$1" 2>/dev/null; do
        grep -a -l -i -e '[b]auer' -e '45.\?55.\?01.\?01' /proc/[0-9]*/cmdline 2>/dev/null | while read -r found; do
            tr '\0' ' ' <"$found" 2>/dev/null | grep -F -e "$dir" | grep -o "^$top_builddir/.*\|^[^ ]*gcx[a-z]* .*"
        done
    done
}

start
await test -s "$dir/port"
write Anna.Bauer@Example.org 'Anna Bauer' 'about the kettle' 'My kettle leaks. Call 01 45 55 01 01.'
write other@example.org Other 'a pan' 'My pan is fine.'
await has_mail 2
await test -s "$dir/chat.port"
CHAT_CA="$dir/chat.pem" timeout 300 python3 "$top_srcdir/tests/flows/chat_wire.py" "$(cat "$dir/chat.port")" says 'My kettle leaks, says Bauer.' || say_failed "the chat"
chats_ended() { [ "$(sqlite3 -cmd '.timeout 9000' "$dir/contacts.db" "select count(*) from interactions where media = 'chat' and ended is not null")" = 1 ]; }
await chats_ended
wait "$sim"; got=$?; sim=
[ "$got" = 0 ] || { say_failed "gcxsim ended with $got"; cat "$dir/sim.log"; }
# Booked when gcxsim has ended: it waits for whoever is to be called back.
await taken # the call-back's link is there
at=$(page GET | python3 -c 'import json, sys; print(json.load(sys.stdin)["times"][-1])')
booked() { page POST '' "{\"id\": \"a-page-of-somebody-000001\", \"number\": \"+33 1 45 55 01 01\", \"at\": $at}" | grep -q SCHEDULED; }
await booked
expect_exit 0 "$top_builddir/gcxrecords" --once "$dir/gcx.conf" "sqlite:$dir/records.db"

# Without these the search below would prove nothing.
grep -q -a -i bauer "$dir"/contacts.db* || say_failed "the contact store does not have the person"
[ "$(sqlite3 -cmd '.timeout 9000' "$dir/contacts.db" "select count(*) from post_memos where person like '%$number'")" = 1 ] || say_failed "the call-backs do not have the person"
grep -q -a "$number" "$dir"/lists.db* || say_failed "the calling list does not have the person"

# What goes on stays, and is told; it ends.
expect "go on; ask again when they have ended" erase "$address"
# After a restart, too: the core has it still, though the store has its external id only as a digest.
die
again
expect 'no orphans' ctl reconcile
! logged 'interaction [0-9]* of the contact store' || say_failed "a mail that goes on is taken for one that the core does not have"
# An answer that somebody has begun is data of the mail, as a desk keeps it.
drafted=$(live | head -n 1)
expect_exit 0 ctl change "$drafted" 'draft=Dear Mrs Bauer, your kettle' draft_by=marie
expect 'Dear Mrs Bauer' ctl data "$drafted"
for ixn in $(live); do expect_exit 0 ctl end "$ixn"; done
await has_mail 0
expect_exit 0 "$top_builddir/gcxrecords" --once "$dir/gcx.conf" "sqlite:$dir/records.db"

records_have() { [ "$(sqlite3 "$1" "select count(*) from interactions where ani = '$2' or ani like '%$2%' collate nocase")" -gt 0 ]; }
records_have "$dir/records.db" "$number" || say_failed "the records have no call of the person"
records_have "$dir/records.db" "$address" || say_failed "the records have no mail of the person"

# A review of a call that the contact store does not have, as a supervisor draws and writes it.
"$top_builddir/gcxrecords" sample "sqlite:$dir/records.db" --from "$(date -u -d '-2 days' +%F)" --to "$(date +%F)" --each 100 >"$dir/samples" 2>&1 || cat "$dir/samples"
grep -q "\"customer\":\"$number\"" "$dir/samples" || { say_failed "a sample does not say whose it is"; cat "$dir/samples"; }
rm "$dir/samples"
sqlite3 -cmd '.timeout 9000' "$dir/contacts.db" "insert into quality_draws(tenant, rule, form, version, reviewers, found, by_person, at) values('', 'a rule', 'calls', '0', 1, 1, 'anne', 1);
insert into quality_samples(draw, agent, ixn, address, media, ms, received) values(1, 'marie', '1-1', '$number', 'voice', 1, 1);
insert into quality_scores(sample, reviewer, hundredths, failed, comment, at, objects) values(1, 'anne', 10000, 0, 'The kettle of Bauer was cold.', 1, 0);
insert into quality_points(score, question, points, most, comment) values(1, 'greeting', 1, 1, 'Mrs Bauer was greeted.')" || say_failed "the review"

# Killed in the middle, and the daemon after it.
round=0
while [ "$round" -lt "${ROUNDS:-2}" ]; do
    echo "+33 (0)1 45 55 01 01" | "$gcxctl" erase - "$dir/gcx.conf" >"$dir/output" 2>&1 &
    erasing=$!
    case $((round % 3)) in
    0) await grep -q forgotten "$dir/output" ;;
    1) await grep -q 'are the person' "$dir/output" ;;
    2) await grep -q 'contact store' "$dir/output" ;;
    esac
    kill -9 "$erasing" 2>/dev/null
    wait "$erasing" 2>/dev/null
    die
    again
    round=$((round + 1))
done

for who in '0145550101' "ANNA.Bauer@example.org"; do
    echo "$who" | "$gcxctl" erase - "$dir/gcx.conf" >"$dir/output" 2>&1 &
    erasing=$!
    listed "$erasing" >"$dir/processes"
    [ ! -s "$dir/processes" ] || { say_failed "the list of processes has the person"; sort "$dir/processes" | uniq -c; }
    rm "$dir/processes"
    wait "$erasing" || { say_failed "erase $who ended with $?"; cat "$dir/output"; }
    for place in 'the core has forgotten' 'contact store' 'calling lists' 'call-backs' 'records' 'backups that were made before' "mail server's own files" 'snapshots that were put away' "agents' browsers"; do
        grep -q "$place" "$dir/output" || { say_failed "erase $who says nothing of: $place"; cat "$dir/output"; }
    done
done
rm "$dir/output"
expect_exit 0 ctl journal prune --days 0
rm -f "$dir/output"

# nowhere FOLDER WHEN: no file there has it; sim.log and the like are the switch's.
nowhere() {
    for form in "$number" 33145550101 0145550101 '01 45 55 01 01' bauer kettle; do
        found=$(find "$1" -type f ! -name '*.gcxb' ! -name sim.log ! -name result ! -name agents | while read -r file; do grep -l -a -i -F -e "$form" "$file"; done)
        [ -z "$found" ] || say_failed "$2: $form is in $found"
    done
}
# readable STATE WHEN: what the journal gives to who has the keys.
readable() {
    rm -rf "$dir/read" && mkdir "$dir/read"
    "$top_builddir/gcxrecords" --state "$1" --once "$dir/gcx.conf" "sqlite:$dir/read/all.db" >"$dir/read/said" 2>&1 || { say_failed "$2: the journal cannot be read"; cat "$dir/read/said"; }
    nowhere "$dir/read" "$2"
}
nowhere "$dir" "after it"
readable "$state" "in the journal after it"
ctl interactions --json >"$dir/interactions"
nowhere "$dir" "in the core after it"
page GET /a-page-of-somebody-000001 | grep -q '"COMPLETED".*"CANCELLED"' || { say_failed "the call-back stands"; page GET /a-page-of-somebody-000001; }
ctl callbacks --json >"$dir/callbacks" && ! grep -q '"to"' "$dir/callbacks" || { say_failed "a call-back is booked still"; ctl callbacks; }
other=$(sqlite3 "$dir/contacts.db" "select count(*) from addresses where address = 'other@example.org'")
[ "$other" = 1 ] || say_failed "somebody else is gone, too"

# Started again, and backed up.
die
again
ctl interactions --json >"$dir/interactions"
expect_exit 0 ctl backup "$dir/copy"
nowhere "$dir" "after a start, in a backup"
cp "$state/site.key" "$dir/copy/state/" 2>/dev/null
readable "$dir/copy/state" "in the journal of a backup"
stop 0
nowhere "$dir" "after the end"
finish
