# tests/flows/matrix_common.sh - What the tests of faults share, beside enterprise_common.sh: the strategy with short
# times, somebody who stands between two ends, and what must hold when a fault is over. Sourced by bash.
. "$top_srcdir/tests/flows/enterprise_common.sh"
tool=$top_builddir/tests/flows/wire_tool
[ -x "$tool" ] || exit 77
relay=''
end_relay() { [ -z "$relay" ] || { kill "$relay"; wait "$relay" 2>/dev/null; relay=''; }; }
also_end() { end_relay; }

# The strategy's 20 s, 40 s and 3 m become 2 s, 4 s and $waits (12 s), the answer $rings (2 s).
build_flow "$top_srcdir/tests/flows/matrix_acts.gcx"
sed -i "s/after 20s:/after 2s:/; s/after 40s:/after 4s:/; s/timeout 3m/timeout ${waits-12s}/; s/answer 15s/answer ${rings-2s}/" "$flow/enterprise.gcx"
"$gcxc" build "$flow/matrix_acts.gcx" -o "$image" || die "gcxc build"

# between PORT-FILE NEW-PORT-FILE [COMMAND]: whoever finds the new one's port goes through here.
between() {
    rm -f "$2"
    if [ -n "${3-}" ]; then "$tool" filter "$(cat "$1")" "$2" "$3" >"$dir/turns" & else "$tool" join "$(cat "$1")" "$2" /dev/null >"$dir/turns" & fi
    relay=$!
    await test -s "$2"
}
# turn: all are cut off, and nobody is let in until the next turn.
turn() {
    local turns
    turns=$(wc -l <"$dir/turns")
    kill -USR2 "$relay"
    has_turned() { [ "$(wc -l <"$dir/turns")" -gt "$turns" ]; }
    await has_turned
}
# begin_between TEST [COMMAND [OPTION...]]: like begin, with somebody between switch and T-Server.
begin_between() {
    local test=$1 command=${2-}; shift; [ $# = 0 ] || shift
    rm -rf "$dir/state" "$dir/gcxvm.log"
    provision "$test"
    sed -i "/into \"routing_point\"/s/10, 60/${answer-5}, ${grace-60}/" "$dir/directory.sql"
    play "$test" "$@"
    mv "$dir/switch.port" "$dir/switch.real"
    between "$dir/switch.real" "$dir/switch.port" "$command"
    configure
    start
}

# sum FILE KEY: of all rows; what is within a row's own objects does not count.
sum() { awk -v key="      \"$2\":" 'index($0, key) == 1 {gsub(/[",]/, "", $2); sum += $2} END {print sum + 0}' "$1"; }
nobody_is_there() { [ -z "$(rows)" ]; }
no_claims() { ctl status --json | grep -q '"claims": 0,\{0,1\}$'; }
# settled [ENTERED]: nobody is there, no agent is kept for anybody, and all who came into the queue have left it in one way.
settled() {
    await nobody_is_there
    await no_claims
    ctl queues --json >"$dir/queues"
    ctl agents --json >"$dir/agents.json"
    local entered left
    entered=$(sum "$dir/queues" entered)
    left=$(($(sum "$dir/queues" distributed) + $(sum "$dir/queues" abandoned) + $(sum "$dir/queues" cleared)))
    [ "$entered" = "$left" ] && [ "$(sum "$dir/queues" waiting)" = 0 ] || say_failed "$entered came into the queue, $left left it: $(cat "$dir/queues")"
    [ $# = 0 ] || [ "$entered" = "$1" ] || say_failed "$entered came into the queue, not $1"
    [ "$(sum "$dir/agents.json" claims)" = 0 ] || say_failed "an agent is kept for nobody: $(cat "$dir/agents.json")"
}
rings_at() { simulated "Delivered callID=[0-9]* device=$1\$"; }
# dn_of AGENT
dn_of() { ctl agents --json | awk -v name="\"$1\"," '$1 == "\"name\":" {is = $2 == name} is && $1 == "\"dn\":" {gsub(/[",]/, "", $2); print $2; exit}'; }
# offered_once: no call rang at two telephones, nor twice at one.
offered_once() {
    local twice
    twice=$(sed -n 's/.*Delivered \(callID=[0-9]*\) .*/\1/p' "$dir/sim.log" | sort | uniq -d)
    [ -z "$twice" ] || say_failed "offered twice: $twice"
}
# serve AGENT: is made ready until nobody waits, for a desktop that has lost its T-Server says again what it said before.
serve() {
    local dn
    dn=$(dn_of "$1")
    [ -n "$dn" ] || die "where is $1?"
    all_served() {
        are_waiting 0 && return 0
        until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"'"$dn"'"}' \
            '{"Message":"RequestAgentReady","ReferenceID":2,"ThisDN":"'"$dn"'"}'
        return 1
    }
    await all_served
}
