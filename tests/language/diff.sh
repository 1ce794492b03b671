#!/bin/sh
# gcxc diff: what changes for callers is told, how the text is laid out is not.
. "$(dirname "$0")/common.sh"
first_site "$work"
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
differs 1 'priority +=: value: 50 -> 60' 's/50;/60;/'
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
# Another word for the same thing, and steps that moved into a subroutine, are no news; another order of steps is.
differs 0 '' 's/who\b/whoever/g; /[/][/]/d'
differs 0 '' 's/desk:/end:/; s/goto desk/goto end/'
differs 0 '' 's/desk:/who:/; s/goto desk/goto who/'
differs 0 '' 's/let who/let desk/; s/route who/route desk/'
differs 0 '' 's/Customer/Caller/'
differs 0 '' 's/^strategy/subroutine rise(customer: Customer?) { if customer?.tier == "gold" { priority += 50; } }\n&/
    s/^    if customer.*/rise(customer);/'
differs 1 'priority +=: value: 50 -> 60' 's/^strategy/subroutine rise(customer: Customer?) { if customer?.tier == "gold" { priority += 60; } }\n&/
    s/^    if customer.*/rise(customer);/'
differs 0 '' 's/^strategy/subroutine ask(): skill { let l = ivr.menu(prompt language, ["1": skill English, "2": skill French]) else skill English; return l; }\n&/
    s/ivr.menu.*/ask();/2; s/^\(    attach language = \)ivr.*/\1ask();/'
differs 1 'ivr.digits: order: before attach language = ivr.menu -> after attach language = ivr.menu' '/attach account/{h; d}; /attach language/G'
differs 1 'route queue desk: goto desk: gone: leads here' 's/desk: route/desk: ivr.play(prompt hold) else {}; route/'
differs 1 'where account = {account}` -> ...omer where account = {account} and 1 = 1`' 's/= {account}`/= {account} and 1 = 1`/'
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
differs 1 'race: arm: delay 3s -> delay 5s' 's/delay 3s/delay 5s/'
# What has changed is told behind the name of its step, not in it; and where nothing has, nothing is.
cat >enterprise.gcx <<'GCX'
record Row { name: str; tier: str }
enum Tier { gold, silver }
function twice(n: int): int { return 2 * n; }
strategy main on voice {
    attached { account: str; }
    attach account = ivr.digits(prompt account_number, min: 4, max: 12) else "none";
    let a: int? = 3;
    let b = twice(4);
    segment dnis { "1" -> priority += b; prefix "2" -> stop "two"; else -> {} }
    race { delay 3s -> {} ivr.play(prompt hold) -> {} } timeout 30s else {};
    if a == 3 { stop "three"; }
    delay 2s;
    let who = select in vq service { skill Sales >= 1; } timeout 1m else goto desk;
    route who else goto desk;
    desk: route queue desk;
    on signal paid { stop "paid"; }
    on signal left { stop "left"; }
}
GCX
sed -i 's/^site {/& signal paid(); signal left(); vq other; queue night;/' site.gcx
differs 1 'main: let a: value: 3 -> 4' 's/= 3/= 4/'
differs 1 'main: let a = 3: type: int? -> int' 's/int?/int/'
differs 1 'main: let b = twice: argument: 4 -> 5' 's/twice(4)/twice(5)/'
differs 1 'main: let b: value: twice(4) -> 4 + 4' 's/twice(4)/4 + 4/'
differs 1 'main: delay: time: 2s -> 4s' 's/2s;/4s;/'
differs 1 'main: stop: reason: "three" -> "four"' 's/"three"/"four"/'
differs 1 'main: let who = select: vq: vq service -> vq other' 's/vq service/vq other/'
differs 1 'main: route: queue: queue desk -> queue night' 's/queue desk/queue night/'
differs 0 '' 's/min: 4, max: 12/max: 12, min: 4/'
differs 1 'ivr.digits: argument: gone: min: 4' 's/min: 4, //'
differs 1 'main: "1": step: gone: priority += b' 's/priority += b/stop "one"/'
differs 1 'main: prefix "2": stop: reason: "two" -> "2"' 's/stop "two"/stop "2"/'
differs 1 'main: race: delay 3s: step: new: stop "late"' 's/3s -> {}/3s -> stop "late";/'
differs 1 'main, on signal left: stop: reason: "left" -> "gone"' 's/stop "left"/stop "gone"/'
differs 1 'record Row: field: tier: str -> tier: str?' 's/tier: str /tier: str? /'
differs 1 'record Row: record: record Row' 's/name: str; tier: str/tier: str; name: str/'
differs 1 'enum Tier: word: new: iron' 's/silver/silver, iron/'
mkdir -p old/holidays && echo 2026-12-25 >old/holidays/FR.txt && printf 'number,reason\n1,a\n2,b\n3,c\n' >old/blocked.csv
cat >old/site.gcx <<'GCX'
site {
    default timeout 10m; default zone "Europe/Paris"; queue desk, other;
    parameter share: percent(0%..100%) = 50% edit supervisor;
    schedule hours zone "Europe/Paris" { mon..fri 08:00..18:00; holidays FR closed; }
    table blocked from "blocked.csv" { key number: str; reason: str }
    counter tries over 24h; endpoint parcel(number: str): map<value> = get "https://parcels.example/{number}";
}
GCX
cat >old/main.gcx <<'GCX'
function double(n: int): int { return 2 * n; }
strategy main on voice {
    let low = 1;
    let high = double(low);
    if ani in blocked or hours.closed() { stop "{double(n: high)}"; }
    split by ani { share -> route queue desk else {}; 20% -> route queue other else {}; else -> stop "x"; }
    segment ani { prefix "+33" -> stop "33"; match "5$" -> stop "5"; "1" -> stop "1"; "2" -> stop "2"; }
    route queue desk;
}
GCX
# sites STATUS TEXT FILE SCRIPT: the site and what sed makes of one of its files differ so; '': in nothing.
sites() {
    rm -rf new && cp -r old new && sed "$4" "old/$3" >"new/$3"
    "$gcxc" diff old/main.gcx new/main.gcx >said 2>why
    found=$?
    if [ -n "$2" ]; then grep -qF -e "$2" said && [ "$(wc -l <said)" -eq 1 ]; else [ ! -s said ]; fi && [ $found -eq "$1" ] && return
    echo "FAILED $3, $4: status $found, expected $1 and '$2'"
    cat said why
    failed=$((failed + 1))
}
sites 1 'parameter share: value: 50% -> 40%' site.gcx 's/50%/40%/'
sites 1 'parameter share: edit: supervisor -> planner' site.gcx 's/supervisor/planner/'
sites 1 'default timeout: value: 10m -> 5m' site.gcx 's/10m/5m/'
sites 1 'default zone: value: gone: "Europe/Paris"' site.gcx 's/default zone "Europe.Paris"; //'
sites 1 'counter tries: window: over 24h -> over 12h' site.gcx 's/24h/12h/'
sites 1 'endpoint parcel: method: get -> post' site.gcx 's/= get/= post/'
sites 1 'schedule hours: zone: Europe/Paris -> Europe/Rome' site.gcx 's|hours zone "Europe/Paris|hours zone "Europe/Rome|'
sites 1 'schedule hours: hours: mon..fri 08:00..18:00; -> mon..fri 08:00..19:00;' site.gcx 's/18:00/19:00/'
sites 1 'schedule hours: holidays FR: new: 2026-12-26' holidays/FR.txt '$a 2026-12-26'
sites 1 'table blocked: row: 2, b -> 2, z' blocked.csv 's/,b/,z/'
sites 1 'table blocked: row: gone: 3, c' blocked.csv '/3/d'
sites 0 '' blocked.csv '2{h; d}; 3G'
# A row is told however many columns the file has.
for columns in 79 300; do
    sed -i "1s/\$/$(seq -s, "$columns" | sed 's/[0-9]*/c&/g; s/^/,/')/; 2,\$ s/\$/$(seq -s, "$columns" | sed 's/^/,/')/" old/blocked.csv
    sites 1 'table blocked: row: 2, b, 1, 2, ' blocked.csv '3s/,70,/,other,/'
    printf 'number,reason\n1,a\n2,b\n3,c\n' >old/blocked.csv
done
sites 0 '' main.gcx 's/double(n: int)/double(of: int)/; s/2 \* n/2 * of/; s/n: high/of: high/'
sites 0 '' main.gcx 's/double/twice/; s/double/twice/2'
sites 0 '' main.gcx 's/double/twice/g; s/low/little/g; s/high/much/g'
sites 0 '' main.gcx 's/"1" -> stop "1"; \("2" -> stop "2";\)/\1 "1" -> stop "1";/'
sites 1 'strategy main: order: prefix "+33" -> stop "33"; -> at another place among the arms' main.gcx 's/\(prefix "+33" -> stop "33";\) \(match "5." -> stop "5";\)/\2 \1/'
sites 1 'strategy main: order: share -> route queue desk else {}; -> at another place' main.gcx 's/\(share -> [^;]*;\) \(20% -> [^;]*;\)/\2 \1/'
sites 1 ': label: new: parting' main.gcx 's/split by/parting: split by/'
# However many names have another word now: of constants, functions that call each other, variables of one body.
for i in $(seq 1 10000); do echo "const OLD_$i = $i;"; done >many.gcx
for i in $(seq 2 12); do echo "function old_$i(): int { return old_$((i - 1))() + 1; }"; done >>many.gcx
{
    echo 'function old_1(): int { return OLD_1; } strategy s on voice {'
    for i in $(seq 1 250); do echo "let old_var_$i = old_12() + $i;"; done
    echo 'stop "{old_var_250}"; }'
} >>many.gcx
sed 's/OLD_/NEW_/g; s/old_/new_/g' many.gcx >others.gcx
soon 20 "$gcxc" diff many.gcx others.gcx >said 2>&1 && [ ! -s said ] || { echo "FAILED: many names"; head said; failed=$((failed + 1)); }
# Two variables do not become one, and one of two does not become the other.
cat >first.gcx <<'GCX'
strategy s on voice {
    let a = 1; let b = 2;
    if ani == "1" { let c = 3; priority += c; } else { let c = 4; priority += c; }
    priority += a;
    stop "{b}";
}
GCX
sed 's/\ba\b/x/g; s/\bb\b/y/g; s/\bc\b/z/g' first.gcx >second.gcx
"$gcxc" diff first.gcx second.gcx >said 2>&1 && [ ! -s said ] || { echo "FAILED: three variables"; cat said; failed=$((failed + 1)); }
sed -i 's/priority += x/priority += y/' second.gcx
"$gcxc" diff first.gcx second.gcx | grep -q 'priority +=: value: a -> y' || { echo "FAILED: another variable"; failed=$((failed + 1)); }
# What a function reads is read where it is called.
cat >reads.gcx <<'GCX'
function level(): int { return priority; }
strategy s on voice {
    priority = 5;
    let then = level();
    attach user_data["level"] = then;
    stop "{then}";
}
GCX
sed '/priority = 5/d; s/let then.*/& priority = 5;/' reads.gcx >later.gcx
"$gcxc" diff reads.gcx later.gcx | grep -q 'order: before let then = level -> after' ||
    { echo "FAILED: a function reads what is set before it"; failed=$((failed + 1)); }
mkdir media renumbered
mkdir ordered reordered
printf 'site { vq a, b; order for agents { vq a; vq b after 1m; others never; } }\n' >ordered/site.gcx
sed 's/1m/2m/' ordered/site.gcx >reordered/site.gcx
"$gcxc" diff ordered reordered | grep -qF 'order for agents: rule: vq b after 1m -> vq b after 2m' || { echo "FAILED the order for agents"; failed=$((failed + 1)); }
printf 'site { queue a; medium claims = 1; }\nstrategy s on claims { route queue a; }\n' >media/site.gcx
sed 's/= 1/= 2/' media/site.gcx >renumbered/site.gcx
"$gcxc" diff media renumbered | grep -q 'medium claims: number: 1 -> 2' ||
    { echo "FAILED: a medium with another number"; failed=$((failed + 1)); }
"$gcxc" diff enterprise.gcx >/dev/null 2>&1
[ $? -eq 2 ] || { echo "FAILED: one file"; failed=$((failed + 1)); }
echo "$failed failed"
[ $failed -eq 0 ]
