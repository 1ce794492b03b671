#!/bin/bash
# tests/quick/timed.sh COMMAND... - Runs a test, its name last, and adds a line to the file $TEST_TIMES: its milliseconds
# and its name. Ends with the test's status, whatever becomes of the line.
began=$EPOCHREALTIME
"$@"; status=$?
ended=$EPOCHREALTIME
# Some languages write a comma, not a point, before the microseconds.
echo "$(((${ended//[!0-9]/} - ${began//[!0-9]/}) / 1000)) ${!#}" >>"$TEST_TIMES"
exit $status
