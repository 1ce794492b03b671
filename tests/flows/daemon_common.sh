# tests/flows/daemon_common.sh - What the daemon's script tests share: a folder, a daemon in it, waiting, cleaning up.
# Sourced with top_srcdir and top_builddir set. Everything started here is ended here, by its process id.
. "$top_srcdir/tests/flows/ending_common.sh"
gcxvm=$top_builddir/gcxvm
gcxctl=$top_builddir/gcxctl
gcxsim=$top_builddir/gcxsim
gcxc=$top_builddir/gcxc
enterprise=$top_srcdir/strategies/enterprise
sim=
dir=$(mktemp -d /tmp/gcx-daemon-XXXXXX)
vm=
failures=0

# adapter_pid: of the adapter that runs, by what the admin socket says.
adapter_pid() { ctl status --json | sed -n 's/^ *"pid": \([0-9]*\),\{0,1\}$/\1/p' | grep -v "^$vm\$" | head -n 1; }

cleanup() {
    trap - EXIT INT TERM
    also_end
    if [ -n "$vm" ] && kill -0 "$vm" 2>/dev/null; then kill "$vm"; wait "$vm"; fi
    rm -rf "$dir"
    exit "$1"
}
watch_end

# Under a sanitizer leaks are looked for where gcxctl itself is tested (ctl.tap): they take two thirds of its time.
ctl() { ASAN_OPTIONS="${ASAN_OPTIONS-}:${ctl_asan-detect_leaks=0:malloc_context_size=0}" "$gcxctl" --socket "$dir/state/admin.sock" "$@"; }

say_failed() { echo "FAILED: $*"; failures=$((failures + 1)); }

# expect TEXT COMMAND...: the command's output, errors included, contains the text. The daemon's status is
# asked for again for a while: the simulator may know sooner than the core how a call ended.
expect() {
    text=$1 asks=1; shift
    [ "$1 ${2-}" != 'ctl status' ] || asks=400
    while :; do
        output=$("$@" 2>&1)
        case $output in *"$text"*) return ;; esac
        asks=$((asks - 1))
        [ "$asks" -gt 0 ] || break
        sleep 0.05
    done
    say_failed "\`$*\` should say: $text"; echo "$output"
}

# expect_exit CODE COMMAND...
expect_exit() {
    code=$1; shift
    "$@" >"$dir/output" 2>&1
    got=$?
    [ "$got" = "$code" ] || { say_failed "\`$*\` ended with $got, not $code"; cat "$dir/output"; }
}

# await COMMAND...: until it succeeds. No test is timed by it: its bound, 90 s and more, ends a test that has failed. What
# takes longer than half a second is looked for less often, since each look starts processes.
await() {
    tries=0
    while [ "$((tries += 1))" -lt 460 ]; do
        "$@" >/dev/null 2>&1 && return 0
        if [ "$tries" -lt 10 ]; then sleep 0.05; else sleep 0.2; fi
    done
    say_failed "never: $*"
    [ ! -f "$dir/log" ] || tail -n 40 "$dir/log"
    return 1
}

logged() { grep -q -e "$1" "$dir/log"; }
answers() { ctl status --json; }
ready() { ctl status --json | grep -q '"ready": true'; }
link_is() { ctl status --json | grep -q "\"state\": \"$1\""; }

# A directory of people without a routing point, and a configuration; $1: the rest of it.
make_world() {
    cat >"$dir/directory.sql" <<'SQL'
create table skill (name text primary key);
create table agent (name text primary key, display text not null default '');
create table agent_skill (agent text, skill text, level integer, primary key (agent, skill));
insert into skill values ('French');
insert into agent values ('marie', 'Marie Laurent');
insert into agent_skill values ('marie', 'French', 9);
SQL
    cat >"$dir/gcx.conf" <<CONF
directory = "directory.sql"
strategies = {}
plugins = "$top_builddir/.libs"
$1
CONF
}

# site_queues IMAGE QUEUE...: gcxvm's strategies are this image, and its directory has these queues, each with a DN of its
# name, and a table of routing points.
site_queues() {
    sed -i "s/^strategies = .*/strategies = {\"$1\"}/" "$dir/gcx.conf"
    cat >>"$dir/directory.sql" <<'SQL'
create table dn (number text primary key, type text not null default 'extension');
create table queue (name text primary key, dn text);
create table routing_point (dn text primary key, strategy text not null, defaults text not null default '');
SQL
    shift
    for queue; do
        echo "insert into dn values ('$queue', 'queue'); insert into queue values ('$queue', '$queue');"
    done >>"$dir/directory.sql"
}

# play_calls CALLS HANDLES AGENT-AND-DN...: gcxsim with the enterprise flow's callers and these agents, as $sim; its
# result goes to $dir/result. The image, $dir/enterprise.gcxb, is the caller's to make. There is no customer database: who
# calls is unknown, and the call is routed all the same. $play_digits: what they key, a word per caller, in turns.
play_calls() {
    play_count=$1 play_handles=$2; shift 2
    [ -f "$dir/directory.sql" ] || cp "$enterprise/directory.sql" "$dir/directory.sql"
    printf '%s\n' "$@" >"$dir/agents"
    # shellcheck disable=SC2046
    "$gcxsim" load --wait 120s --calls "$play_count" --rate 100 $(printf -- '--digits %s ' ${play_digits:-4711,2}) --handles "$play_handles" --listen 127.0.0.1:0 \
        --port-file "$dir/switch" --cti-port-file "$dir/clients" --admin "$dir/state/admin.sock" \
        --directory "$dir/directory.sql" --agents "$dir/agents" --clock "$dir/play.clock" --quiet --json >"$dir/result" 2>"$dir/sim.log" &
    sim=$!
    await test -s "$dir/switch" || cleanup 1
    cat >"$dir/gcx.conf" <<CONF
directory = "directory.sql"
strategies = {"enterprise.gcxb"}
plugins = "$top_builddir/.libs"
source customers { database = "customers.db" }
adapter tserver { switch = "127.0.0.1:$(cat "$dir/switch")" port_file = "$dir/clients" }
CONF
}
# clock_stands SECONDS: there the clock of the calls will stand still; clock_runs: it goes on.
clock_stands() { echo "$1" >"$dir/play.clock.new" && mv "$dir/play.clock.new" "$dir/play.clock"; }
clock_runs() { rm -f "$dir/play.clock"; }
also_end() { [ -z "$sim" ] || { kill "$sim"; wait "$sim"; } 2>/dev/null; }

start() {
    "$gcxvm" "$dir/gcx.conf" >>"$dir/log" 2>&1 &
    vm=$!
    await ready || { cat "$dir/log"; cleanup 1; }
}

# stop CODE: SIGTERM, and the exit code that is to follow.
stop() {
    kill "$vm"
    wait "$vm"
    got=$?
    [ "$got" = "$1" ] || { say_failed "gcxvm ended with $got, not $1"; tail -n 20 "$dir/log"; }
    vm=
}

finish() {
    [ "$failures" = 0 ] && cleanup 0
    echo "$failures failed"
    cleanup 1
}
