#!/bin/bash
# desktop.sh HOST[,HOST]... PORT AGENT DN - An agent's desktop in a page of bash: logs in, shows what rings with what is
# known of the caller, answers, and is ready again after the call. It takes the host that accepts. The wire
# is in gcx-tserver(5): an object a line, nothing to link. If the T-Server asks for a password, GCX_PASSWORD is the agent's
# password; after a lost connection the token that came with the login is sent in its place. Ends at Ctrl-C; the agent is
# logged out some time later.
set -u
[ $# = 4 ] || { sed -n '2s/^# //p' "$0"; exit 2; }
IFS=, read -ra hosts <<<"$1"
port=$2 agent=$3 dn=$4 reference=0 token=

# ask MESSAGE [MEMBER...]: a request about this desktop's DN, with these members besides, each as it stands in JSON.
ask() {
    local message=$1 member more=; shift
    for member; do more+=",$member"; done
    printf '{"Message":"%s","ReferenceID":%d,"ThisDN":"%s"%s}\n' "$message" $((++reference)) "$dn" "$more" >&"$wire"
}
text() { local text=${1//\\/\\\\}; echo "\"${text//\"/\\\"}\""; } # as a string of JSON
member() { [[ $line =~ \"$1\":\"([^\"]*)\" ]] && echo "${BASH_REMATCH[1]}"; } # of the line: a string's text
log_in() {
    if [ -n "$token" ]; then ask RequestAuthenticate "\"User\":\"$agent\"" "\"Token\":\"$token\""
    else ask RequestAuthenticate "\"User\":\"$agent\"" "\"Password\":$(text "${GCX_PASSWORD-}")"; fi
}

# serve: until the connection is lost.
serve() {
    while read -r line <&"$wire"; do
        case $(member Message) in
        EventAuthenticationRequired) log_in ;;
        EventAuthenticated) token=$(member Token) ;;
        EventLinkConnected)
            ask RequestRegisterAddress
            ask RequestAgentLogin "\"AgentID\":\"$agent\"" ;;
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
        EventError)
            echo "refused, $(member ErrorCode): $(member ErrorMessage)" >&2
            if [[ $line =~ "log in with the password" ]] && [ -n "$token" ]; then token=; log_in; fi ;;
        esac
    done
}

connect() {
    local host
    for host in "${hosts[@]}"; do { exec {wire}<>"/dev/tcp/$host/$port"; } 2>/dev/null && return 0; done
    return 1
}

connect || { echo "nobody listens at $1, port $port" >&2; exit 1; }
while :; do
    serve
    exec {wire}>&-
    echo "the connection is lost"
    until sleep 1; connect; do :; done
done
