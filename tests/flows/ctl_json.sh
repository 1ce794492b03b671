#!/bin/bash
# tests/flows/ctl_json.sh - What gcxctl prints with --json is JSON, whatever is asked.
. "$top_srcdir/tests/flows/ctl_common.sh"
command -v python3 >/dev/null || exit 77

four_wait
first=$(ixn_of +33145550101)
mkdir "$dir/json"
answers=0
for words in status agents "agents marie" queues "queues service" counters callbacks campaigns interactions "interactions --limit 1" \
    "interaction $first" "trace $first" "trace $first --format otlp" "why $first" "why $first marie" "data $first" links \
    sources waits routing-points strategies version reload load drain "drain --cancel" "log core info"; do
    # shellcheck disable=SC2086
    ctl $words --json >"$dir/json/$((answers += 1))" 2>&1 || say_failed "gcxctl $words --json"
done
while read -r line; do
    printf '%s' "$line" >"$dir/json/$((answers += 1))"
done <<LINES
$(timeout 2 "$gcxctl" --socket "$dir/state/admin.sock" trace "$first" --follow --json)
LINES
[ "$answers" -gt 30 ] || say_failed "$answers answers"
python3 - "$dir"/json/* <<'PY' || say_failed "an answer to --json is no JSON"
import json, sys
bad = 0
for path in sys.argv[1:]:
    text = open(path, encoding="utf-8").read()
    try:
        json.loads(text)
    except ValueError as why:
        print(f"{why}: {text}")
        bad = 1
sys.exit(bad)
PY
leave
finish
