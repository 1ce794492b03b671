#!/bin/bash
# Who asks for a call-back over the chat adapter's HTTP (callback_web.py) is called back: now, when somebody is free, or at
# a time that was offered. Its states are told, it may be taken back until the number is dialled, and adapter and core are
# killed with it booked. A number that the site does not allow, another web site, and who asks too often are refused.
# With GCX_PAGE the same is done by a customer at the widget, in headless Chromium.
. "$top_srcdir/tests/flows/enterprise_common.sh"
[ -f "$top_builddir/.libs/chat.so" ] || exit 77
python=python3
if [ -n "${GCX_PAGE-}" ]; then
    command -v chromium >/dev/null && command -v chromedriver >/dev/null || { echo "chromium is not installed"; exit 77; }
    for python in python3 /usr/bin/python3 ''; do [ -n "$python" ] && "$python" -c 'import selenium' 2>/dev/null && break; done
    [ -n "$python" ] || { echo "selenium for Python (Debian: python3-selenium) is not installed"; exit 77; }
fi
player=
# An id is its customer's secret: the core, the contact store and the log have this digest.
named() { printf %s "$1" | sha256sum | cut -c1-32; }
memos() { sqlite3 -cmd '.timeout 9000' "$dir/contacts" "$1"; }
also_end() { [ -z "$player" ] || { kill "$player"; wait "$player"; } 2>/dev/null; }
build_flow "$top_srcdir/tests/flows/callback_web.gcx"
PYTHONDONTWRITEBYTECODE=1 "$python" "$top_srcdir/tests/flows/callback_web.py" "$dir" ${GCX_PAGE:+page} >"$dir/play.log" 2>&1 &
player=$!
await test -s "$dir/site"
conf_more="adapter chat {
  queues = \"desk\"
  origins = \"http://127.0.0.1:$(cat "$dir/site")\"
  store = \"sqlite:$dir/contacts\"
  state = \"$dir/chats\"
  country = \"FR\"
  port_file = \"$dir/port\"
  callbacks = \"1800\"
  callback_numbers = \"+33, !+338\"
  callback_places = \"1\"
  callbacks_per_minute = \"6\"
}"
# The routing point of the play is that of the call-backs: the switch knows it.
rm -rf "$dir/state"
provision "who asks at a page is called back"
cat >>"$dir/directory.sql" <<'SQL'
update routing_point set strategy = 'back' where dn = '1800';
SQL
play "who asks at a page is called back"
configure
start
await test -s "$dir/port"
# One of them wants no calls of ours, and asks for this one: that is agreed to.
sqlite3 -cmd '.timeout 9000' "$dir/contacts" "insert into refusals(tenant, kind, address, media, own, since) values ('', 'phone', '+33145550101', 'voice', '', 1)" ||
    say_failed "the refusal"
touch "$dir/begin"
# What the player asks for: a file with a word, taken away when it is done.
while kill -0 "$player" 2>/dev/null; do
    case $(cat "$dir/wants" 2>/dev/null) in
    ready) ready_now 7001; rm "$dir/wants" ;;
    hangs)
        chat=$(ctl status --json | python3 -c 'import json, sys; print(*[one["pid"] for one in json.load(sys.stdin)["links"] if one["name"] == "chat"])')
        kill -STOP "$vm"; rm "$dir/wants" ;;
    kills) # what hangs
        kill_core
        kill -9 "$chat"
        [ ! -e "$dir/chats.callbacks" ] || say_failed "call-backs are in a file"
        # What an earlier version has left in its file is taken over: two of it the disk has spoilt, and a row of ours, too.
        printf '%s\n' '{"id":"nobody","state":2}' '{"id":"half' >"$dir/chats.callbacks"
        memos "insert into post_memos(kind, owner, name, saved, changed) select 'callback', owner, 'spoilt', '{\"state\":', 1 from post_memos limit 1"
        memos "update post_memos set saved = '{\"state\":6}' where name = '$(named promised-by-a-newer-release)'"
        printf '%s\n' '{"id":"long-ago-by-a-newer-release","number":"+33145550178","state":6,"due":1,"asked":1}' \
            '{"id":"not-by-a-newer-release-at-all","number":"+33145550179","state":1000000}' >>"$dir/chats.callbacks"
        : >"$dir/port"
        start; await test -s "$dir/port"; rm "$dir/wants" ;;
    esac
    sleep 0.05
done
wait "$player" || { say_failed "what was asked at the page"; cat "$dir/play.log"; }
player=
[ "$(grep -c ' MakeCall ' "$dir/sim.log")" = 1 ] || say_failed "dialled $(grep -c ' MakeCall ' "$dir/sim.log") times, not once"
if [ -z "${GCX_PAGE-}" ]; then # at the page nothing is killed
    newer=$(named promised-by-a-newer-release) old=$(named long-ago-by-a-newer-release) kept='a newer release has written it: it is kept for one'
    useless='what the last process has left of it is of no use'
    for told in "call-back spoilt: $useless" "call-back $(named nobody): $useless" "call-back $(named not-by-a-newer-release-at-all): $useless" \
        'chats.callbacks: 1 of [0-9]* lines are damaged, ' "call-back $newer: $kept" "call-back $old: $kept" \
        "call-back $old: no newer release has come for it in 30 days: it is dropped"; do
        [ "$(count_logged "$told")" = 1 ] || say_failed "of a row in the file is told $(count_logged "$told") times \`$told\`"
    done
    [ "$(count_logged 'by-a-newer-release')" = 0 ] || say_failed "the log has the id of a call-back: $(grep by-a-newer-release "$dir/gcxvm.log")"
    # What a release behind this one has written stays for it, unless its customer is erased.
    [ ! -e "$dir/chats.callbacks" ] || say_failed "the file of an earlier version is still there"
    [ "$(memos "select person, saved from post_memos where name = '$newer'")" = '+33145550177|{"state":6}' ] || say_failed "a call-back of a newer release is gone"
    ! memos .dump | grep promised-by || say_failed "the contact store has the secret of a call-back's customer"
    # A national number is of the site's country, not of the store's; two adapters with one store are asked once.
    memos "update settings set value = 'DE' where name = 'country'"
    { echo 'country = "FR"'; cat "$dir/gcx.conf"; printf 'adapter twin { plugin = "chat" callbacks = "1800" store = "sqlite:%s" }\n' "$dir/contacts"; } >"$dir/erase.conf"
    "$gcxctl" erase '01 45 55 01 77' "$dir/erase.conf" >"$dir/erased" 2>&1 || { say_failed "erase"; cat "$dir/erased"; }
    memos "update settings set value = 'FR' where name = 'country'"
    [ "$(grep -c '^call-backs' "$dir/erased")" = 1 ] && grep -q '^call-backs.*1 call-backs are withdrawn' "$dir/erased" || { say_failed "erase at call-backs"; cat "$dir/erased"; }
    await logged "call-back $newer: its customer is erased: it is withdrawn"
    await logged "call-back $newer: COMPLETED CANCELLED"
    ! grep -q -a '+33145550177' "$dir"/contacts* || say_failed "the number of who is erased is in the contact store"
fi
stop
finish
