#!/bin/sh
# A multimedia message at the desk's page (mms_page.py), in headless Chromium: its slides in their order, its files, and nothing
# of it is carried out; the agent is done with it, and the contact store has who it was.
. "$top_srcdir/tests/flows/browser_common.sh"
. "$top_srcdir/tests/flows/mms_common.sh"
[ -f "$top_builddir/.libs/desk.so" ] && command -v sqlite3 >/dev/null || cleanup 77
printf 'marie agent password=%s\n' "$(echo secret | "$gcxvm" --hash-password)" >"$dir/users"
chmod 600 "$dir/users"
play mms_page.py
make_pictures "}
adapter desk {
  users = \"$dir/users\"
  store = \"sqlite:$dir/contacts\"
  media = \"mms\"
  queues = \"desk\"
  port_file = \"$dir/desk\"
" "sqlite:$dir/contacts"
sed -i 's/pictures\.gcxb/routed.gcxb/' "$dir/gcx.conf"
cat >"$dir/routed.gcx" <<'GCX'
site { skill French; vq all; queue service, desk; }
strategy pictures on mms { connect in vq all { skill French >= 1; } answer 2m timeout 1h else goto desk; desk: route queue desk; }
GCX
"$gcxc" build --site "$dir/routed.gcx" "$dir/routed.gcx" -o "$dir/routed.gcxb" || cleanup 1
start
played
ended() { [ "$(sqlite3 -readonly -cmd '.timeout 5000' "$dir/contacts" "select agent from interactions where ended is not null")" = marie ]; }
await ended
stop 0
[ "$failures" = 0 ] || tail -n 60 "$dir/log"
finish
