#!/bin/bash
# tests/flows/matrix_callers.sh - Callers leave while they key digits, are asked, wait, and while it rings for them: each has
# abandoned, nothing is left of them, and who was claimed for one serves the next.
waits=60s rings=15s
. "$top_srcdir/tests/flows/matrix_common.sh"

clock_stands 0.9
begin "callers leave wherever they are"
await are_waiting 2
ready_now 7001
await rings_at 7001
clock_runs
four_have_gone() { [ "$(ctl interactions --json | grep -c '"outcome": "abandoned"')" = 4 ]; }
await four_have_gone
await no_claims
await simulated 'Arrives from=+33145550105'
played
expect '1 routed, 4 abandoned, 0 defaulted' ctl status
settled 3 # two of them never came into the queue
stop
finish
