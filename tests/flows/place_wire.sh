#!/bin/bash
# tests/flows/place_wire.sh - Places and DNs as the directory says them, parties, an agent who transfers, parameters and
# tables of a test: under the virtual clock and over the wire. Both players must agree.
. "$top_srcdir/tests/flows/enterprise_common.sh"

mkdir -p "$flow"
cp "$enterprise"/*.sql "$flow" || die "cannot copy the schema"
source=$top_srcdir/tests/flows/place_wire.gcx
image=$dir/flow.gcxb
"$gcxc" build --site "$source" "$source" -o "$image" || die "gcxc build"
"$gcxc" test --site "$source" "$source" >"$dir/virtual" 2>&1 || { say_failed "gcxc test"; cat "$dir/virtual"; }
while IFS='	' read -r place name how; do
    [ "$how" = wire ] || { say_failed "$place $name: $how"; continue; }
    begin "$name"
    played && echo "$name: passed over the wire"
    stop
done < <("$gcxsim" list "$image")
finish
