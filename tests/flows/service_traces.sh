#!/bin/bash
# tests/flows/service_traces.sh - What happened to an interaction leaves as spans that OTLP's JSON mapping allows, says
# what happened, and names no caller; the file may be moved away.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v jq >/dev/null || { echo "jq is not installed"; cleanup 77; }
conf_more='traces = "traces.jsonl" trace_one_in = 1'
build_flow "$top_srcdir/tests/flows/service_drain.gcx"

# The mapping: ids in hex, 64-bit numbers and moments as texts, enumerations as numbers, attributes of one type each.
cat >"$dir/shape.jq" <<'JQ'
def digits: type == "string" and test("^[0-9]+$");
def later($a; $b): ($a | length) < ($b | length) or (($a | length) == ($b | length) and $a <= $b);
def value: type == "object" and (keys | length == 1) and
    ((.stringValue | type == "string") or (.intValue | digits) or (.boolValue | type == "boolean"));
def attributes: type == "array" and all(.[]; (.key | type == "string") and (.value | value)) and
    (map(.key) | length == (unique | length));
def event: (.timeUnixNano | digits) and (.name | type == "string" and length > 0) and (.attributes | attributes);
def span: (.traceId | test("^[0-9a-f]{32}$") and test("[1-9a-f]")) and (.spanId | test("^[0-9a-f]{16}$") and test("[1-9a-f]")) and
    ((has("parentSpanId") | not) or (.parentSpanId | test("^[0-9a-f]{16}$"))) and
    (.name | type == "string" and length > 0) and (.kind | IN(1, 2, 3)) and
    (.startTimeUnixNano | digits) and (.endTimeUnixNano | digits) and later(.startTimeUnixNano; .endTimeUnixNano) and
    (.attributes | attributes) and (.events | all(.[]; event)) and
    (.status | (has("code") | not) or (.code | IN(0, 1, 2)));
def trace: (map(.spanId) | length == (unique | length)) and (map(select(has("parentSpanId") | not)) | length == 1) and
    (map(.spanId) as $ids | all(.[]; (has("parentSpanId") | not) or (.parentSpanId | IN($ids[])))) and
    (map(select(has("parentSpanId") | not))[0] as $root | all(.[];
        later($root.startTimeUnixNano; .startTimeUnixNano) and later(.endTimeUnixNano; $root.endTimeUnixNano)));
def request: (keys == ["resourceSpans"]) and (.resourceSpans | length == 1) and all(.resourceSpans[];
    (.resource.attributes | attributes) and any(.resource.attributes[]; .key == "service.name" and .value.stringValue == "gcxvm") and
    all(.scopeSpans[]; (.scope.name == "gcx") and all(.spans[]; span) and (.spans | group_by(.traceId) | all(.[]; trace))));
request
JQ
shaped() { jq -e -s "$(sed '$d' "$dir/shape.jq") all(.[]; request)" "$1" >/dev/null; }
spans() { jq -c '.resourceSpans[].scopeSpans[].spans[]' "$1"; }
has() { # has FILE FILTER WHAT: a span of which it is true
    spans "$1" | jq -e -s "def is(k; v): any(.attributes[]; .key == k and (.value.stringValue == v or .value.intValue == v)); any(.[]; $2)" >/dev/null ||
        { say_failed "$3"; spans "$1" | head -n 20; }
}

echo "a call that waits, and is routed"
begin "one waits"
await are_waiting 1
ixn=$(ixn_of +33145550101)
ctl trace "$ixn" --format otlp >"$dir/living" || say_failed "no spans of one that lives"
shaped "$dir/living" || { say_failed "not as OTLP has it"; head -c 2000 "$dir/living"; }
has "$dir/living" '.name == "enterprise" and is("gcx.state"; "routing")' "the strategy that runs is not there"
ready_now 7001
played
await test -s "$dir/traces.jsonl"
shaped "$dir/traces.jsonl" || { say_failed "not as OTLP has it"; head -c 2000 "$dir/traces.jsonl"; }
has "$dir/traces.jsonl" ".name == \"enterprise\" and .kind == 2 and is(\"gcx.ixn\"; \"$ixn\") and is(\"gcx.outcome\"; \"routed\") and is(\"gcx.dnis\"; \"1800\")" "the interaction"
has "$dir/traces.jsonl" '.name == "treatment" and is("gcx.treatment"; "PlayAnnouncementAndDigits") and any(.events[]; .name == "EventTreatmentEnd")' "a treatment"
has "$dir/traces.jsonl" '.name == "query" and is("gcx.source"; "customers") and is("gcx.code"; "ok")' "the query"
has "$dir/traces.jsonl" '.name == "select" and is("gcx.vq"; "service") and is("gcx.chosen"; "marie") and (.events | length >= 2)' "the selection"
has "$dir/traces.jsonl" '.name == "route" and is("gcx.dest"; "7001") and any(.events[]; .name == "EventRinging") and any(.events[]; .name == "EventEstablished")' "the routing"
has "$dir/traces.jsonl" '.name == "enterprise" and any(.events[]; .name == "EventCallDeleted")' "the end"
grep -q '33145550101\|4711\|Dupont' "$dir/traces.jsonl" && say_failed "a caller's number or data leave with the trace"
ctl trace "$ixn" --format otlp >"$dir/ended"
[ "$(spans "$dir/ended" | jq -s -c 'map([.traceId, .spanId, .name]) | sort')" = "$(spans "$dir/traces.jsonl" | jq -s -c 'map([.traceId, .spanId, .name]) | sort')" ] ||
    say_failed "asked for, the trace is another than in the file"
[ "$(spans "$dir/living" | jq -s -r '.[0].traceId')" = "$(spans "$dir/ended" | jq -s -r '.[0].traceId')" ] || say_failed "its id has changed"
expect 'no format' ctl trace "$ixn" --format xml
[ "$(stat -c %a "$dir/traces.jsonl")" = 600 ] || say_failed "others may read the traces"

echo "the file is moved away; one in a million is written"
stop
mv "$dir/traces.jsonl" "$dir/before.jsonl"
begin "one waits"
mv "$dir/traces.jsonl" "$dir/moved.jsonl"
await are_waiting 1
ready_now 7001
played
await test -s "$dir/traces.jsonl"
[ ! -s "$dir/moved.jsonl" ] || say_failed "it writes to a file that was moved away"
stop
conf_more='traces = "none.jsonl" trace_one_in = 1000000'
begin "one waits"
await are_waiting 1
ready_now 7001
played
stop
[ -e "$dir/none.jsonl" ] && [ ! -s "$dir/none.jsonl" ] || say_failed "not sampled, and written all the same"
conf_more='traces = "nowhere/traces.jsonl"'
configure
expect 'nowhere/traces.jsonl: No such file' "$gcxvm" "$dir/gcx.conf"
finish
