#!/bin/bash
# tests/promises/who_may.sh - A person who may not do something cannot do it, by any interface: who_may.py tries each
# forbidden act over the desk's HTTP and WebSocket, over the telephones' wire, and by gcxctl in a role that is too low, as
# whoever has no claim, is only offered, advises, joined, looks on or has offered it to a colleague. Then the core is
# killed, then the desk's adapter, then the chat's, and all is tried again. Each refusal has a sentence. ROUNDS: the
# kills after the first round (1); each of them has one kind of having, and the acts besides are tried now and then.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null || exit 77
for plugin in desk chat; do [ -f "$top_builddir/.libs/$plugin.so" ] || exit 77; done

ctl() { "$gcxctl" --socket "$dir/door/admin.sock" "$@"; }
chmod 755 "$dir"
mkdir -p "$dir/door" && chmod 755 "$dir/door"
cp "$gcxctl" "$dir/gcxctl" # where a user of another role may run it
[ ! -f "$top_builddir/.libs/gcxctl" ] || cp "$top_builddir/.libs/gcxctl" "$dir/gcxctl"
image=$dir/enterprise.gcxb
"$gcxc" build "$enterprise/enterprise.gcx" -o "$image" || die "gcxc build"
cp "$enterprise/directory.sql" "$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into agent (name, display) values ('sam', 'Sam Blanc');
create table reason (name text primary key, display text not null);
insert into reason values ('lunch', 'At lunch');
insert into dn (number, type) values ('service', 'queue'), ('hidden', 'queue');
insert into queue (name, dn) values ('service', 'service'), ('hidden', 'hidden');
SQL
sqlite3 "$dir/customers.db" <"$enterprise/customers.sql" && sqlite3 "$dir/customers.db" <"$enterprise/customers-data.sql" || exit 77
hash=$(printf 'secret\n' | "$gcxvm" --hash-password) || die "gcxvm --hash-password"
(umask 077; printf '%s password=%s\n' 'marie agent dn=7001' "$hash" 'olga agent dn=7004' "$hash" 'jean agent' "$hash" 'sam supervisor' "$hash" \
    'board monitor' "$hash" >"$dir/users")
port=$(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
conf_tserver="restart_ms = 200 users = \"$dir/users\" listen = \"127.0.0.1:$port\" requests_a_second = 1000"
conf_more="admin = \"door/admin.sock\"
monitors = {\"64011\"}
adapter chat { origins = \"https://shop.example\" queues = \"service, hidden\" store = \"sqlite:$dir/contacts\" port_file = \"$dir/chat.port\" state = \"$dir/chats\" restart_ms = 200 }
adapter desk { users = \"$dir/users\" store = \"sqlite:$dir/contacts\" port_file = \"$dir/desk.port\" state = \"$dir/sessions\"
    queues = \"service\" workbins = \"drafts\" data = \"parcel\" admin = \"$dir/door/admin.sock\" parameters = \"none\" tserver = \"127.0.0.1:$port\" restart_ms = 200 }"
"$gcxsim" call --wait 120s --listen 127.0.0.1:0 --port-file "$dir/switch.port" --cti-port-file "$dir/cti.port" \
    --admin "$dir/door/admin.sock" --directory "$dir/directory.sql" --from +33145550101 --to 1800 --digits 4711,2 --limit 600s >"$dir/sim.log" 2>&1 &
sim=$!
await test -s "$dir/switch.port"
configure
start
await test -s "$dir/desk.port" && await test -s "$dir/chat.port"
GCXCTL="$dir/gcxctl" timeout "$((300 + 20 * ${ROUNDS-1}))" python3 "$top_srcdir/tests/promises/who_may.py" "$dir" "$top_srcdir" "$port" "${ROUNDS-1}" &
walk=$!
also_end() { kill "$walk" 2>/dev/null; }
killed=0
while kill -0 "$walk" 2>/dev/null; do
    if [ -e "$dir/kill" ]; then
        rm "$dir/kill"
        kill -9 "$vm"; wait "$vm" 2>/dev/null
        killed=$((killed + 1))
        start
    fi
    sleep 0.05
done
wait "$walk" || say_failed "somebody could"
[ "$killed" -ge 1 ] || say_failed "the core was never killed"
kill "$sim" 2>/dev/null; wait "$sim" 2>/dev/null; sim=''
stop
[ "$failures" = 0 ] || tail -n 40 "$dir/gcxvm.log"
finish
