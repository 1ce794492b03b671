#!/bin/bash
# tests/flows/outbound_wire.sh - A campaign over all wires: numbers from a file go through calling lists, dialer, core,
# T-Server and switch, while the dialer ends in order, one of core, switch and T-Server after the other is killed, and once the
# state folder is lost. Afterwards each record is in one state, no number was dialled twice, and each attempt is in the history. ROUNDS
# kills (5), by the seed SEED, while PORTS numbers ring at once; the lists are a SQLite file, or with LISTS=postgres a
# database of a server that is started here, and goes away and comes back like the others.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/outbound_common.sh"
rounds=${ROUNDS-5} records=$((30 + 10 * ${ROUNDS-5}))
RANDOM=${SEED-16}
numbers 1000000 "$records"
import --zone Europe/Berlin
printf 'number,visits\n+493000000000,1\n' >"$dir/later.csv" # a list with a field, to which the strategy adds
"$top_builddir/gcxlists" --quiet --map visits=visits:number import "$lists" later "$dir/later.csv" >>"$dir/import" 2>&1 || die "gcxlists import later"
begin_campaign

more_dials() { [ "$(dials)" -ge "$1" ] || all_done; }
all_done() { [ "$(sql "select count(*) from records r join lists l on l.id = r.list where l.name = 'reminders' and (r.status = 'retrieved' or r.status = 'ready' and r.due = 0)")" = 0 ]; }
for ((round = 0; round < rounds; round++)); do
    wanted=$(($(dials) + 1 + RANDOM % 9))
    await more_dials $wanted
    kill_one "${victims[$((round < ${#victims[@]} ? round : RANDOM % ${#victims[@]}))]}"
done
await all_done

# ---- what is there now ----

says() { # WHAT WANTED SQL
    local got
    got=$(sql "$3")
    [ "$got" = "$2" ] || say_failed "$1: $got, not $2"
}
says "records that are in no state or lost" "$records" \
    "select count(*) from records r join lists l on l.id = r.list where l.name = 'reminders' and r.begun is null and (r.status in ('updated', 'cancelled') or r.status = 'ready' and r.due > 0)"
says "chains that somebody has still" 0 "select count(*) from chains where owner is not null"
says "attempts that have no end" 0 "select count(*) from attempts where ended is null or result is null"
says "records whose attempts are not all in the history" 0 \
    "select count(*) from records r where r.attempt <> (select count(*) from attempts a where a.record = r.id)"
says "numbers with two attempts" 0 "select count(*) from (select record from attempts group by record having count(*) > 1) two"
[ "$(sql "select count(*) from records r join lists l on l.id = r.list where l.name = 'later' and r.zone = 'Europe/Berlin' and r.due > 0 and cast(r.fields as text) like '%visits%2%'")" -gt 0 ] ||
    say_failed "the strategy has added nobody to the other list: $(sql "select * from records where list <> 1")"
for what in 'no list' 'no field'; do
    logged "$what: refused" || say_failed "$what, and the strategy does not hear it"
done
says "numbers that were added with a field that the list has not" 0 "select count(*) from records where number = '+493099999'"
dialled >"$dir/dialled"
[ -s "$dir/dialled" ] || say_failed "nothing was dialled"
twice=$(uniq -d "$dir/dialled")
[ -z "$twice" ] || say_failed "dialled twice:" $twice
sql "select number from attempts" | sort >"$dir/attempts"
without=$(comm -23 "$dir/dialled" "$dir/attempts")
[ -z "$without" ] || say_failed "dialled and not in the history:" $without
echo "$rounds kills, $records records: $(wc -l <"$dir/dialled") dialled, $(wc -l <"$dir/attempts") attempts;" \
    $(sql "select coalesce(result, 'none') || ' ' || count(*) from records group by result order by 1")
finish
