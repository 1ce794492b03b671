#!/bin/bash
# tests/flows/soak_short.sh - Half a minute of what tests/bench/soak.sh does for an hour: calls without end, agents who
# come and go, reloads, a switch that starts again; no call lost, memory and descriptors flat.
exec bash "${top_srcdir:-.}/tests/bench/soak.sh" "${top_builddir:-build}" 32 40 5
