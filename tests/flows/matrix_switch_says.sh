#!/bin/bash
# tests/flows/matrix_switch_says.sh - A switch that says everything twice, says it again later, in another order, or of
# calls that have ended: callers are served once each, by one agent, and nobody is kept for a call that is not there.
. "$top_srcdir/tests/flows/matrix_common.sh"

# Is a line an event, and of what?
helper='
event() { [[ $1 == *\"event\":* && $1 != *Snapshot* ]]; }
of_call() { event "$1" && [[ $1 == *\"callID\":* ]]; }
call() { [[ $1 =~ \"callID\":\"([0-9]+)\" ]] && id=${BASH_REMATCH[1]}; }
'
twice='while IFS= read -r line; do echo "$line"; ! event "$line" || echo "$line"; done'
# later N: what is said of a call, once more after N other events of calls.
later() { echo 'old=(); while IFS= read -r line; do echo "$line"; of_call "$line" || continue
    old+=("$line"); [ ${#old[@]} -le '"$1"' ] || { echo "${old[0]}"; old=("${old[@]:1}"); }; done'; }
mixed='while IFS= read -r line; do
    case $line in
    *\"event\":\"RouteUsed\"* | *\"event\":\"ConnectionCleared\"*) [ -z "$held" ] || echo "$held"; held=$line ;;
    *) echo "$line"; [ -z "$held" ] || ! of_call "$line" || { echo "$held"; held=""; } ;;
    esac; done'
afterwards='declare -A said; while IFS= read -r line; do
    echo "$line"; of_call "$line" && call "$line" || continue
    case $line in *\"CallCleared\"*) printf %s "${said[$id]}" ;; *) said[$id]+=$line$'"'\\n'"' ;; esac; done'

# As it rings, that it stands at the routing point; as it is answered, that it rings.
late='declare -A said; while IFS= read -r line; do
    echo "$line"; of_call "$line" && call "$line" || continue
    case $line in
    *\"RouteRequest\"*) said[route$id]=$line ;;
    *\"Delivered\"*) echo "${said[route$id]}"; said[rings$id]=$line ;;
    *\"Established\"*) echo "${said[rings$id]}"; echo "${said[route$id]}" ;;
    esac; done'

# said COMMAND WHAT
said() {
    echo "$2"
    clock_stands 2
    begin_between "two are served and one gives up" "$helper$1"
    await are_waiting 3
    clock_runs
    await simulated 'CallCleared .*cause=abandoned'
    await are_waiting 2
    ready_now 7001
    played || say_failed "$2"
    expect '2 routed, 1 abandoned, 0 defaulted' ctl status
    settled 3
    stop
    end_relay
}

said "$twice" "everything twice"
said "$(later 1)" "everything again, after the next"
said "$(later 5)" "everything again, after five others"
said "$late" "what is over, as if it were now"
said "$mixed" "in another order"
said "$afterwards" "everything again when the call has ended"
finish
