#!/bin/bash
# An answer that an agent sent reaches the customer once, or is shown as not sent: with core, adapters and Exim killed while
# it is written and sent, with the state removed beside the same contact store, with the state restored from a backup that
# is older than what the store has, and with a contact store that is older than the state. ROUNDS: kills, 4 unless told.
. "$top_srcdir/tests/flows/answers_common.sh" || exit 1
begin
number=0
# customers COUNT: so many more, in $names.
customers() {
    names=()
    while [ ${#names[@]} -lt "$1" ]; do names+=("c$((++number))"); done
}
posted() { for name in "${names[@]}"; do post "$name"; done; }
is_submitted() { [ "$(sql "select count(*) from interactions where ixn is not null and external_id = '${names[0]}@example.org'")" = 1 ]; }
all_got() { for name in "${names[@]}"; do await got "$name" || agent shown "$name"; answered_once "$name"; done; }

echo "killed while mails are answered"
RANDOM=${SEED:-4711}
for ((round = 0; round < ${ROUNDS:-4}; round++)); do
    customers 2
    posted
    agent answer 2 &
    answering=$!
    while [ $((RANDOM % 12)) != 0 ]; do ctl status >/dev/null 2>&1; done
    case $((round % 4)) in
    0) adapter_killed email ;;
    1) vm_killed ;;
    2) adapter_killed desk ;;
    3) exim_killed ;;
    esac
    wait "$answering" || say_failed "round $round: the agent did not come through"
    all_got
done

echo "the state is removed"
for ((time = 0; time < ${ROUNDS:-4}; time += 4)); do
    ended
    rm -r "$dir/state"
    begin
    customers 3
    posted
    agent answer 3 || say_failed "the agent did not come through"
    all_got
done

echo "the state is restored from a backup that is older"
ended
cp -a "$dir/state" "$dir/backup"
begin
customers 3
posted
agent answer 3 || say_failed "the agent did not come through"
all_got
# One that is not answered yet. The copy bears no mark, and the core says all the same that it never had that mail.
customers 1
posted
await is_submitted
ended
rm -r "$dir/state" && cp -a "$dir/backup" "$dir/state"
begin
customers 4
posted
agent answer 5 || say_failed "the agent did not come through"
all_got

echo "who has the mail still is told that the answer has gone"
customers 1
posted
agent told || say_failed "the agent was not told"
all_got

echo "sent later, through kills of everything: one goes at its time, and one is taken back"
customers 2
posted
agent later 2 || say_failed "the agent did not come through"
everything_killed
begin
await got "${names[0]}"
answered_once "${names[0]}"
await eval 'boxed boss "Answer to ${names[0]}" | grep -q 1'
for copy in copy1 copy40; do await eval '[ "$(boxed $copy "Answer to ${names[0]}")" = 1 ]'; done
head=$(grep -l -r -x "Answer to ${names[0]}.\?" "$dir/mail/box/${names[0]}/new" | xargs cat)
grep -q 'boss@' <<<"$head" && say_failed "a header tells who had a blind copy"
grep -q '^Disposition-Notification-To: .*service@shop.example' <<<"$head" || say_failed "no receipt is asked for"
grep -q '^From: Shop <service@shop.example>' <<<"$head" || say_failed "From has no name: $(grep '^From:' <<<"$head")"
back=${names[1]}
agent back || say_failed "what was sent later is not taken back"
[ "$(boxed "${names[1]}" "Answer to ${names[1]}")" = 0 ] || say_failed "what was taken back was sent"

echo "refused for good"
post refused
agent answer 1 || say_failed "the agent did not come through"
await logged 'not sent: 550.*5.1.1 nobody has this address'
await eval 'agent shown nobody >"$dir/shown" && grep -q "sent To nobody@refused.example: failed: 550.*5.1.1 nobody has this address" "$dir/shown"'
grep -q '^out failed open' "$dir/shown" || { say_failed "the answer is not shown as failed"; cat "$dir/shown"; }

echo "lost on its way"
kill -STOP "$exim"
customers 2
posted
agent answer 2 || say_failed "the agent did not come through"
on_its_way() { [ "$(sql "select count(distinct interaction) from messages where kind = 'sent' and text like '%on its way'")" -ge 1 ]; }
await on_its_way
# The first one is submitted again from the store. The store lacks a part of the second, as if an earlier
# version had kept it: it is shown as not sent.
sql "update parts set role = 'none' where role = 'envelope' and interaction = (select id from interactions where address = '${names[1]}@example.org' and direction = 'out' and agent is not null)"
everything_killed
rm -r "$dir/state"
exim_killed
begin
await got "${names[0]}"
await eval 'agent shown "${names[1]}" >"$dir/shown" && grep -q "^out not sent ended" "$dir/shown"' || cat "$dir/shown"
logged 'reconcile: it is ended in the contact store as .not sent., and not submitted again' || say_failed "the log does not tell"
logged 'reconcile: the core has lost it: it is submitted again' || say_failed "the log does not tell"
[ "$(boxed "${names[1]}" "Answer to ${names[1]}")" = 0 ] || say_failed "an answer is shown as not sent, and was"

for ((n = 1; n < number; n++)); do [ "c$n" = "$back" ] || answered_once "c$n"; done
[ "$(sql "select count(*) from interactions where direction = 'out' and agent is not null and result = 'accepted' and ended is null")" = 0 ] ||
    say_failed "answers that went out have no end"

# The numbers that the core has of the contact store are other mails' afterwards.
echo "the contact store is put back from before"
ended
rm -r "$dir/state" "$dir"/contacts*
"$top_builddir/gcxstore" import "$store" "$dir/responses.csv" >/dev/null || say_failed "no responses"
cp -a "$dir/contacts" "$dir/before"
begin
kill -STOP "$exim"
for name in anna bert; do
    names=("$name")
    posted
    await is_submitted
    [ "$name" = bert ] || agent answer 1 || say_failed "the agent did not come through"
done
everything_killed
rm "$dir"/contacts* && mv "$dir/before" "$dir/contacts"
exim_killed
: >"$dir/log"
begin
await logged 'not sent: contact store'
for name in carl dora emma fred; do
    names=("$name")
    posted
    await is_submitted
done
agent release || say_failed "the agent did not come through"
await logged 'not sent: contact store: part [0-9]* is not what was written'
agent finish || say_failed "the agent did not come through" # with bert's mail, and then with carl's
agent finish || say_failed "the agent did not come through"
await eval '[ "$(sql "select count(*) from interactions where external_id like '"'carl@%'"' and ended is not null")" = 1 ]'
grep -q -s -r '^from ' "$dir/mail/box/anna" && say_failed "anna has the words of somebody else"
[ "$(sql "select count(*) from interactions where direction = 'in' and ended is not null")" = 1 ] ||
    say_failed "a mail is ended in the contact store because another one was done with"
stop 0
[ "$failures" = 0 ] && cleanup 0
tail -n 60 "$dir/log"
cleanup 1
