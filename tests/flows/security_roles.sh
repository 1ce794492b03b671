#!/bin/bash
# tests/flows/security_roles.sh - Each role does what it may and is refused what it may not, request by request: agents at
# their own place, supervisors in their groups and elsewhere, monitors. Users who are taken out of the file are sent away;
# a file that is wrong, or empty for a while, changes nothing.
. "$top_srcdir/tests/flows/security_common.sh"

authority ours
for name in server marie paul olga jean zoe anne boss sitter board wall; do certificate "$name"; done
everybody() {
    cat <<'USERS'
# who      may            where
marie      agent          group=sales
paul       agent          group=sales  dn=7002
olga       agent          group=help   dn=7004
jean       agent          group=help
zoe        agent          group=help
anne       supervisor     group=sales
boss       supervisor     certificate=boss.example.org
sitter     supervisor     dn=7004,5*   agent=nina
board      monitor        dn=70*
wall       monitor        data
USERS
}
everybody | users
conf_tserver="restart_ms = 200 $(tls_settings) requests_a_second = 1000"

image=$dir/enterprise.gcxb
"$gcxc" build "$enterprise/enterprise.gcx" -o "$image" || die "gcxc build"
cp "$enterprise/directory.sql" "$dir/directory.sql"
sqlite3 "$dir/customers.db" <"$enterprise/customers.sql" && sqlite3 "$dir/customers.db" <"$enterprise/customers-data.sql" || exit 77
printf '%s\n' 'marie 7001' 'paul 7002' 'olga 7004' >"$dir/agents"
"$gcxsim" call --wait 120s --listen 127.0.0.1:0 --port-file "$dir/switch.port" --cti-port-file "$dir/cti.port" \
    --admin "$dir/state/admin.sock" --directory "$dir/directory.sql" --agents "$dir/agents" --from +33145550101 --to 1800 \
    --digits 4711,2 --answers 100ms --handles 1000s --cti-ca "$dir/tls/ours.pem" --desk-certificate "$dir/tls/%s.pem" \
    --desk-key "$dir/tls/%s.key" >"$dir/sim.log" 2>&1 &
sim=$!
await test -s "$dir/switch.port"
configure
start
await simulated 'desktop .*EventEstablished ThisDN=7001'
conn=$(sed -n 's/.* conn=\([0-9a-f]\{16\}\) EventEstablished .*/\1/p' "$dir/sim.log" | head -n 1)
for name in marie paul jean zoe anne boss sitter board wall; do client "$name" $(shows "$name"); done
for name in marie paul jean zoe anne boss sitter board wall; do hears "$name" '"EventLinkConnected"'; done

at() { echo '"ThisDN":"'"$1"'","ConnID":"'"$conn"'","AgentID":"'"${2-marie}"'","OtherDN":"5000","Key":"k","UserData":{"k":1}'; }
acts='RequestAgentLogin RequestAgentLogout RequestAgentReady RequestAgentNotReady RequestAnswerCall RequestHoldCall
    RequestRetrieveCall RequestSetMuteOn RequestSetMuteOff RequestSendDTMF RequestReleaseCall RequestSingleStepTransfer RequestInitiateTransfer RequestCompleteTransfer
    RequestInitiateConference RequestCompleteConference RequestMonitorCall RequestTakeOverCall
    RequestReconnectCall RequestAlternateCall RequestMakeCall RequestApplyTreatment RequestStartRecording RequestPauseRecording
    RequestResumeRecording RequestStopRecording RequestAttachUserData
    RequestUpdateUserData RequestDeletePair RequestDeleteUserData'

# An agent: own place, own agent, nothing else.
grants paul EventRegistered RequestRegisterAddress '"ThisDN":"7002"'
for act in RequestRegisterAddress RequestQueryAddress $acts; do refuses paul no_privilege $act "$(at 7001)"; done
for dn in 1800 5000 7003; do refuses paul no_privilege RequestRegisterAddress '"ThisDN":"'$dn'"'; done
refuses paul no_privilege RequestAgentLogin '"ThisDN":"7002","AgentID":"marie"'
grants paul EventAgentNotReady RequestAgentNotReady '"ThisDN":"7002"'
grants paul EventAgentReady RequestAgentReady '"ThisDN":"7002"'
grants marie EventRegistered RequestRegisterAddress '"ThisDN":"7001"'
refuses marie no_privilege RequestRegisterAddress '"ThisDN":"7003"' # sits at one place already
grants marie EventAttachedDataChanged RequestUpdateUserData '"ThisDN":"7001","ConnID":"'"$conn"'","UserData":{"note":"mine"}'
# Where no place is written for an agent, it is where nobody else sits.
refuses jean no_privilege RequestRegisterAddress '"ThisDN":"7001"'
refuses jean no_privilege RequestRegisterAddress '"ThisDN":"5000"'
grants jean EventRegistered RequestRegisterAddress '"ThisDN":"7003"'
grants zoe EventRegistered RequestRegisterAddress '"ThisDN":"7003"'
grants zoe EventAgentLogin RequestAgentLogin '"ThisDN":"7003","AgentID":"zoe"'
refuses jean no_privilege RequestAgentReady '"ThisDN":"7003"'
has_heard jean EventAgentLogin && say_failed "an agent hears of another one who has taken the place"

# A supervisor: states and user data of the group's agents, wherever they sit; no calls.
grants anne EventRegistered RequestRegisterAddress '"ThisDN":"7001"'
grants anne EventRegistered RequestRegisterAddress '"ThisDN":"7002"'
refuses anne no_privilege RequestRegisterAddress '"ThisDN":"7004"'
refuses anne no_privilege RequestRegisterAddress '"ThisDN":"1800"'
for act in RequestAgentLogin RequestAnswerCall RequestHoldCall RequestRetrieveCall RequestReleaseCall RequestSingleStepTransfer RequestInitiateTransfer RequestCompleteTransfer RequestReconnectCall RequestAlternateCall RequestMakeCall RequestApplyTreatment RequestStartRecording RequestPauseRecording; do
    refuses anne no_privilege $act "$(at 7001)"
done
grants anne EventAttachedDataChanged RequestUpdateUserData '"ThisDN":"7001","ConnID":"'"$conn"'","UserData":{"note":"hers"}'
grants anne EventAgentNotReady RequestAgentNotReady '"ThisDN":"7002"'
grants anne EventAgentReady RequestAgentReady '"ThisDN":"7002"'
# One with DNs, and one with everything, who is known by another name of the certificate.
for dn in 7004 5000 5001; do grants sitter EventRegistered RequestRegisterAddress '"ThisDN":"'$dn'"'; done
refuses sitter no_privilege RequestRegisterAddress '"ThisDN":"7001"'
for dn in 1800 5000 7001 7004; do grants boss EventRegistered RequestRegisterAddress '"ThisDN":"'$dn'"'; done
grants boss EventAgentNotReady RequestAgentNotReady '"ThisDN":"7004"'
# A supervisor who goes is no lost desktop.
leave anne
await logged 'EventAgentNotReady .*actor=boss'
sleep 0.3
logged 'EventClient agent=paul .*desktop lost' && say_failed "a supervisor's end counts as the agent's desktop's"

# A monitor: looks on, without user data, unless it is said.
grants board EventRegistered RequestRegisterAddress '"ThisDN":"7001"'
refuses board no_privilege RequestRegisterAddress '"ThisDN":"1800"'
for act in $acts; do refuses board no_privilege $act "$(at 7001)"; done
for act in $acts; do refuses wall no_privilege $act "$(at 7001)"; done
grants wall EventRegistered RequestRegisterAddress '"ThisDN":"7001"'
grants marie EventAttachedDataChanged RequestUpdateUserData '"ThisDN":"7001","ConnID":"'"$conn"'","UserData":{"note":"for all"}'
hears wall '"EventAttachedDataChanged".*"note":"for all"'
hears board '"EventAttachedDataChanged"'
has_heard board '"UserData":' && say_failed "a monitor sees user data: $(grep UserData "$dir/board.out" | head -n 1)"
refuses wall unsupported RequestFrobnicate '"ThisDN":"7001"'
await logged 'EventError dn=7001 code=no_privilege user=wall RequestDeleteUserData: not here, for role monitor' || say_failed "the log does not name who was refused what"

# The file changes: who is gone goes, the others stay; a wrong file changes nothing.
everybody | sed '/^board/d; s/^boss.*/boss monitor certificate=boss.example.org/' | users
hears board '"EventError".*"ErrorCode":"no_privilege"'
await is_gone board
await logged 'users: read again'
refuses boss no_privilege RequestAgentReady '"ThisDN":"7004"'
echo 'boss king' | users
await logged 'users: .*users:1: after the user.s name stands its role'
# So does one that is empty, as while a query fills it.
: | users
await logged 'users: 9 of 9 of before are not in the file'
grants marie EventReleased RequestReleaseCall "$(at 7001)"
end_clients
wait "$sim"; sim=''
stop
finish
