#!/bin/bash
# A customer's mail is in the hands of the core, or listed as an orphan: the adapter dies between contact store and core, and
# the sender does not come again; daemon or adapter are killed while mails come ($ROUNDS times); the state folder is lost; it
# is put back from before the mails; the contact store is lost. No mail is in the core twice, and none is answered twice but
# where the kill came between the word of the mail server that has taken the answer and its note.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/email_common.sh"
command -v sqlite3 >/dev/null || cleanup 77
store=sqlite:$dir/contacts
make_mails "submit_timeout = \"2\"" "$store"
state=$dir/state
ROUNDS=${ROUNDS-4}

# post NAME: a mail from NAME, whose server sends the same bytes until they are taken; true: it was taken.
date=$(date -R)
post() { deliver --h-Date "$date" --h-Subject "of $1" --from "$1@example.org" --h-From "$1@example.org" --header "Message-Id: <$1@example.org>" --body "from $1"; }
desk() { ctl interactions --live --json | grep -c '"owner": "desk"'; }
waiting() { [ "$(desk)" = "$1" ]; }
kept() { "$top_builddir/gcxstore" search "$store" "$1" | grep -q 'email in'; }
once() { for name; do [ "$(answers_of "$name")" = 1 ] || say_failed "$name was answered $(answers_of "$name") times"; done; }
reconciled() { ctl reconcile | grep -q '^no orphans'; }
adapter() { ctl status --json | sed -n 's/^ *"pid": \([0-9]*\),\{0,1\}$/\1/p' | grep -v "^$vm\$" | head -n 1; }
up() {
    rm -f "$dir/port"
    start
    await test -s "$dir/port"
}
die() { kill -9 "$vm" $(adapter); wait "$vm" 2>/dev/null; vm=; }

# Between contact store and core: the core stands still, and the adapter dies. Its sender is gone.
up
post anna || say_failed "anna"
await waiting 1
pid=$(adapter)
kill -STOP "$vm"
post bert & poster=$!
await kept bert
expect "the router was never told of it" "$top_builddir/gcxstore" check "$store"
kill -KILL "$pid" "$poster"
wait "$poster" 2>/dev/null
kill -CONT "$vm"
await waiting 2
await answered bert
await reconciled
expect_exit 0 "$gcxvm" --export "$dir/copy" "$dir/gcx.conf"
cp "$state/site.key" "$dir/copy"

# Killed while mails come: those that were taken are there, and none twice.
round=0 names=
while [ "$round" -lt "$ROUNDS" ]; do
    round=$((round + 1)) name=r$round
    post $name & poster=$!
    [ $((round % 3)) != 0 ] || await kept $name
    case $((round % 2)) in
        0) pid=$(adapter); [ -z "$pid" ] || kill -KILL $pid; rm -f "$dir/port" ;;
        1) die; up ;;
    esac
    wait "$poster"
    await test -s "$dir/port"
    await post $name # as its server does, until it was taken
    names="$names $name"
done
await waiting $((2 + ROUNDS))
for name in $names; do await answered $name; done
once anna bert
await reconciled

# The state folder is lost: all that stands open in the store is in the core again.
die
rm -rf "$state"
up
await waiting $((2 + ROUNDS))
once anna bert
await reconciled

# It is put back from before the mails of the rounds. While nothing runs, they are listed.
stop 0
rm -rf "$state"
cp -r "$dir/copy" "$state"
expect "orphan in the contact store: interaction" "$gcxvm" --reconcile "$dir/gcx.conf"
# A hundred lines at most, and how many more there are.
orphans=$("$gcxvm" --reconcile "$dir/gcx.conf" | awk '/email .*not known to the core/ { count++ } /^and [0-9]+ more$/ { count += $2 } END { print count }')
[ "$orphans" = "$ROUNDS" ] || say_failed "$orphans orphans are listed, and not $ROUNDS"
up
await waiting $((2 + ROUNDS))
once anna bert
await reconciled
[ "$(ctl interactions --live --json | sed -n 's/^ *"ani": "\(.*\)",*/\1/p' | sort | uniq -d)" = '' ] || say_failed "a mail is in the core twice"

# The contact store is lost: the core's mails are listed.
stop 0
rm -f "$dir"/contacts*
"$top_builddir/gcxstore" migrate "$store" >/dev/null
up
expect "orphan in the core: 1-" ctl reconcile
expect "of which the contact store has nothing" ctl reconcile
sqlite3 -cmd ".timeout 9000" "$dir/contacts" "INSERT INTO interactions(tenant, media, external_id, direction, received, messages)
    VALUES ('', 'email', '<untold@example.org>', 'in', 1, 1)"
expect "UTC, not known to the core" ctl reconcile
stop 0
finish
