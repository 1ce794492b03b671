#!/bin/bash
# tests/flows/matrix_desktops.sh - The T-Server is killed while callers wait and twenty desktops are logged in. Nobody
# is offered a call before the desktop is back, though the switch says that the agent is ready; and every desktop comes
# back with its token, without a password.
waits=60s rings=15s
. "$top_srcdir/tests/flows/matrix_common.sh"

hash=$(printf 'secret\n' | "$gcxvm" --hash-password) || die "gcxvm --hash-password"
desks="marie $(seq -f 'd%02g' 19)"
(umask 077; for desk in $desks; do echo "$desk agent password=$hash"; done >"$dir/users")
(umask 077; for desk in $desks; do echo "$desk secret"; done >"$dir/passwords")
conf_tserver="restart_ms = 3000 users = \"$dir/users\""
by() { count_logged "EventAuthenticated .* by $1"; }
logged_in() { [ "$(by password)" = 20 ]; }
resumed() { [ "$(by token)" = 20 ]; }
away() { ctl agents --json | grep -c '"not_chosen": "desktop is away"'; }
have_come() { cp "$dir/cti.port" "$dir/desks.new" && mv "$dir/desks.new" "$dir/desks.port"; }

answer=10
clock_stands 5
begin "twenty have desktops" --cti-port-file "$dir/desks.port" --passwords "$dir/passwords"
await test -s "$dir/cti.port"
have_come
await logged_in
await are_waiting 2
rm "$dir/desks.port" "$dir/cti.port" # the desktops find nobody until the test says where
resyncs=$(count_logged 'tserver ResyncEnd')
kill -9 "$(adapter_pid)"
await logged 'LinkDown link=16'
printf '%s\n' '{"service":"SystemRegister","invokeId":1,"name":"telephone","protocol":1}' \
    '{"service":"SetAgentState","invokeId":2,"device":"'"$(dn_of marie)"'","agent":"marie","state":"ready"}' |
    "$tool" say "127.0.0.1:$(cat "$dir/switch.port")" 300 >"$dir/telephone"
grep -q '"result":2' "$dir/telephone" || say_failed "the switch did not do it: $(cat "$dir/telephone")"
is_back() { link_is_up && [ "$(count_logged 'tserver ResyncEnd')" -gt "$resyncs" ]; }
await is_back
await test -s "$dir/cti.port"
expect 'marie .*ready.*desktop is away' ctl agents
[ "$(away)" = 20 ] || say_failed "$(away) agents are not chosen for their desktops: $(ctl agents)"
are_waiting 2 || say_failed "a call was offered before the desktop was back"
have_come
await resumed
played || say_failed "twenty have desktops"
[ "$(by password)" = 20 ] || say_failed "$(by password) logins by password: some came twice"
[ "$(away)" = 0 ] || say_failed "desktops that are back are still awaited: $(ctl agents)"
grep -q '1\.[0-9a-f]*\.[A-Za-z0-9_-]\{43\}' "$dir/gcxvm.log" "$dir/sim.log" && say_failed "a token stands in a log"
[ "$(stat -c %a "$dir/state/tserver.tokens")" = 600 ] || say_failed "the key: $(ls -l "$dir/state")"
offered_once
settled 2
stop
finish
