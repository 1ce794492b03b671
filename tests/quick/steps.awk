# tests/quick/steps.awk - The twelve steps of the enterprise flow, found in the logs of the components that took them:
# time, step, component, message, what was said. Exits 1 where a step was not seen. Reads log lines:
#   2026-03-02T10:00:00.123Z info COMPONENT [ixn=...] [conn=...] Message key=value...
# The component is who did it: the caller, the switch, its ivr, an agent's desktop, the adapter tserver or sip, the core.
# Components write when they see; rows stand in the order of the steps. The second question and its answer come after the
# first answer.
function step(number, who, message, said,   rank) {
    seen[number] = 1
    rank = number * 10 + ((number == 4 || number == 5) && times[who, message]++ ? (number == 4 ? 16 : 7) : 0)
    rows[++count] = sprintf("%03d\t%s\t%03d\t  %s  %2d  %-8s %-26s %s", rank, $1, count, substr($1, 12, 12), number, who, message, said)
}
function field(name,   at, rest) { # the value of name=..., up to the next blank
    at = index($0, " " name "=")
    if (!at) return ""
    rest = substr($0, at + length(name) + 2)
    return rest ~ /^{/ ? substr(rest, 1, match(rest, /}( |$)/)) : substr(rest, 1, match(rest " ", / /) - 1)
}
{
    who = $3; message = ""
    for (i = 4; i <= NF && message == ""; i++) if ($i !~ /=/) message = $i
    dn = field("dn")
    adapter = who == "tserver" || who == "sip"
}
who == "caller"  && message == "Arrives"               { step(1, who, message, field("from") " calls " field("to")) }
adapter && message == "EventCallCreated" && / media=/ { step(2, who, message, "the call has ConnID " field("conn")) }
adapter && message == "EventRouteRequest" && /ixn=/ { step(3, "core", message, "at " dn ": the strategy starts as interaction " field("ixn")) }
who == "core"    && message == "RequestApplyTreatment" { step(4, who, message, field("type") " " field("params")) }
who == "caller"  && message == "Keys"                  { step(5, who, message, "keys " field("digits")) }
adapter && message == "EventTreatmentEnd" && !/ change=/ { step(5, who, message, "digits " field("digits")) }
who == "core"    && message == "EventAttachedDataChanged" { step(queried ? 7 : 5, who, message, "attached " field("changed")) }
who == "core"    && message == "Query"                 { queried = 1; step(6, who, message, "of " field("source") ", bound " field("params")) }
who == "host"    && message == "EventDone" && /rows=/  { step(6, "sqlite", message, field("rows")) }
who == "core"    && message == "Select"                { step(8, who, message, field("candidates") " agents looked at in vq " field("vq")) }
who == "core"    && message == "Claim"                 { step(9, who, message, field("agent") " is chosen and reserved") }
who == "core"    && message == "RequestRouteCall"      { step(10, who, message, "to " field("dest") " with " field("data")) }
who == "switch"  && message == "RouteSelect"           { step(11, who, message, "routed to " field("destination")) }
who == "sip" && message == "EventRouteUsed" && !/ ref=/ { step(11, who, message, "the telephone " field("to") " is called, and rings") }
who == "desktop" && message == "EventRinging"          { step(12, who, message, field("AgentID") " at " field("ThisDN") " sees " field("UserData")) }
END {
    printf "  %-12s  %s  %-8s %-26s %s\n", "time (UTC)", "step", "who", "message", "what was said"
    command = "sort | cut -f 4"
    for (i = 1; i <= count; i++) print rows[i] | command
    close(command)
    for (i = 1; i <= 12; i++) if (!(i in seen)) { missing = 1; printf "step %d was not seen\n", i }
    exit missing
}
