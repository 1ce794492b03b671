#!/bin/bash
# tests/flows/wire_abuse.sh - Half lines, endless lines, no JSON, unknown requests and ConnIDs, garbage: on the clients'
# wire, the adapters' socket, the admin socket and the link to the switch. The sender is told, if there is somebody to
# tell; everyone else is unharmed: calls that talk, wait and key digits meanwhile all reach their agents.
. "$top_srcdir/tests/flows/enterprise_common.sh"

tool=$top_builddir/tests/flows/wire_tool
[ -x "$tool" ] || exit 77
relay=''
also_end() { [ -z "$relay" ] || { kill "$relay"; wait "$relay"; } 2>/dev/null; }

# Between T-Server and switch stands somebody who can add lines.
build_flow "$top_srcdir/tests/flows/enterprise_acts.gcx"
provision "somebody abuses the wires"
clock_stands 8 # two have come since, and one talks on
play "somebody abuses the wires"
"$tool" join "$(cat "$dir/switch.port")" "$dir/relay.port" "$dir/into" &
relay=$!
await test -s "$dir/relay.port"
cp "$dir/relay.port" "$dir/switch.port"
configure
start
await are_waiting 1
await simulated EventEstablished

clients() { "$tool" say "127.0.0.1:$(cat "$dir/cti.port")" "${wait_ms-300}"; }
core() { "$tool" say "$dir/state/$1" "${wait_ms-300}"; }
# answers TEXT...: what came back (standard input) contains each.
answers() {
    local got text; got=$(head -c 100000)
    for text; do [[ $got == *"$text"* ]] || say_failed "the answer to $what should say $text: $(head -c 600 <<<"$got")"; done
}
register='{"Message":"RequestRegisterAddress","ReferenceID":1,"ThisDN":"7001"}'

# A desktop that does all right, from before to after.
exec 6<>"/dev/tcp/127.0.0.1/$(cat "$dir/cti.port")"
echo "$register" >&6

what='half a line, and the end'; printf '{"Message":"RequestRegi' | clients >/dev/null
what='half a line, and silence'; { printf '{"Message":"RequestRegi'; sleep 6; } | wait_ms=1 clients >/dev/null & half=$!
what='an object in pieces'; { printf '%s' "${register:0:20}"; sleep 0.1; printf '%s\n' "${register:20}"; } | clients | answers '"EventRegistered"' '"ReferenceID":1'
what='no JSON'; printf 'GET / HTTP/1.1\r\n\r\n%s\n' "$register" | clients | answers '"EventError"' '"ErrorCode":"invalid_attribute"' '"EventRegistered"'
what='other JSON'; printf '%s\n' '[]' '7' 'null' '"x"' '{' '{}' '{"Message":7}' '{"ReferenceID":"1"}' '{"ReferenceID":-1}' | clients | answers '"ErrorCode":"invalid_attribute"'
what='bytes'; head -c 20000 /dev/urandom | clients >/dev/null
what='zeroes'; printf '{"Message":"Request\0RegisterAddress","ReferenceID":3,"ThisDN":"70\\u000001"}\n' | clients | answers EventError
what='bad UTF-8'; printf '{"Message":"RequestRegisterAddress","ReferenceID":3,"ThisDN":"\377\376"}\n' | clients | answers '"ErrorCode":"invalid_attribute"'
what='deep nesting'; { head -c 200000 /dev/zero | tr '\0' '['; echo; } | clients | answers '"ErrorCode":"invalid_attribute"'
what='an unknown request'; echo '{"Message":"RequestMakeCoffee","ReferenceID":3,"ThisDN":"7001"}' | clients | answers '"EventError","ReferenceID":3' '"ErrorCode":"unsupported"'
what='an unknown ConnID'; printf '%s\n' "$register" '{"Message":"RequestAnswerCall","ReferenceID":2,"ThisDN":"7001","ConnID":"00000000deadbeef"}' \
    '{"Message":"RequestReleaseCall","ReferenceID":3,"ThisDN":"7001","ConnID":"nonsense"}' '{"Message":"RequestReleaseCall","ReferenceID":4,"ThisDN":"7001"}' |
    clients | answers '"EventError","ReferenceID":2' '"ErrorCode":"unknown_conn_id"' '"EventError","ReferenceID":3' '"EventError","ReferenceID":4'
what='the ConnID of a call elsewhere'; talking=$(sed -n 's/.*conn=\([0-9a-f]\{16\}\) EventEstablished .*/\1/p' "$dir/gcxvm.log" | head -n 1)
printf '%s\n' "$register" '{"Message":"RequestReleaseCall","ReferenceID":2,"ThisDN":"7001","ConnID":"'"$talking"'"}' | clients | answers '"ErrorCode":"unknown_conn_id"'
what='a DN not registered'; echo '{"Message":"RequestReleaseCall","ReferenceID":2,"ThisDN":"7002","ConnID":"'"$talking"'"}' | clients | answers '"ErrorCode":"invalid_dn"'
what='wrong types'; printf '%s\n' "$register" '{"Message":"RequestAttachUserData","ReferenceID":2,"ThisDN":["7001"],"ConnID":{},"UserData":7}' | clients | answers '"EventError","ReferenceID":2'
what='too many requests'; for n in $(seq 2 60); do echo '{"Message":"RequestQueryAddress","ReferenceID":'"$n"',"ThisDN":"7001"}'; done | clients | answers '"ErrorCode":"overload"'
what='a line of 10 MB'; { printf '{"Message":"'; head -c 10000000 /dev/zero | tr '\0' x; printf '"}\n'; } | clients | answers '"EventError"' '"ErrorCode":"too_large"'
what='many at once'; for n in $(seq 1 20); do head -c 2000000 /dev/urandom | wait_ms=10 clients >/dev/null & noisy="${noisy-} $!"; done; wait $noisy

what='garbage on the adapters’ socket'; head -c 100000 /dev/urandom | core links.sock >/dev/null
printf '\377\377\377\377\001\000\000\000' | core links.sock >/dev/null
printf '\004\000\000\000\001\000\000\000' | core links.sock >/dev/null
printf '\002' | core links.sock >/dev/null
head -c 10000000 /dev/zero | core links.sock >/dev/null
await logged 'a connection was refused' || say_failed "the log does not tell of strangers at the adapters' socket"

what='garbage on the admin socket'; printf 'rubbish\n[1]\n{"id":5,"command":"frobnicate"}\n{"id":6,"command":{"x":[]}}\n{"id":7,"command":"version"}\n' |
    core admin.sock | answers '"ok":false' '"id":5' '"id":6' '"id":7' '"ok":true'
what='half a line on the admin socket'; printf '{"id":1,"comm' | core admin.sock >/dev/null
what='a line of 10 MB on the admin socket'; head -c 10000000 /dev/zero | tr '\0' x | core admin.sock | answers '"ok":false'
head -c 100000 /dev/urandom | core admin.sock >/dev/null

# Garbage from the switch: an event of nothing is passed over, and so is what is no line of the link at all.
echo '{"event":"Teleported","callID":"17"}' >"$dir/into"
printf '%s\n' '{"event":"Established"}' '{"event":"Delivered","callID":"no such call","device":7}' '{"event":"RouteRequest","callID":"1","device":"1800"}' \
    '{"result":999999}' '{"error":999999,"code":7}' '{"event":"SnapshotCall","callID":"","connections":[1,{}]}' >>"$dir/into"
kill -USR1 "$relay"
sleep 0.3
logged 'the link is lost' && say_failed "an odd event has ended the link to the switch"
head -c 20000 /dev/urandom | tr '\n' ' ' >"$dir/into"
echo >>"$dir/into"
kill -USR1 "$relay"
await logged 'a line of [0-9]* bytes was passed over'
logged 'the link is lost' && say_failed "garbage has ended the link to the switch"
# What the odd events said of a call that is there is corrected when the T-Server connects anew and finds its calls.
kill -USR2 "$relay"
await logged 'switch: the link is lost'
kill -USR2 "$relay"
again() { [ "$(count_logged 'ResyncEnd ref=')" -ge 2 ]; }
await again

# All is as it was.
wait "$half"
echo '{"Message":"RequestQueryAddress","ReferenceID":2,"ThisDN":"7001"}' >&6
line=''
while read -r -t 60 -u 6 line && [[ $line != *'"ReferenceID":2'[,}]* ]]; do :; done
[[ $line == *'"AgentID":"marie"'* ]] || say_failed "the desktop that did all right is not answered: $line"
exec 6>&-
await are_waiting 3
[ "$(rows | grep -c ' agent ')" = 1 ] || say_failed "the call in conversation is gone"
ready_now 7001
played
expect '4 routed, 0 abandoned, 0 defaulted' ctl status
kill "$relay"; wait "$relay" 2>/dev/null; relay=''
stop
finish
