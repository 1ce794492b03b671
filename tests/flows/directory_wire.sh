#!/bin/sh
# tests/flows/directory_wire.sh - Another directory while gcxvm runs: looked at, imported whole or refused with its row,
# in force over reloads, a kill -9 and restarts until the configuration's is taken again; what was exported is the same.
. "$top_srcdir/tests/flows/daemon_common.sh"
[ -x "$gcxc" ] || cleanup 77

cat >"$dir/one.gcx" <<'GCX'
site {
    default timeout 5m;
    skill French;
    vq service;
    parameter limit: int(1..9) = 3;
    table blocked { key number: str; reason: str; until: date? }
    schedule hours zone "Europe/Paris" { mon..fri 08:00..18:00; }
}
strategy one(patience: duration = 5s) on voice {
    if not (ani in blocked) and limit > 1 and hours.open() and patience > 0s { connect in vq service { skill French >= 3; } else stop "nobody"; }
    stop "no";
}
strategy remind on outbound {
    outbound.dial(contact.number) else {};
    outbound.close(ok) else {};
    stop "done";
}
GCX
"$gcxc" build --site "$dir/one.gcx" "$dir/one.gcx" -o "$dir/one.gcxb" || cleanup 1
cat >"$dir/directory.sql" <<'SQL'
create table skill (name text primary key);
create table agent (name text primary key, display text not null default '');
create table agent_skill (agent text, skill text, level integer, primary key (agent, skill));
create table dn (number text primary key, type text not null default 'extension');
create table routing_point (dn text primary key, strategy text, defaults text);
create table parameter (name text primary key, value);
create table table_blocked (number text primary key, reason text, until text);
create table reason (name text primary key, display text);
insert into reason values ('lunch', 'Lunch break'), ('tr', 'Training');
create view a_view as select 1;
insert into skill values ('French');
insert into agent values ('marie', 'Laurent, "Marie"'), ('paul', '');
insert into agent_skill values ('marie', 'French', 7);
insert into dn values ('1800', 'routing_point'), ('7001', 'extension');
insert into routing_point values ('1800', 'one', '7001');
insert into parameter values ('limit', 4);
insert into table_blocked values ('+331', 'rings
often', null), ('+332', '', '2027-01-01');
SQL
cat >"$dir/gcx.conf" <<'CONF'
directory = "directory.sql"
strategies = {"one.gcxb"}
CONF
start

# An image that names what the directory does not have is told of, before it is in force and when it is.
sed 's/skill French;/skill French, German;/; s/skill French >= 3/skill German >= 3/; s/strategy one/strategy two/' \
    "$dir/one.gcx" >"$dir/two.gcx"
"$gcxc" build --site "$dir/two.gcx" "$dir/two.gcx" -o "$dir/two.gcxb" || cleanup 1
lacks="two.gcx:10: skill German is in no row of table skill of the directory in force"
expect "$lacks" ctl load "$dir/two.gcxb"
expect "$lacks" ctl activate 1800 two
ctl activate 1800 one | grep -q warning && say_failed "a warning of what is there"

expect '"display": "Lunch break"' ctl reasons --json

# What is in force comes out as it went in, as SQL and as sheets, and goes in again.
expect_exit 0 ctl directory export "$dir/out.sql"
expect_exit 0 ctl directory diff "$dir/out.sql"
expect_exit 0 ctl directory export "$dir/sheets"
expect_exit 0 ctl directory diff "$dir/sheets"
expect_exit 0 ctl directory diff "$dir/state/directory.sqlite"
expect 'create table "agent" ("name", "display", "capacity", "profile", "home", primary key ("name"));' ctl directory export
tr -d '\r' <"$dir/sheets/agent.csv" | grep -qx 'marie,"Laurent, ""Marie""",,,' || say_failed "agent.csv"

# Sheets change: what that is, before it is in force.
printf 'name,display\nmarie,Marie\nanne,Anne\n' >"$dir/sheets/agent.csv"
printf 'agent,skill,level\nmarie,French,9\n' >"$dir/sheets/agent_skill.csv"
printf 'number,reason\n+332,old\n+339,new\n' >"$dir/sheets/table_blocked.csv"
expect_exit 1 ctl directory diff "$dir/sheets"
cat >"$dir/expected" <<'LINES'
+ agent anne: display=Anne, capacity=none, profile=none, home=none
~ agent marie: display Laurent, "Marie" -> Marie
- agent paul: display="", capacity=none, profile=none, home=none
~ agent_skill marie/French: level 7 -> 9
- table_blocked +331: reason=rings\u{a}often, until=none
~ table_blocked +332: reason "" -> old, until 2027-01-01 -> none
+ table_blocked +339: reason=new
LINES
diff "$dir/expected" "$dir/output" || say_failed "the lines of directory diff"
expect "(6 more lines are left out: --lines 7 shows all)" ctl directory diff "$dir/sheets" --lines 1
expect "French 7" ctl agents marie
expect_exit 0 ctl directory import "$dir/sheets" reason "the new team"
expect "French 9" ctl agents marie
expect "imported by" ctl status
expect "the new team" ctl audit
version=$(ctl status --json | sed -n '/"directory": {/,/}/s/^ *"version": \([0-9]*\),*$/\1/p')
expect "version $version " ctl audit
expect_exit 0 ctl directory diff "$dir/sheets"

# Refused whole, with file, row and reason; what was in force stays.
refused() { # SHEET LINES EXPECTED
    cp -r "$dir/sheets" "$dir/wrong"
    printf "$2" >"$dir/wrong/$1.csv"
    expect_exit 2 ctl directory diff "$dir/wrong"
    expect_exit 1 ctl directory import "$dir/wrong"
    grep -qF -- "$3" "$dir/output" || { say_failed "$1 should be refused: $3"; cat "$dir/output"; }
    rm -r "$dir/wrong"
}
refused agent_skill 'agent,skill,level\nmarie,Frensh,9\n' \
    "agent_skill.csv:2: row marie/Frensh: names skill Frensh, which is not in table skill"
refused agent 'name\nmarie\nanne\nmarie\n' "agent.csv:4: a row of the key marie stands twice"
refused parameter 'name,value\nlimit,12\n' \
    "parameter.csv:2: row limit: column value is 12; the site has it within 1..9"
refused table_blocked 'number\n+331\n' "table table_blocked: there is no column reason, as the site's table has"
refused reason 'name,display\nlunch,\n' "reason.csv:2: row lunch: column display is"
refused table_blocked 'number,reason,RowId\n+331,x,1\n' "table_blocked.csv:1: no column may be called rowid"
many=$(printf 'mon,%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)"mon closed;"
refused schedule "name,value\nhours,\"$(printf "$many%.0s" 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)\"\n" \
    "schedule.csv:2: row hours: column value has too many lines and dates; expected at most 250 days"
refused routing_point 'dn,strategy\n1800,two\n' "routing_point.csv:2: row 1800: strategy two is in no image"
cp "$dir/sheets/agent_skill.csv" "$dir/skills"
printf 'agent,skill,level\n' >"$dir/sheets/agent_skill.csv"
refused skill 'name\n' "one.gcx:10: skill French is used here"
expect "French 9" ctl agents marie

# It stays in force: over a reload of the configuration, a kill, and a restart.
rm -r "$dir/sheets"
expect_exit 0 ctl reload
expect "French 9" ctl agents marie
kill -9 "$vm"; wait "$vm" 2>/dev/null
start
expect "French 9" ctl agents marie
expect "imported by" ctl status
expect_exit 1 ctl directory diff "$dir/out.sql"

# Its copy is damaged or gone: what was in force serves, and all who ask are told, until there is another import.
cp "$dir/state/directory.sqlite" "$dir/copy"
for how in empty cut overwritten gone; do
    stop 0
    case $how in
    empty) : >"$dir/state/directory.sqlite" ;;
    cut) truncate -s 8192 "$dir/state/directory.sqlite" ;;
    overwritten) printf XXXXXXXX | dd of="$dir/state/directory.sqlite" conv=notrunc 2>"$dir/output" ;;
    gone) rm "$dir/state/directory.sqlite" ;;
    esac
    expect 'directory.sqlite is damaged or gone' "$gcxvm" --verify "$dir/gcx.conf"
    start
    expect "French 9" ctl agents marie
    expect 'directory.sqlite is damaged or gone' ctl status
    await logged ' error .*directory.sqlite is damaged or gone' || say_failed "$how: the log does not say so"
    : >"$dir/log"
    expect 'directory.sqlite is damaged or gone' ctl reload
    cp "$dir/copy" "$dir/state/directory.sqlite"
    expect_exit 0 ctl reload
    expect "imported by" ctl status
done

# The configuration's again.
expect_exit 0 ctl directory import reason "as it was"
expect "French 7" ctl agents marie
expect_exit 0 ctl directory diff
ctl status | grep -q 'imported by' && say_failed "the configuration's directory is in force"
expect "No such file" ctl directory diff "$dir/nothing"
# What gcx-directory(5) shows is a directory.
mkdir "$dir/page"
awk -v to="$dir/page/" '/^\.\\" sheet: .*csv/ { file = to $3; next } /^\.Bd/ { inside = file != ""; next } /^\.Ed/ { inside = 0; file = ""; next }
    inside { print >>file }' "$top_srcdir/man/gcx-directory.5.in"
[ "$(ls "$dir/page" | wc -l)" = 20 ] || say_failed "gcx-directory(5) shows other sheets than there are tables: $(ls "$dir/page")"
expect_exit 0 ctl directory import "$dir/page"
expect "experts" ctl agents marie
expect "billing, experts" ctl agents paul
expect "2026-07-14 closed" ctl settings hours
expect_exit 0 ctl directory export "$dir/again"
expect_exit 0 ctl directory diff "$dir/again"
# A campaign's routing point has a strategy for records.
cp -r "$dir/page" "$dir/wrong"
sed -i 's/^reminders,remind/reminders,one/' "$dir/wrong/routing_point.csv"
expect "routing_point.csv:3: row reminders: strategy one is not for the records of the campaign of that name" \
    ctl directory import "$dir/wrong"
rm -r "$dir/wrong"
expect_exit 0 ctl directory diff "$dir/page"

# A load that is asked for before the last one is durable waits for it: the copy of what was imported by hand stays.
preload=$top_builddir/tests/flows/.libs/fault_disk.so
[ -e "$preload" ] || finish
stop 0
cat >"$dir/gcxvm" <<SH
#!/bin/sh
export FAULT_DISK="$dir/fault" ASAN_OPTIONS="\${ASAN_OPTIONS:+\$ASAN_OPTIONS:}verify_asan_link_order=0"
LD_PRELOAD=$preload exec "$gcxvm" "\$@"
SH
chmod +x "$dir/gcxvm"
gcxvm=$dir/gcxvm
: >"$dir/log"
start
hold() { for name; do echo "hold $name 1"; done >"$dir/fault.new" && mv "$dir/fault.new" "$dir/fault"; }
hups() { [ "$(grep -c 'SIGHUP: reads' "$dir/log")" = "$1" ]; }
in_force() { [ "$(grep -c 'points: in force' "$dir/log")" = "$1" ]; }
posted() { ! ready; }
await in_force 1 # the log is written by a thread of its own, after the core has told that it is ready
sed -i "s/^paul,.*/paul,Paul the second/" "$dir/page/agent.csv"
hold journal.db-wal
ctl directory import "$dir/page" >"$dir/import" 2>&1 &
await posted
was=$(stat -c %i%y "$dir/state/directory.new")
hold journal.db-wal directory.new
kill -HUP "$vm"
await hups 1
for look in 1 2 3 4 5 6 7 8; do
    [ "$was" = "$(stat -c %i%y "$dir/state/directory.new" 2>&1)" ] || { say_failed "the copy that is to be settled is written over"; break; }
    sleep 0.05
done
rm "$dir/fault"
await in_force 3
expect_exit 0 ctl directory diff "$dir/page"
expect "imported by" ctl status
finish
