#!/bin/bash
# tests/flows/ctl_reads.sh - What gcxctl tells while calls wait: who, where in the source, why, and what would have to
# be different; pages, --json, --follow, --watch and top.
. "$top_srcdir/tests/flows/ctl_common.sh"

four_wait
first=$(ixn_of +33145550101)
gold=$(ixn_of +33145550103)

echo "where it is"
expect 'at        select, enterprise.gcx:19' ctl interaction "$first"
expect 'busy      ivr.music, enterprise.gcx:24' ctl interaction "$first"
expect 'in queue service, number 2 of ' ctl interaction "$first"
expect 'in queue service, number 1 of ' ctl interaction "$gold"
expect '^arrived  *20[0-9][0-9]-' ctl data "$first"
expect '^waited  *[0-9.]*m\{0,1\}s' ctl data "$first"
expect 'account  *"4713"' ctl interaction "$first"
expect '"position": 1' ctl interaction "$gold" --json
# It waits on though nothing happens: so its age is the present's.
age() { ctl interaction "$gold" --json | sed -n 's/.*"waited_us": \([0-9]*\),*/\1/p'; }
before=$(age)
older() { [ "$(age)" -gt $((before + 200000)) ]; }
await older

echo "why"
expect 'marie  *not ready; line 0: matches' ctl why "$first"
expect '1 match, and cannot be chosen now (1 not ready):' ctl why "$first"
expect 'line 2  enterprise.gcx:.* group overflow, opens at' ctl why "$first"
expect '"not_chosen": "not ready"' ctl why "$first" marie --json
expect 'there is no agent `nobody`' ctl why "$first" nobody
expect '"order": null' ctl trace "$first" --json # who chose nobody had no order
sed -i "s/'French', 9/'French', 5/; s/\"French\", 9/\"French\", 5/; s/French.*, 9)/French', 5)/" "$dir/directory.sql"
ctl reload --why "as it is written now" >/dev/null || say_failed "gcxctl reload"
expect 'French 5, needs 8' ctl why "$first"
expect 'French 5' ctl agents marie
expect '^AGENT .* HAS  *OF  *CAPACITY ' ctl agents

echo "lists"
expect 'service  *4  ' ctl queues service
expect '^QUEUE  *WAITING  LONGEST  ENTERED  DISTRIBUTED  ABANDONED  CLEARED  AVERAGE WAIT  JUDGED  SATISFIED$' ctl queues
expect '^SOURCE  *TYPE  *QUERIES  ERRORS  WAITING  CIRCUIT  DATABASE' ctl sources
expect 'there is no virtual queue `none`' ctl queues none
[ "$(ctl interactions --queue service --json | grep -c '"ixn"')" -ge 3 ] || say_failed "interactions of a queue"
ctl interactions --state handling --json >"$dir/handling" && ! grep -q '"ixn"' "$dir/handling" || say_failed "interactions of another state"
[ "$(ctl interactions --strategy enterprise --json | grep -c '"ixn"')" -ge 3 ] || say_failed "interactions of a strategy"
expect 'there is no virtual queue `servce`' ctl interactions --queue servce
expect 'there is no strategy `enterprize`' ctl interactions --strategy enterprize
expect 'no state `asleep`; expected queued' ctl interactions --state asleep
expect 'no medium `smoke`' ctl interactions --media smoke
caller=$(ctl interactions --json | grep -m1 -o '"ani": *"[^"]*"' | cut -d'"' -f4)
of_number() { ctl interactions --number "$1" --json | grep -c '"ixn"'; }
[ "$(of_number "$caller")" -ge 1 ] || say_failed "interactions of the number $caller"
[ "$(of_number "0${caller#+33}")" -ge 1 ] || say_failed "interactions of 0${caller#+33}, which is $caller"
own=$(ixn_of +33145550102)
[ "$(ctl interactions --number "$own" --json | grep -o "\"ixn\": \"[^\"]*\"")" = "\"ixn\": \"$own\"" ] || say_failed "the interaction of its own number"
[ "$(of_number +3312345678)" = 0 ] || say_failed "interactions of another number"
[ "$(ctl interactions --limit 1 --json | grep -c '"ixn"')" = 1 ] || say_failed "--limit 1"
expect 'more interactions are left out' ctl interactions --limit 1
next=$(ctl interactions --limit 1 --json | sed -n 's/.*"next": "\([0-9]*\)".*/\1/p')
expect "\"$(ixn_of +33145550102)\"" ctl interactions --limit 1 --from "$next" --json
expect '1800   enterprise' ctl routing-points
expect ' 1  *[0-9]*  enterprise' ctl strategies
expect 'tserver .* up ' ctl links
expect 'customers  sqlite' ctl sources
expect 'marie' ctl agents --state not_ready
expect '^AGENT' ctl agents --state ready
ctl agents --state ready | grep -q marie && say_failed "marie is not ready"

echo "the manual has every member"
ctl interactions --json >"$dir/answers"
for command in status links sources routing-points strategies agents "agents marie" queues "trace $first" "why $first" version; do
    # shellcheck disable=SC2086
    ctl $command --json >>"$dir/answers"
done
ctl interaction "$first" --json | sed '/"data"/,$d' >>"$dir/answers"
sed -n '/^\.Sh JSON/,/^\.Sh COMPLETION/p' "$top_srcdir/man/gcxctl.1.in" >"$dir/manual"
# The states and skills of agents are no members, but names.
for member in $(sed -n 's/^ *"\([a-z_]*\)": .*/\1/p' "$dir/answers" | sort -u); do
    case $member in ok | logged_out | not_ready | after_call_work | dnd_on | dnd_off | unknown) continue ;; esac
    grep -q -w -e "$member" "$dir/manual" || say_failed "gcxctl(1) does not say what $member is"
done

echo "as it happens"
ctl trace "$first" --follow >"$dir/followed" & follower=$!
expect 'status --json --watch' ctl top --json
ctl top --batch -n 3 --delay 1 >"$dir/top" || say_failed "gcxctl top --batch"
[ "$(grep -c '^gcxvm ' "$dir/top")" = 3 ] || { say_failed "top did not show three screens"; cat "$dir/top"; }
grep -q '^calls  *[0-9]* live, [0-9]* waiting' "$dir/top" || say_failed "top shows no calls"
grep -q 'link  *tserver: adapter up, service up' "$dir/top" || say_failed "top shows no link"
grep -q '^times  *sync p50 within' "$dir/top" || say_failed "top shows no sync times"
# screen COLUMNS: what top shows on a terminal as wide as that, one line of text per line.
screen() {
    script -qec "stty cols $1 rows 40; exec '$gcxctl' --socket '$dir/state/admin.sock' top -n 2 --delay 1" /dev/null </dev/null |
        sed 's/\x1b\[H/\n/g; s/\x1b\[[0-9;?]*[a-zA-Z]//g; s/\r//g; s/ *$//'
}
if command -v script >/dev/null; then
    for columns in 200 80 50; do
        screen "$columns" >"$dir/screen"
        awk -v most="$columns" 'length($0) > most {print "too wide: " $0; bad = 1} END {exit bad}' "$dir/screen" || say_failed "a screen of $columns is left"
        for whole in '[0-9] waiting for somebody' 'routed [0-9.]*/s' 'abandoned [0-9.]*/s' 'defaulted [0-9.]*/s' 'a batch$' \
            'p99 within [0-9a-z.-]*' 'memory [0-9]* MiB$' 'claims' '[0-9] refused' '[0-9] restarts$' ; do
            grep -q "$whole" "$dir/screen" || { say_failed "at $columns columns there is no: $whole"; cat "$dir/screen"; }
        done
    done
    grep -q 'QUEUE .* WAITING .* OLDEST$\|QUEUE .*ENTERED$\|QUEUE .*DISTRIBUTED$' "$dir/screen" || say_failed "at 50 columns the table is not cut between columns"
    screen 80 | grep -q 'QUEUE .* CLEARED$' || say_failed "at 80 columns the table is not whole"
    screen 200 | grep -q 'waiting for somebody    routed .* defaulted' || say_failed "a wide screen is not used"
fi
"$gcxctl" --socket "$dir/state/admin.sock" queues --watch 0.2 >"$dir/watched" & watcher=$!
seen_twice() { [ "$(grep -c '^service' "$dir/watched")" -ge 2 ]; }
await seen_twice
kill "$watcher"; wait "$watcher" 2>/dev/null
ctl end "$first" --why "the test is over" >/dev/null || say_failed "gcxctl end"
ended() { ! kill -0 $follower 2>/dev/null; }
await ended
grep -q 'AdminRequest' "$dir/followed" || { say_failed "--follow did not show the end"; cat "$dir/followed"; }
[ "$(sort "$dir/followed" | uniq -d | wc -l)" = "$(ctl trace "$first" | sed -n '/^20/p' | sort | uniq -d | wc -l)" ] || say_failed "--follow told something twice"

echo "wrong use, and nobody there"
for wrong in "drain --watch 1" "interaction" "interaction a b" "queues --state ready" "status --limit 1" "agents --limit x" "why --why x $first"; do
    # shellcheck disable=SC2086
    ctl $wrong >/dev/null 2>&1; got=$?
    [ $got = 2 ] || say_failed "\`gcxctl $wrong\` ended with $got, not 2"
done
expect 'did you mean interactions' ctl interactoins
ctl interaction 1-ff >/dev/null 2>&1; got=$?
[ $got = 1 ] || say_failed "an unknown interaction: $got, not 1"
expect 'is gcxvm running' "$gcxctl" --socket "$dir/nowhere" status
"$gcxctl" --socket "$dir/nowhere" status >/dev/null 2>&1; got=$?
[ $got = 3 ] || say_failed "nobody there: $got, not 3"
leave
finish
