# tests/flows/enterprise_common.sh - What the tests of the enterprise flow over the wire share: a folder with strategy,
# directory and database, gcxsim and gcxvm in it, people who act when the test says so. Sourced by bash with top_srcdir
# and top_builddir set. Everything started here is ended here, by its process id; ports are the kernel's choice. GCX_SHARED
# names the folder of a daemon that others use, too (kind_common.sh): whoever began it ends it.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "$top_srcdir/tests/flows/ending_common.sh"
enterprise=$top_srcdir/strategies/enterprise
gcxc=$top_builddir/gcxc gcxvm=$top_builddir/gcxvm gcxctl=$top_builddir/gcxctl gcxsim=$top_builddir/gcxsim
for program in "$gcxc" "$gcxvm" "$gcxctl" "$gcxsim" "$top_builddir/.libs/tserver.so"; do [ -e "$program" ] || exit 77; done
top_builddir=$(cd "$top_builddir" && pwd)
shared=${GCX_SHARED-}
dir=${shared:-$(mktemp -d "${TMPDIR:-/tmp}/gcx-flow-XXXXXX")} || exit 1
vm='' sim='' adapters='' failures=0
flow=$dir/flow

cleanup() {
    trap - EXIT INT TERM
    also_end
    [ -z "$shared" ] || exit "$1"
    note_adapter
    for pid in $sim $vm; do kill -CONT "$pid" 2>/dev/null; kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
    for pid in $adapters; do grep -qs "$dir/" "/proc/$pid/cmdline" && kill -9 "$pid" 2>/dev/null; done
    if [ "${KEEP-}" ]; then echo "kept: $dir"; else rm -rf "$dir"; fi
    exit "$1"
}
watch_end

show_logs() { for log in "$dir/gcxvm.log" "$dir/sim.log"; do [ ! -f "$log" ] || { echo "--- ${log##*/}"; tail -n "${1:-30}" "$log"; }; done; }
say_failed() { echo "FAILED: $*"; failures=$((failures + 1)); }
die() { say_failed "$*"; show_logs; cleanup 1; }
finish() { [ "$failures" = 0 ] && cleanup 0; echo "$failures failed"; show_logs; cleanup 1; }

# await COMMAND...: until it succeeds. No test is timed by it: its bound, 90 s and more, ends a test that has failed. What
# takes longer than half a second is looked for less often, since each look starts processes.
await() {
    local tries=0 pause=0.05
    while ! "$@" >/dev/null 2>&1; do
        ((++tries < 10)) || pause=0.2
        ((tries < 460)) || die "never: $*"
        sleep $pause
    done
}
# expect TEXT COMMAND...: its output, errors included, contains the text (a basic regular expression). A question to the
# daemon is asked again for a while: the simulator may know sooner than the core how a call ended.
expect() {
    local text=$1 output tries=1; shift
    case "$1 ${2-}" in 'ctl status' | 'ctl agents' | 'ctl interaction' | 'ctl interactions' | 'ctl trace' | 'ctl data' | 'ctl why' | 'ctl queues') tries=400 ;; esac
    while output=$("$@" 2>&1); ! grep -q -e "$text" <<<"$output" && ((--tries > 0)); do sleep 0.05; done
    ((tries > 0)) || { say_failed "\`$*\` should say: $text"; echo "$output" | head -n 40; }
}
logged() { grep -q -e "$1" "$dir/gcxvm.log"; }
simulated() { grep -q -e "$1" "$dir/sim.log"; }
count_logged() { grep -c -e "$1" "$dir/gcxvm.log"; }
# logged_beyond COUNT PATTERN: once more than count_logged said before; `logged` finds what an earlier start has written, too.
logged_beyond() { [ "$(count_logged "$2")" -gt "$1" ]; }

# ---- the daemon ----

# Under a sanitizer leaks are looked for where gcxctl itself is tested (ctl.tap): they take two thirds of its time.
ctl() { ASAN_OPTIONS="${ASAN_OPTIONS-}:${ctl_asan-detect_leaks=0:malloc_context_size=0}" "$gcxctl" --socket "$dir/state/admin.sock" "$@"; }
ready() { ctl status --json | grep -q '"ready": true'; }
link_is() { ctl status --json | grep -q "\"state\": \"$1\""; }
link_is_up() { link_is up; }
adapter_pid() { ctl status --json 2>/dev/null | sed -n 's/^ *"pid": \([0-9]*\),\{0,1\}$/\1/p' | grep -v "^$vm\$" | head -n 1; }
# Adapters outlive a daemon that is killed: they are remembered, so that none is left behind.
note_adapter() { [ -z "$vm" ] || adapters="$adapters $(adapter_pid)"; }

# configure: the log shows data, which tests read. $conf_log, $conf_tserver, $conf_source and $strategies may say otherwise.
configure() {
    cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"${strategies-$image}"}
plugins    = "$top_builddir/.libs"
drain_s    = ${drain_s-0}
${conf_log-log { personal = shown \}}
${conf_more-}
source customers { ${conf_database:-database = \"customers.db\"} ${conf_source-} }
adapter tserver  { switch = "127.0.0.1:$(cat "$dir/switch.port")" port_file = "$dir/cti.port" outlive_s = 30 ${conf_tserver-restart_ms = 200} }
CONF
}
start() {
    "$gcxvm" "$dir/gcx.conf" >>"$dir/gcxvm.log" 2>&1 &
    vm=$!
    await ready
    await link_is_up
    await test -s "$dir/cti.port"
    note_adapter
}
stop() { # in order
    [ -n "$vm" ] || return 0
    kill "$vm"; wait "$vm"; local got=$?
    vm=''
    [ $got = 0 ] || { say_failed "gcxvm ended with $got"; tail -n 40 "$dir/gcxvm.log"; }
    grep -E 'ERROR: [A-Za-z]*Sanitizer|runtime error:|Assertion' "$dir/gcxvm.log" && { say_failed "something broke"; sed -n "/Sanitizer/,\$p" "$dir/gcxvm.log" | head -n 60; }
}
kill_core() { note_adapter; kill -9 "$vm"; wait "$vm" 2>/dev/null; vm=''; }

# rows: the living interactions, a line each, in order of arrival: ixn conn ani step priority owner arrived_us.
# Lines of the JSON are `"key": value,`; an object begins with its ixn.
rows() {
    ctl interactions --live --json | awk '
        function out() { if (r["ixn"] != "") print r["ixn"], r["conn"], r["ani"], r["step"] == "" ? "-" : r["step"], r["priority"], r["owner_kind"], r["arrived_us"] }
        match($0, /"[a-z_]+": /) { key = substr($0, RSTART + 1, RLENGTH - 4); value = substr($0, RSTART + RLENGTH); gsub(/[",]/, "", value)
            if (key == "ixn") { out(); delete r }
            r[key] = value }
        END { out() }'
}
waiting() { rows | grep -c ' select '; }
are_waiting() { [ "$(waiting)" = "$1" ]; }
# ixn_of ANI: also of one that has ended.
ixn_of() { ctl interactions --json | awk -v ani="\"$1\"," '/"ixn"/ {ixn = $2} $1 == "\"ani\":" && $2 == ani {gsub(/[",]/, "", ixn); print ixn}'; }
of() { rows | awk -v ani="$1" -v field="$2" '$3 == ani {print $field}'; } # of ANI FIELD-NUMBER

# ---- strategy, people and data ----

# build_flow FILE: a folder with the strategy beside this file of tests (gcxc imports from there), and the image.
build_flow() {
    mkdir -p "$flow"
    cp "$enterprise"/*.gcx "$enterprise"/*.sql "$flow" && cp "$1" "$flow" || die "cannot copy the strategy"
    image=$dir/flow.gcxb
    "$gcxc" build "$flow/${1##*/}" -o "$image" || die "gcxc build"
}
# provision TEST: directory and database of one test.
provision() {
    "$gcxsim" provision "$image" --test "$1" --directory "$dir/directory.sql" --database "$dir/customers.db" \
        --schema "$flow/customers.sql" || die "gcxsim provision: $1"
}
# play TEST [OPTION...]: switch, callers and desktops of a test, in the background.
play() {
    local test=$1; shift
    rm -f "$dir/switch.port" "$dir/cti.port"
    "$gcxsim" switch --play "$image" --test "$test" --any-date --listen 127.0.0.1:0 --port-file "$dir/switch.port" \
        --cti-port-file "$dir/cti.port" --admin "$dir/state/admin.sock" --directory "$dir/directory.sql" --wait 120s --limit 180s --grace 10s --clock "$dir/play.clock" "$@" >"$dir/sim.log" 2>&1 &
    sim=$!
    await test -s "$dir/switch.port"
}
# What people do at a moment of the play waits for what the test has to see first: clock_stands SECONDS: there the play's
# clock will stand still; clock_stops: at once; clock_runs: it goes on from where it stands.
clock_stands() { echo "$1" >"$dir/play.clock.new" && mv "$dir/play.clock.new" "$dir/play.clock"; }
clock_stops() { clock_stands 0; }
clock_runs() { rm -f "$dir/play.clock"; }
# played: the play has ended, and all was as the test expects.
played() {
    clock_runs
    wait "$sim"; local got=$?
    sim=''
    [ $got = 0 ] && return 0
    say_failed "gcxsim ended with $got"
    grep -v ' info ' "$dir/sim.log"
    return 1
}

# begin TEST [OPTION...]: its people and rows in a fresh state folder, then gcxsim, with these options, and gcxvm. Calls
# that the core has not instructed go to the default after ten seconds, or $answer of them: a busy machine has its time.
begin() {
    rm -rf "$dir/state" "$dir/gcxvm.log"
    local test=$1; shift
    provision "$test"
    sed -i "/into \"routing_point\"/s/10, 60/${answer-10}, ${grace-60}/" "$dir/directory.sql"
    play "$test" "$@"
    configure
    start
}
# restarted: the next gcxvm has replayed the journal of the one that was killed.
restarted() {
    start
    await logged 'epoch 2, .* batches replayed' || say_failed "nothing was replayed"
    expect 'epoch 2' ctl status
}
# same_rows BEFORE AFTER WHAT: ixn, ConnID, caller, step, priority and owner are what they were, and the arrival is when
# it was, within half a second.
same_rows() {
    awk 'NR == FNR {old[$1] = $0; next}
        !($1 in old) {print "new: " $0; bad = 1; next}
        {split(old[$1], was); late = $7 - was[7]; if (late < 0) late = -late
         if (was[2] != $2 || was[3] != $3 || was[4] != $4 || was[5] != $5 || was[6] != $6 || late > 500000) {print "was: " old[$1]; print "is:  " $0; bad = 1}
         delete old[$1]}
        END {for (ixn in old) {print "gone: " old[ixn]; bad = 1} exit bad}' "$1" "$2" || say_failed "$3"
}

# ask LINE...: sent on the clients' wire; what is answered, until the answer, or so many $answers, to $until_reference.
ask() {
    local line port left=${answers-1}
    port=$(cat "$dir/cti.port")
    exec 9<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf '%s\n' "$@" >&9
    while read -r -t 60 -u 9 line; do echo "$line"; [[ $line == *'"ReferenceID":'"${until_reference:-0}"[,}]* ]] && ((--left == 0)) && break; done
    exec 9>&-
}
# ready_now DN: whoever is logged in there becomes ready.
ready_now() {
    until_reference=2 ask '{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"'"$1"'"}' \
        '{"Message":"RequestAgentReady","ReferenceID":2,"ThisDN":"'"$1"'"}' | grep -q '"EventAgentReady"' ||
        say_failed "the agent at $1 could not be made ready"
}
