#!/bin/sh
# tests/flows/rollout.sh - gcxctl's side of rollouts: what is wrong is told before the start, with its cure; a person holds
# a rollout, lets it go on, approves it and takes it back; a version that has reached all stays over reloads and restarts.
. "$top_srcdir/tests/flows/daemon_common.sh"

[ -x "$gcxc" ] || exit 77
make_world 'freeze = ""'
mkdir "$dir/flow"
cat >"$dir/flow/site.gcx" <<'GCX'
site { skill French; vq service; }
GCX
# version NAME TEXT [MEDIUM]: $dir/NAME.gcxb, a strategy `desk` that ends with this text.
version() {
    printf 'import site;\nstrategy %s on %s { attached { customer: str; secret pin: str; } stop "%s"; }\n' \
        "${4-desk}" "${3-voice}" "$2" >"$dir/flow/$1.gcx"
    "$gcxc" build "$dir/flow/$1.gcx" -o "$dir/$1.gcxb" || cleanup 1
}
version one first
version two second
version mail first email
version other first voice shop
cat >"$dir/flow/greedy.gcx" <<'GCX'
import site;
strategy desk on voice {
    attached { customer: str; secret pin: str; }
    let who = select in vq service { skill French >= 1; } timeout 3m else stop "second";
    route who answer 15s else stop "second";
}
GCX
"$gcxc" build "$dir/flow/greedy.gcx" -o "$dir/greedy.gcxb" || cleanup 1
cp "$dir/one.gcxb" "$dir/desk.gcxb"
site_queues desk.gcxb
cat >>"$dir/directory.sql" <<'SQL'
insert into dn values ('1800', 'routing_point'), ('1801', 'routing_point');
insert into routing_point values ('1800', 'desk', ''), ('1801', 'desk', '');
SQL
start
two=$dir/two.gcxb
roll() { ctl rollout 1800 "$two" "$@"; }
hash() { ctl load "$1" --json | sed -n 's/^ *"image": "\([0-9a-f]*\)".*/\1/p'; }
at_1800() { ctl routing-points --json | tr -d ' \n' | grep -q "\"dn\":\"1800\",\"strategy\":\"desk\",\"image\":\"$1"; }
state() { ctl rollouts --json | grep -q "\"state\": \"$1\""; }

echo "what is wrong is told before the start"
expect 'did you mean abandoned?' roll --guard abandonned:+1pt
expect 'wait:p90' roll --guard wait:p99:+1s
expect 'without a margin' roll --guard abandoned:+0pt
expect 'a margin is at most 50 points' roll --guard abandoned:+200pt
expect 'as in sl:-2pt' roll --guard sl:+2pt
expect 'the margin of a share is in points' roll --guard abandoned:+NaNpt
expect 'this figure has a guard already' roll --guard sl/20s:-2pt --guard sl/30s:-1pt
expect '--steps is empty' roll --steps ''
expect 'a share of 0 % has no sense' roll --steps 0,100
expect 'a share of 101 % has no sense' roll --steps 1,101
expect '5 is not more than the step before' roll --steps 25,5,100
expect 'the last step is not 100' roll --steps 1,5
expect 'no share in percent' roll --steps 1,x,100
expect '--hold 30: expected a time' roll --hold 30
expect 'the rollout would always go back' roll --hold 4h --expires 6h
expect '--at yesterday: expected a time to come' roll --at yesterday
expect 'the present version declares no such key; did you mean customer?' roll --by custmer
expect 'that key is secret' roll --by pin
expect '--by cannot hold then' roll --slices --by customer
expect 'only shares are compared' roll --slices --guard wait:p90:+5s
expect 'there is no routing point `1900` in the directory of this domain' ctl rollout 1900 "$two"
expect "If \`gcxvm --assigned $dir/gcx.conf\` names another domain, begin it there" ctl rollout 1900 "$two"
expect 'three.gcxb: No such file' ctl rollout 1800 "$dir/three.gcxb"
expect 'no image begins with 00000000' ctl rollout 1800 00000000
expect 'that version runs at 1800 already' ctl rollout 1800 "$dir/one.gcxb"
expect 'that image has no strategy `desk`' ctl rollout 1800 "$(hash "$dir/other.gcxb"):desk"
expect 'is not for all media that come to 1800' ctl rollout 1800 "$dir/mail.gcxb"
expect 'use --slices: the versions select agents differently' ctl rollout 1800 "$dir/greedy.gcxb"
expect 'as in abandoned:2%..5%' roll --site abandoned:+1pt
expect '--site takes the place of --slices' roll --slices --site abandoned:2%..5%
expect 'is given with --site' roll --guard site:abandoned:2%..5%
expect 'there is no rollout' ctl rollouts
expect 'interactions an hour of desk' roll --plan --steps 5,100
expect 'pairs of quarters of an hour' roll --plan --slices
expect 'there is no rollout' ctl rollouts

echo "a person holds it, lets it go on, and takes it back"
expect 'a rollout of desk of image' roll --steps 5,50,100 --guard abandoned:+1pt --guard sl/20s:-2pt --by ani --why 'ticket 1'
expect 'unserved:+1pt' ctl rollouts 1
await state canary
expect '5 %' ctl rollouts
expect 'is open at 1800' roll
expect 'canary at 5 %' ctl versions
expect 'active' ctl versions
expect 'done' ctl rollout-hold 1800
await state held
expect 'done' ctl rollout-on 1800
expect 'sl/20s:-2pt' ctl rollouts 1
expect 'too little' ctl rollouts 1
curve() { ctl rollouts 1 --json | tr -d ' \n' | grep -q "\"curve\":{\"every_us\":5000000,\"over\":$1,\"points\":\[\["; }
await curve false
expect 'no rollout `7`' ctl rollouts 7
expect 'done' ctl rollout-back 1800 --why 'callers complain'
await state back
expect 'callers complain' ctl rollouts 1
await logged 'rollout 1 of desk at 1800: back'
await curve true
at_1800 "$(hash "$dir/one.gcxb")" || say_failed "the present version is not active"
expect 'undone by activate' ctl rollout-back 1800
expect_exit 1 ctl rollout-back 1800
# audited TEXT...: a line of the audit of 1800 has all these texts.
audited() {
    ctl audit --name 1800 >"$dir/audit"
    for text; do grep -F -e "$text" "$dir/audit" >"$dir/lines"; mv "$dir/lines" "$dir/audit"; done
    [ -s "$dir/audit" ] || { say_failed "the audit has no line with: $*"; ctl audit; }
}
new=version\ $(hash "$two" | cut -c1-12)
audited 'rollout 1' "version $(hash "$dir/one.gcxb" | cut -c1-12)" "start, $new" 'ticket 1'
audited 'rollout 1' gcxvm "canary, $new; 5 %"
audited 'rollout 1' "hold, $new; 5 %"
audited 'rollout 1' "on, $new; 5 %"
audited 'rollout 1' "back, $new; 5 %; a person has said so" 'callers complain'
[ "$(ctl audit --json | grep -c '"what": "rollout"')" = 5 ] || { say_failed "an act is twice in the audit"; ctl audit; }

echo "versions that select agents differently have slices"
expect 'a rollout of desk' ctl rollout 1801 "$dir/greedy.gcxb" --slices --steps 50,100
expect '"slices": true' ctl rollouts --open --json
expect 'more pairs of quarters are needed' ctl rollouts 2
expect 'done' ctl rollout-back 1801
expect 'a rollout of desk' ctl rollout 1801 "$dir/greedy.gcxb" --site abandoned:2%..5% --steps 50,100
expect 'site:abandoned:2%..5% too little: 0 of 0 at this step' ctl rollouts 3
expect 'rollout 2 is not open any more, and rollout 3 by' ctl rollout-on 1801 --rollout 2
expect_exit 1 ctl rollout-back 1801 --rollout 2
expect 'done' ctl rollout-back 1801 --rollout 3
expect 'rollout 3 at 1801 is not open any more' ctl rollout-hold 1801 --rollout 3

echo "it survives a kill, and reaches all"
expect 'begins at 20' roll --at "$(date -d '+20 days' +%Y-%m-%dT18:00)"
await state scheduled
expect 'canary at 0 %' ctl versions
expect 'done' ctl rollout-back 1800
expect "waits for another admin's gcxctl rollout-approve 1800" roll --steps 10,100 --ask --needs-approval
await state approval
expect 'another person' ctl rollout-approve 1800
# A program of the site, such as the desk, says for whom it asks: for_person PERSON COMMAND [MORE].
for_person() {
    python3 -c 'import socket, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
peer.sendall(("{\"command\": \"%s\", \"point\": \"1800\", \"person\": \"%s\"%s}\n" % (sys.argv[3], sys.argv[2], sys.argv[4])).encode())
print(peer.makefile().readline())' "$dir/state/admin.sock" "$1" "$2" "${3-}"
}
if command -v python3 >/dev/null; then
    expect 'by another account' for_person alice rollout-approve
    expect 'done' ctl rollout-back 1800
    expect '"ok":true' for_person bob rollout ", \"image\": \"$two\", \"steps\": \"10,100\", \"needs_approval\": true"
    await state approval
    expect 'another person' for_person bob rollout-approve
    expect 'another person' ctl rollout-approve 1800
    expect '"ok":true' for_person alice rollout-approve
    expect 'approved by alice by ' ctl rollouts 6
    audited 'rollout 6' 'approve, ' 'alice by '
    await state canary
fi
expect 'done' ctl rollout-back 1800
roll --steps 10,100 --ask >/dev/null || say_failed "the third rollout"
kill -9 "$vm"; wait "$vm" 2>/dev/null
start
state canary || say_failed "a restart has lost it"
ctl reload >/dev/null || say_failed "reload"
state canary || say_failed "a reload has ended it"
expect 'done' ctl rollout-on 1800
await state done
audited rollout 'on, done, '
new=$(hash "$two")
at_1800 "$new" || say_failed "the new version is not active"
ctl reload >/dev/null || say_failed "reload"
at_1800 "$new" || say_failed "a reload has put the version of before back"
kill -9 "$vm"; wait "$vm" 2>/dev/null
start
at_1800 "$new" || say_failed "a restart has put the version of before back"
await grep -q "$new" "$dir/state/activations.json"
expect 'as the configuration has it' ctl activate 1800 desk --why "it was better before"
audited "version ${new:0:12}" "activate, version $(hash "$dir/one.gcxb" | cut -c1-12)" 'it was better before'
at_1800 "$(hash "$dir/one.gcxb")" || say_failed "the configuration's could not be activated again"
expect 'drained' ctl versions

echo "a version on which nothing runs is retired"
expect 'is active at a routing point' ctl retire "$(hash "$dir/one.gcxb")"
expect 'is no hash' ctl retire desk
expect done ctl retire "$new"
ctl versions --json | grep -q "$new" && say_failed "a retired version is listed"
expect 'no image begins with' ctl activate 1800 "$new"
kill -9 "$vm"; wait "$vm" 2>/dev/null
start
ctl versions --json | grep -q "$new" && say_failed "a retired version is listed after a restart"
expect 'known now' ctl load "$two"
expect "$new" ctl versions --json
stop 0
finish
