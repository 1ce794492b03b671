#!/bin/sh
# What `./quickstart --stay` leaves running: the customer's page, the chat widget and the desk answer, an e-mail of the
# customer reaches the core, and at the console a supervisor has the strategies that run, and sets a target.
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
for plugin in chat email desk; do [ -f "$top_builddir/.libs/$plugin.so" ] || exit 77; done
ONCE=1 exec "$top_srcdir/tests/quick/stay.sh" "$(cd "$top_builddir" && pwd)"
