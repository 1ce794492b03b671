#!/bin/bash
# tests/flows/matrix_switch_text.sh - A caller whose name is no text, and a switch that says of one call what nobody
# understands: that call is served as any other, others go on beside it, and no link goes down.
. "$top_srcdir/tests/flows/matrix_common.sh"

# named TEXT: the last caller is called so by the switch; sed reads \xff as a byte.
named() { echo "LC_ALL=C sed -u 's/\"+33145550103\"/\"$1\"/g'"; }
# Before each thing that it says of a call, what is no event of it.
nonsense='while IFS= read -r line; do
    if [[ $line == *\"event\":* && $line =~ \"callID\":\"([0-9]+)\" ]]; then
        of="\"callID\":\"${BASH_REMATCH[1]}\""
        printf "%s\n" "{\"event\":\"Delivered\",$of,\"device\":" "{\"event\":\"Delivered\",$of,\"device\":7001}" \
            "{\"event\":\"Established\",$of}" "{\"event\":\"RouteRequest\",$of,\"device\":1e999}" "{\"event\":\"Nonsense\",$of}" \
            "{\"event\":\"TreatmentEnded\",$of,\"treatment\":-1,\"digits\":[[[]]]}" "{$of}" "$of" "GET / HTTP/1.1"
    fi
    printf "%s\n" "$line"
done'

# serves COMMAND WHAT LOGGED [SHOWN]
serves() {
    echo "$2"
    clock_stands 2
    begin_between "two are served and one gives up" "$1"
    await are_waiting 3
    clock_runs
    await simulated 'CallCleared .*cause=abandoned'
    await are_waiting 2
    [ -z "${4-}" ] || expect "$4" ctl interactions
    ready_now 7001
    played || say_failed "$2"
    expect '2 routed, 1 abandoned, 0 defaulted' ctl status
    settled 3
    grep -q "$3" "$dir/gcxvm.log" || say_failed "the log does not tell it with its call: $3"
    # The switch closes the link when its play is over, after the agent's logout.
    ! sed '/EventAgentLogout/q' "$dir/gcxvm.log" | grep 'switch: the link is lost' || say_failed "the link to the switch went down: $2"
    ! grep 'the link is down' "$dir/gcxvm.log" || say_failed "the link to the core went down: $2"
    stop
    end_relay
}

serves "$(named 'Du\\u0000pont')" "U+0000" 'callID=[0-9]*: U+FFFD .*\\u0000'
serves "$(named '\\ud800')" "half a surrogate pair" 'callID=[0-9]*: U+FFFD .*\\ud800'
serves "$(named '\xff\xc3(')" "bytes that are not UTF-8" 'callID=[0-9]*: U+FFFD .*ff c3'
unseen=$(printf '\342\200\256\|\302\205')
serves "$(named 'a\xe2\x80\xaegnp\xc2\x85')" "what a terminal would obey" 'ani="a\\u{202e}gnp\\u{85}"' ' a\\u{202e}gnp\\u{85} '
! LC_ALL=C grep "$unseen" "$dir/gcxvm.log" "$dir/sim.log" || say_failed "it is in a log as it was said"
serves "$nonsense" "what nobody understands, of every call" 'callID=[0-9]*: passed over'
finish
