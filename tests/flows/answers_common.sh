# tests/flows/answers_common.sh - A site whose agents answer e-mails at the desk (answers.py): mails come by LMTP, answers
# go by Exim to the mailboxes of Dovecot. Exim refuses nobody@refused.example for good. Sourced by bash; `site` starts it.
. "$top_srcdir/tests/flows/daemon_common.sh"
[ -f "$top_builddir/.libs/desk.so" ] && [ -f "$top_builddir/.libs/email.so" ] || cleanup 77
. "$top_srcdir/tests/flows/email_common.sh"
command -v sqlite3 >/dev/null || { echo "sqlite3 is not installed"; cleanup 77; }
store=${store:-sqlite:$dir/contacts} # a script may have a PostgreSQL
kill -KILL "$exim" && wait "$exim" 2>/dev/null
sed -i 's/^acl_smtp_rcpt = .*/acl_smtp_rcpt = told/; s/^begin routers/begin acl\ntold:\n  deny domains = refused.example\n    message = 5.1.1 nobody has this address\n  accept\nbegin routers/' "$dir/exim.conf"
exim_start || cleanup 1
cat >"$dir/answers.gcx" <<'GCX'
site {
    queue service, desk, outbound, parked;
    template received;
}
strategy mails on email {
    email.acknowledge(template received) else {};
    route queue desk;
}
strategy answers on email.reply {
    email.release() tries 100 pause 1s timeout 5m else { route queue parked; };
    stop "sent";
}
GCX
"$gcxc" build "$dir/answers.gcx" -o "$dir/answers.gcxb" || cleanup 1
(umask 077; for who in marie:agent anne:supervisor; do
    echo "${who%:*} ${who#*:} password=$(echo secret | "$gcxvm" --hash-password)"
done >"$dir/users")
make_world "adapter email {
  plugin = \"$top_builddir/.libs/email.so\"
  addresses = \"service@shop.example=service\"
  names = \"service@shop.example=Shop\"
  store = \"$store\"
  port_file = \"$dir/port\"
  submission = \"smtp://127.0.0.1:$smtp\"
  submission_ca = \"$dir/ca.pem\"
  retry = \"1\"
  answers = \"1000\"
}
adapter desk {
  store = \"$store\"
  users = \"$dir/users\"
  port_file = \"$dir/desk.port\"
  state = \"$dir/sessions\"
  queues = \"desk, outbound, parked\"
  outbound = \"outbound\"
  undo = \"0\"
  admin = \"$dir/state/admin.sock\"
  guesses_per_minute = \"1000\"
}"
site_queues answers.gcxb service desk outbound parked
cat >>"$dir/directory.sql" <<'SQL'
insert into agent values ('anne', 'Anne Noir');
insert into routing_point (dn, strategy) values ('service', 'mails'), ('outbound', 'answers');
SQL
printf 'category,name,language,subject,text\nService,received,,We have it,"Dear {contact.name}, soon."\n' >"$dir/responses.csv"
"$top_builddir/gcxstore" import "$store" "$dir/responses.csv" >/dev/null || say_failed "no responses"
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }

sql() { sqlite3 -cmd '.timeout 20000' "$dir/contacts" "$1"; }
there() { ctl status --json | python3 -c 'import json, sys
sys.exit(not all(one["state"] == "up" for one in json.load(sys.stdin)["links"]))'; }
pid_of() { ctl status --json | python3 -c 'import json, sys
print(*[one["pid"] for one in json.load(sys.stdin)["links"] if one["name"] == sys.argv[1]])' "$1"; }
begin() {
    start
    await test -s "$dir/desk.port" && await test -s "$dir/port" && await there
}
ended() { stop 0; rm -f "$dir/port" "$dir/desk.port"; }
killed() { kill -KILL "$1" && wait "$1" 2>/dev/null; }
vm_killed() { killed "$vm"; begin; } # the adapters stay
exim_killed() { killed "$exim"; exim_start; }
# everything_killed: the core, and its adapters, which would be taken back.
everything_killed() {
    local pids
    pids="$(pid_of email) $(pid_of desk)"
    killed "$vm"
    kill -KILL $pids
    rm -f "$dir/port" "$dir/desk.port"
}
# adapter_killed NAME: gcxvm starts another one.
adapter_killed() {
    local pid port
    pid=$(pid_of "$1")
    case $1 in email) port=port ;; *) port=$1.port ;; esac
    : >"$dir/$port"
    kill -KILL "$pid"
    await test -s "$dir/$port" && await there
}
agent() { timeout 600 python3 "$top_srcdir/tests/flows/answers.py" "$dir" "$top_srcdir" "$@"; }
# post NAME [HEADER...]: a mail from NAME.
post() {
    local name=$1 header=() date; shift
    date=$(date -R) # the same one when it comes again
    for one; do header+=(--header "$one"); done
    until deliver --h-Date "$date" --from "$name@example.org" --h-From "$name@example.org" --header "Message-Id: <${id:-$name}@example.org>" \
        --header "Subject: about ${id:-$name}" --body "from ${id:-$name}" "${header[@]}"; do
        grep -q '^<.*45[0-9]' "$dir/swaks" || { say_failed "the mail of $name was not taken"; cat "$dir/swaks"; return 1; }
    done
}
# boxed NAME TEXT: how many different mails of NAME's mailbox have the line. One that a mail server took as it was killed
# comes again under its Message-ID.
boxed() { cat /dev/null $(grep -l -x -r "$2.\?" "$dir/mail/box/$1/new" 2>/dev/null) | grep -i '^Message-Id:' | sort -u | wc -l; }
got() { [ "$(boxed "$1" "Answer to $1")" -ge 1 ]; }
# In the customer's mailbox once, or shown as not sent.
answered_once() { [ "$(boxed "$1" "Answer to $1")" = 1 ] || say_failed "$1 has $(boxed "$1" "Answer to $1") answers"; }
