#!/bin/bash
# tests/bench/soak.sh BUILD [SECONDS [RATE [RELOAD-EVERY]]] - The enterprise flow for a long time: calls at RATE a second
# (half of what tests/bench/wire.sh finds), agents who come and go, the daemon reloaded every so many seconds (60), and
# every half minute a switch that starts again. Prints a line for each such round: seconds, calls, how many were
# routed, decision p50 and p99 in us, resident KiB and descriptors of gcxvm and of the T-Server, the journal's MiB.
# Exit 0: every call came to a known end, and from the first quarter on memory and descriptors stayed where they were.
set -u
build=$(cd "${1:-build}" && pwd) || exit 2
seconds=${2:-3600} rate=${3:-1000} reload_every=${4:-60}
flow=$(cd "$(dirname "$0")/../../strategies/enterprise" && pwd) || exit 1
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-soak-XXXXXX") || exit 1
daemon='' sim='' reloader=''
clean() {
    trap - EXIT INT TERM
    for pid in $reloader $sim $daemon; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
    rm -rf "$dir"
    exit "$1"
}
trap 'clean 1' EXIT INT TERM

round=30
[ "$seconds" -ge 120 ] || round=$((seconds / 4))
[ $((round * rate)) -le 60000 ] || round=$((60000 / rate)) # what gcxsim takes at once
"$build/gcxc" build "$flow/enterprise.gcx" -o "$dir/enterprise.gcxb" || clean 1
sqlite3 "$dir/customers.db" <"$flow/customers.sql" && sqlite3 "$dir/customers.db" <"$flow/customers-data.sql" || clean 1
{ cat "$flow/directory.sql"; sed 's/i < 60/i < 900/' "$flow/crowd.sql"; } >"$dir/directory.sql"
for i in $(seq 1 900); do printf 'a%03d %d\n' "$i" $((8000 + i)); done >"$dir/agents"

# calls ROUND: half a minute of calls by a switch of its own; its result as JSON in $dir/load.
calls() {
    rm -f "$dir/switch.port"
    "$build/gcxsim" load --listen "127.0.0.1:${port:-0}" --port-file "$dir/switch.port" --cti-port-file "$dir/cti.port" \
        --admin "$dir/state/admin.sock" --directory "$dir/directory.sql" --agents "$dir/agents" --rate "$rate" \
        --calls $((rate * round)) --shift $((round / 2))s --seed "$1" --digits 4711,2 --digits 4712,1 --json \
        >"$dir/load" 2>"$dir/sim.log" &
    sim=$!
    until [ -s "$dir/switch.port" ]; do kill -0 $sim 2>/dev/null || return 1; sleep 0.05; done
    port=${port:-$(cat "$dir/switch.port")}
    [ -n "$daemon" ] || start
    wait $sim
    local got=$?
    sim=''
    return $got
}
start() {
    cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"enterprise.gcxb"}
plugins    = "$build/.libs"
log_level  = "warning"
source customers { database = "customers.db" }
adapter tserver  { switch = "127.0.0.1:$port" port_file = "$dir/cti.port" }
CONF
    "$build/gcxvm" "$dir/gcx.conf" 2>"$dir/gcxvm.log" &
    daemon=$!
    { while sleep "$reload_every"; do kill -HUP "$daemon" || exit; done; } &
    reloader=$!
}
value() { tr -d ' \n' <"$dir/load" | sed -n "s/.*\"$1\":{\([^}]*\)}.*/\1/p" | tr ',' '\n' | sed -n "s/\"$2\"://p"; }
count() { tr -d ' \n' <"$dir/load" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
resident() { awk '/^VmRSS/ {print $2}' "/proc/$1/status" 2>/dev/null; }
# descriptors PID [MOST]: the fewest of a second, since a reload has a file open for a while; of ten seconds where they are more
# than MOST: a busy machine takes its time to reload.
descriptors() {
    local look now fewest=
    for look in $(seq 50); do
        now=$(find "/proc/$1/fd" -mindepth 1 2>/dev/null | wc -l)
        [ "$now" -ge "${fewest:-$((now + 1))}" ] || fewest=$now
        if [ "$look" -ge 5 ] && [ "$fewest" -le "${2:-$fewest}" ]; then break; fi
        sleep 0.2
    done
    echo "$fewest"
}
# most COLUMN: of this column of the rounds so far; nothing before the first.
most() { awk -v column="$1" 'NR > 1 && $column > most {most = $column} END {print most}' "$dir/rounds"; }

# What the switch's desktops held is let go a moment after they have ended.
settle() {
    local before='' now i
    for i in $(seq 20); do
        now=$(descriptors "$1")
        [ "$now" = "$before" ] && [ "$now" -lt 100 ] && return
        before=$now
    done
}

line() { printf '%7s %7s %7s %7s %9s %9s %5s %9s %5s %8s\n' "$@" | tee -a "$dir/rounds"; }
line seconds calls routed p50_us p99_us gcxvm fd tserver fd journal
began=$(date +%s) n=0
while [ $(($(date +%s) - began)) -lt "$seconds" ]; do
    n=$((n + 1))
    calls $n || { echo "a call was lost" >&2; cat "$dir/load" >&2; tail -n 20 "$dir/sim.log" "$dir/gcxvm.log" >&2; clean 1; }
    adapter=$("$build/gcxctl" --socket "$dir/state/admin.sock" status --json |
        sed -n 's/^ *"pid": \([0-9]*\),\{0,1\}$/\1/p' | grep -v "^$daemon\$" | head -n 1)
    settle "$adapter"
    line $(($(date +%s) - began)) "$(count calls)" "$(count routed)" "$(value decision p50_us)" "$(value decision p99_us)" \
        "$(resident "$daemon")" "$(descriptors "$daemon" "$(most 7)")" "$(resident "$adapter")" "$(descriptors "$adapter" "$(most 9)")" \
        $(($(stat -c %s "$dir/state/journal.db") / 1048576))
done
kill "$daemon"
wait "$daemon" || { echo "gcxvm did not end in order" >&2; tail -n 20 "$dir/gcxvm.log" >&2; daemon=''; clean 1; }
daemon=''

# Flat: what was reached after a quarter of the time is not exceeded by a tenth and 4 MiB, nor by a descriptor.
# Sanitizers keep what was freed: there only descriptors count. So they do in a soak of less than four minutes: traces and
# windows of statistics fill for three.
memory=1
if [ "$seconds" -lt 240 ] || grep -q __asan_init "$build/.libs/tserver.so"; then memory=0; fi
awk -v memory=$memory '
    NR == 1 {next}
    {calls += $2; routed += $3; for (i = 6; i <= 9; i++) {all[NR, i] = $i; last[i] = $i}}
    END {
        from = 2 + int((NR - 2) / 4)
        for (i = 6; i <= 9; i++) {
            room = i % 2 == 0 ? all[from, i] * 0.1 + 4096 : 0
            if ((memory || i % 2 == 1) && last[i] > all[from, i] + room) {
                printf "column %d grew: %d, then %d\n", i, all[from, i], last[i]
                bad = 1
            }
        }
        printf "%d calls, %d routed: %s\n", calls, routed, bad ? "not flat" : "flat"
        exit bad
    }' "$dir/rounds"
clean $?
