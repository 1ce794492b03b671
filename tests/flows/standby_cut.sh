#!/bin/bash
# tests/flows/standby_cut.sh - The one that leads loses its way to the database, and keeps the one to the switch, which knows
# no terms: the other one leads, and has all calls that come from then on. The one that is cut knows that another one may
# lead: it names no call, routes none by default, is not ready, and ends after `journal_wait_s`.
. "$top_srcdir/tests/flows/standby_common.sh"
command -v python3 >/dev/null && command -v curl >/dev/null || cleanup 77
world=
also_end() { [ -z "$world" ] || { kill "$world" && wait "$world"; } 2>/dev/null; cluster_end; }
server
build_flow "$top_srcdir/tests/flows/postgres_leads.gcx"
provision "calls wait while others lead"
sed -i "/into \"routing_point\"/s/10, 60/3, 60/" "$dir/directory.sql"
mkfifo "$dir/acts"
python3 "$top_srcdir/tests/flows/standby_cut.py" "$dir" "$pg_socket/.s.PGSQL.$pg_port" <"$dir/acts" 2>"$dir/world.log" & world=$!
exec 7>"$dir/acts"
await test -s "$dir/database.port"
conf_http='http = "127.0.0.1:0"'
cluster_configure
sed -i 's/^journal_wait_s = .*/journal_wait_s = 5/' "$dir/gcx.conf"
eval "plainly_$(declare -f node_configure)"
node_configure() { # the first one reaches the database by the way that can be cut
    plainly_node_configure "$1"
    [ "$1" = second ] || sed -i "/^journal = /s/host=[^ ]* port=[0-9]*/host=127.0.0.1 port=$(cat "$dir/database.port")/" "$dir/$1.conf"
}
node_start first
await leads first
node_start second
await follows second
await in_step
asked() { grep -q "^$1 $2 $3\$" "$dir/switch.log"; } # LINK SERVICE ANI
page() { curl -s "$(sed -n 's/.*metrics and health at //p' "$dir/$1.log" | tail -n 1)/$2"; }

echo 'ring +33145550101' >&7
await asked 1 ApplyTreatment +33145550101
echo cut >&7
await node_logged first 'another gcxvm may lead'
before=$(date +%s%N)
expect 'another gcxvm may lead' page first readyz
expect '^gcx_journal_leads 0' page first metrics
expect '^ok' page first healthz
expect 'another gcxvm may lead' ctl_of first cluster
await node_logged second 'leads now'
echo 'ring +33145550102' >&7
await asked 2 ApplyTreatment +33145550102
node_ends first 4
[ $((($(date +%s%N) - before) / 1000000)) -gt 3500 ] || say_failed "it has ended before a default was due" # answer_timeout: 3 s
grep -E '^1 .* \+33145550102$' "$dir/switch.log" && say_failed "the one that may not lead had a say at the switch"
grep -E 'RouteSelect' "$dir/switch.log" && say_failed "a call was routed by default"
echo mend >&7
finish
