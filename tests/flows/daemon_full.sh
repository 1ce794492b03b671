#!/bin/sh
# A journal that cannot be written, or was removed, ends the process with its own code; nothing that was not durable is acknowledged.
. "$top_srcdir/tests/flows/daemon_common.sh"

make_world
# Files may not grow beyond 200 KiB: to the journal that is a full disk. The log goes through a pipe.
mkfifo "$dir/pipe"
cat "$dir/pipe" >"$dir/log" &
(ulimit -f 400; exec "$gcxvm" "$dir/gcx.conf") 2>"$dir/pipe" &
vm=$!
await ready || { cat "$dir/log"; cleanup 1; }
loads=0
# Each load changes a row: one that changes nothing adds nothing to the journal.
while [ "$loads" -lt 2000 ] && ctl load >"$dir/output" 2>&1; do
    loads=$((loads + 1))
    echo "insert into agent values ('agent$loads', 'Agent $loads');" >>"$dir/directory.sql"
done
[ "$loads" -lt 2000 ] || kill "$vm"
wait "$vm"; got=$?
vm=
[ "$got" = 4 ] || say_failed "gcxvm ended with $got, not 4, after $loads loads"
await logged "this process ends" || say_failed "the reason was not logged"

# With room again, what was acknowledged is there.
start
expect "epoch 2" ctl status
stop 0

# Its last batches are cut off cleanly, with or without the snapshots that were cut after them: it does not start, says
# why and how, and changes nothing; until the loss is accepted.
last=$(sqlite3 "$dir/state/journal.db" 'select max(number) from batch')
cp -a "$dir/state" "$dir/whole"
sqlite3 "$dir/state/journal.db" "delete from batch where number > $((last - 2))"
lost="the journal ends at batch $((last - 2)), but batch $last was acknowledged: the 2 at its end were lost"
expect_exit 3 "$gcxvm" "$dir/gcx.conf"
grep -q "$lost" "$dir/output" || { say_failed "the loss is not told"; cat "$dir/output"; }
rm -rf "$dir/state/snapshots"
expect_exit 3 "$gcxvm" "$dir/gcx.conf"
expect_exit 3 "$gcxvm" --verify "$dir/gcx.conf"
expect "$lost" "$gcxvm" --verify "$dir/gcx.conf"
expect_exit 1 "$gcxctl" upgrade --check "$dir/gcx.conf"
expect "does not carry over: anything, because $lost" "$gcxctl" upgrade --check "$dir/gcx.conf"
expect_exit 3 "$gcxvm" --export "$dir/copy" "$dir/gcx.conf"
[ ! -e "$dir/copy" ] || say_failed "a journal without its end was copied as a whole one"
expect "no snapshot: $lost" "$gcxvm" --snapshot "$dir/gcx.conf"
[ ! -e "$dir/state/snapshots" ] || say_failed "a snapshot of a journal without its end was begun"
cp -a "$dir/whole/snapshots" "$dir/state/snapshots"
mkdir "$dir/gone" && cp -a "$dir/whole/snapshots" "$dir/gone" # and neither journal nor its end mark
expect "anything, because the journal ends at batch 0, but a snapshot was cut after" "$gcxvm" --upgrade-check --state "$dir/gone" "$dir/gcx.conf"
: >"$dir/log"
"$gcxvm" --accept-loss "$dir/gcx.conf" 2>"$dir/log" &
vm=$!
await ready || { cat "$dir/log"; cleanup 1; }
await logged "goes on after batch $((last - 2)), though batch $last was acknowledged; 1 snapshots" || { say_failed "the accepted loss is not logged"; cat "$dir/log"; }
stop 0

# A batch in the middle is missing, and no snapshot is younger: --accept-loss alone does not go over the gap. Without what stands
# behind it, as gcxvm(8) says, it goes on before the gap, and tells how much is lost.
gap=$((last - 5))
rm -rf "$dir/state" && cp -a "$dir/whole" "$dir/state" && rm -rf "$dir/state/snapshots"
sqlite3 "$dir/state/journal.db" "delete from batch where number = $gap"
missing="batch $gap: it is missing, and the journal goes on to batch $last"
expect_exit 3 "$gcxvm" --verify "$dir/gcx.conf"
expect "$missing" "$gcxvm" --verify "$dir/gcx.conf"
for how in "" --accept-loss; do
    expect_exit 3 "$gcxvm" $how "$dir/gcx.conf"
    grep -q "$missing" "$dir/output" || { say_failed "the gap is not told"; cat "$dir/output"; }
done
sqlite3 "$dir/state/journal.db" "delete from batch where number >= $gap"
: >"$dir/log"
"$gcxvm" --accept-loss "$dir/gcx.conf" 2>"$dir/log" &
vm=$!
await ready || { cat "$dir/log"; cleanup 1; }
await logged "goes on after batch $((gap - 1)), though batch $last was acknowledged" || { say_failed "the accepted gap is not logged"; cat "$dir/log"; }
stop 0
rm -rf "$dir/state"
mv "$dir/whole" "$dir/state"
expect_exit 0 "$gcxvm" --verify "$dir/gcx.conf"

# A process that only copies is told of a file that may not grow, too, and is not killed for it.
expect_exit 3 sh -c 'ulimit -f 400; exec "$@"' - "$gcxvm" --backup "$dir/copy" "$dir/gcx.conf"
grep -q 'no backup: .*reserve: File too large' "$dir/output" || { say_failed "a file that may not grow is not told"; cat "$dir/output"; }
rm -rf "$dir/copy"

# A state folder that is removed ends the process with the same code, at the next batch: what it wrote would be lost.
# An idle process tells at the next look that it is not at its path, and goes on when it is put back.
start
mv "$dir/state" "$dir/moved"
mkdir "$dir/state" && : >"$dir/state/lock" # another one is in its place
await logged 'state folder .*: it was removed, moved away or replaced'
expect 'state folder: it was removed, moved away or replaced: put it back' "$gcxctl" --socket "$dir/moved/admin.sock" status
rm -r "$dir/state" && mv "$dir/moved" "$dir/state"
await logged 'state folder .*: it is there again'
ctl status >"$dir/says" && ! grep -q DEGRADED "$dir/says" || say_failed "the state folder is there again, and status says that it is not"
mv "$dir/state/journal.db" "$dir/moved"
await logged 'state folder .*: a file of the journal was removed'
expect 'a file of the journal was removed, moved away or replaced in it: put the file back' ctl status
mv "$dir/state/snapshots" "$dir/snapshots"
mv "$dir/moved" "$dir/state/journal.db"
await logged 'state folder .*: its file `snapshots` was removed or moved away: without a [^;]*$' # which ends nothing
expect 'state folder: its file `snapshots` was removed' ctl status
mv "$dir/snapshots" "$dir/state/snapshots"
again() { [ "$(grep -c 'state folder .*: it is there again' "$dir/log")" = "$1" ]; }
await again 2
mv "$dir/state/keys" "$dir/moved"
await logged 'state folder .*: its file `keys` was removed'
mv "$dir/moved" "$dir/state/keys"
await again 3
cp "$dir/state/keys" "$dir/copy" && mv "$dir/state/keys" "$dir/moved" && mv "$dir/copy" "$dir/state/keys"
await logged 'state folder .*: its file `keys` was replaced'
expect 'state folder: its file `keys` was replaced' ctl status
ctl drain >"$dir/output" 2>&1
wait "$vm"; got=$?
vm=
[ "$got" = 4 ] || say_failed "with another file of keys gcxvm ended with $got, not 4"
await logged 'state/keys was replaced while it was in use' || say_failed "the log does not say that the keys were replaced"
mv "$dir/moved" "$dir/state/keys"
start
rm -rf "$dir/state"
kill -HUP "$vm"
wait "$vm"; got=$?
vm=
[ "$got" = 4 ] || say_failed "without its state folder gcxvm ended with $got, not 4"
await logged 'journal.db was removed while it was in use' || say_failed "the log does not say that the journal was removed"
# One that begins in its place is reached by gcxctl and by adapters after the first one has ended, too.
start
first=$vm
also_end() { kill "$first" 2>/dev/null; }
rm -rf "$dir/state"
start
kill -HUP "$first"
wait "$first"; got=$?
[ "$got" = 4 ] || say_failed "whose state folder is another one's ended with $got, not 4"
for socket in admin links; do [ -S "$dir/state/$socket.sock" ] || say_failed "who has ended took $socket.sock of who began there"; done
stop 0
# A disk of its own, where one can be mounted, that is full from one moment to the next: what was kept for the end is
# enough to end in order, with a snapshot; with room again it goes on from there.
also_end() { umount -l "$dir/state" 2>/dev/null; }
mkdir -p "$dir/state"
rm -rf "$dir/state"/*
if mount -t tmpfs -o size=100m gcx "$dir/state" 2>/dev/null; then
    : >"$dir/log"
    start
    await test -s "$dir/state/reserve"
    echo "insert into agent values ('paul', 'Paul Adams');" >>"$dir/directory.sql"
    dd if=/dev/zero of="$dir/state/ballast" bs=1M 2>/dev/null
    ctl load >"$dir/output" 2>&1
    loaded=$?
    wait "$vm"; got=$?
    vm=
    [ "$got" = 4 ] || say_failed "on a full disk gcxvm ended with $got, not 4"
    await logged 'the space for the journal is used up: this process ends in order' || say_failed "it did not end in order"
    await logged 'snapshot at the end cut and verified' || { say_failed "the end had no room"; tail -n 20 "$dir/log"; }
    expect_exit 4 "$gcxvm" "$dir/gcx.conf"
    rm "$dir/state/ballast"
    : >"$dir/log"
    start
    [ "$loaded" != 0 ] || expect paul ctl agents
    await logged 'begins from the snapshot' || say_failed "it does not begin where it ended"
    stop 0
fi
finish
