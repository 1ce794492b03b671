#!/bin/sh
# tests/flows/freeze.sh - While a freeze is on, nothing gives callers another version, except by an admin's own word with
# a reason; outside of it all goes on.
. "$top_srcdir/tests/flows/daemon_common.sh"

[ -x "$gcxc" ] || exit 77
echo 'strategy hello on voice { stop "bye"; }' >"$dir/hello.gcx"
"$gcxc" build "$dir/hello.gcx" -o "$dir/hello.gcxb" || cleanup 1
away() { LC_ALL=C date -d "+$1 days" '+%b %d'; }

echo "a freeze of every day of the week"
make_world 'freeze = "sun 00:00-wed 12:00, wed 12:00-sat 24:00"'
sed 's/bye/see you/' "$dir/hello.gcx" >"$dir/later.gcx"
"$gcxc" build "$dir/later.gcx" -o "$dir/later.gcxb" || cleanup 1
site_queues hello.gcxb
cat >>"$dir/directory.sql" <<'SQL'
insert into dn values ('1800', 'routing_point');
insert into routing_point values ('1800', 'hello', '');
SQL
start
expect 'a freeze is on until 2' ctl load "$dir/hello.gcxb"
expect 'a freeze is on until 2' ctl activate 1800 hello
expect 'an admin may act now with --despite-freeze --why TEXT' ctl activate 1800 hello
expect 'in force' ctl reload
cp "$dir/hello.gcxb" "$dir/before.gcxb"
cp "$dir/later.gcxb" "$dir/hello.gcxb"
expect 'hello.gcxb has another version: put the file of before back' ctl reload
expect_exit 1 ctl reload
expect 'hello.gcxb has another version' ctl directory-import "$dir/directory.sql"
expect 'needs a reason' ctl load "$dir/hello.gcxb" --despite-freeze
kill -HUP "$vm"
await logged 'nothing was changed: a freeze is on until 2'
expect 'needs a reason' ctl reload --despite-freeze
expect 'in force' ctl reload --despite-freeze --why 'the line is down'
cp "$dir/before.gcxb" "$dir/hello.gcxb"
expect 'in force' ctl reload --despite-freeze --why 'it was not the line'
expect 'known now' ctl load "$dir/hello.gcxb" --despite-freeze --why 'the line is down'
await logged 'load despite the freeze: the line is down'
expect 'load despite the freeze' ctl audit --name freeze
expect 'a freeze is on until 2' ctl rollout 1800 "$dir/later.gcxb"
expect 'interactions an hour' ctl rollout 1800 "$dir/later.gcxb" --plan
expect 'has begun' ctl rollout 1800 "$dir/later.gcxb" --steps 5,100 --despite-freeze --why 'the line is down'
expect canary ctl rollouts
expect 'start despite the freeze, version' ctl audit --name 1800
expect 'a freeze is on until 2' ctl rollout-on 1800
expect done ctl rollout-hold 1800
expect done ctl rollout-back 1800
stop 0

echo "a freeze in half a year"
make_world "freeze = \"$(away 180)-$(away 182)\" freeze_zone = \"Europe/Berlin\""
start
expect 'in force' ctl reload
stop 0

echo "a freeze with a mistake"
make_world 'freeze = "fri 16:00"'
expect '`freeze`: "fri 16:00" is no window' "$gcxvm" --check "$dir/gcx.conf"
finish
