#!/bin/bash
# tests/bench/presence.sh BUILD WORKERS - A storm of presence: so many knowledge workers come at once (presence.py is their XMPP
# server), and then each changes ten times in a second. Prints the ms until the core has the state of the last one who came,
# and how many changes the core heard of the second storm.
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd) count=$2
. "$top_srcdir/tests/flows/daemon_common.sh"
command -v python3 >/dev/null || exit 77
server=''
also_end() { [ -z "$server" ] || kill "$server" 2>/dev/null; }
(umask 077; echo 'the secret' >"$dir/secret")
seq "$count" | sed 's/.*/w& w&@localhost/' >"$dir/workers"
python3 "$top_srcdir/tests/bench/presence.py" "$dir" "$count" >"$dir/told" &
server=$!
await test -s "$dir/xmpp.port"
make_world "adapter im {
  server = \"127.0.0.1:$(cat "$dir/xmpp.port")\"
  domain = \"kw.localhost\"
  secret_file = \"$dir/secret\"
  queues = \"billing\"
  workers = \"$dir/workers\"
  store = \"sqlite:$dir/contacts\"
}"
seq "$count" | sed "s/.*/insert into agent values ('w&', 'Worker &');/" >>"$dir/directory.sql"
start
wait "$server" || { cat "$dir/told"; cleanup 1; }
server=''
cat "$dir/told"
stop 0
finish
