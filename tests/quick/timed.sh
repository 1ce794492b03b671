#!/bin/bash
# tests/quick/timed.sh COMMAND... - Runs a test, its name last, and adds a line to the file $TEST_TIMES: its milliseconds and its name.
began=$EPOCHREALTIME
"$@"; status=$?
ended=$EPOCHREALTIME
echo "$(((${ended/./} - ${began/./}) / 1000)) ${!#}" >>"$TEST_TIMES"
exit $status
