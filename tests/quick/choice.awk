# tests/quick/choice.awk - The core's choices, of `gcxctl trace --json IXN`, as log lines for steps.awk: what was chosen
# is told by the decision record, not by the log.
function value(   text) { text = $0; sub(/^[^:]*: */, "", text); gsub(/[",]/, "", text); return text }
/"decisions":/ {on = 1}
on && /"vq":/ {vq = value()}
on && /"chosen":/ {chosen = value()}
on && /"at_us":/ {at = value()}
on && /"candidates":/ {candidates = value()}
on && /^ *},?$/ && vq != "" {
    stamp = strftime("%Y-%m-%dT%H:%M:%S", int(at / 1000000), 1) sprintf(".%03dZ", int(at % 1000000 / 1000))
    printf "%s info core Select vq=%s candidates=%s\n", stamp, vq, candidates
    if (chosen != "") printf "%s info core Claim agent=%s\n", stamp, chosen
    vq = chosen = ""
}
