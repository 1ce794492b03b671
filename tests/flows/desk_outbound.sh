#!/bin/bash
# tests/flows/desk_outbound.sh - Campaigns at the desk, over all wires: an agent is asked about records before they are
# dialled (push preview), and dials, puts off, blocks and skips them; then asks for records (preview), which the router
# calls from the agent's telephone. Afterwards the list has it all, and nobody else was dialled.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null && command -v sqlite3 >/dev/null || exit 77
[ -e "$top_builddir/.libs/desk.so" ] && [ -e "$top_builddir/.libs/dialer.so" ] || exit 77
also_end() { :; }

image=$dir/offered.gcxb lists=sqlite:$dir/lists.db
"$gcxc" build "$top_srcdir/tests/flows/desk_outbound.gcx" -o "$image" || die "gcxc build"
awk 'BEGIN { print "number,name,chain"; for (i = 0; i < 7; i++) printf "+4930%06d0,Customer %d,%d\n", 100000 + i, i, i }' >"$dir/in.csv"
echo "+49301999990,Customer 0,0" >>"$dir/in.csv"
"$top_builddir/gcxlists" --quiet --zone Europe/Berlin --map name=name:text import "$lists" offers "$dir/in.csv" || die "gcxlists import"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<SQL
create table rule_set (name text primary key, lines integer);
create table campaign (name text primary key, mode text, agents text, rule_set text);
insert into dn (number, type) values ('offers', 'routing_point'), ('5000', 'queue'), ('7001', 'extension');
insert into queue values ('desk', '5000');
insert into agent values ('marie', 'Marie Laurent');
insert into "group" values ('sellers');
insert into group_member values ('sellers', 'marie');
insert into routing_point (dn, strategy, defaults) values ('offers', 'offered', '5000');
insert into rule_set values ('ours', 5);
insert into campaign values ('offers', 'push_preview', 'sellers', 'ours');
SQL
hers=$(printf 'secret\n' | "$gcxvm" --hash-password) || die "gcxvm --hash-password"
(umask 077; printf 'marie agent password=%s\n' "$hers" >"$dir/users")
port=$(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
"$gcxsim" switch --listen 127.0.0.1:0 --port-file "$dir/switch.port" --directory "$dir/directory.sql" --outside 50ms >"$dir/sim.log" 2>&1 &
sim=$!
await test -s "$dir/switch.port"
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
drain_s = 0
log { personal = shown }
adapter tserver { requests_a_second = 1000 switch = "127.0.0.1:$(cat "$dir/switch.port")" port_file = "$dir/cti.port" users = "$dir/users" listen = "127.0.0.1:$port" }
adapter dialer  { lists = "$lists" }
adapter desk    { users = "$dir/users" store = "sqlite:$dir/contacts" port_file = "$dir/desk.port" state = "$dir/sessions" tserver = "127.0.0.1:$port" }
CONF
start
await test -s "$dir/desk.port"
ctl campaign offers load >/dev/null && ctl campaign offers start >/dev/null || die "gcxctl campaign"
timeout 800 python3 "$top_srcdir/tests/flows/desk_outbound.py" "$dir" "$top_srcdir" "$gcxctl --socket $dir/state/admin.sock" >"$dir/said" || say_failed "the desk"
cat "$dir/said"

# ---- what the list has ----

one() { python3 -c 'import json, sys; print(*json.load(open(sys.argv[1]))[sys.argv[2]] if sys.argv[2] == "dialled" else [json.load(open(sys.argv[1]))[sys.argv[2]]], sep="\n")' "$dir/said" "$1"; }
sql() { sqlite3 -cmd '.timeout 10000' "$dir/lists.db" "$1"; }
is_told() { [ "$(sql "select count(*) from records where status = 'updated' and result = 'ok' and begun is null")" = 2 ]; }
await is_told
sed -n 's/.* MakeCall .*destination=\([^ ]*\).*/\1/p' "$dir/sim.log" | sort >"$dir/dialled"
one dialled | sort | cmp -s - "$dir/dialled" || { say_failed "others were dialled:"; cat "$dir/dialled"; }
[ "$(sql "select number from attempts where result = 'ok' order by number")" = "$(one dialled | sort)" ] ||
    say_failed "the history has other numbers"
[ "$(sql "select agent, due / 1000000 from records where status = 'ready' and due > 0 and agent <> ''")" = 'marie|4076136060' ] ||
    say_failed "no call-back of hers at the next full minute"
[ "$(sql "select count(*) from do_not_call")" = 1 ] || say_failed "nothing is blocked"
kill "$sim" 2>/dev/null; wait "$sim" 2>/dev/null; sim=''
stop
"$top_builddir/gcxrecords" --once "$dir/gcx.conf" "sqlite:$dir/records.db" 2>"$dir/records.log" || say_failed "the records: $(cat "$dir/records.log")"
[ "$(sqlite3 "$dir/records.db" "select records, answered from campaign_results join campaign_quarters using (quarter, campaign) where campaign_results.result = 'ok'")" = '2|2' ] ||
    say_failed "the records do not have the two who answered"
finish
