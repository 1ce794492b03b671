#!/bin/sh
# The version after this one, as it will be: another semantics number with its row of migrations.def, snapshots of another
# version with a part that this one does not have. It is built in a scratch tree and takes over from this build's gcxvm with
# calls waiting: refused with the cure after a crash, from the snapshot of an orderly end, and once more from there.
# The tree's files are links, but for those that are changed.
. "$top_srcdir/tests/flows/daemon_common.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL # of the make that runs this

[ -x "$gcxsim" ] && [ -x "$gcxc" ] || exit 77
top=$(cd "$top_srcdir" && pwd) build=$(cd "$top_builddir" && pwd)
(cd "$top" && automake --version) >/dev/null 2>&1 || { echo "next: a new file needs automake, which is not here"; exit 77; }
grep -q "^srcdir = \.\.$" "$build/Makefile" || { echo "next: the build is in no folder of the tree"; exit 77; }
tree=$dir/tree
mkdir "$tree" "$tree/build"
for entry in "$top"/*; do
    [ -e "$entry/config.status" ] || [ ! -e "$entry" ] || cp -rs "$entry" "$tree/" || cleanup 1
done
# changed FILE: a copy of its own.
changed() { cp -p --remove-destination "$top/$1" "$tree/$1" || cleanup 1; }
for file in Makefile.in configure aclocal.m4 config.h.in sources.mk runtime/vocabulary/semantics.h runtime/core/snapshot.h \
    runtime/core/migrations.def runtime/core/migration.c runtime/core/base/parts.def; do
    changed "$file"
done
rm -rf "$tree/autom4te.cache"
(cd "$build" && tar cf - --exclude='./tests/*/*' --exclude=./man --exclude='*.log' .) | tar xf - -C "$tree/build" || cleanup 1
(cd "$build" && find tests -name .deps | tar cf - -T -) | tar xf - -C "$tree/build" || cleanup 1
sed -i "s#$build/\.\.#$tree#g; s#$build#$tree/build#g; s#$top#$tree#g" "$tree/build/config.status" "$tree/build/Makefile" "$tree/build/libtool"
touch -r "$build/config.status" "$tree/build/config.status"
touch -r "$build/Makefile" "$tree/build/Makefile"

number=$(sed -n 's/^enum { SEMANTICS_NUMBER = \([0-9]*\) };/\1/p' "$tree/runtime/vocabulary/semantics.h")
next=$((number + 1))
sed -i "s/SEMANTICS_NUMBER = $number /SEMANTICS_NUMBER = $next /" "$tree/runtime/vocabulary/semantics.h"
version=$(sed -n 's/^enum { SNAPSHOT_VERSION = \([0-9]*\) };/\1/p' "$tree/runtime/core/snapshot.h")
later=$((version + 1))
sed -i "s/SNAPSHOT_VERSION = $version /SNAPSHOT_VERSION = $later /" "$tree/runtime/core/snapshot.h"
sed -i "0,/^#undef/s//MIGRATION($number, $next, to_next)\n&/" "$tree/runtime/core/migrations.def"
sed -i 's|^static const struct migration all|#include "runtime/core/base/state.h"\n\nbool migration_was_asked(struct core *);\n\nstatic bool to_next(struct core *core, struct error *error)\n{\n    (void)error;\n    return migration_was_asked(core);\n}\n\n&|' "$tree/runtime/core/migration.c"
sed -i '0,/^#undef/s//PART(laters, laters, OWN)\n&/' "$tree/runtime/core/base/parts.def"
cat >"$tree/runtime/core/queues/later.c" <<'END'
#include "vm/keep.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"

struct laters {
    uint64_t migrated;
};

bool migration_was_asked(struct core *);

static uint64_t later_hash(const void *self)
{
    return ((const struct laters *)self)->migrated * 7919;
}

static void later_keep(void *self, struct keeper *keeper)
{
    struct laters *laters = self;
    laters->migrated = keep_u64(keeper, laters->migrated);
}

const struct part_ops part_ops_laters = {.size = sizeof(struct laters), .since = LATER, .hash = later_hash, .keep = later_keep};

bool migration_was_asked(struct core *core)
{
    for (unsigned row = 0; row < core->parts->count; row++)
        if (core->parts->all[row].ops == &part_ops_laters) ((struct laters *)core->parts->all[row].part)->migrated++;
    return true;
}
END
sed -i "s/LATER/$later/" "$tree/runtime/core/queues/later.c"
grep -q "SNAPSHOT_VERSION = $later" "$tree/runtime/core/snapshot.h" && grep -q "SEMANTICS_NUMBER = $next" "$tree/runtime/vocabulary/semantics.h" ||
    { echo "next: the numbers stand elsewhere"; cleanup 1; }
(cd "$tree/build" && make -j2 LIBTOOL="$tree/tests/quick/libtool.sh" CFLAGS='-O0 -w' AM_CFLAGS='-std=gnu11 -D_GNU_SOURCE -w' gcxvm gcxctl) >"$dir/made" 2>&1 || { tail -n 30 "$dir/made"; cleanup 1; }
before=$gcxvm after=$tree/build/gcxvm

waiting() { ctl interactions --live --json | grep -c '"step": "select"'; }
settled() { [ "$(waiting)" -ge 4 ] && some=$(waiting) && sleep 0.5 && [ "$(waiting)" = "$some" ]; }
check() { "$tree/build/gcxctl" upgrade --check "$dir/gcx.conf"; }
same() { [ "$(waiting)" = "$came" ] || say_failed "$1: $(waiting) calls wait, and $came did"; }

"$gcxc" build "$enterprise/enterprise.gcx" -o "$dir/enterprise.gcxb" || cleanup 1
clock_stands 0.5 # all have come, and wait
play_calls 8 400ms 'marie 7001' 'jean 7003'
start
await settled
came=$(waiting)
expect_exit 0 ctl snapshot
await settled

# Beside the one that runs: its orderly end will cut one.
expect_exit 0 check
grep -q "semantics number $number; this gcxvm has $next" "$dir/output" && grep -q 'cuts one at its end' "$dir/output" &&
    grep -q '^does not carry over: nothing that the newest snapshot has; what came after it is known once' "$dir/output" || { say_failed "the check beside it"; cat "$dir/output"; }

# After a crash the batches behind the snapshot are the first one's.
kill -9 "$vm"; wait "$vm" 2>/dev/null; vm=
expect_exit 1 check
grep -q 'start that once more and stop it in order' "$dir/output" || { say_failed "the check after a crash"; cat "$dir/output"; }
expect_exit 3 "$after" "$dir/gcx.conf"
grep -q 'start the gcxvm that made it and stop it in order' "$dir/output" || { say_failed "the start after a crash"; cat "$dir/output"; }
start
await link_is up
same "the first one again"
echo 'drain_s = 0' >>"$dir/gcx.conf"
kill -9 "$vm"; wait "$vm" 2>/dev/null; vm=
start
await link_is up
expect_exit 0 ctl snapshot
stop 0

# The next one goes on; killed before it has cut one itself it takes over again, and comes to the same.
expect_exit 0 check
live=$(sed -n 's/^  \([0-9]*\) interactions that live$/\1/p' "$dir/output")
[ "${live:-0}" -ge "$came" ] || { say_failed "the check says that $live live"; cat "$dir/output"; }
gcxvm=$after
: >"$dir/log"
start
await logged 'begins from the snapshot of batch' || say_failed "it did not begin from the snapshot"
expect "\"semantics\": $next" ctl version --json
await link_is up
same "the next one"
kill -9 "$vm"; wait "$vm" 2>/dev/null; vm=
: >"$dir/log"
start
! grep -q 'passed over\|diverges' "$dir/log" || { say_failed "the second start"; cat "$dir/log"; }
await link_is up
expect_exit 0 ctl snapshot
clock_runs
wait "$sim"; got=$?; sim=
[ "$got" = 0 ] || { say_failed "gcxsim ended with $got"; cat "$dir/result" "$dir/sim.log"; }
stop 0
# The snapshot of the first one's end has gone: only that one can replay what is before those of the next one.
expect_exit 0 "$after" --verify "$dir/gcx.conf"
gcxvm=$before
expect_exit 1 "$gcxctl" upgrade --check "$dir/gcx.conf"
grep -q 'is older than the one that wrote the journal' "$dir/output" || { say_failed "the way back"; cat "$dir/output"; }
finish
