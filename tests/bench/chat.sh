#!/bin/bash
# tests/bench/chat.sh BUILD COUNT SESSIONS - Chat on loopback, without TLS: messages of a customer's WebSocket to an agent's
# and back, each kept in the contact store and in the core's journal before it is told; beside those of two XMPP clients of
# Prosody, which writes them to its archive. A line of ours and a line of theirs: messages a second, p50 and p99 of one there and one back
# in us; then bytes of gcxvm's and of the plugin's memory for each of so many open chats. "? ? ?": no Prosody.
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd) count=$2 sessions=$3
. "$top_srcdir/tests/flows/daemon_common.sh"
command -v python3 >/dev/null || exit 77
prosody='' held=''
also_end() { for one in $prosody $held; do kill "$one" 2>/dev/null; done; }
speak() { python3 "$top_srcdir/tests/bench/chat.py" "$1" "$top_srcdir" "$2" "$3"; }

mkdir "$dir/site" && cp "$top_srcdir/tests/bench/chat.gcx" "$dir/site" && "$gcxc" build "$dir/site/chat.gcx" -o "$dir/chats.gcxb" || cleanup 1
(umask 077; echo "marie agent password=$(echo secret | "$gcxvm" --hash-password)" >"$dir/users")
make_world "adapter chat {
  begins = \"open\"
  queues = \"service\"
  origins = \"https://shop.example\"
  store = \"sqlite:$dir/contacts\"
  port_file = \"$dir/chat.port\"
  connections = \"100000\"
  sessions = \"100000\"
  per_address = \"100000\"
  begins_per_minute = \"100000\"
  messages_per_minute = \"1000000\"
  messages = \"20000\"
}
adapter desk {
  store = \"sqlite:$dir/contacts\"
  users = \"$dir/users\"
  port_file = \"$dir/desk.port\"
  messages_per_minute = \"1000000\"
}"
sed -i 's/^strategies = .*/strategies = {"chats.gcxb"}/; s/^log_level.*/log_level = "warning"/' "$dir/gcx.conf"
cat >>"$dir/directory.sql" <<'SQL'
create table dn (number text primary key, type text not null default 'extension');
create table queue (name text primary key, dn text);
create table routing_point (dn text primary key, strategy text not null, defaults text not null default '');
insert into dn values ('service', 'queue'), ('desk', 'queue');
insert into queue values ('service', 'service'), ('desk', 'desk');
insert into routing_point (dn, strategy) values ('service', 'offers');
SQL
start
await test -s "$dir/desk.port" && await test -s "$dir/chat.port"
speak "$dir" ours "$count" || cleanup 1

theirs() {
    command -v prosody >/dev/null || return 1
    local port
    port=$(python3 -c 'import socket; one = socket.create_server(("127.0.0.1", 0)); print(one.getsockname()[1])')
    mkdir -p "$dir/prosody/localhost/accounts" && chmod -R a+rX "$dir"
    for name in anna marie; do echo 'return { ["password"] = "secret"; };' >"$dir/prosody/localhost/accounts/$name.dat"; done
    cat >"$dir/prosody.cfg.lua" <<CONF
run_as_root = true
daemonize = false
data_path = "$dir/prosody"
modules_enabled = { "saslauth", "roster", "mam" }
default_archive_policy = true
modules_disabled = { "s2s" }
authentication = "internal_plain"
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
c2s_ports = { $port }
interfaces = { "127.0.0.1" }
log = { error = "$dir/prosody.log" }
VirtualHost "localhost"
CONF
    prosody --config "$dir/prosody.cfg.lua" -F >"$dir/prosody.out" 2>&1 &
    prosody=$!
    await python3 -c "import socket; socket.create_connection(('127.0.0.1', $port))" 2>/dev/null
    speak "$port" theirs "$count"
}
theirs || echo '? ? ?'

resident() { awk '/^VmRSS:/ {print $2 * 1024}' "/proc/$1/status"; }
plugin=$(ctl status --json | python3 -c 'import json, sys; print(*[one["pid"] for one in json.load(sys.stdin)["links"] if one["name"] == "chat"])')
before=$(resident "$vm") before_plugin=$(resident "$plugin")
python3 "$top_srcdir/tests/bench/chat.py" "$dir" "$top_srcdir" open "$sessions" & # no function: its process is the one to be ended
held=$!
until [ -e "$dir/opened" ]; do kill -0 $held 2>/dev/null || cleanup 1; sleep 0.2; done
echo $((($(resident "$vm") - before) / sessions)) $((($(resident "$plugin") - before_plugin) / sessions))
also_end
stop 0
[ "$failures" = 0 ] && cleanup 0
cleanup 1
