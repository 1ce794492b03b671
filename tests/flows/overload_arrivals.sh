#!/bin/bash
# tests/flows/overload_arrivals.sh - Three times the calls that are let in: those in progress go on, the others are
# refused at the switch and reach the default destination, memory stays as it is, and when it is over all is as before.
. "$top_srcdir/tests/flows/overload_common.sh"

all_routed() {
    load 6 20
    [ "$(count routed)" = 20 ] || say_failed "of 20 calls $(count routed) were routed"
}
# So many a second for four seconds, and a second's credit that was saved up; each of them talks while others are refused.
crowd() {
    load 36 144 --handles 1s
    routed=$(count routed) elsewhere=$(($(count queued) + $(count defaulted)))
    [ $((routed + elsewhere)) = 144 ] || say_failed "$routed routed and $elsewhere defaulted of 144: some got lost"
    [ "$routed" -ge 40 ] && [ "$routed" -le 84 ] || say_failed "$routed were routed, at twelve a second for four seconds"
    [ "$(value decision p99_us)" -lt 10000000 ] || say_failed "a decision took $(value decision p99_us) us"
}

echo "at the rate that is let in, all are routed"
load_begin 'arrivals_per_s = 12'
all_routed

echo "three times as many"
crowd # once, for what is made once
memory_before=$(memory)
crowd
memory_after=$(memory)
[ "$(of_status refused)" -ge 100 ] || say_failed "the T-Server has refused $(of_status refused), as gcxctl says"
expect 'adapters refused [1-9][0-9]* arrivals, defaulted [1-9]' ctl status
await logged 'tserver .* calls that arrived went to the default destinations: no room' || say_failed "the log says nothing of it"
[ "$(count_logged 'calls that arrived went')" -le 6 ] || say_failed "the log has a line for each"
# Kilobytes of the daemon and of the T-Server, before and after.
awk -v a="$memory_before" -v b="$memory_after" 'BEGIN {split(a, x); split(b, y); exit !(y[1] < x[1] + 16384 && y[2] < x[2] + 16384)}' ||
    say_failed "memory grew from $memory_before to $memory_after KB"

echo "and when it is over, all is as it was"
all_routed
expect '"level": "open"' ctl status --json
stop
finish
