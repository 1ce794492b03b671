#!/bin/bash
# Nobody is called outside of hours, within a pause, or against do-not-call: a campaign has numbers that may be called, some
# that were blocked, each written in another way, and some whose hours are later. Dialer and core are killed meanwhile.
# Afterwards those that may be called were called, once each, since the next try is a day away, and no other one. ROUNDS: so
# often come more numbers of each kind, and one of dialer, core, switch, T-Server, state and, with LISTS=postgres, the
# lists' server goes in the middle of them; the first round (1) is whole.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/outbound_common.sh"
RANDOM=${SEED-16}
numbers 1000000 60
import --zone UTC
later=$(($(date -u +%H) + 12))
hours() { import --zone UTC --from "$(printf %02d:00 $((later % 24)))" --till "$(printf %02d:00 $(((later + 2) % 24)))"; }
numbers 2000000 20
hours
block() { "$top_builddir/gcxlists" --country DE block "$lists" "$1" >>"$dir/import" 2>&1 || say_failed "$1 cannot be blocked"; }
for form in '+49301000001' '030 1000002' '0049 30 1000003' '+49 (0)30 1000004' '030/1000005' 'tel:+49-30-1000006'; do
    block "$form"
done
begin_campaign DE
has_dialled() { [ "$(dials)" -ge "$1" ]; }
all_done() { [ "$(sql "select count(*) from records where number not like '+49302%' and (status = 'retrieved' or status = 'ready' and due = 0) and number not in (select value from do_not_call)")" = 0 ]; }
await has_dialled 10
kill_one dialer
await has_dialled 25
kill_one core
await all_done
as_promised() {
    dialled >"$dir/dialled"
    ! grep -n -E '\+4930100000[1-6]$' "$dir/dialled" || say_failed "these are on the do-not-call list"
    ! grep -n '+49302' "$dir/dialled" || say_failed "these have other hours"
    [ -z "$(uniq -d "$dir/dialled")" ] || say_failed "dialled twice within the pause: $(uniq -d "$dir/dialled")"
}
as_promised
[ "$(wc -l <"$dir/dialled")" -ge 40 ] || say_failed "only $(wc -l <"$dir/dialled") were dialled"

# Six that may be called, one that was blocked, and one for later; the kill comes when some of them were dialled.
more_dials() { has_dialled "$1" || all_done; }
for ((round = 1; round < ${ROUNDS-1}; round++)); do
    first=$((3000000 + 10 * round))
    before=$(dials)
    block "030 $((first + 6))"
    numbers $first 7
    import --zone UTC
    numbers $((2000100 + round)) 1
    hours
    await more_dials $((before + RANDOM % 5))
    kill_one "${victims[$((round % ${#victims[@]}))]}"
    await all_done
    as_promised
    ! grep -n "+4930$((first + 6))" "$dir/dialled" || say_failed "this is on the do-not-call list"
    [ "$failures" = 0 ] || { echo "in round $round"; break; }
done
[ "$(wc -l <"$dir/dialled")" -ge $((40 + 3 * (round - 1))) ] || say_failed "only $(wc -l <"$dir/dialled") were dialled"
echo "$(wc -l <"$dir/dialled") of $((60 + 6 * (round - 1))) dialled, $((5 + round)) blocked, $((19 + round)) with other hours"
finish
