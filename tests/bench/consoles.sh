#!/bin/bash
# tests/bench/consoles.sh BUILD [CONSOLES [SECONDS]] - The supervisor's page Now with 500 live rows, 470 agents and 30 queues, while
# calls come, ring, are answered and end: what so many (50) consoles cost, and how a browser that shows it answers: see
# consoles.py, which says whether each goal is met. 77: what it needs is lacking; without Chromium the page is left out.
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$(cd "$1" && pwd) consoles=${2-50} seconds=${3-20}
. "$top_srcdir/tests/flows/daemon_common.sh"
agents=470 queues=30
command -v python3 >/dev/null || cleanup 77
for plugin in desk tserver; do [ -f "$top_builddir/.libs/$plugin.so" ] || cleanup 77; done
python=python3
for one in python3 /usr/bin/python3; do ! "$one" -c 'import selenium' 2>/dev/null || python=$one; done
# Five calls a second of a minute each: three of five agents talk. Each caller keys the number of a queue.
names=$(for ((i = 0; i < queues; i++)); do printf ', q%02d' $i; done)
mkdir "$dir/site" && {
    echo "site { vq ${names#, }; queue phones; prompt which; skill Service; }
strategy calls on voice {
    attached { which: str; }
    attach which = ivr.digits(prompt which, min: 2, max: 2) else goto phone;"
    for ((i = 0; i < queues; i++)); do
        printf '    if which == "%02d" { connect in vq q%02d { skill Service >= 1; } answer 15s timeout 10m else {}; }\n' $i $i
    done
    echo '    phone: route queue phones;
    on abandoned {}
}'
} >"$dir/site/calls.gcx" && "$gcxc" build "$dir/site/calls.gcx" -o "$dir/calls.gcxb" >&2 || cleanup 1
(umask 077; python3 - "$consoles" >"$dir/users" <<'PY'
import ctypes, sys
sodium = ctypes.CDLL("libsodium.so.23")
hash = ctypes.create_string_buffer(128)
assert sodium.sodium_init() >= 0 and sodium.crypto_pwhash_str(hash, b"secret", ctypes.c_ulonglong(6), ctypes.c_ulonglong(1), ctypes.c_size_t(8192)) == 0
for n in range(int(sys.argv[1]) + 1):
    print(f"s{n} supervisor password={hash.value.decode()}")
PY
) || cleanup 77
make_world "adapter tserver { switch = \"SWITCH\" port_file = \"$dir/clients\" }
adapter desk {
  users = \"$dir/users\" store = \"sqlite:$dir/contacts\" port_file = \"$dir/desk\" queues = \"desk\"
  admin = \"$dir/state/admin.sock\" guesses_per_minute = \"100000\"
}"
site_queues calls.gcxb phones
sed -i '1i log_level = "warning"' "$dir/gcx.conf"
cat >>"$dir/directory.sql" <<SQL
insert into skill values ('Service');
insert into dn values ('1800', 'routing_point'), ('desk', 'queue');
insert into queue values ('desk', 'desk');
insert into routing_point values ('1800', 'calls', 'phones');
create table "group" (name text primary key);
create table group_member ("group" text, agent text, primary key ("group", agent));
insert into "group" values ('team0'), ('team1'), ('team2'), ('team3'), ('team4'), ('team5'), ('team6'), ('team7'), ('team8'), ('team9');
with recursive n(i) as (select 0 union all select i + 1 from n where i < $consoles) insert into agent select 's' || i, 'Supervisor ' || i from n;
create table one (i integer);
with recursive n(i) as (select 1 union all select i + 1 from n where i < $agents) insert into one select i from n;
insert into agent select printf('agent%03d', i), 'Agent ' || i from one;
insert into agent_skill select printf('agent%03d', i), 'Service', 1 + i % 9 from one;
insert into group_member select 'team' || (i % 10), printf('agent%03d', i) from one;
insert into dn select printf('7%03d', i), 'extension' from one;
drop table one;
SQL
for ((i = 1; i <= agents; i++)); do printf 'agent%03d 7%03d\n' $i $i; done >"$dir/agents"
"$gcxsim" load --wait 120s --listen 127.0.0.1:0 --port-file "$dir/switch" --cti-port-file "$dir/clients" --admin "$dir/state/admin.sock" \
    --directory "$dir/directory.sql" --agents "$dir/agents" --calls 20000 --rate 5 --handles 60s --work 10s --answers 2s --patience 3m \
    $(for ((i = 0; i < queues; i++)); do printf -- '--digits %02d ' $i; done) --quiet --json >"$dir/result" 2>"$dir/sim.log" &
sim=$!
await test -s "$dir/switch" || cleanup 1
sed -i "s/SWITCH/127.0.0.1:$(cat "$dir/switch")/" "$dir/gcx.conf"
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check" >&2; cleanup 1; }
start >&2
await test -s "$dir/desk" || cleanup 1
ctl status --json | python3 -c 'import json, sys
status = json.load(sys.stdin)
print(status["pid"], next(one["pid"] for one in status["links"] if one["name"] == "desk"))' >"$dir/pids" || cleanup 1
PYTHONDONTWRITEBYTECODE=1 "$python" "$top_srcdir/tests/bench/consoles.py" "$dir" "$consoles" "$seconds" "$agents" || { tail -n 5 "$dir/log" "$dir/sim.log" >&2; cleanup 1; }
cleanup 0
