#!/bin/bash
# tests/flows/simulate.sh - gcxc simulate: the manual's example, conditions and their exit codes, two versions on the same
# callers, files, what machines read, how many agents each hour needs, and what is refused.
set -u
gcxc=$(cd "$top_builddir" && pwd)/gcxc
cd "$top_srcdir" || exit 1
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-simulate-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
failures=0
wrong() { echo "FAILED: $*"; failures=$((failures + 1)); }
# expect CODE TEXT ARGUMENT...: gcxc simulate ends so, and says so.
expect() {
    local code=$1 text=$2 got; shift 2
    "$gcxc" simulate "$@" >"$dir/said" 2>&1; got=$?
    [ "$got" = "$code" ] || { wrong "simulate $* ended with $got, not $code"; cat "$dir/said"; }
    grep -qF -- "$text" "$dir/said" || { wrong "simulate $* should say: $text"; cat "$dir/said"; }
}

# The manual's example, as it stands there.
sed -n '/tested: tests\/flows\/simulate.sh/,/^\.Ed/p' man/gcxc.1.in | sed '/^\./d; s/\\e$/\\/; s/^gcxc/"$gcxc"/' >"$dir/example"
grep -q simulate "$dir/example" || wrong "gcxc(1) has no example"
. "$dir/example" >"$dir/first" 2>"$dir/progress" || { wrong "the manual's example is not met"; cat "$dir/first"; }
grep -q '^met  sl(service) >= 60%: it is ' "$dir/first" || wrong "the example tells no condition"
grep -q 'calls/s$' "$dir/progress" || wrong "it does not say how fast it was"
# Faxes, work and media of the site's own come and are worked on as e-mails are.
printf 'site { skill Claims; vq claims; queue archive; medium forms = 2; }\nstrategy paper on fax, forms {\n    connect in vq claims { skill Claims >= 1; } timeout 10m else {};\n    route queue archive;\n}\nstrategy claim on work {\n    connect in vq claims { skill Claims >= 1; } timeout 10m else {};\n    route queue archive;\n}\n' >"$dir/fax.gcx"
expect 0 'met  handled(work) > 5' "$dir/fax.gcx" --arrivals paper=20/h --arrivals claim=10/h --agents '2 (Claims: 5)' \
    --handling 3m --require 'handled(fax) > 10' --require 'handled(work) > 5'
grep -q 'interactions/s$' "$dir/said" || wrong "faxes are told as calls"
expect 0 'met  handled(forms) > 10' "$dir/fax.gcx" --arrivals paper/forms=20/h --agents '2 (Claims: 5)' \
    --require 'handled(forms) > 10'
grep -q '^medium forms$' "$dir/said" || wrong "a medium of the site's own is not told by its name"
expect 1 'not exactly one strategy carries what is simulated' "$dir/fax.gcx" --arrivals 20/h --agents '2 (Claims: 5)'
# The same in one process, as in two.
sed 's/simulate/simulate -j 1/' "$dir/example" >"$dir/again"
. "$dir/again" 2>/dev/null | cmp -s - "$dir/first" || wrong "one process finds something else than several"

mkdir "$dir/new" "$dir/old" || exit 1
cat >"$dir/new/site.gcx" <<'END'
/// A site.
site { default timeout 10m; skill English; group late; vq service; queue desk; }
END
cat >"$dir/new/one.gcx" <<'END'
/// Whoever is longest idle.
strategy one on voice {
    let who = select in vq service { skill English >= 1; after 40s: group late; } timeout 1h else goto desk;
    route who else goto desk;
    desk: route queue desk;
    on abandoned {}
}
/// The desk, at once.
strategy desk_only on voice { route queue desk; on abandoned {} }
END
cp "$dir/new"/* "$dir/old" && sed -i 's/after 40s/after 10s/' "$dir/old/one.gcx"
printf 'from,calls\n08:00,30\n08:15,60\n08:30,40\n08:45,10\n' >"$dir/profile.csv"
printf '90\n120s\n3m\n10m\n' >"$dir/talks.csv"
printf '08:00\n08:01:30\n08:01:31\n' >"$dir/list.csv"
day=("$dir/new" --arrivals "one=profile($dir/profile.csv)" --handling "file($dir/talks.csv)" --replications 5
    --agents '9 (English: 5)' --agents '2 in group late' --patience 'exponential(3m)')

expect 0 'met  sl > 1%' "${day[@]}" --require 'sl > 1%' --require 'longest(service) <= 1h'
expect 1 'NOT MET  sl(service) >= 99.9%: it is ' "${day[@]}" --require 'sl(service) >= 99.9%'
mean=$("$gcxc" simulate "${day[@]}" --format csv 2>/dev/null | awk -F, '$2 == "\"service\"" && $3 == "asa" {print $5}')
expect 1 'so more replications have to decide' "${day[@]}" --require "asa(service) < ${mean}s"
expect 1 'OPEN  sl >= 1%' "${day[@]}" --replications 1 --require 'sl >= 1%'
for name in 'sl(sales) >= 1%' 'failures(service) >= 1' 'occupancy(one) >= 1%'; do
    expect 1 'of that name' "${day[@]}" --require "$name"
    grep -q 'calls/s' "$dir/said" && wrong "$name is looked for when all is played"
done
expect 2 "--replications takes a number of 1 or more, not '0'" "${day[@]}" --replications 0
expect 2 'begins with no measure' "${day[@]}" --require 'level >= 1%'
expect 2 'its value is a part such as 80%' "${day[@]}" --require 'sl >= 80'

# The same version on the same callers: no difference at all; another one: who is offered is the same.
"$gcxc" simulate "${day[@]}" --against "$dir/new" --format csv >"$dir/same.csv" 2>&1
awk -F, 'NR > 1 && $11 != "" && $11 + 0 != 0' "$dir/same.csv" | grep . && wrong "a version differs from itself"
"$gcxc" simulate "${day[@]}" --against "$dir/old" --format csv --html "$dir/page.html" >"$dir/csv" 2>&1
awk -F, '$2 == "\"service\"" && $3 == "offered" && $11 == 0 && $5 > 100 {n++} $2 == "\"service\"" && $3 == "sl" && $13 < 0 {n++}
    END {exit n != 2}' "$dir/csv" || { wrong "the two versions"; cat "$dir/csv"; }
[ "$(grep -c '<svg' "$dir/page.html")" -ge 4 ] || wrong "the page has no charts"
[ "$(grep -c '<svg' "$dir/page.html")" = "$(grep -c '<svg.* role="img" aria-label="[A-Z]' "$dir/page.html")" ] || wrong "a picture of the page has no name"
grep -E 'https?:|<script|<link|url\(' "$dir/page.html" && wrong "the page loads something"
"$gcxc" simulate "${day[@]}" --format json 2>/dev/null >"$dir/json"
if command -v python3 >/dev/null; then
    python3 - "$dir/json" <<'END' || wrong "the JSON"
import json, sys
told = json.load(open(sys.argv[1]))
queue = [r for r in told["results"] if r["what"] == "vq"][0]["measures"]
assert queue["sl"]["value"]["low"] <= queue["sl"]["value"]["mean"] <= queue["sl"]["value"]["high"]
assert len(queue["offered"]["replications"]) == told["replications"] == 5
course = [r for r in told["results"] if r["what"] == "vq"][0]["course"]
assert {len(row) for row in course.values()} == {96} and told["part_s"] * 96 == told["counted_s"]
assert abs(sum(course["offered"]) - queue["offered"]["value"]["mean"]) < 1e-6, course
END
fi

# Several strategies: shares, numbers, a list of moments.
expect 0 'strategy desk_only' "$dir/new" --arrivals 100/h --share one=75% --share desk_only=25% --agents '9 (English: 5)' \
    --handling 1m --replications 2
"$gcxc" simulate "$dir/new" --arrivals "desk_only@1801=times($dir/list.csv)" --replications 1 --format csv 2>/dev/null |
    grep -q '^strategy,"desk_only",cleared,count,3,' || wrong "three moments are three calls"

# Shifts: calls at 08:00, 08:01:30 and 08:01:31, one agent.
shift_of() { printf 'who,from,to,break\n%s\n' "$1" >"$dir/shifts.csv"; }
one=("$dir/new" --arrivals "one=times($dir/list.csv)" --replications 1 --format csv --patience 10m --agents 'early=1 (English: 5) in group late'
    --shifts "$dir/shifts.csv")
shift_of early,08:01,08:02 # comes later, and goes home behind the first call, which is then out of the shift
expect 0 '"service",answered,count,1,' "${one[@]}" --handling 90s
grep -q '"service",asa,seconds,60,' "$dir/said" || { wrong "the agent does not come at 08:01"; cat "$dir/said"; }
grep -q '^agents,"early",occupancy,share,1,' "$dir/said" || { wrong "the occupancy is not of the time at work"; cat "$dir/said"; }
shift_of late,08:00,08:01,break
expect 0 '"service",answered,count,3,' "${one[@]}" --handling 20s
grep -q '"service",longest,seconds,60,' "$dir/said" || { wrong "the break is not over at 08:01"; cat "$dir/said"; }
shift_of all,22:00,08:01 # over midnight
expect 0 '"service",asa,seconds,0,' "${one[@]}"
grep -q '"service",answered,count,1,' "$dir/said" || { wrong "the agent is there at 08:01"; cat "$dir/said"; }
shift_of all,09:00,10:00 # of rates the day begins at ten, or as --start says
expect 0 '"service",answered,count,0,' "$dir/new" --arrivals one=60/h --warm-up 1m --for 1h --patience 1m --agents '3 (English: 5)' \
    --shifts "$dir/shifts.csv" --format csv --replications 2
expect 0 '"service",abandoned,count,0,' "$dir/new" --arrivals one=60/h --start '2026-03-02 09:10' --warm-up 1m --for 40m --patience 1m \
    --agents '9 (English: 5)' --shifts "$dir/shifts.csv" --format csv --replications 2
shift_of nobody,09:00,10:00
expect 1 "are called 'nobody'" "${one[@]}"
shift_of early,09:00
expect 1 'a row is who, from, to' "${one[@]}"

# A real day from its records: of 100 callers to two numbers the half was answered after ten seconds and talked for a
# minute, the half hung up after twenty, so nobody has less patience; two calls no strategy had, one came the day before.
awk 'function row(table, more) { printf "{\"table\":\"%s\",\"journal\":1,\"batch\":%d,\"n\":%d,\"ixn\":\"1-%d\"%s}\n", table, i + 1, n++, i, more }
    function at(s) { return sprintf("\"2026-11-%02dT%02d:%02d:%02d.500Z\"", i == 103 ? 19 : 20, 8 + int(s / 3600), int(s / 60) % 60, s % 60) }
    BEGIN {
        for (i = 1; i <= 103; i++) {
            came = i * 20; talked = i % 2; left = came + (talked ? 10 : 20); ended = left + (talked ? 60 : 0)
            if (i < 101) row("owners", ",\"kind\":\"strategy\",\"name\":\"one\"")
            if (i < 101) row("vq_visits", ",\"entered\":" at(came) ",\"ended\":" at(left))
            if (i < 101 && talked) row("offers", ",\"outcome\":\"answered\",\"answered\":" at(left) ",\"ring_ms\":3000,\"handle_ms\":60000")
            row("interactions", ",\"media\":\"voice\",\"call_type\":\"inbound\",\"dnis\":\"180" (i % 3 == 0) "\",\"received\":" at(came) ",\"ended\":" at(ended) \
                ",\"outcome\":\"" (talked ? "routed" : "abandoned") "\"")
        }
        row("agent_states", ",\"media\":\"voice\",\"agent\":\"ann\",\"state\":\"ready\",\"began\":" at(300) ",\"ended\":" at(1200))
        row("agent_states", ",\"media\":\"voice\",\"agent\":\"ann\",\"state\":\"not_ready\",\"began\":" at(1200) ",\"ended\":" at(1800))
        print "{\"table\":\"position\",\"journal\":1}"
        i = 1; row("interactions", ",\"media\":\"voice\",\"call_type\":\"inbound\",\"received\":\"2026-11-20T09:00:00Z\"")
    }' >"$dir/day.jsonl"
real=("$dir/new" --records "jsonl:$dir/day.jsonl" --replications 2 --format csv)
expect 0 'of 2026-11-20: 100 calls, 50 of them answered, 50 hung up before' "${real[@]}"
grep -qF 'left out: 2 calls that no strategy had' "$dir/said" || wrong "calls without a strategy are not told"
grep -q '^strategy,"one",offered,count,100,100,100' "$dir/said" || wrong "not all callers of the day come"
grep -q '^vq,"service",longest,seconds,20,20,20' "$dir/said" || { wrong "their patience is not twenty seconds"; cat "$dir/said"; }
expect 0 'vq,"service",abandoned,count,0,0,0' "${real[@]}" --agents '9 (English: 5)'
grep -q '^strategy,"one",asa,seconds,3,3,3' "$dir/said" || { wrong "it does not ring for three seconds"; cat "$dir/said"; }
# Ann was ready for a quarter of an hour, and has a call each minute; bob was not there.
cat >"$dir/people.sql" <<'END'
create table agent(name); insert into agent values('ann'), ('bob');
create table agent_skill(agent, skill, level); insert into agent_skill values('ann', 'English', 5), ('bob', 'English', 5);
create table group_member("group", agent);
END
expect 0 'agents,"in no group",occupancy' "${real[@]}" --directory "$dir/people.sql"
# Of a directory, what no strategy names is left out: teams, say.
{
    cat "$dir/people.sql"
    echo "insert into group_member values('friday team', 'ann'); insert into agent_skill values('ann', 'Juggling', 9);"
} >"$dir/teams.sql"
expect 0 'agents,"friday team",occupancy' "${real[@]}" --directory "$dir/teams.sql"
awk -F, '$2 == "\"service\"" && $3 == "answered" {exit !($5 >= 12 && $5 <= 15)}' "$dir/said" || { wrong "ann has her skill beside a team"; cat "$dir/said"; }
awk -F, '$2 == "\"service\"" && $3 == "answered" {exit !($5 >= 12 && $5 <= 15)}' "$dir/said" || { wrong "ann's time of the day"; cat "$dir/said"; }
expect 0 'strategy,"one",offered,count,4,' "${real[@]}" --arrivals 'one=every(1h)' --for 4h --warm-up 1h
expect 1 'no strategy had a call on that day' "${real[@]}" --day 2026-11-19
expect 1 'no strategy had a call on that day' "${real[@]}" --day 9999-12-31
expect 1 'write a date' "${real[@]}" --day yesterday
expect 1 '--staff is found for one --day' "${real[@]}" --day 2026-11-20,2026-11-20 --agents '2 (English: 5)' --staff 80%
for odd in '"handle_ms":60000/"handle_ms":"inf"' '"received":"2026-11-20T08:01:00.500Z/"received":"2026-11-20T08:01:nan' \
    '"ring_ms":3000/"ring_ms":"nan"'; do
    sed "s/$odd/" "$dir/day.jsonl" >"$dir/odd.jsonl"
    expect 1 'a row of the day has ' "$dir/new" --records "jsonl:$dir/odd.jsonl" --day 2026-11-20 --replications 2 --format csv
done
expect 1 'there is no such strategy' strategies/enterprise --records "jsonl:$dir/day.jsonl"
expect 1 'unable to open database file' "$dir/new" --records "sqlite:$dir/nowhere.db"
expect 1 'a line is none of gcxrecords' "$dir/new" --records "jsonl:$dir/talks.csv"
expect 1 'it is no file of lines' "$dir/new" --records jsonl:/dev/zero
printf 'early,08:00,25:61\n' >"$dir/odd.csv"
expect 1 'line 1: a row is who, from, to' "$dir/new" --arrivals one=9/h --shifts "$dir/odd.csv"
expect 1 'it is a day of --records' "$dir/new" --arrivals one=9/h --day 2026-11-20

expect 1 'not exactly one strategy' "$dir/new" --arrivals 100/h
expect 1 'not 100 % together' "$dir/new" --arrivals 100/h --share one=75%
expect 1 'there is no such strategy' "$dir/new" --arrivals two=100/h
expect 1 'is no file of rows' "$dir/new" --arrivals 'one=profile(/dev/zero)'
head -c 2000 /dev/zero | tr '\0' 1 >"$dir/long.csv"
expect 1 'a row has at most' "$dir/new" --arrivals "one=times($dir/long.csv)"
expect 1 'a number that is called has digits' "$dir/new" --arrivals one@a000001=9/h
# A call to a number that could be taken for an agent's is one to a number.
expect 0 'strategy one' "$dir/new" --arrivals one@7000001=90/h --agents '9 (English: 5)' --replications 2
expect 1 'says no arrivals' "$dir/new" --arrivals one=often
expect 1 'needs --arrivals' "$dir/new"
expect 1 "there is no distribution 'gauss'" "$dir/new" --arrivals one=9/h --handling 'gauss(3m, 1m)'
expect 1 'no arrivals are of that strategy' "$dir/new" --arrivals one=9/h --handling desk_only=3m
expect 1 "the site has no skill 'French'" "$dir/new" --arrivals one=9/h --agents '3 (French: 1)'
expect 1 "the site has no group 'nobody'" "$dir/new" --arrivals one=9/h --agents '3 in group nobody'
expect 1 "have the profile 'early', which neither" "$dir/new" --arrivals one=9/h --agents '3 (English: 1) profile early'
expect 1 "profile early: the site has no virtual queue 'sales'" "$dir/new" --arrivals one=9/h --profile 'early=vq sales'
for rules in '' 'vq' 'vq service, vq service' 'vq service, desk' 'vq service; others after' 'vq service; others after 25h' 'sales' 'vq service soon' \
    'vq service; others never; others' "vq $(printf 'a%.0s' {1..65})"; do
    expect 1 'write its name and its rules' "$dir/new" --arrivals one=9/h --profile "early=$rules"
done
expect 1 'write how many' "$dir/new" --arrivals one=9/h --agents 'some'
expect 1 'there is no such test' "$dir/new" --arrivals one=9/h --answers nobody
expect 1 'cannot be read' "$dir/new" --arrivals one=9/h --directory "$dir/nowhere.sql"
expect 1 'is no file' "$dir/new" --arrivals one=9/h --directory "$dir"
printf '08:00,10\n07:00,20\n' >"$dir/back.csv"
expect 1 'does not come after the row before' "$dir/new" --arrivals "one=profile($dir/back.csv)"

# A campaign: its share of the abandoned and how busy its agents are, in each form; and what is no campaign.
calls=(strategies/collections --agents '8 (Collections: 5) in group collectors' --answering 40% --busy 10% --machines 10%
    --handling 'exponential(90s)' --called-back 'uniform(4s, 12s)' --for 1h --warm-up 20m --replications 3)
summer=(--campaign 'summer=collections progressive collectors (lines: 30)')
expect 0 'met  abandoned(summer) <= 3%' "${calls[@]}" "${summer[@]}" --require 'abandoned(summer) <= 3%' \
    --require 'dialled(summer) > 50' --html "$dir/campaign.html"
[ "$(sed -n '/<h2>campaign/,/<table/p' "$dir/campaign.html" | grep -c '<rect class="bar"')" = 96 ] || wrong "the page does not draw how the campaign dials"
grep -q 'campaign summer' "$dir/said" || wrong "the campaign has no figures"
grep -q 'campaign <' "$dir/campaign.html" || grep -q 'campaign summer' "$dir/campaign.html" || wrong "nor has it on the page"
# Two short replications say little: an interval ends where the measure does, and never begins below zero.
"$gcxc" simulate "${calls[@]}" "${summer[@]}" --for 3m --replications 2 --format csv --html "$dir/short.html" 2>/dev/null >"$dir/csv"
awk -F, 'NR > 1 && $6 != "" && $6 < 0 {exit 1} NR > 1 && $6 == 0 && $5 > 0 {cut++} END {exit !cut}' "$dir/csv" || { wrong "an interval begins below zero"; cat "$dir/csv"; }
grep -E '(>|to )-[0-9]' "$dir/short.html" && wrong "an interval of the page begins below zero"
"$gcxc" simulate "${calls[@]}" "${summer[@]}" --format csv 2>/dev/null >"$dir/csv"
grep -q '^campaign,"summer",lost,share,' "$dir/csv" || wrong "nor has it as CSV"
"$gcxc" simulate "${calls[@]}" "${summer[@]}" --format json 2>/dev/null |
    jq -e '.results[] | select(.what == "campaign") | .measures.reached.value.mean > 20' >/dev/null || wrong "nor as JSON"
expect 1 'NOT MET  abandoned(winter)' "${calls[@]}" --for 30m --replications 2 --campaign 'winter=collections power (ports: 40)' \
    --require 'abandoned(winter) > 99%' --require 'above_quarter(winter) > 99%'
grep -q '^met  above_quarter(winter) > 99%' "$dir/said" || wrong "the quarters of a campaign that loses many"
# A day that ends within a quarter of an hour has that one; people whom the warm-up leaves waiting make no share above all.
expect 0 'met  above_quarter(winter) > 99%' "${calls[@]}" --for 5m --campaign 'winter=collections power (ports: 40)' \
    --require 'above_quarter(winter) > 99%' --require 'quarter(winter) > 50%' --require 'worst(winter) <= 100%'
# What is left of the day behind a whole quarter is none: twenty seconds are all luck.
quarter_of() { "$gcxc" simulate "${calls[@]}" --campaign 'winter=collections power (ports: 14)' --warm-up 15m --for "$1" --format csv 2>/dev/null | grep ',quarter,'; }
quarter=$(quarter_of 60m)
[ -n "$quarter" ] && [ "$quarter" = "$(quarter_of 60m20s)" ] || wrong "a piece of a quarter counts as one"
# What a strategy puts off is dialled again, not much later than it is due.
expect 0 'met  due_late(summer) < 2m' "${calls[@]}" "${summer[@]}" --warm-up 0s --for 2h --require 'due_late(summer) < 2m' \
    --require 'due_late(summer) > 0s'
# The agents would come in time; a switch that takes ten seconds for each dial and each route brings all of them too late.
expect 0 'met  abandoned(summer) > 90%' "${calls[@]}" "${summer[@]}" --switch 10s --require 'abandoned(summer) > 90%'
expect 1 'switch soon: ' "${calls[@]}" "${summer[@]}" --switch soon
expect 1 'of that name' "${calls[@]}" "${summer[@]}" --require 'abandoned(winter) <= 3%'
expect 1 'no such strategy on outbound' "${calls[@]}" --campaign 'summer=nobody progressive collectors'
expect 1 'its mode is progressive' "${calls[@]}" --campaign 'summer=collections preview collectors'
expect 1 'its rules stand last' "${calls[@]}" --campaign 'summer=collections progressive collectors (lines 30)'
expect 1 "a limit has no rule's name" "${calls[@]}" --campaign 'summer=collections progressive collectors (line: 30)'
expect 1 'more than all' "${calls[@]}" "${summer[@]}" --machines 60%
# Two campaigns on the same agents promise each agent once.
expect 0 'met  above(winter) <= 0%' "${calls[@]}" "${summer[@]}" --warm-up 0s --replications 2 \
    --campaign 'winter=collections predictive collectors (lines: 30)' --require 'above(summer) <= 0%' --require 'above(winter) <= 0%'
# They share them by priority, then by weight.
for rule in 'priority: 1' 'weight: 10000'; do
    expect 0 'met  reached(winter) < 70' "${calls[@]}" --campaign "summer=collections progressive collectors (lines: 30, $rule)" --warm-up 0s \
        --replications 4 --campaign 'winter=collections progressive collectors (lines: 30)' --require 'reached(winter) < 70'
done
# Agents whose telephones ring too long lose a few calls, and then nothing more is dialled.
expect 1 'met  dialled(summer) < 20' "${calls[@]}" "${summer[@]}" --warm-up 0s --replications 6 --ringing 'uniform(2s, 3s)' \
    --require 'dialled(summer) < 20' --require 'abandoned(summer) <= 3%'
# Who answers changes in the day, and the worst beginning and quarter of an hour are measured.
expect 0 'met  worst(summer) <= 3%' "${calls[@]}" "${summer[@]}" --warm-up 0s --for 30m --replications 2 \
    --answering '60%, 0% from 15m' --require 'worst(summer) <= 3%' --require 'quarter(summer) <= 3%' --require 'reached(summer) < 110' --require 'above(summer) <= 0%'
# A day is above the ceiling if anybody is lost where nobody may be.
expect 1 'NOT MET  above(summer) <= 0%: it is 100' "${calls[@]}" --for 30m --warm-up 0s --replications 2 --ringing 'uniform(1.5s, 2.5s)' \
    --campaign 'summer=collections progressive collectors (abandoned_permille: 0)' --require 'above(summer) <= 0%'
# A record has the number and the data of the test whose part its person plays.
cat >"$dir/owed.gcx" <<'END'
site { default timeout 10m; default busy {} skill Sales; vq sold; vq others; prompt which; }
strategy owed on outbound within 1h {
    outbound.dial(contact.number) answer 20s else { stop "not reached"; };
    let account = (user_data["account"].str else "");
    let key = ivr.menu(prompt which, ["1": "pays", "2": "does not"]) else "nothing";
    if key == "pays" and account == "4711" and contact.number == "+33145550101" { goto sold; }
    connect in vq others { skill Sales >= 1; } answer 15s timeout 1m else { stop "nobody"; };
    sold: connect in vq sold { skill Sales >= 1; } answer 15s timeout 1m else { stop "nobody"; };
}
test "who pays" { ivr.menu -> "1"; agent m (Sales: 5) ready; outbound owed number "+33145550101" to "autumn" with (account: "4711"); expect routed; }
test "who does not" { ivr.menu -> "2"; agent m (Sales: 5) ready; outbound owed number "+33145550102" to "autumn"; expect routed; }
END
owed=(--site "$dir/owed.gcx" "$dir/owed.gcx" --agents '4 (Sales: 5)' --campaign 'autumn=owed power (ports: 4)' --answering 50%
    --handling 30s --for 20m --warm-up 0s --answers 'who pays=50%' --answers 'who does not=50%' --require 'offered(sold) > 20')
expect 0 'met  offered(sold) > 20' "${owed[@]}" --replications 5 --require 'offered(others) > 20'
# Of two days an interval would begin below zero.
expect 1 'OPEN  offered(sold) > 20: it is 0.0 to ' "${owed[@]}" --replications 2
expect 1 'parts from moments on' "${calls[@]}" "${summer[@]}" --answering '60%, 15% from 20m, 60% from 10m'

# E-mails and chats: the manual's example, each medium by itself, in each form; and what is refused.
sed -n '/media, tested by tests\/flows\/simulate.sh/,/^\.Ed/p' man/gcxc.1.in | sed '/^\./d; s/\\e$/\\/; s/^gcxc/"$gcxc"/' >"$dir/example"
grep -q simulate "$dir/example" || wrong "gcxc(1) has no example of media"
. "$dir/example" >"$dir/first" 2>&1 || { wrong "the manual's example of media is not met"; cat "$dir/first"; }
for scope in 'medium voice' 'medium chat' 'medium email' 'all media' 'strategy mails'; do
    grep -q "^$scope" "$dir/first" || wrong "the example has no figures of $scope"
done
mails=(strategies/email_service --directory strategies/email_service/directory.sql --arrivals email_service=12/h
    --handling 'lognormal(6m, 3m)' --for 4h --replications 3)
chats=(strategies/web_chat --directory strategies/web_chat/directory.sql --arrivals web_chat=50/h
    --handling 'exponential(8m)' --patience 'exponential(90s)' --for 4h --replications 3)
expect 0 'met  handled(email) > 10' "${mails[@]}" --require 'handled(email) > 10' --require 'abandoned(email) <= 0' \
    --html "$dir/mails.html"
grep -q '<h2>medium email' "$dir/mails.html" || wrong "the page has no e-mails"
"$gcxc" simulate "${mails[@]}" --format csv 2>/dev/null >"$dir/csv"
grep -q '^medium,"email",open,count,' "$dir/csv" || wrong "nor has the CSV"
"$gcxc" simulate "${mails[@]}" --format csv 2>/dev/null | cmp -s - "$dir/csv" || wrong "the same seeds, another day"
expect 0 'met  abandoned(chat) > 1' "${chats[@]}" --require 'abandoned(chat) > 1' --require 'busy(chat) > 20%'
"$gcxc" simulate "${chats[@]}" --format json 2>/dev/null | jq -e '.results[] | select(.what == "medium" and .name == "chat")
    | .measures | .handled.value.mean > 50 and .p90.value.mean > .p50.value.mean' >/dev/null || wrong "the JSON has no chats"
expect 0 'met  failures(chat) > 50' "${chats[@]}" --answers 'nothing can be written' --require 'failures(chat) > 50'
cat >"$dir/shop.gcx" <<'END'
site { default timeout 10m; default busy {} skill Sales; vq service; queue desk; }
strategy calls on voice {
    if dnis != "+33145550000" { goto desk; }
    connect in vq service { skill Sales >= 1; } answer 15s timeout 3m else goto desk;
    desk: route queue desk;
}
test "of the shop" { agent m (Sales: 5) ready; call calls to "+33145550000"; expect routed to agent m; }
END
shop=(--site "$dir/shop.gcx" "$dir/shop.gcx" --agents '8 (Sales: 5)' --handling 3m --replications 2 --for 2h --answers "of the shop")
expect 0 'met  offered(service) > 50' "${shop[@]}" --arrivals calls=60/h --require 'offered(service) > 50'
expect 1 'offered(service) > 0' "${shop[@]}" --arrivals calls@1801=60/h --require 'offered(service) > 0'
expect 1 'no simulated medium of that name' "${chats[@]}" --require 'open(email) < 5'
expect 2 'say of which medium' "${chats[@]}" --require 'open < 5'
expect 1 'nothing of that medium' strategies/email_service --arrivals email_service/chat=9/h
expect 1 'carries nothing that is simulated' strategies/collections --arrivals collections=9/h

# How many agents each hour needs: the hours that are told, played as shifts by themselves, are the same day; one agent less in
# the fullest hour is too few; where all are too few that is told.
printf '%s\n' 08:30,10 09:00,30 10:00,9 11:00,0 11:30,3 12:00,0 >"$dir/day.csv"
day=(strategies/enterprise --arrivals "profile($dir/day.csv)" --handling 'exponential(4m)' --answers 'English by its key' --replications 4)
expect 0 'hours of agents; found by playing the day ' "${day[@]}" --agents '9 (English: 9, Sales: 3)' --staff 85%
sed -n '/^vq service/,/^$/p' "$dir/said" >"$dir/staffed"
"$gcxc" simulate "${day[@]}" --agents '9 (English: 9, Sales: 3)' --staff 85% --format csv 2>/dev/null >"$dir/hours"
[ "$(cut -d, -f1 "$dir/hours" | tr '\n' ' ')" = 'from 08:30 09:00 10:00 11:00 12:00 ' ] || { wrong "other hours"; cat "$dir/hours"; }
awk -F, 'NR > 1 && $3 > 0 && $5 < 85 {bad = 1} $1 == "12:00" && $4 != 0 {bad = 1} END {exit bad}' "$dir/hours" || { wrong "an hour has too few"; cat "$dir/hours"; }
# staffed FEWER: the service level of the day with so many agents less from nine to ten.
staffed() {
    awk -F, -v fewer="$1" 'NR > 1 {for (n = 1; n <= $4 - fewer * ($1 == "09:00"); n++) print "a" n "," $1 "," $2}' "$dir/hours" >"$dir/shifts.csv"
    mapfile -t names < <(cut -d, -f1 "$dir/shifts.csv" | sort -u)
    agents=(); for name in "${names[@]}"; do agents+=(--agents "$name=1 (English: 9, Sales: 3)"); done
    "$gcxc" simulate "${day[@]}" "${agents[@]}" --shifts "$dir/shifts.csv" --for 24h 2>/dev/null | sed -n '/^vq service/,/^$/p'
}
staffed 0 | diff - "$dir/staffed" || wrong "the hours as shifts are another day"
level() { sed -n 's/^  service level *\([0-9]*\).*/\1/p'; }
[ "$(staffed 1 | level)" -lt "$(level <"$dir/staffed")" ] || wrong "one agent less is as good"
expect 1 'all of them are too few' "${day[@]}" --agents '1 (English: 9, Sales: 3)' --staff 85%
expect 1 ',false' "${day[@]}" --agents '1 (English: 9, Sales: 3)' --staff 85% --format csv
expect 1 'no call comes to an agent' strategies/enterprise --arrivals "profile($dir/day.csv)" --agents '9 (English: 9)' --replications 2 --staff 85%
expect 1 'write the part that is answered in time' "${day[@]}" --agents '1 (English: 9)' --staff 85
expect 1 '--staff needs a day' strategies/enterprise --arrivals 20/h --warm-up 0s --agents '1 (English: 9)' --staff 85%
expect 1 '--staff needs one --agents' "${day[@]}" --agents '1 (English: 9)' --agents '2 (English: 3)' --staff 85%
[ "$failures" = 0 ]
