#!/bin/bash
# tests/flows/ceiling.sh - The ceiling of the abandoned holds in days of virtual time: campaigns that share their agents, with
# inbound calls, with rates that change, with few agents. The long table is tests/bench/campaigns.py.
command -v python3 >/dev/null || exit 77
exec python3 "$top_srcdir/tests/bench/campaigns.py" "$top_builddir" law
