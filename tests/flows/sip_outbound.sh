#!/bin/bash
# tests/flows/sip_outbound.sh - A campaign over a real trunk: a person, an answering machine, a line that says nothing, a busy
# one, one that rings on, a number that is none (a special information tone before any answer), each with its result in
# the calling list. What is said is spoken by espeak-ng.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/sip_phones.sh"
for program in sqlite3 sox espeak-ng; do command -v $program >/dev/null || { echo "skipped: $program is not installed"; exit 77; }; done
[ -e "$top_builddir/.libs/dialer.so" ] || exit 77
image=$dir/remind.gcxb lists=sqlite:$dir/lists.db
sed 's/answer 1s/answer 5s/' "$top_srcdir/tests/flows/outbound_wire.gcx" >"$dir/remind.gcx"
"$gcxc" build "$dir/remind.gcx" -o "$image" || die "gcxc build"

# ---- voices, and the tone that says that there is no such number (950, 1400, 1800 Hz) ----
spoken() { espeak-ng -w "$dir/said.wav" "$2" && sox "$dir/said.wav" -r 8000 -c 1 -t al "$dir/$1.al" || die "no voice"; }
spoken person 'Hello, Dupont speaking.'
spoken machine 'This is the answering machine of the family Dupont. We are not at home at the moment, and cannot take your call. Please leave your name, your number and a message behind the tone, and we shall call you back as soon as we can.'
sox -n -r 8000 -c 1 -t al "$dir/sit.al" synth 0.33 sine 950 gain -9 : synth 0.33 sine 1400 gain -9 : synth 0.33 sine 1800 gain -9 || die "no tone"

sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<SQL
create table rule_set (name text primary key, lines integer, ports integer, unknown_pause_s integer);
create table campaign (name text primary key, mode text, rule_set text);
insert into dn (number, type) values ('reminders', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('reminders', 'remind', '');
insert into rule_set values ('ours', 10, 10, 86400);
insert into campaign values ('reminders', 'power', 'ours');
SQL
world=$(free_port)
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" numbers = "reminders" outbound = "127.0.0.2:$world" dialable = "+49*" port_file = "$dir/cti.port"
}
adapter dialer { lists = "$lists" rest = "86400" }
CONF
printf 'number\n+493000005%s\n' 2 3 5 6 7 8 | sed '3~2{/^number$/d}' >"$dir/in.csv"
"$top_builddir/gcxlists" --quiet import --zone Europe/Berlin "$lists" reminders "$dir/in.csv" || die "gcxlists import"
in_background python3 "$top_srcdir/tests/flows/sip_outside.py" "$dir" "$world"
start
await ctl campaign reminders load
ctl campaign reminders start >/dev/null || die "gcxctl campaign reminders start"

sql() { sqlite3 -cmd '.timeout 10000' "$dir/lists.db" "$1"; }
all_ended() { [ "$(sql 'select count(*) from attempts where ended is not null')" = 6 ]; }
await all_ended
for said in '2 busy' '3 no_answer' '5 machine' '6 silence' '7 ok' '8 invalid_number'; do
    read -r digit result <<<"$said"
    got=$(sql "select result from attempts where number like '%$digit'")
    [ "$got" = "$result" ] || say_failed "the number with $digit is $got, and not $result"
done
grep -qx 'answered +4930000058' "$dir/outside" && say_failed "the tone was not heard before an answer"
await no_calls
stop
finish
