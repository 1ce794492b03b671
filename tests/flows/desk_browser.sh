#!/bin/sh
# A day at the desk in headless Chromium (desk_browser.py): a customer in one window, two agents and a supervisor in others;
# a chat is offered, accepted, answered, handed on and finished; a mail is taken and answered; what each page owes to people.
. "$top_srcdir/tests/flows/browser_common.sh"
[ -f "$top_builddir/.libs/desk.so" ] && [ -f "$top_builddir/.libs/email.so" ] || exit 77

"$gcxc" build "$top_srcdir/tests/flows/desk_browser.gcx" -o "$dir/day.gcxb" || cleanup 1
hash=$(echo secret | "$gcxvm" --hash-password)
printf '%s\n' "marie agent password=$hash" "jean agent password=$hash" "sam supervisor password=$hash group=helpers" >"$dir/users"
chmod 600 "$dir/users"
play desk_browser.py
mkdir "$dir/articles"
printf '# How an invoice is set right\n\nWe send **it** again:\n\n- with the [new](https://shop.example/new) address.\n' >"$dir/articles/invoices.md"
printf '# Parcels\n\nThey come within two days.\n' >"$dir/articles/parcels.md"
# What the text engine speaks: two channels of 22,050 samples a second, which the page makes fit for a prompt.
mkdir -p "$dir/prompts" "$dir/spoken/en"
python3 -c 'import sys, wave
with wave.open(sys.argv[1], "wb") as file:
    file.setparams((2, 2, 22050, 0, "NONE", ""))
    file.writeframes(bytes([0, 32, 0, 32]) * 22050)' "$dir/spoken/en/text.wav"
mkdir -p "$dir/strategies/objects" "$dir/strategies/refs"
printf 'ref: refs/heads/main\n' >"$dir/strategies/HEAD"
printf '[core]\n\tbare = true\n' >"$dir/strategies/config"
# A language of the site that goes from right to left: each text is marked, and 40 % longer.
mkdir "$dir/languages"
python3 -c 'import json, sys
print(json.dumps({text: "⟦" + text + "·" * (len(text) * 2 // 5) + "⟧" if isinstance(row, str) else {"other": "⟦" + text + "⟧"} for text, row in json.load(sys.stdin).items()}))' <"$top_srcdir/runtime/web/languages/fr.json" >"$dir/languages/he.json"
printf '> en the invoice has = this bill has\n' >"$dir/rules"
python3 "$top_srcdir/examples/helper/helper.py" --port 0 --port-file "$dir/helper.port" "$dir/rules" &
helper=$!
also_end() { kill $helper $player; wait $helper $player; } 2>/dev/null
await test -s "$dir/helper.port"
make_world "adapter chat {
  queues = \"service\"
  origins = \"http://127.0.0.1:$(cat "$dir/site")\"
  store = \"sqlite:$dir/contacts\"
  port_file = \"$dir/port\"
}
adapter email {
  addresses = \"service@shop.example=incoming, team@shop.example=team, soon@shop.example=soon, office@shop.example=incoming\"
  store = \"sqlite:$dir/contacts\"
  port_file = \"$dir/lmtp\"
  submission = \"smtp://127.0.0.1:$(cat "$dir/smtp")\"
  insecure = \"yes\"
}
adapter desk {
  users = \"$dir/users\"
  store = \"sqlite:$dir/contacts\"
  media = \"email, chat, damages\"
  queues = \"service, mail, outgoing\"
  workbins = \"later, returned\"
  views = \"parcels\"
  outbound = \"outgoing\"
  undo = \"0\"
  from = \"service@shop.example\"
  reasons = \"lunch, training\"
  data = \"order\"
  knowledge = \"$dir/articles\"
  languages = \"$dir/languages\"
  helper = \"http://127.0.0.1:$(cat "$dir/helper.port")/\"
  links = \"Order=https://shop.example/orders?id={order}, Claim=https://shop.example/claims/{claim}, Calls [voice]=https://shop.example/calls\"
  frames = \"Customer [email vq:nowhere]=https://crm.example/of/{order}, Orders [email]=https://crm.example/orders/{order}\"
  wrapups = \"parcel_late, question_answered\"
  tags = \"parcel, urgent\"
  macros = \"$dir/macros\"
  forms = \"$dir/forms\"
  admin = \"$dir/state/admin.sock\"
  records = \"sqlite:$dir/records.db\"
  prompts = \"$dir/prompts\"
  speaks = \"cat $dir/spoken/{language}/text.wav\"
  parameters = \"patience\"
  strategies = \"$dir/strategies\"
  designers = \"sam, jean\"
  four_eyes = \"no\"
  port_file = \"$dir/desk\"
}"
site_queues day.gcxb service incoming team soon mail outgoing
cat >>"$dir/directory.sql" <<'SQL'
insert into agent values ('jean', 'Jean Moreau'), ('sam', 'Sam Blanc');
create table schedule (name text primary key, value text);
insert into schedule values ('hours', 'mon..fri 09:00..17:00; holidays FR 10:00..12:00');
create table holiday (calendar text, date text, primary key (calendar, date));
insert into holiday values ('FR', '2026-12-25');
create table "group" (name text primary key);
create table group_member ("group" text, agent text, primary key ("group", agent));
insert into "group" values ('helpers');
insert into group_member values ('helpers', 'marie'), ('helpers', 'jean');
insert into routing_point (dn, strategy) values ('service', 'talks'), ('incoming', 'mails'), ('team', 'teams'), ('soon', 'soon');
SQL
mkdir "$dir/forms"
printf '%s\n' 'title = How it was answered' '[greeting]' 'asks = The customer is greeted by name.' 'points = 5' 'weight = 2' 'hint = Not in a short message.' \
    '[answer]' 'asks = The question is answered.' 'fails = yes' '[advice]' 'asks = More help is offered.' 'skips = yes' 'points = 20' >"$dir/forms/service.form"
printf '[Comes tomorrow]\nresponse = Parcels/late\ntags = parcel\ndata.order = late\nwrapup = parcel_late\nfinish = yes\n[Urgent]\ntags = urgent\nworkbin = later\n[Greet]\nresponse = Parcels/late\ntags = urgent\n[Close]\nfinish = yes\n' >"$dir/macros"
printf 'category,name,language,subject,text\nParcels,late,,Late,"Dear {contact.name}, it comes tomorrow."\nAccounts,new,,New,"It is open, {contact.name}: {order} {place}"\nsignature,office@shop.example,,,"-- \nThe office, {agent.name}"\n' >"$dir/responses.csv"
"$top_builddir/gcxstore" import "sqlite:$dir/contacts" "$dir/responses.csv" >/dev/null || say_failed "no responses"
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || {
    cat "$dir/check"
    cleanup 1
}
start
played
stop 0
"$top_builddir/gcxrecords" --once "$dir/gcx.conf" "jsonl:$dir/records" 2>"$dir/records.log" || say_failed "the records: $(cat "$dir/records.log")"
grep -q '"damages"' "$dir/records" || say_failed "the records do not call a medium as the site does"
[ "$failures" = 0 ] || tail -n 60 "$dir/log"
finish
