#!/bin/sh
# What crashes the core twice is put into quarantine at the third start: live, where the journal does not have it, and in
# a replay, where it has, by a crash and by an endless loop. The caller goes to the default destination, the others wait
# as before, and whoever is killed meanwhile, the next start comes to the same. Needs a checked build, where the core can
# be told by what to crash (GCX_PLANT).
. "$top_srcdir/tests/flows/daemon_common.sh"

[ -x "$gcxsim" ] && [ -x "$gcxc" ] || exit 77
grep -q GCX_PLANT "$top_builddir/.libs/gcxvm" 2>/dev/null || grep -q GCX_PLANT "$gcxvm" || {
    echo "skipped: this is no checked build (configure --enable-checked)"
    exit 77
}
ulimit -c 0
calls=8

status_number() { ctl status --json | sed -n "s/^ *\"$1\": \([0-9]*\),*\$/\1/p" | head -n 1; }
waiting() { ctl interactions --live --json | grep -c '"step": "select"'; }
quarantined() { [ "$(status_number quarantined)" = "$1" ]; }

# begin: a start that may crash at once. dies: until it has.
begin() { "$gcxvm" "$dir/gcx.conf" >>"$dir/log" 2>&1 & vm=$!; }
dead() { ! kill -0 "$vm" 2>/dev/null; }
dies() {
    await dead || cleanup 1
    wait "$vm" 2>/dev/null; got=$?; vm=
    [ "$got" -gt 128 ] || { say_failed "gcxvm ended with $got and not by a signal"; tail -n 20 "$dir/log"; }
}
die() { kill -9 "$vm" 2>/dev/null; wait "$vm" 2>/dev/null; vm=; }

# Whoever waits goes on so, however slow a machine is to start gcxvm again and again: for an hour, and whoever is there does
# not speak the callers' language.
mkdir "$dir/patient" && cp "$enterprise"/*.gcx "$enterprise"/*.sql "$dir/patient" || cleanup 1
sed -i 's/timeout 3m$/timeout 1h/' "$dir/patient/enterprise.gcx"
! cmp -s "$enterprise/enterprise.gcx" "$dir/patient/enterprise.gcx" || cleanup 1
"$gcxc" build "$dir/patient/enterprise.gcx" -o "$dir/enterprise.gcxb" || cleanup 1
clock_stands 0.5 # all have come, and wait
play_digits='4711,2 4712,2 6666,2 4713,2 5555,2 4714,2 4715,2 4716,2'
play_calls "$calls" 400ms 'paul 7002'

# survives N: kill -9 wherever the third start is; then one that lives, with N in quarantine.
survives() {
    for pause in 0.02 0.1 0.3; do begin; sleep "$pause"; die; done
    : >"$dir/log"
    start
    await quarantined "$1"
    await link_is up
}

# Live: the event is not in the journal, and its adapter tells it again.
export GCX_PLANT=EventTreatment:6666
begin; dies
begin; dies
survives 1
expect "EventTreatment" ctl quarantine
expect "routed by default" ctl quarantine
expect "1 defaulted" ctl status
expect "QUARANTINE    1" ctl status
came=$((calls - 1))
all_wait() { [ "$(waiting)" = "$1" ]; }
await all_wait "$came" || ctl interactions

# In a replay: the event was taken by a core that did not crash. It does not come out of it now.
die
export GCX_PLANT=EventTreatment:4716 GCX_PLANT_HANGS=1 GCX_CRASHES_BOUND_S=3
begin; dies
await logged "does not come out"
begin; dies
survives 2
expect "2 defaulted" ctl status
await all_wait $((came - 1)) || ctl interactions

# From then on every replay passes over both: a start, a snapshot, the check of the journal, a debugger.
die
: >"$dir/log"
start
! logged "the last run ended" || { say_failed "an ordinary start tells of a crash"; cat "$dir/log"; }
expect_exit 0 ctl snapshot
expect "routed by default" ctl quarantine
die
unset GCX_PLANT
expect_exit 0 "$gcxvm" --verify "$dir/gcx.conf"
printf 'continue\nquit\n' | "$top_builddir/gcxdb" replay "$dir/state" >"$dir/output" 2>&1 || { say_failed "gcxdb replay"; tail "$dir/output"; }
! grep -q 'diverges' "$dir/output" || { say_failed "gcxdb's replay diverges"; tail "$dir/output"; }
start
expect "begins from the snapshot" cat "$dir/log"
quarantined 2 || say_failed "the snapshot has forgotten the quarantine"
await link_is up
expect "0 abandoned, 2 defaulted" ctl status
await all_wait $((came - 1)) || ctl interactions
kill "$vm" # it drains; what waits goes on with the next one
await logged 'gcxvm drains for'
stop 0
[ ! -e "$dir/state/working" ] || say_failed "the file of what crashes is left behind"
finish
