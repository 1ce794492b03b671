#!/bin/bash
# tests/bench/sip.sh - Telephone calls by SIP: ours decides for an agent and joins both telephones, Kamailio only passes
# signals on; rtpengine passes sound on. Callers and telephones are sipp's. A rate is sustained only if it is for longer
# than SIP keeps a transaction (twice 32 s) and no message had to be sent again.
# Usage: sip.sh BUILD RATE SECONDS CALLS [beyond]. With `beyond`: calls at RATE, at twice and three times as many, then at half of it,
# and of each `beyond rate served-per-s failed retransmissions p50-ms p99-ms`, and why calls were turned away. Else it prints: `calls WHO us-per-call retransmissions failed p50-ms p99-ms` of ours and of
# Kamailio, `redirects WHO us-per-call retransmissions failed p50-ms p99-ms` the same of calls that are only decided, where ours
# is the CPU of daemon and plugin together and Kamailio says one fixed answer, by its own language or by Lua, `core us-per-call` of the daemon beside our plugin, `sound WHO us-per-packet packets` of CALLS calls at once,
# `memory KiB-per-call`, `pops p50-us p99-us` of a desktop behind its telephone, `keys sent lost` of keys whose packets are lost, two in a hundred. 77: sipp, Kamailio or the plugin is not there.
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd) rate=$2 seconds=$3 calls=$4 beyond=${5-} telephones=400
. "$top_srcdir/tests/flows/enterprise_common.sh"
rivals='kamailio rtpengine'
[ ! "$beyond" ] || rivals=''
for program in sipp python3 $rivals; do command -v $program >/dev/null || exit 77; done
[ -f "$top_builddir/.libs/sip.so" ] || exit 77
[ "$beyond" ] || ls /usr/lib/*/kamailio/modules/app_lua.so >/dev/null 2>&1 || exit 77
tool=$top_srcdir/tests/bench/sip.py
started=''
also_end() { for pid in $started; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done; }
free_port() { python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
bound() { grep -q ": 0100007F:$(printf %04X "$1") " /proc/net/udp; }
port=$(free_port) phones=$(free_port) relay=$(free_port) engine=$(free_port)

# ---- a site with as many agents as telephones ----
mkdir "$flow" "$dir/prompts" && cp "$top_srcdir/tests/bench/sip.gcx" "$flow" && image=$dir/sip.gcxb
"$gcxc" build "$flow/sip.gcx" -o "$image" || die "gcxc build"
sox -q -n -r 8000 -c 1 -b 16 "$dir/prompts/music.wav" synth 5 sine 400 2>/dev/null
{
    sed '/^--/d' "$top_srcdir/examples/directory.sql"
    echo "insert into skill values ('Sales'); insert into dn (number, type) values ('1801', 'routing_point'), ('1802', 'routing_point'), ('1803', 'routing_point');"
    echo "insert into routing_point (dn, strategy, defaults) values ('1801', 'direct', ''), ('1802', 'direct', ''), ('1803', 'keys', '');"
    for dn in $(seq 10001 $((10001 + telephones))); do
        echo "insert into agent (name, display) values ('a$dn', 'a$dn'); insert into agent_skill values ('a$dn', 'Sales', 9);"
        echo "insert into dn (number, type) values ('$dn', 'extension');"
    done
} >"$dir/directory.sql"
(umask 077; for dn in $(seq 10001 $((10001 + telephones))); do echo "$dn word"; done >"$dir/telephones")
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
adapter sip {
    address = "127.0.0.1:$port" trunks = "127.0.0.2" numbers = "1801, 1802, 1803" redirects = "1802" prompts = "$dir/prompts" expires = 3600 trunk_rate = 10000
    telephones = "$dir/telephones" port_file = "$dir/cti.port" calls = 5000 requests_a_second = 100000
}
CONF
start
pops=$(python3 "$tool" pops "$(cat "$dir/cti.port")" "$port" $((10001 + telephones)) 1801 200) && echo "pops $pops"
python3 "$tool" telephones 127.0.0.1 "$phones" $telephones "$port" || die "telephones cannot register"
python3 "$tool" agents "$(cat "$dir/cti.port")" $telephones >"$dir/agents" & started="$started $!"
await grep -q ready "$dir/agents"
plugin=$(adapter_pid)

# ---- callers ----
# sipp_phones [ARGUMENT]...: the telephones, at the port from which they registered.
sipp_phones() {
    (cd "$dir" && exec sipp -sf "$top_srcdir/tests/bench/sip_telephones.xml" -i 127.0.0.1 -p "$phones" -nostdin "$@" 127.0.0.1 >"$dir/phones.log" 2>&1) & phoned=$!; started="$started $phoned"
    await bound "$phones"
}
# sipp_calls PORT NUMBER ARGUMENT...: prints what had to be sent again, what failed, and p50 and p99 of INVITE to 200 in ms.
sipp_calls() {
    local to=$1 number=$2 again; shift 2
    rm -f "$dir"/stat.csv "$dir"/*_rtt.csv
    (cd "$dir" && exec sipp -sf "$caller" -s "$number" -i 127.0.0.2 -p "$(free_port)" -nostdin -trace_stat -stf "$dir/stat.csv" -fd 1 -trace_rtt -rtt_freq 1 \
        "$@" -timeout 400 127.0.0.1:"$to" >"$dir/calls.log" 2>&1)
    python3 - "$dir"/stat.csv "$dir"/*_rtt.csv <<'PY'
import csv, sys
last = list(csv.DictReader(open(sys.argv[1]), delimiter=";"))[-1]
times = sorted(float(row["response_time_ms"] if "response_time_ms" in row else list(row.values())[1]) for row in csv.DictReader(open(sys.argv[2]), delimiter=";"))
at = lambda part: times[min(len(times) - 1, int(len(times) * part))] if times else "?"
print(last["Retransmissions(C)"], last["FailedCall(C)"], at(.5), at(.99))
PY
}
caller=$top_srcdir/tests/bench/sip_caller.xml
if [ "$beyond" ]; then
    sipp_phones
    for asked in "$rate" $((rate * 2)) $((rate * 3)) $((rate / 2)); do
        read -r again failed p50 p99 < <(sipp_calls "$port" 1801 -r "$asked" -m $((asked * seconds)) -d 500 -l 9000)
        echo "beyond $asked $(((asked * seconds - failed) / seconds)) $failed $again $p50 $p99"
    done
    ctl status | sed -n 's/^TURNED AWAY */turned away /p'
    cleanup 0
fi

# ---- keys, two of whose packets in a hundred are lost ----
lost=$(python3 "$top_srcdir/tests/bench/keys.py" "$port" 1803 25 "$dir/gcxvm.log") && echo "keys $lost"

# ---- the rivals ----
cat >"$dir/redirect.lua" <<LUA
function redirect()
    KSR.hdr.append_to_reply("Contact: <sip:10001@127.0.0.1:$phones>\r\n")
    KSR.sl.send_reply(302, "Moved Temporarily")
end
LUA
cat >"$dir/kamailio.cfg" <<CONF
#!KAMAILIO
debug=0
log_stderror=yes
children=2
disable_tcp=yes
listen=udp:127.0.0.1:$relay
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "rtpengine.so"
loadmodule "app_lua.so"
modparam("app_lua", "load", "$dir/redirect.lua")
modparam("rtpengine", "rtpengine_sock", "udp:127.0.0.1:$engine")
request_route {
    if (has_totag()) {
        if (is_method("BYE") && \$rU == "sound") rtpengine_delete();
        if (loose_route() || is_method("ACK")) { t_relay(); exit; }
    }
    if (is_method("INVITE") && \$rU == "1802") {
        append_to_reply("Contact: <sip:10001@127.0.0.1:$phones>\r\n");
        sl_send_reply("302", "Moved Temporarily");
        exit;
    }
    if (is_method("INVITE") && \$rU == "1804") {
        lua_run("redirect");
        exit;
    }
    if (is_method("INVITE")) {
        record_route();
        if (\$rU == "sound") { rtpengine_offer("replace-origin replace-session-connection"); t_on_reply("SOUND"); }
    }
    \$du = "sip:127.0.0.1:$phones";
    t_relay();
}
onreply_route[SOUND] {
    if (status == "200") rtpengine_answer("replace-origin replace-session-connection");
}
CONF
mkdir "$dir/run"
rtpengine --table=-1 --interface=127.0.0.1 --listen-ng="127.0.0.1:$engine" --foreground --log-level=3 --pidfile="$dir/run/rtpengine.pid" \
    --port-min=42000 --port-max=44000 >"$dir/rtpengine.log" 2>&1 & rtpengine=$!; started="$started $rtpengine"
await bound "$engine"
kamailio -f "$dir/kamailio.cfg" -DD -Y "$dir/run" -m 256 -M 16 >"$dir/kamailio.log" 2>&1 & kamailio=$!; started="$started $kamailio"
await bound "$relay"
family() { echo "$1" $(cat "/proc/$1/task/$1/children" 2>/dev/null); }
cpu() { local sum=0 pid; for pid in $(family "$1"); do sum=$((sum + $(python3 "$tool" cpu "$pid"))); done; echo $sum; }

count=$((rate * seconds))
sipp_phones
for who in ours Kamailio; do
    if [ $who = ours ]; then to=$port pid=$plugin; else to=$relay pid=$kamailio; fi
    before=$(cpu $pid) core_before=$(cpu "$vm")
    said=$(sipp_calls "$to" 1801 -r "$rate" -m $count -d 500)
    awk -v who=$who -v us=$(($(cpu $pid) - before)) -v count=$count -v said="$said" 'BEGIN {printf "calls %s %.0f %s\n", who, us / count, said}'
    [ $who != ours ] || awk -v us=$(($(cpu "$vm") - core_before)) -v count=$count 'BEGIN {printf "core %.0f\n", us / count}'
done
kill "$phoned"; wait "$phoned" 2>/dev/null

# ---- calls that are only decided ----
caller=$top_srcdir/tests/bench/sip_redirected.xml
cpu_of_both() { echo $(($(python3 "$tool" cpu "$vm") + $(python3 "$tool" cpu "$plugin"))); }
for who in ours Kamailio Lua; do
    case $who in ours) to=$port used=cpu_of_both number=1802 ;; Kamailio) to=$relay used="cpu $kamailio" number=1802 ;; Lua) number=1804 ;; esac
    before=$($used)
    said=$(sipp_calls "$to" $number -r "$rate" -m $count)
    awk -v who=$who -v us=$(($($used) - before)) -v count=$count -v said="$said" 'BEGIN {printf "redirects %s %.0f %s\n", who, us / count, said}'
done
caller=$top_srcdir/tests/bench/sip_caller.xml

# ---- sound: ten seconds of it, which come back ----
python3 "$tool" tone "$dir/tone.al"
sed "s|<!-- SOUND -->|<nop><action><exec rtp_stream=\"$dir/tone.al,1,8,PCMA/8000\" /></action></nop>|" "$caller" >"$dir/caller.xml"
caller=$dir/caller.xml
sipp_phones -rtp_echo -mp 46000
resident() { awk '/^VmRSS/ {print $2}' "/proc/$1/status"; }
for who in ours rtpengine; do
    if [ $who = ours ]; then to=$port number=1801 pid=$plugin; else to=$relay number=sound pid=$rtpengine; fi
    empty=$(resident $pid) before=$(cpu $pid)
    (sleep 6; resident $pid >"$dir/full") & looked=$!
    said=$(sipp_calls "$to" $number -r 20 -m "$calls" -d 10000 -mp 48000)
    wait $looked
    # Fifty packets a second come from either end of each call.
    awk -v who=$who -v us=$(($(cpu $pid) - before)) -v calls="$calls" -v said="$said" 'BEGIN {printf "sound %s %.2f %d %s\n", who, us / (calls * 1000), calls * 1000, said}'
    [ $who != ours ] || awk -v full="$(cat "$dir/full")" -v empty="$empty" -v calls="$calls" 'BEGIN {printf "memory %.1f\n", (full - empty) / calls}'
done
[ "$failures" = 0 ] && cleanup 0
cleanup 1
