#!/bin/bash
# tests/flows/told_wire.sh - What a switch does not see of itself crosses the wire all the same: the data that a call
# brings along, with what word and by what number it ends or fails, signals with what they bring, the virtual queues that
# it joined. A consultation that is left while it rings is answered as the main call; what a caller does later comes later. A play whose word is another one fails.
. "$top_srcdir/tests/flows/enterprise_common.sh"

mkdir -p "$flow"
cp "$enterprise"/*.sql "$flow"
image=$dir/told.gcxb source=$top_srcdir/tests/flows/told_wire.gcx
"$gcxc" test "$source" || say_failed "gcxc test"
build() { "$gcxc" build --site "$1" "$1" -o "$image" || die "gcxc build"; }

build "$source"
for test in stopped rejected failed joined "left while it rings" "hangs up first"; do begin "$test"; played; stop; done

# Who sends one by hand is told what of it is missing or wrong.
clock_stands 3
begin "a signal"
is_there() { [ -n "$(rows)" ]; }
await is_there
ixn=$(rows | cut -d ' ' -f 1)
expect 'does not bring what was declared: ref' ctl signal "$ixn" payment amount=1 late=true
expect 'not as it was declared: amount' ctl signal "$ixn" payment amount=many ref=x late=true
expect 'was not declared: extra' ctl signal "$ixn" payment amount=1 ref=x late=true extra=2
expect 'amount. is said twice' ctl signal "$ixn" payment amount=1 ref=x late=true amount=2
played
stop

sed 's/expect stopped "no: 4711/expect stopped "no: 4712/; s/expect rejected 603/expect rejected 486/' "$source" >"$dir/other.gcx"
build "$dir/other.gcx"
for test in stopped rejected; do
    begin "$test"
    wait "$sim" && say_failed "another word passes: $test"
    sim=''
    stop
done
grep -q 'expected rejected 486; instead: rejected 603' "$dir/sim.log" || { say_failed "it should say what it was"; cat "$dir/sim.log"; }

# What nobody outside hears of is not looked for over the wire; a row is there though the test does not say all of it.
language=$top_srcdir/tests/language image=$dir/seconds.gcxb
"$gcxc" build --site "$language/site.gcx" "$language/play-seconds.gcx" -o "$image" || die "gcxc build"
expect 'what was stored is read back.virtual only: nobody outside hears' "$gcxsim" list "$image"
"$gcxsim" provision "$image" --test "what is less than a second is not kept" --directory "$dir/directory.sql" \
    --database "$dir/tickets.db" --schema "$language/customers.sql" || say_failed "gcxsim provision"
expect '^1 ' python3 -c 'import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute("select count(*), max(due) from ticket").fetchone())' "$dir/tickets.db"

# Whatever would be another play over the wire is not played there, and one value is kept where a statement asks for it.
"$gcxc" build --site "$top_srcdir/tests/flows/virtual_only.gcx" "$top_srcdir/tests/flows/virtual_only.gcx" -o "$image" || die "gcxc build"
"$gcxsim" list "$image" >"$dir/list"
awk -F '\t' '{ split($2, name, ":"); split($3, how, " "); if (name[1] != how[1]) { print "FAILED: " $2 ": " $3; bad = 1 } } END { exit bad || NR < 10 }' \
    "$dir/list" || say_failed "what is played over the wire"
"$gcxsim" provision "$image" --test "wire: one value of a column" --directory "$dir/directory.sql" \
    --database "$dir/one.db" --schema "$top_srcdir/tests/flows/virtual_only.sql" || say_failed "gcxsim provision"
expect '^1 Dupont$' python3 -c 'import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute("select * from customer").fetchone())' "$dir/one.db"
finish
