#!/bin/bash
# desktop.sh HOST PORT AGENT DN - An agent's desktop in a page of bash: logs in, shows what rings with what is known of
# the caller, answers, and is ready again after the call. The wire is in gcx-tserver(5): an object a line, nothing to
# link. Ends with the connection, or at Ctrl-C; the agent is logged out some time later.
set -u
[ $# = 4 ] || { sed -n '2s/^# //p' "$0"; exit 2; }
host=$1 port=$2 agent=$3 dn=$4 reference=0
exec {wire}<>"/dev/tcp/$host/$port" || exit 1

# ask MESSAGE [MEMBER...]: a request about this desktop's DN, with these members besides, each as it stands in JSON.
ask() {
    local message=$1 member more=; shift
    for member; do more+=",$member"; done
    printf '{"Message":"%s","ReferenceID":%d,"ThisDN":"%s"%s}\n' "$message" $((++reference)) "$dn" "$more" >&"$wire"
}
member() { [[ $line =~ \"$1\":\"([^\"]*)\" ]] && echo "${BASH_REMATCH[1]}"; } # of the line: a string's text

ask RequestRegisterAddress
ask RequestAgentLogin "\"AgentID\":\"$agent\""
while read -r line <&"$wire"; do
    case $(member Message) in
    EventAgentLogin)
        echo "$agent is logged in at $dn"
        ask RequestAgentReady ;;
    EventAgentReady) echo "ready" ;;
    EventAgentNotReady) echo "not ready" ;;
    EventRinging)
        echo "$(member ANI) rings: $line"
        ask RequestAnswerCall "\"ConnID\":\"$(member ConnID)\"" ;;
    EventEstablished) echo "talking to $(member ANI)" ;;
    EventReleased)
        echo "released"
        ask RequestAgentReady ;;
    EventLinkDisconnected) echo "the switch is away" ;;
    EventError) echo "refused, $(member ErrorCode): $(member ErrorMessage)" >&2 ;;
    esac
done
