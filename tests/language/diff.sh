#!/bin/sh
# gcxc diff: what changes for callers is told, how the text is laid out is not.
. "$(dirname "$0")/common.sh"
cp "$source"/strategies/enterprise/*.gcx "$source"/strategies/enterprise/*.sql "$work"
cd "$work" || exit 1

# differs STATUS TEXT SCRIPT: enterprise.gcx and what sed makes of it differ so; '': in nothing.
differs() {
    sed "$3" enterprise.gcx >new.gcx
    "$gcxc" diff enterprise.gcx new.gcx >said 2>&1
    found=$?
    if [ -n "$2" ]; then grep -qF -e "$2" said; else [ ! -s said ]; fi && [ $found -eq "$1" ] && return
    echo "FAILED $3: status $found, expected $1 and '$2'"
    cat said
    failed=$((failed + 1))
}

differs 0 '' ''
differs 0 '' 's/^ *//; /\/\//!s/; /;\n/g'
differs 0 '' '1i // Another line, and one more.\n'
differs 0 '' 's/select name, tier/select  name,\n   tier/'
differs 0 '' 's|// Who is it?|// Who was it?|; /^ *.. Someone/d'
differs 1 'attach account = ivr.digits: exit: else goto desk -> else stop "none"' 's/tries 3 else goto desk/tries 3 else stop "none"/'
differs 1 'attach account = ivr.digits: tries: tries 3 -> tries 2' 's/tries 3/tries 2/'
differs 1 'attach account = ivr.digits: prompt: prompt account_number -> prompt hold' 's/prompt account_number/prompt hold/'
differs 1 'let who = select in vq service: timeout: timeout 3m -> timeout 2m' 's/timeout 3m/timeout 2m/'
differs 1 'condition: after 20s: skill[language] >= 5; -> after 20s: skill[language] >= 4;' 's/>= 5/>= 4/'
differs 1 'condition: gone: after 40s: group overflow;' '/after 40s/d'
differs 1 'priority += 60: value: 50 -> 60' 's/50;/60;/'
differs 1 'condition: customer?.tier == "gold" -> customer?.tier == "silver"' 's/== "gold"/== "silver"/'
differs 1 'key: new: extra: int' 's/account: str;/account: str; extra: int;/'
differs 1 'ivr.music: argument: 30s -> 40s' 's/hold, 30s/hold, 40s/'
differs 1 'step: new: ivr.play(prompt hold) else {}' 's/    route who/    ivr.play(prompt hold) else {}; route who/'
differs 1 'step: gone: if customer?.tier == "gold" { priority += 50; }' '/if customer/d'
differs 1 'handler: new: on error (e) { stop "x"; }' 's/^    on abandoned.*/on abandoned { } on error (e) { stop "x"; }/'
differs 1 'route queue desk: exit: new: else stop "full"' 's/route queue desk;/route queue desk else stop "full";/'
# shellcheck disable=SC2016 # sed's last line
differs 1 'strategy second: strategy: new: second' '$a strategy second on voice { route queue desk; }'
differs 1 'strategy enterprise: strategy: gone: enterprise' 's/strategy enterprise/strategy other/'
differs 1 'query: query customers first' 's/where account =/where name =/'
differs 2 'E0412' 's/queue desk/queue dsk/'
if command -v jq >/dev/null; then
    sed 's/timeout 3m/timeout 2m/' enterprise.gcx >new.gcx
    "$gcxc" diff --format json enterprise.gcx new.gcx >told
    [ $? -eq 1 ] || { echo "FAILED json's status"; failed=$((failed + 1)); }
    jq -e '.changes | length == 1 and .[0].about == "timeout" and .[0].before == "timeout 3m" and .[0].new.line == 23
        and .[0].in == "strategy enterprise"' told >/dev/null || { cat told; failed=$((failed + 1)); }
fi
cat >enterprise.gcx <<'GCX'
strategy both on voice {
    parallel { ivr.play(prompt hold) else {}; delay 2s; } timeout 3s else {};
    race { delay 3s -> goto desk; ivr.play(prompt hold) -> {} } timeout 30s else goto desk;
    desk: route queue desk;
}
GCX
differs 1 'parallel: timeout: timeout 3s -> timeout 4s' 's/timeout 3s/timeout 4s/'
differs 1 'parallel: child: delay 2s -> delay 1s' 's/delay 2s/delay 1s/'
differs 1 'race: arm: delay 3s -> goto desk; -> delay 5s -> goto desk;' 's/delay 3s/delay 5s/'
"$gcxc" diff enterprise.gcx >/dev/null 2>&1
[ $? -eq 2 ] || { echo "FAILED: one file"; failed=$((failed + 1)); }
echo "$failed failed"
[ $failed -eq 0 ]
