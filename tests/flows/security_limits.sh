#!/bin/bash
# tests/flows/security_limits.sh - Too much of anything: wrong passwords, connections, half handshakes, silent strangers,
# registrations, long lines, a client that does not read. The one who does it is refused or sent away with a reason;
# clients from elsewhere, and those that are there already, do not notice.
. "$top_srcdir/tests/flows/security_common.sh"

tool=$top_builddir/tests/flows/wire_tool
[ -x "$tool" ] || exit 77
authority ours
for name in server boss; do certificate "$name"; done
hash=$(hashed right)
{ echo "marie agent password=$hash"; for n in $(seq 1 16); do echo "desk$n agent password=$hash"; done; echo 'boss supervisor'; } | users
image=$dir/enterprise.gcxb
"$gcxc" build "$enterprise/enterprise.gcx" -o "$image" || die "gcxc build"
cp "$enterprise/directory.sql" "$dir/directory.sql"
sqlite3 "$dir/customers.db" <"$enterprise/customers.sql" || exit 77
"$gcxsim" switch --listen 127.0.0.1:0 --port-file "$dir/switch.port" --directory "$dir/directory.sql" >"$dir/sim.log" 2>&1 &
sim=$!
await test -s "$dir/switch.port"
conf_tserver="restart_ms = 200 $(tls_settings) failures_a_minute = 6 strangers = 80 handshake_s = 4 login_s = 12
    connections_per_user = 2 registrations = 3 line_bytes = 1000"
configure
start
port=$(cat "$dir/cti.port")
ms() { local now=$EPOCHREALTIME; echo "$(((${now/./}) / 1000))"; }

# Who is here from the beginning, and shall not notice.
client good $(shows boss)
hears good '"EventLinkConnected"'
grants good EventRegistered RequestRegisterAddress '"ThisDN":"7001"'

# Passwords: a wrong one and a wrong user are answered alike (in time too, as tests/unit/cti_users.c has it); then the
# address has to wait, with the right one too. Another address does not.
login() { # NAME USER PASSWORD: the answer without its reference
    client "$1" -bind "${from-127.0.0.1}"
    hears "$1" '"EventAuthenticationRequired"'
    request "$1" RequestAuthenticate '"User":"'"$2"'","Password":"'"$3"'"' >"$dir/answer"
    answer=$(sed 's/"ReferenceID":[0-9]*,\{0,1\}//' "$dir/answer")
    leave "$1"
}
for n in 1 2 3; do
    login "known$n" marie wrong; bad=$answer
    login "unknown$n" nobody wrong
    [ "$bad" = "$answer" ] || say_failed "a wrong password and a wrong user are told apart: $bad $answer"
done
[[ $bad == *'"ErrorCode":"refused"'* ]] || say_failed "a wrong password is answered: $bad"
# A minute has six tries: every ten seconds that this has taken since gave one more.
for n in $(seq 1 20); do
    while [[ $answer != *overload* ]]; do login more marie wrong; done
    login seventh marie right
    [[ $answer != *overload* ]] || break
done
[[ $answer == *'"ErrorCode":"overload"'*'too many wrong passwords'* ]] || say_failed "a seventh try is answered: $answer"
from=127.0.0.2
login elsewhere marie right
[[ $answer == *'"EventAuthenticated","User":"marie","Role":"agent","AgentID":"marie"'* ]] || say_failed "the right password is answered: $answer"
[ "$(count_logged 'login refused')" -ge 6 ] || say_failed "the log counts $(count_logged 'login refused') refused logins"

# However many come from one address at once with right passwords, all come in, one after another; meanwhile whoever is
# there is answered.
for n in $(seq 1 16); do client "desk$n" -bind 127.0.0.4; done
for n in $(seq 1 16); do hears "desk$n" '"EventAuthenticationRequired"'; done
for n in $(seq 1 16); do say "desk$n" '{"Message":"RequestAuthenticate","ReferenceID":1,"User":"desk'"$n"'","Password":"right"}'; done
began=$(ms)
grants good EventAddressInfo RequestQueryAddress '"ThisDN":"7001"'
meanwhile=$(($(ms) - began))
for n in $(seq 1 16); do hears "desk$n" '"EventAuthenticated","User":"desk'"$n"'"'; done
((meanwhile * 2 < $(ms) - began || meanwhile < 2000)) || say_failed "an answer took $meanwhile ms while passwords were looked at"
for n in $(seq 1 16); do leave "desk$n"; done
# A guesser who tries many at once is looked at no oftener.
began=$(ms)
for n in $(seq 1 16); do client "guess$n" -bind 127.0.0.5; done
for n in $(seq 1 16); do hears "guess$n" '"EventAuthenticationRequired"'; done
for n in $(seq 1 16); do say "guess$n" '{"Message":"RequestAuthenticate","ReferenceID":1,"User":"desk'"$n"'","Password":"guess"}'; done
for n in $(seq 1 16); do hears "guess$n" '"EventError","ReferenceID":1'; done
looked_at=$(cat "$dir"/guess*.out | grep -c '"ErrorCode":"refused"')
((looked_at >= 6 && looked_at <= 7 + ($(ms) - began) / 10000)) || say_failed "of 16 guesses at once $looked_at were looked at"
for n in $(seq 1 16); do leave "guess$n"; done

# A stranger who says nothing is sent away; meanwhile it can ask for nothing.
client silent -bind 127.0.0.2
hears silent '"EventAuthenticationRequired"'
refuses silent no_privilege RequestQueryAddress '"ThisDN":"7001"'
await is_gone silent
await logged 'address=127.0.0.2 turned away: it did not say in time who it is'

# Handshakes that never go on: of one address twenty of eighty, for four seconds.
for n in $(seq 1 30); do exec {slow[n]}<>"/dev/tcp/127.0.0.1/$port"; done
await logged 'address=127.0.0.1 turned away: too many have not yet said who they are'
client other $(shows boss) -bind 127.0.0.2
hears other '"EventLinkConnected"'
await logged 'address=127.0.0.1 turned away: no TLS handshake in time'
for n in $(seq 1 30); do exec {slow[n]}>&-; done
# The log has ten lines a second of such.
garbage() { head -c 100000 /dev/urandom | "$tool" say "127.0.0.1:$port" 100 >/dev/null; logged 'address=127.0.0.1 no client: TLS: '; }
await garbage

# The third connection of a user with two.
client third $(shows boss) -bind 127.0.0.3
hears third '"EventError".*"ErrorCode":"overload".*too many connections'
await is_gone third

# Old protocols, and a second handshake within a connection.
echo | openssl s_client -tls1_1 -cipher 'DEFAULT@SECLEVEL=0' -connect "127.0.0.1:$port" >"$dir/old" 2>&1 && say_failed "TLS 1.1 is spoken"
{ sleep 0.5; echo R; answered=0; until grep -qi "no renegotiation\|alert" "$dir/again" || [ $((answered += 1)) = 600 ]; do sleep 0.05; done; } | openssl s_client -tls1_2 -CAfile "$dir/tls/ours.pem" -connect "127.0.0.1:$port" >"$dir/again" 2>&1
grep -q 'RENEGOTIATING' "$dir/again" && grep -qi 'no renegotiation\|alert' "$dir/again" || { say_failed "a second handshake is not refused"; tail -n 5 "$dir/again"; }

# Registrations and lines.
for dn in 7002 7003; do grants good EventRegistered RequestRegisterAddress '"ThisDN":"'$dn'"'; done
refuses good overload RequestRegisterAddress '"ThisDN":"7004"'
grants good EventUnregistered RequestUnregisterAddress '"ThisDN":"7003"'
grants good EventRegistered RequestRegisterAddress '"ThisDN":"7004"'
say other '{"Message":"RequestQueryAddress","ReferenceID":99,"ThisDN":"7001","X":"'"$(head -c 1000 /dev/zero | tr '\0' x)"'"}'
hears other '"ErrorCode":"too_large".*at most 1000 bytes'
await is_gone other
grants good EventAddressInfo RequestQueryAddress '"ThisDN":"7001"'
end_clients
stop

# In plain text on loopback nobody is asked who he is, which is said. A client that never reads, a flood of connections.
conf_tserver='restart_ms = 200 requests_a_second = 100000 unread_bytes = 65536 connections_per_address = 40'
rm -f "$dir/gcxvm.log" "$dir/cti.port"
configure
start
port=$(cat "$dir/cti.port")
await logged 'warning tserver users: not given: every client of'
exec 6<>"/dev/tcp/127.0.0.1/$port"
echo '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' >&6
exec 7<>"/dev/tcp/127.0.0.1/$port"
(trap '' PIPE; for _ in $(seq 1 40); do
    for n in $(seq 1 4000); do echo '{"Message":"RequestQueryAddress","ReferenceID":'"$n"',"ThisDN":"7001"}'; done >&7 || break
done) 2>/dev/null
await logged 'address=127.0.0.1 does not read: closed'
exec 7>&-
for n in $(seq 1 60); do exec {many[n]}<>"/dev/tcp/127.0.0.1/$port"; done
await logged 'address=127.0.0.1 turned away: its address has too many connections'
echo '{"Message":"RequestQueryAddress","ReferenceID":2,"ThisDN":"7001"}' >&6
line=''
while read -r -t 60 -u 6 line && [[ $line != *'"ReferenceID":2'[,}]* ]]; do :; done
[[ $line == *'"EventAddressInfo"'* ]] || say_failed "who did all right is not answered: $line"
for n in $(seq 1 60); do exec {many[n]}>&-; done
stop
kill "$sim"; wait "$sim"; sim=''
finish
