#!/bin/bash
# tests/flows/ctl_acts.sh - What administrators change by gcxctl: done when it is answered, in the journal with who and
# why, in the log; an image activated by hand stays so over a reload, a kill -9 and a restart, until it is taken back.
. "$top_srcdir/tests/flows/enterprise_common.sh"

build_flow "$top_srcdir/tests/flows/enterprise_acts.gcx"
sed -i 's/^site {/site { signal payment(amount: int);/' "$flow/site.gcx"
cat >>"$flow/enterprise.gcx" <<'GCX'
strategy paying on voice { wait for payment timeout 1m else goto desk; desk: route queue desk; }
GCX
"$gcxc" build "$flow/enterprise.gcx" -o "$dir/enterprise.gcxb" || die "gcxc build"
cat >"$flow/new.gcx" <<'GCX'
import site;
strategy enterprise on voice { route queue desk; }
GCX
"$gcxc" build "$flow/new.gcx" -o "$dir/new.gcxb" || die "gcxc build of the new one"
strategies=enterprise.gcxb
clock_stands 1 # four wait; nobody leaves, and nobody comes
begin "calls wait while the core is away"
await are_waiting 4
ctl signal "$(rows | awk 'NR == 1 {print $1}')" payment amount=3 >/dev/null || say_failed "gcxctl signal"
expect 'no strategy waits for a signal of that name' ctl signal "$(rows | awk 'NR == 1 {print $1}')" paiment amount=3
active() { ctl routing-points --json | sed -n 's/^ *"image": "\([0-9a-f]*\)".*/\1/p' | head -n 1; }
configured=$(active)
answers() { ctl version; }

echo "an image becomes known, and is activated"
expect 'nothing.gcxb' ctl load "$dir/nothing.gcxb"
mkfifo "$dir/pipe"
expect 'pipe cannot be read: it is a named pipe' ctl load "$dir/pipe"
head -c 300 "$dir/new.gcxb" >"$dir/broken.gcxb"
expect 'broken.gcxb: byte .*not a good image' ctl load "$dir/broken.gcxb"
loaded=$(ctl load "$dir/new.gcxb" --json | sed -n 's/^ *"image": "\([0-9a-f]*\)".*/\1/p')
[ -n "$loaded" ] && [ "$(active)" = "$configured" ] || say_failed "load is not to activate"
expect "${loaded:0:12}  *0  *0 " ctl strategies
cat >"$flow/evening.gcx" <<'GCX'
import site;
strategy evening on voice { route queue desk; }
GCX
"$gcxc" build "$flow/evening.gcx" -o "$dir/evening.gcxb" || die "gcxc build of the evening's"
evening=$(ctl load "$dir/evening.gcxb" --json | sed -n 's/^ *"image": "\([0-9a-f]*\)".*/\1/p')
rm "$dir/evening.gcxb"
expect 'no image begins with 000000' ctl activate 1800 000000
expect 'no routing point `1801`' ctl activate 1801 "${loaded:0:8}"
expect 'is no strategy of a known image' ctl activate 1800 nonsense
rows >"$dir/before"
expect 'stays so over reloads' ctl activate 1800 "${loaded:0:8}" --why "the old one loops"
[ "$(active)" = "$loaded" ] || say_failed "it is not active"
rows >"$dir/after"
same_rows "$dir/before" "$dir/after" "calls that wait were touched"
await logged 'Activate .*actor=.*why="the old one loops"' || say_failed "the event does not say why"
expect "activate, version ${loaded:0:12}  .*the old one loops" ctl audit 1800
await logged 'admin .* activate: done' || say_failed "the log does not say who did it"

echo "it stays so"
ctl reload >/dev/null || say_failed "gcxctl reload"
[ "$(active)" = "$loaded" ] || say_failed "a reload has undone it"
kill_core
restarted
[ "$(active)" = "$loaded" ] || say_failed "a restart has undone it"
rows >"$dir/after"
expect "${evening:0:12}  *0  *0 " ctl strategies # it was loaded, and never activated
expect 'stays so over reloads' ctl activate 1800 "${evening:0:8}"
expect 'as the configuration has it' ctl activate 1800 enterprise
[ "$(active)" = "$configured" ] || say_failed "it was not taken back"
kill_core
start
[ "$(active)" = "$configured" ] || say_failed "it was taken back, and is there again"

echo "files that are wrong: what the journal has is served with, and an older image can still be activated"
echo '{' >"$dir/state/activations.json"
stop
"$gcxvm" "$dir/gcx.conf" >>"$dir/gcxvm.log" 2>&1 & vm=$!
await answers
expect 'NOT LOADED .*activations.json' ctl status
[ "$(active)" = "$configured" ] || say_failed "another image is in force"
expect 'activations.json in the state folder is damaged' ctl activate 1800 "${loaded:0:8}"
stop
rm "$dir/state/activations.json" "$dir/state/kept" # which nobody may do without a word
mkdir -p "$dir/empty/state" # a restore that is refused leaves what knows it
expect 'nothing was changed' "$gcxvm" --restore "$dir/empty" "$dir/gcx.conf"
expect 'NOT GOOD: its file `activations.json` was removed' "$gcxvm" --verify "$dir/gcx.conf"
expect 'NOT GOOD: its file `activations.json` was removed' "$gcxvm" --verify "$dir/state"
start
expect 'DEGRADED.*its file `activations.json` was removed' ctl status
logged 'since gcxvm ran last: its file `activations.json` was removed' || say_failed "the log does not say that activations are gone"
# A reload writes it anew.
ctl reload >/dev/null || say_failed "reload"
goes_on() { ctl status >"$dir/says" && ! grep -q 'activations.json' "$dir/says"; }
await goes_on
cp "$dir/directory.sql" "$dir/directory.good"
echo 'nonsense' >>"$dir/directory.sql"
expect 'directory.sql' ctl reload
expect 'stays so over reloads' ctl activate 1800 "${loaded:0:8}"
[ "$(active)" = "$loaded" ] || say_failed "it is not active while the files are wrong"
cp "$dir/directory.good" "$dir/directory.sql"
ctl reload >/dev/null || say_failed "gcxctl reload with good files"
[ "$(active)" = "$loaded" ] || say_failed "good files have undone it"
ctl activate 1800 enterprise >/dev/null || say_failed "gcxctl activate 1800 enterprise"

echo "drain, and take it back"
expect '`why` says nothing' ctl drain --why "  "
ctl drain --why "the night" >/dev/null || say_failed "gcxctl drain"
expect 'drained: no more calls are let in' ctl status
await logged 'AdminRequest .*op=drain why="the night"' || say_failed "the event of the drain has no reason"
ctl drain --cancel >/dev/null || say_failed "gcxctl drain --cancel"
expect '"draining": false' ctl status --json

echo "agents"
# The T-Server was started anew: her desktop comes back a moment later, and would log her in again.
desktop_is_back() { awk '/clients are served/ {back = 0} /EventRegistered dn=7001/ {back = 1} END {exit !back}' "$dir/gcxvm.log"; }
await desktop_is_back
await eval 'ctl agents | grep -q "marie  not_ready"'
expect 'there is no such agent' ctl log-out nobody
expect 'no agent `mari`; did you mean `marie`' ctl state mari ready
expect 'no state `redy`; expected ready or not_ready' ctl state marie redy
expect 'is set to ready or not_ready' ctl state marie logged_out
ctl state marie not_ready lunch --why "called away" >/dev/null || say_failed "gcxctl state"
expect 'the state was set by .*: called away' ctl agents marie
expect 'marie .*not_ready lunch .*called away' ctl audit --name marie
expect 'no agent `mari`; did you mean `marie`' ctl assign mari --skill French=5
expect 'no skill `Frensh`; did you mean `French`' ctl assign marie --skill Frensh=5
expect 'no group `desck`' ctl assign marie --join desck
expect 'expected SKILL=LEVEL' ctl assign marie --skill French=101
expect 'no skill or group `French` of marie is changed' ctl assign marie --undo French
expect 'say what they get' ctl assign marie
expect '`French` is said twice for marie' ctl assign marie --skill French=7 --skill French=8
expect 'has no end' ctl assign marie --undo French --for 1h
ctl assign marie --skill French=5 --skill Sales=0 --for 1h --why "flu" >/dev/null || say_failed "gcxctl assign"
expect 'skill *French *5 .*flu' ctl agents marie
expect 'marie *skill French *9 *5 .*flu' ctl audit --name marie
expect 'marie *skill Sales *2 *0 .*flu' ctl audit --name marie

echo "whom a supervisor leads"
cp "$dir/directory.sql" "$dir/directory.good"
cat >>"$dir/directory.sql" <<'SQL'
create table if not exists "group" (name text primary key);
create table if not exists group_member ("group" text, agent text, primary key ("group", agent));
create table group_lead ("group" text, supervisor text);
create table queue_lead (queue text, supervisor text);
insert into "group" values ('team'), ('night'), ('Sales');
insert into group_member values ('team', 'marie');
insert into group_lead values ('team', 'lead'), ('Sales', 'boss');
insert into queue_lead values ('nowhere', 'other');
SQL
ctl reload >/dev/null || say_failed "gcxctl reload with leads"
expect 'lead  *team  *-' ctl leads
expect 'other  *-  *nowhere' ctl leads other
ctl state marie not_ready coffee --as lead --why "of the team" >/dev/null || say_failed "gcxctl state --as lead"
expect 'lead by .*marie .*of the team' ctl audit --name marie
expect 'other leads no group that marie is in: .*group_lead' ctl state marie ready --as other
expect 'other leads no group that marie is in' ctl log-out marie --as other
expect 'other leads no group that marie is in' ctl assign marie --skill French=5 --as other
expect 'lead does not lead the group desk' ctl assign marie --join desk --as lead
expect 'lead leads neither a queue nor an agent of this' ctl end "$(rows | awk 'NR == 1 {print $1}')" --as lead
# Who takes an agent out of their team by hand still leads them, and takes it back.
ctl assign marie --leave team --for 1h --as lead >/dev/null || say_failed "gcxctl assign --leave"
expect 'other leads no group that marie is in' ctl assign marie --undo team --as other
ctl assign marie --undo team --as lead >/dev/null || say_failed "gcxctl assign --undo by who has taken marie out"
# Who leads one of an agent's groups takes back nothing of another one.
ctl assign marie --join night --why "others lead it" >/dev/null || say_failed "gcxctl assign --join"
for word in night group:night; do expect 'lead does not lead the group night' ctl assign marie --undo $word --as lead; done
ctl assign marie --undo night >/dev/null || say_failed "gcxctl assign --undo by who leads all"
# A skill is no group, though others lead one of its name.
ctl assign marie --undo Sales --as lead >/dev/null || say_failed "gcxctl assign --undo of a skill that a group is called like"
ctl assign marie --skill Sales=0 --for 1h --why "flu" >/dev/null || say_failed "gcxctl assign, once more"
# A skill and a group of one name: each is taken back by itself.
ctl assign marie --leave team >/dev/null || say_failed "gcxctl assign"
expect 'no skill or group `group:French` of marie is changed' ctl assign marie --undo group:French
expect 'no skill or group `skill:team` of marie is changed' ctl assign marie --undo skill:team
ctl assign marie --undo group:team >/dev/null || say_failed "gcxctl assign --undo group:team"
expect 'drain acts on all, and lead leads only' ctl drain --as lead
cp "$dir/directory.good" "$dir/directory.sql"
ctl reload >/dev/null || say_failed "gcxctl reload without leads"
looked() { ctl interactions --json | sed -n 's/^ *"as_of_us": \([0-9]*\).*/\1/p'; }
before=$(looked)
ctl state marie not_ready lunch --as other --seen "$before" --why "at noon" >/dev/null || say_failed "gcxctl state --as somebody who leads all"
ctl state marie not_ready --as other --seen "$before" >/dev/null || say_failed "one's own act is no other's"
expect 'marie was changed meanwhile by other (not_ready)\. Look again' ctl state marie ready --as lead --seen "$before"
expect 'marie was changed meanwhile by other' ctl assign marie --join desk --seen "$before"
expect '`seen` is a moment' ctl state marie ready --seen soon
before=$(looked)
ctl reviewed marie --as lead --why "a call" >/dev/null || say_failed "gcxctl reviewed"
ctl state marie not_ready lunch --as other --seen "$before" >/dev/null || say_failed "a review is no other state"
ctl log-out marie --why "forgot to" >/dev/null || say_failed "gcxctl log-out"
expect 'marie  logged_out' ctl agents
expect 'marie .*not_ready lunch .*logged_out log_out .*forgot to' ctl audit --name marie
expect 'not logged in' ctl log-out marie
expect 'the agent has no claims' ctl release-claim marie
expect 'no such interaction' ctl end 1-ffff
expect 'no such interaction' ctl signal 1-ffff payment amount=3
expect 'is not FIELD=VALUE' ctl signal 1-ffff payment amount
expect 'no such interaction' ctl change 1-ffff priority=5 topic=claim
expect 'no such interaction' ctl change ffffffffffffffff priority=5
expect 'remembers nothing of it' ctl forget ffffffffffffffff
conn=$(rows | awk 'NR == 1 {print $2}')
expect 'a strategy works on it' ctl change "$conn" topic=claim
id=$(rows | awk -v conn="$conn" '$2 == conn {print $1}')
ctl end "$conn" --as lead --why "a test" >/dev/null || say_failed "gcxctl end by ConnID"
expect "lead by .*$id .*ended .*a test" ctl audit "$id"
[ "$(ctl audit "$id" | wc -l)" = 2 ] || say_failed "the audit of one interaction has other things"
await ctl forget "$conn" || say_failed "gcxctl forget by ConnID"
expect 'days ahead' ctl change 1-ffff due=2999-01-01T09:00
expect 'priority: `high` is no number' ctl change 1-ffff priority=high
expect 'changes nothing: --why' ctl status --why "x"
for local in "erase +33145550102 $dir/gcx.conf" top what-if directory-export; do
    expect 'is not asked of gcxvm here: --as' ctl $local --as anna@example.com
done

echo "the log"
expect 'no level `loud`' ctl log core loud
expect 'no room `jounral`; expected core' ctl log jounral debug
ctl log jounral debug >/dev/null 2>&1 && say_failed "a room that is none should be refused"
ctl log customers debug >/dev/null || say_failed "gcxctl log of a source"
ctl log core error >/dev/null || say_failed "gcxctl log"
ctl log all warning >/dev/null || say_failed "gcxctl log all"

echo "what was done is done again by replay"
ctl status --json | grep '"digest"' >"$dir/before"
kill_core
start
ctl agents --json | grep -q '"state": "logged_out"' || say_failed "marie is logged in again"
expect 'skill *French *5 .*flu' ctl agents marie
ctl assign marie --undo French --undo Sales --why "back" >/dev/null || say_failed "gcxctl assign --undo"
expect 'French 9, Sales 2' ctl agents marie
expect 'taken back .*marie *skill French *5 *9 .*back' ctl audit --name marie
# What is asked for is the directory's: a lasting one and one for a time end together.
ctl assign marie --skill French=7 >/dev/null || say_failed "gcxctl assign, lasting"
ctl assign marie --skill French=5 --for 1h >/dev/null || say_failed "gcxctl assign for a time"
ctl assign marie --undo French >/dev/null || say_failed "gcxctl assign --undo of both"
expect 'no skill or group `French` of marie is changed' ctl assign marie --undo French
kill "$sim"; wait "$sim" 2>/dev/null; sim=''
stop
finish
