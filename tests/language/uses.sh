#!/bin/sh
# gcxc uses: who depends on a name, with its place, in what, and what for.
. "$(dirname "$0")/common.sh"
first_site "$work"
cd "$work" || exit 1
sed -i 's/skill English,/group "Night \& <day>"; skill English,/' site.gcx
cat >more.gcx <<'GCX'
const patience = 5m;
record Ticket { id: str; of: Reason? }
record Reason { text: str }
function longer(d: duration): duration { return d + patience; }
subroutine greet() { ivr.play(prompt hold) else {}; }
strategy more on voice {
    attached { account: str }
    greet() else {};
    let patient = longer(patience) > 1m;
    let Reason = "a name of its own";
    if patient and Reason == "x" { attach account = "1"; }
    let who = select in vq service { group "Night & <day>"; skill French >= 1; } timeout patience else stop "none";
    route who else stop "none";
    on abandoned { attach account = "2"; }
}
GCX

# uses STATUS EXPECTED ARGUMENT...: what is said is EXPECTED, lines with one of '|' each.
uses() {
    status=$1
    printf '%s' "$2" | tr '|' '\n' >expected
    shift 2
    "$gcxc" uses "$@" >said 2>why
    found=$?
    [ -s expected ] && echo >>expected
    [ $found -eq "$status" ] && cmp -s expected said && return
    echo "FAILED uses $*: status $found, expected $status"
    diff expected said
    cat why
    failed=$((failed + 1))
}

uses 0 'more.gcx:12:67: skill French: strategy more, for line of a selection' French more.gcx
uses 0 'more.gcx:12:44: group Night & <day>: strategy more, for line of a selection' 'Night & <day>' more.gcx
uses 0 'more.gcx:4:53: const patience: function longer, for return|more.gcx:9:26: const patience: strategy more, for longer|more.gcx:12:90: const patience: strategy more, for timeout' patience more.gcx
uses 0 'more.gcx:9:19: function longer: strategy more, for let patient' longer more.gcx
uses 0 'more.gcx:8:5: subroutine greet: strategy more, for call' subroutine greet more.gcx
uses 0 'more.gcx:2:30: record Reason: record Ticket, for type of of' Reason more.gcx
uses 0 'more.gcx:11:43: key account: strategy more, for attach|more.gcx:14:27: key account: strategy more, on abandoned, for attach' key account more.gcx
uses 0 'enterprise.gcx:9:39: prompt language: strategy enterprise, for ivr.menu' prompt language enterprise.gcx
uses 0 'enterprise.gcx:12:29: source customers: strategy enterprise, for query first|tests.gcx:7:11: source customers: test "a gold French caller reaches Marie", for answer' customers enterprise.gcx tests.gcx
uses 0 'tests.gcx:11:10: strategy enterprise: test "a gold French caller reaches Marie", for call' enterprise tests.gcx
uses 1 '' group overflow more.gcx
grep -q "nothing depends on group overflow" why || { cat why; failed=$((failed + 1)); }
uses 1 '' skill language enterprise.gcx
grep -q "there is no skill language" why || { cat why; failed=$((failed + 1)); }
cat >counted.gcx <<'GCX'
site { vq v; group sales; queue desk; default timeout 10m; counter lost; capacity blended { voice 1; }
    statistic occupancy(agent, group) = busy_time / login_time over 15m;
    latch quiet = occupancy(group sales) < 60% until lost > 3; }
strategy s on voice {
    count lost;
    connect in vq v { group sales where occupancy < 85%; group sales where it.occupancy < 80%; } until quiet else {};
    route queue desk;
}
test "t" {
    agent marie ready capacity blended;
    statistic occupancy(group sales) = 80%;
    call s from "1" to "2";
    expect routed to queue desk;
}
GCX
uses 0 'counted.gcx:3:54: counter lost: site, for latch quiet|counted.gcx:5:11: counter lost: strategy s, for count' --site counted.gcx lost counted.gcx
uses 0 'counted.gcx:3:19: statistic occupancy: site, for latch quiet|counted.gcx:6:41: statistic occupancy: strategy s, for line of a selection|counted.gcx:6:79: statistic occupancy: strategy s, for line of a selection|counted.gcx:11:15: statistic occupancy: test "t", for statistic' --site counted.gcx occupancy counted.gcx
uses 0 'counted.gcx:6:104: latch quiet: strategy s, for until' --site counted.gcx quiet counted.gcx
uses 0 'counted.gcx:10:32: capacity blended: test "t", for actor' --site counted.gcx capacity blended counted.gcx
cat >marked.gcx <<'GCX'
site { queue desk; default timeout 10m; signal paid(amount: int); }
enum Tier { gold, silver }
native function luhn(number: str): bool from "checks";
strategy s on voice {
    attached { tier: Tier; account: str }
    attach tier = Tier.gold;
    if tier == silver or luhn(ani) { stop "x"; }
    route queue desk;
    on signal paid (p) { stop "{p.amount}"; }
}
test "t" {
    call s from "1" to "2" with (account: "1");
    after 1s: signal paid(1);
    expect routed to queue desk;
}
GCX
uses 0 'marked.gcx:5:22: enum Tier: strategy s, for type of tier|marked.gcx:6:19: enum Tier: strategy s, for attach|marked.gcx:7:16: enum Tier: strategy s, for if' --site marked.gcx Tier marked.gcx
uses 0 'marked.gcx:6:24: word gold: strategy s, for attach' --site marked.gcx gold marked.gcx
uses 0 'marked.gcx:7:16: word silver: strategy s, for if' --site marked.gcx word silver marked.gcx
uses 0 'marked.gcx:7:26: function luhn: strategy s, for if' --site marked.gcx native luhn marked.gcx
uses 0 'marked.gcx:12:34: key account: test "t", for call' --site marked.gcx account marked.gcx
uses 0 'marked.gcx:9:15: signal paid: strategy s, on signal paid, for handler|marked.gcx:13:22: signal paid: test "t", for signal' --site marked.gcx paid marked.gcx
cat >fields.gcx <<'GCX'
site { queue desk; default timeout 10m; signal paid(amount: int); table plan { key number: str; tier: str } }
record Customer { name: str; tier: str; at: Address? }
record Address { city: str; tier: str }
function mine(): Customer { return Customer(name: "x", tier: "gold", at: none); }
strategy s on voice {
    attached { tier: str; c: Customer }
    attach c = mine();
    if c.tier == "gold" { attach tier = "{c.name}"; }
    let city = (mine().at?.city else "none");
    let row = plan[city];
    if row != none { stop row.tier; }
    route queue desk;
    on signal paid (p) { stop "{p.amount}"; }
}
test "t" {
    call s from "1" to "2" with (c: Customer("x", "y", none));
    expect routed to queue desk;
    expect c.tier == "gold";
    expect c.at.city == "Lyon";
}
GCX
uses 0 'fields.gcx:4:56: field Customer.tier: function mine, for Customer|fields.gcx:8:10: field Customer.tier: strategy s, for if|fields.gcx:18:14: field Customer.tier: test "t", for expect' --site fields.gcx Customer.tier fields.gcx
uses 0 'fields.gcx:4:56: field Customer.tier: function mine, for Customer|fields.gcx:8:10: field Customer.tier: strategy s, for if|fields.gcx:11:31: field plan.tier: strategy s, for stop|fields.gcx:18:14: field Customer.tier: test "t", for expect' --site fields.gcx field tier fields.gcx
uses 0 'fields.gcx:8:34: key tier: strategy s, for attach' --site fields.gcx key tier fields.gcx
uses 0 'fields.gcx:9:28: field Address.city: strategy s, for let city|fields.gcx:19:17: field Address.city: test "t", for expect' --site fields.gcx city fields.gcx
uses 0 'fields.gcx:13:35: field paid.amount: strategy s, on signal paid, for stop' --site fields.gcx paid.amount fields.gcx
uses 1 '' --site fields.gcx Address.tier fields.gcx
grep -q "nothing depends on 'Address.tier'" why || { cat why; failed=$((failed + 1)); }
uses 1 '' --site fields.gcx field Address.name fields.gcx
grep -q "there is no field Address.name" why || { cat why; failed=$((failed + 1)); }
cat >filled.gcx <<'GCX'
site { source crm schema "customers.sql"; queue desk; default timeout 10m; }
record Customer { name: str; tier: str }
strategy s on voice {
    let found = query crm first Customer `select name, tier from customer where account = {ani}` else none;
    if found?.name == "x" { stop "x"; }
    let other = query crm value str `select name from customer where account = {ani}` else none;
    stop (other else "none");
}
GCX
cp "$source/tests/language/customers.sql" .
uses 0 'filled.gcx:4:33: field Customer.tier: strategy s, for query first' --site filled.gcx Customer.tier filled.gcx
cat >media.gcx <<'GCX'
site { queue claims; default timeout 10m; medium claims = 1; capacity both { claims 2; voice 1; } }
strategy s on claims, fax {
    if media == claims { priority = 1; }
    route queue claims;
}
test "t" { claims s from "web"; expect routed to queue claims; }
GCX
uses 0 'media.gcx:1:78: medium claims: site, for capacity both|media.gcx:2:15: medium claims: strategy s, for strategy s|media.gcx:3:17: medium claims: strategy s, for if|media.gcx:4:17: queue claims: strategy s, for route|media.gcx:6:12: medium claims: test "t", for arrival or happening|media.gcx:6:56: queue claims: test "t", for expect' --site media.gcx claims media.gcx
uses 2 '' --site marked.gcx colour voice marked.gcx
grep -q "'colour' is no kind of name" why || { cat why; failed=$((failed + 1)); }
uses 2 '' language
uses 2 '' language nothere.gcx
if command -v jq >/dev/null; then
    "$gcxc" uses --format json French enterprise.gcx tests.gcx >told.json || { echo "FAILED json"; failed=$((failed + 1)); }
    jq -e '[.uses[] | [.file, .line, .column, .kind, .name, .for]] == [["enterprise.gcx", 9, 81, "skill", "French", "ivr.menu"],
        ["tests.gcx", 5, 18, "skill", "French", "actor"]]' told.json >/dev/null || { cat told.json; failed=$((failed + 1)); }
    "$gcxc" uses --format json nobody enterprise.gcx 2>/dev/null | jq -e '.uses == []' >/dev/null || failed=$((failed + 1))
fi
echo "$failed failed"
[ $failed -eq 0 ]
