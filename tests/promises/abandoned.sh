#!/bin/bash
# tests/promises/abandoned.sh - Somebody who has answered a campaign and found no agent in time is one abandoned call: at the
# switch, in the calling list, for gcxctl and in the records; and gcxc simulate foretells about as many. Two campaigns and
# inbound calls on the same agents, whose telephones ring for nearly as long as the rules let somebody wait; real processes.
# So is whoever answers while gcxvm stands still, also for so long that its adapters give it up, or is killed and started
# again, or its T-Server does not reach the switch, and waits too long; and whoever has an agent meanwhile, in time, is not.
for one in dialer tserver; do [ -f "$top_builddir/.libs/$one.so" ] || exit 77; done
command -v python3 >/dev/null || exit 77
export PYTHONDONTWRITEBYTECODE=1
play=(python3 "$top_srcdir/tests/bench/campaigns_wire.py" "$top_builddir")
"${play[@]}" 12s predictive && "${play[@]}" 8s progressive 3 cut@2 &&
    exec "${play[@]}" 14s progressive 1 down@2,still@6,lost@9
