#!/bin/sh
# tests/fuzz/seeds.sh BUILD NAME TO - The seeds of a target that other files of the tree are, into the folder TO.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd) name=$2
mkdir -p "$3" && cd "$3" || exit 1
language=$top/tests/language
case $name in
source)
    cp "$language"/*.gcx "$top"/tests/flows/*.gcx "$top"/tests/bench/[!s]*.gcx .
    for source in "$top"/strategies/*/*.gcx "$top"/examples/*/*.gcx "$top"/stdlib/*.gcx; do # many have one name, each in its folder
        cp "$source" "$(basename "$(dirname "$source")")-$(basename "$source")"
    done ;;
image)
    for source in "$language"/good-*.gcx "$language"/lower-*.gcx "$language"/play-*.gcx; do
        set -- "$source"
        ! grep -qs '^site ' "$source" || set -- --site "$source" "$source"
        "$build/gcxc" build "$@" -o "$(basename "$source" .gcx).gcxb" >/dev/null 2>&1
    done
    "$build/gcxc" build "$top"/strategies/enterprise/enterprise.gcx -o enterprise.gcxb >/dev/null 2>&1
    mkdir library && echo 'nobody loads it' >library/checks.so
    "$build/gcxc" build --native library "$top"/examples/native/checks.gcx -o natives.gcxb >/dev/null 2>&1
    rm -r library ;;
snapshot)
    cp "$top"/tests/fuzz/corpus/core/* . ;;
conf)
    cp "$top/runtime/daemon/gcxvm.conf.example" .
    for source in "$top"/examples/*/gcxvm.conf; do
        cp "$source" "$(basename "$(dirname "$source")")-gcxvm.conf"
    done ;;
scenario) # The last section of an image (vm/image.h).
    for source in "$top"/strategies/enterprise/tests.gcx "$language"/play-*.gcx; do
        set -- "$source"
        ! grep -qs '^site ' "$source" || set -- --site "$source" "$source"
        "$build/gcxc" build "$@" -o image >/dev/null 2>&1 || continue
        row=$((112 + ($(od -An -tu4 -j 12 -N 4 image) - 1) * 8))
        at=$(od -An -tu4 -j $row -N 4 image) length=$(od -An -tu4 -j $((row + 4)) -N 4 image)
        tail -c +$((at + 1)) image | head -c $((length)) >"$(basename "$source" .gcx)"
    done
    rm -f image ;;
import)
    cp "$top/examples/directory.sql" "$top/strategies/enterprise/customers.sql" . && cp "$top/strategies/enterprise/directory.sql" enterprise.sql ;;
flow)
    cp "$language"/import/* . ;;
dialplan) # A form feed stands between two files.
    for plan in office shop; do
        { cat "$language/designs/asterisk/$plan.conf"; printf '\f'; cat "$language/designs/asterisk/${plan}_queues.conf"; } >"$plan"
    done
    printf '[a]\nexten => s,1,Goto(a,s,1)\n' >round
    printf '[a]\nexten => s,1,NoOp(x)\n#include "1"\nexten => s,n,Hangup()\n\fexten => s,n,Answer()\n#include "1"\n' >include ;;
workflow)
    { cat "$language/designs/taskrouter/support.json"; printf '\f'; cat "$language/designs/taskrouter/queues.json"; printf '\f'; cat "$language/designs/taskrouter/workers.json"; } >support
    cp "$language/designs/taskrouter/support.json" alone ;;
contact_flow)
    { cat "$language/designs/connect/main_line.json"; printf '\f'; cat "$language/designs/connect/hours.json"; } >main_line
    cp "$language/designs/connect/main_line.json" alone
    { cat <<'EOF'; printf '\f'; cat <<'AGAIN'; } >two
{"StartAction":"a","Metadata":{"name":"A"},"Actions":[{"Identifier":"a","Type":"UpdateContactTargetQueue","Parameters":{"QueueId":"q/1"},"Transitions":{"NextAction":"b"}},{"Identifier":"b","Type":"GetParticipantInput","Parameters":{"Text":"x","StoreInput":"True"},"Transitions":{"NextAction":"c"}},{"Identifier":"c","Type":"TransferToFlow","Parameters":{"ContactFlowId":"x/f2"},"Transitions":{}}]}
EOF
{"ContactFlow":{"Name":"B","Id":"f2","Content":"{\"StartAction\":\"a\",\"Actions\":[{\"Identifier\":\"a\",\"Type\":\"MessageParticipant\",\"Parameters\":{\"Text\":\"$.StoredCustomerInput\"},\"Transitions\":{\"NextAction\":\"b\"}},{\"Identifier\":\"b\",\"Type\":\"TransferContactToQueue\",\"Transitions\":{}}]}"}}
AGAIN
    ;;
studio)
    { cat "$language/designs/studio/front_door.json"; printf '\f'; cat "$language/designs/studio/workflow.json"; } >front_door
    cp "$language/designs/studio/front_door.json" alone
    # Small enough to be compiled.
    cat >small <<'EOF'
{"initial_state":"T","states":[{"name":"T","type":"trigger","transitions":[{"event":"incomingCall","next":"v"}]},
{"name":"v","type":"set-variables","properties":{"variables":[{"key":"a","value":"{{trigger.call.To}}"}]},"transitions":[{"event":"next","next":"g"}]},
{"name":"g","type":"gather-input-on-call","properties":{"say":"{{flow.variables.a}}","number_of_digits":4,"finish_on_key":"#"},"transitions":[{"event":"keypress","next":"s"},{"event":"timeout","next":"g"}]},
{"name":"s","type":"split-based-on","transitions":[{"event":"noMatch","next":"e"},{"event":"match","next":"r","conditions":[{"type":"matches_any_of","arguments":["{{widgets.g.Digits}}"],"value":"1, b"}]},{"event":"match","next":"h","conditions":[{"type":"equal_to","arguments":["{{flow.variables.a}}"],"value":"x"}]}]},
{"name":"h","type":"make-http-request","properties":{"parameters":[{"key":"k","value":"{{widgets.g.Digits}}"}]},"transitions":[{"event":"success","next":"p"},{"event":"failed","next":"r"}]},
{"name":"p","type":"say-play","properties":{"play":"https://a/b.mp3","loop":2},"transitions":[{"event":"audioComplete","next":"e"}]},
{"name":"r","type":"record-voicemail","transitions":[{"event":"recordingComplete","next":"c"},{"event":"noAudio"}]},
{"name":"c","type":"connect-call-to","properties":{"noun":"number","to":"+15550100"},"transitions":[{"event":"callCompleted","next":"e"}]},
{"name":"e","type":"enqueue-call","properties":{"workflow":"W","task_attributes":"{\"a\":\"{{widgets.h.parsed.x}}\",\"n\":1}"},"transitions":[]}]}
EOF
    { cat small; printf '\f{"sid":"W","task_routing":{"default_filter":{"queue":"Q"}}}'; } >small_two ;;
table)
    printf 'k,name,n,d,p,b,f,day,at\na,"x ""y""",1,1m30s,5%%,true,0.5,2026-03-02,08:00\n+33,,,,,,,,\n' >rows
    printf 'at;day;f;b;p;d;n;name;k\r\n23:59:59;1970-01-01;-1e3;no;100;-2d;-1;;a\r\n' >semicolons
    printf '\357\273\277k,n\n\nb,9223372036854775807\nb,2\n' >twice ;;
aside) # A byte that says which, then the file.
    { printf '\0'; cat "$language"/holidays/FR.txt; } >days
    printf '\0# a remark\n\n 2026-12-25 Christmas\r\n2026-01-01\n' >remarks
    printf '\1DA:6,3\nDA:7,0\nDA:8,99999999999\nBRDA:9,0,0,1\nend_of_record\n' >trace
    printf '\1TN:\nSF:/elsewhere/site.gcx\nDA:6,1\nend_of_record\n' >elsewhere ;;
pulled)
    cp "$language"/*.pulled . ;;
differential | life | block)
    for seed in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        "$build/tests/differential/differential" -b $seed >"seed$seed"
    done ;;
detector) # A byte that says how, then a file; or how loud and how long, in turn.
    for format in '\1\0\1\0\100\37\0\0\200\76\0\0\2\0\20\0' '\6\0\1\0\100\37\0\0\100\37\0\0\1\0\10\0' \
        '\7\0\1\0\100\37\0\0\100\37\0\0\1\0\10\0' '\7\0\2\0\100\37\0\0\200\76\0\0\2\0\10\0'; do
        n=$((${n:-0} + 1))
        printf "\4RIFF\54\0\0\0WAVEfmt \20\0\0\0${format}data\10\0\0\0\1\2\3\4\5\6\7\10" >"file$n"
    done
    printf '\4\40\377\0\377\40\377\0\377\40\377\0\377\3\377\377\377\1\377' >line ;;
sip) # Descriptions and packets are in the corpus; here are values, a file of a command, and sound that may be keys.
    n=0
    for value in 12 -3.5 '12.50 EUR' 25% 2026-03-08 14:30 '2026-03-08 14:30' 1h30m250.5ms digits:47#1 0712 +331 marie 1000001; do
        n=$((n + 1))
        printf '\366%s' "$value" >"value$n"
    done
    printf '\367RIFF\54\0\0\0WAVEfmt \20\0\0\0\1\0\1\0\42\126\0\0\104\254\0\0\2\0\20\0data\0\360\377\177\0\1\2\3\4\5\6\7\10' >speech
    printf '\353%0400d' 7 >keys ;;
sip_message) # A file per message; then a byte for its reader of addresses.
    awk '/^=== / { name = $2; next } name != "" { gsub(/\{host\}/, "192.0.2.9:5062"); printf "%s\r\n", $0 >name }' "$top/tests/unit/sip_torture.txt"
    printf '\2sip:marie:word@[2001:db8::1]:5061;transport=tls?subject=x' >address ;;
sip_stream) # Sizes of pieces, repetitions, messages one after another.
    awk '/^=== / { name = $2; printf "\003\001" >name; next } name != "" { gsub(/\{host\}/, "192.0.2.9:5062"); printf "%s\r\n", $0 >name }' "$top/tests/unit/sip_torture.txt"
    ask='OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:b@192.0.2.9>;tag=1\r\nTo: <sip:a@192.0.2.1>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n'
    for lengths in 'Content-Length: 0' 'l:5' 'Content-Length: 4294967296' 'Content-Length: 70000' 'Content-Length: 5\r\nContent-Length: 0' 'Content-Length: -1' 'X: y'; do
        n=$((${n:-0} + 1))
        printf "\\1\\2\r\n\r\n${ask}${lengths}\r\n\r\nbody\n${ask}l: 0\r\n\r\n" >"lengths$n"
    done
    printf "\\1\\0${ask}l: 31\r\n\r\n thirty-one bytes, of a blank \n" >body ;;
postgres)
    # A value: its type and what is wanted of it, each a letter, then its text (fuzz_postgres.c).
    n=0
    for value in "AAt" "BA\\x00ff" "CB-12" "HC1.5e10" "RB12.50" "LE2026-03-02" "ME09:00:00.5" "NE2026-03-02 09:00:00.25" \
        "OE2026-03-02 09:00:00+00" "PF1 day -02:03:04.5" "PF1 mon" "OEinfinity" "ICNaN" "QE09:00:00+02" "FCtext"; do
        n=$((n + 1))
        printf '%s' "$value" >"value$n"
    done ;;
esac
[ ! -d "$top/tests/fuzz/corpus/$name" ] || cp "$top/tests/fuzz/corpus/$name"/* .
[ -n "$(ls)" ] || { echo "seeds: $name has none" >&2; exit 1; }
