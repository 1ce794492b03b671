#!/bin/bash
# tests/flows/security_flow.sh - The enterprise flow with everything encrypted and everybody known: the switch shows a
# certificate and sees the T-Server's, Marie's desktop shows hers, Paul's logs in with a password, a wallboard looks on
# and a supervisor sends Paul away. Clients without a certificate, with one of another authority, one that has expired, or
# one that is nobody's, do not come in.
. "$top_srcdir/tests/flows/security_common.sh"

authority ours
authority theirs
for name in server switch marie anne board tserver stranger; do certificate "$name"; done
certificate foreign theirs marie
certificate expired ours marie -days -1
{ echo "marie agent group=sales"
    echo "paul agent password=$(hashed secret-of-paul)"
    echo "anne supervisor"
    echo "board monitor"; } | users
echo 'paul secret-of-paul' >"$dir/passwords"
conf_tserver="restart_ms = 200 $(tls_settings) switch_ca = \"$dir/tls/ours.pem\" switch_certificate = \"$dir/tls/tserver.pem\" switch_key = \"$dir/tls/tserver.key\""

build_flow "$enterprise/tests.gcx"
cat >>"$flow/tests.gcx" <<'GCX'
test "all is encrypted" {
    agent marie (French: 9, Sales: 2) ready answers 3s handles 3s;
    agent paul  (English: 7) ready;
    after 6s: agent paul (English: 7) ready;
    query customers -> Customer(name: "Dupont", tier: "gold", language: "French");
    ivr.digits(prompt account_number) -> "4711" after 2s;
    ivr.menu(prompt language) -> "2";
    call enterprise from "+33145550101" to "1800";
    expect routed to agent marie;
    expect account == "4711";
}
GCX
"$gcxc" build "$flow/tests.gcx" -o "$image" || die "gcxc build"
clock_stands 1 # until everybody looks on
begin "all is encrypted" --cti-ca "$dir/tls/ours.pem" --passwords "$dir/passwords" \
    --desk-certificate "$dir/tls/%s.pem" --desk-key "$dir/tls/%s.key" \
    --switch-certificate "$dir/tls/switch.pem" --switch-key "$dir/tls/switch.key" --switch-ca "$dir/tls/ours.pem"
rm "$dir/passwords"
await logged 'clients are served at .* by TLS' || say_failed "the log does not say that it is TLS"
await logged 'user=marie role=agent .* by certificate'
await logged 'user=paul role=agent .* by password'

client board $(shows board)
client anne $(shows anne)
hears board '"EventAuthenticated","User":"board","Role":"monitor"'
hears anne '"EventLinkConnected"'
grants board EventRegistered RequestRegisterAddress '"ThisDN":"7001"'
grants anne EventRegistered RequestRegisterAddress '"ThisDN":"7001"'
grants anne EventRegistered RequestRegisterAddress '"ThisDN":"7002"'
clock_stands 4 # it rings at two seconds, for three
hears anne '"EventRinging".*"UserData":{"account":"4711"'
hears board '"EventRinging"'
has_heard board '4711' && say_failed "a monitor sees user data: $(cat "$dir/board.out")"

# What a user changes has a name in the journal and for everybody else.
conn=$(sed -n 's/.*"EventRinging".*"ConnID":"\([0-9a-f]*\)".*/\1/p' "$dir/anne.out" | head -n 1)
grants anne EventAttachedDataChanged RequestUpdateUserData '"ThisDN":"7001","ConnID":"'"$conn"'","UserData":{"vip":true}'
grants anne EventAgentNotReady RequestAgentNotReady '"ThisDN":"7002"'
refuses board no_privilege RequestUpdateUserData '"ThisDN":"7001","ConnID":"'"$conn"'","UserData":{"vip":false}'
await logged 'EventError .*code=no_privilege user=board RequestUpdateUserData' || say_failed "the log does not tell who was refused what"

# Who does not come in: no certificate may still log in; another authority's, an old one: not at all.
client nobody
hears nobody '"EventAuthenticationRequired"'
refuses nobody no_privilege RequestRegisterAddress '"ThisDN":"7001"'
refuses nobody refused RequestAuthenticate '"User":"marie","Password":"secret-of-paul"'
client stranger $(shows stranger)
hears stranger '"EventAuthenticationRequired"'
await logged 'its certificate (stranger) is no user'
for name in foreign expired; do
    client "$name" $(shows "$name")
    await is_gone "$name"
    [ ! -s "$dir/$name.out" ] || say_failed "$name was let in: $(cat "$dir/$name.out")"
done
await logged 'no client: its certificate is refused: certificate has expired'
[ "$(count_logged 'no client: its certificate is refused')" -ge 2 ] || say_failed "the log does not tell of refused certificates"
# In plain text nobody gets a word.
[ -z "$(ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' 2>/dev/null)" ] || say_failed "somebody is served in plain text"
await logged 'no client: TLS: '
! grep -qE 'secret-of-paul' "$dir/gcxvm.log" || say_failed "the log has a password"

played
# The actor is in the events as the core keeps them.
await logged 'Request[A-Za-z]*UserData .*actor=anne' || say_failed "the core does not know who changed the data"
await logged 'EventAttachedDataChanged .*changed={vip=true} by=anne' || say_failed "the change is not said to be Anne's"
await logged 'EventAgentState.* actor=anne\|EventAgentNotReady.* actor=anne' || say_failed "the core does not know who sent Paul away"
end_clients
stop

# A switch that is not the one meant is not spoken to; who shows no certificate is not let in where one is required.
rm "$dir/cti.port" "$dir/switch.port" "$dir/gcxvm.log"
"$gcxsim" switch --listen 127.0.0.1:0 --port-file "$dir/switch.port" --switch-certificate "$dir/tls/switch.pem" \
    --switch-key "$dir/tls/switch.key" --switch-ca "$dir/tls/ours.pem" --directory "$dir/directory.sql" >"$dir/sim.log" 2>&1 &
sim=$!
tserver_before=$conf_tserver
listening() { [ -s "$dir/switch.port" ] && kill -0 "$sim"; }
await listening
conf_tserver="$tserver_before switch_name = \"other.example.org\" client_certificate = \"required\""
configure
start
await logged 'switch: cannot connect: its certificate is refused: hostname mismatch'
client nobody
await is_gone nobody
[ ! -s "$dir/nobody.out" ] || say_failed "somebody without a certificate was let in: $(cat "$dir/nobody.out")"
client anne $(shows anne)
hears anne '"EventLinkDisconnected"'

# Certificates are replaced while all runs: new ones serve, wrong ones do not.
issued() { openssl s_client -connect "127.0.0.1:$(cat "$dir/cti.port")" $(shows anne) </dev/null 2>/dev/null | openssl x509 -noout -subject; }
renewed() { issued | grep -q 'renewed'; }
certificate renewed
mv "$dir/tls/renewed.key" "$dir/tls/server.key"; mv "$dir/tls/renewed.pem" "$dir/tls/server.pem"
await renewed
echo rubbish >"$dir/tls/server.pem"
await logged 'certificate: .*server.pem: .*; the certificates from before serve on'
renewed || say_failed "a wrong certificate replaced the one before"
certificate server
await logged 'certificates were read again'
end_clients
stop
kill "$sim"; wait "$sim"; sim=''
conf_tserver=$tserver_before
configure

# What the settings name is looked at before anything runs, and the complaint says which.
check_says() { # TEXT SED-EXPRESSION
    sed -e "$2" "$dir/gcx.conf" >"$dir/wrong.conf"
    expect "wrong.conf:$(grep -n "^adapter" "$dir/gcx.conf" | cut -d: -f1): adapter .tserver.: $1" "$gcxvm" --check "$dir/wrong.conf"
}
expect 'good' "$gcxvm" --check "$dir/gcx.conf"
check_says 'key: .*/nowhere: No such file' 's#key = "[^"]*server.key"#key = "/nowhere"#'
check_says 'key: .*values mismatch' 's#server.key#marie.key#'
check_says 'certificate: .*users: ' 's#certificate = "[^"]*server.pem"#certificate = "'"$dir"'/users"#'
check_says 'client_ca: ' 's#client_ca = "[^"]*"#client_ca = "/dev/null"#'
check_says 'switch_key: is missing' 's#switch_key = "[^"]*"##'
check_says 'users: is missing' 's# users = "[^"]*"##'
check_says 'certificate: is missing' 's#port_file#listen = "0.0.0.0:0" port_file#; s# certificate = "[^"]*server.pem" key = "[^"]*server.key"##; s# client_ca = "[^"]*"##'
check_says 'strangers: .0. is not a whole number' 's#port_file#strangers = 0 port_file#'
chmod 644 "$dir/tls/server.key"
check_says 'key: .*may be read by everybody' ''
chmod 600 "$dir/tls/server.key"
echo 'olga agent password=open-sesame' >>"$dir/users"
check_says 'users: .*/users:5: .password. is a hash' ''
finish
