#!/bin/bash
# tests/promises/no_reply.sh - Agents accept work and do nothing (no_reply.py): through kills of the router, of the desk and
# through an orderly restart nobody has it for longer than the strategy gives them and $MORE seconds, counted from the
# return of its link where the router was away; each piece is done with once, by whoever has it last, and no agent stays
# occupied. MORE=1 is the promise, on a machine that does nothing else; where nothing is said it is 60, and the figure that
# is printed shows the second. Sleeps of the script itself that were too long in that time are added. A page may hear of it
# later: it is told when its own link is back.
# A kill falls before a reply is due, while the router is away, and at the moment itself; with KILLS=200 the others fall at
# any moment. The figures are the router's own, of its trace. A copy that is put back has what was begun, and its replies
# are due. What is left out: chats and mails (core_chat, core_open_reply), a takeover (takeover.sh).
. "$top_srcdir/tests/flows/daemon_common.sh"
for program in python3 curl; do command -v $program >/dev/null || cleanup 77; done
for plugin in desk work; do [ -f "$top_builddir/.libs/$plugin.so" ] || cleanup 77; done
"$gcxc" build "$top_srcdir/tests/promises/no_reply.gcx" -o "$dir/no_reply.gcxb" || cleanup 1
hash=$(printf 'secret\n' | "$gcxvm" --hash-password)
(umask 077; echo secret >"$dir/token"; printf '%s agent password=%s\n' marie "$hash" paul "$hash" >"$dir/users")
make_world "drain_s = 0
adapter work { media = \"work\" queue = \"letters\" listen = \"127.0.0.1:0\" port_file = \"$dir/work.port\" token_file = \"$dir/token\" restart_ms = 100 }
adapter desk { users = \"$dir/users\" store = \"sqlite:$dir/contacts\" port_file = \"$dir/desk.port\" state = \"$dir/sessions\" media = \"work\" restart_ms = 100 }"
site_queues no_reply.gcxb letters rest
cat >>"$dir/directory.sql" <<'SQL'
insert into agent values ('paul', 'Paul Petit');
create table "group" (name text primary key);
create table group_member ("group" text, agent text, primary key ("group", agent));
insert into "group" values ('readers');
insert into group_member values ('readers', 'marie'), ('readers', 'paul');
insert into routing_point (dn, strategy) values ('letters', 'reads');
SQL
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
start
await test -s "$dir/desk.port" -a -s "$dir/work.port"
timeout $((600 + ${KILLS:-3} * 30)) python3 "$top_srcdir/tests/promises/no_reply.py" "$dir" "$top_srcdir" "$gcxctl" &
people=$!
also_end() { kill "$people" 2>/dev/null; }
# The people write into DIR/does what happens next; DIR/back says that it has happened, and when the router was back.
while kill -0 "$people" 2>/dev/null; do
    if [ -e "$dir/does" ]; then
        read -r how away <"$dir/does" && rm "$dir/does"
        case $how in
        kill) kill -9 "$vm"; wait "$vm" 2>/dev/null; sleep "$away"; start ;;
        stop) stop 0; sleep "$away"; start ;;
        esac
        date +%s.%N >"$dir/back.new" && mv "$dir/back.new" "$dir/back"
    fi
    sleep 0.05
done
wait "$people" || { say_failed "the people at the desks"; tail -n 40 "$dir/log"; finish; }
over() { ! ctl interactions --json | grep -qE '"state": "(queued|routing|handling|closing)"'; }
await over
free() { ctl agents --json | tr -d ' \n' | grep -c '"has":[1-9]' | grep -qx 0; }
free || { say_failed "an agent is occupied by nothing"; ctl agents --json; }
stop 0
# What is put back from a copy is what it was: its reply has been due meanwhile, and what was begun of it is there.
expect_exit 0 "$gcxvm" --verify "$dir/gcx.conf"
read -r letter missed <"$dir/drafted"
rm -rf "$dir/state"
expect_exit 0 "$gcxctl" restore "$dir/copy"
start
again() { ctl data "$letter" --json | tr -d ' \n' | grep -q "\"missed\":$((missed + 1))\b"; }
await again || { say_failed "what was put back has not come back"; ctl data "$letter" --json; }
expect '"draft": "Dear Anna"' ctl data "$letter" --json
stop 0
finish
