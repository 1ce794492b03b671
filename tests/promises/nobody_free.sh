#!/bin/bash
# Somebody whom a campaign has called, and for whom nobody is free, hears so within two seconds of their answer, and is
# left alone afterwards. As the customer: the router dies at the moment of the answer, and the message is heard to its end;
# the exchange dies, and the call is over, but nobody calls a second time; who asks not to be called is not called, though
# another campaign has the number, too. As the campaign: each call has its result, no line stays taken.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/sip_phones.sh"
for program in sqlite3 sox espeak-ng; do command -v $program >/dev/null || { echo "skipped: $program is not installed"; exit 77; }; done
[ -e "$top_builddir/.libs/dialer.so" ] || exit 77
image=$dir/remind.gcxb lists=sqlite:$dir/lists.db
"$gcxc" build "$top_srcdir/tests/flows/sip_outbound.gcx" -o "$image" || die "gcxc build"
espeak-ng -w "$dir/said.wav" 'Hello, Dupont speaking.' && sox "$dir/said.wav" -r 8000 -c 1 -t al "$dir/person.al" || die "no voice"
sox -n -r 8000 -c 1 -b 16 "$dir/prompts/nobody.wav" synth 2 sine 700 gain -9 || die "no message"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<SQL
create table rule_set (name text primary key, lines integer, ports integer, unknown_pause_s integer);
create table campaign (name text primary key, mode text, rule_set text);
insert into skill values ('Sales');
insert into dn (number, type) values ('reminders', 'routing_point'), ('again', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('reminders', 'remind', ''), ('again', 'remind', '');
insert into rule_set values ('ours', 1, 1, 86400);
insert into campaign values ('reminders', 'power', 'ours'), ('again', 'power', 'ours');
SQL
world=$(free_port)
in_background python3 "$top_srcdir/tests/flows/sip_outside.py" "$dir" "$world"
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" numbers = "reminders, again" prompts = "$dir/prompts" outbound = "127.0.0.2:$world"
    dialable = "+49*" greeting = 1500 decision = 1800 port_file = "$dir/cti.port" outlive_s = 60 restart_ms = 200
}
adapter dialer { lists = "$lists" rest = "86400" outlive_s = 60 restart_ms = 200 }
CONF
sql() { sqlite3 -cmd '.timeout 10000' "$dir/lists.db" "$1"; }
# import LIST NUMBER...: into the list of that name.
import() { printf '%s\n' number "${@:2}" >"$dir/in.csv" && "$top_builddir/gcxlists" --quiet --zone UTC import "$lists" "$1" "$dir/in.csv" || die "gcxlists import"; }
block() { "$top_builddir/gcxlists" --country DE block "$lists" "$1" >/dev/null || say_failed "$1 cannot be blocked"; }
outside() { grep -q "$1" "$dir/outside"; }
result_is() { [ "$(sql "select result from attempts where number = '$1' and ended is not null")" = "$2" ]; }
begin() { await ctl campaign "$1" load && ctl campaign "$1" start >/dev/null || die "gcxctl campaign $1 start"; }
heard_in_time() {
    local ms packets
    read -r ms packets <<<"$(awk -v number="$1" '$1 == "said" && $2 == number {print $3, $4}' "$dir/outside")"
    [ -n "$ms" ] && [ "$ms" -le 2000 ] && [ "$packets" -ge 90 ] || say_failed "$1 has heard the message after ${ms:-no} ms, ${packets:-0} packets of it"
}

# ---- the router dies as the customer answers ----
first=+49300000107 second=+49300000117 third=+49300000127
import reminders $first
start
begin reminders
await outside "^answered $first"
exchange=$(adapter_pid)
kill_core
await outside "^ended $first"
heard_in_time $first
start
[ "$(adapter_pid)" = "$exchange" ] || say_failed "the exchange did not outlive the router"
await result_is $first abandoned
await no_calls

# ---- the exchange dies while the message plays; the customer has asked not to be called ----
import reminders $second
await outside "^heard $second"
block $second
kill -9 "$exchange"
await no_calls
await result_is $second abandoned

# ---- another campaign has the number, too: it calls the next one alone ----
import again $second $third
begin again
await outside "^ended $third"
heard_in_time $third
await result_is $third abandoned
await no_calls
for number in $first $second $third; do
    [ "$(grep -c "^called $number " "$dir/outside")" = 1 ] || say_failed "$number was called $(grep -c "^called $number " "$dir/outside") times"
done
stop
finish
