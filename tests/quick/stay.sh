#!/bin/bash
# tests/quick/stay.sh BUILD - A site for chats and e-mails that keeps running until Ctrl-C: the customer's page, the desk for
# its agents, the strategies of strategies/blended, and 200 agents with 20,000 interactions a day by the simulator: their last
# week, which the supervisor's History, Reports and Forecast show, and a living day, which Now shows (day.py and gcxsim). Everything lies in a temporary directory; ports are the kernel's choice,
# on loopback. BRIEF=1: the past is short, which is sooner done. ONCE=1: so it is, few agents have a day,
# a chat page and a desk that answer are enough, and it ends.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
. tests/quick/common.sh
build=$(cd "${1:-build}" && pwd) || die "there is no build: run ./quickstart"
flow=$top/strategies/blended
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-stay-XXXXXX") || die "no temporary directory"
daemon='' customer='' records='' switch='' people=''

finish() {
    trap - EXIT
    trap '' INT TERM HUP
    for one in $customer $records $switch $people; do kill "$one" 2>/dev/null; done
    # At the second signal it ends at once, whoever still waits.
    [ -n "$daemon" ] && kill "$daemon" 2>/dev/null && sleep 0.2 && kill "$daemon" 2>/dev/null
    wait
    if [ "${KEEP-}" ]; then echo "Kept: $dir"; else rm -rf "$dir"; fi
    exit "$1"
}
trap 'echo; finish 0' INT TERM HUP
trap 'finish 1' EXIT
failed() { printf 'FAILED: %s\n' "$*"; tail -n 15 "$dir"/*.log 2>/dev/null; finish 1; }
within() { local tries=$(($1 * 20)); shift; while ((tries-- > 0)); do "$@" >/dev/null 2>&1 && return 0; sleep 0.05; done; return 1; }

python3 tests/quick/customer.py "$dir" 2>"$dir/customer.log" &
customer=$!
within 10 test -s "$dir/site" || failed "the customer's page did not start"

# The agents of the day have a skill of their own, and their own strategies, the same otherwise: so nobody of them takes what
# you send, and you are given nothing of theirs.
[ "${ONCE-}" ] && day=(3 200000) || day=(200 20000)
mkdir "$dir/flow" && cp "$flow/blended.gcx" "$flow/directory.sql" "$dir/flow"
sed 's/^    skill Service;/    skill Service, World;/; s/^    group writers;/    group writers, day_writers;/' "$flow/site.gcx" >"$dir/flow/site.gcx"
sed '/^\/\/\/ What agents have written/,$d; s/^strategy \(calls\|chats\|mails\|after_chat\) /strategy day_\1 /; s/then after_chat/then day_after_chat/; s/skill Service/skill World/; s/group writers/group day_writers/' \
    "$flow/blended.gcx" >"$dir/flow/day.gcx"
"$build/gcxc" build "$dir/flow/blended.gcx" "$dir/flow/day.gcx" -o "$dir/blended.gcxb" || failed "gcxc build"
python3 tests/quick/day.py prepare "$dir" "${day[@]}" || failed "the day's people"
cat "$flow/directory.sql" "$dir/day.sql" >"$dir/directory.sql"
"$build/gcxsim" load --wait 1h --listen 127.0.0.1:0 --port-file "$dir/switch" --cti-port-file "$dir/clients" --admin "$dir/state/admin.sock" \
    --directory "$dir/directory.sql" --agents "$dir/day.agents" --calls 45000 --arrivals "profile($dir/day.csv)" --handles 'lognormal(4m, 3m)' \
    --answers 4s --work 20s --patience 4m --shift 2h --quiet >"$dir/sim.log" 2>&1 &
switch=$!
within 10 test -s "$dir/switch" || failed "gcxsim did not start"
(
    umask 077
    for user in 'marie agent' 'tom agent' 'paul supervisor'; do
        echo "$user password=$(echo welcome | "$build/gcxvm" --hash-password)"
    done >"$dir/users"
    cat "$dir/day.users" >>"$dir/users"
)
cat >"$dir/responses.csv" <<'CSV'
category,name,language,subject,text
Parcels,on its way,,Your parcel,"Dear {contact.name}, your parcel is on its way. {agent.name}"
CSV
"$build/gcxstore" import "sqlite:$dir/contacts" "$dir/responses.csv" >/dev/null || failed "gcxstore import"
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"blended.gcxb"}
plugins    = "$build/.libs"
adapter chat {
  queues = "web, day_web" per_address = "2000" begins_per_minute = "2000" store = "sqlite:$dir/contacts" port_file = "$dir/chat" state = "$dir/chats"
  origins = "http://127.0.0.1:$(cat "$dir/site")"
}
adapter email {
  addresses = "service@shop.example=letters, day@shop.example=day_letters" store = "sqlite:$dir/contacts" port_file = "$dir/lmtp"
  submission = "smtp://127.0.0.1:$(cat "$dir/smtp")" submission_insecure = "yes"
}
adapter tserver { switch = "127.0.0.1:$(cat "$dir/switch")" port_file = "$dir/clients" }
adapter desk {
  users = "$dir/users" store = "sqlite:$dir/contacts" port_file = "$dir/desk"
  queues = "parked, web, letters" workbins = "drafts, returned" state = "$dir/sessions" outbound = "outgoing" from = "service@shop.example"
  reasons = "lunch, training" wrapups = "solved, to be called"
  admin = "$dir/state/admin.sock" parameters = "suffer_below, suffer_until" records = "sqlite:$dir/records.db"
}
CONF
"$build/gcxvm" --check "$dir/gcx.conf" >"$dir/check.log" 2>&1 || failed "the configuration"
# The past: its journal is by the simulator, and gcxrecords reads it as any other.
[ "${ONCE-}${BRIEF-}" ] && world=(300 2) || world=(20000 8)
make -C "$build" -s tests/quick/world >"$dir/make.log" 2>&1 || failed "make tests/quick/world"
mkdir "$dir/past"
echo "The simulator plays ${world[1]} days of 200 agents, which takes a minute or two:"
"$build/tests/quick/world" "$dir/blended.gcxb" "$dir/past" "${world[@]}" || failed "the simulator's days"
"$build/gcxrecords" --once --state "$dir/past" "$dir/gcx.conf" "sqlite:$dir/records.db" 2>"$dir/past.log" || failed "the records"
rm -rf "$dir/past"
"$build/gcxvm" "$dir/gcx.conf" 2>"$dir/gcxvm.log" &
daemon=$!
for port in chat lmtp desk; do within 20 test -s "$dir/$port" || failed "the adapter that tells its port in $port did not start"; done

# What happens from now on stands in the same records.
"$build/gcxrecords" "$dir/gcx.conf" "sqlite:$dir/records.db" 2>"$dir/records.log" &
records=$!
python3 tests/quick/day.py play "$dir" "${day[@]}" 2>"$dir/day.log" &
people=$!
site=http://127.0.0.1:$(cat "$dir/site")/ desk=http://127.0.0.1:$(cat "$dir/desk")/
say "Chats and e-mails: click through them in two windows"
cat <<TEXT
  the desk        $desk
                  log in as marie (or tom; paul is a supervisor), password welcome, and be ready for chats and e-mails
                  a chat is offered for 20 seconds; who misses it is asked again after five minutes, or another is: tom
  the console     ${desk}console/
                  as paul: who waits and works now. 200 agents have a day of 20,000 calls, chats and e-mails, which began
                  at two o'clock whatever your clock says; History, Reports and Forecast have their last week
  the customer    $site
                  open the chat, and write; or send the e-mail that stands there; what comes back by mail, the transcript
                  of a chat that is over too, stands below it
  by hand         swaks --protocol LMTP --server 127.0.0.1 --port $(cat "$dir/lmtp") --to service@shop.example --from anna@example.org
  what happens    $build/gcxctl --socket $dir/state/admin.sock interactions; the strategies are strategies/blended/blended.gcx

Ctrl-C ends it.
TEXT
if [ "${ONCE-}" ]; then
    answers() { python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=10).read()' "$1"; }
    for page in "$site" "$desk" "http://127.0.0.1:$(cat "$dir/chat")/widget.js"; do
        within 10 answers "$page" || failed "$page does not answer"
    done
    python3 - "$site" <<'PY' || failed "the customer's e-mail"
import sys, urllib.parse, urllib.request
form = {"from": "anna@example.org", "subject": "My parcel", "text": "Where is it?"}
urllib.request.urlopen(sys.argv[1] + "mail", urllib.parse.urlencode(form).encode(), timeout=10).read()
PY
    python3 - "$desk" <<'PY' || failed "the supervisor's page"
import json, sys, urllib.request
asks = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
asks.open(urllib.request.Request(sys.argv[1] + "api/login", json.dumps({"name": "paul", "password": "welcome"}).encode(),
                                 {"Content-Type": "application/json", "Origin": sys.argv[1].rstrip("/")}), timeout=10).read()
asks.open(sys.argv[1] + "api/supervisor/queues", timeout=10).read()
report = json.load(asks.open(sys.argv[1] + "api/supervisor/reports/service_level?of=queue&by=total", timeout=60))["rows"]
assert {row["queue"] for row in report if row["answered"]} >= {"calls", "chats", "mails"}, report
PY
    # The day lives: of its calls, its chats and its e-mails somebody has each.
    for queue in calls chats mails; do
        within 60 eval "'$build/gcxctl' --socket '$dir/state/admin.sock' queues | awk '\$1 == \"$queue\" && \$5 > 0 {found = 1} END {exit !found}'" ||
            failed "nobody of the day's agents has anything of $queue"
    done
    within 60 grep -q 'Submit .*queue=letters ' "$dir/gcxvm.log" || failed "the e-mail did not reach the core"
    finish 0
fi
wait "$daemon"
failed "the daemon has ended"
