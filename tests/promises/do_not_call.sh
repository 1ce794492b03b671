#!/bin/bash
# Nobody is called outside of hours, within a pause, or against do-not-call: a campaign has numbers that may be called, some
# that were blocked, each written in another way, and some whose hours are later. Dialer and core are killed meanwhile.
# Afterwards those that may be called were called, once each, since the next try is a day away, and no other one.
. "$top_srcdir/tests/flows/enterprise_common.sh"
[ -e "$top_builddir/.libs/dialer.so" ] && command -v sqlite3 >/dev/null || exit 77
ports=5 lists=sqlite:$dir/lists.db
image=$dir/remind.gcxb
"$gcxc" build "$top_srcdir/tests/flows/outbound_wire.gcx" -o "$image" || die "gcxc build"
numbers() { awk -v from="$1" -v count="$2" 'BEGIN { print "number"; for (i = 0; i < count; i++) printf "+4930%07d\n", from + i }' >"$dir/in.csv"; }
import() { "$top_builddir/gcxlists" --quiet --zone UTC "$@" import "$lists" reminders "$dir/in.csv" >>"$dir/import" 2>&1 || die "gcxlists import"; }
numbers 1000000 60
import
later=$(($(date -u +%H) + 12))
numbers 2000000 20
import --from "$(printf %02d:00 $((later % 24)))" --till "$(printf %02d:00 $(((later + 2) % 24)))"
for form in '+49301000001' '030 1000002' '0049 30 1000003' '+49 (0)30 1000004' '030/1000005' 'tel:+49-30-1000006'; do
    "$top_builddir/gcxlists" --country DE block "$lists" "$form" >>"$dir/import" 2>&1 || say_failed "$form cannot be blocked"
done
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<SQL
create table rule_set (name text primary key, lines integer, ports integer, unknown_pause_s integer);
create table campaign (name text primary key, mode text, rule_set text);
insert into dn (number, type) values ('reminders', 'routing_point'), ('5000', 'queue');
insert into queue values ('desk', '5000');
insert into routing_point (dn, strategy, defaults) values ('reminders', 'remind', '5000');
insert into rule_set values ('ours', $ports, $ports, 86400);
insert into campaign values ('reminders', 'power', 'ours');
SQL
"$gcxsim" switch --listen 127.0.0.1:0 --port-file "$dir/switch.port" --directory "$dir/directory.sql" --outside 100ms >>"$dir/sim.log" 2>&1 &
sim=$!
await test -s "$dir/switch.port"
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
country    = "DE"
adapter tserver { switch = "127.0.0.1:$(cat "$dir/switch.port")" port_file = "$dir/cti.port" outlive_s = 30 restart_ms = 200 }
adapter dialer  { lists = "$lists" rest = "86400" outlive_s = 30 restart_ms = 200 }
CONF
sql() { sqlite3 -cmd '.timeout 10000' "$dir/lists.db" "$1"; }
dials() { grep -c ' MakePredictiveCall ' "$dir/sim.log"; }
has_dialled() { [ "$(dials)" -ge "$1" ]; }
all_done() { [ "$(sql "select count(*) from records where number < '+49302' and (status = 'retrieved' or status = 'ready' and due = 0) and number not in (select value from do_not_call)")" = 0 ]; }
pid_of() { sed -n "s/.* $1 adapter started, process //p" "$dir/gcxvm.log" | tail -n 1; }
start
ctl campaign reminders load >/dev/null && ctl campaign reminders start >/dev/null || die "gcxctl campaign"
await has_dialled 10
kill -9 "$(pid_of dialer)"
await has_dialled 25
kill_core
start
await all_done
sed -n 's/.* MakePredictiveCall .*destination=\([^ ]*\).*/\1/p' "$dir/sim.log" | sort >"$dir/dialled"
[ "$(wc -l <"$dir/dialled")" -ge 40 ] || say_failed "only $(wc -l <"$dir/dialled") were dialled"
! grep -n '+4930100000[1-6]' "$dir/dialled" || say_failed "these are on the do-not-call list"
! grep -n '+49302' "$dir/dialled" || say_failed "these have other hours"
[ -z "$(uniq -d "$dir/dialled")" ] || say_failed "dialled twice within the pause: $(uniq -d "$dir/dialled")"
echo "$(wc -l <"$dir/dialled") of 60 dialled, 6 blocked, 20 with other hours"
finish
