#!/bin/bash
# Mails wait in a mailbox of Dovecot and are fetched by IMAP with STARTTLS; the contact store is in PostgreSQL. The adapter,
# the daemon, the store and the mail servers are killed between the steps, and the adapter ends in order once: each mail is
# one interaction, and answered once.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/postgres_common.sh"
. "$top_srcdir/tests/flows/email_common.sh"
also_end() { mail_end; pg_end; }
pg_begin || cleanup 1
store="host=$pg_socket port=$pg_port dbname=crm user=gcx"
make_mails "imap = \"imap://127.0.0.1:$imap\" imap_user = \"inbox\" imap_password_file = \"$dir/password\"
  imap_ca = \"$dir/ca.pem\" imap_poll = \"1\" imap_done = \"Done\" imap_refused = \"Refused\" size = \"20000\"" "$store"
box() { setpriv --reuid=nobody --regid=nogroup --clear-groups doveadm -c "$dir/dovecot.conf" "$@"; }
for folder in Done Refused; do box mailbox create -u inbox $folder; done
start
await link_is up
await test -s "$dir/port"
inbox=$dir/mail/box/inbox

# post NAME...: into the mailbox, from NAME.
post() {
    for name; do
        swaks --protocol LMTP --server 127.0.0.1 --port "$lmtp" --to inbox@shop.example --from "$name@example.org" \
            --h-From "$name@example.org" --h-To service@shop.example --header "Message-Id: <$name@example.org>" \
            --body "${body-from $name}" >"$dir/swaks" 2>&1 || { say_failed "Dovecot has not taken $name"; cat "$dir/swaks"; }
    done
}
in_store() { [ "$(pg_sql -c "select count(*) from interactions where external_id = '$1@example.org'")" = 1 ]; }
has() { [ "$(ls "$inbox/.$1/cur" "$inbox/.$1/new" | grep -c ':2,')" = "$2" ]; } # FOLDER COUNT

# It is marked when it is in the core, and not before: the core stands still, the adapter dies between fetching and marking.
post one
await answered one
await has Done 1
adapter=$(adapter_pid)
kill -STOP "$vm"
post two
await in_store two
kill -KILL "$adapter"
kill -CONT "$vm"
await answered two

# The server that takes our mails stands still, and the daemon is killed while the answer is on its way.
kill -STOP "$exim"
post three
await in_store three
await eval '[ "$(pg_sql -c "select count(*) from interactions where direction = '"'out'"'")" = 3 ]'
kill -KILL "$vm"
wait "$vm" 2>/dev/null
kill -CONT "$exim"
start
await answered three

# It stands still for a moment while the adapter ends in order.
kill -STOP "$exim"
post order
await in_store order
await eval '[ "$(pg_sql -c "select count(*) from interactions where direction = '"'out'"'")" = 4 ]'
adapter=$(adapter_pid)
rm "$dir/port"
kill "$adapter"
sleep 0.3
kill -CONT "$exim"
await answered order
await test -s "$dir/port"

# The store is away: what comes by LMTP stays with its mail server, what is in the mailbox stays there.
pg_stop immediate
post four
from_five() {
    deliver --from five@example.org --h-From five@example.org --h-Date 'Fri, 2 Jan 2026 10:00:00 +0000' --h-Subject five \
        --header 'Message-Id:<five@example.org>' --body five
}
from_five && say_failed "a mail was taken that cannot be kept"
grep -q '451 4.3.0' "$dir/swaks" || { say_failed "not refused for now"; cat "$dir/swaks"; }
await logged 'it stays for now'
pg_start
await answered four
from_five || say_failed "the mail was not taken later"
await answered five

# The servers are killed.
kill -KILL "$exim" && wait "$exim" 2>/dev/null
kill -KILL "$dovecot" && wait "$dovecot" 2>/dev/null
await logged 'mailbox: IMAP: '
deliver --from six@example.org --h-From six@example.org --header 'Message-Id: <six@example.org>' --body six || say_failed "six"
await logged 'mail .*: again in'
dovecot_start
exim_start
# This one has ended the adapter three times, as its keyword says.
printf 'From: poison@example.org\nMessage-Id: <poison@example.org>\n\npoison\n' >"$dir/poison"
adapter=$(adapter_pid)
kill -STOP "$adapter"
box save -u inbox "$dir/poison" && box flags add -u inbox gcx-try3 mailbox INBOX unseen || say_failed "doveadm"
kill -CONT "$adapter"
body=$(head -c 30000 /dev/zero | tr '\0' x | fold -w 70) post large # of more than `size`
post seven
for name in six seven; do await answered $name; done
await has Done 6 # five and six came by LMTP
await logged 'it is set aside, as it cannot be taken in: it is larger'
await logged 'it is set aside, as it cannot be taken in: the adapter has ended'
await has Refused 2

for name in one two three order four five six seven; do
    [ "$(answers_of $name)" = 1 ] || say_failed "$name has more than one answer"
    in_store $name || say_failed "$name is not in the store once"
done
in_store poison && say_failed "the mail that ends the adapter was read"
[ "$(pg_sql -c "select count(*) from interactions where direction = 'in'")" = 8 ] || say_failed "not eight mails in the store"
logged 'ixn=1-000000000008' && ! logged 'ixn=1-000000000009' || say_failed "not one interaction for each mail"
stop 0
[ "$failures" = 0 ] && cleanup 0
tail -n 40 "$dir/log"
cleanup 1
