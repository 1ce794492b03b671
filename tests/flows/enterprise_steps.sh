#!/bin/bash
# tests/flows/enterprise_steps.sh - The twelve steps of the enterprise flow, each in the log of the component that took
# it, in their order; and a desktop of a third party's, on the clients' wire, gets the customer's data as it rings.
. "$top_srcdir/tests/flows/enterprise_common.sh"

image=$dir/enterprise.gcxb
"$gcxc" build "$enterprise/enterprise.gcx" -o "$image" || die "gcxc build"
cp "$enterprise/directory.sql" "$dir/directory.sql"
sqlite3 "$dir/customers.db" <"$enterprise/customers.sql" && sqlite3 "$dir/customers.db" <"$enterprise/customers-data.sql" || exit 77
printf '%s\n' 'marie 7001' 'paul 7002' 'olga 7004' >"$dir/agents"
"$gcxsim" call --wait 120s --listen 127.0.0.1:0 --port-file "$dir/switch.port" --cti-port-file "$dir/cti.port" \
    --admin "$dir/state/admin.sock" --directory "$dir/directory.sql" --agents "$dir/agents" --from +33145550101 --to 1800 \
    --digits 4711,2 --pause 1s --answers 500ms --handles 500ms >"$dir/sim.log" 2>&1 &
sim=$!
await test -s "$dir/switch.port"
configure
start
# Only Marie speaks French. Registered on her DN before the caller has keyed anything; nobody is logged in here.
await test -s "$dir/cti.port"
exec 8<>"/dev/tcp/127.0.0.1/$(cat "$dir/cti.port")"
echo '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}' >&8
ringing=''
while read -r -t 60 -u 8 line; do
    [[ $line == *'"Message":"EventRinging"'* ]] && ringing=$line && break
done
exec 8>&-
wait "$sim"; got=$?; sim=''
[ $got = 0 ] || say_failed "gcxsim ended with $got"

for text in '"ThisDN":"7001"' '"AgentID":"marie"' '"ANI":"+33145550101"' '"DNIS":"1800"' \
    '"UserData":{"account":"4711","language":"French","customer":{"name":"Dupont","tier":"gold","language":"French"}}'; do
    [[ $ringing == *"$text"* ]] || say_failed "EventRinging lacks $text: $ringing"
done

ixn=$(sed -n 's/.* ixn=\([0-9a-f-]*\) .*EventRouteRequest.*/\1/p' "$dir/gcxvm.log" | head -n 1)
# The choice is the core's own: its decision record tells of it.
ctl trace --json "$ixn" | awk -f "$top_srcdir/tests/quick/choice.awk" >"$dir/choice.log"
grep -q "Select vq=service candidates=[1-9]" "$dir/choice.log" && grep -q "Claim agent=marie" "$dir/choice.log" ||
    say_failed "the decision is not told: $(cat "$dir/choice.log")"
cat "$dir/sim.log" "$dir/gcxvm.log" "$dir/choice.log" | awk -f "$top_srcdir/tests/quick/steps.awk" >"$dir/steps" ||
    say_failed "not all of the twelve steps were seen"
cat "$dir/steps"

# Who took which step. A step may be of several lines.
took() { awk -v step="$1" -v who="$2" -v message="$3" '$2 == step && $3 == who && $4 == message {seen = 1} END {exit !seen}' "$dir/steps" || say_failed "step $1 is not of the $2: $3"; }
took 1 caller Arrives
took 2 tserver EventCallCreated
took 3 core EventRouteRequest
took 4 core RequestApplyTreatment
took 5 tserver EventTreatmentEnd
took 5 core EventAttachedDataChanged
took 6 core Query
took 6 sqlite EventDone
took 7 core EventAttachedDataChanged
took 8 core Select
took 9 core Claim
took 10 core RequestRouteCall
took 11 switch RouteSelect
took 12 desktop EventRinging
# In their order, where each is seen first; 8 and 9 bear the core's own time.
awk 'NR > 1 && !($2 in seen) && $2 != 8 && $2 != 9 {seen[$2] = 1; if ($2 < last) bad = 1; last = $2} END {exit bad}' "$dir/steps" ||
    say_failed "the steps are not in their order"
# The processes are different ones.
[ "$(adapter_pid)" != "$vm" ] && kill -0 "$(adapter_pid)" || say_failed "the T-Server has no process of its own"
stop
finish
