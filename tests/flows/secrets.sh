#!/bin/sh
# What callers key stands in the clear in no file of the state folder: while calls wait, after kill -9 and a start, in
# snapshots, and after the end. Without the keys, or with another key file, the start is refused and names the file; a
# new key file takes the old one's place without a segment being written again.
. "$top_srcdir/tests/flows/daemon_common.sh"

[ -x "$gcxsim" ] && [ -x "$gcxc" ] || exit 77
pin=8392017465
state=$dir/state

# forms: the PIN as it is, in hexadecimal, and in base64 from each of three places.
forms() {
    echo "$pin"
    printf '%s' "$pin" | od -An -tx1 | tr -d ' \n'; echo
    for before in '' x xx; do printf '%s%s' "$before" "$pin" | base64 | cut -c 4-12; done
}
# nowhere WHEN: no file of the state folder has it.
nowhere() {
    for form in $(forms); do
        found=$(grep -r -l -a -i -F -e "$form" "$state")
        [ -z "$found" ] || say_failed "$1: $form is in $found"
    done
}
waiting() { ctl interactions --live --json | grep -c '"step": "select"'; }
settled() { [ "$(waiting)" -ge 2 ] && before=$(waiting) && sleep 0.5 && [ "$(waiting)" = "$before" ]; }
newest() { ls "$state/snapshots" | grep '^[0-9]' | tail -n "${1:-1}" | head -n 1 | sed 's/^0*//'; }
die() { kill -9 "$vm"; wait "$vm" 2>/dev/null; vm=; }
again() { : >"$dir/log"; start; await link_is up; }
refused() { expect "$1" "$gcxvm" "$dir/gcx.conf"; }

"$gcxc" build "$enterprise/enterprise.gcx" -o "$dir/enterprise.gcxb" || cleanup 1
clock_stands 0.5
play_digits=$pin,2
play_calls 12 400ms 'marie 7001' 'jean 7003'
echo 'log { personal = shown }' >>"$dir/gcx.conf"
start
await settled
came=$(waiting)
await logged "digits=$pin" || say_failed "nothing was keyed"
await logged 'site.key was made.*Move it' || say_failed "the key that was made is not told"
[ "$(stat -c %a "$state/site.key" "$state/keys" | sort -u)" = 600 ] || say_failed "others may read the keys"
nowhere "while calls wait"

# The same calls wait after kill -9, from the journal and from a snapshot.
die
again
[ "$(waiting)" = "$came" ] || say_failed "$(waiting) wait, and $came did"
expect_exit 0 ctl snapshot
nowhere "with a snapshot"
die
again
await logged "begins from the snapshot" || say_failed "not from the snapshot"
[ "$(waiting)" = "$came" ] || say_failed "$(waiting) wait from the snapshot, and $came did"
! grep -q diverges "$dir/log" || say_failed "the replay diverges"
expect_exit 0 "$gcxvm" --verify "$dir/gcx.conf"

# A copy without its site.key is not good, although the folder from which it was taken has it still.
expect_exit 0 "$gcxvm" --export "$dir/copy" "$dir/gcx.conf"
expect "NOT GOOD: it has no site.key" "$gcxvm" --verify "$dir/copy"
expect_exit 3 "$gcxvm" --verify --state "$dir/copy" "$dir/gcx.conf"
GCX_KEY_FILE=$state/site.key expect_exit 0 "$gcxvm" --verify "$dir/copy"
cp "$state/site.key" "$dir/copy"
expect_exit 0 "$gcxvm" --verify "$dir/copy"
rm -r "$dir/copy"

# Keys that are lost, or of another site.
die
mv "$state/keys" "$dir/keys"
refused "it is encrypted, and the state folder has no file \`keys\`: put that back"
[ ! -e "$state/keys" ] || say_failed "new keys were made over a journal that is encrypted"
mv "$dir/keys" "$state/keys"
echo 'another site, another key' >"$dir/other.key"
chmod 600 "$dir/other.key"
cp "$dir/gcx.conf" "$dir/gcx.conf.first"
sed -i "1i key_file = \"other.key\"" "$dir/gcx.conf"
refused "other.key is not the one that opens"

# The new key takes the old one's place; then the old one opens nothing.
expect_exit 0 "$gcxvm" --rotate-key "$dir/other.key" "$dir/gcx.conf.first"
mv "$state/site.key" "$dir/old.key"
again
[ "$(waiting)" = "$came" ] || say_failed "$(waiting) wait with the new key, and $came did"
expect_exit 0 "$gcxvm" --verify "$dir/gcx.conf"
chmod o+r "$dir/other.key"
expect "may be read by everybody" "$gcxvm" --verify "$dir/gcx.conf"
chmod o-r "$dir/other.key"

clock_runs
wait "$sim"; got=$?; sim=
[ "$got" = 0 ] || { say_failed "gcxsim ended with $got"; cat "$dir/result" "$dir/sim.log"; }
nowhere "after the calls"

# One person's keys go as soon as no start needs them: without a gcxvm some stay, one that runs cuts the snapshots that
# make them needless. The rest is told, and readers say that it is hidden.
person=$(ctl interactions --json | sed -n 's/^ *"ani": "\(.*\)",*/\1/p' | head -n 1)
erase() { "$gcxctl" erase "$person" "$dir/gcx.conf"; }
during=$(ls "$state/snapshots" | head -n 1) # the callers waited then, with what they had keyed
die
expect "secrets, which a start from the older of two snapshots needs" erase
expect "and secrets where it was cut before batch" erase
expect "left: what the core remembers: " erase
again
expect "the core has forgotten those that have ended" erase
expect "left: numbers and data that are not secret, in batches" erase
[ ! -e "$state/snapshots/$during" ] || say_failed "a snapshot that has the secrets is still there"
expect_exit 0 "$gcxvm" --verify "$dir/gcx.conf"
grep -q "erase by user .*, [1-9][0-9]* keys erased, 0 needed, 0 living, [1-9][0-9]* snapshots erased" "$state/erasures.log" || { say_failed "not erased"; cat "$state/erasures.log"; }
one=$(ctl interactions --json | sed -n 's/^ *"ixn": "\(.*\)",*/\1/p' | head -n 1)
expect "Secrets of it are erased: what a strategy has decided by one" ctl why "$one" --journal "$dir/gcx.conf"
! grep -q -F -e "$person" "$state/erasures.log" || say_failed "the note has the whole number"
expect "keys of secrets in the journal are erased" "$top_builddir/gcxrecords" --once "$dir/gcx.conf" "sqlite:$dir/records.db"
expect_exit 0 "$gcxvm" --verify "$dir/gcx.conf"
replay() { echo quit | "$top_builddir/gcxdb" replay "$state" 2>&1; }
expect "secrets are erased: those are stars" replay
expect "12 interactions are the person's" "$top_builddir/gcxrecords" --erase "$person" "$dir/gcx.conf" "sqlite:$dir/records.db"
expect "0 interactions are the person's" "$top_builddir/gcxrecords" --erase "$person" "$dir/gcx.conf" "sqlite:$dir/records.db"
die
rm "$state/snapshots/$(printf '%020d' "$(newest)")" # a start from the older one needs none of them
again
await logged "begins from the snapshot" || say_failed "not from the older snapshot"
! grep -q diverges "$dir/log" || say_failed "the replay diverges"
stop 0
nowhere "after the end"
finish
