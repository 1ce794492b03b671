#!/bin/sh
# gcxc lint: which rules there are and run, what remarks allow, what --fix mends, the exit status, the formats. The
# examples of its explanation show that each rule finds what it is for, and not what is right (explain.sh).
. "$(dirname "$0")/common.sh"
needs jq
cp "$source"/tests/language/site.gcx "$source"/tests/language/customers.sql "$work"
cd "$work" || exit 1

# expect STATUS TEXT COMMAND...: it ends with that status and says that text (a basic regular expression; '': nothing).
expect() {
    status=$1 text=$2
    shift 2
    "$@" >said 2>&1
    found=$?
    if [ -n "$text" ]; then grep -q -e "$text" said; else [ ! -s said ]; fi && [ $found -eq "$status" ] && return
    say "$*: status $found, expected $status and '$text'"
    head -20 said
}

# Ours are clean.
expect 0 '' "$gcxc" lint "$source"/strategies/enterprise/enterprise.gcx "$source"/strategies/enterprise/tests.gcx
expect 0 '^L0101  warning fix unused-variable (names): ' "$gcxc" lint --list
expect 0 '^L0101  off' "$gcxc" lint --list --rules all,-L0101
expect 0 '^L0101  off' "$gcxc" lint --list --rules style
expect 0 '^L0805  warning' "$gcxc" lint --list --rules style
expect 0 '^L0805  warning' "$gcxc" lint --list --rules +name-style
expect 0 '^L0101  warning' "$gcxc" lint --list --rules +name-style
expect 0 '^L0101  off' "$gcxc" lint --list --rules -unused-variable
cat >counted.gcx <<'GCX'
site { group sales; queue desk; default timeout 10m; counter lost; counter found; capacity blended { voice 1; }
    statistic occupancy(group) = busy_time / login_time over 15m; statistic other(vq) = waiting;
    latch quiet = occupancy(group sales) < 60% until lost > 3; }
strategy s on voice { count lost; route queue desk; }
GCX
expect 1 "no strategy says counter 'found' \\[L0107\\]" "$gcxc" lint --rules L0107 --site counted.gcx counted.gcx
expect 1 "no strategy says statistic 'other' \\[L0107\\]" "$gcxc" lint --rules L0107 --site counted.gcx counted.gcx
expect 1 "no strategy says latch 'quiet' \\[L0107\\]" "$gcxc" lint --rules L0107 --site counted.gcx counted.gcx
"$gcxc" lint --rules L0107 --site counted.gcx counted.gcx 2>&1 | grep -q "'lost'\|'occupancy'\|'blended'" && say "what is counted, or what the directory gives to agents, is unused"
cat >declared.gcx <<'GCX'
site { queue desk; default timeout 10m; signal go(); signal gone(); group able = skill Sales >= 3; skill Sales; vq service;
    endpoint parcel(number: str) = get "https://host/{number}"; endpoint letter(number: str) = get "https://host/{number}";
    parameter limit: int = 3; parameter other: int = 4; table vips { key number: str; } table rogues { key number: str; }
    schedule hours zone "Europe/Paris" { mon..fri 08:00..17:00; } schedule nights zone "Europe/Paris" { sat 08:00..17:00; } }
strategy s on voice {
    if limit > 2 and ani in vips and hours.open() { http.parcel(ani) else {}; wait for go else {}; }
    let who = select in vq service { group able; } busy { ivr.say("hello"); } else stop "nobody";
    route who answer 15s else goto desk;
    desk: route queue desk;
}
GCX
for unused in "signal 'gone'" "endpoint 'letter'" "parameter 'other'" "table 'rogues'" "schedule 'nights'"; do
    expect 1 "no strategy says $unused \\[L0107\\]" "$gcxc" lint --rules L0107 --site declared.gcx declared.gcx
done
[ "$(grep -c L0107 said)" -eq 5 ] || { say "what is used is told of"; cat said; }
expect 2 "there is no rule 'nonsense'" "$gcxc" lint --rules all,nonsense site.gcx
expect 2 'no file is named' "$gcxc" lint

# Dates without end above more others than are looked at: nothing is told, and at once.
{
    echo 'site { queue desk; schedule wide zone "Europe/Paris" {'
    seq -f '1970-01-01..9999-12-31 closed; // %g' 200
    echo 'mon..sun 08:00..18:00;'
    for year in $(seq 2001 2040); do
        for month in $(seq -w 1 12); do echo "$year-$month-01, $year-$month-11, $year-$month-21 closed;"; done
    done
    echo '} } strategy s on voice { route queue desk; }'
} >wide.gcx
expect 0 '' soon 20 "$gcxc" lint --site wide.gcx wide.gcx

echo 'strategy s on voice { let x = 3; route queue desk; }' >x.gcx
expect 1 "x.gcx:1:27: warning: 'x' is never read \[L0101\]" "$gcxc" lint x.gcx
expect 0 '' "$gcxc" lint --rules -L0101 x.gcx
# Of a selection whose choice is not read, L0406 says more: where that is off, it is a variable as any other.
echo 'strategy s on voice { let who = select in vq service { skill French >= 8; } timeout 5m busy { ivr.music(prompt hold, 30s); } else stop "nobody"; route queue desk; }' >chosen.gcx
expect 1 'L0406' "$gcxc" lint chosen.gcx
for rules in L0101 -L0406; do expect 1 "'who' is never read \[L0101\]" "$gcxc" lint --rules "$rules" chosen.gcx; done
"$gcxc" lint chosen.gcx 2>&1 | grep -q L0101 && say "L0101 beside L0406"
expect 0 '' "$gcxc" check x.gcx
expect 1 '^::warning file=x.gcx,line=1,endLine=1,col=27,endColumn=27,title=L0101::' "$gcxc" lint --format github x.gcx
"$gcxc" lint --format sarif x.gcx >sarif
jq -e '.runs[0].results[0] | .ruleId == "L0101" and .level == "warning" and
    .fixes[0].artifactChanges[0].replacements[0].insertedContent.text == ""' sarif >/dev/null || { say sarif; cat sarif; }
"$gcxc" lint --format json x.gcx | jq -e '.warnings == 1 and .diagnostics[0].fix[0].text == ""' >/dev/null || say json
echo 'strategy s on voice { let x = ; route queue desk; }' >broken.gcx
expect 1 'E0201' "$gcxc" lint broken.gcx

# What remarks allow: on the line, on the line above, with a reason; not another line, not another code.
cat >allowed.gcx <<'GCX'
strategy s on voice {
    let a = 3; // gcx:allow L0101 it is for the desktop
    // gcx:allow L0101 and so is this one
    let b = 3;
    let c = "// gcx:allow L0101 no remark";
    route queue desk;
}
GCX
expect 1 "allowed.gcx:5:9: warning: 'c' is never read" "$gcxc" lint allowed.gcx
[ "$(grep -c warning said)" -eq 1 ] || { say "what is allowed is told"; cat said; }
sed 's/it is for the desktop//' allowed.gcx >why.gcx
expect 1 'why.gcx:2:29: warning: why is L0101 allowed here?' "$gcxc" lint why.gcx
sed 's/L0101 and so/L0102 and so/' allowed.gcx >other.gcx
expect 1 'other.gcx:3:18: warning: nothing here gives L0102' "$gcxc" lint other.gcx
expect 1 "other.gcx:4:9: warning: 'b' is never read" "$gcxc" lint other.gcx
sed 's/gcx:allow L0101 and/gcx:allow L9999 and/' allowed.gcx >no.gcx
expect 1 'nothing here gives a finding of this code' "$gcxc" lint no.gcx
expect 1 'one rule stands here, such as L0101 or unused-variable, then the reason' "$gcxc" lint no.gcx
cat >both.gcx <<'GCX'
strategy s on voice {
    // gcx:allow L0101 the desktop reads it
    // gcx:allow L0301 conferences
    let a = 3; delay 1h;
    route queue desk;
}
GCX
expect 0 '' "$gcxc" lint both.gcx
printf '    // gcx:allow W0913 a mark\n' >mark; { echo 'strategy s on voice {'; cat mark; echo '    there: route queue desk; }'; } >warning.gcx
expect 0 '' "$gcxc" lint warning.gcx

# One judge: the site's levels hold for check, build and lint, by path; --deny after them; a remark allows by code or name.
mkdir judged judged/old
cat >judged/site.gcx <<'GCX'
site { queue desk; default timeout 10m; lint { unused_variable error; W0913 note in "x*.gcx"; L0806 note; all off in "old"; } }
GCX
echo 'strategy s on voice { let x = 3; there: route queue desk; }' | tee judged/x.gcx judged/old/y.gcx judged/z.gcx >/dev/null
sed -i 's/ s / z /' judged/z.gcx
expect 1 "^judged/x.gcx:1:27: error: 'x' is never read \[L0101\]" "$gcxc" check judged/x.gcx
grep -q '^judged/x.gcx:1:34: note: .*\[W0913\]' said && ! grep -q L0806 said || { say "check of what the site judges"; cat said; }
expect 1 'error: .*L0101' "$gcxc" build -o judged/x.gcxb judged/x.gcx
[ ! -e judged/x.gcxb ] || say "an image of what the site refuses"
expect 0 '' "$gcxc" check judged/old/y.gcx
expect 0 '' "$gcxc" lint judged/old/y.gcx
expect 0 '' "$gcxc" check --deny all judged/old/y.gcx
(cd judged/old && "$gcxc" lint y.gcx >said 2>&1 && [ ! -s said ]) || say "the path from another folder"
expect 1 'note: .*L0806' "$gcxc" lint judged/x.gcx
sed 's/let x = 3; //' judged/x.gcx >judged/xx.gcx
expect 0 'note: .*W0913' "$gcxc" lint judged/xx.gcx
expect 0 'note: .*W0913' "$gcxc" check judged/xx.gcx
expect 1 'error: .*W0913' "$gcxc" check --deny label-unused judged/xx.gcx
expect 1 'error: .*W0913' "$gcxc" lint --deny warnings judged/xx.gcx
expect 0 '' "$gcxc" lint --rules +L0101,-W0913,-L0806 judged/xx.gcx
expect 1 '"severity": "note"' "$gcxc" lint --format json judged/x.gcx
expect 0 '^::notice file=' "$gcxc" check --format github judged/xx.gcx
expect 2 "there is no rule 'label-unsed'; did you mean 'label-unused'?" "$gcxc" check --deny label-unsed judged/xx.gcx
expect 2 "there is no rule 'E0412': E0412 is an error" "$gcxc" lint --rules E0412 judged/xx.gcx
printf 'strategy s on voice {\n    // gcx:allow label-unused a mark\n    there: route queue desk;\n}\n' >judged/xx.gcx
expect 0 '' "$gcxc" check --deny warnings judged/xx.gcx
expect 0 'note: .*L0806' "$gcxc" lint judged/xx.gcx
printf 'strategy s on voice {\n    there: route queue desk; // gcx:allow loop-endless a mark\n}\n' >judged/xx.gcx
expect 1 'nothing here gives loop-endless' "$gcxc" lint judged/xx.gcx
"$gcxc" check judged/xx.gcx 2>&1 | grep -q L0002 && say "check tells what lint tells"
"$gcxc" lint --fix judged/z.gcx >said 2>&1
grep -q '^1 mended' said || { say "what the site calls an error is not mended"; cat said; }

# What is found is allowed by remarks, above documentation and not within a text; then nothing is found, and the tree stays.
cat >baseline.gcx <<'GCX'
/// What is documented.
strategy s on voice {
    let a = 3; delay 1h;
    let b = 4; let c = 4;
    route queue desk;
}
GCX
expect 2 'takes the reason' "$gcxc" lint --add-allow ' ' baseline.gcx
expect 0 '^[0-9]* lines allowed$' "$gcxc" lint --rules +undocumented --add-allow 'older than the rules' baseline.gcx
expect 0 '' "$gcxc" lint --rules +undocumented baseline.gcx
[ "$(grep -c 'gcx:allow L0101 older than the rules$' baseline.gcx)" -eq 2 ] && grep -q '^    // gcx:allow L0301 older' baseline.gcx || { say "the remarks"; cat baseline.gcx; }
"$gcxc" lint --rules +undocumented,all baseline.gcx 2>&1 | grep -q 'has no documentation' && say "a remark parts the documentation from its strategy"
cp baseline.gcx before.gcx
expect 0 '' "$gcxc" lint --add-allow again baseline.gcx
# A byte order mark stays the first of the file.
printf '\357\273\277site { default zone "UTC"; queue desk; } strategy s on voice { let unread = 1; route queue desk; }\n' >marked.gcx
expect 0 '^[0-9]* lines* allowed$' "$gcxc" lint --site marked.gcx --add-allow 'older' marked.gcx
expect 0 '' "$gcxc" lint --site marked.gcx marked.gcx
cmp -s before.gcx baseline.gcx || say "what is allowed is allowed again"
sed -i 's/delay 1h;//' baseline.gcx
expect 1 'nothing here gives L0301' "$gcxc" lint baseline.gcx
expect 0 '1 mended' "$gcxc" lint --fix baseline.gcx

# Standard input is read as the file that it will be; the stored one is left alone.
echo 'strategy s on voice { route queue desk; }' >judged/later.gcx
echo 'strategy s on voice { let x = 3; route queue desk; }' >text
expect 1 "^judged/later.gcx:1:27: error: 'x' is never read" "$gcxc" lint --stdin-filename judged/later.gcx - <text
expect 1 "^judged/later.gcx:1:27: error: 'x' is never read" "$gcxc" check --stdin-filename judged/later.gcx - <text
expect 1 "^judged/nowhere.gcx:1:27: error: 'x' is never read" "$gcxc" check --stdin-filename judged/nowhere.gcx - <text
expect 1 "^stdin.gcx:1:27: warning: 'x' is never read" "$gcxc" lint - <text
expect 2 'stands in no file' "$gcxc" lint --fix - <text
expect 2 'stands alone' "$gcxc" check - judged/later.gcx <text
expect 2 'judged is none' "$gcxc" check --stdin-filename judged - <text
expect 2 'goes with -' "$gcxc" check --stdin-filename x.gcx judged/later.gcx
expect 0 '' "$gcxc" check judged/later.gcx
if script --version >/dev/null 2>&1; then
    TERM=xterm script -qec "$gcxc lint x.gcx" /dev/null </dev/null | grep -q "$(printf '\033')\[1;35mwarning:" || say "no colour on a terminal"
    NO_COLOR=1 TERM=xterm script -qec "$gcxc lint x.gcx" /dev/null </dev/null | grep -q "$(printf '\033')" && say "colour in spite of NO_COLOR"
fi

# --watch looks again when a file has changed.
cp judged/later.gcx watched.gcx
"$gcxc" check --watch watched.gcx 2>watching &
watcher=$!
for i in $(seq 100); do grep -q 'waiting for a change' watching && break; sleep 0.1; done
cp broken.gcx watched.gcx
for i in $(seq 100); do [ "$(grep -c 'waiting for a change' watching)" -gt 1 ] && break; sleep 0.1; done
kill $watcher
wait $watcher 2>/dev/null
grep -q '^watched.gcx:.*E0201' watching || { say "--watch"; cat watching; }

# Rules that the site declares itself: wherever a rule's name stands, theirs can.
mkdir own && cat >own/site.gcx <<'GCX'
site {
    queue desk, Complaints; vq service; skill French; prompt hold; default timeout 10m; default answer 20s;
    lint { no_premium_numbers error; unused_site_name off; names_are_lower note in "old_*"; }
    /// Numbers of 900 cost us.
    rule no_premium_numbers for number {
        where name.starts("+900");
        say "a call to {name} costs us";
        hint "route queue desk";
        wrong { let n = dn.named("+900 12345") else stop "none"; }
        right { route queue desk; }
    }
    rule names_are_lower for strategy, queue {
        where not name.matches("^[a-z_]+$") or name == "site.gcx";
        say "'{name}' is not written like_this";
        wrong { strategy Bad on voice { stop "x"; } }
        wrong {
            site { queue Desk; }
        }
        right { strategy good on voice { stop "x"; } }
    }
    rule busy_is_said for select {
        where "voice" in media and not busy.has("ivr") and not inside("race", "parallel") and timeout > 1m;
        say "whoever waits here must hear something";
    }
}
GCX
cat >own/shop.gcx <<'GCX'
strategy Shop on voice {
    let who = select in vq service { skill French >= 1; } timeout 5m else stop "nobody";
    route who else goto bad;
    bad: let n = dn.named("+900-1234") else stop "none";
    route n;
}
GCX
cd own || exit 1
expect 1 'shop.gcx:4:27: error: a call to +9001234 costs us \[no_premium_numbers\]' "$gcxc" check shop.gcx
[ "$(grep -c 'error:\|warning:' said)" -eq 1 ] || { say "check tells of rules that are no errors"; cat said; }
expect 1 "site.gcx:2:17: warning: 'Complaints' is not written like_this \[names_are_lower\]" "$gcxc" lint site.gcx shop.gcx
grep -q "shop.gcx:1:10: warning: 'Shop' is not" said && grep -q 'shop.gcx:2:15: .*\[busy_is_said\]' said || { say "own rules"; cat said; }
# Any strategy may call a subroutine, so a rule on a medium looks at subroutines, too.
echo 'subroutine asked(): target? { let who = select in vq service { skill French >= 1; } timeout 5m else none; return who; }
strategy chats on chat { let who = asked(); stop "x"; }' >shared.gcx
expect 1 'shared.gcx:1:.*\[busy_is_said\]' "$gcxc" lint --rules own shared.gcx
rm shared.gcx
expect 1 "names_are_lower" "$gcxc" lint --rules names-are-lower shop.gcx
[ "$(grep -c '\[names_are_lower\]' said)" -eq 2 ] && [ "$(grep -c 'warning:\|error:' said)" -eq 2 ] || { say "--rules of one own rule"; cat said; }
expect 2 "did you mean 'names_are_lower'" "$gcxc" lint --rules names_are_lowr shop.gcx
expect 0 '' "$gcxc" lint --rules all,-own,-no_premium_numbers,-silent_wait,-warnings,-undocumented,-untested-strategy,-name-style,-logic,-callers,-names shop.gcx
expect 1 'error: .*\[busy_is_said\]' "$gcxc" lint --deny own shop.gcx
expect 0 '^own    error       no_premium_numbers: a call to ... costs us$' "$gcxc" lint --list
expect 0 '^own    warning in  names_are_lower: ' "$gcxc" lint --list shop.gcx
expect 0 '^L0107  off  *unused-site-name' "$gcxc" lint --list shop.gcx
sed -i 's|^    bad: |    // gcx:allow no-premium-numbers a test line\n&|; s|^strategy|// gcx:allow busy_is_said nothing\n&|' shop.gcx
expect 1 "shop.gcx:1:14: .*busy_is_said.*\[L0002\]" "$gcxc" lint shop.gcx
grep -q 'no_premium' said && say "an own rule that is allowed is told"
"$gcxc" lint --rules own --format sarif shop.gcx | jq -e '.runs[0] as $r | [$r.results[] | .ruleId == $r.tool.driver.rules[.ruleIndex].id] | all and length > 0' >/dev/null || say "own rules in SARIF"
expect 0 '^3 lines allowed$' "$gcxc" lint --rules own --add-allow "older" shop.gcx
grep -q '// gcx:allow names_are_lower older' shop.gcx || { say "--add-allow of own rules"; cat shop.gcx; }
expect 0 '^no_premium_numbers, a rule of ./site.gcx:6: a call to ... costs us$' "$gcxc" explain no-premium-numbers
grep -q '^Numbers of 900 cost us.$' said && grep -q '^    route queue desk;$' said || { say "explain of an own rule"; cat said; }
expect 2 "did you mean 'busy_is_said'" "$gcxc" explain busy-is-sad
expect 0 '^5 passed, 0 failed$' "$gcxc" test site.gcx
expect 1 'there are no tests to play' "$gcxc" test shop.gcx
expect 0 '^site.gcx:16: rule names_are_lower: wrong$' "$gcxc" test --list site.gcx
sed -i 's/where name.starts/where not name.starts/; s/queue Desk/queue desk/' site.gcx
expect 1 '^  site.gcx:10: the rule finds nothing in what is wrong$' "$gcxc" test site.gcx
grep -q '^site.gcx:18:.* error: ' said && grep -q '^3 passed, 2 failed$' said || { say "examples that fail"; cat said; }
cd .. || exit 1

# A rule asks for what holds: the clause that is written, else the default of the site for the medium. Clauses that the
# step has as parameters, too, are no exception.
mkdir media && cat >media/site.gcx <<'GCX'
site {
    queue desk; default timeout 10m; default reply 2m on chat; default reply 4h; default reply none on work; place shop;
    rule slow for route { where reply > 1h; say "within {reply}"; }
    rule forgotten for route { where reply == none; say "no reply"; }
    rule untold for route { where whisper == none and "voice" in media; say "no whisper"; }
}
GCX
cat >media/all.gcx <<'GCX'
strategy letters on email { route place shop else stop "x"; }
strategy talks on chat { route place shop else stop "x"; }
strategy tasks on work { route place shop else stop "x"; }
strategy soon on email, sms { route place shop reply 10m else stop "x"; }
strategy late on email, sms { route place shop reply 3h else stop "x"; }
strategy told on voice { route place shop whisper "a shop" else stop "x"; }
strategy untold on voice { route place shop else stop "x"; }
GCX
cd media || exit 1
expect 1 'all.gcx:1:29: warning: within 4h \[slow\]' "$gcxc" lint --rules slow,forgotten,untold all.gcx
for line in '3:26: warning: no reply' '5:31: warning: within 3h' '7:28: warning: no whisper'; do
    grep -q "all.gcx:$line" said || { say "a rule asks for $line"; cat said; }
done
[ "$(grep -c 'warning:' said)" -eq 6 ] || { say "clauses that rules ask for"; cat said; }
cd .. || exit 1

# The directory of people.
sed '/^--/d' "$source"/examples/directory.sql >people.sql
cat >>people.sql <<'SQL'
insert into skill values ('French'), ('Sales');
insert into agent values ('marie', ''), ('paul', '');
insert into agent_skill values ('marie', 'French', 9), ('paul', 'Sales', 7);
SQL
cat >people.gcx <<'GCX'
strategy s on voice {
    let who = select in vq service { skill French >= 8; after 9s: skill French >= 5 and skill Sales >= 5; } timeout 1m
        busy { ivr.music(prompt hold, 30s); } else stop "nobody";
    route who answer 9s else stop "gone";
}
GCX
expect 0 '' "$gcxc" lint --rules selecting --rules nobody-there people.gcx
expect 1 'people.gcx:2:67: warning: of the 2 agents in people.sql none meets this' "$gcxc" lint --rules L0403 --directory people.sql people.gcx
[ "$(grep -c 'none meets' said)" -eq 1 ] || { say "whom marie can serve is told of"; cat said; }
expect 1 "cannot read 'nothere.sql'" "$gcxc" lint --directory nothere.sql people.gcx
expect 1 "cannot read 'people.gcx'" "$gcxc" lint --directory people.gcx people.gcx

# What is mended is as the golden says, is mended at once, and stays as it is the next time.
cp "$source"/tests/lint/fix.gcx .
chmod 640 fix.gcx
expect 0 ' mended$' "$gcxc" lint --fix fix.gcx
if [ "${1-}" = --update ]; then cp fix.gcx "$source"/tests/lint/fix.fixed; fi
diff -u "$source"/tests/lint/fix.fixed fix.gcx || say "what --fix makes of fix.gcx"
[ "$(stat -c %a fix.gcx)" = 640 ] || say "the mended file has another mode"
expect 0 '' "$gcxc" lint --fix fix.gcx
cmp -s "$source"/tests/lint/fix.fixed fix.gcx || say "the second --fix changes something"

# What can fail stays, since the call would go elsewhere without it; an announcement stays, since it takes time in which
# somebody may become ready; and what is an operand keeps its parentheses.
cat >stays.gcx <<'END'
strategy stays on voice {
    attached { account: str }
    attach account = ivr.digits(prompt account_number) else "";
    let n = account.count;
    let flag = n > 2;
    let divided = 1 / n;
    let sum = n + 9;
    let text = "{n}{n}";
    let known = flag == not (not flag);
    if flag == not (n == 3) and known { ivr.say("hello"); ivr.say("hello"); }
    route queue desk;
}
END
sed 's/flag == not (n == 3)/flag == (n != 3)/; s/not (not flag)/flag/' stays.gcx >stayed
expect 1 '^2 mended$' "$gcxc" lint --fix stays.gcx
diff -u stayed stays.gcx || say "what --fix lets stay"

# Every rule that says it mends does: of its wrong example nothing is left.
"$gcxc" explain --format json >all.json
"$gcxc" lint --list | awk '$3 == "fix" { print $1 }' >mending
while read -r code; do
    jq -r --arg code "$code" '.[] | select(.code == $code).wrong' all.json >wrong
    { grep -q '^strategy' wrong || echo 'strategy s on voice {'; cat wrong
        grep -q '^strategy\|^route' wrong || echo 'route queue desk;'; grep -q '^strategy' wrong || echo '}'; } >mend.gcx
    "$gcxc" lint --rules "+$code" --fix mend.gcx >said 2>&1
    grep -q " mended" said || { say "$code mends nothing"; cat said; }
    "$gcxc" lint --rules "$code" mend.gcx >said 2>&1 || { say "$code is not mended"; cat mend.gcx said; }
done <mending

[ $failed -eq 0 ] && echo "all rules hold"
[ $failed -eq 0 ]
