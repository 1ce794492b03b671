#!/bin/bash
# tests/bench/run.sh - The figures: a line each (name, ours, rival, ratio, goal, and met, missed or not measured), and
# BUILD/bench.json, where each says of which commit it is. Rivals run in turn with ours, so that a machine whose speed
# drifts does not decide. A rival that is not installed is named. Usage: run.sh BUILD
set -u
build=$(cd "${1:-build}" && pwd) || exit 2
cd "$(dirname "$0")" || exit 1
. ./figures.sh
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
rows=$work/rows failed=0
measured_on=$(git -c safe.directory='*' describe --always --dirty 2>/dev/null)
rm -f "$build/bench.json"
# broke WHAT: a figure of ours could not be measured though what it needs is there; the run ends with 1.
broke() { echo "bench: $1 has failed" >&2; failed=1; }

figures_begin

# 1. Strategies a second: five waits, five attached values.
"$build/gcxc" build five.gcx -o "$work/five.gcxb" || exit 1
for _ in 1 2 3 4 5; do
    "$build/tests/bench/five" "$work/five.gcxb" 1 500000 >>"$work/ours"
    beside "$work/lua" lua5.4 five.lua 1 200000
    beside "$work/joff" luajit -joff five.lua 1 200000
    beside "$work/jit" luajit five.lua 1 200000
done
ours=$(median <"$work/ours")
figure "five waits, five attached values" strategies/s "$ours" "Lua 5.4" "$(median <"$work/lua")" ">=8"
figure "five waits, five attached values" strategies/s "$ours" "LuaJIT's interpreter" "$(median <"$work/joff")" ">=6"
figure "five waits, five attached values" strategies/s "$ours" "LuaJIT with its JIT" "$(median <"$work/jit")" ">=6"

# What strategies do between their waits; every program must come to the same sum.
awk -f segment.awk >"$work/prefixes"
{ cat site.gcx; awk -v gcx=1 -f segment.awk; } >"$work/segments.gcx"
cp customers.sql "$work" && "$build/gcxc" build small.gcx -o "$work/small.gcxb" 2>/dev/null &&
    "$build/gcxc" build "$work/segments.gcx" -o "$work/segments.gcxb" 2>/dev/null || exit 1
small() { # NAME WHO COMMAND...: a rate of the last of its lines, and the sum
    local name=$1 who=$2; shift 2
    : >"$work/said"
    beside "$work/said" "$@"
    awk '{printf "%.0f\n", 1e9 / $1; print $2 >sums}' sums="$work/sum" "$work/said" >>"$work/$name.$who"
    [ -s "$work/said" ] || return 0
    [ -e "$work/$name.sum" ] || cp "$work/sum" "$work/$name.sum"
    cmp -s "$work/sum" "$work/$name.sum" || { echo "run.sh: $who comes to another sum in $name" >&2; exit 1; }
}
for name in loop score attaching segments; do
    image=small; [ "$name" = segments ] && image=segments
    for _ in 1 2 3 4 5; do
        small $name ours "$build/tests/bench/small" "$work/$image.gcxb" $name 2000
        small $name lua lua5.4 small.lua $name 1000 "$work/prefixes"
        small $name joff luajit -joff small.lua $name 1000 "$work/prefixes"
        case $name in score|segments) small $name c "$build/tests/bench/small" c $name 10000 "$work/prefixes" ;; esac
    done
done
rate() { median <"$work/$1.$2"; }
versus() { figure "$1" times/s "$(rate "$2" ours)" "$3" "$(rate "$2" "$4")" "$5"; }
versus "a call and arithmetic in a loop" loop "Lua 5.4" lua ">=3"
versus "a call and arithmetic in a loop" loop "LuaJIT's interpreter" joff ">=1"
versus "a score of nine fields" score "Lua 5.4" lua ">=5"
versus "a score of nine fields" score "C" c ">=0.25"
versus "six keys attached, one of the others" attaching "Lua 5.4" lua ">=5"
versus "one of 10,000 prefixes" segments "Lua 5.4" lua ">=20"
versus "one of 10,000 prefixes" segments "C" c ">=0.5"

# An image that comes from anywhere is read and verified in time that grows with its size and no faster.
"$build/tests/bench/load" 1024 16384 262144 4194304 64000000 >"$work/load" || broke load
slowest=$(sort -gk3 "$work/load" | awk 'NR == 1 {print $3}') fastest=$(sort -rgk3 "$work/load" | awk 'NR == 1 {print $3}')
figure "images of 1 KB to 64 MB loaded and verified: slowest" MB/s "${slowest:-?}" "the fastest of them" "${fastest:-?}" ">=0.5"
awk '{printf "%s%d bytes %d MB/s", NR == 1 ? "    " : ", ", $1, $3} END {print ""}' "$work/load"

# 2. Bytes of a parked interaction: its block, its size class, and all told in a core with 100,000.
read -r block class all < <("$build/tests/bench/parked" "$work/five.gcxb" 100000)
beside "$work/coroutine" lua5.4 parked.lua 100000
beside "$work/coroutine.joff" luajit -joff parked.lua 100000
figure "parked: block" bytes "$block" "-" - "-"
figure "parked: block with its size class" bytes "$class" "-" - "<384"
figure "parked at 100,000: all told" bytes "$all" "Lua 5.4 coroutine" "$(median <"$work/coroutine")" "<401"
figure "parked at 100,000: all told" bytes "$all" "LuaJIT coroutine" "$(median <"$work/coroutine.joff")" "<=1"
sed 's/timeout 1h else/timeout 1h busy { ivr.music(prompt hold, 30s); } else/' five.gcx >"$work/busy.gcx"
"$build/gcxc" build --site site.gcx "$work/busy.gcx" -o "$work/busy.gcxb" || exit 1
read -r block class all < <("$build/tests/bench/parked" "$work/busy.gcxb" 100000)
figure "parked with music at 100,000: all told" bytes "$all" "-" - "<401"
read -r before peak gone again < <("$build/tests/bench/parked" "$work/five.gcxb" 100000 gone || { broke parked && echo '? ? ? ?'; })
figure "100,000 have waited and hung up: memory" MB "$gone" "while they waited" "$peak" "<=0.5"
figure "as many again have come and gone: memory" MB "$again" "after the first" "$gone" "<=1.05"

# Strategies without an end, a thousand of each: the longest that the core has to do with them at once, the call that
# comes just behind one, and calls that come while all of them take turns.
"$build/gcxc" build --site fairness.gcx fairness.gcx -o "$work/fairness.gcxb" 2>/dev/null || exit 1
for endless in loops grows remakes matches looks; do
    read -r longest _ alone99 _ behind99 beside beside99 < <("$build/tests/bench/fairness" "$work/fairness.gcxb" $endless 1000 || { broke fairness && echo '? ? ? ? ? ? ?'; })
    figure "a batch with one that $endless for ever, longest" us "$longest" "-" - "<5000"
    figure "a call behind one that $endless, p99" us "$behind99" "the same call alone" "$alone99" "-"
    figure "a call beside 1,000 that $endless, p50" us "$beside" "-" - "-"
    figure "a call beside 1,000 that $endless, p99" us "$beside99" "-" - "<2000"
done

# Selection: CPU time of one decision in the core with claim, record and effect, beside the same choice along a list in C
# and in SQLite, and the time of an answer of Redis and of PostgreSQL; and what was slow before there was an index.
mkdir "$work/select" && cp select.gcx "$work/select" && "$build/gcxc" build "$work/select/select.gcx" -o "$work/select.gcxb" || exit 1
chosen() { "$build/tests/bench/select" "$work/select.gcxb" "$@" || { broke "select $*" && echo '? ? ?'; }; }
answered() { # KIND NAME AGENTS CALLS: sets p_50, p_99, p_999
    p_50='?' p_99='?' p_999='?'
    ./choose.sh "$1" "$3" "$4" >"$work/answers"
    case $? in
        0) read -r p_50 p_99 p_999 <"$work/answers" ;;
        77) lacks "$2" ;;
        *) echo "bench: choose.sh $1 has failed" >&2; exit 1 ;;
    esac
}
for agents in 1000 10000 100000; do
    read -r p50 p99 p999 < <(chosen decision "$agents" 50000)
    read -r walk walk99 walk999 < <(chosen decision "$agents" 50000 walk)
    read -r sqlite sqlite99 sqlite999 < <(chosen decision "$agents" 5000 sqlite)
    answered redis Redis "$agents" 5000; redis=$p_50 redis99=$p_99 redis999=$p_999
    answered postgres PostgreSQL "$agents" 5000; postgres=$p_50 postgres99=$p_99 postgres999=$p_999
    decided() { # PERCENTILE OURS WALK SQLITE REDIS POSTGRES GOAL
        figure "a decision with $agents agents, $1" us "$2" "walk of a list in C" "$3" "$7"
        figure "a decision with $agents agents, $1" us "$2" "SQLite in memory" "$4" "$7"
        figure "a decision with $agents agents, $1" us "$2" "Redis over a socket" "$5" "$7"
        figure "a decision with $agents agents, $1" us "$2" "PostgreSQL over a socket" "$6" "$7"
    }
    decided p50 "$p50" "$walk" "$sqlite" "$redis" "$postgres" "<2"
    decided p99 "$p99" "$walk99" "$sqlite99" "$redis99" "$postgres99" "<8"
    decided p99.9 "$p999" "$walk999" "$sqlite999" "$redis999" "$postgres999" "<50"
done
at_once() { chosen ready 10000 "$1" | awk '{printf "%.1f\n", $1 / 1000}'; }
figure "10,000 ready at once, 10,000 selectors, longest idle" ms "$(at_once longest)" "-" - "<80"
figure "10,000 ready at once, 10,000 selectors, max" ms "$(at_once highest)" "-" - "<200"
figure "10,000 ready at once, 10,000 selectors, random" ms "$(at_once anybody)" "-" - "<200"
read -r p50 p99 p999 < <(chosen first 100000)
figure "first ready before 100,000 selectors, p50" us "$p50" "-" - "<10"
read -r p50 p99 p999 < <(chosen nobody 100000)
figure "a level that nobody of 100,000 has, p50" us "$p50" "-" - "<50"

read -r took bytes < <(chosen login 100000)
figure "100,000 agents log in and become ready" ms "$took" "-" - "-"
figure "memory of an agent with five skills" bytes "$bytes" "-" - "-"
read -r enter p50 p99 p999 leave < <(chosen queue 1000000 | paste -s -d ' ')
figure "a queue of a million: to come" us "$enter" "-" - "-"
figure "a queue of a million: an agent becomes ready, p50" us "$p50" "-" - "-"
figure "a queue of a million: an agent becomes ready, p99" us "$p99" "-" - "-"
figure "a queue of a million: to leave" us "$leave" "-" - "-"

read -r entry crossed < <(chosen threshold 10000)
figure "to come to a wait with a threshold, 10,000 waiters" us "$entry" "-" - "-"
figure "a threshold crossed with 10,000 waiters" ms "$(awk -v us="$crossed" 'BEGIN {print us == "?" ? us : us / 1000}')" "-" - "-"

# What a call costs that waits and hangs up, by the number of statistics that count it.
for count in 0 10 1000; do
    mkdir "$work/facts$count" && awk -v count=$count -f facts.awk >"$work/facts$count/facts.gcx" &&
        "$build/gcxc" build "$work/facts$count/facts.gcx" -o "$work/facts$count.gcxb" || exit 1
    took=$("$build/tests/bench/select" "$work/facts$count.gcxb" fact 100000) || { broke "select fact"; took='?'; }
    figure "a call waits and hangs up, $count statistics" us "$took" "no statistics" "${none=$took}" "-"
done

# A million e-mails that wait for an agent, and the start of a core that applies them again.
mkdir "$work/mails" && cp mails.gcx "$work/mails" && "$build/gcxc" build "$work/mails/mails.gcx" -o "$work/mails.gcxb" || exit 1
read -r bytes each < <("$build/tests/bench/mails" "$work/mails.gcxb" 1000000 || { broke mails && echo '? ?'; })
figure "a parked e-mail, of a million" bytes "$bytes" "-" - "-"
figure "an e-mail comes, or is applied again at a start" us "$each" "-" - "-"

# The same over the wire, killed and started again: from its start until it is ready; beside Redis, with a hash for each
# in its append-only file. Fewer where MAILS is set.
mails=${MAILS-1000000} rate='?' journal='?' with='?' took='?' again='?' redis='?'
./restart.sh "$build" "$mails" >"$work/restart" && { read -r rate journal with took again; read -r redis; } <"$work/restart" || broke restart.sh
figure "e-mails submitted, each in the journal" 1/s "$rate" "-" - "-"
figure "journal of $mails e-mails that wait" MB "$journal" "-" - "-"
figure "gcxvm with $mails e-mails that wait" MB "$with" "-" - "-"
figure "gcxvm killed with $mails e-mails, until it is ready" s "$took" "Redis, append-only file" "$redis" "-"
figure "gcxvm with them, started again" MB "$again" "-" - "-"

# Two gcxvm on one journal, 2,000 calls that wait: until the next one leads and knows all of them. TAKEOVERS: rounds.
./takeover.sh "$build" "${TAKEOVERS-9}" >"$work/takeover"
case $? in 0) ;; 77) lacks PostgreSQL ;; *) broke takeover.sh ;; esac
while read -r fault _ _ _ p50 _ p99 _; do
    figure "takeover with 2,000 calls, $fault: p50" ms "$p50" - - -
    figure "takeover with 2,000 calls, $fault: p99" ms "$p99" - - '<2000'
done <"$work/takeover"

# Appends to the journal, one at a time: SQLite, PostgreSQL alone, and with a synchronous standby, beside a plain loop of the
# same INSERT in the same run. STORES: seconds of each.
./stores.sh "$build" "${STORES-2}" >"$work/stores"
case $? in 0) ;; 77) lacks PostgreSQL ;; *) broke stores.sh ;; esac
appended_to() { awk -v where="$1" -v records="$2" -v who="$3" -v field="$4" '$1 == where && $2 == records && $3 == who {found = $field} END {print found == "" ? "?" : found}' "$work/stores"; }
for where in sqlite local copies; do
    rival=- name='journal in SQLite'
    case $where in local) name='journal in PostgreSQL' rival='a plain loop' ;; copies) name='the same with a standby' rival='a plain loop' ;; esac
    for records in 1 10 100; do
        for field in 4 5 6; do
            case $field in 4) what='batches a second' unit=1/s goal=- ;; 5) what='append, p50' unit=us goal='<=1.3' ;; 6) what='append, p99' unit=us goal=- ;; esac
            if [ "$rival" = - ]; then
                figure "$name, batches of $records: $what" $unit "$(appended_to $where $records ours $field)" - - -
            else
                figure "$name, batches of $records: $what" $unit "$(appended_to $where $records ours $field)" "$rival" "$(appended_to $where $records plain $field)" "$goal"
            fi
        done
    done
done

awk '$1 == "follow" {print $2, $3, $4, $5, $6}' "$work/stores" >"$work/follow"
while read -r rate reached batch p50 p99; do
    figure "a follower at $rate events a second: the leader's, made durable" 1/s "$reached" - - -
    figure "the same: events in a batch" events "$batch" - - -
    figure "the same: lag, p50" ms "$p50" - - -
    figure "the same: lag, p99" ms "$p99" - - -
done <"$work/follow"

# A snapshot of as many, cut while 500 a second more come, and a start from it and 100,000 events, beside the journal alone.
size='?' cut='?' before='?' during='?' synced_before='?' synced='?' tail='?' from='?' from_busy='?' alone='?' alone_busy='?' journal='?'
./snapshot.sh "$build" "$mails" 100000 >"$work/snapshot" && { read -r size cut before during synced_before synced; read -r tail from from_busy alone alone_busy journal; } <"$work/snapshot" || broke snapshot.sh
figure "a snapshot with $mails e-mails that wait" MB "$size" "-" - "-"
figure "the same: cut, loaded and compared" s "$cut" "-" - "-"
figure "99.9 % of decisions while it is cut, at most" ms "$during" "before" "$before" "-"
figure "the same: syncs of the journal, which a decision awaits" ms "$synced" "before" "$synced_before" "-"
figure "a start from it and $tail events" s "$from" "from the journal of $journal MB" "$alone" "<3"
figure "the same, of a processor" s "$from_busy" "from the journal alone" "$alone_busy" "-"

# Days of calls to the enterprise strategy under the virtual clock: what its journal takes, with snapshots and retention, and
# a start from it. MONTH: calls per day, days, and days of the retention; MONTH="50000 30 14" is a month.
read -r day_calls days keep <<<"${MONTH-5000 4 2}"
called='?' batches='?' appended='?' kept='?' cuts='?' again='?' applied='?'
mkdir "$work/state" "$work/month" && cp ../../strategies/enterprise/* "$work/month" &&
    "$build/gcxc" build "$work/month/enterprise.gcx" "$work/month/exits.gcx" -o "$work/month.gcxb" &&
    read -r called _ batches appended kept cuts _ applied again _ < <("$build/tests/bench/month" "$work/month.gcxb" \
        'English by its key' "$work/state" "$day_calls" "$days" "$keep") || broke month
rm -rf "$work/state"
per_call() { awk -v all="$1" -v calls="$called" -v by="$2" 'BEGIN {print all == "?" || calls == "?" ? "?" : sprintf("%.1f", all * by / calls)}'; }
figure "journal of a call, with all that agents do" bytes "$(per_call "$appended" 1e6)" "-" - "-"
figure "batches of a call" batches "$(per_call "$batches" 1)" "-" - "-"
figure "after $days days of $day_calls calls, $keep kept: journal" MB "$kept" "written in all" "$appended" "-"
figure "the same: snapshots" MB "$cuts" "-" - "-"
figure "the same: a start, from a snapshot and $applied batches" s "$again" "-" - "<3"

# 1,000 agents logged in at the desk: what they take idle, and what they are offered; beside Prosody's clients. Fewer where
# DESKS is set.
desks=${DESKS-1000} p50='?' p99='?'
desk_0='?' vm_0='?' desk='?' vm='?' desk_idle='?' vm_idle='?' desk_mail='?' vm_mail='?'
./desks.sh "$build" "$desks" 500 10 >"$work/desks"
case $? in 0) ;; 77) lacks python3 ;; *) broke desks.sh ;; esac
{ read -r desk_0 vm_0 desk vm desk_idle vm_idle p50 p99 desk_mail vm_mail; read -r prosody_0 prosody; } <"$work/desks" || true
[ "${prosody-?}" != '?' ] || lacks Prosody
each() { awk -v a="$1" -v b="$2" -v n="$desks" 'BEGIN {print a == "" || b == "" || a == "?" ? "?" : sprintf("%.2f", (b - a) / n)}'; }
figure "a desk that is logged in, of $desks: memory of the plugin" KiB "$(each "$desk_0" "$desk")" "a client of Prosody" "$(each "${prosody_0-}" "${prosody-}")" "-"
figure "a desk that is logged in, of $desks: memory of gcxvm" KiB "$(each "$vm_0" "$vm")" "-" - "-"
figure "the plugin with $desks idle desks, of a processor" ms/s "$desk_idle" "-" - "-"
figure "gcxvm with $desks idle desks, of a processor" ms/s "$vm_idle" "-" - "-"
figure "offer to accepted with $desks desks, p50" us "$p50" "-" - "-"
figure "offer to accepted with $desks desks, p99" us "$p99" "-" - "-"
figure "an e-mail offered, accepted, finished: the plugin" us "$desk_mail" "-" - "-"
figure "an e-mail offered, accepted, finished: gcxvm" us "$vm_mail" "-" - "-"

# How long a browser takes until one can act, the cache empty; beside a page of as many bytes in one script.
entrance='?' entrance_plain='?' work_at='?' work_plain='?' widget='?' widget_plain='?'
./usable.sh "$build" 5 >"$work/usable"
case $? in
    0) read -r entrance entrance_plain work_at work_plain widget widget_plain <"$work/usable" ;;
    77) lacks "Chromium and selenium" ;;
    *) broke usable.sh ;;
esac
figure "the desk, until one can log in" ms "$entrance" "a page as large" "$entrance_plain" "-"
figure "the desk, until one who has logged in can work" ms "$work_at" "a page as large" "$work_plain" "-"
figure "a page with the chat widget, until it can be opened" ms "$widget" "a page as large" "$widget_plain" "-"

# Ten common tasks of an agent by the keyboard alone: keys, and seconds with 0.28 for a key.
./desk_tasks.sh "$build" >"$work/tasks"
case $? in 0) ;; 77) lacks "Chromium and selenium" ;; *) broke desk_tasks.sh ;; esac
while IFS=: read -r task figures; do
    case $task in page|all_tasks) continue ;; esac
    read -r keys _ seconds <<<"$figures"
    figure "desk, by keys: $task" s "${seconds/-/?}" - - -
    figure "the same: keys" keys "${keys/-/?}" - - -
done <"$work/tasks"

# The supervisor's page with 500 live rows, and 50 consoles: consoles.sh tells more.
./consoles.sh "$build" >"$work/consoles"
case $? in 0|1) grep -q '^50 consoles cost' "$work/consoles" || broke consoles.sh ;; 77) lacks python3 ;; *) broke consoles.sh ;; esac
of() { sed -nE "s/.*$1.*/\\1/p" "$work/consoles" | head -n 1 | grep . || echo '?'; }
figure "50 consoles with 500 live rows: gcxvm" "% of core" "$(of '^50 consoles cost gcxvm (-?[0-9.]+) %')" - - "<2"
figure "50 consoles with 500 live rows: the plugin" "% of core" "$(of "^50 consoles cost the desk.s plugin (-?[0-9.]+) %")" - - -
figure "Now with 500 live rows: usable" ms "$(of '^Now is usable after ([0-9]+) ms')" - - -
figure "Now with 500 live rows: INP" ms "$(of '^INP, the 98th percentile: ([0-9]+) ms')" - - "<100"
figure "Now with 500 live rows: its main thread" "% of core" "$(of "^the page.s main thread takes ([0-9.]+) %")" - - -

# The forecast of arrivals per quarter of an hour, and the warning before a missed target, on simulated days.
"$build/tests/bench/outlook" >"$work/outlook" || broke outlook
for calls in 50 500 5000 20000; do
    read -r own week by_chance < <(awk -v calls=$calls '$1 == calls {print $2, $3, $5}' "$work/outlook")
    figure "error of the forecast, $calls calls a day" "%" "${own:-?}" "the week before" "${week:-?}" "<=1"
    figure "error of the forecast, $calls calls a day" "%" "${own:-?}" "by chance alone" "${by_chance:-?}" -
done
"$build/tests/bench/warning" >"$work/warning" || broke warning
awk '/calls a day/ {day = $1} /the warning of Now/ {own = $5 " " $6 " " $9} /below 85/ {print day, own, $(NF - 4), $(NF - 3), $NF}' "$work/warning" >"$work/warned"
while read -r calls hits false lead near_hits near_false near_lead; do
    figure "warning before a miss, $calls calls a day: hits" "%" "$hits" "level within 5 points" "$near_hits" ">=1"
    figure "the same: false warnings" "%" "$false" "level within 5 points" "$near_false" -
    figure "the same: before the miss" minutes "$lead" "level within 5 points" "$near_lead" -
done <"$work/warned"

# What callers are told of their wait, in seconds that it is wrong by: 40 days of a queue of 50 agents, whose load and
# staff change, in the core alone; beside two simple estimators.
told=('?' '?' '?' '?' '?' '?')
read -r -a told < <("$build/tests/bench/ewt" 50 40) || broke ewt
for error in "median 0" "90th percentile 1"; do
    name="error of expected wait, ${error% *}" at=${error##* }
    figure "$name" s "${told[at]}" "mean of the last 100 waits" "${told[at + 2]}" "<=1"
    figure "$name" s "${told[at]}" "waiting x handling/agents" "${told[at + 4]}" "<=1"
done

# Of few agents the single figure is far from the wait, in percent of it; how many wait outside of the range.
for agents in 1 2 3 10; do
    told=('?' '?' '?' '?' '?' '?' '?' '?' '?' '?' '?' '?' '?')
    read -r -a told < <("$build/tests/bench/ewt" $agents 100) || broke ewt
    figure "error of expected wait, $agents agents: median" "%" "${told[8]}" - - -
    figure "error of expected wait, $agents agents: 90th" "%" "${told[9]}" - - -
    figure "wait longer than its range, $agents agents" "%" "${told[11]}" - - "<=15"
done

# Days of 20 agents whom the dialer keeps busy while no more than 3 % of those who answer are abandoned, in percent of their
# time, and what a decision costs. pacing.sh plays all groups.
"$build/tests/bench/pacing" table 20 35 20 10 >"$work/pacing" || broke pacing
of() { awk -v policy="$1" '$1 == policy {print $5}' "$work/pacing"; }
figure "predictive: 20 agents, 35 % answer: busy" "%" "$(of predictive)" progressive "$(of progressive)" ">=1"
figure "predictive: 20 agents, 35 % answer: busy" "%" "$(of predictive)" "adapting lines per agent" "$(of textbook)" ">=1"
figure "predictive: 20 agents, 35 % answer: busy" "%" "$(of predictive)" "best that knows all" "$(of oracle)" ">=0.977"
mean='?' high='?' bytes='?'
read -r mean high bytes < <("$build/tests/bench/pacing" asks 1000 10000) || broke pacing
figure "pacing: a decision, 1,000 campaigns, 10,000 agents" ns "$mean" "-" - "-"
figure "pacing: the same, p99" ns "$high" "-" - "-"
figure "pacing: memory of a campaign" bytes "$bytes" "-" - "-"

# Rollouts that are played (rollouts.c prints their table): equal versions that are taken back, in percent; the calls per
# arm in which 95 in 100 worse ones are found.
"$build/tests/bench/rollouts" >"$work/rollouts" || broke rollouts
played() { awk -v name="$1" -v word="$2" 'index($0, name) == 1 {for (at = 2; at < NF; at++) if ($at == word) {print $(at + 1 + ($(at + 1) == "%")); exit}}' "$work/rollouts"; }
figure "rollouts: equal versions taken back" "%" "$(played "equal, nothing" back)" - - "<=1"
figure "rollouts: 3 to 6 % abandoned, calls until found" calls "$(played "3 to 6 %, nothing" 95)" - - "<=2500"
figure "rollouts: 3 to 13 % abandoned, calls until found" calls "$(played "3 to 13 %, nothing" 95)" - - "<=400"

# Two campaigns and inbound calls on 20 agents, 50 days of two hours; campaigns.py plays other sites.
FIGURES=$work/campaigns python3 campaigns.py "$build" 50 "two, inbound 100/h" >/dev/null || broke campaigns
busy='?' progressive='?' adapting='?' best='?' prefix='?' quarter='?'
read -r _ busy progressive adapting best prefix quarter <"$work/campaigns"
figure "two campaigns and inbound calls: busy" "%" "$busy" progressive "$progressive" ">=1"
figure "two campaigns and inbound calls: busy" "%" "$busy" "adapting lines per agent" "$adapting" ">=1"
figure "two campaigns and inbound calls: busy" "%" "$busy" "best that knows all" "$best" "-"
figure "two campaigns and inbound calls: days above the ceiling" "%" "$prefix" "-" - "<=1"
figure "two campaigns and inbound calls: days with a quarter above" "%" "$quarter" "-" - "<=1"

# Records of calling lists that the core holds until they are due.
bytes='?' each='?'
mkdir "$work/records" && cp records.gcx "$work/records" && "$build/gcxc" build "$work/records/records.gcx" -o "$work/records.gcxb" &&
    read -r bytes each < <("$build/tests/bench/records" "$work/records.gcxb" 1000000) || broke records
figure "a buffered record, of a million: all told" bytes "$bytes" "-" - "-"
figure "a buffered record: taken" us "$each" "-" - "-"

# Call progress by ear: a thousand sounds with noise, levels, frequencies and times that vary; tones and voices that were told
# rightly, sounds that were told wrongly, in percent. A sound that libspandsp has no detector for is not counted as its.
./detector.sh "$build" 1000 1 >"$work/detector" || broke detector.sh
of() { awk -v name="$1" -v at="$2" '$1 == name {print $at; found = 1} END {if (!found) print "?"}' "$work/detector"; }
[ "$(of voices 2)" = spoken ] || lacks "sox and espeak-ng"
figure "detector: tones told rightly" "%" "$(of tones 2)" libspandsp "$(of tones 3)" ">=1"
figure "detector: sounds told wrongly" "%" "$(of wrong 2)" - - "<1"
figure "detector: the same, libspandsp" "%" "$(of wrong 3)" - - "-"
figure "detector: a person or a machine told rightly" "%" "$(of people 2)" - - ">=95"
figure "detector: a second of sound" us "$(of cost 2)" libspandsp "$(of cost 3)" "-"
figure "detector: memory of a call" bytes "$(of bytes 2)" - - "-"

# A directory of 100,000 agents with five skills each, imported while gcxvm runs, beside SQLite that reads the file.
ours='?' bytes='?' rival='?'
./directory.sh "$build" >"$work/directory" && read -r ours bytes rival <"$work/directory" || broke directory.sh
figure "import of 100,000 agents, in force" s "$ours" "sqlite3 .read" "$rival" "-"
figure "memory of an imported agent" bytes "$bytes" "-" - "-"

# E-mails of 4 KiB kept by the contact store, each with its contact, thread and words and durable before the next; beside
# the sqlite3 shell that inserts the same bodies into one table, a commit each, on the same disk in turn.
for round in 1 2 3; do
    "$build/tests/bench/store" "$work/store$round.db" 3000 >>"$work/kept" || broke store
    absent sqlite3 && continue
    "$build/tests/bench/store" - 3000 sql >"$work/bodies.sql"
    began=$(date +%s%N)
    sqlite3 "$work/bodies$round.db" <"$work/bodies.sql" >/dev/null && echo $((3000 * 1000000000 / ($(date +%s%N) - began))) >>"$work/inserted"
done
figure "e-mails kept by the contact store, each durable" 1/s "$(median <"$work/kept")" "sqlite3 insert" "$([ -e "$work/inserted" ] && median <"$work/inserted" || echo '?')" "-"

# Calling lists of 20,000 records: taken in, fetched in portions of 100, dialled and closed, each change durable before
# the next; beside the database's own program that puts the same file into a table without keys or checks.
for kind in sqlite postgres; do
    case $kind in sqlite) name=SQLite rival='sqlite3 .import' ;; *) name=PostgreSQL rival='psql \copy' ;; esac
    taken='?' fetched='?' closed='?' plain='?'
    ./lists.sh "$build" $kind 20000 1000 >"$work/lists" 2>/dev/null
    case $? in 0) read -r taken fetched closed plain <"$work/lists" ;; 77) ;; *) broke lists.sh ;; esac
    figure "records taken into a calling list, $name" 1/s "$taken" "$rival" "$plain" "-"
    figure "records fetched by a dialer, $name" 1/s "$fetched" - - "-"
    figure "records dialled and closed, $name" 1/s "$closed" - - "-"
done

# A second version that decides all arrivals, too, in a process beside: what gcxvm takes for a call with it and without.
./shadow.sh "$build" 1000 3 >"$work/shadow"
case $? in 0 | 77) ;; *) broke shadow.sh ;; esac
shadow() { awk -v line="$1" -v field="$2" 'NR == line {print $field; found = 1} END {if (!found) print "?"}' "$work/shadow"; }
figure "a call in gcxvm, with a shadow beside it" us "$(shadow 1 2)" "without a shadow" "$(shadow 1 1)" "<=1.1"
figure "a batch in the shadow's candidate, p50" us "$(shadow 2 1)" "the present version there" "$(shadow 2 3)" "-"
figure "a batch in the shadow's candidate, p99" us "$(shadow 2 2)" "the present version there" "$(shadow 2 4)" "-"

# Mails of 4 KiB over the wire, each in the contact store and in the core before it is answered; beside Exim, which gives
# each to Dovecot by LMTP, counted when it is there.
./intake.sh "$build" 300 3 >"$work/intake"
case $? in 0) ;; 77) lacks "Exim and Dovecot" ;; *) broke intake.sh ;; esac
figure "mails taken in durably: stored, submitted, answered" 1/s "$(awk '{print $1}' "$work/intake" | median)" "Exim and Dovecot by LMTP" \
    "$(awk '{print $2}' "$work/intake" | median)" "-"

# Chat on loopback: from a customer's WebSocket to an agent's and back, each message kept in the contact store and in the
# core; beside two XMPP clients of Prosody, which archives them. Then what an open chat costs.
./chat.sh "$build" 2000 10000 >"$work/chat"
case $? in 0) ;; 77) lacks python3 ;; *) broke chat.sh ;; esac
! grep -q '^? ? ?' "$work/chat" || lacks Prosody
chat() { awk -v line="$1" -v field="$2" 'NR == line {print $field; found = 1} END {if (!found) print "?"}' "$work/chat"; }
figure "chat messages, customer to agent, each kept" 1/s "$(chat 1 1)" "Prosody with its archive" "$(chat 2 1)" ">=1"
figure "chat, there and back, p50" us "$(chat 1 2)" "Prosody with its archive" "$(chat 2 2)" "<2000"
figure "chat, there and back, p99" us "$(chat 1 3)" "Prosody with its archive" "$(chat 2 3)" "-"
figure "memory of an open chat in gcxvm" bytes "$(chat 3 1)" "-" - "-"
figure "memory of an open chat in the chat adapter" bytes "$(chat 3 2)" "-" - "-"

# Short messages on loopback, kept before they are acknowledged or go; beside Kannel between the same two ends, whose spool is
# not synced. Then what an open conversation costs, and the parts of long texts.
./sms.sh "$build" 2000 10000 >"$work/sms"
case $? in 0) ;; 77) lacks python3 ;; *) broke sms.sh ;; esac
! grep -q '^? ? ?' "$work/sms" || lacks Kannel
sms() { awk -v line="$1" -v field="$2" 'NR == line {print $field; found = 1} END {if (!found) print "?"}' "$work/sms"; }
figure "short messages in, each acknowledged" 1/s "$(sms 1 1)" "Kannel with its spool" "$(sms 2 1)" ">=1"
figure "a short message in, until acknowledged, p50" us "$(sms 1 2)" "Kannel with its spool" "$(sms 2 2)" "-"
figure "a short message in, until acknowledged, p99" us "$(sms 1 3)" "Kannel with its spool" "$(sms 2 3)" "-"
figure "short messages out, HTTP to SMPP" 1/s "$(sms 3 1)" "Kannel with its spool" "$(sms 4 1)" ">=1"
figure "a short message out, HTTP to SMPP, p50" us "$(sms 3 2)" "Kannel with its spool" "$(sms 4 2)" "-"
figure "a short message out, HTTP to SMPP, p99" us "$(sms 3 3)" "Kannel with its spool" "$(sms 4 3)" "-"
figure "memory of an open SMS conversation in gcxvm" bytes "$(sms 5 1)" "-" - "-"
figure "memory of an open SMS conversation in the adapter" bytes "$(sms 5 2)" "-" - "-"
"$build/tests/bench/parts" 100000 >"$work/parts" || broke parts
parts() { awk -v line="$1" -v field="$2" 'NR == line {print $field; found = 1} END {if (!found) print "?"}' "$work/parts"; }
figure "parts of long texts divided, GSM 03.38" parts/s "$(parts 1 1)" "-" - "-"
figure "parts of long texts joined, GSM 03.38" parts/s "$(parts 1 2)" "-" - "-"
figure "parts of long texts divided, UTF-16" parts/s "$(parts 2 1)" "-" - "-"
figure "parts of long texts joined, UTF-16" parts/s "$(parts 2 2)" "-" - "-"

# Knowledge workers: all come at once, and then each changes eleven times in a second, of which one change is told.
./presence.sh "$build" 500 >"$work/presence"
case $? in 0) ;; 77) lacks python3 ;; *) broke presence.sh ;; esac
presence() { awk -v field="$1" '{print $field; found = 1} END {if (!found) print "?"}' "$work/presence"; }
figure "presence of 500 workers at once, until the core has it" ms "$(presence 1)" "-" - "<1000"
figure "changes told of 5,500 in a second, of 500 workers" changes "$(presence 2)" "-" - "<501"

# Telephone calls by SIP, an agent chosen for each; beside Kamailio, which only passes their signals on, and rtpengine, which
# passes their sound on. What had to be sent again tells whether the rate was sustained.
sip_us='?' sip_again='?' sip_p50='?' sip_p99='?' sip_core='?' sip_relay='?' sip_packet='?' sip_engine='?' sip_memory='?' sip_decided='?' sip_told='?' sip_keys='?' sip_pop='?'
./sip.sh "$build" 100 75 100 >"$work/sip"
case $? in
    0)
        read -r _ _ sip_us sip_again _ sip_p50 sip_p99 < <(grep '^calls ours' "$work/sip")
        read -r _ _ sip_relay _ < <(grep '^calls Kamailio' "$work/sip")
        read -r _ _ sip_decided _ < <(grep '^redirects ours' "$work/sip")
        read -r _ _ sip_told _ < <(grep '^redirects Lua' "$work/sip")
        read -r _ _ sip_packet _ < <(grep '^sound ours' "$work/sip")
        read -r _ _ sip_engine _ < <(grep '^sound rtpengine' "$work/sip")
        read -r _ _ sip_keys < <(grep '^keys' "$work/sip")
        read -r _ _ sip_pop < <(grep '^pops' "$work/sip")
        sip_core=$(awk '/^core/ {print $2}' "$work/sip") sip_memory=$(awk '/^memory/ {print $2}' "$work/sip")
        ;;
    77) lacks "Kamailio and sipp" ;;
    *) broke sip.sh ;;
esac
figure "SIP calls, 100 a second for 75 s: CPU of the exchange" us/call "$sip_us" "Kamailio, signals only" "$sip_relay" "<1000"
figure "SIP calls, the same: CPU of gcxvm" us/call "$sip_core" - - "-"
figure "SIP calls, the same: messages sent again" messages "$sip_again" - - "<1"
figure "SIP calls, INVITE to 200, p50" ms "$sip_p50" - - "-"
figure "SIP calls, INVITE to 200, p99" ms "$sip_p99" - - "-"
figure "SIP calls that are answered 302, as many: CPU of gcxvm and the exchange, agent chosen and journaled" us/call "$sip_decided" "Kamailio's Lua, one fixed 302" "$sip_told" "<=2"
figure "SIP calls: keys lost of 500 where two packets in a hundred are" keys "$sip_keys" - - "<1"
figure "SIP calls: the desktop has the caller so long behind the telephone's INVITE, p99" us "$sip_pop" - - "<100000"
figure "sound of SIP calls: CPU" us/packet "$sip_packet" rtpengine "$sip_engine" "<=1"
figure "memory of a SIP call" KiB "$sip_memory" - - "-"

# 3. The enterprise flow over the wire: switch, T-Server, daemon and desktops in processes of their own.
wire() { # KIND NAME
    local rate='?' p50='?' p99='?' p999='?' batches='?' events='?' replay='?' records='?'
    ./wire.sh "$build" "$1" >"$work/wire"
    case $? in
        0) read -r rate p50 p99 p999 batches events replay records <"$work/wire" ;;
        77) lacks PostgreSQL ;;
        *) broke "wire.sh $1" ;;
    esac
    [ "$1" != sqlite ] || [ "$rate" = '?' ] || carries=$rate
    figure "enterprise flow over the wire, $2" calls/s "$rate" "-" - "-"
    figure "decision time p50 at half of it, $2" us "$p50" "-" - "-"
    figure "decision time p99, $2" us "$p99" "-" - "-"
    figure "decision time p99.9, $2" us "$p999" "-" - "-"
    figure "batches a second, each with its sync, $2" 1/s "$batches" "-" - "-"
    figure "events a batch, $2" events "$events" "-" - "-"
    figure "replay, the start of the process included, $2" events/s "$replay" "-" - "-"
    figure "records written from a journal, $2" interactions/s "$records" "calls on the wire" "$rate" ">=1"
}
wire sqlite SQLite
wire postgres PostgreSQL

# A journal of so many calls in the debugger, a million events where REPLAYED is 80000; beside gdb's record of a loop in C.
replayed=${REPLAYED-20000} batches='?' open='?' end='?' back='?' plain='?' watched='?' stop='?' gdb_end='?' gdb_back='?'
./replay.sh "$build" "$replayed" >"$work/replay" && {
    read -r batches open end back plain watched stop
    read -r gdb_end gdb_back
} <"$work/replay" || broke replay.sh
[ "$gdb_end" != '?' ] || lacks gdb
[ "$plain" != '?' ] || lacks valgrind
figure "gcxdb replay: a journal of $batches batches, open" s "$open" "-" - "-"
figure "gcxdb replay: to its last event" s "$end" "gdb's record, a million lines" "$gdb_end" "-"
figure "gcxdb replay: a step back there" s "$back" "gdb's record" "$gdb_back" "-"
figure "a line of a strategy, its events with it: nobody looks" instructions "$plain" "-" - "-"
figure "the same, looked at in gcxdb: more" instructions "$watched" "-" - "-"
figure "the same, and a breakpoint that is not met: more" instructions "$stop" "-" - "-"

# Overload: calls routed to agents a second at once, twice and three times what it carries, and how long they took.
if [ -n "${carries-}" ]; then
    while read -r times came goodput us refused daemon tserver; do
        [ "$times" = 1 ] && alone=$goodput
        figure "overload: goodput at $times times, of $came calls/s" calls/s "$goodput" "at 1 time" "$alone" "-"
        figure "overload: decision p99 of those let in, at $times times" us "$us" "-" - "-"
        figure "overload: refused at the switch, at $times times" "%" "$refused" "-" - "-"
        figure "overload: memory of gcxvm and T-Server, after $times times" MB "$((daemon + tserver))" "-" - "-"
    done < <(./overload.sh "$build" "$carries")
fi

# A minute of the soak at half of what it carries: what is held at its end and at its start.
if [ -n "${carries-}" ]; then
    ./soak.sh "$build" "${SOAK_SECONDS:-60}" $((carries / 2)) 10 >"$work/soak" || { tail -n 3 "$work/soak" >&2; broke soak.sh; }
    soaked() { # NAME UNIT COLUMN DIVISOR
        read -r first last < <(awk -v at="$3" -v by="$4" '
            /^ *[0-9]+ +[0-9]+ +[0-9]+ / {if (first == "") first = $at; last = $at}
            END {printf "%.1f %.1f\n", first / by, last / by}' "$work/soak")
        figure "after ${SOAK_SECONDS:-60} s at half of it: $1" "$2" "$last" "at its start" "$first" "-"
    }
    soaked "memory of gcxvm" MB 6 1024
    soaked "memory of the T-Server" MB 8 1024
    soaked "descriptors of gcxvm" - 7 1
    soaked "descriptors of the T-Server" - 9 1
    soaked "decision p99" us 5 1
fi

# How long an author waits for gcxc check.
mkdir "$work/large" && cp ../../strategies/enterprise/{site.gcx,customers.sql} "$work/large" &&
    awk -v lines=2000 -f large.awk ../../strategies/enterprise/enterprise.gcx >"$work/large/large.gcx" || exit 1
checked() { # FILE: the median of nine runs, in ms
    local began
    for _ in 1 2 3 4 5 6 7 8 9; do
        began=$(date +%s%N)
        "$build/gcxc" check "$1" >/dev/null 2>&1 || { echo "run.sh: $1 is not good" >&2; exit 1; }
        echo $((($(date +%s%N) - began) / 10000))
    done | median | awk '{print $1 / 100}'
}
figure "gcxc check, the enterprise site" ms "$(checked ../../strategies/enterprise/enterprise.gcx)" "-" - "-"
figure "gcxc check, a site of $(wc -l <"$work/large/large.gcx") lines" ms "$(checked "$work/large/large.gcx")" "-" - "<50"

# A site of 100,000 lines in two files, beside Lua's and C's compilers on as many lines of theirs that do much the same.
many=$work/many && mkdir "$many" && cp ../../strategies/enterprise/{site.gcx,customers.sql} "$many" &&
    awk -v lines=50000 -f large.awk ../../strategies/enterprise/enterprise.gcx >"$many/one.gcx" &&
    sed 's/^strategy enterprise_/strategy other_/; /^record Customer/d; s/^import site;/import one;/' "$many/one.gcx" >"$many/two.gcx" &&
    awk -v language=lua -v lines=100000 -f lines.awk >"$many/lines.lua" && awk -v language=c -v lines=100000 -f lines.awk >"$many/lines.c" || exit 1
took() { # NAME COMMAND...: adds the seconds to $many/NAME
    local name=$1 began; shift
    began=$(date +%s%N)
    "$@" >/dev/null 2>&1 || { echo "run.sh: $1 refuses the 100,000 lines" >&2; exit 1; }
    echo $((($(date +%s%N) - began) / 1000)) >>"$many/$name"
}
for _ in 1 2 3 4 5; do
    took check "$build/gcxc" check "$many/one.gcx" "$many/two.gcx"
    took build "$build/gcxc" build "$many/one.gcx" "$many/two.gcx" -o "$many/image.gcxb"
    absent luac5.4 || took luac luac5.4 -p "$many/lines.lua"
    absent gcc || took gcc gcc -fsyntax-only "$many/lines.c"
done
speed() { # NAME FILES: lines a second
    [ -e "$many/$1" ] || { echo '?'; return; }
    cat "$many"/$2 | wc -l | awk -v us="$(median <"$many/$1")" '{printf "%.0f\n", $1 * 1e6 / us}'
}
for command in check build; do
    figure "gcxc $command, 100,000 lines" lines/s "$(speed $command '*.gcx')" "luac -p" "$(speed luac lines.lua)" "-"
    figure "gcxc $command, 100,000 lines" lines/s "$(speed $command '*.gcx')" "gcc -fsyntax-only" "$(speed gcc lines.c)" "-"
done

# And from a keystroke in an editor to what is said of it, and to the answers of what is asked behind it.
typed() { # LINES FILE ROUNDS GOAL
    local at found=()
    beside "$work/typed$1" python3 lsp.py "$build/gcxc" "$2" "$3"
    read -ra found <"$work/typed$1"
    for at in 0 1 2; do
        local answer=(diagnostics completion hover)
        figure "lsp keystroke to ${answer[at]}, $1 lines" ms "${found[2 * at]-?}" "-" - "$4"
        figure "lsp keystroke to ${answer[at]}, $1 lines, p99" ms "${found[2 * at + 1]-?}" "-" - "-"
    done
}
typed 2,000 "$work/large/large.gcx" 9 "<50"
typed 100,000 "$many/two.gcx" 3 "<50"

# How many tests of one call each, keys, a query and an agent in it, are played a second; compiling them included.
awk 'BEGIN {
    print "import enterprise;"
    for (i = 1; i <= 5000; i++)
        print "test \"" i "\" { agent a (English: 9, Sales: 3) ready; ivr.digits(prompt account_number) -> \"4711\"; " \
            "ivr.menu(prompt language) -> \"1\"; query customers -> none; call enterprise; expect routed to agent a; }"
}' >"$work/large/tests.gcx" && cp ../../strategies/enterprise/enterprise.gcx "$work/large" || exit 1
played() { # OPTION...: the median of five runs, in tests a second
    local began
    for _ in 1 2 3 4 5; do
        began=$(date +%s%N)
        "$build/gcxc" test "$@" "$work/large/tests.gcx" >/dev/null || { echo "run.sh: a test fails" >&2; exit 1; }
        echo $((5000 * 1000000000 / ($(date +%s%N) - began)))
    done | median
}
figure "gcxc test, one process" tests/s "$(played -j 1)" "-" - "-"
figure "gcxc test, $(nproc) processes" tests/s "$(played)" "-" - "-"
figure "gcxc test --coverage, one process" tests/s "$(played -j 1 --coverage)" "-" - "-"

# Simulated calls a minute, in one process: straight to an agent; with an IVR, a query and music.
simulated() { # OPTION...: the median of three runs, of what gcxc says of its speed
    for _ in 1 2 3; do
        "$build/gcxc" simulate "$@" --replications 1 -j 1 2>&1 >/dev/null | sed -n 's|.*: \([0-9]*\) calls/s$|\1|p'
    done | median | awk '{print $1 * 60}'
}
figure "gcxc simulate, calls to 200 agents" calls/min "$(simulated ../unit/sim_truth.gcx --arrivals one=3600/h \
    --handling 'exponential(3m)' --agents '200 (any_call: 5)' --for 30h)" "-" - ">=1000000"
figure "gcxc simulate, the enterprise strategy, 200 agents" calls/min "$(simulated ../../strategies/enterprise \
    --arrivals 3600/h --handling 'exponential(3m)' --agents '200 (English: 9, Sales: 3)' \
    --answers 'English by its key' --for 20h)" "-" - ">=1000000"

# 4. Lines of code per room, its inner rooms included (C, flex, bison and tables; no blank lines).
cd ../.. || exit 1
for room in vm compiler compiler/cli runtime/vocabulary runtime/core runtime/host runtime/journal runtime/sources runtime/adapter \
    runtime/adapters/cti runtime/adapters/tserver runtime/daemon runtime/ctl runtime/sim tests/unit; do
    figure "lines of $room" lines "$(find "$room" -name '*.[chly]' -o -name '*.def' | xargs cat | grep -c '[^[:space:]]')" - - -
done

figures_end "$build/bench.json"
exit $failed
