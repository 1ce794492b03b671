#!/bin/bash
# tests/promises/frozen.sh - An agent who is lent to another domain has work of one domain at a time, also when a whole gcxvm
# stands still for longer than her lease, and goes on: that of the domain which has her, to which its adapter brings a message
# for her meanwhile; and that of her home, with its adapters, where the other domain has more for her as the lease ends.
# It leaves out: media other than multimedia messages, domains on several machines, a database that is away, a node that is
# killed while another one stands still; gcxproving (tests/proving) has loans in a world that breaks.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "$top_srcdir/tests/flows/domains_common.sh"
lease=30000 # the lead is no matter here

stopped=
# freezes NODE DOMAIN [alone]: its gcxvm stands still, and its adapters, too, if not alone. wakes: what stands still goes on.
freezes() {
    stopped=${node_pid[$1-$2]}
    [ -n "${3-}" ] || stopped="$stopped $(at "$1-$2" status --json | sed -n 's/^ *"pid": \([0-9]*\),\{0,1\}$/\1/p')"
    kill -STOP $stopped
}
wakes() { kill -CONT $stopped; stopped=; }
eval "ends_all() $(declare -f also_end | tail -n +2)"
also_end() { [ -z "$stopped" ] || wakes 2>/dev/null; ends_all; }
# waits NODE DOMAIN NUMBER: what came to that number waits there for an agent.
waits() {
    at "$1-$2" interactions --live --json |
        awk -v to="\"dnis\": \"+$3\"" 'BEGIN { RS = "}" } index($0, to) && /"step": "select"/ { found = 1 } END { exit !found }'
}
is_gone() { at "$1-$2" interactions --live --json >"$dir/live" && ! grep -q "\"$3\"" "$dir/live"; }
invited() { grep -c ' Invite ' "$dir/west-2.log"; } # by domain 2, so often
lent() {
    at east-1 lend marie 2 10m --lease 5s >"$dir/told" || say_failed "she cannot be lent: $(cat "$dir/told")"
    await says west 2 '"lent_here": true'
}

for node in 'east 1' 'west 2'; do desks=1 node_start $node; done
await leads east 1
await leads west 2
ln -sfn port.east "$dir/port"
"$gcxvm" --assign queue:there=2 "$dir/east-1.conf"
she_comes east west
await says east 1 '"not_chosen": null'

echo "the domain to which she is lent stands still"
lent
freezes west 2 alone
comes 1 1 4930125
comes 2 2 4930126 # its adapter brings it there within the lease
await offered east 1 4930125
wakes
await waits west 2 4930126
says west 2 '"lent_here": false' && says west 2 '"claims": 0' || say_failed "domain 2 has her still: $(cat "$dir/told")"
[ "$(invited)" = 0 ] || say_failed "domain 2 has offered her something, too"
says east 1 '"claims": 1' || say_failed "her home offers her nothing any more: $(cat "$dir/told")"
at east-1 end "$id" >"$dir/told" || say_failed "$(cat "$dir/told")"
await is_gone east 1 "$id"

echo "her home stands still"
lent
await offered west 2 4930126
comes 3 3 4930126
await waits west 2 4930126
comes 4 4 4930125
await waits east 1 4930125
freezes east 1
await says west 2 '"lent_here": false'
at west-2 end "$id" >"$dir/told" || say_failed "$(cat "$dir/told")"
await is_gone west 2 "$id"
waits west 2 4930126 && says west 2 '"claims": 0' && [ "$(invited)" = 1 ] || say_failed "domain 2 gives her work after the lease: $(cat "$dir/told")"
wakes # the loan goes on, with another lease
await offered west 2 4930126
says east 1 '"claims": 0' || say_failed "her home gives her work, too: $(cat "$dir/told")"
at east-1 recall marie || say_failed "she cannot be recalled"
await says west 2 '"lent_here": false'
at west-2 end "$id" >"$dir/told" || say_failed "$(cat "$dir/told")"
await offered east 1 4930125
[ "$(invited)" = 2 ] || say_failed "domain 2 has offered her $(invited) things, not two"
finish
