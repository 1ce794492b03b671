#!/bin/bash
# tests/flows/example_desktop.sh - The example of a desktop logs its agent in, is shown the caller with what is known of
# them, and answers: the wire needs nothing but what its page says. It logs in with a password, and when the connection
# was lost, with the token that it got.
. "$top_srcdir/tests/flows/enterprise_common.sh"
tool=$top_builddir/tests/flows/wire_tool
[ -x "$tool" ] || exit 77
relay='' desktop=''
also_end() { for pid in $relay $desktop; do kill "$pid"; wait "$pid" 2>/dev/null; done; }

image=$dir/enterprise.gcxb
"$gcxc" build "$enterprise/enterprise.gcx" -o "$image" || die "gcxc build"
cp "$enterprise/directory.sql" "$dir/directory.sql"
sqlite3 "$dir/customers.db" <"$enterprise/customers.sql" && sqlite3 "$dir/customers.db" <"$enterprise/customers-data.sql" || exit 77
echo 'olga 7004' >"$dir/agents" # speaks no French, so the caller is Marie's
hash=$(printf 'secret\n' | "$gcxvm" --hash-password) || die "gcxvm --hash-password"
password='se"c\ret' # in JSON neither stands for itself
hers=$(printf '%s\n' "$password" | "$gcxvm" --hash-password) || die "gcxvm --hash-password"
(umask 077; printf '%s agent password=%s\n' marie "$hers" olga "$hash" >"$dir/users"; echo 'olga secret' >"$dir/passwords")
conf_tserver="restart_ms = 200 users = \"$dir/users\""
"$gcxsim" call --wait 120s --listen 127.0.0.1:0 --port-file "$dir/switch.port" --cti-port-file "$dir/cti.port" \
    --admin "$dir/state/admin.sock" --directory "$dir/directory.sql" --agents "$dir/agents" --passwords "$dir/passwords" --from +33145550101 --to 1800 \
    --digits 4711,2 --pause 500ms --limit 180s >"$dir/sim.log" 2>&1 &
sim=$!
await test -s "$dir/switch.port"
configure
start
await test -s "$dir/cti.port"
"$tool" join "$(cat "$dir/cti.port")" "$dir/relay.port" /dev/null >"$dir/turns" &
relay=$!
await test -s "$dir/relay.port"
turned() { [ "$(wc -l <"$dir/turns")" = "$1" ]; }

GCX_PASSWORD=$password bash "$top_srcdir/examples/desktop/desktop.sh" 127.0.0.9,127.0.0.1 "$(cat "$dir/relay.port")" marie 7001 >"$dir/desktop.log" 2>&1 &
desktop=$!
shown() { grep -q -e "$1" "$dir/desktop.log"; }
await shown '^marie is logged in at 7001$'
await shown '^ready$'
await shown '^+33145550101 rings: .*"customer":{"name":"Dupont"'
await shown '^talking to +33145550101$'
expect 'marie .* 7001' ctl agents
kill -USR2 "$relay"; await turned 1
await shown '^the connection is lost$'
kill -USR2 "$relay"; await turned 2
await logged 'EventAuthenticated .* user=marie .* by token'
[ "$(count_logged 'EventAuthenticated .* user=marie .* by password')" = 1 ] || say_failed "the token was of no use"
kill "$desktop"; wait "$desktop" 2>/dev/null; desktop=''
kill "$relay"; wait "$relay" 2>/dev/null; relay=''
kill "$sim"; wait "$sim" 2>/dev/null; sim=''
stop
shown refused && { say_failed "the desktop was refused something"; cat "$dir/desktop.log"; }
finish
