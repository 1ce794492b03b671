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

clock_runs
wait "$sim"; got=$?; sim=
[ "$got" = 0 ] || { say_failed "gcxsim ended with $got"; cat "$dir/result" "$dir/sim.log"; }
expect "$calls routed, 0 abandoned, 0 defaulted" ctl status

# What was in force is so after a restart, from the journal alone.
stop 0
start
expect "12 routed" ctl status
stop 0
finish
