#!/bin/bash
# tests/bench/restart.sh BUILD MAILS - So many e-mails are submitted to gcxvm by a plugin that does nothing else, and wait
# for an agent; gcxvm is killed and started again. Prints: mails a second that were taken, each in the journal; MiB of
# the journal; MiB of gcxvm with them; seconds from its start until it is ready again; MiB of it then. Then seconds until
# Redis is, with as many hashes of the same fields in its append-only file ("?": it is not installed).
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd) mails=$2
. "$top_srcdir/tests/flows/daemon_common.sh"
also_end() { :; }
redis=
mkdir "$dir/site" && cp "$top_srcdir/tests/bench/mails.gcx" "$dir/site" && "$gcxc" build "$dir/site/mails.gcx" -o "$dir/mails.gcxb" || cleanup 1
plugin=$top_builddir/tests/bench/.libs/flood.so
[ -f "$plugin" ] || { echo "restart.sh: make -C $1 tests/bench/flood.la comes first" >&2; cleanup 77; }
make_world "interactions = $((mails + 1000))
adapter flood {
  plugin = \"$plugin\"
  mails = \"$mails\"
}"
sed -i 's/^strategies = .*/strategies = {"mails.gcxb"}/; 1i log_level = "warning"' "$dir/gcx.conf"
cat >>"$dir/directory.sql" <<'SQL'
create table dn (number text primary key, type text not null default 'extension');
create table queue (name text primary key, dn text);
create table routing_point (dn text primary key, strategy text not null, defaults text not null default '');
insert into dn values ('mail', 'queue'), ('desk', 'queue');
insert into queue values ('mail', 'mail'), ('desk', 'desk');
insert into routing_point (dn, strategy) values ('mail', 'mails');
SQL
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check" >&2; cleanup 1; }
now() { date +%s.%N; }
mib() { awk '/^VmRSS/ {printf "%.0f", $2 / 1024}' "/proc/$vm/status"; }
# live: interactions that there are.
live() { ctl status --json | sed -n 's/^ *"interactions": \([0-9]*\),\{0,1\}$/\1/p' | head -n 1; }
begun=$(now)
start >&2
until [ "$(live)" -ge "$mails" ] 2>/dev/null; do
    kill -0 "$vm" 2>/dev/null || { tail -n 5 "$dir/log" >&2; cleanup 1; }
    sleep 0.2
done
taken=$(now) before=$(mib)
kill -KILL "$vm" && wait "$vm" 2>/dev/null
sed -i 's/^  mails = .*/  mails = "0"/' "$dir/gcx.conf"
journal=$(du -sm "$dir/state" | cut -f 1)
again=$(now)
"$gcxvm" "$dir/gcx.conf" >>"$dir/log" 2>&1 &
vm=$!
until ready 2>/dev/null; do kill -0 "$vm" 2>/dev/null || { tail -n 5 "$dir/log" >&2; cleanup 1; }; sleep 0.02; done
took=$(awk -v a="$again" -v b="$(now)" 'BEGIN {printf "%.2f", b - a}')
[ "$(live)" -ge "$mails" ] || { echo "restart.sh: $(live) are there" >&2; cleanup 1; }
awk -v n="$mails" -v a="$begun" -v b="$taken" -v rest="$journal $before $took $(mib)" 'BEGIN {printf "%.0f %s\n", n / (b - a), rest}'
kill -KILL "$vm" && wait "$vm" 2>/dev/null # it would wait for them

command -v redis-server >/dev/null || { echo '?'; cleanup 0; }
also_end() { [ -z "$redis" ] || { kill -KILL "$redis"; wait "$redis"; } 2>/dev/null; }
redis_start() {
    redis-server --port 0 --unixsocket "$dir/redis" --dir "$dir" --save '' --appendonly yes --aof-use-rdb-preamble no >>"$dir/redis.log" 2>&1 &
    redis=$!
    until [ "$(redis-cli -s "$dir/redis" ping 2>/dev/null)" = PONG ]; do kill -0 "$redis" 2>/dev/null || cleanup 1; sleep 0.02; done
}
redis_start
seq "$mails" | awk '{printf "HSET <%08d.4711@mail.example.com> from customer%d@example.com to service@example.org subject \"Question about my last bill\" queue mail\n", $1, $1 / 3}' |
    redis-cli -s "$dir/redis" --pipe >"$dir/filled" || cleanup 1
kill -KILL "$redis" && wait "$redis" 2>/dev/null
again=$(now)
redis_start
awk -v a="$again" -v b="$(now)" 'BEGIN {printf "%.2f\n", b - a}'
cleanup 0
