#!/bin/sh
# Messages of a provider come over SMPP, are kept, submitted and answered by a strategy: short and long ones, in parts out of
# order, with a part missing, the same one twice. A customer leaves by a word and comes back. The provider says that it is too much,
# that a number is wrong, nothing. What is odd on the wire is answered as SMPP 3.4 says. All that is by TLS, to the provider alone
# and not to who takes its place.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/sms_common.sh"
for program in sqlite3 openssl; do command -v $program >/dev/null || { echo "$program is not installed"; cleanup 77; }; done
authority ca
authority other
certificate good ca IP:127.0.0.1
certificate expired ca IP:127.0.0.1 -1
certificate elsewhere ca DNS:smpp.example,IP:127.0.0.2
certificate foreign other IP:127.0.0.1
smsc_certificate=$dir/good.both
smsc_start
make_texts "provider = \"127.0.0.1:$(cat "$dir/smsc.port")\" system_id = \"shop\" languages = \"de\" gap = \"1\" response = \"2\"
  lists = \"sqlite:$dir/lists\" plain = \"yes\" ca = \"$dir/ca.pem\""
start
await link_is up
await test -s "$dir/bound"

touch "$dir/receipts"
deliver +491701234501 +4930123 hello
await came submitted '+4930123 +491701234501 0 0 0 We have it: hello'
await came acknowledged '+491701234501 +4930123 hello'
await came nacks '3 902'
await logged 'text .*: delivered'
await eval '[ "$(store_sql "select count(*) from interactions where result = '"'delivered'"' and direction = '"'out'"'")" = 1 ]'
rm "$dir/receipts"
deliver +491701234501 +4930123 hello # within ten seconds: the same one
await counted acknowledged '+491701234501 +4930123 hello' 2
deliver +491701234501 +49999 wrong
await came refused '11 +491701234501 +49999 wrong'

# In two parts, the second one first; a character beyond 16 bits is divided by nobody.
deliver "+491701234502 +4930123 hex:40:8:0500030702020062d83dde00"
deliver "+491701234502 +4930123 hex:40:8:0500030702010061"
await came submitted '+491701234502 8 0 0 00570065002000680061007600650020'
came submitted '00610062d83dde00' || say_failed "the parts are not one text"
# The second of two never comes.
deliver "+491701234503 +4930123 hex:40:0:050003080201616263"
await came submitted '+491701234503 0 0 0 We have it: abc'
[ "$(store_sql "select text from messages where text like 'abc%'")" = 'abc[...]' ] || say_failed "no mark stands for the missing part"
counted acknowledged 0500030802 1 || say_failed "a part was not acknowledged once"

# Whoever leaves hears it once, and is not written to; nor is whoever is on the do-not-call list.
deliver +491701234504 +4930123 '"Stop!"'
await came submitted '+491701234504 0 0 0 You will get no more messages'
deliver +491701234504 +4930123 stop
deliver +491701234504 +4930123 'one more'
await logged 'not sent: the customer wants no messages'
[ "$(sqlite3 "$dir/lists" "select kind || value || reason from do_not_call")" = 'number+491701234504left by a short message' ] ||
    say_failed "the do-not-call list does not have the number"
deliver +491701234504 +4930123 start
await came submitted '+491701234504 0 0 0 You will get messages from us again'
deliver +491701234504 +4930123 'and now'
await came submitted '+491701234504 0 0 0 We have it: and now'
counted submitted 'You will get no more' 1 || say_failed "the customer has heard it twice"
came submitted 'We have it: one more' && say_failed "a message went to somebody who wants none"
[ -z "$(sqlite3 "$dir/lists" "select value from do_not_call")" ] || say_failed "the number is still on the do-not-call list"

# Too much: the same text again. A wrong number, and silence.
echo 88 >"$dir/status"
deliver +491701234505 +4930123 slow
await came submitted '+491701234505 0 0 88 We have it: slow'
rm "$dir/status"
await came submitted '+491701234505 0 0 0 We have it: slow'
logged 'the other side asks for less' || say_failed "nothing is said of the throttle"
echo 11 >"$dir/status"
deliver +491701234506 +4930123 who
await logged 'not sent: status 0x0b'
await logged 'EventDelivery.*cause=invalid_number'
echo mute >"$dir/status"
deliver +491701234507 +4930123 mute
await logged 'not sent: no answer came'
await logged 'EventDelivery.*cause=lost'
rm "$dir/status"
counted submitted 'We have it: mute' 1 || say_failed "a message of which nobody knows was sent again"

# Long: the other side gets parts with headers.
deliver +491701234508 +4930123 "$(printf 'x%.0s' $(seq 1 155))"
await counted submitted '+491701234508 0 64 0 050003' 2
# The provider goes, and others come in its place: none of them hears our name and password. At last one comes whose authority
# is new in the file.
port=$(cat "$dir/smsc.port")
kill "$smsc" && wait "$smsc" 2>/dev/null
await logged 'provider: the connection was closed'
mv "$dir/deliver" "$dir/delivered"
bound=$(wc -l <"$dir/bound")
instead() { # CERTIFICATE WHY
    smsc_certificate=${1:+$dir/$1.both}
    smsc_end
    smsc_start "$port"
    await logged "provider: $2"
}
instead expired 'its certificate is refused: certificate has expired; put a new one in its place'
instead elsewhere 'its certificate is refused: IP address mismatch'
instead foreign 'its certificate is refused: unable to get local issuer certificate'
expect 'unable to get local issuer certificate' ctl status
smsc_certificate=
smsc_end
closed=$(grep -c 'provider: the connection was closed' "$dir/log")
smsc_start "$port"
await eval '[ "$(grep -c "provider: the connection was closed" "$dir/log")" -gt "$closed" ]'
[ "$(wc -l <"$dir/bound")" = "$bound" ] || say_failed "we have bound to somebody who is not the provider"
cp "$dir/other.pem" "$dir/ca.new" && mv "$dir/ca.new" "$dir/ca.pem"
smsc_certificate=$dir/foreign.both
smsc_end
smsc_start "$port"
deliver +491701234509 +4930123 back
await came submitted '+491701234509 0 0 0 We have it: back'

# Its end is noted in the store: as it is told, and where nobody was there to hear of it.
ixn_of() { store_sql "select ixn from interactions where id in (select interaction from messages where text = '$1' and role = 'customer')"; }
ended() { [ "$(store_sql "select count(*) from interactions where ended is not null and id in (select interaction from messages where text = '$1' and role = 'customer')")" = 1 ]; }
told_of() { [ -n "$(ixn_of "$1")" ]; }
await told_of back && await told_of mute
expect_exit 0 ctl end "$(ixn_of back)"
await ended back
plugin=$(adapter_pid)
kill -STOP "$plugin"
expect_exit 0 ctl end "$(ixn_of mute)"
kill -KILL "$plugin"
await ended mute
stop 0
[ "$failures" = 0 ] && cleanup 0
tail -n 60 "$dir/log"; cat "$dir/smsc.log" "$dir/submitted"
cleanup 1
