#!/bin/sh
# tests/flows/what_if.sh - gcxctl what-if of a journal of five callers, by other versions and by other settings: what is the
# same although it asks less, more often or in another order; what differs, and where; what cannot be known; what fails.
# Waits and load of a busier day, before and after. Then journals that are cut, altered, without an image, or none. No gcxvm runs: tests/flows/shadow.sh has one.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
top_builddir=$(cd "$top_builddir" && pwd)
gcxc=$top_builddir/gcxc gcxctl=$top_builddir/gcxctl gcxdb=$top_builddir/gcxdb journal=$top_builddir/tests/debugger/journal
for program in "$gcxc" "$gcxctl" "$gcxdb" "$top_builddir/gcxrecords" "$top_builddir/gcxtwin" "$journal"; do
    [ -x "$program" ] || { echo "$program is missing: make check builds it"; exit 1; }
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cp "$top_srcdir"/tests/flows/what_if/* "$work" && cd "$work" || exit 1
failed=0
mkdir tmp && export TMPDIR="$work/tmp"
say() {
    echo "FAILED $*"
    cat said
    failed=$((failed + 1))
}
mkdir "it's a state" campaign long cut altered imageless empty near
"$gcxc" build clinic.gcx -o base.gcxb && "$journal" base.gcxb "it's a state" "five call" || exit 1
"$journal" base.gcxb near "five call" snapshot 40 || exit 1
conf() {
    printf 'state = "%s"\ndirectory = "directory.sql"\nstrategies = {"base.gcxb"}\n' "$1" >gcx.conf
}
conf "$work/it's a state"

# what_if STATUS ARGUMENT...: ends so; what it says is in `said`. The load is left out, for it takes time.
load=--no-load
what_if() {
    status=$1
    shift
    "$gcxctl" what-if --config gcx.conf $load "$@" >said 2>&1
    got=$?
    [ $got = "$status" ] || say "what-if $*: ended with $got, not $status"
}
# says TEXT...: it has said each of these.
says() {
    for text; do grep -qe "$text" said || say "should say: $text"; done
}
# version NAME SED STATUS TEXT...: another version, which differs by this from the one that ran.
version() {
    sed "$2" clinic.gcx >changed.gcx
    cmp -s changed.gcx clinic.gcx && say "the version $1 is the same text"
    "$gcxc" build changed.gcx -o "$1.gcxb" >said 2>&1 || say "gcxc build: $1"
    what_if "$3" "$1.gcxb"
    shift 3
    says "$@"
}
query='query patients first Patient `select tier, visits from patient where number = {number}` timeout 2s else none;'

what_if 0 base.gcxb
says '^what-if of /.*/base.gcxb, for ' '^5 interactions: 5 the same, 0 different, 0 not known, 0 failed'
# Decisions are compared, and neither questions nor what takes no effect.
version twice "s/^    let patient/    let before = $query\n&/" 0 '5 the same'
version order 's/^    let patient.*//; s/^    attach tier/    let patient = '"$query"'\n&/' 0 '5 the same'
version less 's/^    attach parcel.*/    attach parcel = "";/' 0 '5 the same.*5 with other user data'
# What differs is told by line, by why, and with an example that gcxdb opens.
version desk 's/route queue desk/route queue night/' 1 'present .*clinic.gcx:18 .*dest=5000' 'candidate .*changed.gcx:18 .*dest=5001' 'the same step, with other values'
version plays 's/^    attach tier/    ivr.play(prompt other) else {};\n&/' 1 '5 different' 'does something else' 'PlayAnnouncement'
eval "$(sed -n "s#^ *gcxdb replay#\"$gcxdb\" replay --batch#p" said | head -n 1)" </dev/null >opened 2>&1
grep -q 'differs' opened || { say "gcxdb does not open the example"; cat opened; }
version skill 's/Care >= 2/Care >= 3/' 1 'asks for other agents or times' 'skill Care >= 5; .*after 20000 ms skill Care >= 2' 'after 20000 ms skill Care >= 3'
# What a condition of a selection is made of, and its other arguments, are seen; so is what stands behind the end of a long text.
version compares 's/waiting < 90/waiting < 80/' 1 '5 different' 'asks for other agents or times'
version captures 's/patient?.visits else 0/patient?.visits else 9/' 1 '3 different' 'asks for other agents or times'
version goal 's/goal 1m/goal 2m/' 1 '5 different' 'goal 60000 ms' 'goal 120000 ms'
# So is what is computed: times, and what a condition takes of a list.
mkdir computed && sed 's/goal 1m/goal 1m + 10s * visits/; s/^    let who/    let few = [3, 7];\n&/; s/visits < 9 and/visits in few and/' clinic.gcx >computed.gcx
"$gcxc" build computed.gcx -o computed.gcxb && "$journal" computed.gcxb computed "five call" || exit 1
conf "$work/computed"
what_if 0 computed.gcxb
for what in 's/10s \* visits/20s * visits/' 's/few = .3, 7/few = [4, 7/'; do
    sed "$what" computed.gcx >changed.gcx
    "$gcxc" build changed.gcx -o changed.gcxb || exit 1
    what_if 1 changed.gcxb
    says 'asks for other agents or times'
done
# A version that asks less selects sooner, so its times may be others: they are not compared, and that is told.
sed 's/10s \* visits/20s * visits/; s/^    attach parcel.*/    attach parcel = "";/' computed.gcx >changed.gcx
"$gcxc" build changed.gcx -o changed.gcxb || exit 1
what_if 0 changed.gcxb
says '5 the same' '[1-5] of the same but for times that a selection computed at another moment'
conf "$work/it's a state"
# A constant more, which nothing reads, moves the rows of all others.
version unread 's/^    attach tier/    log.note("a text that is nowhere else, {number}"); log.note("and another one, {number}");\n&/' 0 '5 the same'
# Another priority is one interaction's own difference: the others, who would get other agents for it, are the same.
version priority 's/priority = 20/priority = 30/' 1 '4 the same, 1 different' 'priority 30' 'after the condition at changed.gcx:12'
# A random share falls out the same, also behind an interaction that one version alone makes: that one is told.
sed 's/^    attach tier/    if sample(50%) { priority = 15; }\n&/' clinic.gcx >share.gcx
mkdir share && "$gcxc" build share.gcx -o share.gcxb && "$journal" share.gcxb share "five call" || exit 1
conf "$work/share"
what_if 0 share.gcxb
sed 's/^    let patient/    if ani == "+33145550101" { work.submit(queue night, "to do", ["number": number]) else {}; }\n&/' share.gcx >changed.gcx
"$gcxc" build changed.gcx -o changed.gcxb || exit 1
what_if 1 changed.gcxb
says '4 the same, 1 different' 'Submitted: does something else' 'present 0, candidate 1'
# Contacts of a campaign are compared, too; who was dialled otherwise has no later attempts that could be.
cp "$top_srcdir"/strategies/collections/*.gcx "$work/campaign" && mkdir called && "$gcxc" build campaign -o called.gcxb &&
    "$journal" called.gcxb called "busy three times, then the next number" || exit 1
conf "$work/called"
what_if 0 called.gcxb
says '^6 interactions: 6 the same'
sed -i 's/answer 25s else e/answer 20s else e/' campaign/collections.gcx && "$gcxc" build campaign -o changed.gcxb || exit 1
what_if 1 changed.gcxb
says '2 different' 'RequestMake.*Call: the same step, with other values' 'present 4, candidate 0'
# Of two long selections the last lines differ alone.
lines=$(i=20; while [ $i -lt 44 ]; do printf 'after %ss: skill Care >= 2; ' $i; i=$((i + 1)); done)
sed "s/after 20s: skill Care >= 2;/$lines/" clinic.gcx >long.gcx
"$gcxc" build long.gcx -o long.gcxb && "$journal" long.gcxb long "five call" || exit 1
conf "$work/long"
what_if 0 long.gcxb
sed 's/after 43s: skill Care >= 2/after 43s: skill Care >= 3/' long.gcx >changed.gcx
"$gcxc" build changed.gcx -o changed.gcxb || exit 1
what_if 1 changed.gcxb
says 'asks for other agents or times'
conf "$work/it's a state"
# What the journal has no answer for is not known; that alone is nothing that could be compared.
version asks 's/select tier, visits/select tier, visits + 1 as visits/' 3 '5 not known' 'Query: asks what the present version did not ask'
version fetches 's/http.parcel(number)/http.parcel("{number}{number}")/' 3 '5 not known' 'HttpRequest'
# So it is with a chain of questions; the core slows down who asks what has failed, which is a difference.
version chain 's/^    attach parcel/    let n = 0;\n    while n < 150 { let again = '"$query"' n = n + 1; }\n&/' 1 '2 not known' 'more than a hundred questions one after another'
# A version that fails, or never comes to an end, fails in each interaction, and is bounded.
version fault 's/^    attach tier/    let zero = number.count - number.count;\n    priority = 10 \/ zero;\n&/' 1 '5 failed' 'division by zero'
version loops 's/^    attach tier/    let n = 1;\n    while n > 0 { n = n + 1; if n > 1000 { n = 1; } }\n&/' 1 '5 failed' 'no fuel left'
# A version without the strategy, at a routing point that is not there, of a time in which nothing came.
sed 's/strategy clinic/strategy other/; s/call clinic/call other/' clinic.gcx >changed.gcx
"$gcxc" build changed.gcx -o other.gcxb || exit 1
what_if 3 other.gcxb
says 'none of the strategies that ran'
printf 'strategy clinic on email {\n    route queue desk;\n}\n' >mails.gcx
"$gcxc" build mails.gcx -o mails.gcxb || exit 1
what_if 2 mails.gcxb
says 'clinic for other media than the one that runs at 1800: it would never begin; --point'
what_if 3 --point 1999 base.gcxb
says 'no routing point 1999'
what_if 0 --point 1800 --json base.gcxb
says '"interactions": 5' '"same": 5' '"rows": \[\]' '"examples": \[\]'
what_if 3 --since 1s base.gcxb
says 'nothing arrived'

# Settings.
what_if 1 --parameter patience_limit=30s
says '5 different' 'for 45000 ms' 'for 30000 ms'
what_if 0 --parameter patience_limit=45s
what_if 1 --table 'blocked +33145550102 reason=rings'
says '4 the same, 1 different' 'present .*PlayAnnouncementAndDigits' 'candidate .*clinic.gcx:7'
what_if 1 --schedule hours=closed
says '5 different' 'prompt=closed'
what_if 2 --parameter patience_limit=30
says 'says no unit'
what_if 2 --parameter patience_limt=30s
says 'did you mean `patience_limit`'
what_if 2 --table 'blocked'
what_if 2
says 'expected an image, or a setting'
what_if 2 missing.gcxb
says 'missing.gcxb: '
what_if 2 clinic.gcx
says 'not a good image'
what_if 2 --since yesterday base.gcxb
says 'takes a duration'

# Waits and load: of forty callers, with another version; not of five, of the version that ran, or of other settings.
load=''
what_if 0 base.gcxb
says 'load are not told: it is the version that ran'
what_if 1 desk.gcxb
says 'load are not told: 5 calls are too few'
what_if 1 --parameter patience_limit=30s
says 'load are not told: a simulation knows another version'
load=--no-load
what_if 1 desk.gcxb
grep -q 'Waits' said && say "--no-load tells waits"
load=''
mkdir day
{
    sed '/^test/,$d' clinic.gcx
    echo 'test "day" { agent paul (Care: 3) ready; agent marie (Care: 7) ready;'
    echo 'query patients -> Patient(tier: "silver", visits: 3); http.parcel -> "on its way";'
    echo 'ivr.digits(prompt number) -> "17"; call clinic from "+33145550101" to "1800";'
    for second in $(seq 3 3 120); do
        echo "after ${second}s: call clinic from \"+331455502$second\" to \"1800\";"
    done
    echo '}'
} >day.gcx
sed 's/skill Care >= 5; after 20s: //' day.gcx >sooner.gcx
"$gcxc" build day.gcx -o base.gcxb && "$gcxc" build sooner.gcx -o sooner.gcxb && "$journal" base.gcxb day day || exit 1
conf "$work/day"
what_if 1 sooner.gcxb
says 'simulated 10 times with 41 calls' '^  wait, median .* s ' '^  wait, 90 % ' '^  abandoned .* %' '^  answered within 20 s ' \
    '^  agents busy, in no group .* %'
sed -n 's/^  \(gcxrecords .*\)/\1/p' said | sed "s#gcxrecords#\"$top_builddir/gcxrecords\"#; s#gcxc #\"$gcxc\" #; s#--directory .*#--agents '2 (Care: 7)'#" >hand
sh -e ./hand >said 2>&1 || say "the commands by hand fail: $(cat hand)"
says '10 replications' 'wait, median'
what_if 1 --json sooner.gcxb
says '"measure": "p90"' '"day": [0-9]' '"before"' '"difference"' '"why_not": null'
# What a change by hand would do to the next two hours: the callers of two weekdays, which the records have; a week later.
export TZ=UTC
"$top_builddir/gcxrecords" --once --state day gcx.conf sqlite:weeks.db >said 2>&1 || say "gcxrecords fails"
python3 - <<'EOF'
import sqlite3
file = sqlite3.connect("weeks.db")
for table in "interactions", "owners", "offers", "vq_visits":
    rows = file.execute(f"SELECT * FROM {table}").fetchall()
    for row in rows:
        earlier = [value.replace("2024-01-01", "2023-12-25") if isinstance(value, str) else value for value in row[1:]]
        file.execute(f"INSERT INTO {table} VALUES({','.join('?' * len(row))})", [2, *earlier])
file.commit()
EOF
# soon STATUS ARGUMENT...: as what_if above.
soon() {
    status=$1
    shift
    "$top_builddir/gcxtwin" soon --config gcx.conf --at '2024-01-08 09:00' "$@" >said 2>&1
    got=$?
    [ $got = "$status" ] || say "soon $*: ended with $got, not $status"
}
weeks='--records sqlite:weeks.db --answers day'
soon 1 $weeks patience_limit=10s
says '^patience_limit: 45s -> 10s' '24 times each way: 2 of the last 8 same weekdays' '^2 agents who are logged in' \
    '^  wait, 90 %  *22.0 s  *2.0 s  *-20.0 s .* differs' '^  abandoned  *0.0 %'
soon 0 $weeks patience_limit=45s
soon 1 $weeks --json hours=closed
says '"days": 2' '"replications": 24' '"why_not": null' '"differs": true' '"measure": "occupancy"'
# A change for a minute is over before most calls come; a row of a table is one caller's.
soon 1 $weeks --for 1m hours=closed
says 'answered within 20 s, ward .*+2.1 %'
soon 0 $weeks blocked +33145550199 'reason=it rings'
says '^blocked +33145550199: no row -> .*reason=it rings'
soon 0 $weeks --new blocked +33145550199 'reason=it rings'
says '^blocked +33145550199: no row -> .*reason=it rings'
soon 2 $weeks --remove blocked +33145550199
says 'blocked has no row +33145550199'
soon 2 $weeks --unset patience_limit
says 'nothing of patience_limit is changed by hand'
# What stands in the way is said.
soon 3 patience_limit=10s
says 'not simulated: nobody is there, and nobody is expected in these hours'
soon 3 $weeks --at '2025-01-08 09:00' patience_limit=10s
says 'not simulated: nobody is there, and nobody is expected in these hours'
soon 2 $weeks patience_limt=10s
says 'did you mean `patience_limit`'
soon 2 $weeks --ahead 2d patience_limit=10s
# Who waits is there, too, behind a call that an agent has. The journal is cut where Marie has the first of three.
mkdir three
{
    sed '/^test/,$d' clinic.gcx
    echo 'test "three" { agent marie (Care: 7) ready; query patients -> Patient(tier: "silver", visits: 3); http.parcel -> "on its way";'
    echo 'ivr.digits(prompt number) -> "17"; call clinic from "+33145550101" to "1800";'
    echo 'after 15s: call clinic from "+33145550102" to "1800"; after 16s: call clinic from "+33145550103" to "1800"; }'
} >three.gcx
cp base.gcxb kept.gcxb && "$gcxc" build three.gcx -o base.gcxb && "$journal" base.gcxb three three || exit 1
python3 -c 'import sqlite3
file = sqlite3.connect("three/journal.db")
file.execute("DELETE FROM batch WHERE number > 30")
file.commit()' && rm three/journal.end
conf "$work/three"
soon 1 --json patience_limit=10s
says '"agents": 1' '"calls_now": 3'
mv kept.gcxb base.gcxb && conf "$work/day"
# Nobody else is expected: who is there is simulated alone, whatever the medium. Of the records chats come as calls do.
printf '%s\n' 'strategy calls on voice { let who = select in vq ward { skill Care >= 5; } timeout 1m else stop "nobody"; route who answer 15s else stop "gone"; }' \
    'strategy chats on chat { let who = select in vq ward { skill Care >= 5; } timeout 1m else stop "nobody"; route who answer 15s else stop "gone"; }' >talks.gcx
mkdir now && : >now/settings && printf 'calls,1800,5s,voice\nchats,,9s,chat\nchats,,9s,chat\ngone,,9s,chat\n' >now/calls.csv
simulated() {
    "$gcxc" simulate --situation now --warm-up 1h --for 1h --agents '3 (Care: 7)' --format json "$@" talks.gcx >said 2>&1 || say "simulate $* fails: $(cat said)"
}
answered() { # COUNT: so many chats are answered
    sed -n '/"medium", "name": "chat"/,/"answered"/p' said | grep -q "\"answered\": *{\"value\": {\"mean\": $1," || say "not $1 chats are answered: $(sed -n '/"medium", "name": "chat"/,/"answered"/p' said)"
}
simulated
says '"days": 0' 'left out: 1 calls of strategy gone'
answered 2
python3 - <<'EOF'
import sqlite3
file = sqlite3.connect("talks.db")
tables = {"interactions": "ixn, media, call_type, dnis, received, ended, outcome", "owners": "ixn, kind, name", "offers": "ixn, answered, ring_ms, handle_ms, outcome", "vq_visits": "ixn, entered, ended", "agent_states": "agent, media, state, began, ended, ms"}
for table, columns in tables.items():
    file.execute(f"CREATE TABLE {table}(journal, batch, n, {columns})")
for n in range(20):
    at = f"2024-01-01 10:{3 * n:02}:00.000"
    file.execute("INSERT INTO interactions VALUES(1, ?, 0, ?, 'chat', ?, 'shop', ?, ?, 'done')", (n, n, 'unknown' if n % 2 else None, at, at))
    file.execute("INSERT INTO owners VALUES(1, ?, 0, ?, 'strategy', 'chats')", (n, n))
    file.execute("INSERT INTO offers VALUES(1, ?, 0, ?, ?, 2000, 60000, 'answered')", (n, n, at))
file.commit()
EOF
simulated --records sqlite:talks.db --day '2024-01-01 09:00,2023-12-25 09:00' --lead-in '2024-01-01 09:00'
says '"days": 1'
answered 20
: >now/calls.csv
"$gcxc" simulate --situation now --warm-up 1h --for 1h --agents '3 (Care: 7)' talks.gcx >said 2>&1 && say "nobody is simulated"
says 'nobody is there, and nobody came at these hours'
# Where nobody gets an agent unless they key something, no figures are told.
sed 's/let who/if number == "00" { route queue desk; }\n    &/' day.gcx >keyed.gcx
sed 's/after 20s/after 10s/' keyed.gcx >later.gcx
mkdir keyed && "$gcxc" build keyed.gcx -o base.gcxb && "$gcxc" build later.gcx -o later.gcxb && "$journal" base.gcxb keyed day || exit 1
conf "$work/keyed"
what_if 1 later.gcxb
says 'load are not told: nobody gets an agent there'
what_if 1 --answers day later.gcxb
says 'callers$' 'as in the tests that are named' ' the day *before *after *more' '^  wait, median  *[0-9.]* s  *[0-9.]* s  *[0-9.]* s ' "--answers 'day'"
what_if 1 --answers night later.gcxb
says 'load are not told: .*there is no such test'
[ -z "$(ls -d "$work"/tmp/* 2>/dev/null)" ] || say "files are left in TMPDIR"
"$gcxc" build clinic.gcx -o base.gcxb || exit 1
load=--no-load

# Journals: from a snapshot on, cut, altered, without its image, empty, none.
conf "$work/near"
what_if 0 base.gcxb
says '5 the same'
head -c 20000 "it's a state/journal.db" >cut/journal.db
conf "$work/cut"
what_if 2 base.gcxb
LC_ALL=C sed 's/tserver/tsarver/' "it's a state/journal.db" >altered/journal.db
conf "$work/altered"
what_if 2 base.gcxb
LC_ALL=C sed 's/patience_limit/patience_lemit/' "it's a state/journal.db" >imageless/journal.db
conf "$work/imageless"
what_if 2 base.gcxb
conf "$work/empty"
what_if 2 base.gcxb
says 'cannot be read'
[ ! -e empty/journal.db ] || say "a journal was made by reading"
exit $((failed > 0))
