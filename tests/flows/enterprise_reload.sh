#!/bin/bash
# tests/flows/enterprise_reload.sh - SIGHUP with calls in the house: who waits ends on the strategy that began, also over
# a kill -9; new calls run the new one. A broken image or directory changes nothing and says why. A changed directory is
# in force for those who wait already.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/enterprise_acts.gcx"
"$gcxc" build "$flow/enterprise.gcx" -o "$dir/old.gcxb" || die "gcxc build"
# The new one sends everybody to the desk, and leaves its mark.
cat >"$flow/new.gcx" <<'GCX'
strategy enterprise on voice {
    attached { account: str; }
    attach account = "asked by nobody";
    route queue desk;
}
GCX
"$gcxc" build "$flow/new.gcx" -o "$dir/new.gcxb" || die "gcxc build of the new one"

active() { ctl status --json | sed -n 's/^ *"image": "\([0-9a-f]*\)".*/\1/p' | head -n 1; }
# refused TEXT: neither SIGHUP nor `gcxctl load` change anything, and both say why.
refused() {
    local before
    before=$(active)
    expect "$1" ctl load
    ctl load >/dev/null 2>&1 && say_failed "a load that fails should end with 1"
    : >"$dir/gcxvm.log"
    kill -HUP "$vm"
    await logged "$1"
    [ "$(active)" = "$before" ] || say_failed "another image is in force: after $1"
    expect '16  up' ctl status
}

echo "the strategy changes while a call waits"
cp "$dir/old.gcxb" "$dir/enterprise.gcxb"
strategies=enterprise.gcxb
clock_stands 3
begin "the strategy changes"
await are_waiting 1
rows >"$dir/before"
old=$(active)
cp "$dir/new.gcxb" "$dir/enterprise.gcxb"
kill -HUP "$vm"
changed() { [ "$(active)" != "$old" ]; }
await changed
rows >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting call has moved"
clock_stands 7
await simulated 'RouteUsed callID=.* destination=5000'
expect 'asked by nobody' ctl data "$(ixn_of +33145550102)"
expect '4711' ctl data "$(ixn_of +33145550101)"

echo "a broken image, a broken directory"
head -c 300 "$dir/new.gcxb" >"$dir/enterprise.gcxb"
refused 'enterprise.gcxb: .*not a good image'
rm "$dir/enterprise.gcxb"
refused 'enterprise.gcxb cannot be read'
cp "$dir/new.gcxb" "$dir/enterprise.gcxb"
cp "$dir/directory.sql" "$dir/directory.good"
echo "insert into nonsense values (1);" >>"$dir/directory.sql"
refused 'directory.sql:[0-9]*: no such table: nonsense'
sed "s/'1800', 'enterprise'/'1800', 'nowhere'/" "$dir/directory.good" >"$dir/directory.sql"
refused 'strategy nowhere is in no image'

echo "default destinations and names that are nowhere"
sed "s/'1800', 'enterprise', '[0-9,]*'/'1800', 'enterprise', '5998,5999'/" "$dir/directory.good" >"$dir/directory.sql"
grep -q 5998 "$dir/directory.sql" || say_failed "the test's directory has other defaults"
line=$(grep -n 5998 "$dir/directory.sql" | cut -d: -f1)
refused "directory.sql:$line: table routing_point, row 1800: none of its default destinations, 5998,5999, is in table dn"
expect "directory.sql:$line: .*none of its default destinations" "$gcxvm" --check "$dir/gcx.conf"
"$gcxvm" --check "$dir/gcx.conf" >/dev/null 2>&1 && say_failed "--check lets callers be lost"
# What loses no call is in force, and told: one of them may be outside, the other does not exist; a skill that nobody has.
sed "s/'5998,5999'/'+33145550000,5999'/" "$dir/directory.sql" >"$dir/directory.new"
cp "$dir/directory.new" "$dir/directory.sql"
expect "directory.sql:$line: .*default destination 5999 is in no row of table dn" ctl load
expect "warning: .*default destination 5999 is in no row of table dn" "$gcxvm" --check "$dir/gcx.conf"
expect "gcx.conf: good" "$gcxvm" --check "$dir/gcx.conf"
await logged 'warning gcxvm .*default destination 5999 is in no row of table dn'
# No telephone that is listed has so few digits, or so many: such a number may be the switch's own (the operator, a
# pilot), or of elsewhere.
for number in 0 59 59999; do
    sed "s/'+33145550000,5999'/'$number'/" "$dir/directory.new" >"$dir/directory.sql"
    "$gcxvm" --check "$dir/gcx.conf" >"$dir/said" 2>&1 || say_failed "--check refuses the default $number: $(cat "$dir/said")"
    grep "$number is in no row" "$dir/said" && say_failed "the default $number is taken to be missing"
    expect 'in force' ctl load
done
sed "/insert into \"\{0,1\}queue/d" "$dir/directory.good" >"$dir/directory.sql"
expect 'new.gcx:4: queue desk is used here, and .*directory.sql has it no more: a name in use is not removed' ctl load
expect 'warning: .*new.gcx:4: queue desk is in no row of table queue' "$gcxvm" --check "$dir/gcx.conf"
cp "$dir/directory.good" "$dir/directory.sql"
rows | grep ' +33145550101 ' >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting call has moved"

# The image that it began on is in the journal: the next process has it too, though no file has it any more.
kill_core
restarted
rows | grep ' +33145550101 ' >"$dir/after"
same_rows "$dir/before" "$dir/after" "the waiting call is not where it was"
clock_runs
third() { [ "$(grep -c 'RouteUsed callID=.* destination=5000' "$dir/sim.log")" = 2 ]; }
await third
expect 'asked by nobody' ctl data "$(ixn_of +33145550103)"
ready_now 7001
played
stop

echo "somebody learns French while a caller waits for it; the start, with defaults that are nowhere, has told of them"
strategies=flow.gcxb
rm -rf "$dir/state" "$dir/gcxvm.log"
provision "somebody learns French"
cp "$dir/directory.sql" "$dir/directory.good"
sed -i "s/'1800', 'enterprise', '[0-9,]*'/'1800', 'enterprise', '5998,5999'/" "$dir/directory.sql"
play "somebody learns French"
configure
start
await logged 'warning gcxvm .*none of its default destinations, 5998,5999, is in table dn' || say_failed "the start does not tell of the defaults"
expect 'none of its default destinations' ctl status --json
expect 'none of its default destinations' ctl load
ctl load >/dev/null 2>&1 && say_failed "a load lets callers be lost"
cp "$dir/directory.good" "$dir/directory.sql"
await are_waiting 1
echo "insert into agent_skill values ('paul', 'French', 9);" >>"$dir/directory.sql"
kill -HUP "$vm"
await simulated 'RouteUsed callID=.* destination=7001'
expect 'French 9' ctl agents
played
expect '1 routed' ctl status
stop
finish
