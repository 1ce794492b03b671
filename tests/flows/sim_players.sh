#!/bin/bash
# tests/flows/sim_players.sh - One scenario, two players: what holds under the virtual clock holds over the wire, with
# gcxvm, the T-Server, a switch and desktops in processes of their own.
. "$top_srcdir/tests/flows/both_common.sh"
dates='' answer=10
both "$top_srcdir/tests/flows/sim_players.gcx"
virtual=$(grep -c 'virtual only' "$dir/list")
[ "$virtual" = 2 ] || say_failed "two tests are virtual only, not $virtual"

# The other scenarios have sites of their own.
for other in "$top_srcdir/tests/language/play-palette.gcx" "$top_srcdir/tests/flows/sim_telephone.gcx"; do
    image=$dir/${other##*/}.gcxb
    "$gcxc" build --site "$other" "$other" -o "$image" || die "gcxc build"
    all_by_wire "$(basename "$other" .gcx)"
done
"$gcxc" test "$top_srcdir/tests/flows/sim_telephone.gcx" >"$dir/telephone" || say_failed "gcxc test: $(cat "$dir/telephone")"
finish
