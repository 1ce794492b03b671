#!/bin/bash
# tests/flows/records.sh - gcxrecords beside gcxvm, both killed in the middle: its tables are those of a writer that saw
# the whole journal at once, in SQLite, in JSON lines and, where a server is installed, in PostgreSQL; they tell what
# happened; the queries of gcx-records(5) run.
. "$top_srcdir/tests/flows/enterprise_common.sh"
gcxrecords=$top_builddir/gcxrecords
writers=''
command -v sqlite3 >/dev/null || exit 77
for postgres in /usr/lib/postgresql/*/bin/initdb; do break; done
pg_end() { :; }
[ ! -x "$postgres" ] || . "$top_srcdir/tests/flows/postgres_common.sh"
hook=''
also_end() {
    [ -z "$hook" ] || kill "$hook" 2>/dev/null
    for pid in $writers; do kill -9 "$pid" 2>/dev/null; done
    pg_end
}

# follow TARGET: a writer that follows the journal, in the background; its number is in $writer.
follow() {
    "$gcxrecords" "$dir/gcx.conf" "$1" >>"$dir/records.log" 2>&1 &
    writer=$!
    writers="$writers $writer"
}
# killed TARGET: the writer dies somewhere, and another one goes on.
killed() { kill -9 "$writer"; wait "$writer" 2>/dev/null; follow "$1"; }
once() { "$gcxrecords" --once "$dir/gcx.conf" "$1" >>"$dir/records.log" 2>&1 || say_failed "gcxrecords --once $1: $(tail -n 1 "$dir/records.log")"; }
tables() { sed -n 's/^TABLE(\([a-z_]*\),.*/\1/p' "$top_srcdir/runtime/records/records.def"; }
sql() { sqlite3 "$dir/$1.db" "$2"; }
has_rows() { [ "$(sql "$1" "select count(*) from $2" 2>/dev/null)" -gt 0 ]; }
dump() { for table in $(tables); do echo "$table"; sql "$1" "select * from $table order by journal, batch, n"; done; }
is() { [ "$1" = "$2" ] || say_failed "$3: $1, not $2"; }

# dump_server: as dump does. Here moments have no zeros at their ends, and their zone.
dump_server() {
    for table in $(tables); do echo "$table"; PGTZ=UTC pg_sql -c "select * from $table order by journal, batch, n" | sed 's/+00//g'; done
}

[ ! -x "$postgres" ] || pg_begin || die "the server does not start"
build_flow "$top_srcdir/tests/flows/enterprise_acts.gcx"
clock_stands 2
answer=3
begin "calls wait while the core is away"
if [ -x "$postgres" ]; then follow "$pg_conninfo"; server_writer=$writer; fi
follow "sqlite:$dir/live.db"
await are_waiting 4
await has_rows live steps
killed "sqlite:$dir/live.db"
if [ -x "$postgres" ]; then
    server_has_rows() { [ "$(pg_sql -c "select count(*) from steps")" -gt 0 ]; }
    await server_has_rows
    pg_stop immediate
fi
kill_core
clock_runs
await simulated 'ConnectionCleared .*cause=abandoned'
await simulated 'RouteUsed .*destination=5900'
restarted
killed "sqlite:$dir/live.db"
once "jsonl:$dir/live.jsonl"
ready_now 7001
await has_rows live offers
killed "sqlite:$dir/live.db"
[ ! -x "$postgres" ] || pg_start || die "the server does not start again"
played
expect '3 routed, 1 abandoned' ctl status
awkward=$'a tab\t, \\ and \\\\n, "quotes" \\'
ctl drain --why "$awkward" >/dev/null || say_failed "gcxctl drain"
stop
kill "$writer"; wait "$writer"; is $? 0 "the writer's end in order"
once "sqlite:$dir/live.db"
once "sqlite:$dir/whole.db"
if [ -x "$postgres" ]; then kill -9 "$server_writer"; once "$pg_conninfo"; fi

echo "a web server has each row once, in their order, though it fails at first and the writer is killed"
echo "a secret of the site" >"$dir/hook.secret"
python3 "$top_srcdir/tests/flows/hook_receiver.py" "$dir" "a secret of the site" &
hook=$!
await test -s "$dir/hook.port"
printf '{"url": "http://127.0.0.1:%s/", "secret_file": "%s", "state": "%s", "tables": ["interactions", "offers", "vq_visits", "steps", "events"]}\n' \
    "$(cat "$dir/hook.port")" "$dir/hook.secret" "$dir/hook.state" >"$dir/hook.json"
follow "hook:$dir/hook.json"
await test -s "$dir/hook.ids"
kill -9 "$writer"; wait "$writer" 2>/dev/null
once "hook:$dir/hook.json"
once "hook:$dir/hook.json"
sqlite3 "$dir/whole.db" "select journal || '-' || batch || '-' || n from (select journal, batch, n from interactions union all
    select journal, batch, n from offers union all select journal, batch, n from vq_visits union all select journal, batch, n from steps)
    order by journal, batch, n" >"$dir/hook.wanted"
uniq "$dir/hook.ids" >"$dir/hook.once" # the row that was under way when the writer was killed may have come twice
cmp "$dir/hook.wanted" "$dir/hook.once" || say_failed "the web server has other rows"
[ ! -e "$dir/hook.odd" ] || say_failed "$(cat "$dir/hook.odd")"
is "$(wc -l <"$dir/hook.state.dead")" 1 "rows that were refused for ever"
grep -q 'answers 401: see that address and secret are those' "$dir/records.log" || say_failed "a refusal of the address is not told"
uniq "$dir/hook.events" | cut -d ' ' -f 2 | sort | uniq -c | awk '$2 != "moved" && $2 != "agent_state" {print $2, $1}' >"$dir/events"
printf '%s\n' 'accepted 3' 'came 5' 'ended 5' 'offer_over 3' 'offered 3' 'queued 4' | cmp - "$dir/events" || { say_failed "other events"; cat "$dir/events"; }
grep -q 'ended routed$' "$dir/hook.events" && grep -q 'agent_state ready$' "$dir/hook.events" || say_failed "events without their states"
grep -q 'refuses a row of .* by 400: it is kept in .*hook.state.dead' "$dir/records.log" || say_failed "a dead row is not told"
kill "$hook"; wait "$hook" 2>/dev/null; hook=''

echo "what was written in pieces is what is written at once"
dump live >"$dir/live"; dump whole >"$dir/whole"
cmp "$dir/live" "$dir/whole" || { say_failed "the tables differ"; diff "$dir/live" "$dir/whole" | head -n 20; }
if [ -x "$postgres" ]; then
    dump_server >"$dir/server"
    sed -E 's/(:[0-9]{2})\.000/\1/g; s/(:[0-9]{2}\.[0-9]*[1-9])0+\b/\1/g' "$dir/whole" >"$dir/wanted"
    cmp "$dir/wanted" "$dir/server" || { say_failed "PostgreSQL has other rows"; diff "$dir/wanted" "$dir/server" | head -n 20; }
fi
echo 'half a line, as a crash leaves it' >>"$dir/live.jsonl"
once "jsonl:$dir/live.jsonl"; once "jsonl:$dir/whole.jsonl"
grep -v '"table":"position"' "$dir/live.jsonl" >"$dir/live"; grep -v '"table":"position"' "$dir/whole.jsonl" >"$dir/whole"
cmp "$dir/live" "$dir/whole" || say_failed "the JSON lines differ"
is "$(wc -l <"$dir/whole")" "$(for table in $(tables); do sql whole "select count(*) from $table"; done | awk '{n += $1} END {print n}')" "rows as lines"

echo "a day of them can be simulated again, from each"
simulated() { "$top_builddir/gcxc" simulate "$top_srcdir/strategies/enterprise" --records "$1" --agents '4 (English: 9, Sales: 3)' --replications 2 --format csv 2>"$dir/told"; }
simulated "sqlite:$dir/whole.db" >"$dir/day"
grep -q 'calls, 3 of them answered, 1 hung up before$' "$dir/told" || { say_failed "the day"; cat "$dir/told"; }
simulated "jsonl:$dir/whole.jsonl" | cmp - "$dir/day" || say_failed "the JSON lines are another day"
[ ! -x "$postgres" ] || simulated "$pg_conninfo" | cmp - "$dir/day" || { say_failed "PostgreSQL's is another day"; cat "$dir/told"; }

echo "they tell what happened"
is "$(sql whole "select why from audit where what = 'drain'")" "$awkward" "the reason"
is "$(sql whole "select count(*) from interactions")" 5 interactions
is "$(sql whole "select count(*) from interactions where outcome = 'routed' and answered is not null")" 3 answered
is "$(sql whole "select count(*) from vq_visits where outcome = 'distributed' and agent is not null")" 3 distributed
is "$(sql whole "select count(*) from vq_visits where outcome = 'abandoned'")" 1 abandoned
is "$(sql whole "select count(*) from offers where outcome = 'answered' and handle_ms is not null")" 3 offers
is "$(sql whole "select sum(offered) from vq_quarters")" 4 "offered by quarter"
is "$(sql whole "select sum(offered) from strategy_quarters")" 4 "by strategy"
is "$(sql whole "select count(*) from steps where step = 'select' and exit = 'done'")" 3 "selections"
is "$(sql whole "select sum(answered) from agent_quarters")" 3 "answered by agents"
is "$(sql whole "select (select sum(login_ms) from agent_quarters) between sum(ms) - 20 and sum(ms) from agent_states where state not in ('logged_out', 'unknown')")" 1 "login time is the sum of states"

echo "the quarters of an hour are sums of the rows"
# recomputed VIEW COLUMNS QUERY AWK: what the awk program makes of the query's rows, whose first cell is a moment, is what
# the view has. There quarter(MOMENT) is its quarter, and has(KEY, FIGURE, N) adds, most(KEY, FIGURE, N) is the largest.
recomputed() {
    sql whole "select $2 from $1 order by 1, 2" >"$dir/view"
    sql whole "$3" | awk -F'|' 'function quarter(moment) { return sprintf("%s%02d:00.000", substr(moment, 1, 14), int(substr(moment, 15, 2) / 15) * 15) }
        function has(key, figure, n) { sums[key, figure] += n; keys[key]; if (figure > figures) figures = figure }
        function most(key, figure, n) { has(key, figure, 0); if (n > sums[key, figure]) sums[key, figure] = n }
        '"$4"'
        END { for (key in keys) { line = key; for (i = 1; i <= figures; i++) line = line "|" sums[key, i] + 0; print line } }' | sort >"$dir/sums"
    [ -s "$dir/view" ] || [ "$1" = queue_quarters ] || say_failed "$1 is empty" # no call goes to a queue here
    diff "$dir/view" "$dir/sums" || say_failed "$1 is not the sum of its rows"
}
recomputed vq_quarters quarter,vq,offered,distributed,abandoned,cleared,within_20s,wait_ms,longest_ms "select entered, vq, outcome, waited_ms from vq_visits" \
    '{ k = quarter($1) "|" $2; has(k, 1, 1); has(k, 2, $3 == "distributed"); has(k, 3, $3 == "abandoned"); has(k, 4, $3 == "cleared")
       has(k, 5, $3 == "distributed" && $4 <= 20000); has(k, 6, $4); most(k, 7, $4) }'
recomputed queue_quarters quarter,queue,entered,ms,longest_ms "select began, name, ms from owners where kind = 'queue'" \
    '{ k = quarter($1) "|" $2; has(k, 1, 1); has(k, 2, $3); most(k, 3, $3) }'
recomputed strategy_quarters quarter,strategy,offered,routed,abandoned,defaulted,answered,answer_ms,handled_ms \
    "select received, strategy, outcome, answered_ms, ended_ms from interactions where strategy is not null" \
    '{ k = quarter($1) "|" $2; has(k, 1, 1); has(k, 2, $3 == "routed"); has(k, 3, $3 == "abandoned"); has(k, 4, $3 == "defaulted")
       has(k, 5, $4 != ""); has(k, 6, $4); has(k, 7, $5) }'
recomputed agent_quarters quarter,agent,offered,answered,no_answer,busy_ms "select made, agent, outcome, handle_ms from offers union all select distinct quarter, agent, '', '' from agent_times" \
    '{ k = quarter($1) "|" $2; has(k, 1, $3 != ""); has(k, 2, $3 == "answered"); has(k, 3, $3 == "no_answer" || $3 == "unanswered"); has(k, 4, $4) }'

echo "the queries of the manual run"
call=$(sql whole "select conn from interactions where outcome = 'abandoned'")
awk -v to="$dir" '/^\.\\" query: / { file = to "/query-" $3 } /^\.Bd/ { inside = file != ""; next } /^\.Ed/ { inside = 0; file = ""; next } inside { print >>file }' \
    "$top_srcdir/man/gcx-records.5.in"
asked=0
for query in "$dir"/query-*; do
    sed -i "s/00106b000c970000/$call/" "$query"
    sqlite3 -bail "$dir/whole.db" <"$query" >"$dir/answer" 2>&1 || { say_failed "${query##*/}"; cat "$dir/answer"; }
    case $query in *-reasons | *-defaults | *-steps) ;; *) [ -s "$dir/answer" ] || say_failed "${query##*/} says nothing" ;; esac
    if [ -x "$postgres" ]; then
        pg_sql -f "$query" >"$dir/other" 2>&1 || { say_failed "PostgreSQL: ${query##*/}"; cat "$dir/other"; }
        is "$(wc -l <"$dir/other")" "$(wc -l <"$dir/answer")" "PostgreSQL's rows of ${query##*/}"
    fi
    asked=$((asked + 1))
done
is "$asked" 10 queries

echo "the reports are what a slow count of the rows gives, on days on which the clocks change, too"
cp "$dir/whole.db" "$dir/count.db"
PYTHONIOENCODING=utf-8 python3 "$top_srcdir/tests/flows/reports_count.py" --fill "$dir/count.db" >"$dir/rows" || say_failed "no rows to count"
server=()
[ ! -x "$postgres" ] || { PGTZ=UTC PGCLIENTENCODING=UTF8 pg_sql -f "$dir/rows" || say_failed "PostgreSQL takes no rows"; server=("$pg_conninfo"); }
PYTHONIOENCODING=utf-8 python3 "$top_srcdir/tests/flows/reports_count.py" "$dir/count.db" "$gcxrecords" "${server[@]}" || say_failed "reports"
reported() { "$gcxrecords" report "$@" >"$dir/report" 2>&1; is $? "$wanted" "the exit of report $*"; }
wanted=2
reported; reported waits; reported nothing "sqlite:$dir/count.db"; reported waits "sqlite:$dir/count.db" --of colour
grep -q 'takes queue, agent, team, strategy, version;' "$dir/report" || say_failed "the columns: $(cat "$dir/report")"
reported servce_level "sqlite:$dir/count.db"; grep -q "did you mean 'service_level'" "$dir/report" || say_failed "a near name: $(cat "$dir/report")"
reported waits "$dir/count.db"
reported waits "sqlite:$dir/count.db" --from 2026-02-30; reported waits "sqlite:$dir/count.db" --from 2026-03-02 --to 2026-03-01
reported waits "sqlite:$dir/count.db" --within 5; reported service_level "sqlite:$dir/count.db" --within 86401; reported service_level "sqlite:$dir/count.db" --staff 80
reported waits "sqlite:$dir/count.db" --by month; reported waits "sqlite:$dir/count.db" --zone Nowhere; reported waits "sqlite:$dir/count.db" --csv --json
for words in '--staff 0' '--staff 101' '--staff 80 --within -1' '--staff 80 --profile' '--weeks 0' '--weeks 53' '--day 2024-02-30' '--day 2400-01-01' '--of queue' '--csv --json'; do
    "$gcxrecords" forecast small "sqlite:$dir/count.db" $words >"$dir/report" 2>&1; is $? 2 "the exit of a forecast with $words"
done
"$gcxrecords" forecast small "sqlite:$dir/count.db" --day 2024-11-04 --weeks 4 >"$dir/report" 2>&1; is $? 0 "the exit of a forecast from four weeks"
grep -q '^From 4 such weekdays' "$dir/report" || say_failed "a forecast from four weeks: $(tail -n 7 "$dir/report")"
# Where nobody has answered anything, the day is told all the same.
cp "$dir/count.db" "$dir/unanswered.db"; sqlite3 "$dir/unanswered.db" "update offers set handle_ms = 0"
for form in '' --json --csv; do
    "$gcxrecords" forecast small "sqlite:$dir/unanswered.db" --day 2024-11-04 --staff 80 $form >"$dir/report" 2>&1; is $? 0 "the exit of a forecast without answers $form"
    [ "$form" = --csv ] || grep -qE '^How many agents are needed is not known|"staff":null' "$dir/report" || say_failed "a forecast without answers $form: $(cat "$dir/report")"
done
# Days behind the records' end are not taken for days without calls: three weeks later the same is expected.
cp "$dir/count.db" "$dir/ended.db"
sqlite3 "$dir/ended.db" "delete from interactions; delete from agent_times; delete from vq_visits where quarter >= '2024-10-14 22:00'"
of_all() { "$gcxrecords" forecast small "sqlite:$dir/ended.db" --zone Europe/Berlin --day "$1" 2>"$dir/told" | grep '^all'; }
# A last day that is there until its evening is used; one that ends in the morning is not.
whole=$(of_all 2024-11-04)
[ -n "$whole" ] && [ "$whole" != "$(of_all 2024-10-14)" ] || say_failed "a last day that is whole: $whole"
cp "$dir/ended.db" "$dir/cut.db"
sqlite3 "$dir/ended.db" "delete from vq_visits where quarter >= '2024-10-14 06:00'"
is "$(of_all 2024-11-04)" "$(of_all 2024-10-14)" "a forecast behind the end of the records"
cp "$dir/cut.db" "$dir/ended.db"
of_all 2024-11-04 >/dev/null; grep -q 'records end on 2024-10-14' "$dir/told" || say_failed "the end of the records: $(cat "$dir/told")"
wanted=0
reported waits "sqlite:$dir/ended.db" --from 2024-10-10 --to 2024-10-20 --zone Europe/Berlin
grep -q 'records end on 2024-10-14: days behind' "$dir/report" || say_failed "a report behind the end: $(cat "$dir/report")"
# A report goes as a mail with a table and a CSV, and exim hands it to the server of this machine.
"$gcxrecords" report service_level "sqlite:$dir/count.db" --of queue --from 2024-10-10 --to 2024-10-20 --mail head@shop.example >"$dir/mail"; is $? 0 "the exit of a mail"
python3 "$top_srcdir/tests/flows/reports_mail.py" "$dir" || say_failed "the mail of a report"
wanted=2
reported waits "sqlite:$dir/count.db" --mail "$(printf 'a@b\nBcc: c@d')"; reported waits "sqlite:$dir/count.db" --mail head@shop.example --csv
wanted=4
"$gcxrecords" forecast nobody "sqlite:$dir/count.db" >"$dir/report" 2>&1; is $? 6 "the exit of a forecast of a queue that is not there"
reported waits "sqlite:$dir/none.db"; [ ! -e "$dir/none.db" ] || say_failed "a report has made a database"
sqlite3 "$dir/count.db" "update gcx_records set version = 5"
reported waits "sqlite:$dir/count.db"; grep -q 'of version 5, and reports' "$dir/report" || say_failed "records of before: $(cat "$dir/report")"
if [ -x "$postgres" ]; then
    pg_sql -c "update gcx_records set version = 5; create view own as select * from report_waits" >/dev/null
    "$gcxrecords" --once "$dir/gcx.conf" "$pg_conninfo" >"$dir/told" 2>&1; is $? 4 "an upgrade on which a view of the site's own stands"
    grep -q 'drop the views of your own that stand on it' "$dir/told" || say_failed "a view that stands: $(cat "$dir/told")"
    pg_sql -c "drop view own" >/dev/null; once "$pg_conninfo"
fi
wanted=0
reported waits "sqlite:$dir/whole.db"; grep -q '^all\|nothing of this time' "$dir/report" || say_failed "the last seven days"

finish
