#!/bin/sh
# tests/flows/hand_wire.sh - What people change by hand while gcxvm runs: by the role that the site names, within what
# the site allows, for a time; over a reload, a kill -9 and a restart; each change stands in the audit.
. "$top_srcdir/tests/flows/daemon_common.sh"
[ -x "$gcxc" ] || cleanup 77

cat >"$dir/hand.gcx" <<'GCX'
site {
    default timeout 5m;
    parameter qa_rate: percent(0%..50%) = 10% edit quality;
    parameter limit: int = 3;
    parameter said: str = "x";
    parameter desks: list<str> = ["a"];
    table blocked edit fraud { key number: str; reason: str; until: date? }
    table areas from "areas.csv" { key area: str; desk: str }
    table notes { desk: str; key number: str; note: str? }
    table profile { key who: str; level: int }
    schedule hours zone "Europe/Paris" edit planner { mon..fri 08:00..18:00; }
}
strategy one on voice {
    if not sample(qa_rate) and not (ani in blocked) and hours.open() and limit > 1 and said != "" and desks.count > 0 and ani in areas and not (ani in notes) and not (ani in profile) { stop "good"; }
    stop "no";
}
GCX
printf 'area,desk\n+33,paris\n+44,london\n' >"$dir/areas.csv"
"$gcxc" build --site "$dir/hand.gcx" "$dir/hand.gcx" -o "$dir/hand.gcxb" || cleanup 1
make_world ''
cat >>"$dir/directory.sql" <<'SQL'
create table dn (number text primary key, type text);
create table routing_point (dn text primary key, strategy text, defaults text, answer_timeout_s integer, router_grace_s integer);
create table parameter (name text primary key, value);
create table table_blocked (number text primary key, reason text, until text);
insert into dn values ('1800', 'routing_point'), ('7001', 'extension');
insert into routing_point values ('1800', 'one', '7001', 10, 60);
insert into parameter values ('qa_rate', '12.5%');
create table schedule (name text primary key, value text);
create table profile (profile text, vq text, rank integer, delay_s integer, primary key (profile, vq));
insert into profile values ('early', '*', 1, null);
create table table_profile (who text primary key, level integer);
create table table_notes (desk text, number text primary key, note text);
create table holiday (calendar text, date text, primary key (calendar, date));
insert into holiday values ('FR', '2026-12-25'), ('FR', '2026-12-26');
insert into schedule values ('hours', 'mon..fri 09:00..17:00');
insert into table_blocked values ('+331', 'rings often', null), ('+332', 'threats', '2027-01-01');
SQL
quality=64031 other=64032
conf() {
    cat >"$dir/gcx.conf" <<CONF
directory = "directory.sql"
strategies = {"hand.gcxb"}
admin = "admin.sock"
role quality { members = {"group:$quality"} }
role planner { members = {"$other"} }
CONF
}
conf
chmod 755 "$dir"
ctl() { # with one blank between two columns
    "$gcxctl" --socket "$dir/admin.sock" "$@" >"$dir/said" 2>&1
    said=$?
    tr -s ' ' <"$dir/said"
    return $said
}
start

# A parameter: lasting, for a time, over the directory's.
expect "qa_rate parameter 12.5%" ctl settings
expect "qa_rate: 20% (was 12.5%)" ctl set qa_rate=20% reason "more listening"
expect "qa_rate: 30% (was 20%)" ctl set qa_rate=30% for 2h reason "a new team"
expect "qa_rate parameter 30% hand" ctl settings qa_rate
ctl reload >/dev/null || say_failed "gcxctl reload"
expect "qa_rate parameter 30% hand" ctl settings qa_rate
expect '"directory": "12.5%"' ctl settings qa_rate --json

# A row of a table; those that are not named keep what they are.
expect "blocked +332: number=+332, reason=called off, until=2027-01-01 (was number=+332, reason=threats, until=2027-01-01)" \
    ctl set blocked +332 "reason=called off"
expect "blocked +332: number=+332, reason=called off (was number=+332, reason=called off, until=2027-01-01)" ctl set blocked +332 until=
expect "blocked +332: number=+332, reason=called off, until=2027-01-01 (was number=+332, reason=called off)" ctl set blocked +332 until=2027-01-01
expect "blocked +339: number=+339, reason=new (was no row)" ctl set blocked +339 reason=new --new for 1h
expect "blocked has a row +339 already" ctl set blocked +339 reason=other --new
expect "\`new\` is for a row of a table" ctl set qa_rate=20% --new
expect "\`new\` is for a row of a table" ctl set holidays FR 2026-12-27 --new
expect "\`new\` is for a row of a table" ctl set profile marie=early --new
expect "blocked +331: no row (was number=+331" ctl remove blocked +331
expect "blocked table 2 rows hand" ctl settings
expect "blocked +331 row removed" ctl settings blocked

# An agent's profile, and a row of a table that is named profile.
expect "profile marie: early" ctl set profile marie=early
expect "expected AGENT=PROFILE" ctl set profile marie
expect "profile marie: who=marie, level=3 (was no row)" ctl set profile marie level=3
expect "column level is ; expected int" ctl set profile marie level=
expect "both are changed by hand" ctl unset profile marie
expect "expected AGENT alone" ctl unset profile marie=early
expect done ctl unset profile marie=
expect done ctl unset profile marie
expect "nothing of profile marie is changed by hand" ctl unset profile marie

# An empty table, whose key is not its first column.
expect "notes +331: desk=paris, number=+331 (was no row)" ctl set notes +331 desk=paris for 1h
expect "notes +331: desk=paris, number=+331, note=\"\" (was desk=paris, number=+331)" ctl set notes +331 note= for 1h

# A table that the directory does not have: of the rows that the site has written.
expect "areas +33: area=+33, desk=lyon (was area=+33, desk=paris)" ctl set areas +33 desk=lyon
expect "areas +49: area=+49, desk=bonn (was no row)" ctl set areas +49 desk=bonn for 1h
expect "areas table 3 rows hand" ctl settings areas
expect "set areas +33 area=+33, desk=paris area=+33, desk=lyon" ctl audit

# A schedule.
expect "hours: closed (was mon..fri 09:00..17:00)" ctl set hours=closed for 30m reason "fire alarm"
expect "hours: mon..fri 08:00..12:00, 13:00..18:00; 2026-12-25 closed (was closed)" \
    ctl set "hours=mon..fri 08:00..12:00, 13:00..18:00; 2026-12-25 closed"

expect "hours: 2026-12-25 closed; 2026-12-26 closed; mon..fri 08:00..12:00 (was" \
    ctl set "hours=holidays FR closed; mon..fri 08:00..12:00" for 2h
expect "hours: \`holidays GB closed\` names a calendar of which the directory has no row in table holiday" \
    ctl set "hours=holidays GB closed"

# Taken back, one for a time leaves the lasting one below it.
expect "limit: 5" ctl set limit=5 reason "for ever"
expect "limit: 8 (was 5)" ctl set limit=8 for 1h reason "a busy hour"
expect '"lasting": "5"' ctl settings limit --json
expect "limit: back to 5, which lasts" ctl unset limit
expect "limit parameter 5 hand" ctl settings limit
expect "taken back limit - 8 5" ctl audit --name limit
expect done ctl unset limit
expect "limit parameter 3 site" ctl settings limit
expect "notes +332: desk=lyon, number=+332 (was no row)" ctl set notes +332 desk=lyon
expect "notes +332: no row (was desk=lyon, number=+332)" ctl remove notes +332 for 1h
expect '"lasting": "desk=lyon, number=+332"' ctl settings notes --json
expect "notes +332: back to desk=lyon, number=+332, which lasts" ctl unset notes +332
expect "notes +332: no row (was desk=lyon, number=+332)" ctl remove notes +332
expect "notes +332: desk=lyon, number=+332 (was no row)" ctl set notes +332 desk=lyon for 1h
expect "notes +332: back to removed, which lasts" ctl unset notes +332
expect done ctl unset notes +332
# Also an empty one, and that an agent has no profile.
expect "profile marie: " ctl set profile marie=
expect "profile marie: early" ctl set profile marie=early for 1h
expect 'profile marie: back to "", which lasts' ctl unset profile marie
expect done ctl unset profile marie
expect 'said: "" (was x)' ctl set said=
expect 'said: y (was "")' ctl set said=y for 1h
expect 'said: back to "", which lasts' ctl unset said
expect done ctl unset said

# A moment later its time is over, and the value before is there.
expect "limit: 9" ctl set limit=9 for 1s
await eval 'ctl settings limit | grep -q "limit parameter 3 "'

# Killed and started again: what was acknowledged is there.
ctl settings --json | grep -v since >"$dir/before"
kill -9 "$vm"; wait "$vm" 2>/dev/null
start
ctl settings --json | grep -v since >"$dir/after"
cmp "$dir/before" "$dir/after" || say_failed "the restart has changed what is in force"

# Taken back.
expect "qa_rate: back to 20%, which lasts" ctl unset qa_rate reason "they know it all"
expect "qa_rate parameter 20% hand" ctl settings qa_rate
kill -9 "$vm"; wait "$vm" 2>/dev/null
start
expect "qa_rate parameter 20% hand" ctl settings qa_rate
ctl unset qa_rate reason "enough" >/dev/null || say_failed "gcxctl unset"
expect "qa_rate parameter 12.5% directory" ctl settings qa_rate
ctl unset blocked +331 >/dev/null || say_failed "gcxctl unset of a row"
expect "nothing of blocked +331 is changed by hand" ctl unset blocked +331
ctl unset blocked >/dev/null && expect "2 rows" ctl settings || say_failed "gcxctl unset of a table"

expect 'said: "" (was x)' ctl set said= for 1s

# What helps who is refused.
expect "desks is a; expected nothing: a list, map or record stands only in the site" ctl set desks=a
expect "blocked +331: column until is soon; expected a date" ctl set blocked +331 until=soon
expect "did you mean \`qa_rate\`?" ctl set qa_rat=1%
expect "qa_rate is 60%; the site has it within 0%..50%" ctl set qa_rate=60%
expect "qa_rate is many; expected a percent, as 12.5%" ctl set qa_rate=many
expect "expected a duration from 1s to 366 days" ctl set qa_rate=1% for 0s
expect "expected a duration from 1s to 366 days" ctl set qa_rate=1% --for -2h
expect "\`for -2h\`: how long a change is in force is written as \`for 2h\`" ctl set qa_rate=1% for -2h
expect "\`-331\` begins no option; what begins with \`-\` and is none stands behind \`--\`" ctl set blocked -331 reason=x
expect "blocked -331: number=-331, reason=x (was no row)" ctl set -- blocked -331 reason=x for 1s
expect "\`until 2020-01-01T08:00\` is over; it is 2" ctl set qa_rate=1% until 2020-01-01T08:00
expect "\`until 2020-01-01T08:00:00Z\` is over; it is 2" ctl set qa_rate=1% until 2020-01-01T08:00:00Z
expect "\`until 00:00\` is over today: say the day, too; it is 2" ctl set qa_rate=1% until 00:00
expect "expected a time of day, as 18:00" ctl set qa_rate=1% until tonight
expect "\`for\` and \`until\` both say when it ends" ctl set qa_rate=1% until 23:59 for 2h
expect "limit: 7" ctl set limit=7 until "$(date -d '+1 day' +%Y-%m-%d)T12:30"
expect "$(date -d '+1 day' +%Y-%m-%d) 12:30:00" ctl settings limit
expect "limit: 8" ctl set limit=8 until "$(date -d '+1 day' +%Y-%m-%d)T12:30:00+05:30"
expect "$(date -d "$(date -d '+1 day' +%Y-%m-%d)T12:30:00+05:30" '+%Y-%m-%d %H:%M:%S')" ctl settings limit
ctl unset limit >/dev/null || say_failed "gcxctl unset of what has an end"
expect "blocked is a table; expected NAME KEY FIELD=VALUE" ctl set blocked=3
expect "FIELD a column of blocked" ctl set blocked +331 raeson=x
expect "expected a date, as 2026-03-02" ctl set blocked +331 until=soon
expect "blocked has no row +44" ctl remove blocked +44
expect "is no line of a schedule" ctl set "hours=mon..fri 8"
expect "qa_rate: the number 20 says no unit; write it as" ctl set qa_rate=20
expect "blocked: the number 20261224 says no unit; write it as" ctl set blocked +331 until=20261224
expect "blocked: \`+444\` is the key of the row, and not the \`+331\` before it" ctl set blocked +331 number=+444
expect "is no line of a schedule" ctl set hours=
expect "\`tue 08:00..12:00, 11:59..18:00\`: two of these spans overlap; write them as one" ctl set "hours=mon 08:00..12:00, 12:00..18:00; tue 08:00..12:00, 11:59..18:00"
expect "two of these spans overlap" ctl set "hours=mon 22:00..06:00, 10:00..22:01"
expect "hours: mon..sun 22:00..06:00 (was" ctl set "hours=mon..sun 22:00..06:00;" for 1s
expect "there is no parameter, table or schedule" ctl settings nothing

cp "$dir/directory.sql" "$dir/good.sql"
sed -i "s/mon..fri 09:00/mon..fri 9h/" "$dir/directory.sql"
expect "table schedule, row hours: column value is mon..fri 9h..17:00; expected closed, open, or lines" ctl reload
sed -i "s/'hours', 'mon..fri 9h/'huors', 'mon..fri 09:00/" "$dir/directory.sql"
expect "row huors: no site of the configured strategies has such a schedule" ctl reload
cp "$dir/good.sql" "$dir/directory.sql"

# One more holiday, in each schedule that names the calendar; the directory goes on below it.
expect "no schedule that the directory has, and a site in force, says \`holidays FR\`" ctl set holidays FR 2026-12-24
sed -i "s/'mon..fri 09:00..17:00'/'mon..fri 09:00..17:00; holidays FR 10:00..12:00'/" "$dir/directory.sql"
expect "hours: back to mon..fri 08:00..12:00, 13:00..18:00; 2026-12-25 closed, which lasts" ctl unset hours
ctl unset hours >/dev/null || say_failed "gcxctl unset of a schedule"
ctl reload >/dev/null || say_failed "gcxctl reload"
expect "holidays FR 2026-12-24: hours: 2026-12-24 10:00..12:00" ctl set holidays FR 2026-12-24 reason "bridge day"
expect "hours FR 2026-12-24 holiday 2026-12-24 10:00..12:00 hand" ctl settings hours
# Who has not seen it is told who has done it, and changes and undoes nothing.
expect "holidays FR 2026-12-24 was changed meanwhile by" ctl set holidays FR 2026-12-24 --seen 0 reason "nobody did yet"
expect ": bridge day. Look again" ctl unset holidays FR 2026-12-24 --seen 1 reason "as it was"
expect "holidays FR 2026-12-23 was changed meanwhile: the change by hand is taken back. Look again" ctl set holidays FR 2026-12-23 --seen 1 reason "another"
ctl settings hours --json >/dev/null || say_failed "gcxctl settings --json"
seen=$(python3 -c 'import json, sys; print(*(one["since_us"] for one in json.load(sys.stdin)["settings"] if one.get("key") == "FR 2026-12-24"))' <"$dir/said")
expect "holidays FR 2026-12-24: hours: 2026-12-24 10:00..12:00" ctl set holidays FR 2026-12-24 --seen "${seen:-none}" reason "bridge day"
sed -i "s/'mon..fri 09:00..17:00;/'mon..fri 07:00..17:00;/" "$dir/directory.sql"
ctl reload >/dev/null || say_failed "gcxctl reload"
expect "hours schedule mon..fri 07:00..17:00; 2026-12-25 10:00..12:00; 2026-12-26 10:00..12:00; 2026-12-24 10:00..12:00 hand" ctl settings hours
expect "set hours FR 2026-12-24 none 2026-12-24 10:00..12:00" ctl audit
expect "bridge day" ctl audit
ctl settings hours --whole --json >/dev/null && grep -A 3 '"calendars"' "$dir/said" | tr -d ' \n' | grep -q '"hours":"10:00..12:00","name":"FR"\|"name":"FR","hours":"10:00..12:00"' || say_failed "the calendars of a schedule are not told: $(cat "$dir/said")"
grep -q '"zone": "Europe/Paris"' "$dir/said" || say_failed "the zone of a schedule is not told"
expect "that time is over before the day begins" ctl set holidays FR 2099-12-24 for 30d
expect "expected a calendar and a date, as FR 2026-12-25" ctl set holidays FR tomorrow
expect done ctl unset holidays FR 2026-12-24
expect "hours schedule mon..fri 07:00..17:00; 2026-12-25 10:00..12:00; 2026-12-26 10:00..12:00 directory" ctl settings hours
expect "holidays FR 2026-12-24 is not by hand" ctl unset holidays FR 2026-12-24
# A day has two changes, too; and it stays when its schedule's own lines are taken back.
soon=$(date -u -d '+2 days' +%Y-%m-%d)
expect "holidays FR $soon: hours: $soon 10:00..12:00" ctl set holidays FR "$soon"
expect "holidays FR $soon: hours: $soon 10:00..12:00" ctl set holidays FR "$soon" for 30d
expect "holidays FR $soon: back to hours: $soon 10:00..12:00, which lasts" ctl unset holidays FR "$soon"
expect "hours: closed" ctl set hours=closed
expect done ctl unset hours
expect "hours FR $soon holiday $soon 10:00..12:00 hand" ctl settings hours
expect done ctl unset hours
expect "holidays FR $soon is not by hand" ctl unset holidays FR "$soon"

# The audit: who, what, before, why, until when; also what ended by itself.
expect "taken back qa_rate - 30%" ctl audit --name qa_rate
expect "more listening" ctl audit --name qa_rate
expect "over" ctl audit --name limit
expect "imported" ctl audit
expect "set blocked +339 no row number=+339, reason=new" ctl audit
gcxrecords=$top_builddir/gcxrecords
"$gcxrecords" --once "$dir/gcx.conf" "jsonl:$dir/records" >"$dir/gcxrecords.log" 2>&1 || say_failed "gcxrecords: $(cat "$dir/gcxrecords.log")"
grep -q '"table":"audit".*"what":"set".*"name":"blocked".*"key":"+339"' "$dir/records" || say_failed "the records have no row of what was set"
grep -q '"table":"audit".*"what":"over".*"name":"limit"' "$dir/records" || say_failed "the records have no row of what is over"
await logged 'changes qa_rate from 20% to 30%' || say_failed "the log has not both values"

# By the role that the site names, and no other.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    cp "$top_builddir/.libs/gcxctl" "$dir/gcxctl" 2>/dev/null || cp "$gcxctl" "$dir/gcxctl"
    as() { user=$1 group=$2; shift 2; LSAN_OPTIONS=detect_leaks=0 setpriv --reuid "$user" --regid "$group" --clear-groups "$dir/gcxctl" --socket "$dir/admin.sock" "$@"; }
    expect "qa_rate: 5%" as 64040 $quality set qa_rate=5%
    expect "hours is changed by the role planner, which uid:64040 does not have" as 64040 $quality set hours=open
    expect "hours is changed by the role planner, which uid:64040 does not have" as 64040 $quality set holidays FR 2026-12-24
    expect "hours: mon..sun 00:00..24:00" as $other $other set hours=open
    expect "limit has no \`edit ROLE\` in its site: only an admin may change it" as $other $other set limit=4
    expect "drain is for the role admin" as $other $other drain
    expect "uid:64050 is not let in" as 64050 64050 settings
    expect "uid:64040" ctl audit
fi
finish
