#!/bin/bash
# tests/flows/orders_wire.sh - Who is chosen, in which order those who wait are served, and what must be heard first: the
# orders of a selection, the shares of its lines, a priority that grows, what is mandatory; by real processes as under the virtual clock.
. "$top_srcdir/tests/flows/both_common.sh"
short=$dir/short; mkdir "$short"
cp "$enterprise"/site.gcx "$enterprise"/*.sql "$short"
enterprise=$short
both "$top_srcdir/tests/flows/orders_wire.gcx"
[ "$number" = 8 ] || say_failed "$number of 8 tests were played over the wire"
finish
