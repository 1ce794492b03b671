#!/bin/sh
# A customer chats through the widget in headless Chromium (chat_browser.py): written to, reloaded, cut off and back, by
# keyboard alone, in the page's language, with what a screen reader needs.
. "$top_srcdir/tests/flows/browser_common.sh"

"$gcxc" build "$top_srcdir/tests/flows/chat_wire.gcx" -o "$dir/chats.gcxb" || cleanup 1
play chat_browser.py
make_world "adapter chat {
  begins = \"open\"
  queues = \"service, closed, judged\"
  origins = \"http://127.0.0.1:$(cat "$dir/site")\"
  store = \"sqlite:$dir/contacts\"
  port_file = \"$dir/port\"
  file_size = \"1\"
}"
site_queues chats.gcxb service desk closed judged
cat >>"$dir/directory.sql" <<'SQL'
insert into routing_point (dn, strategy) values ('service', 'greets'), ('closed', 'ends'), ('judged', 'judged');
SQL
start
await link_is up
played
asked=$(sed -n 's/.* ixn=\([^ ]*\) .*: in queue judged$/\1/p' "$dir/log")
[ "$(ctl trace "$asked" | grep -c 'Judged')" = 1 ] || { say_failed 'the mark is not counted once'; ctl trace "$asked"; }
expect Lea "$top_builddir/gcxstore" contacts "sqlite:$dir/contacts" lea@example.org
stop 0
[ "$failures" = 0 ] || tail -n 20 "$dir/log"
finish
