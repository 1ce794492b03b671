#!/bin/bash
# tests/flows/sip_outbound.sh - A campaign over real trunks (O1): persons, of whom one has the agent, with their data, and
# others hear within two seconds of their answer that nobody is free; answering machines, of which one is left a message
# behind its beep; fax, silence, a tone before the answer, busy, declined, nobody; each with its result in the calling list.
# A trunk is named by the record; one that is dead, and one that is full, are passed over. Sipp and a world of our own are
# behind the trunks; what is said is spoken by espeak-ng.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/sip_phones.sh"
for program in sqlite3 sox espeak-ng; do command -v $program >/dev/null || { echo "skipped: $program is not installed"; exit 77; }; done
[ -e "$top_builddir/.libs/dialer.so" ] || exit 77
image=$dir/remind.gcxb lists=sqlite:$dir/lists.db
"$gcxc" build "$top_srcdir/tests/flows/sip_outbound.gcx" -o "$image" || die "gcxc build"

# ---- voices; a fax (1100 Hz); the tone that says that there is no such number (950, 1400, 1800 Hz); our messages ----
spoken() { espeak-ng -w "$dir/said.wav" "$2" && sox "$dir/said.wav" -r 8000 -c 1 -t al "$dir/$1.al" "${@:3}" || die "no voice"; }
tone() { sox -n -r 8000 -c 1 "$@" || die "no tone"; }
spoken person 'Hello, Dupont speaking.'
spoken said 'This is the answering machine of the family Dupont. Please leave your name, and your number, and a message behind the tone.'
tone -t al "$dir/beep.al" synth 0.5 sine 1000 gain -9
tone -t al "$dir/pause.al" synth 0.6 sine 1000 gain -90
cat "$dir/said.al" "$dir/pause.al" "$dir/beep.al" >"$dir/machine.al"
tone -t al "$dir/fax.al" synth 0.5 sine 1100 gain -9 pad 0 3 repeat 3
tone -t al "$dir/sit.al" synth 0.33 sine 950 gain -9 : synth 0.33 sine 1400 gain -9 : synth 0.33 sine 1800 gain -9
tone -b 16 "$dir/prompts/nobody.wav" synth 1.5 sine 700 gain -9
tone -b 16 "$dir/prompts/call_back.wav" synth 1 sine 700 gain -9

sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<SQL
create table rule_set (name text primary key, lines integer, ports integer, unknown_pause_s integer);
create table campaign (name text primary key, mode text, rule_set text);
insert into skill values ('Sales');
insert into agent (name, display) values ('marie', 'Marie');
insert into agent_skill values ('marie', 'Sales', 9);
insert into dn (number, type) values ('7001', 'extension'), ('reminders', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('reminders', 'remind', '');
insert into rule_set values ('ours', 20, 20, 86400);
insert into campaign values ('reminders', 'power', 'ours');
SQL
telephone 7001 one auto
world=$(free_port)
in_background python3 "$top_srcdir/tests/flows/sip_outside.py" "$dir" "$world"
outlets=world=127.0.0.2:$world,dead=127.0.0.3:$(free_port)
# behind NAME SCENARIO FROM TO: sipp behind the trunk of that name; TO stands in the place of FROM in the scenario.
behind() {
    local at
    at=$(free_port)
    sed "s|$3|$4|" "$top_srcdir/tests/flows/$2.xml" >"$dir/$1.xml"
    in_background sipp -sf "$dir/$1.xml" -i 127.0.0.2 -p "$at" -nostdin >"$dir/$1.log" 2>&1
    outlets=$outlets,$1=127.0.0.2:$at
}
behind person sip_answers SOUND "$dir/person.al"
behind fax sip_answers SOUND "$dir/fax.al"
behind declined sip_declines STATUS 603
behind full sip_declines STATUS 503
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" numbers = "reminders" prompts = "$dir/prompts" telephones = "$dir/telephones"
    outbound = "$outlets" dialable = "+49*" greeting = 1500 decision = 1800 port_file = "$dir/cti.port"
}
adapter dialer { lists = "$lists" rest = "86400" }
CONF
for wrong in 'x=' '=127.0.0.2' 'world=outside' 'x=127.0.0.2:70000' 'x=127.0.0.2:0' 'x=0.0.0.0' "$(seq -s, -f '127.0.0.%g' 33)"; do
    sed "s|outbound = \"[^\"]*\"|outbound = \"$wrong\"|" "$dir/gcx.conf" >"$dir/wrong.conf"
    "$gcxvm" --check "$dir/wrong.conf" 2>&1 | grep -q 'outbound: .* is neither a numeric address nor NAME=ADDRESS' || say_failed "outbound = $wrong is let in"
done
for wrong in 'Berlin' '+33*; +49*' "+49*, $(printf %099d 0)"; do
    sed "s|dialable = \"[^\"]*\"|dialable = \"$wrong\"|" "$dir/gcx.conf" >"$dir/wrong.conf"
    expect 'dialable: .* is neither a number' "$gcxvm" --check "$dir/wrong.conf"
done
for wrong in 'address = "127.0.0.1:99999"' 'trunks = "0.0.0.0"' 'trunks = "127.0.0.2:70000"' 'tls_address = "127.0.0.1:70000"'; do
    sed "s|address = \"[^\"]*\"|$wrong|" "$dir/gcx.conf" >"$dir/wrong.conf"
    expect "${wrong%% *}: .* is no numeric address" "$gcxvm" --check "$dir/wrong.conf"
done
sed "s|prompts = \"|&/nowhere|" "$dir/gcx.conf" >"$dir/wrong.conf"
expect 'prompts: there is no folder /nowhere' "$gcxvm" --check "$dir/wrong.conf"
sed 's|greeting =|tts = "no-such-voice -v" &|; s|outbound = "[^"]*"|outbound = "six=[::1]"|' "$dir/gcx.conf" >"$dir/wrong.conf"
expect 'tts: there is no program no-such-voice' "$gcxvm" --check "$dir/wrong.conf"
import() { # each column but the number is user data
    local column columns=()
    for column in $(head -n 1 "$dir/in.csv" | tr , ' '); do [ "$column" = number ] || columns+=(--map "$column=$column:text"); done
    "$top_builddir/gcxlists" --quiet --zone Europe/Berlin "${columns[@]}" import "$lists" reminders "$dir/in.csv" || die "gcxlists import"
}
printf '%s\n' number,trunk,name +49300000100,person,Okafor >"$dir/in.csv"
import
start
telephones_on
await in_service 1
in_background python3 "$tool" desk "$dir" marie 7001
await agent_is marie ready
await ctl campaign reminders load
ctl campaign reminders start >/dev/null || die "gcxctl campaign reminders start"

# ---- a person answers, and has the agent: the name is at the desktop while it rings ----
await logged 'EventEstablished dn=7001 '
grep '"EventRinging"' "$dir/desk.7001" | grep -q '"name":"Okafor"' || say_failed "the desktop was not told the customer's name"

# ---- the others, at once: the agent talks ----
cat >"$dir/in.csv" <<'CSV'
number,trunk,caller_id,machine_message
+49300000052,world,,
+49300000053,world,,
+49300000055,world,,call_back
+49300000065,world,,
+49300000056,world,,
+49300000057,"dead, full, world",+4930555,
+49300000058,world,,
+49300000101,fax,,
+49300000102,declined,,
+49300000103,nowhere,,
+49300000104,world,,not_there
CSV
import
sql() { sqlite3 -cmd '.timeout 10000' "$dir/lists.db" "$1"; }
all_ended() { [ "$(sql 'select count(*) from attempts where ended is not null')" = 9 ]; }
await all_ended
for said in '052 busy' '053 no_answer' '055 machine' '065 machine' '056 abandoned' '057 abandoned' '058 invalid_number' '101 fax' '102 refused'; do
    read -r digits result <<<"$said"
    got=$(sql "select result from attempts where number like '%$digits'")
    [ "$got" = "$result" ] || say_failed "the number with $digits is $got, and not $result"
done
outside() { grep -q "$1" "$dir/outside"; }
counted=$(ctl campaign reminders | grep '^abandoned')
grep -q '^abandoned *2 of' <<<"$counted" || say_failed "two have heard that nobody comes, and the campaign counts: $counted"
outside 'answered +4930000058' && say_failed "the tone was not heard before an answer"
outside '^called +49300000057 +4930555$' || say_failed "the number that is told outside is not the record's"
outside '+49300000104' && say_failed "somebody was called who could not have been told"

# ---- who has heard what, and when: `said NUMBER MS PACKETS`, milliseconds behind the answer, packets of 20 ms ----
await outside '^ended +49300000055$'
said() { awk -v number="$1" '$1 == "said" && $2 == number {print $3, $4}' "$dir/outside" | head -n 1; }
for number in +49300000056 +49300000057; do
    read -r ms packets <<<"$(said $number)"
    [ -n "$ms" ] && [ "$ms" -le 2000 ] && [ "$packets" -ge 70 ] || say_failed "$number has heard the message after ${ms:-no} ms, $packets packets of it"
done
greeting=$(($(stat -c %s "$dir/machine.al") / 8))
read -r ms packets <<<"$(said +49300000055)"
[ -n "$ms" ] && [ "$ms" -ge "$greeting" ] && [ "$packets" -ge 45 ] || say_failed "the machine, which speaks for $greeting ms, was left its message after ${ms:-no} ms, $packets packets of it"
[ -z "$(said +49300000065)" ] || say_failed "a machine was left a message that nobody had asked for"

# What our settings cannot do is no attempt: 103 and 104 are as before. A list of another country than may be dialled stops the
# campaign, and is due.
due() { [ "$(sql "select count(*) from records where status in ('ready', 'retrieved') and attempt = 0 and number like '$1'")" = "$2" ]; }
await due '%10_' 2
{ echo number && seq -f '+33145550%03g' 100 139; } >"$dir/in.csv"
import
await logged 'campaign reminders has stopped: .*; there is no such telephone, nor may it be dialled outside (the settings `dialable` and `outbound`)'
expect 'DEGRADED *campaign reminders: it has stopped, nobody_reached: there is no such' ctl status
expect 'not one more  nobody_reached' ctl campaign reminders
await due '+33%' 40

told() { ctl status --json | grep -q "\"trunk-127.0.0.$1"; }
await told 3
grep -q 'trunk-127.0.0.2.*away.*503' "$dir/gcxvm.log" || say_failed "the trunk that is full is not told"
conn=$(rows | awk '{print $2; exit}')
until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' \
    '{"Message":"RequestReleaseCall","ReferenceID":2,"ThisDN":"7001","ConnID":"'"$conn"'"}' >"$dir/answer"
await no_calls
stop

# ---- one book: the list and the records count those who found nobody as the campaign has ----
"$top_builddir/gcxrecords" --once "$dir/gcx.conf" "sqlite:$dir/records.db" >"$dir/records.log" 2>&1 || say_failed "gcxrecords: $(tail -n 1 "$dir/records.log")"
book() { sqlite3 "$dir/records.db" "$1"; }
books="$(sql "select count(*) from attempts where result = 'abandoned'") $(sql "select count(*) from rests where why = 'abandoned'") $(book 'select sum(abandoned) from campaign_quarters') $(book 'select sum(abandoned) from strategy_quarters') $(book "select sum(records) from campaign_results where result = 'abandoned' and campaign = 'reminders'")"
[ "$books" = '2 2 2 2 2' ] || say_failed "abandoned in attempts, persons, campaign_quarters, strategy_quarters, campaign_results: $books"
finish
