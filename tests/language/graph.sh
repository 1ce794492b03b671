#!/bin/sh
# gcxc graph: Graphviz takes what is drawn of every golden that compiles, and of every strategy; Mermaid's text and the
# way the enterprise strategy goes are as graph-enterprise.mmd holds them (graph.sh --update writes it anew). Under the
# sanitizers the large source is a small one, and Graphviz is not asked: fuzz_aside draws the goldens.
. "$(dirname "$0")/common.sh"
drawn=0
golden=$source/tests/language/graph-enterprise.mmd
enterprise=$source/strategies/enterprise/enterprise.gcx

# has FILE TEXT...: the file has these lines, each a basic regular expression.
has() {
    file=$1
    shift
    for text; do grep -q -e "$text" "$file" || { say "$file has no '$text'"; head -c 3000 "$file"; }; done
}
# refused STATUS TEXT COMMAND...
refused() {
    status=$1 text=$2
    shift 2
    "$@" >"$work/said" 2>&1
    found=$?
    if [ $found -ne "$status" ] || ! grep -q -e "$text" "$work/said"; then
        say "$*: status $found, expected $status and '$text'"
        head -5 "$work/said"
    fi
}

"$gcxc" graph --format mermaid "$enterprise" >"$work/mermaid" || say "mermaid"
[ "${1-}" != --update ] || cp "$work/mermaid" "$golden"
diff -u "$golden" "$work/mermaid" || say "Mermaid's text of the enterprise strategy"

"$gcxc" graph "$enterprise" >"$work/dot" || say "dot"
has "$work/dot" '^digraph' 'subgraph cluster_1' 'meanwhile, over and over' 'on abandoned' 'peripheries=2' 'c62828'
# Jumps, loops, arms, handlers, subroutines, each by the edge that it makes.
cat >"$work/all.gcx" <<'GCX'
/// <b> & "quotes" \ in words.
subroutine ask(): str { let d = ivr.digits(prompt account_number) else e { if e.reason == timeout { fail "slow"; } return ""; }; return d; }
strategy s on voice {
    let x = ask() else goto desk;
    repeat 3 { delay 10s; if x == "<b>&\"" { break; } continue; }
    segment dnis { "1" -> stop "one"; else -> {} }
    ivr.say("\\ {x} <i>");
    if x == "" { fail "empty"; }
    desk: route queue desk;
    on error (e) { stop "error"; }
}
GCX
cp "$source/tests/language/site.gcx" "$source"/tests/language/*.sql "$work"
"$gcxc" graph "$work/all.gcx" >"$work/all.dot" || say "all"
"$gcxc" graph "$enterprise" -o "$work/named.mmd" && head -1 "$work/named.mmd" | grep -q '^flowchart' || say "a format by the file's name"
"$gcxc" graph "$enterprise" -o "$work/named" && head -1 "$work/named" | grep -q '^digraph' || say "a name that says no format"
refused 2 'ends in .svg' "$gcxc" profile "$work/profile" --graph heat.html
has "$work/all.dot" 'subroutine ask' ';again&#160;<' ';done&#160;<' 'fail &#34;empty&#34;' '&#60;i&#62;' 'on error' ';else&#160;<'
"$gcxc" graph --format mermaid "$work/all.gcx" >"$work/all.mmd" || say "all as Mermaid"
has "$work/all.mmd" '#60;i#62;' 'linkStyle'

refused 1 "no strategy 'nobody'" "$gcxc" graph "$enterprise" nobody
refused 1 'no strategy in' "$gcxc" graph "$source/strategies/enterprise/site.gcx"
refused 2 'a file and perhaps a strategy' "$gcxc" graph "$enterprise" enterprise more
refused 1 'E0412' "$gcxc" graph --site "$work/site.gcx" "$source/tests/language/E0412.gcx"
refused 1 'is no diagram' "$gcxc" graph "$enterprise" -o "$work/all.gcx"
refused 1 'cannot read' "$gcxc" graph "$enterprise" --lcov "$work/nothere"
refused 1 'is no tracefile' "$gcxc" graph "$enterprise" --lcov "$work/all.gcx"
mkdir "$work/empty"
refused 1 'install it' env PATH="$work/empty" "$gcxc" graph "$enterprise" --format svg

# What tests ran is hot, what they did not is told to be cold.
"$gcxc" test "$source/strategies/enterprise/tests.gcx" --lcov "$work/lcov" >/dev/null || say "tests"
"$gcxc" graph "$enterprise" --lcov "$work/lcov" >"$work/heat" || say "heat"
has "$work/heat" 'fff3d6.*attach account' 'ffffff" style="filled,dashed".*route queue desk' '>1x<' '>0x<'
# gcxc profile counts each line exactly, tells the same whoever plays, and its stacks add up to its table.
mkdir "$work/profile"
cat >"$work/profile/site.gcx" <<'GCX'
site { queue desk; prompt hello; }
GCX
cat >"$work/profile/loops.gcx" <<'GCX'
function twice(n: int): int { return n * 2; }
subroutine greet() {
    ivr.say("hello");
}
strategy loops on voice {
    let n = 0;
    while n < 100 { n += twice(1); }
    repeat 3 { greet(); }
    delay 40s;
    route queue desk;
}
test "one" { call loops from "1" to "2"; }
test "two" { call loops from "3" to "2"; }
GCX
profile() { (cd "$work/profile" && "$gcxc" profile . "$@") }
profile --by waited --folded waits --graph heat.dot >"$work/said" 2>&1 || { say "profile"; cat "$work/said"; }
has "$work/said" '^2 tests$' '^ 93.0 % .* 2 .* 2    80.0 s  loops.gcx:9  delay 40s;$'
has "$work/profile/waits" '^loops (loops.gcx:9) 80000000$'
has "$work/profile/heat.dot" 'delay 40s<.*>80 s waited<'
cp "$work/profile/loops.gcx" "$work/loops.kept"
profile --folded loops.gcx >"$work/said" 2>&1
has "$work/said" '^gcxc: --folded loops.gcx: expected the name of a file for the stacks$'
cmp "$work/profile/loops.gcx" "$work/loops.kept" || say "a source was written over"
profile -j 1 --folded stacks --lines 99 >"$work/one" && profile -j 2 --lines 99 >"$work/two" || say "profile of instructions"
cmp "$work/one" "$work/two" || say "another profile with two processes"
has "$work/one" '  loops.gcx:1  function twice'
has "$work/profile/stacks" '^loops (loops.gcx:8);greet (loops.gcx:3) 12$' '^loops (loops.gcx:7);twice (loops.gcx:1) '
awk 'FILENAME == ARGV[1] {stacks += $NF; next} FNR > 2 {table += $3} END {exit !(stacks > 800 && stacks == table)}' \
    "$work/profile/stacks" "$work/one" || say "stacks do not add up to the table"
profile --by runs --lines 99 | awk '$11 == "loops.gcx:1" && $4 == 100 {good = 1} END {exit !good}' || say "runs of a function"
(cd "$work/profile" && "$gcxc" profile . --arrivals 'every(60s)' --for 1h --warm-up 0s) >"$work/said" 2>/dev/null ||
    say "profile of a day"
has "$work/said" '^59 interactions of' ' 59 .* loops.gcx:9 '
refused 2 'ends in .svg, .dot or .mmd' "$gcxc" profile "$work/profile" --graph heat.pdf
refused 2 'instructions' "$gcxc" profile "$work/profile" --by wallclock
refused 1 'no tests to play' "$gcxc" profile "$work/profile" --filter nobody
# Work grows with the source, and not with its square: 20,000 lines take no longer than one waits for them.
mkdir "$work/large" && cp "$source/strategies/enterprise/site.gcx" "$source"/strategies/enterprise/*.sql "$work/large"
lines=20000
sanitized && lines=2000
awk -v lines=$lines -f "$source/tests/bench/large.awk" "$enterprise" >"$work/large/large.gcx"
sed 's/enterprise;/large;/; s/call enterprise/call enterprise_1/; s/call large;/call enterprise_1;/' \
    "$source/strategies/enterprise/tests.gcx" >"$work/large/tests.gcx"
soon 60 "$gcxc" test "$work/large" --lcov "$work/lcov" --html "$work/page.html" >"$work/said" ||
    { tail -n 5 "$work/said"; say "coverage of $lines lines"; }
soon 60 "$gcxc" graph "$work/large/large.gcx" --lcov "$work/lcov" >"$work/heat.large" || say "heat of $lines lines"
[ "$(grep -c '>1x<' "$work/heat.large")" -eq 6 ] || say "heat of a large source"
rm -r "$work/large" "$work/heat.large" "$work/page.html"

if sanitized; then
    echo "$failed failed"
    [ $failed -eq 0 ]
    exit
fi
if ! command -v dot >/dev/null; then
    [ $failed -eq 0 ] || exit 1
    echo "graph: Graphviz is not installed: what it takes was not tried"
    exit 77
fi
# accepted NAME: Graphviz reads it, without a warning.
accepted() {
    dot -Tsvg "$1" >"$work/svg" 2>"$work/why" && [ ! -s "$work/why" ] && return
    say "$1: Graphviz does not take it"
    head -5 "$work/why"
}
accepted "$work/dot"
accepted "$work/all.dot"
accepted "$work/heat"
# A line's count is that of what begins it: of a block on the same line nobody knows.
cat >"$work/line.gcx" <<'GCX'
site { queue desk; }
strategy s on voice {
    if ani == "2" { priority = 60; }
    route queue desk;
}
test "once" { call s from "1" to "2"; }
GCX
"$gcxc" test "$work/line.gcx" --site "$work/line.gcx" --lcov "$work/line.lcov" >/dev/null || say "a test of a line"
"$gcxc" graph "$work/line.gcx" --site "$work/line.gcx" --lcov "$work/line.lcov" >"$work/line.dot" || say "heat of a line"
has "$work/line.dot" 'ani == .*>1x<' 'route queue desk.*>1x<'
grep 'priority = 60' "$work/line.dot" | grep -q '>1x<' && say "who stands behind another on its line has that one's count"
"$gcxc" graph "$enterprise" --format svg -o "$work/picture.svg" || say "svg"
has "$work/picture.svg" '<svg' 'route queue desk' '</svg>'
if command -v xmllint >/dev/null; then xmllint --nonet --noout "$work/picture.svg" || say "the picture is no XML"; fi
# A picture stays one that can be looked at: 5, 50 and 500 steps, each with its exits to one desk.
if command -v python3 >/dev/null; then
    mkdir "$work/grows"
    (cd "$work/grows" && python3 - "$gcxc") <<'PY' || say "a picture that does not grow well"
import json, os, re, subprocess, sys

def source(steps):
    text = 'site { queue desk; prompt hold, choose; }\n'
    text += 'subroutine notice(text: str) { ivr.say(text) else goto quiet; quiet: delay 1s; }\nstrategy big on voice {\n'
    done = 0
    for i in range(steps):
        kind = ['ivr.say("Step %d </script><b> of the way.") else goto desk;' % i,
                'if priority > %d { ivr.say("You count %d.") else goto desk; } else { priority += 1; }' % (i, i),
                'let key_%d = ivr.digits(prompt choose, max: 1) else goto desk;\nif key_%d == "2" { goto desk; }' % (i, i),
                'notice("text %d");' % i, 'delay 1s;'][i % 5]
        text += '    %s\n' % kind
        done += 2 if i % 5 in (1, 2) else 1
        if done >= steps:
            break
    return text + '    desk: route queue desk;\n}\n'

def crosses(a, b):
    (p, q), (r, s) = a, b
    side = lambda o, x, y: (x[0] - o[0]) * (y[1] - o[1]) - (x[1] - o[1]) * (y[0] - o[0])
    return (len({p, q, r, s}) == 4 and side(p, q, r) * side(p, q, s) < 0 and side(r, s, p) * side(r, s, q) < 0)

gcxc, took = sys.argv[1], {}
for steps in (5, 50, 500):
    open('site.gcx', 'w').write(source(steps))
    before = os.times()
    svg = subprocess.run([gcxc, 'graph', '--format', 'svg', 'site.gcx'], check=True, capture_output=True, text=True).stdout
    after = os.times()
    took[steps] = after.children_user - before.children_user + after.children_system - before.children_system
    width, height = map(int, re.search(r'<svg width="(\d+)pt" height="(\d+)pt"', svg).groups())
    boxes = svg.count('class="node"')
    lines, into = [], {}
    for name, path in re.findall(r'class="edge">\s*<title>([^<]*)</title>\s*<path [^>]*d="M([^"]*)"', svg):
        points = [tuple(map(float, one.split(','))) for one in re.split('[C ]', path) if one]
        lines.append((points[0], points[-1]))
        into[name.split('&gt;')[-1]] = into.get(name.split('&gt;')[-1], 0) + 1
    crossed = sum(crosses(a, b) for i, a in enumerate(lines) for b in lines[:i])
    print('%d steps: %d boxes, %d x %d, %d lines, %d crossings, at most %d into one box' % (
        steps, boxes, width, height, len(lines), crossed, max(into.values())))
    assert boxes >= steps, (steps, boxes)
    assert crossed <= boxes / 20, (steps, crossed)
    assert max(into.values()) <= 6, (steps, into)
    assert 1 / 3 < width / height < 3, (steps, width, height)
    page = subprocess.run([gcxc, 'graph', '--format', 'html', 'site.gcx'], check=True, capture_output=True, text=True).stdout
    assert page.count('<script') == 1 and page.count('</script') == 1 and '<b>' not in page, steps
    assert not re.search(r'(src|href)=|url\(|@import', page), steps
    assert page.count('<details open>') == 1 and page.count('<details>') == (steps > 5), steps
    assert all('id="f0l%d"' % (i + 1) in page for i in range(source(steps).count('\n'))), steps
    at = re.search(r'const at = \[(.*)\], calls', page).group(1)
    assert at.count('[') == boxes and '[0,4,4]' in at, (steps, at[:200])
whole = json.loads(subprocess.run([gcxc, 'graph', '--format', 'json', 'site.gcx'], check=True, capture_output=True, text=True).stdout)
outer = [one for one in whole['frames'] if one['outer'] is None]
assert len(whole['boxes']) == boxes and sum(one['svg'].count('class="node"') for one in outer) == boxes, boxes
assert all(one['svg'].startswith('<svg') and one['svg'].endswith('</svg>') for one in outer)
drawn = {name for one in outer for name in re.findall(r'<g id="(b\d+)" class="node"', one['svg'])}
assert drawn == {one['id'] for one in whole['boxes']} >= {one[end] for one in whole['edges'] for end in ('from', 'to')}
rows = source(500).splitlines()
assert all(one['file'] == 'site.gcx' and rows[one['first'] - 1].strip() for one in whole['boxes'] if one['first'])
assert took[500] < 40 * max(took[50], 0.02), took
PY
    "$gcxc" graph "$enterprise" --format html -o "$work/all.gcx" >"$work/said" 2>&1 && say "a page over a source"
    "$gcxc" graph "$enterprise" --format html -o "$work/page.html" && "$gcxc" graph "$enterprise" --format html -o "$work/page.html" ||
        say "a page over a page"
fi
# What is changed in a diagram is a change of the text: values, clauses, statements behind, and none that has an error.
mkdir "$work/edit"
cp "$source"/examples/first/*.gcx "$work/edit"
edited() { (cd "$work/edit" && "$gcxc" edit --whole-site invoices.gcx --at "$@"); }
edited 3 --format json >"$work/values" || say "what can be changed"
has "$work/values" '"line.2"' '"skill Billing >= 5"' '"goto desk"' '"until"'
! grep -q '"answer"' "$work/values" || say "a selection has no answer"
edited 3 --set 'line=skill Billing >= 2' --set timeout=5m --set goal=30s --set 'else=stop "no"' >"$work/said" 2>&1 || { cat "$work/said"; say "values"; }
has "$work/said" 'skill Billing >= 2;' 'by longest_idle goal 30s timeout 5m$' 'else stop "no";' 'prompt hold, 20s'
edited 7:16 --set value=30s --insert 'delay 3s' >"$work/said" || say "a statement behind"
has "$work/said" '  ivr.music(prompt hold, 30s);' '  delay 3s;'
edited 9 --set answer= --set preview=20s >"$work/said" || say "a clause goes"
has "$work/said" '    route who preview 20s else goto desk;'
edited 9 --remove >"$work/said" || say "it goes"
! grep -q 'route who' "$work/said" || say "it has not gone"
refused 1 "unknown prompt 'nowhere'" edited 7:16 --set prompt=nowhere
refused 1 "needs a value of 'prompt'" edited 7:16 --set prompt=
refused 1 "has no 'answer'" edited 3 --set answer=3s
refused 1 'no statement' edited 1
refused 1 'needs --at' edited 3:0
refused 1 'has no line 99' edited 99
has "$work/values" '"may_go": true' '"may_go": false'
# A block of `else` is shown, changed and taken away whole, and what is there is not offered once more.
sed '9s/else goto desk/else { log.note("none"); goto desk; }/' "$source/examples/first/invoices.gcx" >"$work/edit/invoices.gcx"
edited 9 --format json >"$work/values" || say "a block of else"
has "$work/values" '"name": "else"' 'goto desk; }'
sed -n '/"more"/,$p' "$work/values" | grep -Eq '"(else|answer)"' && say "what is there is offered once more"
edited 9 --set 'else={ stop "none"; }' >"$work/said" || say "a block is changed"
has "$work/said" 'stop "none"'
edited 9 --set else= >"$work/said" && ! grep -q 'log.note' "$work/said" || say "a block goes"
cp "$source/examples/first/invoices.gcx" "$work/edit/invoices.gcx"
# The one statement of an arm becomes a block; behind a block stands a line of its own; a column counts characters.
cat >"$work/edit/arms.gcx" <<'GCX'
strategy arms on voice {
    segment dnis { "1" -> log.note("one"); else -> {} }
    if dnis == "2" { stop "two"; }
    ivr.say("über"); log.note("über");
    stop "over";
}
GCX
armed() { (cd "$work/edit" && "$gcxc" edit --whole-site arms.gcx --at "$@"); }
armed 2:28 --insert 'log.note("never")' >"$work/said" 2>&1
grep -q 'log.note("one");' "$work/said" && grep -q 'log.note("never");' "$work/said" || { cat "$work/said"; say "an arm"; }
armed 3:5 --insert 'delay 1s' >"$work/said" || say "behind a block"
has "$work/said" '^    if dnis == "2" { stop "two"; }$' '^    delay 1s;$'
armed 4:22 --set 'value="two"' >"$work/said" || say "the second statement of a line"
has "$work/said" 'ivr.say("über");' 'log.note("two");'
diff -r "$source/examples/first/invoices.gcx" "$work/edit/invoices.gcx" || say "the file itself was changed"
cd "$source/tests/language" || exit 1
mkdir "$work/canon"
tried=0
for file in *.gcx "$source"/strategies/*/*.gcx; do
    site=
    grep -qs '^site ' "$file" && site="--site $file"
    picture=$work/canon/$((tried += 1))-${file##*/}.dot
    # shellcheck disable=SC2086
    "$gcxc" graph $site "$file" >"$picture" 2>"$work/said"
    status=$?
    [ $status -le 1 ] || say "$file: status $status"
    if [ $status -eq 0 ]; then
        drawn=$((drawn + 1))
    else
        rm "$picture"
        grep -q -e ' error: ' -e '^error: ' -e 'no strategy' "$work/said" || say "$file: not drawn, and not said why"
    fi
done
[ $drawn -ge 20 ] || say "only $drawn were drawn"
# All of them are read by one process, and not laid out. A warning names its file.
dot -Tcanon "$work"/canon/*.dot >"$work/read" 2>"$work/why" && [ ! -s "$work/why" ] || { head -5 "$work/why"; say "Graphviz does not take all that is drawn"; }
[ "$(grep -c '^digraph' "$work/read")" -ge $drawn ] || say "of $drawn drawings Graphviz has read $(grep -c '^digraph' "$work/read")"
echo "$drawn drawn, $failed failed"
[ $failed -eq 0 ]
