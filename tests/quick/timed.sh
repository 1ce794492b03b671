#!/bin/bash
# tests/quick/timed.sh COMMAND... - Runs a test, its name last, and adds a line to the file $TEST_TIMES: the seconds that
# it took, those that processors worked for it, for itself and for the system, and its name. Ends with the test's status.
TIMEFORMAT="%3R %3U %3S ${!#}"
{ time "$@" 2>&3 3>&-; } 3>&2 2>>"${TEST_TIMES:-/dev/null}"
