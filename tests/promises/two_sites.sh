#!/bin/bash
# Two sites share a contact store: neither takes the other's mails for those of a state that was lost, whether that one
# lives, has been stopped, or has a program that does not say that it has the store; each takes its own over again when
# its state folder is lost. No mail is answered twice. ROUNDS: so often a core, an adapter, Exim or a state folder of one of
# the two goes while both take a mail; 1 unless told.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/email_common.sh"
command -v sqlite3 >/dev/null || cleanup 77
store=sqlite:$dir/contacts
make_mails "submit_timeout = \"2\"" "$store"
sed "s|$dir/port|$dir/port_b|" "$dir/gcx.conf" >"$dir/b.conf"
printf 'partition = 2\nstate = "state_b"\n' | cat - "$dir/b.conf" >"$dir/b.new" && mv "$dir/b.new" "$dir/b.conf"
vm_b=
also_end() { [ -z "$vm_b" ] || { kill "$vm_b"; wait "$vm_b"; }; mail_end; }

date=$(date -R) # whoever sends again sends the same bytes
post() { deliver --h-Date "$date" --h-Subject "of $1" --from "$1@example.org" --h-From "$1@example.org" --header "Message-Id: <$1@example.org>" --body "from $1"; }
post_b() { (cp "$dir/port_b" "$dir/b/port" && dir=$dir/b && post "$1"); }
ctl_b() { "$gcxctl" --socket "$dir/state_b/admin.sock" "$@"; }
has() { [ "$("$1" interactions --live --json | grep -c '"owner": "desk"')" = "$2" ]; } # ctl or ctl_b, COUNT
up() { rm -f "$dir/port"; start; await test -s "$dir/port"; }
up_b() {
    rm -f "$dir/port_b"
    "$gcxvm" "$dir/b.conf" >>"$dir/log" 2>&1 &
    vm_b=$!
    await test -s "$dir/port_b"
}
# The second site's state folder is lost. Its own mail comes back behind those that came before it.
lose_b() {
    kill "$vm_b"
    wait "$vm_b"
    rm -rf "$dir/state_b"
    up_b
    await has ctl_b 1
    await ctl_b reconcile
    has ctl_b 1 || say_failed "the second site has mails of the first: $1"
    for name in anna bert carl; do [ "$(answers_of $name)" = 1 ] || say_failed "$name: $(answers_of $name) answers, $1"; done
}

mkdir "$dir/b"
up
for name in anna bert; do post $name || say_failed "$name"; await answered $name; done
await has ctl 2
up_b
await post_b carl
await answered carl
await has ctl_b 1
lose_b "while that lives"
expect "2 open interactions of the contact store are of other cores" ctl_b reconcile
expect "no orphans" ctl_b reconcile
expect "3 interactions stand open, 0 of them as orphans" "$top_builddir/gcxstore" check "$store"
stop 0
lose_b "while that is stopped"
# Its program is older than the table in which a core says that it has the store.
sqlite3 -cmd ".timeout 9000" "$dir/contacts" "DELETE FROM served WHERE domain = 1"
lose_b "while that says nothing"
expect "2 open interactions of the contact store are of other cores" ctl_b reconcile
expect "no orphans" ctl_b reconcile
up
await has ctl 2
expect "no orphans" ctl reconcile
for name in anna bert carl; do [ "$(answers_of $name)" = 1 ] || say_failed "$name: $(answers_of $name) answers"; done

sql() { sqlite3 -cmd '.timeout 9000' "$dir/contacts" "$1"; }
ixn_of() { sql "SELECT ixn FROM interactions WHERE external_id = '$1@example.org' AND ended IS NULL"; }
ended() { [ "$(sql "SELECT count(*) FROM interactions WHERE external_id = '$1@example.org' AND ended IS NOT NULL")" = 1 ]; }
# posted POST NAME: tried until it is taken, as a mail server does.
posted() {
    until $1 "$2" 2>/dev/null; do
        ! grep -q '^<[*~]* *5[0-9][0-9] ' "$dir/swaks" "$dir/b/swaks" 2>/dev/null || { say_failed "the mail of $2 was refused"; return; }
        sleep 0.05
    done
}
# One that a mail server took as its sender was killed comes again under its Message-ID.
once() { [ "$(grep -h -i '^Message-Id:' "$dir/mail/box/$1"/new/* | sort -u | wc -l)" = 1 ] || say_failed "$1: not one answer"; }
email_of() { "$1" status --json | sed -n 's/^ *"pid": \([0-9]*\),\{0,1\}$/\1/p' | grep -v -x -e "$vm" -e "$vm_b" | head -n 1; }
killed() { kill -KILL "$1"; wait "$1" 2>/dev/null; }
up_again() { start; } # its adapter has stayed
up_again_b() {
    "$gcxvm" "$dir/b.conf" >>"$dir/log" 2>&1 &
    vm_b=$!
    await there_b
}
there_b() { ctl_b status --json | grep -q '"ready": true'; }
# lost STATE DOMAIN PID...: core and adapter are killed, and their state folder is gone. An administrator needs longer than
# the lease lasts to put it back; so the lease is ended here.
lost() {
    local state=$1 domain=$2; shift 2
    for pid; do killed "$pid"; done
    rm -rf "$state"
    sql "UPDATE served SET until = 0 WHERE domain = $domain"
}
RANDOM=${SEED:-4711}
for ((round = 0; round < ${ROUNDS-1}; round++)); do
    posted post "a$round" & posting=$!
    posted post_b "b$round" & posting_b=$!
    while [ $((RANDOM % 6)) != 0 ]; do ctl status >/dev/null; done
    case $((round % 8)) in
    0) lost "$dir/state_b" 2 "$vm_b" "$(email_of ctl_b)"; up_b ;;
    1) killed "$vm"; up_again ;;
    2) killed "$(email_of ctl_b)" ;;
    3) killed "$exim"; exim_start ;;
    4) lost "$dir/state" 1 "$vm" "$(email_of ctl)"; up ;;
    5) killed "$vm_b"; up_again_b ;;
    6) killed "$(email_of ctl)" ;;
    7) killed "$vm"; killed "$vm_b"; up_again; up_again_b ;;
    esac
    wait "$posting"
    wait "$posting_b"
    await answered "a$round"
    await answered "b$round"
    await has ctl 3 || say_failed "round $round: $(ctl interactions --live)"
    await has ctl_b 2 || say_failed "round $round: $(ctl_b interactions --live)"
    for each in ctl ctl_b; do expect "no orphans" $each reconcile; done
    for name in anna bert carl "a$round" "b$round"; do once "$name"; done
    expect_exit 0 ctl end "$(ixn_of "a$round")"
    expect_exit 0 ctl_b end "$(ixn_of "b$round")"
    await ended "a$round"
    await ended "b$round"
    [ "$failures" = 0 ] || { echo "in round $round"; break; }
done
for ((one = 0; one < round; one++)); do once "a$one"; once "b$one"; done

# An erased one is known by its number, and the same number in another journal is not it.
anna=$(ixn_of anna)
sql "UPDATE interactions SET external_id = 'digest', erased = 1 WHERE external_id = 'anna@example.org'"
expect "no orphans" ctl reconcile
sql "UPDATE interactions SET journal = 4711 WHERE external_id = 'digest'"
expect "orphan in the core: $anna, of which the contact store has nothing" ctl reconcile
stop 0
finish
