#!/bin/bash
# tests/flows/sip_browser.sh - A telephone inside the desk's page, as examples/softphone has it: Chromium with JsSIP, Kamailio
# and rtpengine by the example's files. A caller by sipp is answered in the page; both hear each other; the agent mutes, hangs
# up, dials and keys; a reload keeps the telephone; the browser is killed in mid-call, and neither caller nor agent is stuck.
# Other pages are not let in, and passwords not guessed.
# JSSIP=FILE names the library; else npm makes it, as the example's README says.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/sip_phones.sh"
example=$top_srcdir/examples/softphone
for program in kamailio rtpengine openssl chromium chromedriver; do command -v $program >/dev/null || { echo "skipped: $program is not installed"; exit 77; }; done
for module in websocket tls; do
    ls /usr/lib/*/kamailio/modules/$module.so >/dev/null 2>&1 || { echo "skipped: kamailio's $module.so is not installed"; exit 77; }
done
python=
for one in python3 /usr/bin/python3; do [ -n "$python" ] || ! "$one" -c 'import selenium' 2>/dev/null || python=$one; done
[ -n "$python" ] || { echo "skipped: python3-selenium is not installed"; exit 77; }
[ -f "$top_builddir/.libs/desk.so" ] || exit 77
if [ ! "${JSSIP-}" ]; then
    command -v npm >/dev/null || { echo "skipped: npm is not installed, and JSSIP names no library"; exit 77; }
    mkdir "$dir/npm" && (cd "$dir/npm" && sed -n 's/^    \(np[mx] .*\)/\1/p' "$example/README.md" | sh -e) >"$dir/npm.log" 2>&1
    JSSIP=$dir/npm/jssip.js
    [ -s "$JSSIP" ] || { echo "skipped: npm cannot make the library: $(tail -n 1 "$dir/npm.log")"; exit 77; }
fi

mkdir "$flow" && cp "$top_srcdir/tests/flows/sip_browser.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/sip_browser.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('Sales');
insert into agent (name, display) values ('marie', 'Marie');
insert into agent_skill values ('marie', 'Sales', 9);
insert into dn (number, type) values ('7001', 'extension'), ('1800', 'routing_point'), ('1801', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('1800', 'reception', ''), ('1801', 'keys', '');
SQL
hash=$(printf 'secret\n' | "$gcxvm" --hash-password) || die "gcxvm --hash-password"
(umask 077; echo '7001 one' >"$dir/telephones"; echo "marie agent password=$hash" >"$dir/users")
read -r cti edge web desk engine < <(python3 "$top_srcdir/tests/flows/free_ports.py" 5)
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" trunks = "127.0.0.2" numbers = "1800, 1801" prompts = "$dir/prompts" silence = 20 desktop_grace = 1
    telephones = "$dir/telephones" users = "$dir/users" listen = "127.0.0.1:$cti" port_file = "$dir/cti.port"
}
adapter desk {
    users = "$dir/users" store = "sqlite:$dir/contacts" listen = "127.0.0.1:$desk" grace = 20
    tserver = "127.0.0.1:$cti" softphone = "wss://127.0.0.3:$web" softphone_library = "$JSSIP"
}
CONF
for wrong in 's|wss://[^"]*|https://sip.example.com|' "s|wss://[^\"]*|wss://127.0.0.3:99999|" 's|softphone = "[^"]*"||' "s|wss://[^\"]*|wss://x; script-src *|" 's|tserver = "[^"]*" ||' "s|$JSSIP|$dir/none.js|"; do
    sed "$wrong" "$dir/gcx.conf" >"$dir/wrong.conf"
    expect 'softphone' "$gcxvm" --check "$dir/wrong.conf"
done

# ---- the edge ----
place() { sed -i "s|^\(#!substdef \"!$1!\)[^!]*!|\1$2!|" "$dir/kamailio.cfg"; grep -q "!$1!$2!" "$dir/kamailio.cfg" || die "the example has no $1"; }
puts() { sed -i "s|^$1 = .*|$1 = $2|" "$dir/rtpengine.conf"; grep -qx "$1 = $2" "$dir/rtpengine.conf" || die "the example has no $1"; }
bound() { grep -q ": $1:$(printf %04X "$2") " /proc/net/udp; }
cp "$example/kamailio.cfg" "$example/rtpengine.conf" "$dir" && mkdir "$dir/kamailio.run"
(umask 077; openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/key.pem" -out "$dir/edge.pem" -days 1 -subj /CN=edge 2>/dev/null)
place OWN_ADDRESS 127.0.0.3; place OWN_PORT "$edge"; place WEB_PORT "$web"
place CERTIFICATE "$dir/edge.pem"; place KEY "$dir/key.pem"
place DESK_ORIGIN "http://127.0.0.1:$desk"
place GCX_ADDRESS 127.0.0.1; place GCX_PORT "$port"
place RTPENGINE "127.0.0.1:$engine"
puts interface 127.0.0.3; puts listen-ng "127.0.0.1:$engine"
in_background rtpengine --config-file="$dir/rtpengine.conf" --foreground --log-stderr --log-level=5 --pidfile="$dir/rtpengine.pid" >"$dir/rtpengine.log" 2>&1
await bound 0100007F "$engine"
kamailio -f "$dir/kamailio.cfg" -DD -E -Y "$dir/kamailio.run" -m 32 -M 8 >"$dir/kamailio.log" 2>&1 & kamailio=$!
also_end() {
    kill "$kamailio" 2>/dev/null && wait "$kamailio" 2>/dev/null
    for pid in $started; do kill -9 "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
}
await bound 0300007F "$edge"
start

# Marie says what happens around her, a line each, and waits until it has.
says() { await hears "$1" 5; }
coproc PEOPLE { exec env PYTHONDONTWRITEBYTECODE=1 timeout 800 "$python" "$top_srcdir/tests/flows/sip_browser.py" "$dir" "http://127.0.0.1:$desk" "$web" 2>"$dir/people.log"; }
people=$PEOPLE_PID started="$started $PEOPLE_PID"
exec 7<&"${PEOPLE[0]}" 8>&"${PEOPLE[1]}"
while read -r -u 7 command; do $command 7<&- 8>&-; echo done >&8; done
wait "$people" || { say_failed "Marie at the page"; cat "$dir/people.log"; tail -n 20 "$dir/kamailio.log" "$dir/rtpengine.log"; }
await no_calls
stop
# Of the browser that was killed it says that the BYE does not reach it.
grep -E 'ERROR|CRITICAL' "$dir/kamailio.log" | grep -Ev 'create Via header|build request|to add branches' && say_failed "Kamailio complains"
finish
