#!/bin/bash
# Two sites share a contact store: neither takes the other's mails for those of a state that was lost, whether that one
# lives, has been stopped, or has a program that does not say that it has the store; each takes its own over again when
# its state folder is lost. No mail is answered twice.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/email_common.sh"
command -v sqlite3 >/dev/null || cleanup 77
store=sqlite:$dir/contacts
make_mails "submit_timeout = \"2\"" "$store"
sed "s|$dir/port|$dir/port_b|" "$dir/gcx.conf" >"$dir/b.conf"
printf 'partition = 2\nstate = "state_b"\n' | cat - "$dir/b.conf" >"$dir/b.new" && mv "$dir/b.new" "$dir/b.conf"
vm_b=
also_end() { [ -z "$vm_b" ] || { kill "$vm_b"; wait "$vm_b"; }; mail_end; }

post() { deliver --from "$1@example.org" --h-From "$1@example.org" --header "Message-Id: <$1@example.org>" --body "from $1"; }
post_b() { (cp "$dir/port_b" "$dir/b/port" && dir=$dir/b post "$1"); }
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
# An erased one is known by its number, and the same number in another journal is not it.
sql() { sqlite3 -cmd '.timeout 9000' "$dir/contacts" "$1"; }
sql "UPDATE interactions SET external_id = 'digest', erased = 1 WHERE ixn = '1-000000000001' AND direction = 'in'"
expect "no orphans" ctl reconcile
sql "UPDATE interactions SET journal = 4711 WHERE external_id = 'digest'"
expect "orphan in the core: 1-000000000001, of which the contact store has nothing" ctl reconcile
stop 0
finish
