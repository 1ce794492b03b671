#!/bin/bash
# tests/quick/stay.sh BUILD - A site for chats and e-mails that keeps running until Ctrl-C: the customer's page, the desk for
# its agents, the strategies of strategies/blended in a repository that designers change, and 200 agents with 20,000
# interactions a day by the simulator: their last week, which the supervisor's History, Reports and Forecast show, and a
# living day, which Now shows (day.py and gcxsim). Everything lies in a temporary directory; ports are the kernel's choice,
# on loopback. BRIEF=1: the past is short, which is sooner done. ONCE=1: so it is, few agents have a day,
# a chat page, a desk and a console that answer are enough, and it ends.
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
mkdir "$dir/flow" && cp "$flow/blended.gcx" "$flow/tests.gcx" "$dir/flow"
# Two tables are for the console: targets that all supervisors share, and alerts that are silenced.
sed 's/^    skill Service;/    skill Service, World;/; s/^    group writers;/    group writers, day_writers;/; /^}/d' "$flow/site.gcx" >"$dir/flow/site.gcx"
cat >>"$dir/flow/site.gcx" <<'GCX'

    /// How many percent of a queue are answered within how many seconds; from how many on a wait is long, or late.
    table queue_targets edit supervisor { key queue: str; seconds: int; percent: int; long: int?; late: int? }
    /// Alerts of the console that nobody has to see for a while.
    table silenced_alerts edit supervisor { key alert: str; said: str? }
}
GCX
sed '/^\/\/\/ What agents have written/,$d; s/^strategy \(calls\|chats\|mails\|after_chat\) /strategy day_\1 /; s/then after_chat/then day_after_chat/; s/skill Service/skill World/g; s/group writers/group day_writers/' \
    "$flow/blended.gcx" >"$dir/flow/day.gcx"
# What runs is what the console builds of the repository's first commit. It is written without git, which may not be installed.
(cd "$dir/flow" && "$build/gcxc" build . -o "$dir/blended.gcxb") || failed "gcxc build"
python3 - "$dir/flow" "$dir/strategies" <<'PY' || failed "the repository of strategies"
import hashlib, os, sys, time, zlib
flow, repository = sys.argv[1:]
def write(path, bytes):
    os.makedirs(os.path.dirname(f"{repository}/{path}"), exist_ok=True)
    with open(f"{repository}/{path}", "wb") as file:
        file.write(bytes)
def add(kind, bytes):
    whole = b"%s %d\0%s" % (kind, len(bytes), bytes)
    name = hashlib.sha1(whole)
    write(f"objects/{name.hexdigest()[:2]}/{name.hexdigest()[2:]}", zlib.compress(whole))
    return name
blob = lambda name: add(b"blob", open(f"{flow}/{name}", "rb").read()).digest()
tree = add(b"tree", b"".join(b"100644 %s\0%s" % (name.encode(), blob(name)) for name in sorted(os.listdir(flow))))
by = f"quickstart <quickstart@shop.example> {int(time.time())} +0000"
commit = add(b"commit", f"tree {tree.hexdigest()}\nauthor {by}\ncommitter {by}\n\nThe strategies of strategies/blended\n".encode())
write("refs/heads/main", commit.hexdigest().encode() + b"\n")
write("HEAD", b"ref: refs/heads/main\n")
write("config", b"[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
PY
python3 tests/quick/day.py prepare "$dir" "${day[@]}" || failed "the day's people"
cat "$flow/directory.sql" "$dir/day.sql" >"$dir/directory.sql"
"$build/gcxsim" load --wait 1h --listen 127.0.0.1:0 --port-file "$dir/switch" --cti-port-file "$dir/clients" --admin "$dir/state/admin.sock" \
    --directory "$dir/directory.sql" --agents "$dir/day.agents" --calls 45000 --arrivals "profile($dir/day.csv)" --handles 'lognormal(4m, 3m)' \
    --answers 4s --work 20s --patience 4m --shift 2h --quiet >"$dir/sim.log" 2>&1 &
switch=$!
within 10 test -s "$dir/switch" || failed "gcxsim did not start"
(
    umask 077
    for user in 'marie agent' 'tom agent' 'paul supervisor' 'vera supervisor'; do
        echo "$user password=$(echo welcome | "$build/gcxvm" --hash-password)"
    done >"$dir/users"
    cat "$dir/day.users" >>"$dir/users"
)
cat >"$dir/responses.csv" <<'CSV'
category,name,language,subject,text
Parcels,on its way,,Your parcel,"Dear {contact.name}, your parcel is on its way. {agent.name}"
CSV
mkdir "$dir/forms" "$dir/prompts"
cat >"$dir/forms/service.form" <<'FORM'
title = How it was answered

[greeting]
asks = The customer is greeted by name.
points = 5

[answer]
asks = The question is answered.
fails = yes
FORM
python3 -c 'import math, struct, sys, wave
with wave.open(sys.argv[1], "wb") as file: # the music of who waits, one second of a tone
    file.setparams((1, 2, 8000, 0, "NONE", ""))
    file.writeframes(b"".join(struct.pack("<h", int(6000 * math.sin(n * 440 * math.tau / 8000))) for n in range(8000)))' "$dir/prompts/hold.wav" ||
    failed "the prompt"
"$build/gcxstore" import "sqlite:$dir/contacts" "$dir/responses.csv" >/dev/null || failed "gcxstore import"
# The past is that of another domain, so no interaction of it has the number of a living one.
cat >"$dir/gcx.conf" <<CONF
partition  = 2
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
  strategies = "$dir/strategies" designers = "paul, vera" forms = "$dir/forms" prompts = "$dir/prompts"
}
CONF
"$build/gcxvm" --check "$dir/gcx.conf" >"$dir/check.log" 2>&1 || failed "the configuration"
# The past: its journal is by the simulator, and gcxrecords reads it as any other.
[ "${ONCE-}${BRIEF-}" ] && world=(300 2) || world=(20000 8)
make -C "$build" -s tests/quick/world >"$dir/make.log" 2>&1 || failed "make tests/quick/world"
mkdir "$dir/past"
echo "The simulator plays ${world[1]} days of 200 agents, which takes a minute or two:"
"$build/tests/quick/world" "$dir/blended.gcxb" "$dir/past" "${world[@]}" || failed "the simulator's days"
sed '/^partition/d' "$dir/gcx.conf" >"$dir/past.conf"
"$build/gcxrecords" --once --state "$dir/past" "$dir/past.conf" "sqlite:$dir/records.db" 2>"$dir/past.log" || failed "the records"
rm -rf "$dir/past" "$dir/past.conf"
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
                  at two o'clock whatever your clock says; History, Reports and Forecast have their last week. Now has
                  targets to set, Today alerts to silence, Change values and the prompt of who waits, Quality a form.
                  Strategies has what runs: change it, ask for a review, and publish it as vera, in a private window
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
head = {"Content-Type": "application/json", "Origin": sys.argv[1].rstrip("/")}
def ask(path, body=None, method=None):
    request = urllib.request.Request(sys.argv[1] + "api/" + path, json.dumps(body).encode() if body else None, head if body else {}, method=method)
    return json.loads(asks.open(request, timeout=60).read() or "null")
head["X-CSRF-Token"] = ask("login", {"name": "paul", "password": "welcome"})["csrf"]
ask("supervisor/queues")
for table, key, row in ("queue_targets", "calls", ["seconds=30", "percent=90"]), ("silenced_alerts", "link email", []):
    ask(f"supervisor/settings/{table}", {"key": key, "row": row, "for": "1h", "why": "a look"}, "PUT")
    assert [row["key"] for row in ask(f"supervisor/settings/{table}")["rows"]] == [key]
files = [row["path"] for row in ask("strategies")["files"]]
assert files == ["blended.gcx", "day.gcx", "site.gcx", "tests.gcx"], files
ask("strategies/build", {"commit": "head"})
assert len(ask("supervisor/quality/forms")["forms"]) == 1
report = ask("supervisor/reports/service_level?of=queue&by=total")["rows"]
assert {row["queue"] for row in report if row["answered"]} >= {"calls", "chats", "mails"}, report
PY
    cmp "$dir/blended.gcxb" "$dir/strategies/images/"*.gcxb || failed "what runs is another image than that of the repository"
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
