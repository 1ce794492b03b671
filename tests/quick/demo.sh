#!/bin/bash
# tests/quick/demo.sh BUILD - One call from end to end, its twelve steps shown; then 1,000 calls. Exits 0 only if all was
# right. Everything lies in a temporary directory; sockets and loopback ports are the kernel's choice.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
. tests/quick/common.sh
build=$(cd "${1:-build}" && pwd) || die "there is no build: run ./quickstart"
flow=$top/strategies/enterprise
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-demo-XXXXXX") || die "no temporary directory"
daemon='' sim=''

finish() {
    trap - EXIT
    trap '' INT TERM HUP
    [ -n "$sim" ] && kill "$sim" 2>/dev/null && wait "$sim" 2>/dev/null
    [ -n "$daemon" ] && kill "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null
    if [ "${KEEP-}" ]; then echo "Kept: $dir"; else rm -rf "$dir"; fi
    exit "$1"
}
trap 'finish 130' INT TERM HUP
trap 'finish 1' EXIT
failed() { printf 'FAILED: %s\n' "$*"; [ -f "$dir/gcxvm.log" ] && tail -n 15 "$dir/gcxvm.log"; [ -f "$dir/sim.log" ] && tail -n 15 "$dir/sim.log"; finish 1; }
within() { local tries=$(($1 * 20)); shift; while ((tries-- > 0)); do "$@" >/dev/null 2>&1 && return 0; sleep 0.05; done; return 1; }

say "Compiling the strategy, and playing its tests under a virtual clock"
"$build/gcxc" build "$flow/enterprise.gcx" -o "$dir/enterprise.gcxb" || failed "gcxc build"
"$build/gcxc" test "$flow" || failed "gcxc test"

say "Making the customer database and the directory"
sqlite3 "$dir/customers.db" <"$flow/customers.sql" && sqlite3 "$dir/customers.db" <"$flow/customers-data.sql" || failed "sqlite3"
cat "$flow/directory.sql" "$flow/crowd.sql" >"$dir/directory.sql"
printf '%s\n' 'marie 7001' 'paul 7002' 'jean 7003' 'olga 7004' >"$dir/agents"
: >"$dir/crowd"; for i in $(seq 1 60); do printf 'a%03d %d\n' "$i" $((8000 + i)) >>"$dir/crowd"; done

# simulate MODE OPTION...: the switch with its callers and desktops, in the background.
simulate() {
    "$build/gcxsim" "$@" --port-file "$dir/switch.port" --cti-port-file "$dir/cti.port" \
        --admin "$dir/state/admin.sock" --directory "$dir/directory.sql" &
    sim=$!
}

say "Starting the switch, the daemon with its T-Server, and four agents' desktops"
simulate call --listen 127.0.0.1:0 --agents "$dir/agents" --from +33145550101 --to 1800 --digits 4711,2 --pause 300ms \
    --answers 500ms --handles 300ms >"$dir/sim.log" 2>&1
within 10 test -s "$dir/switch.port" || failed "the switch did not start"
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"enterprise.gcxb"}
plugins    = "$build/.libs"
source customers { database = "customers.db" }
log { personal = shown }
adapter tserver  { switch = "127.0.0.1:$(cat "$dir/switch.port")" port_file = "$dir/cti.port" }
CONF
"$build/gcxvm" --check "$dir/gcx.conf" || failed "the configuration"
"$build/gcxvm" "$dir/gcx.conf" 2>"$dir/gcxvm.log" &
daemon=$!

say "A customer calls"
wait "$sim"; status=$?; sim=''
[ $status = 0 ] || failed "the call (gcxsim ended with $status)"
ixn=$(sed -n 's/.* ixn=\([0-9a-f-]*\) .*EventRouteRequest.*/\1/p' "$dir/gcxvm.log" | head -n 1)
"$build/gcxctl" --socket "$dir/state/admin.sock" trace "$ixn" >"$dir/trace" || failed "gcxctl trace $ixn"
# The choice is the core's own: it is read from the decision record.
"$build/gcxctl" --socket "$dir/state/admin.sock" trace --json "$ixn" | awk -f tests/quick/choice.awk >"$dir/choice.log"
cat "$dir/sim.log" "$dir/gcxvm.log" "$dir/choice.log" | awk -f tests/quick/steps.awk || failed "not all of the twelve steps were seen"
echo; echo "gcxctl trace $ixn says why:"; sed -n '/^DECIDED/,$p' "$dir/trace"

# The crowd calls meanwhile, which takes the longer of the two.
port=$(cat "$dir/switch.port"); rm -f "$dir/switch.port"
simulate load --listen "127.0.0.1:$port" --agents "$dir/crowd" --calls 1000 --rate 150 --digits 4711,2 --digits 4712,1 \
    --digits 4713,2 --digits 4714,1 >"$dir/load"

say "The same call by SIP: nothing is simulated"
tests/quick/telephone.sh "$build" "$dir"; status=$?
case $status in
    0) ;;
    77) echo "    The call above was a simulated switch's. With sip-tester and baresip-core (apt-get install) and python3 a telephone rings here, if the build has the plugin sip." ;;
    *) failed "the call by SIP" ;;
esac

say "1,000 calls at 150 a second, 60 agents"
wait "$sim"; status=$?; sim=''; cat "$dir/load"
[ $status = 0 ] || failed "the load (gcxsim ended with $status)"
echo; "$build/gcxctl" --socket "$dir/state/admin.sock" queues || failed "gcxctl queues"

say "Stopping"
kill "$daemon"; wait "$daemon"; status=$?; daemon=''
[ $status = 0 ] || failed "the daemon ended with $status"
say "All was right"
cat <<TEXT
What next: change strategies/enterprise/enterprise.gcx and play its test, $build/gcxc test strategies/enterprise;
take another strategy that is nearer to yours from strategies/ (README.md there); the language is man -l $build/man/gcx.7,
an error of the compiler $build/gcxc explain CODE, what is right and yet not good $build/gcxc lint.
Chats and e-mails, with a desk in the browser to answer them: ./quickstart --stay
TEXT
finish 0
