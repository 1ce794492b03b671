#!/bin/sh
# A mail from swaks goes by LMTP to the adapter, is kept, submitted and acknowledged by a strategy; Exim takes the answer
# by STARTTLS, once its certificate is good, and gives it to Dovecot. The same mail again is no second one; a machine's is
# not answered.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/email_common.sh"
cp "$dir/other.pem" "$dir/trusted.pem"
make_mails "" "sqlite:$dir/contacts"
sed -i 's/ca\.pem/trusted.pem/' "$dir/gcx.conf"
start
await link_is up
await test -s "$dir/port"

anna="--from anna@example.org --h-From Anna<anna@example.org> --header Message-Id:<one@example.org> --body hello"
deliver $anna || { say_failed "the mail was not taken"; cat "$dir/swaks"; tail "$dir/log"; }
await logged 'again in .*certificate' # of an authority that we do not trust
[ ! -d "$dir/mail/box/anna" ] || say_failed "it was sent to a server whose certificate is not good"
cp "$dir/ca.pem" "$dir/trusted.pem"
await answered anna
grep -q 'with esmtps' "$dir"/mail/box/anna/new/* || say_failed "it was sent without TLS"
grep -q '^In-Reply-To: <one@example.org>' "$dir"/mail/box/anna/new/* || say_failed "the answer has no thread"
deliver $anna || say_failed "the same mail again was not taken"
deliver --from '<>' --header 'Message-Id: <robot@example.org>' --header 'Auto-Submitted: auto-replied' \
    --h-From 'anna@example.org' || say_failed "a machine's mail was not taken"
await logged 'a machine wrote, and is not answered by one'
[ "$(answers_of anna)" = 1 ] || say_failed "more than one answer"
expect 'email in' "$top_builddir/gcxstore" search "sqlite:$dir/contacts" hello
stop 0
[ "$failures" = 0 ] && cleanup 0
tail -n 20 "$dir/log" "$dir/swaks"
cleanup 1
