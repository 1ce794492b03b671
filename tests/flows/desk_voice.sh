#!/bin/bash
# tests/flows/desk_voice.sh - The telephone beside the desk: an agent logs in at a DN, is shown the caller with what is
# known of them before the call is answered, answers, holds and retrieves; hands the call back to the routing point,
# has it again; asks a colleague first, takes the call back, and leaves it to her in the end; comes back to the T-Server by
# the token, also when the desk was killed.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null || exit 77
[ -f "$top_builddir/.libs/desk.so" ] || exit 77
also_end() { :; }

image=$dir/enterprise.gcxb
"$gcxc" build "$enterprise/enterprise.gcx" -o "$image" || die "gcxc build"
cp "$enterprise/directory.sql" "$dir/directory.sql"
sqlite3 "$dir/customers.db" <"$enterprise/customers.sql" && sqlite3 "$dir/customers.db" <"$enterprise/customers-data.sql" || exit 77
echo 'olga 7004' >"$dir/agents" # speaks no French, so the caller is Marie's
hers=$(printf 'secret\n' | "$gcxvm" --hash-password) && his=$(printf 'other\n' | "$gcxvm" --hash-password) || die "gcxvm --hash-password"
(umask 077; printf '%s agent password=%s\n' marie "$hers" olga "$his" >"$dir/users"; echo 'olga other' >"$dir/passwords")
port=$(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
conf_tserver="restart_ms = 200 users = \"$dir/users\" listen = \"127.0.0.1:$port\""
conf_more="adapter desk { users = \"$dir/users\" store = \"sqlite:$dir/contacts\" port_file = \"$dir/desk.port\" state = \"$dir/sessions\" reasons = \"lunch\" wrapups = \"sold, called back\" call_queues = \"Reception=1800\" tserver = \"127.0.0.1:$port\" }"
"$gcxsim" call --wait 120s --listen 127.0.0.1:0 --port-file "$dir/switch.port" --cti-port-file "$dir/cti.port" \
    --admin "$dir/state/admin.sock" --directory "$dir/directory.sql" --agents "$dir/agents" --passwords "$dir/passwords" --from +33145550101 --to 1800 \
    --digits 4711,2,4711,2 --pause 500ms --limit 180s >"$dir/sim.log" 2>&1 &
sim=$!
await test -s "$dir/switch.port"
configure
start
await test -s "$dir/desk.port"
desk_pid() { ctl status --json | python3 -c 'import json, sys
print(*[one["pid"] for one in json.load(sys.stdin)["links"] if one["name"] == "desk"])'; }
desk_pid >"$dir/desk.pid"
timeout 800 python3 "$top_srcdir/tests/flows/desk_voice.py" "$dir" "$top_srcdir" || say_failed "the desk"
# What she said of the call is in the router's history of it, though the call had gone long before.
ctl trace "$(sqlite3 "$dir/contacts" "select substr(external_id, 1, 16) from rings limit 1")" >"$dir/history" || say_failed "gcxctl trace"
grep -q 'RequestWrapUp.*sold' "$dir/history" || { cat "$dir/history" >&2; say_failed "the history has no wrap-up"; }
expect 'EventAuthenticated .* user=marie .* by token' cat "$dir/gcxvm.log"
[ "$(count_logged 'EventAuthenticated .* user=marie .* by password')" = 1 ] || say_failed "the password was asked for again"
# She has left her desk: nothing of hers is left at the T-Server.
links=$(printf '0100007F:%04X' "$port") desk=$(desk_pid)
left() { awk -v links="$links" '$3 == links && $4 == "01" { print "socket:[" $10 "]" }' /proc/net/tcp >"$dir/links" &&
    ! readlink "/proc/$desk/fd/"* | grep -qxFf "$dir/links"; }
await left || say_failed "the desk keeps a connection to the T-Server for nobody"
# Two calls have no end in the store: the desk was killed before it noted that of the first one, the second is of a journal
# that is lost.
sql() { sqlite3 -cmd '.timeout 9000' "$dir/contacts" "$1"; }
sql "insert into interactions(tenant, media, external_id, direction, received, messages)
    select '', 'voice', '00000000000000ff' || substr(external_id, 17), 'in', received, 0 from interactions where media = 'voice' limit 1;
    insert into interactions(tenant, media, external_id, direction, received, messages) values('', 'voice', '00000000000000fe#00000001', 'in', 1, 0)"
: >"$dir/desk.port"
kill -9 "$(desk_pid)"
has_ends() { [ "$(sql "select group_concat(result) from (select result from interactions where ended is not null order by id)")" = sold,answered,lost ]; }
await has_ends || sql 'select * from interactions'
"$top_builddir/gcxrecords" --once "$dir/gcx.conf" "jsonl:$dir/records" 2>"$dir/records.log" || say_failed "the records: $(cat "$dir/records.log")"
grep -q '"code":"sold".*"note":"wants a letter"' "$dir/records" || { grep wrapups "$dir/records"; say_failed "the records have no note"; }
# The caller is erased: the note of her wrap-up goes with it.
[ "$(sql "select count(*) from messages where text = 'wants a letter'")" = 1 ] || say_failed "the note is not in the store"
"$gcxctl" erase +33145550101 "$dir/gcx.conf" >"$dir/erased" 2>&1 || { say_failed "erase"; cat "$dir/erased"; }
sql .dump | grep 'wants a letter' && { say_failed "her note of the caller is still there"; cat "$dir/erased"; }
kill "$sim" 2>/dev/null; wait "$sim" 2>/dev/null; sim=''
stop
finish
