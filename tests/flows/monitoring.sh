#!/bin/bash
# The rules of examples/monitoring and examples/ha, and the board: Prometheus accepts the rules, they speak up when they should; each
# metric that rules and board name is one of gcxvm's; and a Prometheus that is started with them asks a running gcxvm and
# finds nothing to say.
. "$top_srcdir/tests/flows/daemon_common.sh"
for program in prometheus promtool jq python3; do
    command -v $program >/dev/null || { echo "$program is not installed"; cleanup 77; }
done
prometheus=
also_end() { [ -z "$prometheus" ] || { kill "$prometheus"; wait "$prometheus"; } 2>/dev/null; }
from=$top_srcdir/examples/monitoring
mkdir "$dir/monitoring" && cp "$from"/* "$dir/monitoring" || cleanup 1
check() { "$@" >"$dir/output" 2>&1 || { say_failed "$*"; cat "$dir/output"; }; }
check promtool check rules "$dir/monitoring/alerts.yml"
check promtool test rules "$dir/monitoring/alerts_test.yml"
check promtool check config "$dir/monitoring/prometheus.yml"
several=$top_srcdir/examples/ha
check promtool test rules "$several/alerts_test.yml"
check promtool check config --syntax-only "$several/prometheus.yml"

# Names: of histograms also with what Prometheus adds.
sed -n 's/^\(METRIC\|FIGURE\)([a-z_]*, "\([a-z_]*\)", \([a-z]*\),.*/\2 \3/p' "$top_srcdir/runtime/daemon/watch/metrics.def" "$top_srcdir/runtime/adapter/figures.def" |
    awk '{ print $1 } $2 == "histogram" { print $1 "_bucket"; print $1 "_sum"; print $1 "_count" }' | sort -u >"$dir/known"
{ sed -n 's/^ *expr: //p' "$from/alerts.yml" "$several/alerts.yml"; jq -r '.panels[].targets[].expr' "$from/grafana.json"; } |
    grep -oE '(gcx|process)_[a-z_]+' | sort -u >"$dir/named"
[ "$(wc -l <"$dir/named")" -ge 30 ] || say_failed "rules and board name few metrics"
comm -13 "$dir/known" "$dir/named" | sed 's/^/no metric of gcxvm: /' >"$dir/unknown"
[ ! -s "$dir/unknown" ] || { say_failed "rules or board name what is not there"; cat "$dir/unknown"; }
# What a supervisor of campaigns watches is on the board.
jq -r '.panels[].targets[].expr' "$from/grafana.json" | grep -oE 'gcx_campaign_[a-z_]+' | sort -u >"$dir/board"
grep '^gcx_campaign_' "$dir/known" | grep -vx gcx_campaign_changes_total | comm -23 - "$dir/board" | sed 's/^/not on the board: /' >"$dir/unknown"
[ ! -s "$dir/unknown" ] || { say_failed "the board leaves figures of campaigns out"; cat "$dir/unknown"; }
[ "$(jq '[.panels[].id] | length == (unique | length)' "$from/grafana.json")" = true ] || say_failed "two panels have one id"

# A real one.
make_world 'http = "127.0.0.1:0"'
start
address=$(ctl status --json | sed -n 's,^ *"http": "\(.*\)"\,*$,\1,p')
port=$(python3 -c 'import socket; one = socket.create_server(("127.0.0.1", 0)); print(one.getsockname()[1])')
sed -i -e "s/127.0.0.1:9464/$address/" -e 's/15s/1s/' "$dir/monitoring/prometheus.yml"
prometheus --config.file="$dir/monitoring/prometheus.yml" --storage.tsdb.path="$dir/tsdb" \
    --web.listen-address="127.0.0.1:$port" >"$dir/prometheus.log" 2>&1 &
prometheus=$!
ask() { python3 -c 'import sys, urllib.parse, urllib.request
print(urllib.request.urlopen(sys.argv[1] + urllib.parse.quote(sys.argv[2], safe="=/?&"), timeout=10).read().decode())' "http://127.0.0.1:$port" "$1"; }
ready_there() { ask '/api/v1/query?query=gcx_ready' | jq -e '.data.result[0].value[1] == "1"'; }
await ready_there || { tail -n 20 "$dir/prometheus.log"; ask /api/v1/targets; }
ask '/api/v1/rules' | jq -e '[.data.groups[].rules[].health] | length > 15 and all(. != "err")' >/dev/null || { say_failed "the rules"; ask /api/v1/rules; }
[ "$(ask '/api/v1/alerts' | jq '.data.alerts | length')" = 0 ] || { say_failed "alerts where all is well"; ask /api/v1/alerts; }
stop 0
[ "$failures" = 0 ] && cleanup 0
cleanup 1
