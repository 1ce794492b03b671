#!/bin/bash
# tests/flows/sim_players.sh - One scenario, two players: what holds under the virtual clock holds over the wire, with
# gcxvm, the T-Server, a switch and desktops in processes of their own.
. "$top_srcdir/tests/flows/both_common.sh"
dates='' answer=10
both "$top_srcdir/tests/flows/sim_players.gcx"
virtual=$(grep -c 'virtual only' "$dir/list")
[ "$virtual" = 2 ] || say_failed "two tests are virtual only, not $virtual"

# The other scenario has a site of its own.
palette=$top_srcdir/tests/language/play-palette.gcx
image=$dir/palette.gcxb
"$gcxc" build --site "$palette" "$palette" -o "$image" || die "gcxc build"
all_by_wire palette
finish
