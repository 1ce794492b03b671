#!/bin/bash
# tests/promises/by_hand.sh - What a supervisor changes by hand holds, ends when it was said, and is taken back by who may: an
# agent's skill, group, and state, while the core is killed between the act and its undo, behind the undo, and before the end;
# then the machine is lost, and a backup of before the undo is put back. Nobody's newer act is taken back unseen. And a word
# about a rollout goes to the rollout that was seen, with its reason, once: not to the one that has begun there since.
# It leaves out: the pages (desk_browser.sh), calls that are routed meanwhile (rollout.sh), a standby (rollout_standby.sh).
. "$top_srcdir/tests/flows/daemon_common.sh"
"$gcxc" build "$top_srcdir/tests/promises/by_hand.gcx" -o "$dir/now.gcxb" || cleanup 1
sed 's/route queue desk/priority += 1; &/' "$top_srcdir/tests/promises/by_hand.gcx" >"$dir/new.gcx"
"$gcxc" build "$dir/new.gcx" -o "$dir/new.gcxb" || cleanup 1
make_world ''
site_queues now.gcxb desk
cat >>"$dir/directory.sql" <<'SQL'
insert into dn values ('1800', 'routing_point');
insert into routing_point (dn, strategy) values ('1800', 'day');
create table "group" (name text primary key);
create table group_member ("group" text, agent text, primary key ("group", agent));
insert into "group" values ('support'), ('sales');
insert into group_member values ('sales', 'marie');
SQL
start
killed() { kill -9 "$vm"; wait "$vm" 2>/dev/null; start; }
now_us() { ctl interactions --json | sed -n 's/^ *"as_of_us": \([0-9]*\).*/\1/p'; }
done_by() { ctl "$@" >"$dir/said" 2>&1 || { say_failed "gcxctl $*"; cat "$dir/said"; }; }
has() { ctl agents marie >"$dir/has" && grep -q -e "$1" "$dir/has"; }
# stands TEXT...: the agent has each; gone TEXT...: none of them.
stands() { for text; do has "$text" || { say_failed "it should stand: $text"; cat "$dir/has"; }; done; }
gone() { for text; do ! has "$text" || { say_failed "it should be over: $text"; cat "$dir/has"; }; done; }
acts() { ctl audit --name marie --json | grep -c "\"why\": \"$1\""; }

echo "what is given for an hour"
done_by assign marie --skill French=5 --join support --leave sales --for 1h --as eva --why "many calls"
stands 'skill  *French  *5 .*many calls' 'group  *support .*many calls'
killed
stands 'skill  *French  *5 .*many calls' 'group  *support .*many calls'
[ "$(acts 'many calls')" = 3 ] || say_failed "the audit has the act $(acts 'many calls') times"

echo "another supervisor has changed it since"
seen=$(now_us)
done_by assign marie --skill French=7 --as paul --why "fewer calls"
killed
expect 'marie was changed meanwhile by paul' ctl assign marie --undo skill:French --as eva --seen "$seen" --why "back"
stands 'skill  *French  *7 .*fewer calls'

echo "it is taken back, and the core is killed behind it"
done_by assign marie --undo skill:French --undo group:support --as eva --seen "$(now_us)" --why "back"
killed
gone 'many calls.*support' 'group  *support' 'skill  *French  *[57]'
stands 'French 9' 'group  *sales'
[ "$(acts back)" = "$(ctl audit --name marie | grep -c 'taken back .*back')" ] || say_failed "the audit does not say that it was taken back"
expect 'no skill or group `skill:French` of marie is changed' ctl assign marie --undo skill:French

echo "it ends when it was said, by who leads then"
done_by assign marie --undo group:sales --why "anew"
done_by assign marie --skill French=3 --for 2s --why "for a moment"
stands 'skill  *French  *3 .*for a moment'
killed
is_over() { ! has 'for a moment'; }
await is_over
stands 'French 9'
killed
stands 'French 9'
gone 'for a moment'

echo "the machine is lost, and a backup of before the undo is put back"
done_by assign marie --skill French=4 --for 1h --as eva --why "kept in the backup"
expect 'the backup is whole' ctl backup "$dir/copy"
done_by assign marie --undo French --why "behind the backup"
kill -9 "$vm"; wait "$vm" 2>/dev/null
rm -rf "$dir/state"
"$gcxctl" restore "$dir/copy" >"$dir/said" 2>&1 || { say_failed "no restore"; cat "$dir/said"; }
start
stands 'skill  *French  *4 .*kept in the backup'
done_by assign marie --undo skill:French --as eva --seen "$(now_us)" --why "once more"
stands 'French 9'

echo "a word about a rollout"
roll() { ctl rollout 1800 "$dir/new.gcxb" --steps 5,50,100 --hold 1h --why "$1" >"$dir/said" 2>&1 || { say_failed "rollout"; cat "$dir/said"; }; }
stage() { ctl rollouts "$1" --json | sed -n 's/^ *"state": "\([a-z]*\)".*/\1/p' | head -n 1; }
roll "the first"
killed
[ "$(stage 1)" = canary ] || say_failed "the rollout is $(stage 1) after a kill"
done_by rollout-hold 1800 --rollout 1 --as eva --why "lunch"
killed
[ "$(stage 1)" = held ] || say_failed "the rollout is $(stage 1), not held"
done_by rollout-back 1800 --rollout 1 --as paul --why "callers complain"
roll "the second"
killed
for word in on hold back; do
    expect 'rollout 1 is not open any more, and rollout 2 by' ctl rollout-$word 1800 --rollout 1 --as eva --why "meant for the first"
done
[ "$(stage 2)" = canary ] || say_failed "the second rollout is $(stage 2)"
ctl audit 1800 >"$dir/audit"
for why in lunch 'callers complain'; do [ "$(grep -c "$why" "$dir/audit")" = 1 ] || { say_failed "the audit has not once: $why"; cat "$dir/audit"; }; done
! grep "meant for the first" "$dir/audit" || say_failed "a word that was refused is in the audit"
expect 'the backup is whole' ctl backup "$dir/second"
done_by rollout-back 1800 --rollout 2 --why "behind the backup"
kill -9 "$vm"; wait "$vm" 2>/dev/null
rm -rf "$dir/state"
"$gcxctl" restore "$dir/second" >"$dir/said" 2>&1 || { say_failed "no restore"; cat "$dir/said"; }
start
[ "$(stage 2)" = canary ] || say_failed "the rollout of the backup is $(stage 2)"
done_by rollout-back 1800 --rollout 2 --why "once more"
expect 'rollout 2 at 1800 is not open any more' ctl rollout-on 1800 --rollout 2
stop 0
finish
