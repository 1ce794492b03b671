# tests/flows/rollout_common.sh - A version that lets callers wait too long gets half of the callers, and goes back
# by itself; one that is as good as the present one gets all of them. Sourced by rollout.sh and rollout_standby.sh, which
# say by `dies` what happens to the gcxvm that leads, by `all_die` what else dies, and by `played_by` what begins the play.
mkdir -p "$flow"
cp "$top_srcdir/tests/promises/rollout.gcx" "$enterprise/customers.sql" "$flow"
image=$dir/flow.gcxb
build() { # build NAME SED-COMMAND: another version
    sed "$2" "$flow/rollout.gcx" >"$flow/$1.gcx" && "$gcxc" build "$flow/$1.gcx" -o "$dir/$1.gcxb" || die "gcxc build $1"
}
build flow ''
build bad 's/route queue desk;/ivr.music(prompt hold, 30s); &/'
build good '$ a strategy other on voice { stop "nobody"; }'

crowds=0
all_came() { [ "$(ctl interactions --limit 0 --json | grep -c '"ixn"')" -ge $((crowds * 80)) ]; }
at_desk() { all_came && ! rows | grep -q ' route '; }
all_left() { [ -z "$(rows)" ]; }
# comes: the next crowd is there, and each caller where the version has sent them; leaves: all have hung up.
comes() { crowds=$((crowds + 1)); clock_stands $((crowds * 4 - 3)); await at_desk; }
leaves() { clock_stands $((crowds * 4 - 1)); await all_left; }
is_state() { ctl rollouts "$rollout" --json | grep -q "\"state\": \"$1\""; }
# arms: of the rollout that is asked for, lines of rollout, arm, arrived, ended, out, live.
arms() {
    ctl rollouts "$rollout" --json | tr -d '",' | awk -v rollout="$rollout" '
        $1 == "arms:" {on = 1} $1 == "guards:" {on = 0}
        on && ($1 == "candidate:" || $1 == "control:") {arm = substr($1, 1, length($1) - 1)}
        on {is[arm, $1] = $2}
        END {for (n = split("candidate control", of, " "); n > 0; n--)
            print rollout, of[n], is[of[n], "arrived:"], is[of[n], "ended:"], is[of[n], "out:"], is[of[n], "live:"]}'
}
# held: the arms, and how many interactions each version has: the same after something has died.
held() { arms; ctl versions --json | grep -E '"(image|interactions)"'; }
# counted COUNT: the guard of the whole site has counted each arrival once.
counted() { ctl rollouts "$rollout" | grep -q "^  site:.*: 0 of $1 at this step"; }
# Both arms' books: who has come has ended, was left out or is there.
balanced() { arms | awk 'NF == 6 && $3 == $4 + $5 + $6 {good++} END {exit good != 2}' || { say_failed "the books of the arms"; arms; }; }

clock_stands 0
answer=60 grace=300 played_by crowds --wait 600s --limit 7200s
rollout=1
ctl rollout 1800 "$dir/bad.gcxb" --steps 50,100 --hold 1s --why 'promise' >"$dir/said" 2>&1 || die "$(cat "$dir/said")"
comes
held >"$dir/before"
dies
await at_desk
held | cmp -s - "$dir/before" || { say_failed "the arms are others after it has died"; cat "$dir/before"; held; }
leaves
is_state canary || { say_failed "it is decided before each arm has a hundred"; ctl rollouts 1; }
expect ' as they come now' ctl rollouts 1
while is_state canary && [ $crowds -lt 6 ]; do comes; leaves; done
await is_state back
expect 'abandoned' ctl rollouts 1
expect '50 %; the new version is worse (abandoned); abandoned:+1pt worse, new ' ctl audit
expect '; examples: ' ctl audit --json
[ "$(ctl audit --json | grep -c '"new": "back, ')" = 1 ] || { say_failed "the audit has not one return"; ctl audit; }
balanced
arms >"$dir/before"
dies
comes
leaves
is_state back || say_failed "it did not stay back"
arms | cmp -s - "$dir/before" || say_failed "the worse version has callers who came afterwards"

echo "a version that is as good"
rollout=2
ctl rollout 1800 "$dir/good.gcxb" --steps 50,100 --hold 1s --guard abandoned:+30pt --guard unserved:+30pt --site abandoned:0%..30% >"$dir/said" 2>&1 || die "$(cat "$dir/said")"
before=$crowds
comes
await counted 80
held >"$dir/before"
all_die
await at_desk
held | cmp -s - "$dir/before" || { say_failed "the arms are others after all has died"; cat "$dir/before"; held; }
counted 80 || { say_failed "a caller counts twice, or no more"; ctl rollouts 2; }
leaves
is_state canary || { say_failed "it is decided before each arm has a hundred"; ctl rollouts 2; }
last=$((crowds + 6))
while is_state canary && [ $crowds -lt $last ]; do comes; leaves; done
await is_state done
counted $(((crowds - before) * 80)) || { say_failed "callers are counted twice, or not"; ctl rollouts 2; }
balanced
dies
comes
is_state done || say_failed "it did not stay for all"
expect '"interactions": 80' ctl versions --json
leaves
all_came || say_failed "some callers were not served"
