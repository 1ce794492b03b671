#!/bin/bash
# A backup restores: mails come and are answered before a backup and after it; then the machine's state folder is lost.
# The backup is put back while nothing runs, and refused while something does. Each customer's mail is in the core again,
# none of them is answered twice, and no id is given a second time. Then contact store and calling lists are lost, too: the
# same backup has them, from PostgreSQL and from SQLite.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/postgres_common.sh"
. "$top_srcdir/tests/flows/email_common.sh"
also_end() { mail_end; pg_end; }
pg_begin || cleanup 1
PATH=$pg_bin:$PATH
store="host=$pg_socket port=$pg_port dbname=crm user=gcx"
make_mails "" "$store"
printf 'number\n+33140000001\n+33140000002\n' >"$dir/people.csv"
"$top_builddir/gcxlists" import "sqlite:$dir/lists" people "$dir/people.csv" >"$dir/import" 2>&1 || { say_failed "no list"; cat "$dir/import"; }
cat >>"$dir/gcx.conf" <<CONF
adapter dialer {
  plugin = "$top_builddir/.libs/dialer.so"
  lists = "sqlite:$dir/lists"
}
CONF
state=$dir/state

# write NAME...: a mail from NAME, which is acknowledged, and in the hands of the core.
write() {
    for name; do post "$name"; done
    for name; do await answered "$name"; done
}
post() {
    deliver --from "$1@example.org" --h-From "$1@example.org" --header "Message-Id: <$1@example.org>" --body "from $1" ||
        { say_failed "the mail of $1 was not taken"; cat "$dir/swaks"; }
}
# waiting COUNT: so many mails wait at the desk, behind their acknowledgement.
waiting() { [ "$(ctl interactions --live --json | grep -c '"owner": "desk"')" = "$1" ]; }
# once NAME...: one that a mail server took as its sender was killed comes again under its Message-ID, and counts once.
once() {
    for name; do
        different=$(grep -h -i '^Message-Id:' "$dir/mail/box/$name"/new/* | sort -u | wc -l)
        [ "$different" = 1 ] || { say_failed "$name was answered $different times"; cat "$dir/mail/box/$name"/new/*; }
    done
}
ids() { ctl interactions --json | sed -n 's/^ *"ixn": "\(.*\)",*/\1/p' | sort; }
up() {
    : >"$dir/log"
    rm -f "$dir/port"
    start
    await test -s "$dir/port"
}
# The machine dies: the daemon, and the adapters with it.
die() {
    adapters=$(ctl status --json | sed -n 's/^ *"pid": \([0-9]*\),\{0,1\}$/\1/p' | grep -v "^$vm\$")
    kill -9 $vm $adapters
    wait "$vm" 2>/dev/null
    vm=
    for pid in $adapters; do await is_dead "$pid"; done
}
is_dead() { ! kill -0 "$1" || grep -q '^State:.Z' "/proc/$1/status"; } # or nobody has asked how it ended

up
write anna bert
await waiting 2
expect_exit 0 ctl backup "$dir/copy"
expect_exit 1 ctl backup "$dir/copy" # it is there
expect 'not the whole path' ctl backup copy
write carl dora
await waiting 4
# An agent has answered bert, and the desk has noted the end.
pg_sql -c "update interactions set ended = 1, result = 'answered' where external_id = 'bert@example.org'"
ctl end "$(ids | sed -n 2p)" >/dev/null
ids >"$dir/before"
expect 'stop it first' "$gcxctl" restore "$dir/copy"

# The state folder is lost.
die
rm -rf "$state"
mv "$dir/copy/backup" "$dir/manifest"
expect 'is no whole backup' "$gcxctl" restore "$dir/copy"
mv "$dir/manifest" "$dir/copy/backup"
mv "$dir/copy/state/site.key" "$dir/site.key"
expect 'nothing was changed' "$gcxctl" restore "$dir/copy"
mv "$dir/site.key" "$dir/copy/state"
expect_exit 0 "$gcxctl" restore "$dir/copy"
grep -q 'email.store.pgdump: it is there, and stays' "$dir/output" || { say_failed "the store was not left"; cat "$dir/output"; }
up
await logged 'was put back from a copy'
await logged '2 mails that the contact store has open were not known to the core: 2 of them are now'
await logged 'mail bert@example.org has ended since'
await waiting 3
once anna bert carl dora
# 1 and 2 are of the backup; 3 and 4 were carl and dora, and are nobody now.
[ "$(ids | grep -c -x -f "$dir/before")" = 2 ] || { say_failed "an id was given a second time"; ids; cat "$dir/before"; }
write emil
await waiting 4

# The same again, each time with a backup of its own and a mail after it ($ROUNDS, 1 by default). The mail ends in
# core and store, so that the last round costs what the first one did. The machine dies when the mail was acknowledged, as
# soon as it was taken, or while the mail server is away and the acknowledgement waits. An administrator who puts a
# backup back by hand needs longer than the lease of the lost core lasts; so the lease is ended here.
ended() { [ "$(pg_sql -c "select count(*) from interactions where external_id = '$1@example.org' and ended is not null")" = 1 ]; }
for ((round = 1; round < ${ROUNDS-1}; round++)); do
    expect_exit 0 ctl backup "$dir/copy$round"
    case $((round % 3)) in
    0) write "r$round" ;;
    1) post "r$round" ;;
    2) kill -KILL "$exim"; wait "$exim" 2>/dev/null; post "r$round" ;;
    esac
    die
    [ $((round % 3)) != 2 ] || exim_start
    pg_sql -c "update served set until = 0"
    rm -rf "$state"
    expect_exit 0 "$gcxctl" restore "$dir/copy$round"
    rm -rf "$dir/copy$round"
    up
    await answered "r$round"
    await waiting 5
    once anna bert carl dora emil "r$round"
    expect_exit 0 ctl end "$(pg_sql -c "select ixn from interactions where external_id = 'r$round@example.org'")"
    await ended "r$round"
    await waiting 4
done
for ((round = 1; round < ${ROUNDS-1}; round++)); do once "r$round"; done

# Power fails while it moves: nobody begins with a part of it.
die
mkdir "$state/restored.moves" && mv "$state"/journal.* "$state/restored.moves"
expect 'a restore did not end: do it again' "$gcxvm" "$dir/gcx.conf"
expect_exit 0 "$gcxctl" restore "$dir/copy"
[ ! -e "$state/restored.moves" ] || say_failed "the restore has not ended"

# The same backup once more, onto another disk: store and lists are lost, too. It has what was there when it was made.
rm -rf "$state" "$dir"/lists*
"$pg_bin/dropdb" --force -h "$pg_socket" -p "$pg_port" -U gcx crm && "$pg_bin/createdb" -h "$pg_socket" -p "$pg_port" -U gcx crm
expect_exit 0 "$gcxctl" restore "$dir/copy"
[ "$(grep -c ': put back$' "$dir/output")" = 2 ] || { say_failed "the databases were not put back"; cat "$dir/output"; }
expect 'people' "$top_builddir/gcxlists" lists "sqlite:$dir/lists"
expect 'email in' "$top_builddir/gcxstore" search "$store" anna
up
await waiting 2
once anna bert carl dora emil
write fred # whose mail has an id that neither the first life of that backup nor the second has given
[ "$(ids | sort -u | wc -l)" = "$(ids | wc -l)" ] || say_failed "an id stands twice"
ids | tail -n 1 | grep -q -x -f "$dir/before" && say_failed "an id was given a second time"
stop 0

# --all puts back what is there, and sets it aside; also where the connection string leaves the database to PGDATABASE.
sed -i "s/ dbname=crm / /" "$dir/gcx.conf"
export PGDATABASE=crm
expect_exit 0 "$gcxctl" restore "$dir/copy" --all
[ "$(grep -c ': put back$' "$dir/output")" = 2 ] || { say_failed "not all was put back"; cat "$dir/output"; }
ls "$dir"/lists.before-* "$state"/before-*/email.store.pgdump >/dev/null || say_failed "what was there is not set aside"
[ "$(pg_sql -c "select count(*) from interactions where external_id like 'fred@%'")" = 0 ] || say_failed "the store is not that of the backup"
expect_exit 0 "$gcxvm" --verify "$dir/gcx.conf"
finish
