#!/bin/bash
# A name costs nothing for ever: 40 agents of whom nobody knew call CALLS numbers outside (1500), each another one, talk,
# and give reasons that nobody knows. The core is killed in the middle and goes on from its journal, and later from a snapshot. Afterwards
# it knows the names of before and the agents. core_names tries a million numbers. Then LOGINS made-up names (6000) log in
# at the CTI wire and out again: no agent and no name of theirs is left, before and after a kill. core_names tries 100,000.
# ROUNDS: so often come 80 more of each, while core, T-Server or switch is killed; the first round (1) is what is said above.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null || exit 77
calls=${CALLS-1500} logins=${LOGINS-6000} most=100
cp "$top_srcdir/strategies/enterprise/directory.sql" "$dir/directory.sql"
for dn in $(seq 7011 7050); do echo "insert into dn (number, type) values ('$dn', 'extension');"; done >>"$dir/directory.sql"
image=$dir/enterprise.gcxb
"$gcxc" build "$top_srcdir/strategies/enterprise/enterprise.gcx" -o "$image" || die "gcxc build"
# The second switch is where the first was.
switch_comes() {
    "$gcxsim" switch --listen "127.0.0.1:$1" --port-file "$dir/switch.port" --directory "$dir/directory.sql" --outside 1ms >>"$dir/sim.log" 2>&1 &
    sim=$!
    await test -s "$dir/switch.port"
}
switch_comes 0
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
source customers { database = "customers.db" }
adapter tserver { switch = "127.0.0.1:$(cat "$dir/switch.port")" port_file = "$dir/cti.port" requests_a_second = "10000" outlive_s = 30 restart_ms = 200 }
CONF
cat >"$dir/agents.py" <<'PY'
# One agent at each DN: calls numbers that answer (their last digit is 0) one after the other, and is not ready for a reason of its own each time.
import json, socket, sys, threading
port, first, count = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
talked = []
def agent(dn, numbers):
    wire = socket.create_connection(("127.0.0.1", port), timeout=20)
    lines = wire.makefile("r")
    refs = iter(range(1, 1 << 30))
    def ask(message, **fields):
        wire.sendall((json.dumps({"Message": message, "ReferenceID": next(refs), "ThisDN": dn, **fields}) + "\n").encode())
    def until(*names):
        for line in lines:
            event = json.loads(line)
            if event["Message"] in names:
                return event
    ask("RequestRegisterAddress")
    until("EventRegistered")
    ask("RequestAgentLogin", AgentID="agent" + dn)
    until("EventAgentLogin", "EventError")
    for number in numbers:
        ask("RequestAgentNotReady", Reasons={"Reason": "made up " + number})
        ask("RequestMakeCall", OtherDN=number)
        event = until("EventEstablished", "EventReleased", "EventDestinationBusy")
        if event and event["Message"] == "EventEstablished":
            talked.append(number)
        if event and event["Message"] != "EventReleased":
            ask("RequestReleaseCall", ConnID=event["ConnID"])
            until("EventReleased")
numbers = ["+4930%07d0" % n for n in range(first, first + count)]
threads = [threading.Thread(target=agent, args=(str(7011 + n), numbers[n::40])) for n in range(40)]
[one.start() for one in threads]
[one.join() for one in threads]
print(len(talked))
PY
cat >"$dir/logins.py" <<'PY'
# Made-up names log in and out, eight DNs at a time; says how many were logged in.
import json, socket, sys, threading
port, first, count = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
been = []
def stranger(place):
    dn = str(7011 + place)
    wire = socket.create_connection(("127.0.0.1", port), timeout=20)
    lines = wire.makefile("r")
    refs = iter(range(1, 1 << 30))
    def ask(message, until, **fields):
        wire.sendall((json.dumps({"Message": message, "ReferenceID": next(refs), "ThisDN": dn, **fields}) + "\n").encode())
        for line in lines:
            said = json.loads(line)["Message"]
            if said in until:
                return said
    ask("RequestRegisterAddress", ["EventRegistered"])
    ask("RequestAgentLogout", ["EventAgentLogout", "EventError"])
    for number in range(first + place, first + count, 8):
        if ask("RequestAgentLogin", ["EventAgentLogin", "EventError"], AgentID="made-up-%d" % number) == "EventAgentLogin":
            been.append(number)
        ask("RequestAgentLogout", ["EventAgentLogout", "EventError"])
threads = [threading.Thread(target=stranger, args=(place,)) for place in range(8)]
[one.start() for one in threads]
[one.join() for one in threads]
print(len(been))
PY
names() { ctl status --json | sed -n 's/^ *"names": \([0-9]*\),*/\1/p'; }
play() { python3 "$dir/agents.py" "$(cat "$dir/cti.port")" "$1" "${2-$((calls / 3))}"; } # FIRST [COUNT]
log_in() { python3 "$dir/logins.py" "$(cat "$dir/cti.port")" "$1" "$2"; }                # FIRST COUNT
few() { local now; now=$(names); [ "$now" -le $((before + most)) ] || say_failed "$1: $now names, and there were $before"; }

start
before=$(names)
[ "$before" -gt 5 ] || die "gcxctl status does not tell the names: $before"
talked=$(play 0)
few "after a third"
kill_core
start
talked=$((talked + $(play 2000000)))
ctl snapshot >/dev/null || say_failed "no snapshot"
kill_core
start
talked=$((talked + $(play 4000000)))
[ "$talked" -ge $((calls / 2)) ] || say_failed "$talked numbers have talked"
few "after $talked numbers that talked"
after=$(names)
kill_core
start
few "from the journal"
ctl agents --json | grep -q agent7050 || say_failed "an agent of whom nobody knew is not taken"
agents() { ctl agents --json | grep -c '"name"'; }
there=$(agents)
been=$(log_in 0 "$logins")
[ "$been" = "$logins" ] || say_failed "$been of $logins made-up names have logged in"
few_agents() { [ "$(agents)" -le $((there + 1032)) ] || say_failed "$1: $(agents) agents, and there were $there"; }
few_agents "after $logins made-up log-ins"
few_names() { names_now=$(names) && [ "$names_now" -le $((after + 2100)) ] || say_failed "$1: $names_now names, and there were $after"; }
few_names "after $logins made-up log-ins"
kill_core
start
few_agents "after them, from the journal"

# Who is cut off by a kill gives up: what counts is what is left of all.
RANDOM=${SEED-4711} more=0 more_been=0
killed_here() {
    case $1 in
    core) kill_core; start ;;
    tserver) note_adapter; : >"$dir/cti.port"; kill -9 "$(adapter_pid)"; await test -s "$dir/cti.port" ;;
    switch) kill -9 "$sim"; wait "$sim" 2>/dev/null; switch_comes "$(cat "$dir/switch.port")" ;;
    snapshot) ctl snapshot >/dev/null || say_failed "no snapshot"; kill_core; start ;;
    esac
    await link_is up
}
told() { local count; count=$(cat "$dir/$1"); echo "${count:-0}"; } # nothing, of who was cut off
victims=(core tserver switch snapshot)
for ((round = 1; round < ${ROUNDS-1}; round++)); do
    play $((5000000 + 80 * round)) 80 >"$dir/more" 2>>"$dir/cut" &
    playing=$!
    [ $((round / 4 % 2)) = 0 ] || { wait "$playing"; log_in $((1000000 + 80 * round)) 80 >"$dir/been" 2>>"$dir/cut" & playing=$!; }
    while [ $((RANDOM % 8)) != 0 ]; do ctl status >/dev/null; done
    killed_here "${victims[round % 4]}"
    wait "$playing"
    [ $((round / 4 % 2)) != 0 ] || log_in $((1000000 + 80 * round)) 80 >"$dir/been" 2>>"$dir/cut"
    more=$((more + $(told more))) more_been=$((more_been + $(told been)))
    few_agents "round $round"
    few_names "round $round"
    [ "$failures" = 0 ] || break
done
[ "$more" -ge $((20 * (round - 1))) ] && [ "$more_been" -ge $((20 * (round - 1))) ] ||
    say_failed "in $round rounds only $more numbers have talked, and only $more_been names logged in"
echo "$been made-up names have logged in: $there agents before, $(agents) after, $names_now names"
echo "$((round - 1)) kills: $more numbers more, $more_been log-ins more"
echo "$talked numbers outside have talked: $before names before, $after after"
finish
