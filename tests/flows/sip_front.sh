#!/bin/bash
# tests/flows/sip_front.sh - The door of the exchange: messages that torture, floods, guessed passwords; telephones that
# hold, fall silent or vanish.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
[ -f "$top_builddir/.libs/sip.so" ] || { echo "skipped: the plugin sip was not built: libre is not here"; exit 77; }
started=''
also_end() { for pid in $started; do kill -9 "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done; }
tool=$top_srcdir/tests/flows/sip_front.py

mkdir "$flow" && cp "$top_srcdir/tests/flows/sip_front.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/sip_front.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('Sales');
insert into agent (name, display) values ('marie', 'Marie');
insert into agent_skill values ('marie', 'Sales', 9);
insert into dn (number, type) values ('7001', 'extension'), ('1801', 'routing_point'), ('1802', 'routing_point'), ('1803', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('1801', 'direct', ''), ('1802', 'keys', ''), ('1803', 'keys', '');
SQL
mkdir "$dir/prompts"
python3 "$top_srcdir/tests/flows/sip_wire.py" sounds "$dir/prompts" || die "no sounds"
(umask 077; printf '7001 one\n7002 two\n' >"$dir/telephones")
rtp=$(python3 -c 'import random; print(random.randrange(20000, 30000, 2))') # eight ports, below those of the kernel's choice
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:0" sip_port_file = "$dir/sip.port" trunks = "127.0.0.2, 127.0.0.4" numbers = "1801, 1802, 1803"
    prompts = "$dir/prompts" telephones = "$dir/telephones" port_file = "$dir/cti.port"
    rtp_ports = "$rtp-$((rtp + 7))" announced = "127.0.0.9" silence = 1 trunk_rate = 40 stranger_rate = 40 restart_ms = 200
}
CONF
start
port=$(cat "$dir/sip.port")
peer() { python3 "$tool" "$@" || say_failed "sip_front.py $1"; }

# ---- each message of RFC 4475's kinds gets its answer ----
peer torture "$port" "$top_srcdir/tests/unit/sip_torture.txt"
# ---- floods ----
peer flood "$port"
peer guess "$port" 7002 two
# ---- keys by INFO, UPDATE, session timers ----
peer within "$port"
expect 'choice=427' cat "$dir/gcxvm.log"

# ---- a telephone: held and retrieved by itself, and silent in the end ----
python3 "$tool" agent "$port" 7001 one "$dir" & started="$started $!"
await grep -q registered "$dir/heard"
python3 "$top_srcdir/tests/flows/sip_wire.py" desk "$dir" marie 7001 & started="$started $!"
await logged 'EventAgentReady'
python3 "$tool" call "$port" 1801 "$dir" >"$dir/caller" & caller=$!; started="$started $caller"
await logged 'EventEstablished dn=7001'
expect "rings port=$rtp\\|rings port=$((rtp + 2))\\|rings port=$((rtp + 4))\\|rings port=$((rtp + 6))" cat "$dir/heard"
expect "at=127.0.0.9 contact=sip:gcx@127.0.0.9:$port" cat "$dir/heard"
echo hold >"$dir/do"
await logged 'EventHeld dn=7001'
await grep -q 'answered recvonly' "$dir/heard"
sleep 1.5 # longer than `silence`: one who holds may be silent
echo retrieve >"$dir/do"
await logged 'EventRetrieved dn=7001'
await grep -q 'answered sendrecv' "$dir/heard"
echo silent >"$dir/do"
await logged 'no sound from'
await grep -q 'hung up' "$dir/caller"
await grep -q bye "$dir/heard"
finish
