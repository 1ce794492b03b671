# tests/flows/overload_common.sh - What the tests of load share, beside enterprise_common.sh: the enterprise site with a
# crowd of agents, and gcxsim as the source of calls. Everything started here is ended here.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1" # else what is freed is kept, and memory grows
. "$top_srcdir/tests/flows/enterprise_common.sh"

# load_begin SETTINGS: daemon and T-Server, with these settings besides; $conf_adapter: of the adapter.
load_begin() {
    "$gcxc" build "$enterprise/enterprise.gcx" -o "$dir/enterprise.gcxb" || die "gcxc build"
    { sed '/into "routing_point"/s/10, 60/2, 60/' "$enterprise/directory.sql"; sed "s/i < 60/i < ${people-60}/" "$enterprise/crowd.sql"; } >"$dir/directory.sql"
    sqlite3 "$dir/customers.db" <"$enterprise/customers.sql" && sqlite3 "$dir/customers.db" <"$enterprise/customers-data.sql" || die "sqlite3"
    for i in $(seq 1 "${people-60}"); do printf 'a%03d %d\n' "$i" $((8000 + i)); done >"$dir/agents"
    settings=$1
}
daemon_begin() {
    cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"enterprise.gcxb"}
plugins    = "$top_builddir/.libs"
log_level  = "warning"
$settings
source customers { database = "customers.db" }
adapter tserver  { switch = "127.0.0.1:$(cat "$dir/switch.port")" port_file = "$dir/cti.port" ${conf_adapter-} }
CONF
    "$gcxvm" "$dir/gcx.conf" >>"$dir/gcxvm.log" 2>&1 &
    vm=$!
}
# load_start RATE CALLS [OPTION...]: so many calls at that rate, in the background; the result will be in $dir/load.
load_start() {
    local rate=$1 calls=$2; shift 2
    rm -f "$dir/switch.port.new"
    "$gcxsim" load --wait 120s --listen "127.0.0.1:${port:-0}" --port-file "$dir/switch.port" --cti-port-file "$dir/cti.port" \
        --admin "$dir/state/admin.sock" --directory "$dir/directory.sql" --agents "$dir/agents" --rate "$rate" \
        --calls "$calls" --digits 4711,2 --digits 4712,1 --queue 1s --desk 500ms --limit 240s --json "$@" >"$dir/load" 2>"$dir/sim.log" &
    sim=$!
    [ -n "${port-}" ] && return
    await test -s "$dir/switch.port"
    port=$(cat "$dir/switch.port")
    daemon_begin
}
load_end() {
    wait "$sim" || say_failed "gcxsim: $(tail -n 3 "$dir/sim.log"; head -n 12 "$dir/load")"
    sim=''
}
load() { load_start "$@"; load_end; [ -z "${VERBOSE-}" ] || { date +%T.%N; tr -d " \n" <"$dir/load"; echo; ctl status | sed -n 2,9p; }; }
value() { tr -d ' \n' <"$dir/load" | sed -n "s/.*\"$1\":{\([^}]*\)}.*/\1/p" | tr ',' '\n' | sed -n "s/\"$2\"://p"; }
count() { tr -d ' \n' <"$dir/load" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
of_status() { ctl status --json | sed -n "s/^ *\"$1\": \"\{0,1\}\([0-9a-z_.]*\).*/\1/p" | head -n 1; }
# memory: kilobytes that the daemon and the T-Server take.
memory() { echo "$(awk '/^VmRSS/ {print $2}' "/proc/$vm/status") $(awk '/^VmRSS/ {print $2}' "/proc/$(adapter_pid)/status")"; }
