# tests/flows/sip_phones.sh - What flows with real telephones share: baresip's, and callers by sipp with an ear of their
# own. Sourced after enterprise_common.sh; exits 77 where a program is lacking. $port is the exchange's, chosen here.
for program in sipp baresip python3; do command -v $program >/dev/null || { echo "skipped: $program is not installed (Debian: sip-tester, baresip-core)"; exit 77; }; done
[ -f "$top_builddir/.libs/sip.so" ] || { echo "skipped: the plugin sip was not built"; exit 77; }
started=''
also_end() { for pid in $started; do kill -9 "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done; }
in_background() { "$@" & started="$started $!"; }
tool=$top_srcdir/tests/flows/sip_wire.py
free_port() { python3 "$top_srcdir/tests/flows/free_ports.py"; }
port=$(free_port)
mkdir "$dir/prompts" && python3 "$tool" sounds "$dir/prompts" || die "no sounds"

# telephone DN PASSWORD auto|manual [VOICE]: one that registers; a process of its own, so that `press DN` is that one's. Where
# $listened is set it writes what it hears into its folder.
telephone() {
    local folder=$dir/phone.$1
    mkdir "$folder" && echo "127.0.1.1:$(free_port)" >"$folder/control" # not where other programs' connections have ports
    (umask 077; printf '%s %s\n' "$1" "$2" >>"$dir/telephones")
    cat >"$folder/config" <<CONF
sip_listen 127.0.0.1:0
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
module g711.so
module srtp.so
module aufile.so
${listened+module sndfile.so}
${listened+snd_path $folder}
module_app account.so
module_app ctrl_tcp.so
ctrl_tcp_listen $(cat "$folder/control")
module_app menu.so
audio_source aufile,$dir/prompts/${4-agent}.wav
audio_srate 8000
ausrc_srate 8000
auplay_srate 8000
CONF
    echo "<sip:$1@127.0.0.1:$port>;auth_user=$1;auth_pass=$2;regint=60;answermode=$3;audio_codecs=PCMU" >"$folder/accounts"
    : >"$folder/contacts"
}
# linphone DN PASSWORD [TLS_PORT]: Linphone's command line, a telephone of another make, by TLS with encrypted sound, or by
# UDP; it says `welcome`. types LINE...: at its prompt.
linphone() {
    local folder=$dir/linphone udp=-1
    [ "${3-}" ] || udp=$(free_port)
    mkdir -p "$folder/.local/share/linphone" && mkfifo "$folder/keys"
    (umask 077; printf '%s %s\n' "$1" "$2" >>"$dir/telephones")
    cat >"$folder/rc" <<CONF
[sip]
sip_port=$udp
sip_tcp_port=-1
sip_tls_port=-1
default_proxy=0
verify_server_certs=0
verify_server_cn=0
$([ "${3-}" ] && echo media_encryption=srtp || printf '%s\n' bind_address=127.0.0.1 use_ipv6=0 ipv6_migration_done=1)
[rtp]
audio_rtp_port=-1
[proxy_0]
reg_proxy=<sip:127.0.0.1:${3:-$port};transport=$([ "${3-}" ] && echo tls || echo udp)>
reg_identity=<sip:$1@127.0.0.1>
reg_expires=60
reg_sendregister=1
[auth_info_0]
username=$1
passwd=$2
realm=gcx
CONF
}
linphone_on() {
    HOME=$dir/linphone linphonec -c "$dir/linphone/rc" -d 5 -l "$dir/linphone/log" <>"$dir/linphone/keys" >"$dir/linphone/said" 2>&1 &
    started="$started $!"
    types 'soundcard use files' "record $dir/linphone/heard.wav" "play $dir/prompts/welcome.wav"
}
linphone_says() { [ "$(grep -c -e "$2" "$dir/linphone/said")" -ge "$1" ]; } # so often
types() { local line; for line; do echo "$line" >"$dir/linphone/keys"; done; }
telephones_on() { local folder; for folder in "$dir"/phone.*; do in_background baresip -f "$folder" >"$folder/log" 2>&1 </dev/null; done; }
in_service() { [ "$(count_logged 'EventDNBackInService')" -ge "$1" ]; }
press() { python3 "$tool" press "$(cat "$dir/phone.$1/control")" "${@:2}" || say_failed "the telephone $1 does not take $2"; }

state_of() { ctl agents --json | awk -v name="\"$1\"," '$1 == "\"name\":" {is = $2 == name} is && $1 == "\"state\":" {gsub(/[",]/, "", $2); print $2; exit}'; }
agent_is() { [ "$(state_of "$1")" = "$2" ]; }

# call NUMBER: somebody calls, where $called_at says, or the exchange. hears SOUND: so far; key DIGIT...: presses them. hang_up: the caller does; hung_up: they
# did who talked with them, and sipp has seen all that it expects.
calls=0
call() {
    rm -f "$dir"/ear.*
    python3 "$tool" ear "$dir" & ear=$!; started="$started $ear"
    await test -s "$dir/ear.port"
    calls=$((calls + 1)) caller_port=$(free_port)
    (cd "$dir" && exec sipp -sf "$top_srcdir/tests/flows/sip_caller.xml" -s "$1" -i 127.0.0.2 -p "$caller_port" -m 1 -nostdin -cid_str "call$calls-%u" \
        -key sound "$(cat "$dir/ear.port")" -key told "$dir/ear.told" -timeout 300 -timeout_error "${called_at-127.0.0.1:$port}") >"$dir/sipp.log" 2>&1 &
    caller=$!; started="$started $caller"
}
hears() { [ "$(sed -n "s/.*$1=\([0-9]*\).*/\1/p" "$dir/ear.heard" 2>/dev/null)" -ge "${2-3}" ]; }
key() { local digit; for digit; do echo "$digit" >"$dir/ear.key"; await test ! -e "$dir/ear.key"; done; }
hung_up() { wait "$caller" || { say_failed "sipp ended with $?"; tail -n 30 "$dir/sipp.log"; }; kill "$ear"; wait "$ear" 2>/dev/null; }
hang_up() { python3 "$tool" hang "$caller_port" "call$calls-1"; hung_up; }
no_calls() { [ -z "$(rows)" ]; }
