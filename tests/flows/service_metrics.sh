#!/bin/bash
# tests/flows/service_metrics.sh - /metrics is what Prometheus understands, and true; /healthz and /readyz say how it is,
# and why not; nobody at the port can have more than a little.
. "$top_srcdir/tests/flows/enterprise_common.sh"
conf_more='http = "127.0.0.1:0"'
build_flow "$top_srcdir/tests/flows/service_drain.gcx"
sed '$ a strategy another on voice { stop "nobody"; }' "$flow/service_drain.gcx" >"$flow/newer.gcx"
"$gcxc" build "$flow/newer.gcx" -o "$dir/newer.gcxb" || die "gcxc build newer"

port() { sed -n 's,.*metrics and health at http://127.0.0.1:,,p' "$dir/gcxvm.log" | tail -n 1; }
# send TEXT: what comes back to it until the end; \r\n as printf has them.
send() {
    exec 9<>"/dev/tcp/127.0.0.1/$(port)" || return 1
    printf "$1" >&9
    timeout 15 cat <&9
    exec 9>&-
}
get() { send "GET $1 HTTP/1.1\r\nHost: localhost\r\n\r\n"; }
body() { get "$1" | sed '1,/^\r$/d'; }
status() { get "$1" | sed -n '1s/^HTTP\/1.1 \([0-9]*\) .*/\1/p'; }
is() { local want=$1; shift; local got; got=$("$@"); [ "$got" = "$want" ]; }
value() { body /metrics | awk -v name="$1" '$1 == name {print $2}'; }
says() { is "$1" value "$2" || say_failed "$2 is $(value "$2"), not $1"; }

echo "what a call leaves behind"
begin "one waits"
await are_waiting 1
ctl rollout 1800 "$dir/newer.gcxb" --steps 5,100 >"$dir/said" 2>&1 || say_failed "$(cat "$dir/said")"
is 200 status /healthz || say_failed "not healthy: $(body /healthz)"
is 200 status /readyz || say_failed "not ready: $(body /readyz)"
page=$(body /metrics)
if command -v promtool >/dev/null; then
    promtool check metrics <<<"$page" >"$dir/said" 2>&1 && [ ! -s "$dir/said" ] || { say_failed "promtool finds fault"; cat "$dir/said"; }
else
    echo "promtool is not installed: the format is not checked"
fi
figures=$(sed -n 's/^FIGURE([a-z_]*, "\([a-z_]*\)".*/\1/p' "$top_srcdir/runtime/adapter/figures.def")
for name in $figures; do grep -q "^# TYPE $name " <<<"$page" || say_failed "/metrics lacks $name"; done
for name in $(sed -n 's/^METRIC([a-z_]*, "\([a-z_]*\)".*/\1/p' "$top_srcdir/runtime/daemon/watch/metrics.def"); do
    grep -q "^# TYPE $name " <<<"$page" || say_failed "/metrics lacks $name"
    grep -q "^$name" <<<"$page" || [[ $name = gcx_adapter_figure || $name = gcx_counter || $name = gcx_campaign_* || $name = gcx_neighbour_up || $name = gcx_certificate_days_left || $name = gcx_journal_reader_* ]] || say_failed "/metrics has no value of $name"
done
says 1 'gcx_queue_waiting{queue="service"}'
says 1 gcx_strategies_running
says 1 'gcx_link_service_up{adapter="tserver"}'
says 1 'gcx_source_queries_total{source="customers",exit="ok"}'
says 1 'gcx_agents{state="not_ready"}'
says 1 gcx_ready
ready_now 7001
played
says 1 'gcx_calls_total{outcome="routed"}'
says 1 'gcx_queue_left_total{queue="service",how="distributed"}'
says 1 gcx_wait_seconds_count
says 0 gcx_strategies_running
[ "$(value gcx_decision_seconds_count)" -gt 5 ] || say_failed "decisions were not timed"
[ "$(value gcx_journal_append_seconds_count)" -ge "$(value gcx_batches_total)" ] || say_failed "appends were not timed"

echo "why it is not ready"
switch_gone() { body /readyz | grep -q "adapter tserver: its switch is not there (grace)"; }
await switch_gone
is 503 status /readyz || say_failed "ready without a switch"
is 200 status /healthz || say_failed "not healthy without a switch"
echo "nonsense;" >>"$dir/directory.sql"
ctl load >/dev/null 2>&1
says 1 gcx_load_failures_total

echo "strangers"
expect '^HTTP/1.1 405 ' send 'POST /metrics HTTP/1.0\r\n\r\n'
expect '^HTTP/1.1 404 ' send 'GET /etc/passwd HTTP/1.0\r\n\r\n'
expect '^HTTP/1.1 400 ' send 'nonsense\r\n\r\n'
expect '^HTTP/1.1 400 ' send 'GET nonsense\r\n\r\n'
expect '^Content-Length: [1-9]' send 'HEAD /metrics HTTP/1.0\r\n\r\n'
[ "$(send 'HEAD /metrics HTTP/1.0\r\n\r\n' | sed '1,/^\r$/d' | wc -c)" = 0 ] || say_failed "HEAD has a body"
long=$(printf '%09000d' 0)
expect '^HTTP/1.1 431 ' send "GET /metrics HTTP/1.1\r\nX: $long"
lines=$(for _ in $(seq 400); do printf 'X: 0000000000000000000000\\r\\n'; done)
refused() { send "GET /metrics HTTP/1.1\r\n$lines" | head -n 1; }
expect '^HTTP/1.1 431 ' refused
# As many as may be hold the port and say nothing: whoever asks has the place of the one that is idle longest.
for fd in $(seq 40 71); do eval "exec $fd<>/dev/tcp/127.0.0.1/$(port)"; done
again() { is 200 status /healthz; }
for _ in 1 2 3; do is 200 status /healthz || say_failed "idle connections keep others out"; done
for fd in $(seq 40 71); do eval "exec $fd>&-"; done

echo "a core that hangs is not healthy"
tool=$top_builddir/tests/flows/service_tool
mkfifo "$dir/hold"
"$tool" freeze "$vm" gcx-core <"$dir/hold" >"$dir/frozen" 2>/dev/null &
frozen=$!
exec 8>"$dir/hold"
decided() { [ -s "$dir/frozen" ] || ! kill -0 "$frozen" 2>/dev/null; }
await decided
if [ -s "$dir/frozen" ]; then
    expect 'the core does not answer' body /metrics # and the loop goes on
    hangs() { body /healthz | grep -q 'the core has not turned for'; }
    await hangs
    is 503 status /metrics || say_failed "/metrics answers without a core"
    exec 8>&-
    await again
else
    exec 8>&-
    echo "no leave to hold a thread: left out"
fi
wait "$frozen"

echo "it drains"
drain_s=60
sed -i '$d' "$dir/directory.sql"
stop
begin "one waits"
await are_waiting 1
kill -TERM "$vm"
drains() { body /readyz | grep -q 'it drains'; }
await drains
says 1 gcx_draining
kill -TERM "$vm"
wait "$vm"
vm=''
kill "$sim"; wait "$sim" 2>/dev/null
sim=''
finish
