#!/bin/bash
# tests/flows/domains.sh - Two domains over two nodes, on one PostgreSQL: east leads domain 1, west leads domain 2, and each
# follows the other. Messages come to domain 1 and are routed to a queue of domain 2; each is there once, with its data,
# though the one leader is killed and then the other one, the database is away, and the adapter of domain 2 is cut off from
# it for longer than what is on its way waits for it. Then an agent who is at a desk of both is lent, recalled, and lent to a
# domain that dies.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "$top_srcdir/tests/flows/domains_common.sh"

"$gcxvm" --assigned /dev/null >"$dir/told" 2>&1 && say_failed "without a configuration there is no directory"
node_start east 1
await leads east 1
node_start west 2
await leads west 2
node_start west 1 && node_start east 2
expect 'expected queue:NAME=DOMAIN' "$gcxvm" --assign desk=2 "$dir/east-1.conf"
"$gcxvm" --assign queue:desk=2 "$dir/east-1.conf" || say_failed "the queue cannot be assigned"
expect 'queue:desk=2' "$gcxvm" --assigned "$dir/west-2.conf"
expect 'hidden characters' "$gcxvm" --assign $'queue:de\nsk=2' "$dir/east-1.conf"
sed "s|^adapter domains .*|adapter domains { database = \"sqlite:$dir/other.db\" }|" "$dir/east-1.conf" >"$dir/other.conf"
"$gcxvm" --assign queue:desk=7 "$dir/other.conf" || say_failed "the adapter's own database is not taken"
expect 'queue:desk=7' "$gcxvm" --assigned "$dir/other.conf"
expect 'queue:desk=2' "$gcxvm" --assigned "$dir/east-1.conf"

echo "messages go from domain 1 to domain 2"
ln -sfn port.east "$dir/port"
comes 1 5
await queued west 2 desk 5
await queued east 1 desk 0
# fields NODE KIND: those that the first of that kind has there.
fields() { grep -m 1 " $2 r" "$dir/$1.log" | sed "s/.* $2 //; s/{[^}]*}//g" | tr ' ' '\n' | sed 's/=.*//; s/passed_on/id/' | grep -v -e '^re[fq]$' -e '^dn$' | sort | tr '\n' ' '; }
[ "$(fields west-2 Submit)" = "$(fields east-1 PassOn)" ] || say_failed "of $(fields east-1 PassOn)there are $(fields west-2 Submit)"
expect 'broken & wet | text 3' at west-2 data 2-000000000003
comes 6 6 4930124
await queued east 1 lost 1

echo "domain 2's leader is killed while some are on their way"
await follows east 2
await follows west 1
comes 7 9 & poster=$!
node_kill west-2
wait $poster
await leads east 2
await queued east 2 desk 8

echo "domain 1's leader is killed, and the database is away"
pg_stop immediate
comes 10 12 & poster=$!
node_kill east-1
pg_start
await leads west 1
ln -sfn port.west "$dir/port"
wait $poster
comes 13 14
await queued east 2 desk 13
await queued west 1 desk 0
queued west 1 lost 1 || say_failed "what nobody takes does not stay where it was"
[ "$(pg_sql -c "select count(*) = 13 and count(distinct taken) = 13 from gcx_passage where state = 1")" = t ] ||
    say_failed "not each was taken once: $(pg_sql -c 'select id, state, taken, told from gcx_passage')"

echo "the queue gets a domain"
"$gcxvm" --assign queue:lost=2 "$dir/east-1.conf"
echo "insert into skill values ('German');" >>"$dir/one.sql" # the next look at what waits there
at west-1 reload >"$dir/told" || say_failed "$(cat "$dir/told")"
await queued east 2 lost 1
await queued west 1 lost 0

echo "east ends, one in order, and west leads both"
for name in east-1 west-2; do : >"$dir/$name.log"; done
node_start east 1 && node_start west 2
await follows west 2
node_kill east-1
node_ends east-2
await leads west 2
await queued west 2 desk 13
await queued west 2 lost 1
at west-1 cluster >"$dir/told" && grep -q 'west, process' "$dir/told" || say_failed "$(cat "$dir/told")"

# again: what waits at domain 1 goes once more, as its directory has changed.
skills=0
again() {
    echo "insert into skill values ('skill $((++skills))');" >>"$dir/one.sql"
    at west-1 reload >"$dir/told" || say_failed "$(cat "$dir/told")"
}
# come_to QUEUE COUNT: so many are at domain 2 once they were sent often enough: a slow machine may not take them in time.
come_to() { queued west 2 "$1" "$2" || { again; false; }; }
# on_its_way: the id of what is neither here nor there, in $id.
on_its_way() {
    id=$(at west-1 interactions --json | awk 'BEGIN { RS = "}" } /"state": "closing"/ && match($0, /"1-[0-9a-f]+"/) { print substr($0, RSTART + 1, RLENGTH - 2) }')
    [ -n "$id" ]
}
is_over() { ! on_its_way; }

echo "a domain that there is not"
"$gcxvm" --assign queue:lost=9 "$dir/east-1.conf"
comes 15 15 4930124
await on_its_way
expect "$id" at west-1 waits
at west-1 end "$id" >"$dir/told" || say_failed "$(cat "$dir/told")"
await is_over
node_kill west-1
back=1 node_start west 1
await leads west 1
comes 16 16 4930124
await queued west 1 lost 1
"$gcxvm" --assign queue:lost=2 "$dir/east-1.conf"
await come_to lost 2

echo "the adapter of domain 2 is cut off for longer than its rows wait"
kill -STOP "$relay"
comes 17 19
await queued west 1 desk 3
kill -CONT "$relay"
await come_to desk 16
comes 20 22 # and in their midst
kill -STOP "$relay"
none_waits() { [ "$(pg_sql -c 'select count(*) from gcx_passage where state = 0')" = 0 ]; }
await none_waits
kill -CONT "$relay"
await come_to desk 19
await queued west 1 desk 0
[ "$(pg_sql -c "select count(*) = 21 and count(distinct taken) = 21 from gcx_passage where state = 1")" = t ] ||
    say_failed "not each was taken once: $(pg_sql -c 'select id, state, taken, told from gcx_passage')"

echo "an agent is lent to domain 2, and comes back"
node_kill west-1
node_kill west-2
for domain in 1 2; do desks=1 node_start west $domain; done
await leads west 1
await leads west 2
she_comes west west
await says west 1 '"not_chosen": null'
await says west 2 'belongs to another domain, not lent'
expect 'belongs to another domain: lend them there' at west-2 lend marie 1 10m
expect 'expected another domain' at west-1 lend marie 1 10m
expect 'is not lent' at west-1 recall marie
at west-1 lend marie 2 10m >"$dir/told" || say_failed "she cannot be lent: $(cat "$dir/told")"
says west 1 '"lent_to": 2' || say_failed "she is not lent: $(cat "$dir/told")"
expect 'recall them first' at west-1 lend marie 2 10m
await says west 2 '"lent_here": true'
await grep -q 'EventLent .* from=[^ ]* until=' "$dir/west-2.log" || say_failed "the loan has no beginning: $(grep EventLent "$dir/west-2.log")"
kill -9 "$(at west-2 status --json | python3 -c 'import json, sys
print(*[one["pid"] for one in json.load(sys.stdin)["links"] if one["name"] == "domains"])')"
# lents: how often the adapter has told the newest loan.
lents() { sed -n 's/.* EventLent .* number=\([0-9]*\).*/\1/p' "$dir/west-2.log" | uniq -c | awk 'END { print $1 + 0 }'; }
told_again() { [ "$(lents)" -gt 1 ]; }
await told_again # by the adapter that is there instead
"$gcxvm" --assign queue:there=2 "$dir/west-1.conf"
comes 23 23 4930125
comes 24 24 4930126
await offered west 2 4930126
sleep 0.3 # a telling may be under way; the adapter looks each 50 ms
times=$(lents); sleep 0.5
[ "$(lents)" = "$times" ] || say_failed "what was answered is told with each look: $times, $(lents) times"
says west 1 'lent to another domain' || say_failed "domain 1 may give her work, too: $(cat "$dir/told")"
at west-1 recall marie || say_failed "she cannot be recalled"
await says west 2 '"lent_here": false'
says west 1 '"lent_to": 2' || say_failed "domain 1 has her before domain 2 is done"
at west-2 end "$id" >"$dir/told" || say_failed "$(cat "$dir/told")"
await offered west 1 4930125
at west-1 end "$id" >"$dir/told" || say_failed "$(cat "$dir/told")"
grep -q 'EventLoanAnswer .* domain=2 .*answered=true held=true' "$dir/west-1.log" ||
    say_failed "the answer is not of domain 2: $(grep EventLoanAnswer "$dir/west-1.log")"

echo "the domain to which she is lent dies"
at west-1 lend marie 2 10m --lease 5s >"$dir/told" || say_failed "$(cat "$dir/told")"
await says west 2 '"lent_here": true'
comes 25 25 4930125
node_kill west-2
says west 1 '"lent_to": 2' || say_failed "domain 1 does not wait for the end of the lease"
await offered west 1 4930125
finish
