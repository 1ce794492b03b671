#!/bin/sh
# Agents at desks of their own (desk_wire.py) log in, are offered a chat and a mail, answer and finish them, vanish and
# come back, and want the same; every answer is as openapi.json says. The desk has a certificate: all that is by TLS.
. "$top_srcdir/tests/flows/daemon_common.sh"
for program in python3 openssl; do
    command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }
done
for plugin in desk chat email; do [ -f "$top_builddir/.libs/$plugin.so" ] || exit 77; done

"$gcxc" build "$top_srcdir/tests/flows/desk_wire.gcx" -o "$dir/desks.gcxb" || cleanup 1
hash() { printf '%s\n' "$1" | "$gcxvm" --hash-password; }
(umask 077; fourth=$(hash fourth); printf '%s\n' "marie agent password=$(hash secret)" "paul agent password=$(hash other)" \
    "anne supervisor password=$(hash third)" "leader supervisor password=$fourth" "rival supervisor agent=1002 password=$fourth" "board monitor password=$fourth" "temp agent password=$fourth" >"$dir/users")
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/desk.key" -out "$dir/desk.pem" \
    -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -days 2 >"$dir/openssl.log" 2>&1 || cleanup 1
chmod 600 "$dir/desk.key"
export DESK_CA="$dir/desk.pem"
mkdir "$dir/articles" "$dir/recordings" "$dir/prompts"
printf '# Où est mon colis ?\n\nParcels are followed at https://shop.example/parcels.\n' >"$dir/articles/parcels.md"
printf 'Bills come by mail.\n' >"$dir/articles/bills.md"
printf 'no article' >"$dir/articles/note.txt"
ln -s "$dir/users" "$dir/articles/users.md" # a link out of the folder is no article
mkdir -p "$dir/strategies/objects" "$dir/strategies/refs"
printf 'ref: refs/heads/main\n' >"$dir/strategies/HEAD"
printf '[core]\n\tbare = true\n' >"$dir/strategies/config"
mkdir "$dir/forms"
printf '%s\n' 'title = Calls and letters' '[greeting]' 'asks = Says a name.' 'points = 5' '[privacy]' 'asks = Asks who it is.' \
    'fails = yes' 'skips = yes' >"$dir/forms/calls.form"
printf '[Late]\ndata.note = late\ntags = slow, urgent\nwrapup = solved\n[Away]\nworkbin = drafts\nreason = it is late\n' >"$dir/macros"
python3 "$top_srcdir/tests/flows/helper_heard.py" "$dir/helper.heard" --port 0 --port-file "$dir/helper.port" "$top_srcdir/examples/helper/rules.txt" &
helper=$!
also_end() { kill "$helper" 2>/dev/null; }
await test -s "$dir/helper.port"
printf 'ssssssssssssssssssssssssssssssss' >"$dir/site.key"
# A mail server that takes each mail, and leaves it as letter.N.
python3 - "$dir" <<'PY' &
import itertools, os, socketserver, sys
dir, numbers = sys.argv[1], itertools.count(1)
class Taker(socketserver.StreamRequestHandler):
    def handle(self):
        say = lambda line: self.wfile.write(line + b"\r\n")
        say(b"220 sink")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                say(b"354 go on")
                mail = b"".join(iter(self.rfile.readline, b".\r\n"))
                name = f"{dir}/letter.{next(numbers)}"
                with open(name + ".new", "wb") as out:
                    out.write(mail)
                os.rename(name + ".new", name)
            say(b"221 bye" if word == b"QUIT" else b"250 sink")
            if word == b"QUIT":
                return
with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Taker) as server:
    server.handle_error = lambda *_: None  # whoever looks whether it is there may go without a word
    with open(dir + "/smtp.new", "w") as out:
        out.write(str(server.server_address[1]))
    os.rename(dir + "/smtp.new", dir + "/smtp.port")
    server.serve_forever()
PY
sink=$!
also_end() { kill "$helper" "$sink" 2>/dev/null; }
await test -s "$dir/smtp.port"
make_world "bounded_reading = true
adapter chat {
  identity = \"$dir/site.key\"
  identity_audience = \"shop\"
  queues = \"service\"
  origins = \"https://shop.example\"
  store = \"sqlite:$dir/contacts\"
  port_file = \"$dir/chat.port\"
  state = \"$dir/chats\"
  read_receipts = \"yes\"
  begins_per_minute = \"100\"
}
adapter email {
  store = \"sqlite:$dir/contacts\"
  addresses = \"service@shop.example=mail\"
  submission = \"smtp://127.0.0.1:$(cat "$dir/smtp.port")\"
  submission_insecure = \"yes\"
  port_file = \"$dir/lmtp.port\"
}
adapter desk {
  store = \"sqlite:$dir/contacts\"
  users = \"$dir/users\"
  names = \"desk.example, desk\"
  certificate = \"$dir/desk.pem\"
  key = \"$dir/desk.key\"
  port_file = \"$dir/desk.port\"
  state = \"$dir/sessions\"
  media = \"email, chat, im\"
  queues = \"desk, outbound, goes, texts\"
  asks = \"knowers\"
  workbins = \"drafts\"
  views = \"written, theirs, texting\"
  texts = \"texts\"
  outbound = \"outbound\"
  undo = \"0\"
  admin = \"$dir/state/admin.sock\"
  records = \"sqlite:$dir/records.db\"
  prompts = \"$dir/prompts\"
  speaks = \"cat $dir/prompts/{language}/hello.wav\"
  recordings = \"$dir/recordings\"
  parameters = \"greeting\"
  wrapups = \"solved, spam\"
  wrapups_table = \"codes\"
  reasons = \"lunch\"
  data = \"parcel, note\"
  tags = \"urgent, slow\"
  macros = \"$dir/macros\"
  forms = \"$dir/forms\"
  links = \"Parcel=https://shop.example/parcels?id={parcel}&of={ixn}\"
  frames = \"Shop [chat vq:offers]=https://crm.example:8443/c/{ixn}\"
  knowledge = \"$dir/articles\"
  knowledge_link = \"https://help.example/{article}\"
  helper = \"http://127.0.0.1:$(cat "$dir/helper.port")/\"
  strategies = \"$dir/strategies\"
  designers = \"anne, paul\"
  guesses_per_minute = \"4\"
  per_address = \"10\"
}"
site_queues desks.gcxb service mail desk outbound goes knowers texts
cat >>"$dir/directory.sql" <<'SQL'
insert into agent values ('paul', 'Paul Petit'), ('anne', 'Anne Noir');
alter table agent add column capacity text;
update agent set capacity = 'several' where name = 'anne';
create table "group" (name text primary key);
create table group_member ("group" text, agent text, primary key ("group", agent));
insert into "group" values ('team');
insert into group_member values ('team', 'paul');
insert into agent (name, display) values ('zoe', 'Zoe Blanc');
insert into group_member values ('team', 'zoe');
create table group_lead ("group" text, supervisor text);
create table queue_lead (queue text, supervisor text);
insert into group_lead values ('team', 'leader');
insert into queue_lead values ('desk', 'leader'), ('texts', '1002');
insert into routing_point (dn, strategy) values ('service', 'offers_chats'), ('mail', 'lies'),
    ('goes', 'goes_out'), ('knowers', 'asked');
SQL
printf 'category,name,language,subject,text\nService,received,,We have it,"Dear {contact.name}, soon. {agent.name}"\n' >"$dir/responses.csv"
"$top_builddir/gcxstore" import "sqlite:$dir/contacts" "$dir/responses.csv" >/dev/null || say_failed "no responses"
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || {
    cat "$dir/check"
    cleanup 1
}
start
await test -s "$dir/desk.port" && await test -s "$dir/chat.port" && await test -s "$dir/lmtp.port"
for plugin in chat desk; do
    ctl status --json | python3 -c 'import json, sys
print(*[one["pid"] for one in json.load(sys.stdin)["links"] if one["name"] == sys.argv[1]])' "$plugin" >"$dir/$plugin.pid"
done
timeout 800 python3 "$top_srcdir/tests/flows/desk_wire.py" "$dir" "$top_srcdir" &
desks=$!
also_end() { kill "$desks" "$helper" "$sink" 2>/dev/null; }
# Amid a chat the core is killed: the adapters stay, and so do the desks.
await test -e "$dir/kill" -o ! -d "/proc/$desks"
expect 'chat ready' ctl agents
kill -9 "$vm"
wait "$vm" 2>/dev/null
start
wait "$desks" || say_failed "the desks"
! logged 'code=unreached' || say_failed "an agent was asked whose page was not back"
# Each use of the helper is in the audit, after the core was killed, too; other changes are not among them.
ctl audit --helper --json >"$dir/helped" && python3 - "$dir/helped" "$dir/helper.heard" <<'PYTHON' || { say_failed "the audit of the helper"; cat "$dir/helped"; }
import json, re, sys
notes = json.load(open(sys.argv[1], encoding="utf-8"))["audit"]
asked = [json.loads(line)["kind"] for line in open(sys.argv[2], encoding="utf-8")]
assert [json.loads(str(one["new"])) if str(one["new"]).startswith('"') else one["new"] for one in notes] == asked, (notes, asked)
assert all(one["by"] == "marie" and one["what"] == "helped" and one["at_us"] for one in notes), notes
assert all(re.fullmatch(r"([0-9]+-[0-9a-z]+, )?contact store [0-9]+", one["key"]) for one in notes), notes
PYTHON
# The customer's mark stands with the queue that was asked about, after the core was killed, too.
expect '"judged": 1,' ctl queues people --json
expect '"satisfied": 1,' ctl queues people --json
! ctl audit | grep -q helped || say_failed "uses of the helper are among the changes"
! logged 'the core was told' || say_failed "the core was told of what it does not know"
stop 0
[ "$failures" = 0 ] || tail -n 60 "$dir/log"
finish
