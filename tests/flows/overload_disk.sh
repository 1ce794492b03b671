#!/bin/bash
# tests/flows/overload_disk.sh - The space for the journal becomes scarce: arrivals are refused, then only relief is taken,
# then the daemon ends and the T-Server routes by default; with room again all is as it was.
. "$top_srcdir/tests/flows/overload_common.sh"

ballast() { rm -f "$dir/state/ballast"; [ "$1" = 0 ] || fallocate -l "$1" "$dir/state/ballast" || die "fallocate"; }
level_is() { [ "$(of_status level)" = "$1" ]; }
at_least() { [ "$(of_status "$1")" -ge "$2" ]; } # at_least COUNTER NUMBER
free_percent_is_below() { awk -v free="$(of_status space_free_percent)" -v most="$1" 'BEGIN {exit !(free < most)}'; }

echo "ten per cent, five per cent, and room again"
conf_adapter='outlive_s = 30'
load_begin 'space_mb = 200'
load_start 4 40 --handles 1s
await at_least routed 2
expect '"level": "open"' ctl status --json
ctl snapshot >"$dir/cut" 2>&1 || say_failed "no snapshot: $(cat "$dir/cut")"
ctl snapshot >"$dir/cut" 2>&1 || say_failed "no snapshot: $(cat "$dir/cut")"
first_batch() { ctl status --json | sed -n 's/^ *"first": \([0-9]*\),*$/\1/p' | head -n 1; }
[ "$(first_batch)" -le 1 ] || say_failed "batches went though they are young: $(first_batch)"
ballast 185M
await level_is no_arrivals
pruned() { [ "$(first_batch)" -gt 1 ]; }
await pruned # though journal_days are not over
await logged 'the disk is short: batches that no start needs go' || say_failed "the log does not say that batches go"
await logged 'intake arrivals are refused at the switch because of space' || say_failed "the log says nothing of it"
await at_least refused 2
[ -s "$dir/state/reserve" ] || say_failed "no space is kept for the end"
routed=$(of_status routed)
ballast 190M
await level_is only_relief
expect 'only_relief because of space ([0-9.]* % is free)' ctl status
await logged 'only what ends calls is taken because of space' || say_failed "the log says nothing of five per cent"
await at_least refused 4
over() { at_least ended "$routed"; }
await over # those who talked have ended
ballast 0
await level_is open
await at_least routed $((routed + 2))
load_end
[ $(($(count routed) + $(count queued) + $(count defaulted))) = 40 ] || say_failed "some got lost: $(cat "$dir/load")"
[ "$(count queued)" -ge 4 ] || say_failed "nobody was refused: $(cat "$dir/load")"

echo "two per cent"
routed=$(of_status routed)
load_start 4 24
await at_least routed $((routed + 1)) # of these: an interaction may be left of those before, as their switch is gone
ballast 198M
wait "$vm"; got=$?
[ $got = 4 ] || say_failed "gcxvm ended with $got, not 4"
await logged 'the space for the journal is used up' || say_failed "the log does not say why it ended"
ls "$dir/state/snapshots" | grep -q '^[0-9]' || say_failed "the end cut no snapshot, though the disk itself has room"
[ ! -e "$dir/state/reserve" ] || say_failed "the space that was kept for the end was not given up"
"$gcxvm" "$dir/gcx.conf" >"$dir/again" 2>&1; got=$?
[ $got = 4 ] || say_failed "gcxvm began with so little space: $got"
grep -q 'of its space is free; make room, or raise `space_mb`' "$dir/again" || say_failed "it does not say what to do: $(cat "$dir/again")"
await grep -q . "$dir/load" # the T-Server has routed all of them by default
wait "$sim"; sim=''
[ $(($(count queued) + $(count defaulted))) -ge 8 ] || say_failed "the T-Server has not routed by default: $(cat "$dir/load")"
ballast 0
"$gcxvm" "$dir/gcx.conf" >>"$dir/gcxvm.log" 2>&1 &
vm=$!
await ready
load 4 8
[ "$(count routed)" = 8 ] || say_failed "of 8 calls $(count routed) were routed"
note_adapter
stop
finish
