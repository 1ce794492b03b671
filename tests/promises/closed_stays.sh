#!/bin/bash
# "Closed is closed", to whoever has an address: a visitor who has only typed it into a chat is nobody known. Until the visitor is
# verified, an agent who has that chat, has had it, is asked about it (a consultation, a conference), or looks on as a supervisor
# reads nothing of the contact who has the address, and changes nothing there: not at this desk, nor at a second desk of the same
# contact store, and not by the contact's e-mails either (closed_stays.py). That holds from the moment an agent accepts, through
# kills of the desk, the router, the plugin of chats and the contact store's PostgreSQL, also amid an accepting, and after a
# backup is put back: with the contact store as it is, and with the store of the backup. Who has no part in the chat reads on,
# and once the visitor has typed the code, all do.
# It leaves out: a chat that is over, which closes nothing any more, other proofs than the code (tests/flows/desk_wire.py), and
# what somebody has read before the visitor came.
. "$top_srcdir/tests/flows/walked_common.sh"
. "$top_srcdir/tests/flows/answers_common.sh" || exit 1
[ -f "$top_builddir/.libs/chat.so" ] || cleanup 77
cat >"$dir/answers.gcx" <<'GCX'
site {
    vq people;
    queue service, desk, outbound, parked, chats;
    template received;
    capacity several { chat 20; email 20; }
}
strategy mails on email {
    route queue desk;
}
strategy answers on email.reply {
    email.release() tries 100 pause 1s timeout 5m else { route queue parked; };
    stop "sent";
}
strategy talks on chat {
    route queue desk;
}
GCX
"$gcxc" build "$dir/answers.gcx" -o "$dir/answers.gcxb" || cleanup 1
for who in paul zoe yves vera; do sed -n "s/^marie /$who /p" "$dir/users"; done >"$dir/more" && cat "$dir/more" >>"$dir/users"
cat >>"$dir/directory.sql" <<'SQL'
insert into agent values ('paul', 'Paul Petit'), ('zoe', 'Zoe Blanc'), ('yves', 'Yves Gris'), ('vera', 'Vera Rose');
alter table agent add column capacity text;
update agent set capacity = 'several';
insert into dn values ('chats', 'queue');
insert into queue values ('chats', 'chats');
insert into routing_point (dn, strategy) values ('chats', 'talks');
SQL
sed "/^adapter desk /,/^}/!d; s/^adapter desk /adapter second /; s|desk\.port|second.port|; s|/sessions|/second|; /^adapter second /a\\  plugin = \"$top_builddir/.libs/desk.so\"" "$dir/gcx.conf" >"$dir/second.conf"
cat "$dir/second.conf" - >>"$dir/gcx.conf" <<CONF
adapter chat {
  queues = "chats"
  origins = "https://shop.example"
  store = "$store"
  port_file = "$dir/chat.port"
  state = "$dir/chats"
  begins_per_minute = "10000"
}
CONF
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
walk_begins
walk closed_stays.py
finish
