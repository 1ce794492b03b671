#!/bin/bash
# tests/bench/sms.sh BUILD COUNT CONVERSATIONS - Short messages on loopback, each durable: from an SMSC to its
# acknowledgement (in the contact store, and in the core), and from an application over HTTP to the SMSC (in the book first);
# beside Kannel, which relays between the same two ends and keeps what it has in a spool on the same disk. Four lines, ours and
# Kannel's for what comes, and for what goes: messages a second, p50 and p99 of one alone in us. "? ? ?": no Kannel. Then
# bytes of gcxvm's and of the plugin's memory for each of so many open conversations.
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd) count=$2 conversations=$3
. "$top_srcdir/tests/flows/daemon_common.sh"
command -v python3 >/dev/null || exit 77
PATH=$PATH:/usr/sbin
world='' bearerbox='' smsbox=''
also_end() { for one in $smsbox $bearerbox $world; do kill "$one" 2>/dev/null; wait "$one" 2>/dev/null; done; }
measure() { # WHO [CONVERSATIONS]: begins the SMSC; its ports are $smsc and $told
    python3 "$top_srcdir/tests/bench/sms.py" "$dir" "$1" "$count" ${2+"$2"} >"$dir/$1.out" 2>"$dir/$1.err" &
    world=$!
    await test -s "$dir/$1.ports"
    read -r smsc told <"$dir/$1.ports"
}
broke() { echo "sms.sh: $1" >&2; cat "$dir/$1.err" >&2; tail -n 5 "$dir/log" "$dir/bearerbox.log" >&2; cleanup 1; }

measure ours "$conversations"
(umask 077; echo word >"$dir/word")
mkdir "$dir/site" && cp "$top_srcdir/tests/bench/sms.gcx" "$dir/site" && "$gcxc" build "$dir/site/sms.gcx" -o "$dir/texts.gcxb" || cleanup 1
make_world "adapter sms {
  numbers = \"+4930123=service,+4930124=talks\"
  answers = \"1000000\"
  sessions = \"+4930124\"
  state = \"$dir/talks\"
  conversations = \"100000\"
  store = \"sqlite:$dir/contacts\"
  provider = \"127.0.0.1:$smsc\"
  system_id = \"shop\"
  rate = \"10000\"
  window = \"100\"
  http = \"127.0.0.1:0\"
  http_port_file = \"$dir/ours.http\"
  http_token_file = \"$dir/word\"
}"
site_queues texts.gcxb service talks desk
sed -i 's/^log_level.*//; 1i log_level = "warning"' "$dir/gcx.conf"
echo "insert into routing_point (dn, strategy) values ('service', 'texts'), ('talks', 'texts');" >>"$dir/directory.sql"
start
lines() { [ "$(wc -l <"$dir/$1.out")" -ge 2 ] || ! kill -0 "$world"; }
until lines ours 2>/dev/null; do sleep 0.1; done
kill -0 "$world" 2>/dev/null || broke ours
resident() { awk '/^VmRSS:/ {print $2 * 1024}' "/proc/$1/status"; }
plugin=$(adapter_pid)
before=$(resident "$vm") before_plugin=$(resident "$plugin")
echo now >"$dir/talk"
until [ -e "$dir/talked" ]; do kill -0 "$world" 2>/dev/null || broke ours; sleep 0.1; done
memory="$((($(resident "$vm") - before) / conversations)) $((($(resident "$plugin") - before_plugin) / conversations))"
echo now >"$dir/enough"
wait "$world" || broke ours
world=''
stop 0

theirs() {
    command -v bearerbox >/dev/null && command -v smsbox >/dev/null || return 1
    measure theirs
    mkdir "$dir/spool"
    # shellcheck disable=SC2046
    set -- $(python3 "$top_srcdir/tests/flows/free_ports.py" 3)
    cat >"$dir/kannel.conf" <<CONF
group = core
admin-port = $1
admin-password = x
smsbox-port = $2
box-allow-ip = 127.0.0.1
store-type = spool
store-location = "$dir/spool"
log-file = "$dir/bearerbox.log"
log-level = 2

group = smsc
smsc = smpp
smsc-id = smsc
host = 127.0.0.1
port = $smsc
transceiver-mode = true
smsc-username = "shop"
smsc-password = ""
system-type = ""
max-pending-submits = 100
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = $3
log-file = "$dir/smsbox.log"
log-level = 2

group = sendsms-user
username = u
password = p
max-messages = 10

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:$told/?from=%p&to=%P&text=%a"
CONF
    bearerbox "$dir/kannel.conf" >"$dir/kannel.out" 2>&1 &
    bearerbox=$!
    await python3 -c "import socket; socket.create_connection(('127.0.0.1', $2))" 2>/dev/null
    smsbox "$dir/kannel.conf" >>"$dir/kannel.out" 2>&1 &
    smsbox=$!
    await python3 -c "import socket; socket.create_connection(('127.0.0.1', $3))" 2>/dev/null
    echo "$3" >"$dir/theirs.http"
    wait "$world" || broke theirs
    world=''
}
theirs || printf '? ? ?\n? ? ?\n' >"$dir/theirs.out"
for line in 1 2; do sed -n ${line}p "$dir/ours.out"; sed -n ${line}p "$dir/theirs.out"; done
echo "$memory"
[ "$failures" = 0 ] && cleanup 0
cleanup 1
