#!/bin/sh
# Snapshots with calls waiting for an agent: one is cut beside the running gcxvm, and the next start begins there, after
# kill -9 too; a damaged one is passed over; batches below the older one go; and whenever something is killed while it
# cuts, names or removes, the next start has the same calls. ROUNDS: how many such kills (20).
. "$top_srcdir/tests/flows/daemon_common.sh"

[ -x "$gcxsim" ] && [ -x "$gcxc" ] || exit 77
calls=16
snapshots=$dir/state/snapshots

fault_disk=$top_builddir/tests/flows/.libs/fault_disk.so
[ -e "$fault_disk" ] || exit 77
cat >"$dir/gcxvm" <<SH
#!/bin/sh
export FAULT_DISK="$dir/fault" ASAN_OPTIONS="\${ASAN_OPTIONS:+\$ASAN_OPTIONS:}verify_asan_link_order=0"
LD_PRELOAD=$fault_disk exec "$gcxvm" "\$@"
SH
chmod +x "$dir/gcxvm"
gcxvm=$dir/gcxvm
fault() { echo "$*" >"$dir/fault.new" && mv "$dir/fault.new" "$dir/fault"; }

# die: kill -9 of gcxvm, and of a process of its that cuts: both may be at any point.
die() {
    cutting=$(pgrep -P "$vm" -f -- '--snapshot' || :)
    kill -9 "$vm" $cutting 2>/dev/null; wait "$vm" 2>/dev/null; vm=
}
# again: starts it; what was logged before is of no interest.
again() { : >"$dir/log"; start; }
waiting() { ctl interactions --live --json | grep -c '"step": "select"'; }
newest() { ls "$snapshots" | grep '^[0-9]' | tail -n "${1:-1}" | head -n 1; }
batches() { ctl journal list --json | sed -n "s/^ *\"$1\": \([0-9]*\),*\$/\1/p" | head -n 1; }
sane() {
    [ "$(waiting)" = "$came" ] || say_failed "$1: $(waiting) calls wait, and $came did"
    ! grep -q 'diverges' "$dir/log" || say_failed "$1: the replay diverges"
}

# The core's clock runs on: on a slow machine, or with many rounds, three minutes would be over before the end.
mkdir "$dir/strategies" && cp "$enterprise"/*.gcx "$enterprise/customers.sql" "$dir/strategies"
sed "s/timeout 3m/timeout 3h/" "$enterprise/enterprise.gcx" >"$dir/strategies/enterprise.gcx"
"$gcxc" build "$dir/strategies/enterprise.gcx" -o "$dir/enterprise.gcxb" || cleanup 1
clock_stands 0.5 # all have come, and wait
play_calls "$calls" 400ms 'marie 7001' 'jean 7003'
# No snapshot is cut but those asked for: a further one would remove the damaged one before it is looked for.
printf 'snapshot_s = 0\nsnapshot_events = 0\n' >>"$dir/gcx.conf"
start
settled() { [ "$(waiting)" -ge $((calls / 2)) ] && before=$(waiting) && sleep 0.5 && [ "$(waiting)" = "$before" ]; }
await settled
came=$(waiting)

# By hand, beside the running core; the next start begins there.
expect "snapshot      of batch" ctl snapshot
[ -n "$(newest)" ] || say_failed "there is no snapshot"
first=$(newest)
die
again
await logged "begins from the snapshot of batch $(echo "$first" | sed 's/^0*//')\$" ||
    say_failed "the start is not from the snapshot"
expect "this start    from the snapshot of batch" ctl journal
expect "snapshot      of batch" ctl status
sane "from a snapshot"

# A second one, damaged: the one before is taken, loudly.
await link_is up
expect_exit 0 ctl snapshot
second=$(newest)
[ "$first" != "$second" ] || say_failed "the second is the first"
printf 'x' | dd of="$snapshots/$second" bs=1 seek=500 conv=notrunc 2>/dev/null
die
again
await logged "snapshots/$second is passed over: it was altered between byte" || say_failed "the damage was not told"
await logged "begins from the snapshot of batch $(echo "$first" | sed 's/^0*//')\$" || say_failed "not from the one before"
sane "past a damaged one"
expect_exit 3 "$gcxvm" --verify "$dir/gcx.conf"
expect "snapshot of batch $(echo "$second" | sed 's/^0*//'): it was altered" "$gcxvm" --verify "$dir/gcx.conf"

# A disk that is full, or fails: there is none, the old ones stay, and the core goes on.
await link_is up
fault write snapshots/new 28
expect "No space left on device" ctl snapshot
fault read snapshots/new 5
expect "it cannot be read at byte" ctl snapshot
rm "$dir/fault"
expect "NO SNAPSHOT" ctl status
[ "$(newest)" = "$second" ] && [ ! -e "$snapshots/new" ] || say_failed "something is left: $(ls "$snapshots")"
await logged 'no snapshot: ' || say_failed "it was not logged"

# Two good ones, and what lies below the older goes.
await link_is up
expect_exit 0 ctl snapshot
expect_exit 0 ctl snapshot
[ "$(ls "$snapshots" | wc -l)" = 2 ] || say_failed "other than two are kept: $(ls "$snapshots")"
expect "no batch is removed: those of the last 3 days are kept" ctl journal prune --days 3
expect_exit 0 ctl journal prune --days 0
grep -q '^batches 1 to [0-9]* are being removed' "$dir/output" && grep -q 'on stay: a start may need them' "$dir/output" ||
    { say_failed "prune does not say what it removes"; cat "$dir/output"; }
await logged 'begins at batch [0-9]* now' || say_failed "nothing was removed"
older=$(newest 2 | sed 's/^0*//')
[ "$(batches first)" -gt 1 ] && [ "$(batches first)" -le "$older" ] || say_failed "it begins at $(batches first)"
expect_exit 0 "$gcxvm" --verify "$dir/gcx.conf"
die
again
await logged 'begins from the snapshot' || say_failed "not from a snapshot"
sane "after the removal"

# A reader that was killed has its place, until it has been silent for too long.
"$top_builddir/gcxrecords" "$dir/gcx.conf" "sqlite:$dir/held.db" >"$dir/records" 2>&1 &
reader=$!
reads() { place=$(ctl journal list --json | sed -n '/"readers"/,$s/.*"batch": \([0-9]*\).*/\1/p') && [ "${place:-0}" -gt 0 ]; }
await reads
kill -9 "$reader"; wait "$reader" 2>/dev/null
reads
batches_come() { expect_exit 0 ctl drain; expect_exit 0 ctl drain --cancel; }
batches_come
expect_exit 0 ctl snapshot
batches_come
expect_exit 0 ctl journal prune --days 0
grep -q "the reader gcxrecords-.* stands at batch $place" "$dir/output" || { say_failed "prune does not say that a reader holds"; cat "$dir/output"; }
[ "$(batches first)" -le "$place" ] || say_failed "it begins at $(batches first), and a reader is at $place"
touch -d '20 days ago' "$dir/state/readers"/*
batches_come
expect_exit 0 ctl journal prune --days 0
await logged "stands at batch $place and has lost its place: it has said nothing" || say_failed "the lost place was not told"
gone() { [ "$(batches first)" -gt "$place" ]; }
await gone

# It is verified and exported beside the running core; the copy is a state folder, and a byte of it that changes is told.
expect "are whole and unaltered" ctl journal verify
expect_exit 1 ctl journal export relative
expect_exit 0 ctl journal export "$dir/copy"
grep -q "snapshots are copied to $dir/copy, and are whole" "$dir/output" || { say_failed "no word of the copy"; cat "$dir/output"; }
expect_exit 1 ctl journal export "$dir/copy"
cp "$dir/state/site.key" "$dir/copy" # else it cannot be restored alone
expect_exit 0 "$gcxvm" --verify "$dir/copy"
expect "batches $(batches first) to" "$gcxvm" --verify "$dir/copy"
printf 'x' | dd of="$dir/copy/snapshots/$(newest)" bs=1 seek=500 conv=notrunc 2>/dev/null
expect_exit 3 "$gcxvm" --verify "$dir/copy"
sqlite3 "$dir/copy/journal.db" "update batch set bytes = zeroblob(200) where number = $(batches first) + 1"
expect "batch $(($(batches first) + 1)): it is not encrypted, and this journal is" "$gcxvm" --verify "$dir/copy"
sqlite3 "$dir/copy/journal.db" "delete from batch where number = $(batches first) + 1"
expect "batch $(($(batches first) + 1)): it is missing, and the journal goes on to batch" "$gcxvm" --verify "$dir/copy"
expect "gcxvm cannot start, as no good snapshot was cut after that batch; put journal" "$gcxvm" --verify "$dir/copy"

# Who reads the journal begins where it does, and says so; records that lack batches are not continued.
records() { expect_exit 0 "$top_builddir/gcxrecords" --once "$dir/gcx.conf" "sqlite:$dir/$1.db"; }
records some
grep -q 'the journal begins at batch [0-9]*: what was before is not in these records' "$dir/output" ||
    { say_failed "gcxrecords does not say where it begins"; cat "$dir/output"; }
one=$(ctl interactions --live --json | sed -n 's/^ *"ixn": "\(.*\)",*/\1/p' | head -n 1)
expect "$one" ctl why --journal "$dir/gcx.conf" "$one"

# Kills at any moment of cutting, naming and removing.
round=0
while [ "$round" -lt "${ROUNDS:-20}" ]; do
    round=$((round + 1))
    await link_is up
    ctl journal prune --days 0 >/dev/null 2>&1 &
    asker=$!
    sleep "0.0$(awk -v n="$round" 'BEGIN { srand(n); printf "%02d", rand() * 100 }')"
    die
    wait "$asker" 2>/dev/null
    again
    sane "round $round"
done
[ "$failures" = 0 ] || { tail -n 30 "$dir/log"; ls -l "$snapshots"; }

# The calls go on, the end cuts one, and without any the start is refused in words.
await link_is up
expect_exit 0 ctl journal-prune --days 0
clock_runs
wait "$sim"; got=$?; sim=
[ "$got" = 0 ] || { say_failed "gcxsim ended with $got"; cat "$dir/result" "$dir/sim.log"; }
from=$(batches last)
for cut in 1 2; do
    batches_come
    expect_exit 0 ctl journal prune --days 0
done
beyond() { [ "$(batches first)" -ge "$from" ]; }
await beyond
records others
expect_exit 3 "$top_builddir/gcxrecords" --once "$dir/gcx.conf" "sqlite:$dir/some.db"
grep -q 'on: those between were pruned' "$dir/output" || { say_failed "a hole in the records"; cat "$dir/output"; }
stop 0
await logged 'snapshot at the end cut and verified' || say_failed "the end cut none"
expect_exit 0 "$gcxvm" --verify "$dir/gcx.conf"
expect_exit 0 "$gcxvm" --snapshot "$dir/gcx.conf"
expect_exit 0 "$gcxvm" --prune --days 0 "$dir/gcx.conf"
expect_exit 0 "$gcxvm" --verify "$dir/gcx.conf" # no snapshot is left whose batches are gone
# A folder that cannot be read to its end is not found good, and what has a part of it is no backup.
fault list /state 5
expect_exit 3 "$gcxvm" --verify "$dir/gcx.conf"
expect_exit 3 "$gcxvm" --backup "$dir/part" "$dir/gcx.conf"
grep -q 'no backup: .*/state: Input/output error' "$dir/output" || { say_failed "a part is a backup"; cat "$dir/output"; }
rm "$dir/fault"
# All databases are in it, however many the links have; those that are not there yet are told.
sms() { echo "adapter sms$1 { plugin = sms lists = \"sqlite:$dir/lists$1\" store = \"sqlite:$dir/store$1\" }"; }
{ cat "$dir/gcx.conf"; for at in $(seq 40); do sms "$at"; done; } >"$dir/many.conf"
expect_exit 0 "$gcxvm" --backup "$dir/whole" "$dir/many.conf"
[ "$(grep -c '^database sms' "$dir/whole/backup")" = 80 ] || { say_failed "databases were left out"; cat "$dir/output"; }
# One that cannot be copied is not left out: there is no backup then.
echo 'It is no database, whatever its name says.' >"$dir/store40"
expect_exit 3 "$gcxvm" --backup "$dir/torn" "$dir/many.conf"
grep -q '^no backup: ' "$dir/output" || { say_failed "a database is lacking"; cat "$dir/output"; }
[ ! -e "$dir/torn/backup" ] || say_failed "a backup without a database looks whole"
again
stop 0
mv "$snapshots" "$dir/away"
: >"$dir/log"
expect_exit 3 "$gcxvm" "$dir/gcx.conf"
grep -q 'the journal begins at batch [0-9]*, and no snapshot at or before batch [0-9]* is good' "$dir/output" ||
    { say_failed "the refusal does not say why"; cat "$dir/output"; }
finish
