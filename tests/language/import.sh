#!/bin/sh
# gcxc import: what is imported passes check, fmt and its own tests, says what it says in the source, and tells what is to
# be decided; hostile files are reported. GCX_COMPOSER names a folder of real projects, which are imported, too.
. "$(dirname "$0")/common.sh"
cd "$work" || exit 1
cp "$source"/tests/language/import/* . || exit 1

# told TEXT COMMAND...: it ends with 1, and says so.
told() {
    wanted=$1
    shift
    soon 20 "$@" >said 2>&1
    code=$?
    [ $code -eq 1 ] || say "status $code and not 1 of $*"
    grep -q -e "$wanted" said || { say "not told '$wanted' by $*"; head -5 said; }
}
# has FILE TEXT: a line that is in the file.
has() { grep -qF -e "$2" "$1" || say "$1 has no '$2'"; }

# flow BLOCK... LINK...: a workflow of these.
flow() {
    echo '<XMI xmlns:xmi="x"><StrategyDiagram name="f">'
    cat
    echo '</StrategyDiagram></XMI>'
}
block() { echo "<blocks xmi:type=\"ird:$1Block\" xmi:id=\"$2\" name=\"$2\"/>"; }
link() { echo "<links xmi:type=\"ird:WorkflowOutputLink\" name=\"${3-}\" fromBlock=\"$1\" toBlock=\"$2\"/>"; }

"$gcxc" import shop.workflow menu.callflow shop.ixnprocess night.scxml -o out >said || { say "import"; cat said; }
grep -q '^34 blocks: 11 translated, 19 with a remark, 2 not translated, 2 not reached in gcx; .* out/report.txt$' said || { say "totals"; cat said; }
"$gcxc" check out >said 2>&1 && [ ! -s said ] || { say "check"; cat said; }
"$gcxc" fmt --check out || say "fmt"
"$gcxc" test out >said 2>&1 || { say "tests"; cat said; }
grep -q '^2 passed, 0 failed' said || say "number of tests"
"$gcxc" graph --format mermaid out/shop.gcx >said || say "graph"
# A cycle is a loop, a skill expression a condition; `switch` and ?: are ifs; a reserved word is no name.
has out/shop.gcx '        (skill English >= 5 and skill Sales == 3);'
has out/shop.gcx '        let profile_answer = http.profile(ani) else goto which;'
has out/shop.gcx '        if (lower_case(tier) == "gold" or lower_case(tier) == "vip") {'
has out/shop.gcx '        attach user_data["tier"] = tier;'
has out/shop.gcx '        // not translated: for (var i = 0; i < 3; i++) { rounds = i; }'
has out/shop.gcx '        if project_shop_which_odd { goto pause_; }'
has out/site.gcx '    parameter project_shop_which_odd: bool? = none edit supervisor;'
has out/report.txt 'rest (Wait): with a remark: no test plays SCXML beside it: compare it with the diagram'
has out/menu.gcx 'subroutine menu(): map<str> {'
has out/menu.gcx '                segment e.reason { no_input, timeout -> { continue; } else -> { goto again_1; } }'
has out/night.gcx '        connect in vq VQ_NIGHT {'
has out/night.gcx '    let ask_digits = ivr.digits(prompt ask, max: 4, end: "#", gap: 2s) tries 1;'
has out/night.gcx '    http.tell(mood);'
has out/night.gcx '    ivr.play(prompt thank)'
has out/site.gcx '    endpoint profile(number: str): value = get "https://crm.example/profile?number={number}" timeout 5s;'
has out/report.txt 'shop.workflow:48: lookup (ird:DBDataBlock): not translated: declare a source'
has out/report.txt 'shop.workflow:55: never (ird:LogBlock): not reached'

# An everyday line, of blocks as projects have most: all are translated, and what is to be decided stands at few.
"$gcxc" import line.workflow menu.callflow -o line >said || { say "import of line.workflow"; cat said; }
sed -n 's/^\(.* not reached\).*/an everyday line, \1/p' said
grep -q '^21 blocks: 15 translated, 6 with a remark, 0 not translated, 0 not reached' said || say "the share of an everyday line"
"$gcxc" check line >said 2>&1 && [ ! -s said ] || { say "check of line.workflow"; cat said; }
"$gcxc" test line >said 2>&1 || { say "tests of line.workflow"; cat said; }

# Variables go to what is played, and come back, as what they are; the ways, keys and times of blocks that are easily lost.
"$gcxc" import passed.projectvars passed.workflow count.callflow -o passed >said || { say "import of passed.workflow"; cat said; }
"$gcxc" check passed >said 2>&1 && [ ! -s said ] || { say "check of passed.workflow"; cat said; }
has passed/count_.gcx 'subroutine count_(given: map<str>): map<str> {'
has passed/passed.gcx 'ivr.digits(prompt pin, max: 4, end: "#", gap: 2s)'
has passed/site.gcx '"https://crm.example/ask" timeout 20s;'
has passed/site.gcx '    parameter project_wait: int = 30 edit supervisor;'
has passed/passed.gcx '    level = (level + 1);'
has passed/passed.gcx '(skill French >= 3 or skill English >= 3) and ((skill Sales == 1 or skill Billing >= 5 or skill Loans >= 2) and skill Cards >= 2);'
grep -q unread passed/site.gcx && say "a parameter that nobody reads"
has passed/report.txt 'ann was passed over by the exit Skip Target'
has passed/report.txt 'not translated: its exit error.interaction.redirect is of some failures alone'
has passed/report.txt 'its targets stayed in the wait behind it'
cat >passed/goes.gcx <<'E'
import passed;
test "a flow is handed what it counts on" {
    ivr.menu(prompt hear) -> "*", "1";
    ivr.digits(prompt pin) -> "0815";
    http.ask -> "x";
    call passed from "1" to "1800" with (tier: "gold");
    expect stopped "slow";
    expect user_data["seen"].str == "four408158";
    expect user_data["least"].str == "st-600412";
}
test "nothing is counted where its condition says no" {
    ivr.menu(prompt hear) -> "1";
    ivr.digits(prompt pin) -> "0815";
    http.ask -> "x";
    call passed from "1" to "1800";
    expect stopped "slow";
    expect user_data["seen"].str == "one308158";
}
E
"$gcxc" test passed >said 2>&1 || { say "tests of passed.workflow"; cat said; }

# What a drawing keeps secret is in nothing that is written.
{
    echo '<blocks xmi:type="ird:EntryBlock" xmi:id="e" name="e"/>'
    echo '<blocks xmi:type="ird:HTTPRestBlock" xmi:id="h" name="h" uri="https://crm.example/" hook="https://me:sesame@crm.example/in?word=sesame&amp;sesame" username="me" password="sesame"/>'
    echo '<blocks xmi:type="ird:OddBlock" xmi:id="o" name="o" dbPassword="sesame" accessToken="sesame" Authorization="Basic sesame" api_key="sesame" pwd="sesame" back="https://me:sesame@crm.example/back" clientSecret="sesame" user="me" password="Variable(word)"/>'
    link e h; link h o
} | flow >hidden.workflow
"$gcxc" import hidden.workflow -o hidden >said || { say "import of hidden.workflow"; cat said; }
has hidden/report.txt 'password=****'
has hidden/hidden.gcx 'dbPassword: ****'
has hidden/hidden.gcx 'back: https://****@crm.example/back'
has hidden/hidden.gcx 'password: Variable(word)'
! grep -r sesame hidden || say "a password of the drawing is told"

# The order of agents, and statements that count.
order() { echo "<blocks xmi:type=\"ird:TargetBlock\" xmi:id=\"$1\" name=\"$1\" statisticsOrder=\"$2\" timeout=\"60\"><targets xmi:id=\"of-$1\" name=\"Sales\" targetType=\"AgentGroup\"/><statistic xmi:id=\"by-$1\" value=\"$3\"/></blocks>"; }
{
    echo '<blocks xmi:type="ird:EntryBlock" xmi:id="e" name="e"><variables name="n" value="3"/><variables name="m" value="3"/></blocks>'
    echo '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="s" name="s" script="n--; m++; m -= 2; m += 4; m *= 5;"/>'
    order idle Max StatTimeInReadyState; order free Min StatAgentLoading; order busy Max StatAgentLoading
    order wait Min RStatLBEWTLAA; order odd Max StatCallsInQueue
    echo '<blocks xmi:type="ird:UserDataBlock" xmi:id="u" name="u"><assignData><Key value="n"/><Value value="n" Source="Variable"/></assignData><assignData><Key value="m"/><Value value="m" Source="Variable"/></assignData></blocks>'
    link e s; link s idle; link idle free; link free busy; link busy wait; link wait odd; link odd u
} | flow >sorting.workflow
"$gcxc" import sorting.workflow -o sorting >said || { say "import of sorting.workflow"; cat said; }
has sorting/sorting.gcx 'n = (n - 1);'
for line in 'm = (m + 1);' 'm = (m - 2);' 'm = (m + 4);' 'm = (m * 5);'; do has sorting/sorting.gcx "$line"; done
[ "$(sed -n 's/^ *} by \([a-z_]*\) timeout.*/\1/p' sorting/sorting.gcx | tr '\n' ' ')" = 'longest_idle longest_idle ' ] ||
    { say "the order of agents"; grep '} by' sorting/sorting.gcx; }
has sorting/report.txt 'the order by Max StatCallsInQueue is to be written'
has sorting/report.txt 'the order by Min StatAgentLoading is to be written'

# A value that cannot be said here, or a number that may be nothing there, is attached to no key, and the report tells
# which; of a text that is nothing it tells that it is empty here.
kept() { echo "<assignData><Key value=\"$1\"/><Value value=\"$2\" Source=\"Variable\"/></assignData>"; }
{
    echo '<blocks xmi:type="ird:EntryBlock" xmi:id="e" name="e"><variables name="empty" value=""/><variables name="n" value="3"/></blocks>'
    echo '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="s" name="s" script="if (n == 3) { n = undefined; }"/>'
    echo '<blocks xmi:type="ird:UserDataBlock" xmi:id="u" name="u">'; kept one empty; kept two n; kept three 'odd(n)'; kept four "'said'"; echo '</blocks>'
    link e s; link s u
} | flow >unsaid.workflow
"$gcxc" import unsaid.workflow -o unsaid >said || { say "import of unsaid.workflow"; cat said; }
has unsaid/report.txt 'not translated: two is not attached; not translated: three is not attached'
[ "$(grep -c 'attach user_data."[a-z]*".' unsaid/unsaid.gcx) $(grep -c 'attach user_data."four". = "said"' unsaid/unsaid.gcx)" = '2 1' ] || { say "what is attached"; cat unsaid/unsaid.gcx; }

# Applications of the IVR that are not imported, with results and without; a flow that routes is switched to, and nothing
# stands behind that. What catches nothing is left out, and what may catch something is quoted.
{
    echo '<blocks xmi:type="ird:EntryBlock" xmi:id="e" name="e"><variables name="got" value="&apos;&apos;"/><variables name="$né" value="1"/></blocks>'
    echo '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="t" name="t" script="try { if ($né == 1) { throw &apos;x&apos;; } } catch (x) { got = &apos;error&apos;; }"/>'
    echo '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="c" name="c" script="$né = $né + 1; __Log(String($né)); __Log(next());"/>'
    echo '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="s" name="s" script="try { got = &apos;a&apos;; } catch (x) { __Log(&apos;no&apos;); got = &apos;error&apos;; } if ($né == 1) { let got = &apos;inner&apos;; } (function () { try { var got = &apos;own&apos;; } catch (x) {} })();"/>'
    echo '<blocks xmi:type="ird:PlayApplicationBlock" xmi:id="p" name="p" resource="/far.callflow"><parameters name="said" value="heard" type="output"/></blocks>'
    echo '<blocks xmi:type="ird:PlayApplicationBlock" xmi:id="q" name="q" resource="/near.callflow"/>'
    echo '<blocks xmi:type="ird:SubroutineBlock" xmi:id="u" name="u" resource="/routes.workflow"/>'
    block Disconnect behind
    link e t; link t c; link c s; link s p; link p q; link q u; link u behind
} | flow >calls.workflow
{ block Entry e; echo '<blocks xmi:type="ird:ForceRouteBlock" xmi:id="f" name="f"><destination value="5000"/></blocks>'; link e f; } | flow >routes.workflow
"$gcxc" import calls.workflow routes.workflow -o calls >said || { say "import of calls.workflow"; cat said; }
grep -q "where that failed" calls/calls.gcx && say "what cannot fail is told to fail"
has calls/calls.gcx "// not translated: try { if (\$né == 1) { throw 'x'; } }"
has calls/calls.gcx '    _n__ = (_n__ + 1);'
has calls/calls.gcx '// log: String($né)' # which only reads, as far as anybody knows of next()
has calls/calls.gcx '// not translated: __Log(next())'
grep -qE "got = \"(inner|own)\"" calls/calls.gcx && say "a name of a block or a function is the flow's"
has calls/calls.gcx 'let p_found = ivr.application("/far.callflow");'
has calls/calls.gcx 'data_str(p_found["said"]'
has calls/calls.gcx '    ivr.application("/near.callflow");'
[ "$(sed -n '/switch to routes;/,/on abandoned/p' calls/calls.gcx | grep -c '[a-z]')" -eq 2 ] || { say "something stands behind a switch"; cat calls/calls.gcx; }

# A strategy that answers e-mails is on e-mail, and its test says what it does first.
"$gcxc" import mail.workflow -o mails >said || { say "import of mail.workflow"; cat said; }
has mails/mail.gcx 'strategy mail on email {'
has mails/mail_tests.gcx '    expect email.acknowledge;'
"$gcxc" test mails >said 2>&1 || { say "tests of mail.workflow"; cat said; }

# Messages and recordings are the steps that send and make them; where the source does not say to whom, it is told.
"$gcxc" import told.workflow -o told >said || { say "import of told.workflow"; cat said; }
grep -q '^16 blocks: 2 translated, 10 with a remark, 4 not translated' said || { say "totals of told.workflow"; cat said; }
has told/told.gcx '    sms.send("We call you back.");'
has told/told.gcx '    email.send("shop@example.com", "A call", "Somebody \"has\" called.");'
has told/told.gcx '    email.send("shop@example.com", template welcome);'
has told/told.gcx '    ivr.record(prompt message, max: 1m) else {};'
# What is empty is emptied; a time of none, failures of one kind, groups of anything but agents, items of lists, recordings
# that data name, options without a key and limits that nobody can keep are told.
has told/told.gcx '    attach user_data["tier"] = "";'
for told in 'no time (ird:WaitBlock): with a remark: not translated: its timeout is 0 there' 'e (ird:EntryBlock): with a remark: not translated: its exit error.script' \
    'looked (ird:HTTPRestBlock): with a remark: not translated: its exit error.http.404 is of some failures alone; its exit error: each failure goes one way here' \
    'places (ird:TargetBlock): not translated: the target North; the target A@S.GA;B@S.GA' \
    'item (ird:EcmaScriptBlock): not translated' 'named (ird:PromptBlock): with a remark: not translated: it plays what file names' \
    'keys (ird:MenuBlock): with a remark: not translated: its option Two' 'digits (ird:InputBlock): with a remark: not translated: at least'; do
    has told/report.txt ": $told"
done
has told/report.txt 'told.workflow:7: to nobody (ird:CreateEmailBlock): not translated:'
{ "$gcxc" check told && "$gcxc" test told; } >said 2>&1 || { say "check and tests of told.workflow"; cat said; }
grep -q 'expect never' out/*_tests.gcx && say "an expectation that cannot fail"

# Paths side by side stand one after the other, within each other, too: sounds beside a selection are its treatments. Two
# that route cannot. The drawing is the source's.
"$gcxc" import beside.workflow -o besides >said || { say "import of beside.workflow"; cat said; }
"$gcxc" check besides >said 2>&1 && [ ! -s said ] || { say "check of beside.workflow"; cat said; }
[ "$(grep -o '^    tries_ = \|tier = "gold"\|http.look()\|ivr.music\|    route\|chosen = select' besides/beside.gcx | tr -d ' \n')" = \
    'tries_=tier="gold"http.look()chosen=selectivr.music' ] || say "the order of the paths"
has besides/beside.gcx '            ivr.music(prompt hear, 20s) else {};'
grep -q ':9: together (ird:BeginParallelBlock): with a remark: .*; its paths ran side by side, and run one after the other' besides/report.txt || say "paths that wait"
has besides/report.txt ':16: note (ird:BeginParallelBlock): with a remark: no test plays it beside the source'
grep -q ':25: torn (ird:BeginParallelBlock): not translated: .*; of its paths only r is written; decide what becomes of l' besides/report.txt || say "paths that are left"
has besides/flows.md '    b1 -->|"hears"| b2'

{
    block BeginParallel p; block EndParallel q; block Entry e; block Exit x
    echo '<blocks xmi:type="ird:PlaySoundBlock" xmi:id="s" name="s" soundType="RingBack" duration="60"/>'
    echo '<blocks xmi:type="ird:ForceRouteBlock" xmi:id="f" name="f"><destination value="5000"/></blocks>'
    link e p; link p s 1; link p f 2; link s q; link f q; link q x
} | flow >ringing.workflow
"$gcxc" import ringing.workflow -o ringing >said || { say "import of ringing.workflow"; cat said; }
grep -q 'ivr.tone' ringing/ringing.gcx && say "a caller hears a minute of tones before the route"
has ringing/report.txt 'the sounds beside the route are left out'

# The flow as the source draws it, and as it has become.
has out/flows.md '    b3 -->|"noinput"| b2'
has out/flows.md 'b15["never<br>LogBlock"]:::gone'
[ "$(grep -c '^In gcx' out/flows.md)" -eq 3 ] || say "three flows are drawn"

# Nothing that is there is written over.
echo kept >out/site.gcx
told 'out/menu.gcx is there' "$gcxc" import menu.callflow -o out
grep -q kept out/site.gcx || say "a file was written over"
told 'cannot make the folder' "$gcxc" import menu.callflow -o menu.callflow/x

# A file that is none is told, and the others are imported.
echo '<x/>' >none.workflow
told 'none.workflow is not imported: it is none of Composer' "$gcxc" import none.workflow menu.callflow -o some
has some/report.txt 'none.workflow: not read:'
[ -s some/menu.gcx ] || say "a bad file hinders a good one"
printf '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><x>&c;</x>' >entity.workflow
told 'document type' "$gcxc" import entity.workflow -o none
head -c 300000 /dev/zero | tr '\0' '<' >signs.workflow
told 'is not imported' "$gcxc" import signs.workflow -o none
{ printf '<a>%.0s' $(seq 300); printf '</a>%.0s' $(seq 300); } >deep.scxml
told 'too deep' "$gcxc" import deep.scxml -o none
told 'cannot read' "$gcxc" import missing.workflow -o none
told 'is not imported' "$gcxc" import "$gcxc" -o none
[ ! -e none ] || say "a folder was made for nothing"

# A cycle that is entered at two blocks, and one without a way out.
{
    block Entry e
    echo '<blocks xmi:type="ird:BranchingBlock" xmi:id="b" name="b"><conditions name="c" expression="system.ANI == 1"/></blocks>'
    block Wait x; block Wait y; block Disconnect end
    echo '<blocks xmi:type="ird:BranchingBlock" xmi:id="z" name="z"><conditions name="c" expression="system.ANI == 2"/></blocks>'
    link e b; link b x default; link b y c; link x y; link y z; link z x default; link z end c
} | flow >twice.workflow
{ block Entry e; block Wait x; block Wait y; link e x; link x y; link y x; } | flow >endless.workflow
{ block Entry e; } | flow >alone.workflow
"$gcxc" import twice.workflow endless.workflow alone.workflow -o cycles || say "cycles"
has cycles/twice.gcx '        if turn_1 == 2 { goto y; }'
has cycles/endless.gcx '    repeat 1000 {'
# Thousands of blocks that are called alike are named at once. A name with lines is one of the report's, and what hides
# itself in a text is seen, and stays what it was.
{
    block Entry e
    awk 'BEGIN { for (i = 0; i < 8000; i++) printf "<blocks xmi:type=\"ird:WaitBlock\" xmi:id=\"w%d\" name=\"a&#10;strategy b\"/>\n", i }'
    echo '<blocks xmi:type="ird:AssignBlock" xmi:id="hidden" name="hidden"><assignData Key="name" Value="&apos;a&#x202e;b&apos;"/></blocks>'
    link e hidden; link hidden w0
} | flow >alike.workflow
soon 20 "$gcxc" import alike.workflow -o alikes >said || say "blocks that are called alike"
has alikes/alike.gcx ' = "a\u{202e}b";'
has alikes/report.txt 'alike.workflow:3: a\u{a}strategy b (ird:WaitBlock): '
"$gcxc" check alikes || say "check of blocks that are called alike"
# Flows that play each other are no subroutines, whoever else plays them and however often one is come by.
plays() {
    { block Entry e; for played; do echo "<blocks xmi:type=\"ird:PlayApplicationBlock\" xmi:id=\"p$played\" name=\"p$played\" resource=\"/$played.callflow\"/>"; done
        for played; do link "${before-e}" "p$played"; before=p$played; done; unset before; } | flow
}
plays one other >first.callflow
plays other >one.callflow
plays one >other.callflow
"$gcxc" import first.callflow one.callflow other.callflow -o played >said 2>&1 || { say "flows that play each other"; head -5 said; }
# A flow that is played may hang up: whoever plays it ends the call, and no failure is cured by `else`. What hangs up in
# a handler ends the call, too.
exception() { echo "<links xmi:type=\"ird:WorkflowExceptionLink\" name=\"$3\" fromBlock=\"$1\" toBlock=\"$2\"/>"; }
{ block Entry e; echo '<blocks xmi:type="gvp:SubdialogBlock" xmi:id="p" name="p" uri="Callflows/middle.callflow"/>'; block Disconnect d
    block Wait agents; link e p; link p agents; exception p agents error; exception e d error; } | flow >ends.callflow
plays bye >middle.callflow
{ block Entry e; echo '<blocks xmi:type="gvp:PromptBlock" xmi:id="hear" name="hear"><prompts value="a.vox"/></blocks>'
    block Disconnect goodbye; link e hear; link hear goodbye; } | flow >bye.callflow
"$gcxc" import ends.callflow middle.callflow bye.callflow -o ends >said || { say "flows that hang up"; cat said; }
has ends/ends.gcx '        stop "d";'
cat >ends/hangs.gcx <<'E'
import ends;
test "who has heard goodbye is hung up on" { call ends from "1" to "1800"; expect ivr.play(prompt hear); expect stopped "goodbye"; }
E
"$gcxc" test ends >said 2>&1 || { say "who hears goodbye comes to the agents"; head -20 said; }

# What may fail between the making of an object and its setting: nothing of it is attached before. Whoever comes to the
# default destination has met no error.
{
    echo '<blocks xmi:type="ird:EntryBlock" xmi:id="e" name="e"><variables name="got" value="&apos;&apos;"/><variables name="answer" value="undefined"/></blocks>'
    echo '<blocks xmi:type="ird:HTTPRestBlock" xmi:id="w" name="w" uri="&apos;https://crm.example/a&apos;" requestMethod="get" outputResult="Variable(answer)"/>'
    echo '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="s" name="s" script="var m = {a: &apos;x&apos;}; got = answer.deep.er; _genesys.ixn.setuData(m);"/>'
    echo '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="h" name="h" script="got = &apos;failed&apos;;"/>'
    link e w; link w s; exception e h error
} | flow >between.workflow
"$gcxc" import between.workflow -o between >said || { say "import of between.workflow"; cat said; }
has between/between.gcx '// not translated: _genesys.ixn.setuData(m)'
has between/between.gcx 'if e.code != "s: nothing follows" {'

# Nothing takes away what stands in user data: what is cleared there is quoted.
{
    echo '<blocks xmi:type="ird:EntryBlock" xmi:id="e" name="e"><variables name="got" value="&apos;&apos;"/></blocks>'
    echo '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="k" name="k" script="_genesys.ixn.interactions[system.InteractionID].udata.tier = undefined; _genesys.ixn.interactions[system.InteractionID].udata.kind = null; if (_genesys.ixn.interactions[system.InteractionID].udata.tier == undefined) { got = &apos;cleared&apos;; }"/>'
    link e k
} | flow >clears.workflow
"$gcxc" import clears.workflow -o clears >said || { say "import of clears.workflow"; cat said; }
grep -q 'attach' clears/clears.gcx && { say "what is cleared is attached as nothing"; cat clears/clears.gcx; }

# What may be nothing is attached as an empty text, which is told, and only the question that parts the two is quoted. A
# script is no function: one with a return fails there as a whole.
udata='_genesys.ixn.interactions[system.InteractionID].udata'
{
    echo '<blocks xmi:type="ird:EntryBlock" xmi:id="e" name="e"><variables name="got" value="&apos;&apos;"/><variables name="may" value="undefined"/><variables name="answer" value="undefined"/></blocks>'
    echo '<blocks xmi:type="ird:HTTPRestBlock" xmi:id="w" name="w" uri="&apos;https://crm.example/a&apos;" requestMethod="get" outputResult="Variable(answer)"/>'
    echo "<blocks xmi:type=\"ird:EcmaScriptBlock\" xmi:id=\"k\" name=\"k\" script=\"may = system.ANI; $udata.may = may; $udata.level = answer.level; $udata[system.DNIS] = 'x';\"/>"
    echo "<blocks xmi:type=\"ird:BranchingBlock\" xmi:id=\"b\" name=\"b\"><conditions name=\"c\" expression=\"$udata.may == undefined\"/><conditions name=\"d\" expression=\"$udata.may == 'gold'\"/></blocks>"
    echo "<blocks xmi:type=\"ird:EcmaScriptBlock\" xmi:id=\"r\" name=\"r\" script=\"got = 'before'; if (system.ANI == '1') { return; } got = 'after';\"/>"
    echo "<blocks xmi:type=\"ird:UserDataBlock\" xmi:id=\"u\" name=\"u\"><assignData><Key value=\"got\"/><Value value=\"got\" Source=\"Variable\"/></assignData></blocks>"
    link e w; link w k; link k b; link b r c; link b r d; link b r default; link r u
} | flow >empties.workflow
"$gcxc" import empties.workflow -o empties >said || { say "import of empties.workflow"; cat said; }
has empties/empties.gcx "// not translated: $udata.may == undefined"
has empties/empties.gcx 'if (data_str(user_data["may"], "") else "") == "gold" {'
has empties/empties.gcx 'attach user_data["level"] = (answer_["level"] else "");'
has empties/empties.gcx 'attach user_data[dnis] = "x";'
has empties/report.txt 'k (ird:EcmaScriptBlock): with a remark: where what "may" is to be is nothing, it is an empty text here'
grep -q 'got = "\(before\|after\)"\|user_data\["got"\]' empties/empties.gcx && { say "a script with a return outside a function"; cat empties/empties.gcx; }

# A key that is computed may be any: where it is set by what is not translated, no key is known, and where one is not known,
# the computed one is not.
asked() {
    {
        block Entry e
        echo "<blocks xmi:type=\"ird:EcmaScriptBlock\" xmi:id=\"k\" name=\"k\" script=\"$2\"/>"
        echo "<blocks xmi:type=\"ird:BranchingBlock\" xmi:id=\"b\" name=\"b\"><conditions name=\"c\" expression=\"$3\"/></blocks>"
        block Disconnect d; link e k; link k b; link b d c; link b d default
    } | flow >"$1.workflow"
    "$gcxc" import "$1.workflow" -o "$1" >said || { say "import of $1.workflow"; cat said; }
    grep -qF "// not translated: $3" "$1/$1.gcx"
}
asked any_set "$udata[system.DNIS] = lookup(1);" "$udata.tier == 'gold'" || say "a key that is computed and not known hides no other"
asked any_asked "$udata.tier = lookup(1);" "$udata[system.DNIS] == 'gold'" || say "a key that is computed is known, and the one that it may be is not"
asked other_asked "$udata.tier = lookup(1);" "$udata.kind == 'gold'" && say "a key that is not known hides another one"
asked any_nothing "$udata[system.DNIS] = $udata.kind;" "$udata.tier == undefined" || say "what may be nothing under a computed key is known to be something"
# A text that may be a number there is that in another variable, and in a flow to which it is handed.
asked number_copied "several = 'x'; several = 0; got = several;" "got" || say "a copy of what may be a number is a text"
{
    block Entry e; block Disconnect d; link e p; link p d
    echo "<blocks xmi:type=\"gvp:SubdialogBlock\" xmi:id=\"p\" name=\"p\" uri=\"Callflows/handed.callflow\"><parameters name=\"kind\" value=\"$udata.kind\"/></blocks>"
} | flow >hands.workflow
{
    echo '<blocks xmi:type="ird:EntryBlock" xmi:id="e" name="e"><variables name="kind" value="&apos;x&apos;" type="Input"/></blocks>'
    echo '<blocks xmi:type="ird:BranchingBlock" xmi:id="b" name="b"><conditions name="c" expression="!kind"/></blocks>'
    block Exit x; link e b; link b x c; link b x default
} | flow >handed.callflow
"$gcxc" import hands.workflow handed.callflow -o hands >said || { say "import of hands.workflow"; cat said; }
has hands/handed.gcx '// not translated: !kind'
{
    block Entry e; block Disconnect d; link e p; link p b; link b d c; link b k default; link k u; link u d
    echo '<blocks xmi:type="gvp:SubdialogBlock" xmi:id="p" name="p" uri="Callflows/back.callflow"><parameters name="kind" value="got" type="output"/></blocks>'
    echo "<blocks xmi:type=\"ird:UserDataBlock\" xmi:id=\"k\" name=\"k\"><assignData><Key value=\"lookup(1)\" Source=\"Variable\"/><Value value=\"x\"/></assignData></blocks>"
    echo "<blocks xmi:type=\"ird:BranchingBlock\" xmi:id=\"b\" name=\"b\"><conditions name=\"c\" expression=\"!got\"/></blocks>"
    echo "<blocks xmi:type=\"ird:BranchingBlock\" xmi:id=\"u\" name=\"u\"><conditions name=\"c\" expression=\"$udata.tier == 'gold'\"/></blocks>"
} | flow >brings.workflow
{
    block Entry e; block Exit x; link e k; link k x
    echo '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="k" name="k" script="kind = &apos;x&apos;; kind = 0;"/>'
} | flow >back.callflow
"$gcxc" import brings.workflow back.callflow -o brings >said || { say "import of brings.workflow"; cat said; }
has brings/brings.gcx '// not translated: !got'
has brings/brings.gcx "// not translated: $udata.tier == 'gold'"
# What is logged is computed, and a value that is set is one expression.
{
    block Entry e; block Disconnect d; link e k; link k l; link l a; link a d
    echo '<blocks xmi:type="ird:AssignBlock" xmi:id="k" name="k"><assignData Key="rounds" Value="1"/></blocks>'
    echo '<blocks xmi:type="ird:LogBlock" xmi:id="l" name="l"><loggingDetails value="rounds++"/><loggingDetails value="The caller waits."/></blocks>'
    echo '<blocks xmi:type="ird:AssignBlock" xmi:id="a" name="a"><assignData Key="got" Value="1; rounds = 2"/></blocks>'
} | flow >logs.workflow
"$gcxc" import logs.workflow -o logs >said || { say "import of logs.workflow"; cat said; }
has logs/report.txt 'l (ird:LogBlock): with a remark: not translated: what it logs, which may set or fail there: rounds++'
has logs/logs.gcx '// log: The caller waits.'
grep -q 'rounds = 2$\|rounds = 2;$' logs/logs.gcx && { say "what stands behind a value is a statement"; cat logs/logs.gcx; }

# What a function declares is its own above the declaration, too, where ECMAScript fails. So does what is
# logged of nothing.
{
    echo '<blocks xmi:type="ird:EntryBlock" xmi:id="e" name="e"><variables name="got" value="&apos;&apos;"/></blocks>'
    echo '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="k" name="k" script="(function () { got = &apos;early&apos;; let got = &apos;late&apos;; })(); __Log(never.was.so);"/>'
    link e k
} | flow >early.workflow
"$gcxc" import early.workflow -o early >said || { say "import of early.workflow"; cat said; }
has early/early.gcx "// not translated: (function () { got = 'early'"
has early/early.gcx '// not translated: __Log(never.was.so)'

# What a block says and nobody reads is told: a weight, prompts of the second attempt, a time for a key, which is none of
# the step. Recordings and texts keep their order; a prompt that is an expression is never read out.
{
    block Entry e
    echo '<blocks xmi:type="gvp:MenuBlock" xmi:id="m" name="choose" timeout="3" numberOfRetriesAllowed="3"><retryPrompts name="again" value="again.vox"/><menuOptions name="Sales" returnValue="sales" dtmf="1"/></blocks>'
    echo '<blocks xmi:type="gvp:PromptBlock" xmi:id="y" name="yes"><prompts value="a.vox" type="Resource"/><prompts value="Well done." interpretAs="Text" type="Value"/><prompts value="b.vox" type="Resource"/><prompts value="price(4)" interpretAs="Text" type="Value"/></blocks>'
    echo '<blocks xmi:type="ird:TargetBlock" xmi:id="t" name="t" timeout="20" statisticsOrder="Percentage"><targets name="A" targetType="AgentGroup" weight="60"/><targets name="B" targetType="AgentGroup" weight="40"/></blocks>'
    link e m; link m y Sales; link y t; exception m y noinput
} | flow >unread.workflow
"$gcxc" import unread.workflow -o unread >said || { say "unread.workflow"; cat said; }
has unread/report.txt 'not translated: retryPrompts=again.vox'
has unread/report.txt 'targets.weight=60, targets.weight=40'
has unread/report.txt 'not translated: timeout=3, the time for a key'
has unread/report.txt 'not translated: it says price(4)'
[ "$(grep -o 'ivr.play(prompt [^)]*)\|ivr.say([^)]*)\|tries 4 e' unread/unread.gcx | tr '\n' ' ')" = 'tries 4 e ivr.play(prompt yes) ivr.say("Well done.") ivr.play(prompt "yes 2") ' ] ||
    { say "recordings and texts"; cat unread/unread.gcx; }

# Targets whose text comes as data are read when the caller is there, and a project's own function is quoted.
{
    echo '<blocks xmi:type="ird:EntryBlock" xmi:id="e" name="e"><variables name="where" value="&apos;&apos;"/><variables name="empty" value=""/><variables name="flag" value="&apos;0&apos;"/></blocks>'
    echo '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="s" name="s" script="where = _genesys.ixn.interactions[0].udata.to; flag = getJSONContent(where, &apos;a.b&apos;);"/>'
    echo '<blocks xmi:type="ird:TargetBlock" xmi:id="t" name="t" timeout="20" statisticsOrder="Min"><targets name="where" targetType="Variable"/><statistic xmi:id="by" value="RStatLBEWTLAA"/></blocks>'
    link e s; link s t
} | flow >variable.workflow
"$gcxc" import variable.workflow -o variable >said || { say "variable.workflow"; cat said; }
has variable/report.txt 'the order by Min RStatLBEWTLAA is to be written' # of one target it is the longest idle
has variable/variable.gcx "// not translated: flag = getJSONContent(where, 'a.b')"
sed -i 's/^ *group imported;/group imported, Sellers, Others;/' variable/site.gcx
cat >variable/who.gcx <<'E'
import variable;
test "targets that come as data" for each to { "Sellers@Stat_Server.GA"; "Others@S.GA,Sellers@S.GA"; "marie@S.A"; } {
    agent marie in group Sellers ready;
    call variable from "1" to "1800" with (to: to);
    expect routed to agent marie within 1s;
}
test "nobody of them" { agent marie in group Others ready; call variable from "1" to "1800" with (to: "Sellers@S.GA"); expect failed "timeout"; }
E
"$gcxc" test variable/who.gcx >said 2>&1 || { say "targets in a variable"; head -20 said; }

# A target is what it says to its last character, or it is told: TYPE~the target~how gcx has it; nothing: told.
cat >aimrows <<'E'
Skill~?:English > 5@S.GA~skill English >= 6
Skill~?:English > 5 and French > 2@S.GA~skill English >= 6 and skill French >= 3
Skill~?:English > 5 AND (French = 1 or German=1)~skill English >= 6 and (skill French == 1 or skill German == 1)
Skill~?:English > 5 && French > 2 | Dutch >= 10~(skill English >= 6 and skill French >= 3) or skill Dutch >= 10
Skill~?:"Sign - Language" <= 4@.GA~skill "Sign - Language" <= 4
Skill~?:Sign Language>4@.GA~skill "Sign Language" >= 5
AgentGroup~ Sellers @SS.GA~group Sellers
AgentGroup~Sales-North@SS.GA~group "Sales-North"
AgentGroup~marie@SS.A~agent.named("marie")
Skill~?:English > 5 and French > 2 or Dutch > 2~
Skill~?:English > 5 + 2@.GA~
Skill~?:English > 5.5~
Skill~?:English > 5x~
Skill~?:English > 1e1~
Skill~?:English + French > 10@.GA~
Skill~?:Sales-North > 1@.GA~
Skill~?:not English > 1@.GA~
Skill~?:English" > 1@.GA~
Skill~?:English > 5 & @.GA~
Skill~?:English > 5 & (French > 2@.GA~
Skill~?:English=10.GA~
Skill~?:English > 5@SS.Q~
Skill~?Sellers:English > 5@SS.GA~
AgentGroup~Sellers , Billing@SS.GA~
AgentGroup~'Sellers'~
AgentGroup~Sales.GA~
E
# Of parentheses within each other there may be sixty.
for deep in 60 61; do
    opened=$(printf "%${deep}s" '' | tr ' ' '(') closed=$(printf "%${deep}s" '' | tr ' ' ')')
    gcx=$([ $deep = 61 ] || echo "${opened}skill English >= 6$closed")
    echo "Skill~?:${opened}English > 5$closed~$gcx"
done >>aimrows
aims=0
while IFS='~' read -r kind aim gcx; do
    aims=$((aims + 1))
    [ -z "$gcx" ] || echo "aims/aim$aims.gcx~$gcx;" >>aimed
    [ -n "$gcx" ] || echo "aims/report.txt~aim$aims.workflow:3: aim (ird:TargetBlock): not translated: the target $aim;" >>aimed
    aim=$(printf '%s' "$aim" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/"/\&quot;/g')
    { block Entry e; echo "<blocks xmi:type=\"ird:TargetBlock\" xmi:id=\"t\" name=\"aim\" timeout=\"30\"><targets name=\"$aim\" targetType=\"$kind\"/></blocks>"; link e t; } | flow >"aim$aims.workflow"
done <aimrows
"$gcxc" import aim*.workflow -o aims >said || { say "import of targets"; cat said; }
while IFS='~' read -r file line; do has "$file" "$line"; done <aimed
"$gcxc" check aims >said 2>&1 || { say "check of targets"; head -5 said; }

# So is a length of time.
for time in "'7s' 7s" "'7000ms' 7s" "'1500ms' 1500ms" "'1.5s' 1.5s"; do
    sed "s/delay=\"[^\"]*\"/delay=\"${time% *}\"/" night.scxml >rests.scxml
    rm -rf rests
    "$gcxc" import rests.scxml -o rests >said || { say "import of a time"; cat said; }
    case $time in *\ 7s) has rests/rests.gcx '    delay 7s;' ;; *) has rests/report.txt "not translated: timeout=${time#* }, unless" ;; esac
done

# A condition that is not translated is an error of its block until the site has decided it: nobody is let in by it.
{
    echo '<blocks xmi:type="ird:EntryBlock" xmi:id="e" name="e"><variables name="flag" value="&apos;&apos;"/></blocks>'
    echo '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="s" name="s" script="flag = getJSONContent(ANI, &apos;a.b&apos;);"/>'
    echo '<blocks xmi:type="ird:BranchingBlock" xmi:id="b" name="b"><conditions name="blocked" expression="flag == 1"/></blocks>'
    block Disconnect out; block Disconnect in
    link e s; link s b; link b out blocked; link b in default
} | flow >undecided.workflow
"$gcxc" import undecided.workflow -o undecided >said || { say "undecided.workflow"; cat said; }
cat >undecided/who.gcx <<'E'
import undecided;
test "undecided" { call undecided from "1" to "1800"; expect failed "b"; }
test "blocked" { parameter project_undecided_b_blocked = true; call undecided from "1" to "1800"; expect stopped "out"; }
test "let in" { parameter project_undecided_b_blocked = false; call undecided from "1" to "1800"; expect stopped "in"; }
E
"$gcxc" test undecided >said 2>&1 || { say "a condition that is not decided"; head -20 said; }
# Graphs by chance, with whatever cycles they have: a call goes the way that it goes in the source. Each block notes that
# it was reached and takes one of three ways by how many were; after twenty the flow ends.
mkdir graphs
awk 'BEGIN { srand(29)
    for (g = 1; g <= 30; g++) {
        n = 2 + int(rand() * 8); file = "graphs/g" g ".workflow"
        print "<XMI xmlns:xmi=\"x\"><StrategyDiagram name=\"g\"><blocks xmi:type=\"ird:EntryBlock\" xmi:id=\"e\" name=\"e\"><variables name=\"path\" value=\"\x27\x27\"/><variables name=\"n\" value=\"0\"/></blocks>" >file
        print "<blocks xmi:type=\"ird:UserDataBlock\" xmi:id=\"u\" name=\"u\"><assignData><Key value=\"path\"/><Value value=\"path\" Source=\"Variable\"/></assignData></blocks><blocks xmi:type=\"ird:DisconnectBlock\" xmi:id=\"d\" name=\"d\"/>" >file
        print "<links xmi:type=\"OutputLink\" fromBlock=\"e\" toBlock=\"a1\"/><links xmi:type=\"OutputLink\" fromBlock=\"u\" toBlock=\"d\"/>" >file
        for (i = 1; i <= n; i++) {
            for (w = 1; w <= 3; w++) way[i, w] = 1 + int(rand() * n)
            rest[i] = int(rand() * 3); says[i] = rand() < 0.7
            printf "<blocks xmi:type=\"ird:%sBlock\" xmi:id=\"a%d\" name=\"a%d\">%s</blocks>\n", says[i] ? "Assign" : "Log", i, i, says[i] ? "<assignData Key=\"path\" Value=\"path + \x27" i ".\x27\"/>" : "" >file
            printf "<blocks xmi:type=\"ird:AssignBlock\" xmi:id=\"n%d\" name=\"n%d\"><assignData Key=\"n\" Value=\"n + 1\"/></blocks>\n", i, i >file
            printf "<blocks xmi:type=\"ird:BranchingBlock\" xmi:id=\"b%d\" name=\"b%d\"><conditions name=\"end\" expression=\"n > 20\"/><conditions name=\"x\" expression=\"n %% 3 == %d\"/><conditions name=\"y\" expression=\"n %% 2 == 0\"/></blocks>\n", i, i, rest[i] >file
            printf "<links xmi:type=\"OutputLink\" fromBlock=\"a%d\" toBlock=\"n%d\"/><links xmi:type=\"OutputLink\" fromBlock=\"n%d\" toBlock=\"b%d\"/><links xmi:type=\"OutputLink\" name=\"end\" fromBlock=\"b%d\" toBlock=\"u\"/>\n", i, i, i, i, i >file
            printf "<links xmi:type=\"OutputLink\" name=\"x\" fromBlock=\"b%d\" toBlock=\"a%d\"/><links xmi:type=\"OutputLink\" name=\"y\" fromBlock=\"b%d\" toBlock=\"a%d\"/><links xmi:type=\"OutputLink\" name=\"default\" fromBlock=\"b%d\" toBlock=\"a%d\"/>\n", i, way[i, 1], i, way[i, 2], i, way[i, 3] >file
        }
        print "</StrategyDiagram></XMI>" >file
        close(file)
        path = ""; at = 1
        for (c = 1; c <= 21; c++) {
            if (says[at]) path = path at "."
            at = c % 3 == rest[at] ? way[at, 1] : c % 2 == 0 ? way[at, 2] : way[at, 3]
        }
        printf "import g%d;\n", g >"graphs/imports"
        printf "test \"graph %d\" { call g%d from \"1\" to \"1800\"; expect stopped \"d\"; expect user_data[\"path\"].str == \"%s\"; }\n", g, g, path >"graphs/tests"
    } }'
"$gcxc" import graphs/*.workflow -o walked >said 2>&1 || { say "graphs"; head -20 said; }
cat graphs/imports graphs/tests >walked/paths.gcx
"$gcxc" test walked/paths.gcx >said 2>&1 || { say "a call goes another way than in the source"; grep -v '^ok' said | head -20; }
grep -q '^30 passed, 0 failed' said || say "number of graphs"
cat walked/g*.gcx | grep -c 'turn_[0-9]* = ' | grep -qv '^0$' || say "no graph is entered at two blocks of a cycle"
# Ten thousand blocks in a row, in one cycle, and each jumping to another one; under the sanitizers, whose frames are
# larger and whose time says nothing, four thousand.
large=10000
! sanitized || large=4000
awk -v n=$large 'BEGIN { print "<XMI xmlns:xmi=\"x\"><StrategyDiagram name=\"f\"><blocks xmi:type=\"ird:EntryBlock\" xmi:id=\"b0\" name=\"b0\"/>"
    for (i = 1; i < n; i++) printf "<blocks xmi:type=\"ird:BranchingBlock\" xmi:id=\"b%d\" name=\"b%d\"><conditions name=\"c\" expression=\"1 == 2\"/></blocks>\n", i, i
    for (i = 0; i < n; i++) { printf "<links xmi:type=\"ird:WorkflowOutputLink\" name=\"%s\" fromBlock=\"b%d\" toBlock=\"b%d\"/>\n", i ? "default" : "", i, (i + 1) % n
        printf "<links xmi:type=\"ird:WorkflowOutputLink\" name=\"c\" fromBlock=\"b%d\" toBlock=\"b%d\"/>\n", i, (i * 7919 + 13) % n }
    print "</StrategyDiagram></XMI>" }' >large.workflow
soon 60 "$gcxc" import large.workflow -o large >said 2>&1
[ $? -lt 124 ] || { say "$large blocks"; tail -3 said; }
grep -q "^$large blocks" large/report.txt || say "$large blocks are not told"
# A flow of which no source can be made: what cannot be translated is quoted, and that is more than a source may have.
quoted="while (x) { y = '$(printf '%0100000d' 0)'; }"
{
    block Entry e; link e s1
    for i in $(seq 45); do
        echo "<blocks xmi:type=\"ird:EcmaScriptBlock\" xmi:id=\"s$i\" name=\"s$i\" script=\"$quoted\"/>"
        link "s$i" "s$((i + 1))"
    done
    block Disconnect s46
} | flow >wide.workflow
soon 60 "$gcxc" import wide.workflow -o wide >said 2>&1
is=$?
[ $is -eq 1 ] && grep -q 'divide the flow' said || { say "status $is, and not told to divide the flow"; head -5 said; }
# What ECMAScript makes of each expression, as its interpreters say; `-`: it is quoted, for gcx has nothing that means it.
{
    block Entry e; link e a; link a s; link s d; block Disconnect d
    echo '<blocks xmi:type="ird:AssignBlock" xmi:id="a" name="a"><assignData Key="five" Value="5"/><assignData Key="two" Value="2"/>
        <assignData Key="word" Value="&apos;abcdef&apos;"/><assignData Key="digits" Value="&apos;0815&apos;"/>
        <assignData Key="empty" Value="&apos;&apos;"/><assignData Key="flag" Value="true"/>
        <assignData Key="whose" Value="empty || word"/></blocks><blocks xmi:type="ird:EcmaScriptBlock" xmi:id="s" name="s" script="'
    sed -e 's/|[^|]*$//' -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/udata\./_genesys.ixn.interactions[0].&/g' meanings |
        awk '{ printf "_genesys.ixn.interactions[0].udata.k%d = %s;&#10;", NR, $0 }'
    echo 'var all = {k900: whose, k901: digits}; _genesys.ixn.setuData(all);
        (function () { if (flag) { return; } })(); try { throw 1; } catch (x) { sixth = 6; }"/>'
} | flow >meaning.workflow
"$gcxc" import meaning.workflow -o meaning >said 2>&1 || { say "meanings"; cat said; }
"$gcxc" check meaning >said 2>&1 && [ ! -s said ] || { say "check of meanings"; head -5 said; }
awk -F'|' 'BEGIN { print "import meaning;\ntest \"meanings\" { call meaning from \"1\" to \"1800\" with (n: \"7\", e: \"\", flag: \"true\"); expect stopped \"d\";" }
    $NF == "-" { printf "expect user_data[\"k%d\"] == none;\n", NR; next }
    { if ($NF !~ /^-?[0-9]+$/ || $0 ~ /^digits \+|n \+ /) type = $NF ~ /^(true|false)$/ ? "bool" : "str"; else type = "int"
      if ($NF ~ /^[0-9]+\./) type = "float"
      printf "expect user_data[\"k%d\"].%s == %s;\n", NR, type, type == "str" ? "\"" $NF "\"" : $NF }
    END { print "expect user_data[\"k900\"].str == \"abcdef\"; expect user_data[\"k901\"].str == \"0815\"; }" }' meanings >meaning/means.gcx
"$gcxc" test meaning/means.gcx >said 2>&1 || { say "an expression means something else than in the source"; head -20 said; }

# The same of what an answer says, which may be of any type, and of what has been attached.
cat >answers <<'E'
answer.yes == 'true'|false
answer.yes == 1|true
answer.yes == '1'|true
answer.no == 0|true
answer.no == ''|true
answer.null == ''|false
answer.null == 0|false
answer.null == undefined|true
answer.null === undefined|-
typeof answer.null == 'undefined'|-
answer.half == 1.5|true
answer.two === 2|true
answer.seven === 7|true
answer.seven === '7'|false
answer.seven == '7'|true
answer.seven == '07'|true
answer.text === 7|false
answer.text === '7'|true
answer.list == 'gold'|true
answer.list == 'silver'|false
answer.object == 'gold'|false
answer.object == '[object Object]'|true
answer.missing == ''|false
answer.missing == 0|false
answer.missing == 'gold'|false
isNaN(answer.missing)|-
Number(answer.yes) == 1|-
udata.had === 7|true
udata.had == undefined|false
udata.may == undefined|-
udata.may == ''|-
udata.may == 'gold'|false
'x' + udata.may|-
udata.so == 'true'|false
udata.so == 1|true
udata.shown === 0|-
udata.of === 2|true
udata.may == 0|-
udata.may > 0|-
udata.may.x == undefined|-
E
{
    echo '<blocks xmi:type="ird:EntryBlock" xmi:id="e" name="e"><variables name="answer" value="undefined"/><variables name="may" value="undefined"/><variables name="several" value="0"/></blocks>'
    echo '<blocks xmi:type="ird:HTTPRestBlock" xmi:id="w" name="w" uri="&apos;https://crm.example/a&apos;" requestMethod="get" outputResult="Variable(answer)"/>'
    printf '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="s" name="s" script="'
    { printf '%s\n' 'udata.had = 7|' 'udata.may = may|' 'udata.of = answer.two|' 'udata.so = system.ANI == 1|' "several = 'x'; several = 0; udata.shown = several|"
        awk -F'|' '{ printf "udata.k%d = %s|\n", NR, $1 }' answers; } | sed -e 's/|$/;\&#10;/' -e 's/</\&lt;/g' -e 's/udata\./_genesys.ixn.interactions[0].&/g'
    echo '"/>'; block Disconnect d; link e w; link w s; link s d
} | flow >answered.workflow
"$gcxc" import answered.workflow -o answered >said 2>&1 || { say "answers"; cat said; }
awk -F'|' 'BEGIN { print "import answered;\ntest \"answers\" { http.w -> [\"yes\": true, \"no\": false, \"null\": none, \"half\": 1.5, \"two\": 2.0, \"seven\": 7, \"text\": \"7\", \"list\": [\"gold\"], \"object\": [\"a\": \"gold\"]]; call answered from \"1\" to \"1800\"; expect stopped \"d\";" }
    { printf $NF == "-" ? "expect user_data[\"k%d\"] == none;\n" : "expect user_data[\"k%d\"].bool == %s;\n", NR, $NF }
    END { print "}" }' answers >answered/means.gcx
{
    sed -n '/^<XMI\|^<Strategy/d; /^<blocks xmi:type="ird:\(Entry\|HTTP\)/p' answered.workflow
    echo '<blocks xmi:type="ird:BranchingBlock" xmi:id="b" name="b"><conditions name="c" expression="answer.half &gt; 1"/></blocks>'
    block Disconnect d; link e w; link w b; link b d c; link b d default
} | flow >ordered.workflow
"$gcxc" import ordered.workflow -o ordered >said 2>&1 || { say "an order of answers"; cat said; }
has ordered/report.txt 'is null, or says a fraction, it is read otherwise there'
{
    block Entry e
    echo "<blocks xmi:type=\"ird:EcmaScriptBlock\" xmi:id=\"k\" name=\"k\" script=\"$udata.tier = true; $udata.said = 'it is ' + $udata.tier;\"/>"
    block Disconnect d; link e k; link k d
} | flow >shown.workflow
"$gcxc" import shown.workflow -o shown >said || { say "import of shown.workflow"; cat said; }
has shown/report.txt 'where user_data["tier"] is null, or says a fraction, it is read otherwise there'
"$gcxc" check shown >said 2>&1 || { say "check of shown.workflow"; cat said; }
"$gcxc" test answered/means.gcx >said 2>&1 || { say "an answer means something else than in the source"; head -40 said; }

# `++` makes a number of a text, `+` puts texts together: what may be a text is quoted.
{
    block Entry e; link e a; link a s; link s d; block Disconnect d
    echo '<blocks xmi:type="ird:AssignBlock" xmi:id="a" name="a"><assignData Key="rounds" Value="&apos;1&apos;"/>
        <assignData Key="tries" Value="1"/></blocks>
        <blocks xmi:type="ird:EcmaScriptBlock" xmi:id="s" name="s" script="tries++; rounds++;"/>'
} | flow >counted.workflow
"$gcxc" import counted.workflow -o counted >said 2>&1 || { say "counted"; cat said; }
grep -q 'tries_ = (tries_ + 1)' counted/counted.gcx && grep -q 'not translated.*rounds++' counted/counted.gcx ||
    { say "a text is counted as a text"; grep -n 'rounds\|tries' counted/counted.gcx; }

# Expressions of any depth and kind are quotes.
{
    block Entry e; link e s
    printf '<blocks xmi:type="ird:EcmaScriptBlock" xmi:id="s" name="s" script="x = %s1%s; y = 1%s; ) } ] /* &lt;"/>\n' \
        "$(printf '(%.0s' $(seq 5000))" "$(printf ')%.0s' $(seq 5000))" "$(printf ' + 1%.0s' $(seq 5000))"
} | flow >expression.workflow
"$gcxc" import expression.workflow -o expression >said 2>&1 || { say "an expression"; cat said; }

if [ "${GCX_COMPOSER-}" ]; then
    find "$GCX_COMPOSER" -type f \( -name '*.workflow' -o -name '*.callflow' -o -name '*.ixnprocess' \) -print0 >files
    xargs -0 "$gcxc" import -o real <files || say "real projects"
    "$gcxc" test real || say "tests of real projects"
    for file in real/*.gcx; do echo "$(wc -l <"$file") lines, $(grep -c '^test ' "$file") tests: $file"; done
else
    echo "not tested: real projects (GCX_COMPOSER names a folder that has them)"
fi
[ $failed -eq 0 ] && echo "import: all as it should be"
[ $failed -eq 0 ]
