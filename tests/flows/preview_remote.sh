#!/bin/bash
# tests/flows/preview_remote.sh - An agent is asked by a T-Server on "another machine", and what is asked is withdrawn
# while the link to it is broken: when the link is back, the desktop is told so, shows nothing, and cannot accept it.
. "$top_srcdir/tests/flows/security_common.sh"

tool=$top_builddir/tests/flows/wire_tool
[ -x "$tool" ] || exit 77
relay='' far=''
also_end() {
    for pid in $far $relay; do kill -CONT "$pid" 2>/dev/null; kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; done
    [ -z "$sim" ] || { kill "$sim"; wait "$sim"; } 2>/dev/null
}
authority ours
for name in core tserver; do certificate "$name"; done

build_flow "$top_srcdir/tests/flows/preview_kill.gcx"
provision "asked over a link that breaks"
play "asked over a link that breaks"
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
remote_listen      = "127.0.0.1:0"
remote_port_file   = "core.port"
remote_certificate = "tls/core.pem"
remote_key         = "tls/core.key"
remote_ca          = "tls/ours.pem"
source customers { database = "customers.db" }
adapter tserver  { remote = true silent_s = 2 }
CONF
"$gcxvm" "$dir/gcx.conf" >>"$dir/gcxvm.log" 2>&1 &
vm=$!
await ready
await test -s "$dir/core.port"
"$tool" join "$(cat "$dir/core.port")" "$dir/relay.port" "$dir/into" & relay=$!
await test -s "$dir/relay.port"
"$gcxvm" --adapter "$top_builddir/.libs/tserver.so" --name tserver --connect "127.0.0.1:$(cat "$dir/relay.port")" \
    --ca "$dir/tls/ours.pem" --certificate "$dir/tls/tserver.pem" --key "$dir/tls/tserver.key" \
    --set switch="127.0.0.1:$(cat "$dir/switch.port")" --set port_file="$dir/cti.port" --set answer_timeout=60 \
    >>"$dir/far.log" 2>&1 &
far=$!
await link_is_up
await simulated 'EventInvite'
ticket=$(sed -n 's/.*EventInvite .*TicketID=\([0-9a-f]*\).*/\1/p' "$dir/sim.log" | head -n 1)

echo "withdrawn while the link is broken"
kill -STOP "$relay"
await logged 'the adapter is silent'
ctl release-claim marie --why "the link is broken" >/dev/null || say_failed "gcxctl release-claim"
expect '0 claims' ctl status
simulated 'EventRevoked' && say_failed "the desktop has heard of it: the link is not broken"
kill -CONT "$relay"
await link_is_up

echo "the link is back"
await simulated 'EventRevoked'
[ "$(grep -c ' EventRevoked' "$dir/sim.log")" = 1 ] || say_failed "it was withdrawn twice"
[ "$(grep -c ' EventInvite' "$dir/sim.log")" = 1 ] || say_failed "it was asked again"
until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' \
    '{"Message":"RequestAccept","ReferenceID":2,"ThisDN":"7001","TicketID":"'"$ticket"'"}' >"$dir/asked"
grep -q '"ErrorCode": *"taken"' "$dir/asked" || { say_failed "what was withdrawn can be accepted"; cat "$dir/asked"; }
grep -q '"EventInvite"' "$dir/asked" && say_failed "a desktop that registers is shown what was withdrawn"
played
expect '0 claims' ctl status
stop
finish
