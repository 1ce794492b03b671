#!/bin/sh
# gcxc import of other formats than Composer's does the same as the source, or says that it does not: an evaluator of each
# format (import_FORMAT.py) and what is imported play the same calls. GCX_SEED draws others, IMPORT_CALLS more.
# GCX_ASTERISK, GCX_TASKROUTER, GCX_STUDIO and GCX_CONNECT name a folder of real files, one folder for each installation, which are played, too.
. "$(dirname "$0")/common.sh"
needs python3
cd "$work" || exit 1
PYTHONDONTWRITEBYTECODE=1 export PYTHONDONTWRITEBYTECODE
designs=$source/tests/language/designs seed=${GCX_SEED:-1} calls=${IMPORT_CALLS:-25}

# play FORMAT NAME FILE...: both sides play the calls of the design.
play() {
    format=$1 name=$2
    shift 2
    python3 "$source/tests/language/import_$format.py" "$gcxc" "$seed" "$calls" "$name" "$@" >said 2>&1 ||
        { say "$format: $name"; head -30 said; }
    sed -n "s/^\\([0-9]* blocks\\|calls\\)/$name, &/p" said
    grep -q '^calls: [1-9][0-9]* the same' said || say "$format: $name plays nothing"
    "$gcxc" check "$name" >said 2>&1 && [ ! -s said ] || { say "check of $name"; head -20 said; }
    rm "$name/played.gcx" # a test of the evaluator's, not of the importer's
    "$gcxc" fmt --check "$name" || say "form of $name"
    "$gcxc" test "$name"/*_tests.gcx >said 2>&1 || { say "tests of $name"; cat said; }
}
has() { grep -qF -e "$2" "$1" || say "$1 has no '$2'"; }

export IMPORT_USED="$work/used"
: >"$IMPORT_USED"
for plan in office shop rows; do
    play asterisk "$plan" "$designs/asterisk/$plan.conf" "$designs/asterisk/${plan}_queues.conf"
done
has office/directory.sql "insert into group_member (\"group\", agent) values ('sales', 'Carl');"
has shop/directory.sql "insert into routing_point (dn, strategy) values ('1800', 'incoming');"

# An included file is read in its place, within the folder of the file that was given, and nothing else is; no program is run.
mkdir -p etc/more secret
cat >etc/extensions.conf <<'EOF'
[incoming]
exten => 1800,1,Answer()
#include <more/hello.conf>
exten => 1800,n,Hangup()
#exec /bin/touch ran
#include "../secret/a.conf"
#include "/etc/hosts"
#include "link.conf"
#include "round.conf"
#tryinclude none.conf
#include "*.conf"
#include other.conf
EOF
printf 'exten => 1800,n,Playback(hello)\n;-- open to its end\n' >etc/more/hello.conf
printf '[other]\nexten => 1900,1,Playback(bye)\n' >etc/other.conf
printf '#include "extensions.conf"\n#include "more/../round.conf"\n' >etc/round.conf
printf '[secret]\nexten => 1,1,Answer()\n' >secret/a.conf
ln -s ../secret/a.conf etc/link.conf
"$gcxc" import etc/extensions.conf etc/other.conf -o included >said 2>&1 || { say "included files"; cat said; }
told='(line): not translated:'
while read -r line; do has included/report.txt "$line"; done <<EOF
etc/extensions.conf:2: incoming 1800 1 (Answer): translated
etc/more/hello.conf:1: incoming 1800 2 (Playback): translated
etc/extensions.conf:4: incoming 1800 3 (Hangup): translated
etc/other.conf:2: other 1900 1 (Playback): translated
etc/extensions.conf:5: #exec /bin/touch ran $told a program is never run
etc/extensions.conf:6: #include "../secret/a.conf" $told it lies outside
etc/extensions.conf:7: #include "/etc/hosts" $told it lies outside
etc/extensions.conf:8: #include "link.conf" $told it is not read: a link leads out of the folder
etc/round.conf:1: #include "extensions.conf" $told the file includes itself
etc/round.conf:2: #include "more/../round.conf" $told it lies outside
etc/extensions.conf:10: #tryinclude none.conf $told it is not read: it is not there
etc/extensions.conf:11: #include "*.conf" $told a pattern of names
EOF
[ ! -e ran ] || say "a program of #exec was run"
[ "$(grep -c 'other 1900 1' included/report.txt)" = 1 ] || say "a file that another one includes is read twice"
has included/incoming.gcx '// incoming 1800 2: Playback, line 1 of etc/more/hello.conf'
# A file with nothing but includes that fail tells why, and so do lines that are not translated, once.
printf '#include "none.conf"\n#include "../secret/a.conf"\n' >etc/only.conf
"$gcxc" import etc/only.conf -o only >said 2>&1 || { say "a file of includes that fail"; cat said; }
has only/report.txt 'etc/only.conf:1: #include "none.conf" (line): not translated: it is not read: it is not there'
! grep -r 'not translated: not translated' ./*/report.txt || say "a reason is said twice"
# Each includes the next one twice: lines are counted over all of them, and ten files deep is the end.
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do printf '#include "t%d.conf"\n#include "t%d.conf"\n' $((n + 1)) $((n + 1)) >etc/t$n.conf; done
printf '[a]\nexten => 1,1,Answer()\n#include "t1.conf"\n' >etc/deep.conf
"$gcxc" import etc/deep.conf -o many >said 2>&1 || { say "files that include many"; cat said; }
has many/report.txt 'more than ten files include each other'
(cd etc && "$gcxc" import ./extensions.conf other.conf -o ../beside) >said 2>&1 || { say "included files of this folder"; cat said; }
[ "$(grep -c 'other 1900 1' beside/report.txt)" = 1 ] || say "./ makes another file of it"

play taskrouter support "$designs/taskrouter/support.json" "$designs/taskrouter/queues.json" "$designs/taskrouter/workers.json"
has support/directory.sql "insert into \"group\" (name, members) values ('Experts', '\"skills support\" >= 1 and \"level\" > 2');"
play taskrouter rows_of_tasks "$designs/taskrouter/rows.json" "$designs/taskrouter/shift.json" "$designs/taskrouter/rows_queues.json" "$designs/taskrouter/workers.json"

# What a worker has is a skill, also what stands within an object, or is more than a level can be.
printf '{"workers":[{"friendly_name":"Ann","attributes":{"seniority":250,"contact":{"site":"Berlin"},"score":4.5}}]}' >workers.json
"$gcxc" import workers.json -o workers >said 2>&1 || { say "workers alone"; cat said; }
has workers/directory.sql "values ('Ann', 'seniority', 100);"
has workers/directory.sql "values ('Ann', 'contact.site Berlin', 1);"
has workers/report.txt 'not translated: score'

# What TaskRouter's expressions may not be, and what they may: of tasks and of workers.
cat >odd.json <<'EOF'
{ "friendly_name": "odd", "task_routing": { "filters": [
  { "filter_friendly_name": "of the task", "expression": "'en' IN worker.languages", "targets": [ { "queue": "WQ1", "timeout": 5 } ] },
  { "filter_friendly_name": "contains", "expression": "worker.team CONTAINS 'x'", "targets": [ { "queue": "WQ1", "timeout": 5, "expression": "'en' IN worker.languages" } ] },
  { "filter_friendly_name": "number", "expression": "subject CONTAINS 5", "targets": [ { "queue": "WQ1", "timeout": 5, "expression": "task.language IN worker.languages" } ] },
  { "filter_friendly_name": "good", "expression": "task.subject CONTAINS 'bill'", "targets": [ { "queue": "WQ1", "timeout": 5, "expression": "task.subject CONTAINS 'bill'" } ] },
  { "filter_friendly_name": "list", "expression": "kind IN ['a', 'b']", "targets": [ { "queue": "WQ1", "timeout": 5, "expression": "kind IN 'a'" } ] } ] } }
EOF
"$gcxc" import odd.json -o odd >said 2>&1 || { say "odd expressions"; cat said; }
while read -r line; do has odd/report.txt "$line"; done <<'EOF'
of the task (filter): with a remark: not translated: IN with something else than a list
contains (filter): with a remark: not translated: CONTAINS of something else than the task
number (filter): with a remark: not translated: CONTAINS of something else than the task
good (filter): translated
good target 1 (target): not translated: whether
list (filter): translated
list target 1 (target): not translated: no file
EOF
has odd/odd.gcx 'connect in vq WQ1 { group WQ1 and (skill "languages en" >= 1); }'
has odd/odd.gcx 'let wanted = skill.named("languages {(user_data["language"].str else "")}");'
has odd/odd.gcx 'if (user_data["subject"].str else "").contains("bill") { goto good_target_1; }'
has odd/odd.gcx 'if (user_data["kind"].str == "a" or user_data["kind"].str == "b") { goto list_target_1; }'

# Applications as they were written once, patterns that are none, and as many members and lines as there may be.
cat >forms.conf <<'EOF'
[forms]
exten => 1800,1,Answer
exten => 1800,2,Playback,hello
exten => 1800,3,Playback(bye
exten => 1800,4,Playback( (odd) )
exten => _[$12]X,1,Answer()
exten => _[12$]X,1,Answer()
exten => _[1-3*]X,1,Answer()
exten => _[5-2]X,1,Answer()
exten => _[4--1]X,1,Answer()
exten => _[47-]X,1,Answer()
EOF
"$gcxc" import forms.conf -o forms >said 2>&1 || { say "forms of lines"; cat said; }
for line in 'call.answer() else {};' 'ivr.play(prompt hello) else {};' 'ivr.play(prompt bye) else {};' 'ivr.play(prompt "(odd)") else {};' \
    'segment dnis { match "^[1-3*][0-9]$" -> '; do has forms/forms.gcx "$line"; done
for pattern in '$12' '12$' 5-2 4--1 47-; do has forms/report.txt "not translated: the pattern _[$pattern]X"; done
printf '[far]\nexten => %066d,1,Answer()\n' 1 >far.conf
"$gcxc" import far.conf -o far >said 2>&1 || { say "a number that is longer than a test calls"; cat said; }
{ printf '[many]\nmember =>\n'; seq -f 'member => PJSIP/%g' 1000 1500; } >many.conf
"$gcxc" import many.conf -o members >said 2>&1 || { say "many members"; cat said; }
[ "$(grep -c 'into group_member' members/directory.sql)" = 500 ] || say "an empty member counts, or one too many"
[ "$(grep -c 'a queue has 500 members at most here' members/report.txt)" = 1 ] || say "members too many are not told"
lines() { printf '[a]\nexten => 1,1,Answer()\n'; yes ';' | head -n $(($1 - 2)); }
lines 200000 >most.conf
"$gcxc" import most.conf -o most >said 2>&1 || { say "as many lines as there may be"; cat said; }
lines 200001 >more.conf
"$gcxc" import more.conf -o more >said 2>&1 && say "more lines than there may be"
has said 'line 200001: it has more than 200000 lines'
{ printf '[a]\nexten => 1,1,NoOp('; head -c 8173 /dev/zero | tr '\0' x; printf ')\n'; } >long.conf
"$gcxc" import long.conf -o long >said 2>&1 || { say "a line as long as there may be"; cat said; }
sed 's/NoOp(/&x/' long.conf >longer.conf
"$gcxc" import longer.conf -o longer >said 2>&1 && say "a line longer than there may be"
has said 'a line of more than 8192 bytes'

play studio front_door "$designs/studio/front_door.json" "$designs/studio/workflow.json" "$designs/studio/queues.json" "$designs/studio/language.json"
has front_door/front_door.gcx '    if text_lower(text_trim(tries_)) == "twice" {'
has front_door/report.txt 'begin (set-variables): with a remark: each variable is set before the next is computed here'
has front_door/report.txt 'hello (say-play): with a remark: the voice is'
has front_door/directory.sql "insert into dn (number, type) values ('+15550199', 'other');"

# A subflow is written from where it begins, and the flow that runs it says what it is given; what messages say is told.
cat >main.json <<'EOF'
{ "initial_state": "T", "states": [
  { "name": "T", "type": "trigger", "transitions": [ { "event": "incomingCall", "next": "auth" }, { "event": "incomingMessage", "next": "text" } ] },
  { "name": "auth", "type": "run-subflow", "transitions": [ { "event": "completed" } ], "properties": { "flow_sid": "FW1", "parameters": [ { "key": "who", "value": "{{contact.channel.address}}" } ] } },
  { "name": "text", "type": "send-message", "transitions": [], "properties": { "body": "Good day" } } ] }
EOF
cat >sub.json <<'EOF'
{ "sid": "FW1", "friendly_name": "auth flow", "definition": { "initial_state": "T", "states": [
  { "name": "T", "type": "trigger", "transitions": [ { "event": "incomingParent", "next": "hello" } ] },
  { "name": "hello", "type": "say-play", "transitions": [], "properties": { "say": "Hello" } } ] } }
EOF
"$gcxc" import main.json sub.json -o subflow >said 2>&1 || { say "a subflow"; cat said; }
has subflow/report.txt ': auth (run-subflow): translated'
has subflow/report.txt 'sub.json: subroutine auth_flow'
has subflow/report.txt ': text (send-message): not reached: a strategy on sms or im sends texts; it sends: Good day'
has subflow/report.txt ': hello (say-play): translated'
has subflow/main_.gcx 'auth_given = auth_flow(["who": ani]);'
"$gcxc" check subflow >said 2>&1 && "$gcxc" test subflow >said 2>&1 || { say "check of a subflow"; cat said; }
"$gcxc" import main.json -o alone >said 2>&1 || { say "a subflow of another file"; cat said; }
has alone/report.txt ': auth (run-subflow): not translated: no file has the flow FW1'
has alone/main_.gcx '// given who: {{contact.channel.address}}'
# A subflow that runs itself, by whatever way, or hands the call over, is none; what is passed untranslated is lost there.
sed 's/FW1/FW2/; s/auth flow/round/; s/"name": "hello".*/"name": "hello", "type": "run-subflow", "transitions": [], "properties": { "flow_sid": "FW1" } } ] } }/' sub.json >again.json
sed 's/"name": "hello".*/"name": "hello", "type": "run-subflow", "transitions": [], "properties": { "flow_sid": "FW2" } } ] } }/' sub.json >round.json
"$gcxc" import main.json again.json round.json -o round >said 2>&1 && "$gcxc" check round >said 2>&1 || { say "subflows that run each other"; cat said; }
[ "$(grep -c 'not translated: the flow is .*, which runs itself' round/report.txt)" = 3 ] || say "subflows that run each other are not told"
sed 's/FW1/FW3/; s/auth flow/inner flow/' sub.json >inner.json
sed 's/"name": "hello".*/"name": "hello", "type": "run-subflow", "transitions": [ { "event": "completed" } ], "properties": { "flow_sid": "FW3" } } ] } }/' sub.json >outer.json
"$gcxc" import main.json outer.json inner.json -o nested >said 2>&1 && "$gcxc" check nested >said 2>&1 && "$gcxc" test nested >said 2>&1 || { say "a subflow that runs one"; cat said; }
has nested/auth_flow.gcx 'hello_given = inner_flow([:]);'
has nested/report.txt 'outer.json: subroutine auth_flow'
sed 's/"type": "say-play".*/"type": "enqueue-call", "transitions": [], "properties": { "queue_name": "a" } } ] } }/' sub.json >over.json
"$gcxc" import main.json over.json -o over >said 2>&1 && "$gcxc" check over >said 2>&1 || { say "a subflow that hands the call over"; cat said; }
has over/report.txt 'not translated: the flow is over.json, which runs itself, or hands the call over'
# One that begins nowhere is none, and a strategy's name does not hide the parameter.
sed 's/"initial_state": "T"/"initial_state": "begin"/' sub.json >nowhere.json
"$gcxc" import main.json nowhere.json -o nowhere >said 2>&1 && "$gcxc" check nowhere >said 2>&1 || { say "a subflow without a beginning"; cat said; }
has nowhere/report.txt ': auth (run-subflow): not translated: the flow is nowhere.json'
sed 's/say-play/send-fax/' sub.json >fax.json
"$gcxc" import main.json fax.json -o fax >said 2>&1 && "$gcxc" check fax >said 2>&1 || { say "a widget that nobody knows"; cat said; }
has fax/report.txt 'hello (send-fax): not translated: the importer does not know this widget'
cp main.json given.json
"$gcxc" import given.json sub.json -o given >said 2>&1 && "$gcxc" check given >said 2>&1 || { say "a flow of the parameter's name"; cat said; }
sed 's/"say": "Hello"/"say": "Hello {{trigger.parent.parameters.who}}"/' sub.json >asks.json
sed 's/contact.channel.address/flow.data.x/' main.json >unknown.json
"$gcxc" import unknown.json asks.json -o unknown >said 2>&1 && "$gcxc" check unknown >said 2>&1 || { say "a parameter that is lost"; cat said; }
has unknown/report.txt 'auth (run-subflow): with a remark: not translated: the parameter who'
has unknown/report.txt 'hello (say-play): not translated: what it plays is computed'

# Each variable of a Studio flow is looked at for each that is lost: there are not so many that this takes long.
variables() {
    printf '{"initial_state": "t", "states": [{"name": "t", "type": "set-variables", "properties": {"variables": ['
    seq "$1" | sed 's/.*/{"key": "v&", "value": "x"},/'
    printf '{"key": "last", "value": "x"}]}}]}'
}
variables 499 >variables.json
"$gcxc" import variables.json -o variables >said 2>&1 || has said 'more than 256 variables'
variables 500 >variables.json
"$gcxc" import variables.json -o variables >said 2>&1 && say "more variables than there may be"
has said 'its states set more than 500 variables'

# A Studio flow is quoted where its text is computed, or a variable is: what reads the variable, too, by way of another one.
cat >lost.json <<'EOF'
{ "sid": "FW1", "friendly_name": "lost", "definition": { "initial_state": "T", "states": [
  { "name": "T", "type": "trigger", "transitions": [ { "event": "incomingCall", "next": "set" }, { "event": "incomingMessage", "next": "text" } ] },
  { "name": "set", "type": "set-variables", "properties": { "variables": [ { "key": "b", "value": "{{flow.variables.a}}!" }, { "key": "a", "value": "{{widgets.bot.memory}}" } ] }, "transitions": [ { "event": "next", "next": "ask" } ] },
  { "name": "ask", "type": "split-based-on", "properties": { "input": "{{flow.variables.b}}" }, "transitions": [ { "event": "noMatch", "next": "both" }, { "event": "match", "next": "say", "conditions": [ { "arguments": [ "{{flow.variables.b}}" ], "type": "equal_to", "value": "x!" } ] } ] },
  { "name": "both", "type": "split-based-on", "properties": { "input": "{{trigger.call.To}}" }, "transitions": [ { "event": "noMatch", "next": "form" }, { "event": "match", "next": "say", "conditions": [ { "arguments": [ "{{trigger.call.To}}" ], "type": "equal_to", "value": "1" }, { "arguments": [ "{{trigger.call.To}}" ], "type": "regex", "value": "1" } ] } ] },
  { "name": "form", "type": "say-play", "properties": { "say": "{% if x %}1{% endif %}" }, "transitions": [ { "event": "audioComplete", "next": "ssml" } ] },
  { "name": "ssml", "type": "say-play", "properties": { "say": "<break/>" }, "transitions": [ { "event": "audioComplete", "next": "none" } ] },
  { "name": "none", "type": "gather-input-on-call", "properties": { "finish_on_key": "", "stop_gather": false, "number_of_digits": 3 }, "transitions": [ { "event": "keypress", "next": "heard" } ] },
  { "name": "heard", "type": "split-based-on", "properties": { "input": "{{widgets.none.Digits}}" }, "transitions": [ { "event": "noMatch", "next": "say" }, { "event": "match", "next": "say", "conditions": [ { "arguments": [ "{{widgets.none.Digits}}" ], "type": "equal_to", "value": "12" } ] }, { "event": "match", "next": "queue", "conditions": [ { "arguments": [ "{{trigger.call.To}}" ], "type": "equal_to", "value": "1801" } ] } ] },
  { "name": "say", "type": "say-play", "properties": { "say": "{{flow.variables.a}}" }, "transitions": [ { "event": "audioComplete", "next": "flex" } ] },
  { "name": "flex", "type": "send-to-flex", "properties": { "workflow": "WW9", "attributes": "{ \"a\": {{flow.variables.a}} }" }, "transitions": [] },
  { "name": "queue", "type": "send-to-flex", "properties": { "workflow": "WW9", "attributes": "{ \"from\": \"me\", \"list\": [ 1 ], \"part\": 1.5, \"lost\": \"{{flow.variables.a}}\", \"new\": true, \"many\": 3 }", "odd\n}": "x" }, "transitions": [] },
  { "name": "text", "type": "send-message", "properties": { "body": "{{flow.data.x}}" }, "transitions": [] } ] } }
EOF
"$gcxc" import lost.json -o lost >said 2>&1 || { say "a flow that is quoted"; cat said; }
has lost/report.txt 'lost.json:2: T (trigger): with a remark: not translated: what comes by incomingMessage'
has lost/report.txt 'lost.json:3: set (set-variables): not translated: b = {{flow.variables.a}}!; a = '
has lost/report.txt 'lost.json:4: ask (split-based-on): with a remark: not translated: the condition is the parameter project_lost_ask of the site'
has lost/report.txt 'lost.json:5: both (split-based-on): with a remark: not translated: the condition is the parameter project_lost_both of the site'
has lost/report.txt 'lost.json:6: form (say-play): not translated: what it plays is computed'
has lost/report.txt 'lost.json:7: ssml (say-play): not translated: what it says has marks of SSML'
grep -q 'lost.json:8: none .*: not translated: .*no key ends the digits' lost/report.txt || say "digits that no key ends"
has lost/report.txt 'lost.json:9: heard (split-based-on): with a remark: not translated: the condition is the parameter'
has lost/report.txt 'lost.json:10: say (say-play): not translated'
grep -q 'lost.json:11: flex .*its attributes, which no JSON is; no file has the workflow WW9' lost/report.txt || say "a workflow that no file has"
for one in list part lost; do grep -q "lost.json:12: queue .*the attribute $one =" lost/report.txt || say "the attribute $one is not told"; done
for line in 'user_data["from"] = "me";' 'user_data["new"] = true;' 'user_data["many"] = 3;'; do has lost/lost.gcx "$line"; done
[ "$(grep -c 'user_data."from". = ani' lost/lost.gcx)" = 1 ] || say "an attribute of the flow is overwritten"
"$gcxc" check lost >said 2>&1 && [ ! -s said ] || { say "check of lost"; head -20 said; }

play connect main_line "$designs/connect/main_line.json" "$designs/connect/hours.json"
has main_line/site.gcx '        mon 08:30..12:00, 13:00..18:00;'

play connect every_row "$designs/connect/rows.json"

# A flow that transfers to another one hands over the queue and what the caller has entered.
play connect Reception "$designs/connect/reception.json" "$designs/connect/desk.json"
has Reception/Reception.gcx '    switch to At_the_desk(given_vq: working_vq, given_group: working_group, given_input: stored_input);'
has Reception/report.txt 'r-to-des (TransferToFlow): translated'
has Reception/report.txt 'r-elsewh (TransferToFlow): not translated: no file has the flow Nowhere'
# What is handed over is what is used; what no line may break out of is a remark.
printf '{ "StartAction": "a", "Metadata": { "name": "Queues" }, "Actions": [ { "Identifier": "a", "Type": "UpdateContactTargetQueue", "Parameters": { "QueueId": "q/1" }, "Transitions": { "NextAction": "b" } }, { "Identifier": "b", "Type": "Dance", "Parameters": { "How\\nstop \\"now\\";": "x" }, "Transitions": { "NextAction": "c" } }, { "Identifier": "c", "Type": "TransferToFlow", "Parameters": { "ContactFlowId": "x/f9" }, "Transitions": {} } ] }' >queues.json
printf '{ "ContactFlow": { "Name": "Waits", "Id": "f9", "Content": "{ \\"StartAction\\": \\"a\\", \\"Actions\\": [ { \\"Identifier\\": \\"a\\", \\"Type\\": \\"TransferContactToQueue\\", \\"Transitions\\": {} } ] }" } }' >waits.json
"$gcxc" import queues.json waits.json -o handed >said 2>&1 || { say "flows that hand over a queue"; cat said; }
has handed/Queues.gcx 'switch to Waits(given_vq: working_vq, given_group: working_group);'
has handed/Waits.gcx 'strategy Waits(given_vq: vq? = none, given_group: group? = none) on voice {'
has handed/report.txt 'the importer does not know this action'
grep -q '^ *stop "now"' handed/Queues.gcx && say "a key of the source becomes a statement"

# Flows in circles have a remark; one that the API gives has its name and number there.
cat >round.json <<'EOF'
{ "ContactFlow": { "Name": "Round", "Id": "f7", "Content": "{ \"StartAction\": \"a\", \"Actions\": [ { \"Identifier\": \"a\", \"Type\": \"MessageParticipant\", \"Parameters\": { \"Text\": \"a\" }, \"Transitions\": { \"NextAction\": \"b\" } }, { \"Identifier\": \"b\", \"Type\": \"TransferToFlow\", \"Parameters\": { \"ContactFlowId\": \"arn:x/contact-flow/f8\" }, \"Transitions\": {} } ] }" } }
EOF
sed 's/"Round", "Id": "f7"/"And round", "Id": "f8"/; s#/f8#/f7#' round.json >again.json
"$gcxc" import round.json again.json -o circle >said 2>&1 || { say "flows in a circle"; cat said; }
has circle/Round.gcx 'switch to And_round;'
has circle/And_round.gcx 'switch to Round;'
[ "$(grep -c 'with a remark: flows that lead to each other' circle/report.txt)" = 2 ] || say "flows in a circle are not told"
printf '{ "Metadata": { "name": "Round" }, "Actions": [] }' >empty.json
"$gcxc" import again.json empty.json -o onto_none >said 2>&1 || { say "a transfer to a flow that has no action"; cat said; }
has onto_none/report.txt 'not translated: no file has the flow f7'
printf '{ "ContactFlow": { "Content": "{" } }' >torn.json
"$gcxc" import torn.json -o torn >said 2>&1 && say "a flow within is no JSON"

# What is hostile is refused, or comes to an end.
printf '[a]\nexten => 1,1,Goto(b,1,1)\ninclude => b\n[b]\ninclude => a\nexten => 1,1,Goto(a,1,1)\n' >loop.conf
"$gcxc" import loop.conf -o loop >said 2>&1 || { say "contexts that include each other"; cat said; }
has loop/a.gcx 'repeat 1000 {'
# A telephone that rings under its own number needs no strategy, which would have the call again and again.
printf '[a]\nexten => 6001,1,Dial(PJSIP/6001,20)\nexten => 1800,1,Dial(PJSIP/6001,20)\n' >own.conf
"$gcxc" import own.conf -o own >said 2>&1 || { say "a telephone of its own number"; cat said; }
has own/directory.sql "insert into dn (number, type) values ('6001', 'extension');"
grep -q "routing_point (dn, strategy) values ('6001'" own/directory.sql && say "a telephone is a routing point"
# Penalties decide first, and among members of one penalty the queue's strategy.
printf '[a]\nexten => 1800,1,Queue(sales,,,,60)\n' >turns.conf
printf '[sales]\nstrategy=rrmemory\nmember => PJSIP/1,0,Ann\nmember => PJSIP/2,1,Bob\nmember => PJSIP/3,1,Cid\n' >turns_queues.conf
"$gcxc" import turns.conf turns_queues.conf -o turns >said 2>&1 || { say "penalties with memory"; cat said; }
has turns/a.gcx '"Ann": 0, "Bob": 1, "Cid": 1'
has turns/a.gcx 'else 100000)), round_robin'
grep -q 'one penalty' turns/report.txt && say "turns among those of one penalty are told as lost"
printf '[a]\nexten => s,1,Gosub(a,s,1)\n' >calls.conf
"$gcxc" import calls.conf -o calls >said 2>&1 || { say "a Gosub that calls itself"; cat said; }
grep -q 'it calls itself' calls/report.txt || say "a Gosub that calls itself is not told"
printf '[a]\nexten => s,1,No\0Op\n' >zero.conf
"$gcxc" import zero.conf -o zero >said 2>&1 && say "a zero byte"
has said 'it has a zero byte'
printf '[a]\nexten => s,1,NoOp(\377)\n' >latin.conf
"$gcxc" import latin.conf -o latin >said 2>&1 && say "not UTF-8"
has said 'it is not UTF-8'
printf '{"a": 1}' >other
"$gcxc" import --from asterisk other -o other.d >said 2>&1 && say "no file of Asterisk"
has said 'none of extensions.conf'

{ printf '{"task_routing":'; printf '[%.0s' $(seq 5000); } >deep.json
"$gcxc" import deep.json -o deep >said 2>&1 && say "JSON that is too deep"
has said 'nested deeper than 200'
printf '{"task_routing": {"filters": [{"expression": "%s1==1", "targets": [{"queue": "a", "expression": "worker.a = ("}]}]}}' "$(printf '(%.0s' $(seq 500))" >brackets.json
"$gcxc" import brackets.json -o brackets >said 2>&1 || { say "expressions of any form"; cat said; }
has brackets/report.txt 'it is nested too deep'
printf '{"Version": "1"}' >other.json
"$gcxc" import other.json -o other.d >said 2>&1 && say "JSON of no known format"

# real FORMAT FOLDER
real() {
    for folder in "$2"/*/; do
        name=$(basename "$folder")
        python3 "$source/tests/language/import_$1.py" "$gcxc" "$seed" "$calls" "real-$name" "$folder"* || say "$name"
    done
}
[ ! "${GCX_ASTERISK-}" ] || real asterisk "$GCX_ASTERISK"
[ ! "${GCX_CONNECT-}" ] || real connect "$GCX_CONNECT"
[ ! "${GCX_STUDIO-}" ] || real studio "$GCX_STUDIO"
[ ! "${GCX_TASKROUTER-}" ] || real taskrouter "$GCX_TASKROUTER"

# Each row of the tables that is called translated is gone through by a call that came out the same.
python3 "$source/tests/language/import_rows.py" "$source" "$IMPORT_USED" >lacking 2>&1 || say "rows of the tables"
[ ! -s lacking ] || { say "rows that are called translated, and that no call went through:"; cat lacking; }
[ $failed -eq 0 ] && echo "import of designs: all as it should be"
[ $failed -eq 0 ]
