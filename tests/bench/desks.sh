#!/bin/bash
# tests/bench/desks.sh BUILD DESKS MAILS SECONDS - So many agents are logged in at the desk, idle for so long, and are
# then offered so many e-mails, which they accept and finish. Prints a line: see desks.py; and one of as many clients of
# Prosody: see prosody.py ("? ?": it is not installed). 77: what it needs is lacking. The agents' passwords are hashed
# as cheaply as libsodium can: not the hash is measured.
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd) desks=$2
. "$top_srcdir/tests/flows/daemon_common.sh"
prosody=
also_end() { [ -z "$prosody" ] || { kill "$prosody"; wait "$prosody"; } 2>/dev/null; }
command -v python3 >/dev/null || cleanup 77
for plugin in desk email; do [ -f "$top_builddir/.libs/$plugin.so" ] || cleanup 77; done
ulimit -n $((4 * desks + 200)) || cleanup 77
mkdir "$dir/site" && cp "$top_srcdir/tests/bench/desks.gcx" "$dir/site/mails.gcx" && "$gcxc" build "$dir/site/mails.gcx" -o "$dir/mails.gcxb" || cleanup 1
(umask 077; python3 - "$desks" >"$dir/users" <<'PY'
import ctypes, sys
sodium = ctypes.CDLL("libsodium.so.23")
hash = ctypes.create_string_buffer(128)
assert sodium.sodium_init() >= 0 and sodium.crypto_pwhash_str(hash, b"secret", ctypes.c_ulonglong(6), ctypes.c_ulonglong(1), ctypes.c_size_t(8192)) == 0
for n in range(int(sys.argv[1])):
    print(f"a{n} agent password={hash.value.decode()}")
PY
) || cleanup 77
make_world "adapter email {
  store = \"sqlite:$dir/contacts\"
  addresses = \"service@shop.example=service\"
  port_file = \"$dir/mail.port\"
}
adapter desk {
  store = \"sqlite:$dir/contacts\"
  users = \"$dir/users\"
  port_file = \"$dir/desk.port\"
  queues = \"desk\"
  guesses_per_minute = \"100000\"
  connections = \"$((desks + 100))\"
  per_address = \"$((desks + 100))\"
}"
sed -i 's/^strategies = .*/strategies = {"mails.gcxb"}/; 1i log_level = "warning"' "$dir/gcx.conf"
cat >>"$dir/directory.sql" <<SQL
with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < $desks) insert into agent select 'a' || i, 'Agent ' || i from n;
insert into agent_skill select name, 'French', 5 from agent where name <> 'marie';
create table dn (number text primary key, type text not null default 'extension');
create table queue (name text primary key, dn text);
create table routing_point (dn text primary key, strategy text not null, defaults text not null default '');
insert into dn values ('service', 'queue'), ('desk', 'queue');
insert into queue values ('service', 'service'), ('desk', 'desk');
insert into routing_point (dn, strategy) values ('service', 'mails');
SQL
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check" >&2; cleanup 1; }
start >&2
await test -s "$dir/desk.port" && await test -s "$dir/mail.port" || cleanup 1
ctl status --json | python3 -c 'import json, sys
status = json.load(sys.stdin)
print(next(one["pid"] for one in status["links"] if one["name"] == "desk"), status["pid"])' >"$dir/pids" || cleanup 1
python3 "$top_srcdir/tests/bench/desks.py" "$dir" "$desks" "$3" "$4" || { tail -n 5 "$dir/log" >&2; cleanup 1; }

command -v prosody >/dev/null || { echo '? ?'; cleanup 0; }
port=$(python3 -c 'import socket; one = socket.create_server(("127.0.0.1", 0)); print(one.getsockname()[1])')
cat >"$dir/prosody.lua" <<CONF
run_as_root = true
daemonize = false
pidfile = "$dir/prosody.pid"
data_path = "$dir"
modules_enabled = {"saslauth"}
modules_disabled = {"s2s", "tls"}
interfaces = {"127.0.0.1"}
c2s_ports = {$port}
c2s_require_encryption = false
log = {{levels = {min = "error"}, to = "file", filename = "$dir/prosody.log"}}
VirtualHost "localhost"
    authentication = "anonymous"
CONF
prosody --config "$dir/prosody.lua" -F >"$dir/prosody.out" 2>&1 &
prosody=$!
await python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()' "$port" >&2 || cleanup 1
python3 "$top_srcdir/tests/bench/prosody.py" "$port" "$prosody" "$desks" || { tail -n 5 "$dir/prosody.log" >&2; cleanup 1; }
cleanup 0
