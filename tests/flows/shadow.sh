#!/bin/bash
# tests/flows/shadow.sh - gcxctl shadow: other versions decide what arrives, too, and only the running one acts: one that is
# the same, and those that differ, ask more, never end, grow or fail. gcxvm's digest is what it was without them, whoever
# kills them.
. "$top_srcdir/tests/flows/enterprise_common.sh"
gcxdb=$top_builddir/gcxdb
[ -x "$top_builddir/gcxtwin" ] || cleanup 77
declare -A shadow
also_end() { for name in "${!shadow[@]}"; do kill -9 "${shadow[$name]}" && wait "${shadow[$name]}"; done 2>/dev/null; }

# version NAME SED: an image that differs from the running one by this.
version() {
    sed "$2" "$dir/enterprise.gcx" >"$flow/enterprise.gcx"
    "$gcxc" build "$flow/shadow.gcx" -o "$dir/$1.gcxb" 2>"$dir/warned" || { cat "$dir/warned"; die "gcxc build: $1"; }
}
build_flow "$top_srcdir/tests/flows/shadow.gcx"
sed -i 's/timeout 2s/timeout 90s/' "$flow/enterprise.gcx" # of the customers: a slow machine has its time
"$gcxc" build "$flow/shadow.gcx" -o "$image" || die "gcxc build"
answer=60
cp "$flow/enterprise.gcx" "$dir/enterprise.gcx"
version same 's/priority += 50;/priority += 25; priority += 25;/'
version differs 's/attach account = ivr.digits/ivr.say("Welcome.") else {}; &/'
version priority 's/priority += 50;/priority += 60;/'
version asks 's/if customer?.tier == "gold"/let vip = query customers first Customer `select name, tier, language from customer where name = {ani}` timeout 2s else none; if vip?.tier == "gold"/'
version loops 's/if customer?.tier == "gold" {/while priority >= 0 {/'
version grows 's/if customer?.tier == "gold" .*/let s = "x"; while priority >= 0 { s = "{s}{s}"; attach account = s; }/'
version fails 's/priority += 50;/priority += 100 \/ priority;/'
sed 's/strategy enterprise/strategy another/' "$dir/enterprise.gcx" >"$flow/enterprise.gcx"
rm "$flow/shadow.gcx" "$flow/tests.gcx"
"$gcxc" build "$flow/enterprise.gcx" -o "$dir/another.gcxb" || die "gcxc build: another"
echo 'strategy enterprise on chat { stop "over"; }' >"$flow/enterprise.gcx"
"$gcxc" build "$flow/enterprise.gcx" -o "$dir/chats.gcxb" 2>"$dir/warned" || { cat "$dir/warned"; die "gcxc build: chats"; }

echo "what cannot be played is told before the start"
expect 'gcxvm at .*/admin.sock' ctl shadow 1800 "$dir/same.gcxb"
clock_stops
begin "four call"
expect 'there is no routing point 1999' ctl shadow 1999 "$dir/same.gcxb"
expect 'has no strategy of that name, but another' ctl shadow 1800 "$dir/another.gcxb"
expect 'for other media' ctl shadow 1800 "$dir/chats.gcxb"
expect 'nothing.gcxb: No such file' ctl shadow 1800 "$dir/nothing.gcxb"
expect 'is no file, and neither a strategy' ctl shadow 1800 nothing
expect 'not a good image' ctl shadow 1800 "$dir/enterprise.gcx"
expect 'takes a duration' ctl shadow 1800 "$dir/same.gcxb" --for ever
mv "$dir/state/journal.end" "$dir/kept.end" && mkdir "$dir/state/journal.end"
expect 'the journal in .* cannot be read' ctl shadow 1800 "$dir/same.gcxb"
rmdir "$dir/state/journal.end" && mv "$dir/kept.end" "$dir/state/journal.end"
ctl shadow 1800 enterprise --for 100ms >"$dir/empty" 2>&1
[ $? = 3 ] && grep -q '^0 interactions' "$dir/empty" || { say_failed "nothing came"; cat "$dir/empty"; }

# begin_shadow NAME IMAGE [OPTION...]: it plays, and its result will be in $dir/NAME.json.
begin_shadow() {
    local name=$1 image=$2; shift 2
    "$gcxctl" --socket "$dir/state/admin.sock" shadow 1800 "$image" "$@" >"$dir/$name.out" 2>"$dir/$name.err" &
    shadow[$name]=$!
}
digest() { ctl status --json | sed -n 's/^ *"digest": //p'; }
before=$(digest)
for name in same differs priority asks loops grows fails; do begin_shadow $name "$dir/$name.gcxb" --json; done
cp "$dir/differs.gcxb" "$dir/it's another.gcxb" # the command that is told has it in quotes
begin_shadow text "$dir/it's another.gcxb"
begin_shadow killed "$dir/differs.gcxb"
begin_shadow orphan "$dir/differs.gcxb"
begin_shadow ended "$dir/differs.gcxb"
for name in "${!shadow[@]}"; do await grep -q 'shadows enterprise of image' "$dir/$name.err"; done
[ "$(digest)" = "$before" ] || say_failed "the digest of the core is another one with shadows"

echo "a shadow that is killed, and one whose play is killed"
child_of() { pgrep -P "${shadow[$1]}"; }
orphan=$(child_of orphan)
kill -9 "${shadow[orphan]}"; wait "${shadow[orphan]}" 2>/dev/null; unset "shadow[orphan]"
gone() { ! kill -0 "$orphan"; }
await gone
kill -9 "$(child_of killed)"
wait "${shadow[killed]}"; got=$?; unset "shadow[killed]"
[ $got = 2 ] && grep -q 'ended by signal 9' "$dir/killed.out" || { say_failed "a play that was killed ended with $got"; cat "$dir/killed.out"; }
kill -VTALRM "$(child_of ended)"
wait "${shadow[ended]}"; unset "shadow[ended]"
grep -q 'did not come to an end' "$dir/ended.out" || { say_failed "a play that takes for ever"; cat "$dir/ended.out"; }

echo "four call"
clock_runs
played
four_ended() { [ "$(ctl interactions --json | grep -c '"state": "ended"')" = 4 ]; }
await four_ended
ctl drain --cancel >/dev/null # answered when it is in the journal, and so all before it
# The same calls out of the journal, which gcxvm writes: gcxctl asks it where that is.
ctl what-if "$dir/differs.gcxb" --no-load --json >"$dir/what_if" 2>&1; got=$?
[ $got = 1 ] && grep -q '"differs": 4,' "$dir/what_if" || { say_failed "what-if ended with $got"; cat "$dir/what_if"; }
ctl what-if "$dir/same.gcxb" >"$dir/what_if" 2>&1; got=$?
[ $got = 0 ] && grep -q '^4 interactions: 4 the same' "$dir/what_if" || { say_failed "what-if of the same ended with $got"; cat "$dir/what_if"; }
# result NAME CODE MEMBER...: it ends so when it is asked to, and its counts are these, as same=4.
result() {
    local name=$1 code=$2 member got; shift 2
    kill -INT "${shadow[$name]}"; wait "${shadow[$name]}"; got=$?; unset "shadow[$name]"
    [ $got = "$code" ] || say_failed "the shadow $name ended with $got, not $code"
    for member; do
        grep -q "^  \"${member%=*}\": ${member#*=},\?\$" "$dir/$name.out" || { say_failed "the shadow $name should say $member"; cat "$dir/$name.out" "$dir/$name.err"; }
    done
}
result same 0 interactions=4 same=4 differs=0 'ended=null'
result differs 1 differs=4 same=0
result priority 1 differs=4
result asks 3 unknown=4 differs=0
result loops 1 fails=4
result grows 1 fails=4
result fails 1 fails=4
result text 1
for text in "^shadow of .*/it's another.gcxb at 1800, for " '^4 interactions: 0 the same, 4 different' 'present .*enterprise.gcx:8 ' "gcxdb replay '.*/state' --with '.*/it'.*'s another.gcxb' 1-000000000001" 'Time of a batch'; do
    grep -q "$text" "$dir/text.out" || { say_failed "the shadow should say: $text"; cat "$dir/text.out"; }
done
"$gcxctl" --socket "$dir/state/admin.sock" status >/dev/null || say_failed "gcxvm is gone"
stop
"$gcxvm" --verify "$dir/gcx.conf" >"$dir/verified" 2>&1 || { say_failed "the journal does not replay"; cat "$dir/verified"; }
eval "$(sed -n "s#^ *gcxdb replay#\"$gcxdb\" replay --batch#p" "$dir/text.out" | head -n 1)" </dev/null >"$dir/opened" 2>&1
grep -q 'differs' "$dir/opened" || { say_failed "gcxdb does not open the example"; cat "$dir/opened"; }
# The running version, by its hash, is the same.
"$gcxdb" replay --batch "$dir/state" --with "$(sed -n 's/^shadow of \([0-9a-f]\{64\}\) at .*/\1/p' "$dir/empty")" >"$dir/opened" 2>&1 </dev/null
grep -q '4 interactions with the other version: 4 the same' "$dir/opened" || { say_failed "gcxdb takes no hash"; cat "$dir/opened"; }
finish
