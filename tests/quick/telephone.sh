#!/bin/bash
# tests/quick/telephone.sh BUILD DIR - The same call with nothing simulated: sipp calls by SIP and keys, the plugin `sip` is
# the exchange, baresip is the agent's telephone, examples/desktop her desktop. Works in DIR, which has strategy, directory
# and database (demo.sh). A number of varying length ends after five seconds without a key. Exits 77 with the reason where one of them is not installed.
set -u
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd) top_builddir=$1 data=$2
dir=$data/sip vm='' started='' failures=0
mkdir -p "$dir" || exit 1
finish() { also_end; [ -z "$vm" ] || { kill "$vm" && wait "$vm"; }; exit "$1"; } 2>/dev/null
trap 'finish 130' INT TERM HUP
die() { echo "FAILED: $*"; tail -n 15 "$dir/gcxvm.log"; finish 1; }
say_failed() { die "$@"; }
await() { local tries=600; until "$@" >/dev/null 2>&1; do ((--tries > 0)) || die "never: $*"; sleep 0.05; done; }
logged() { grep -q -e "$1" "$dir/gcxvm.log"; }
count_logged() { grep -c -e "$1" "$dir/gcxvm.log"; }
ctl() { "$top_builddir/gcxctl" --socket "$dir/state/admin.sock" "$@"; }
. "$top_srcdir/tests/flows/sip_phones.sh"
for prompt in account_number language; do cp "$dir/prompts/welcome.wav" "$dir/prompts/$prompt.wav"; done
cp "$dir/prompts/music.wav" "$dir/prompts/hold.wav"

telephone 7001 a-long-random-word auto
cat >"$dir/gcx.conf" <<CONF
directory  = "$data/directory.sql"
strategies = {"$data/enterprise.gcxb"}
plugins    = "$top_builddir/.libs"
source customers { database = "$data/customers.db" }
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" trunks = "127.0.0.2" numbers = "+4930123=1800"
    prompts = "$dir/prompts" telephones = "$dir/telephones" port_file = "$dir/cti.port"
}
CONF
"$top_builddir/gcxvm" "$dir/gcx.conf" 2>"$dir/gcxvm.log" & vm=$!
await test -s "$dir/cti.port"
telephones_on
await in_service 1

# happens WHO MESSAGE...: a line as gcx logs them, of those outside of it.
happens() { printf '%s info %s\n' "$(date -u +%FT%T.%3NZ)" "$*" >>"$dir/outside.log"; }
pops() { # what the desktop shows while the telephone rings
    local line
    while IFS= read -r line; do
        [[ $line != *' rings: '* ]] ||
            happens desktop EventRinging AgentID=marie ThisDN=7001 "UserData=$(sed 's/.*"UserData"://; s/,"\(ThisQueue\|AgentID\)".*//' <<<"$line")"
    done
}
bash "$top_srcdir/examples/desktop/desktop.sh" 127.0.0.1 "$(cat "$dir/cti.port")" marie 7001 > >(pops) 2>/dev/null & started="$started $!"
await logged 'EventAgentState agent=marie dn=7001 state=ready'

happens caller Arrives from=+33145550101 to=+4930123
call +4930123
await hears welcome
happens caller Keys digits=4711
key 4 7 1 1
await logged 'RequestApplyTreatment.*prompt=language'
happens caller Keys digits=2
key 2
await logged 'EventEstablished dn=7001'
await hears agent
hang_up
await logged 'EventCallDeleted'
ixn=$(sed -n 's/.* ixn=\([0-9a-f-]*\) .*EventRouteRequest.*/\1/p' "$dir/gcxvm.log" | head -n 1)
ctl trace --json "$ixn" | awk -f "$top_srcdir/tests/quick/choice.awk" >"$dir/choice.log"
cat "$dir/outside.log" "$dir/gcxvm.log" "$dir/choice.log" | awk -f "$top_srcdir/tests/quick/steps.awk" || die "not all of the twelve steps were seen"
sed 's/packets=\([0-9]*\) .* streams=\([0-9]*\) gaps=\([0-9]*\)/  the caller heard prompts and agent: \1 packets in \2 stream, \3 gaps/' "$dir/ear.heard"
finish 0
