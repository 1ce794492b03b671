#!/bin/bash
# tests/flows/sip_front.sh - The door of the exchange: messages that torture, floods, guessed passwords; telephones that
# hold, fall silent or vanish.
. "$top_srcdir/tests/flows/enterprise_common.sh"
for program in python3 baresip openssl; do command -v $program >/dev/null || { echo "skipped: $program is not installed (Debian: baresip-core)"; exit 77; }; done
[ -f "$top_builddir/.libs/sip.so" ] || { echo "skipped: the plugin sip was not built"; exit 77; }
started=''
also_end() { for pid in $started; do kill -9 "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done; }
tool=$top_srcdir/tests/flows/sip_front.py

mkdir "$flow" && cp "$top_srcdir/tests/flows/sip_front.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/sip_front.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('Sales'), ('Support');
insert into agent (name, display) values ('marie', 'Marie'), ('paul', 'Paul');
insert into agent_skill values ('marie', 'Sales', 9), ('paul', 'Support', 9);
insert into dn (number, type) values ('7001', 'extension'), ('7002', 'extension'), ('1804', 'routing_point'), ('1801', 'routing_point'), ('1802', 'routing_point'), ('1803', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('1801', 'direct', ''), ('1804', 'secure', ''), ('1802', 'keys', ''), ('1803', 'keys', '');
SQL
mkdir "$dir/prompts"
python3 "$top_srcdir/tests/flows/sip_wire.py" sounds "$dir/prompts" || die "no sounds"
python3 "$tool" provider "$dir" >"$dir/provider.log" 2>&1 & started="$started $!"
await test -s "$dir/provider.port"
provider=127.0.0.7:$(cat "$dir/provider.port")
(umask 077; printf '# ours\nsip:1802@%s account a word of three\nsip:other@%s account wrong\nsip:stale@%s account old\n' "$provider" "$provider" "$provider" >"$dir/providers")
rfc_host=127.44.$((RANDOM % 250)).$((RANDOM % 250 + 1)) # whose port 5060 is nobody's
(umask 077; printf '7001 one\n7002 two\n' >"$dir/telephones")
rtp=$(python3 -c 'import random; print(random.randrange(20000, 30000, 2))') # eight ports, below those of the kernel's choice
certificate() { (umask 077; openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/key.pem" -out "$dir/tls.crt" -days 1 -subj "/CN=$1" 2>/dev/null; cat "$dir/key.pem" "$dir/tls.crt" >"$dir/tls.pem"); }
certificate localhost
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:0" sip_port_file = "$dir/sip.port" trunks = "127.0.0.2, 127.0.0.4, $provider, $rfc_host" numbers = "1801, 1802, 1803, 1804"
    emergency = "urn:service:sos=1802, 112=1802" providers = "$dir/providers" ping = 3600 tcp = yes srtp = yes tls_address = "127.0.0.1:0" tls_certificate = "$dir/tls.pem" tls_port_file = "$dir/tls.port"
    prompts = "$dir/prompts" telephones = "$dir/telephones" port_file = "$dir/cti.port"
    rtp_ports = "$rtp-$((rtp + 7))" announced = "127.0.0.9" silence = 4 trunk_rate = 40 stranger_rate = 40 restart_ms = 200
}
CONF
sed 's/rtp_ports = /calls = 3 &/' "$dir/gcx.conf" >"$dir/few.conf"
"$gcxvm" --check "$dir/few.conf" >"$dir/few.check" 2>&1 && say_failed "--check takes more calls than there are ports for"
grep -q 'rtp_ports: 4 even ports are enough for 2 calls' "$dir/few.check" || say_failed "--check: $(cat "$dir/few.check")"
sed 's/rtp_ports = /calls = 2 &/' "$dir/gcx.conf" >"$dir/few.conf"
"$gcxvm" --check "$dir/few.conf" 2>&1 | grep 'rtp_ports: ' && say_failed "--check says that there are not enough ports for two calls"
start
port=$(cat "$dir/sip.port")
peer() { python3 "$tool" "$@" || say_failed "sip_front.py $1"; }

# ---- it registers at a provider, which calls it; a trunk that answers OPTIONS is there ----
await test -s "$dir/registered"
expect "\"trunk-$provider\"" ctl status --json
expect "\"sip:1802@$provider\"" ctl status --json
await logged "sip:other@$provider.*away.*it answers 403 Forbidden"
await logged "sip:stale@$provider.*away"
[ "$(cat "$dir/stale")" -le 6 ] || say_failed "a proof that is always old was made $(cat "$dir/stale") times"
! logged "sip:1802@$provider.*away" || say_failed "a provider at which it has registered is said to be away"

# ---- each message of RFC 4475's kinds gets its answer ----
printf 'no handshake' >"/dev/tcp/127.0.0.1/$(cat "$dir/tls.port")" # libre would print a line of its own
printf 'INVITE\r\n\r\n' >"/dev/tcp/127.0.0.1/$port"
peer torture "$port" "$top_srcdir/tests/unit/sip_torture.txt"
if [ "${GCX_RFC4475-}" ]; then
    peer rfc4475 "$port" "$top_srcdir/tests/unit/sip_torture.txt" "$rfc_host" "$GCX_RFC4475"
else
    echo "not tested: the messages of RFC 4475 itself (GCX_RFC4475 names the folder that has them as wsinv.dat ...)"
fi
# ---- answers before the answer, which are acknowledged ----
python3 "$top_srcdir/tests/flows/sip_replaces.py" prack "$port" 1801 1802 || say_failed "PRACK"
# ---- floods ----
peer flood "$port"
# What was refused is counted by its reason, told in the log once in a while, and shown.
refused() { ctl status --json | sed -n "s/^ *\"refused\.$1\": \([0-9]*\),*\$/\1/p"; }
refused_is() { [ "$(refused "$1")" -ge "$2" ]; }
for one in trunk_rate:11 unknown_number:60 stranger_call:20 stranger_rate:200 malformed:9 extension:1 body:1; do
    await refused_is "${one%:*}" "${one#*:}" || say_failed "refused ${one%:*}: $(refused "${one%:*}"), not ${one#*:}"
    logged "${one%:*}: refused" || say_failed "the log has no line of ${one%:*}"
done
[ "$(grep -c 'trunk_rate: refused by 503 ' "$dir/gcxvm.log")" -le 3 ] || say_failed "each refusal is a line of the log"
[ "$(refused calls)" = 0 ] || say_failed "what was not refused is no row of 0: $(refused calls)"
expect 'TURNED AWAY   by sip: .*[1-9][0-9]* trunk_rate' ctl status
peer guess "$port" 7002 two
# ---- keys by INFO, UPDATE, session timers; who is obeyed within a dialog, and where a peer is reached ----
peer within "$port"
peer strangers "$port" 7002 two
peer routers "$port" 7002 two
peer circles "$port"
expect 'choice=427[^#]' cat "$dir/gcxvm.log"
# The data that the network brings along.
expect 'user_to_user=customer-7' cat "$dir/gcxvm.log"
expect 'diverted_from=+4930111,diverted_why=no-answer' cat "$dir/gcxvm.log"
expect 'diverted_from=+4930444' cat "$dir/gcxvm.log"
expect 'user_to_user=00ff' cat "$dir/gcxvm.log"
expect 'user_to_user=0002000000000abc' cat "$dir/gcxvm.log" # a ConnID is believed from a switch of ours only

said_enough() { [ "$(cat "$dir/said" 2>/dev/null || echo 0)" -ge 35 ]; }

# ---- TCP and TLS; a telephone that registers by TLS is called by TLS, with encrypted sound ----
peer streams "$port" "$(cat "$dir/tls.port")"
# A certificate that is wrong changes nothing, one that is renewed is shown.
shows() { openssl s_client -connect "127.0.0.1:$(cat "$dir/tls.port")" </dev/null 2>/dev/null | openssl x509 -noout -subject | grep -q "$1"; }
echo nonsense >"$dir/tls.pem"
await logged 'tls_certificate: .* has no certificate with its key; what was read before goes on'
shows localhost || say_failed "a wrong certificate has taken the place of the one before"
certificate renewed
await shows renewed
mkdir "$dir/phone"
cat >"$dir/phone/config" <<CONF
sip_listen 127.0.0.1:0
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module sndfile.so
module srtp.so
module_app account.so
module_app menu.so
audio_source aufile,$dir/prompts/agent.wav
audio_srate 8000
ausrc_srate 8000
auplay_srate 8000
snd_path $dir/phone
CONF
echo "<sip:7002@127.0.0.1:$(cat "$dir/tls.port");transport=tls>;auth_user=7002;auth_pass=two;regint=60;answermode=auto;audio_codecs=PCMU;mediaenc=srtp-mand" >"$dir/phone/accounts"
: >"$dir/phone/contacts"
baresip -f "$dir/phone" >"$dir/phone.log" 2>&1 </dev/null & started="$started $!"
python3 "$top_srcdir/tests/flows/sip_wire.py" desk "$dir" paul 7002 & started="$started $!"
await logged 'EventAgentReady.*paul'
python3 "$tool" call "$port" 1804 "$dir" >"$dir/caller" & caller=$!; started="$started $caller"
await logged 'EventEstablished dn=7002'
await said_enough
: >"$dir/gone"
wait "$caller" || say_failed "the call over TLS did not end well"
rm "$dir/gone"
python3 "$top_srcdir/tests/flows/sip_wire.py" heard "$(echo "$dir"/phone/*dec.wav)" 1000 || say_failed "the telephone did not hear the caller"
await logged 'EventReleased dn=7002'

# ---- a telephone: held and retrieved by itself, and silent in the end ----
python3 "$tool" agent "$port" 7001 one "$dir" & started="$started $!"
await grep -q registered "$dir/heard"
python3 "$top_srcdir/tests/flows/sip_wire.py" desk "$dir" marie 7001 & started="$started $!"
await logged 'EventAgentReady.*marie'
python3 "$tool" call "$port" 1801 "$dir" >"$dir/caller" & caller=$!; started="$started $caller"
await logged 'EventEstablished dn=7001'
expect "rings port=$rtp\\|rings port=$((rtp + 2))\\|rings port=$((rtp + 4))\\|rings port=$((rtp + 6))" cat "$dir/heard"
expect "at=127.0.0.9 contact=sip:gcx@127.0.0.9:$port" cat "$dir/heard"
# ---- what the desktop holds, a telephone that describes its session again does not retrieve ----
desktop() {
    until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' \
        '{"Message":"'"$1"'","ReferenceID":2,"ThisDN":"7001","ConnID":"'"$(rows | awk '{print $2; exit}')"'"}' >"$dir/answer"
    grep -q "\"$2\"" "$dir/answer" || say_failed "$1: no $2: $(tail -n 1 "$dir/answer")"
}
desktop RequestHoldCall EventHeld
echo refresh >"$dir/do"
await grep -q 'answered sendrecv to refresh' "$dir/heard"
! logged 'EventRetrieved dn=7001' || say_failed "a refresh of the session has ended the hold"
desktop RequestRetrieveCall EventRetrieved
# ---- it holds and retrieves by itself ----
echo hold >"$dir/do"
await grep -q 'answered recvonly to hold' "$dir/heard"
await logged 'EventHeld dn=7001 change'
sleep 4.5 # longer than `silence`: one who holds may be silent
echo retrieve >"$dir/do"
await logged 'EventRetrieved dn=7001 change'
await grep -q 'answered sendrecv to retrieve' "$dir/heard"
echo silent >"$dir/do"
await logged 'no sound from'
await grep -q 'hung up' "$dir/caller"
await grep -q bye "$dir/heard"

# ---- SIPVicious, which comes from 127.0.0.1 whatever it is told: it learns neither a telephone nor a password ----
if command -v svcrack >/dev/null; then
    # attacks SECONDS PROGRAM ARGUMENT...: interrupted, it tells what it has found so far.
    attacks() { local seconds=$1 program=$2; shift 2; (cd "$dir" && HOME=$dir timeout -s INT "$seconds" "$program" -P "$(python3 "$top_srcdir/tests/flows/free_ports.py")" -p "$port" "$@" 127.0.0.1) >"$dir/$program" 2>&1; }
    attacks 20 svmap
    grep -q "127.0.0.1:$port" "$dir/svmap" || say_failed "svmap does not see the exchange: $(cat "$dir/svmap")"
    for method in REGISTER INVITE; do
        for seconds in 2 10; do # a busy machine has not even begun it in two
            attacks $seconds svwar --force -m $method -e 6999-7004
            grep -q KeyboardInterrupt "$dir/svwar" || break
        done
        grep -q 'found nothing' "$dir/svwar" || say_failed "svwar by $method: $(cat "$dir/svwar")"
    done
    (seq 100 112; echo one) >"$dir/words"
    attacks 4 svcrack -u 7001 -d "$dir/words"
    ! grep -q '| one' "$dir/svcrack" || say_failed "svcrack has found the password"
    await logged '127.0.0.1 comes with wrong passwords'
    peer elsewhere "$port" 7001 one
else
    echo "not tested: sipvicious is not installed"
fi

! logged 'accept error\|decode err' || say_failed "libre prints into the log: $(grep -m 2 'accept error\|decode err' "$dir/gcxvm.log")"

peer moves "$port"
# ---- IPv6 ----
stop
sed -i 's/address = "127.0.0.1:0" sip/address = "[::1]:0" sip/; s/tcp = yes tls.*//; s/announced = "[^"]*"//; s/trunks = "[^"]*"/trunks = "::1"/' "$dir/gcx.conf"
rm "$dir/sip.port"
start
await test -s "$dir/sip.port" || say_failed "no port"
peer six "$(cat "$dir/sip.port")"
finish
