#!/bin/sh
# What gcxctl upgrade --check says, with calls waiting, beside gcxvm and without one; and the manual's BACKUP, word for word: its
# commands are run on this test's folders, the copy is verified, and gcxvm starts from it with the same calls. An image of
# before has tests of another layout: its strategies run, its tests are to be compiled again; a newer image is refused.
. "$top_srcdir/tests/flows/daemon_common.sh"

[ -x "$gcxsim" ] && [ -x "$gcxc" ] || exit 77
command -v sqlite3 >/dev/null || exit 77
waiting() { ctl interactions --live --json | grep -c '"step": "select"'; }
living() { ctl interactions --live --json | grep -c '"ixn":'; }
settled() { [ "$(living)" = 8 ] && [ "$(waiting)" = 6 ]; } # two have an agent, and keep them while the clock stands
check() { "$gcxctl" upgrade --check "$dir/gcx.conf"; }

"$gcxc" build "$enterprise/enterprise.gcx" -o "$dir/enterprise.gcxb" || cleanup 1
clock_stands 0.5 # all have come, and wait
play_calls 8 5s 'marie 7001' 'jean 7003'
expect "state has no journal: there is nothing to carry over" check
start
await settled
came=$(waiting)
live=$(living)

# Beside the gcxvm that runs.
expect_exit 0 check
grep -q "^  $live interactions that live\$" "$dir/output" && grep -q "^does not carry over: nothing\$" "$dir/output" ||
    { say_failed "upgrade --check does not say that $live carry over"; cat "$dir/output"; }
expect_exit 2 "$gcxctl" upgrade "$dir/gcx.conf"
expect_exit 2 "$gcxvm" --state "$dir" "$dir/gcx.conf"

# The commands between the two headings of the manual, a file per block, in this test's places.
copy=$dir/backups/$(date +%Y-%m-%d)
sed -n '/^\.Sh BACKUP/,/^\.Sh UPGRADES/p' "$top_srcdir/man/gcxvm.8.in" |
    awk -v dir="$dir" '/^\.Bd/ { block++; in_it = 1; next } /^\.Ed/ { in_it = 0 } in_it { print > (dir "/block" block) }'
sed -i "s|/var/lib/gcx|$dir/state|g; s|/etc/gcx/gcxvm.conf|$dir/gcx.conf|g; s|/var/backups/gcx|$dir/backups|g; s|\\\\(aq|'|g; s|FOLDER|$copy|g; s|$dir/backups/20[0-9-]*|$copy|g" "$dir"/block?
[ "$(cat "$dir"/block? | wc -l)" = 8 ] || { say_failed "the manual has other commands than this test knows"; cat "$dir"/block?; }
gcxctl() { if [ "$1" = restore ]; then "$gcxctl" restore "$2" "$dir/gcx.conf"; else ctl "$@"; fi; }
install() { mkdir -p "$dir/backups"; } # of the service's user, which is this one here
runuser() { shift 2; "$@"; }
gcxvm() { "$gcxvm" "$@"; }
systemctl() { # as if the machine had failed, with all that ran there
    if [ "$1" = stop ]; then kill -9 "$vm" "$(adapter_pid)"; wait "$vm" 2>/dev/null; vm=; else : >"$dir/log"; start; fi
}
# follows BLOCK: each of its lines succeeds.
follows() {
    while IFS= read -r line <&9; do
        eval "$line" >"$dir/output" 2>&1 || { say_failed "the manual's \`$line\` ended with $?"; cat "$dir/output"; }
    done 9<"$dir/block$1"
}
follows 1
follows 2
grep -q "^  $live interactions that live\$" "$dir/output" || { say_failed "the copy has other interactions"; cat "$dir/output"; }
[ "$("$gcxvm" --verify --state "$copy/state" "$dir/gcx.conf" | grep -c ': good')" -ge 1 ] || say_failed "the copy has no snapshot that is good"
# It is told where the copy is not whole.
cp -a "$copy/state" "$dir/cut" && sqlite3 "$dir/cut/journal.db" "delete from batch where number > (select max(number) from batch) - 2"
rm -f "$dir"/cut/snapshots/[0-9]*
printf 'x' | dd of="$dir/cut/journal.db" bs=1 seek=20000 conv=notrunc 2>/dev/null
expect_exit 3 "$gcxvm" --verify --state "$dir/cut" "$dir/gcx.conf"
follows 3
await settled
[ "$(waiting)" = "$came" ] || say_failed "$(waiting) calls wait after the copy took its place, and $came did"
await link_is up

# Without one that runs, after its orderly end and after a crash.
kill -9 "$vm"; wait "$vm" 2>/dev/null; vm=
expect_exit 0 check
grep -q "^  $live interactions that live\$" "$dir/output" || { say_failed "after a crash"; cat "$dir/output"; }
sed "s|^directory|partition = 9\ndirectory|" "$dir/gcx.conf" >"$dir/other.conf"
expect_exit 1 "$gcxctl" upgrade --check "$dir/other.conf"
grep -q "^does not carry over: anything, because " "$dir/output" || { say_failed "another partition"; cat "$dir/output"; }
start
clock_runs
wait "$sim"; got=$?; sim=
[ "$got" = 0 ] || { say_failed "gcxsim ended with $got"; cat "$dir/result" "$dir/sim.log"; }
stop 0
expect_exit 0 check
grep -q '^newest snapshot: of batch [0-9]*, 0 batches came after it$' "$dir/output" ||
    { say_failed "an orderly end has cut no snapshot of all"; cat "$dir/output"; }

# Images of other versions, with hashes that are right: the tests are the last section, whose first eight bytes are their layout.
command -v python3 >/dev/null || finish
"$gcxc" build "$enterprise" -o "$dir/tested.gcxb" || say_failed "the enterprise and its tests are not built"
python3 - "$dir" <<'END'
import hashlib, struct, sys
image = bytearray(open(sys.argv[1] + "/tested.gcxb", "rb").read())
sections = struct.unpack_from("<I", image, 12)[0]
offset, length = struct.unpack_from("<II", image, 112 + 8 * (sections - 1))
image[4] += 1
open(sys.argv[1] + "/newer.gcxb", "wb").write(image)
image[4] -= 1
image[offset] ^= 255
row = struct.pack("<II", sections - 1, length)
image[80:112] = hashlib.blake2b(image[16:48] + row + image[offset : offset + length], digest_size=32).digest()
open(sys.argv[1] + "/older.gcxb", "wb").write(image)
END
for age in older newer; do sed "s|enterprise.gcxb|$age.gcxb|" "$dir/gcx.conf" >"$dir/$age.conf"; done
expect_exit 0 "$gcxvm" --check "$dir/older.conf"
expect_exit 1 "$gcxsim" list "$dir/older.gcxb"
grep -q 'compile the strategies again' "$dir/output" || { say_failed "tests of an older image"; cat "$dir/output"; }
expect_exit 1 "$gcxvm" --check "$dir/newer.conf"
grep -q 'newer.gcxb: .*version' "$dir/output" || { say_failed "a newer image is not refused for its version"; cat "$dir/output"; }
finish
