#!/bin/sh
# New strategies and a new directory come into force while calls wait: those finish on the image on which they began.
. "$top_srcdir/tests/flows/daemon_common.sh"

[ -x "$gcxsim" ] && [ -x "$gcxc" ] || exit 77
calls=12

cp "$enterprise/enterprise.gcx" "$enterprise/site.gcx" "$enterprise/customers.sql" "$enterprise/directory.sql" "$dir"
build() { "$gcxc" build "$dir/enterprise.gcx" -o "$dir/enterprise.gcxb.new" && mv "$dir/enterprise.gcxb.new" "$dir/enterprise.gcxb"; }
image() { ctl status --json | sed -n 's/.*"image": "\([0-9a-f]*\)".*/\1/p'; }
build || cleanup 1
clock_stands 0.5 # all have come, and wait
play_calls "$calls" 200ms 'marie 7001'
start
waiting() { [ "$(ctl interactions --json | grep -c '"step": "select"')" -ge "$1" ]; }
await waiting $((calls / 2))
old=$(image)

# Another image, and another agent.
sed -i 's/timeout 3m/timeout 4m/' "$dir/enterprise.gcx"
echo "insert into agent values ('zoe', 'Zoe Muller');" >>"$dir/directory.sql"
build || cleanup 1
expect "in force: 27 rows" ctl load
new=$(image)
[ -n "$new" ] && [ "$new" != "$old" ] || say_failed "the image is still $old"
expect "zoe" ctl agents
waiting 2 || say_failed "nobody waited any more: nothing was tried"

# A broken image changes nothing.
cp "$dir/enterprise.gcxb" "$dir/good"
printf 'x' | dd of="$dir/enterprise.gcxb" bs=1 seek=200 conv=notrunc 2>/dev/null
expect "enterprise.gcxb: byte " ctl load
[ "$(image)" = "$new" ] || say_failed "a broken image came into force"
cp "$dir/good" "$dir/enterprise.gcxb"

# A load of what is in force adds nothing to the journal; one row more adds that row. Links and clocks add an event now
# and then, a whole directory 28.
events() { ctl status --json | sed -n 's/^ *"events": \([0-9]*\),*$/\1/p' | head -n 1; }
version() { ctl status --json | sed -n '/"directory": {/,/}/s/^ *"version": \([0-9]*\),*$/\1/p' | head -n 1; }
added() { [ "$(($(events) - before))" -lt 15 ] || say_failed "$1 added $(($(events) - before)) events"; before=$(events); }
before=$(events) in_force=$(version)
for load in 1 2 3; do expect "in force: 27 rows" ctl load; done
kill -HUP "$vm"
await logged 'SIGHUP: reads directory'
expect "in force: 27 rows" ctl load
added "five loads of what is in force"
[ -n "$in_force" ] && [ "$(version)" = "$in_force" ] || say_failed "version $(version) after $in_force, of the same rows"
echo "insert into agent values ('yves', 'Yves Muller');" >>"$dir/directory.sql"
expect "in force: 28 rows" ctl load
expect "yves" ctl agents
added "a row"
[ "$(version)" != "$in_force" ] || say_failed "the version is that of other rows"
sed -i "/'yves'/d" "$dir/directory.sql"
expect "in force: 27 rows" ctl load
added "a row that goes"
ctl agents | grep -q yves && say_failed "who is gone is still there"

clock_runs
wait "$sim"; got=$?; sim=
[ "$got" = 0 ] || { say_failed "gcxsim ended with $got"; cat "$dir/result" "$dir/sim.log"; }
expect "$calls routed, 0 abandoned, 0 defaulted" ctl status

# What was in force is so after a restart, from the journal alone; the start brings no row.
before=$(events)
stop 0
start
expect "12 routed" ctl status
expect "zoe" ctl agents
added "a restart"
stop 0
finish
