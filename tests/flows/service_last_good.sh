#!/bin/bash
# tests/flows/service_last_good.sh - Files that are wrong at a start keep nobody from being served: what was in force
# before is so again, from the journal, and everybody who asks is told.
. "$top_srcdir/tests/flows/enterprise_common.sh"
build_flow "$top_srcdir/tests/flows/service_drain.gcx"
conf_more='http = "127.0.0.1:0"'
loaded_error() { ctl status --json | sed -n 's/^ *"error": "\{0,1\}\([^"]*\)"\{0,1\},\{0,1\}$/\1/p' | head -n 1 | sed 's/,$//'; }

echo "never loaded: it does not start"
provision "one waits"
cp "$dir/directory.sql" "$dir/good.sql"
echo "nonsense;" >>"$dir/directory.sql"
echo 1 >"$dir/switch.port"
configure
"$gcxvm" "$dir/gcx.conf" >"$dir/said" 2>&1
[ $? = 1 ] && grep -q 'near "nonsense"' "$dir/said" || { say_failed "it starts without a directory"; cat "$dir/said"; }

echo "loaded before: it serves"
begin "one waits"
await are_waiting 1
kill_core
cp "$dir/directory.sql" "$dir/good.sql"
echo "nonsense;" >>"$dir/directory.sql"
mv "$image" "$dir/away"
restarted
await logged ' error gcxvm .*directory.sql:\|error gcxvm .*flow.gcxb cannot be read' || say_failed "the log does not say what is wrong"
await logged ' error gcxvm .* NOT in force' || say_failed "the log does not say what it serves with"
[ -n "$(loaded_error)" ] && [ "$(loaded_error)" != null ] || say_failed "status does not say what is wrong"
expect 'NOT LOADED .*cannot be read' ctl status
expect '^18[0-9]* .*[0-9a-f]\{12\}' ctl status
await are_waiting 1
ready_now 7001
played
expect '1 routed' ctl status
mv "$dir/away" "$image"
expect 'near "nonsense"' ctl load
cp "$dir/good.sql" "$dir/directory.sql"
expect 'in force' ctl load
[ "$(loaded_error)" = null ] || say_failed "status says that something is wrong: $(loaded_error)"
stop
finish
