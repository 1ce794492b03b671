#!/bin/bash
# tests/flows/settings_wire.sh - Parameters and tables as the directory says them, 100,000 rows too; what it says no
# longer is as the site wrote it, after a crash too; and what no site could read is refused with its line.
. "$top_srcdir/tests/flows/enterprise_common.sh"

mkdir -p "$flow"
cp "$enterprise"/*.sql "$flow"
image=$dir/settings.gcxb source=$top_srcdir/tests/flows/settings_wire.gcx
"$gcxc" build --site "$source" "$source" -o "$image" || die "gcxc build"
conf_more='log_level = "debug"'
sheets="create table table_blocked (number text primary key, reason text, until text);
create table table_areas (area text primary key, desk text);"

# says SQL: the directory is the test's and this; with it in force, two callers ask.
says() {
    cp "$dir/directory.first" "$dir/directory.sql"
    echo "$sheets$1" >>"$dir/directory.sql"
}

begin one
cp "$dir/directory.sql" "$dir/directory.first"
played
await logged 'told="as written 0% free nowhere false"' || say_failed "nothing is said, and what is written counts"
stop

# A switch a round: the configuration names its port anew.
round() { says "$1"; play one; configure; start; played; }
round "
insert into parameter values ('greeting', 'good morning'), ('share', '12.5%');
insert into table_areas values ('+33', 'paris'), ('+331', 'centre'), ('', 'elsewhere');
insert into table_blocked (number, reason) with recursive n(i) as (select 0 union all select i + 1 from n where i < 99999)
    select printf('+331%08d', i), 'row ' || i from n;"
await logged 'told="good morning 12.5% row 99999 centre true"' || say_failed "a row of 100,000 is found"
await logged 'told="good morning 12.5% free elsewhere false"' || say_failed "a prefix of none"
rm -f "$dir/directory.sql"
kill_core
says "
insert into parameter values ('greeting', 'good evening');"
: >"$dir/gcxvm.log"
play one; configure; start; played
await logged 'told="good evening 0% free nowhere false"' || say_failed "what is no longer said is as written"
stop

# What a test says of them from the beginning, gcxsim writes into the directory.
begin said
played
await logged 'told="it.s said 25% rings often paris true"' || say_failed "what the test says"
await logged 'told="it.s said 25% for now abroad true"' || say_failed "what the test says, of another"
stop

# What a test changes while calls wait: the directory is edited and loaded anew, and what was so for a while is over.
begin changed
played
stop
begin moved
played
stop

# What somebody reads all of is refused where it is more than a call holds, with where it is read.
begin one
says "
insert into table_areas with recursive n(i) as (select 0 union all select i + 1 from n where i < 1999)
    select printf('+33%04d', i), 'x' from n;"
reader=$(sed -n '/let all = areas/=' "$source")
expect "areas of the directory is too large: what reads all of it has 49152 bytes and 1000 rows for it (.*settings_wire.gcx:$reader)" \
    ctl reload
played
stop

# What is wrong is refused, with the line.
refused() { says "
$1"; expect "$2" "$gcxvm" --check "$dir/gcx.conf"; }
lines=$(($(wc -l <"$dir/directory.first") + 2))
refused "insert into parameter values ('share', '60%');" \
    "directory.sql:$((lines + 1)): table parameter, row share: column value is 60%; the site has it within 0%..50%: insert into"
refused "insert into parameter values ('share', 'half');" "column value is half; expected a percent"
refused "insert into parameter values ('gretting', 'x');" \
    "directory.sql:$((lines + 1)): table parameter, row gretting: no site of the configured strategies has such a parameter"
refused "insert into table_blocked values ('1', 'x', '2026-03-02'),
    ('2', 'x', 'tomorrow');" \
    "directory.sql:$((lines + 2)): table table_blocked, row 2: column until is tomorrow; expected a date, as 2026-03-02: ('2', 'x', 'tomorrow');"
refused "insert into table_blocked (number) values ('1');" "row 1: column reason is NULL; expected str"
refused "create table table_nobody (a text primary key); insert into table_nobody values ('1');" \
    "table table_nobody: no site of the configured strategies has such a table"
refused "alter table table_areas rename column desk to office; insert into table_areas values ('1', 'x');" \
    "table table_areas: the site's table has no column office"
lines_table='create table table_lines (dnis text primary key, opens text, desk text);'
refused "$lines_table insert into table_lines values ('1800', 'service_hour', 'desk');" \
    "table table_lines, row 1800: column opens is service_hour; expected a schedule of the site: did you mean service_hours?"
refused "$lines_table insert into table_lines values ('1800', 'service_hours', 'elsewhere');" \
    "table table_lines, row 1800: column desk is elsewhere; expected a queue of the site: "
says "$lines_table insert into table_lines values ('1800', 'service_hours', 'desk'), ('1801', 'service_hours', null);"
"$gcxvm" --check "$dir/gcx.conf" >"$dir/checked" 2>&1 || say_failed "names that the site has"
finish
