#!/bin/bash
# tests/flows/postgres_directory.sh - The directory in PostgreSQL: read whole, changed by a transaction that notifies,
# refused whole where it is wrong; the server goes and comes back.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "$top_srcdir/tests/flows/postgres_common.sh"
trap pg_end EXIT
. "$top_srcdir/tests/flows/daemon_common.sh"
also_end() { pg_end; }
pg_begin || { say_failed "the server does not start"; cleanup 1; }
pg_sql <<'SQL' || { say_failed "the tables"; cleanup 1; }
create table skill (name text primary key);
create table agent (name text primary key, display text not null default '', mail text unique);
create table people (id int);
create schema other; create table other.agent (name text);
create table agent_skill (agent text references agent, skill text references skill, level smallint, primary key (agent, skill));
create view "group" as select 'experts'::text as name, 'French >= 8' as members;
alter table agent drop column mail;
insert into skill values ('French');
insert into agent values ('marie', 'Laurent, "Marie"'), ('paul', '');
insert into agent_skill values ('marie', 'French', 7);
SQL
# The trigger that the manual shows.
awk '/sheet: trigger/ { on = 1; next } on && /^\.Ed/ { exit } on && !/^\.Bd/' "$top_srcdir/man/gcx-directory.5.in" >"$dir/trigger.sql"
pg_sql -f "$dir/trigger.sql" || say_failed "the trigger of gcx-directory(5)"
# A strategy that reads a whole table: the core refuses one that is too large for it.
cat >"$dir/one.gcx" <<'GCX'
site {
    default timeout 5m;
    vq service;
    table areas { key area: str; desk: str }
}
strategy one on voice {
    let all = areas;
    stop "{all.count}";
}
GCX
"$gcxc" build --site "$dir/one.gcx" "$dir/one.gcx" -o "$dir/one.gcxb" || cleanup 1
pg_sql -c "create table table_areas (area text primary key, desk text);
    create table dn (number text primary key, type text); insert into dn values ('1800', 'routing_point');
    create table routing_point (dn text primary key, strategy text); insert into routing_point values ('1800', 'one')"
cat >"$dir/gcx.conf" <<CONF
directory = "source:crm"
strategies = {"one.gcxb"}
source crm { postgres = "$pg_conninfo" }
CONF
# As a service manager starts it, which waits for READY=1 after each RELOADING=1.
tool=$top_builddir/tests/flows/service_tool
[ -x "$tool" ] || cleanup 77
"$tool" run "$dir/notify" 600000 "$gcxvm" "$dir/gcx.conf" >"$dir/told" 2>>"$dir/log" &
vm=$!
await ready
expect "French 7" ctl agents marie
await ctl directory diff # the first listening reads it once more
await grep -q RELOADING=1 "$dir/told"
await eval '[ "$(grep -x -e RELOADING=1 -e READY=1 "$dir/told" | tail -n 1)" = READY=1 ]'
expect 'marie,"Laurent, ""Marie"""' sh -c "'$gcxctl' --socket '$dir/state/admin.sock' directory export '$dir/sheets' && cat '$dir/sheets/agent.csv'"

# A transaction is in force when it is committed, without anybody's asking.
pg_sql -c "begin; insert into agent values ('anne', 'Anne'); insert into agent_skill values ('anne', 'French', 3); \
    update agent_skill set level = 9 where agent = 'marie'; commit"
await eval 'ctl agents marie | grep -q "French 9"'
expect "French 3" ctl agents anne
expect "experts" ctl agents marie
expect "NOTIFY" ctl audit

# What is wrong is refused whole, with its row; mended, it is in force.
pg_sql -c "update agent_skill set level = 900 where agent = 'marie'"
await logged 'nothing was changed: source:crm: table agent_skill, row marie/French: column level is 900' ||
    say_failed "the log does not tell of the row"
expect "French 9" ctl agents marie
pg_sql -c "update agent_skill set level = 8 where agent = 'marie'"
await eval 'ctl agents marie | grep -q "French 8"'

# What the core refuses is tried again without another word of the database; so is status without its error.
refused="areas of the directory is too large: what reads all of it .*; it is tried again after 2 s"
pg_sql -c "insert into table_areas select n::text, 'x' from generate_series(1, 2000) n; notify gcx_directory"
await logged "nothing was changed: $refused" || say_failed "the core does not refuse"
ctl status | grep -q "^NOT LOADED .*$refused" || say_failed "status does not tell what is tried again"
pg_sql -c "delete from table_areas where area <> '7'"
await eval 'ctl status >"$dir/says" && ! grep -q "NOT LOADED" "$dir/says"'
expect "table 1 rows" sh -c "'$gcxctl' --socket '$dir/state/admin.sock' settings areas | tr -s ' '"

# A table that the server does not copy to its end is refused, whatever came of it before.
pg_sql -c "create view place as select n::text as name from generate_series(1, 20) n \
    where 1 / (20 - n) < 2; notify gcx_directory"
await logged 'nothing was changed: .*source:crm: table place: ERROR:  division by zero' ||
    say_failed "a table that was cut is in force"
pg_sql -c "drop view place; notify gcx_directory"

# The server goes: what is in force stays, and what changed meanwhile is read when it is back.
pg_stop immediate
await logged 'source:crm: changes are not heard of'
expect_exit 1 ctl reload
expect "French 8" ctl agents marie
pg_start || say_failed "the server does not come back"
pg_sql -c "update agent_skill set level = 5 where agent = 'marie'"
await eval 'ctl agents marie | grep -q "French 5"'

sed -i 's/source:crm/source:crn/' "$dir/gcx.conf"
expect "\`directory\` is source:crn, and there is no \`source crn { ... }\`" "$gcxvm" --check "$dir/gcx.conf"
finish
