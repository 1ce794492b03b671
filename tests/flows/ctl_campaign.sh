#!/bin/sh
# tests/flows/ctl_campaign.sh - gcxctl campaign: those of the directory and their rules, what is refused and why, with
# who asked in journal and log; one is loaded from a list, started, given other rules, and unloaded, which metrics tell.
. "$top_srcdir/tests/flows/daemon_common.sh"
[ -x "$gcxc" ] || cleanup 77
serving=
also_end() { [ -z "$serving" ] || { kill "$serving"; wait "$serving"; } 2>/dev/null; }

cat >"$dir/remind.gcx" <<'GCX'
site { default timeout 5m; schedule always zone "Europe/Berlin" { mon..sun 00:00..00:00; } }
strategy remind on outbound {
    outbound.dial(contact.number) else {};
    outbound.close(ok) else {};
    stop "done";
}
GCX
"$gcxc" build --site "$dir/remind.gcx" "$dir/remind.gcx" -o "$dir/remind.gcxb" || cleanup 1
mkdir "$dir/sheets"
sheet() { cat >"$dir/sheets/$1.csv"; }
printf 'number,type\nreminders,routing_point\nsurvey,routing_point\nwrong,routing_point\n' | sheet dn
printf 'dn,strategy\nreminders,remind\nsurvey,remind\nwrong,remind\n' | sheet routing_point
printf 'name\nmarie\n' | sheet agent
printf 'name\nsales\n' | sheet group
printf 'group,agent\nsales,marie\n' | sheet group_member
printf 'name,abandoned_permille,of_day\nstrict,10,3\n' | sheet rule_set
# No strategy asks the clocks of the zone: the campaign's schedule does.
printf 'name,value\nalways,mon..sun 00:00..00:00\n' | sheet schedule
printf 'name,mode,agents,list,filter,rule_set,schedule,zone\nreminders,predictive,sales,autumn,,strict,always,Europe/Berlin\nsurvey,power,,,,,,\nwrong,power,,autumn,blance > 5,,,\n' | sheet campaign
printf 'number\n+33145550101\n+33145550102\n' >"$dir/numbers.csv"
"$top_builddir/gcxlists" import "sqlite:$dir/lists.db" autumn "$dir/numbers.csv" >/dev/null || cleanup 1
cat >"$dir/gcx.conf" <<CONF
directory = "sheets"
strategies = {"remind.gcxb"}
http = "127.0.0.1:0"
plugins = "$top_builddir/.libs"
CONF
start

# All of them, and one with its rules.
expect "reminders  unloaded  predictive" ctl campaign
expect "survey     unloaded  power" ctl campaigns
expect "campaign reminders: unloaded, predictive" ctl campaign reminders
expect "directory     mode predictive, agents sales, list autumn, rule_set strict, schedule always, zone Europe/Berlin" ctl campaign reminders
expect "abandoned_permille 10" ctl campaign reminders
expect "abandoned_permille 30" ctl campaign survey
expect '"of_day": 3' ctl campaign reminders --json
expect '"name": "survey"' ctl campaign --json --limit 1 --from 500000001
expect 'there is no campaign `reminder`' ctl campaign reminder
expect_exit 1 ctl campaign reminder

# What cannot be is refused, by gcxvm or by the core, which has no list here.
expect "no link hands over records" ctl campaign reminders load --why "the autumn letters"
expect_exit 1 ctl campaign reminders load
expect "the campaign is not loaded" ctl campaign reminders start
expect 'there is no mode `predicitve`; expected preview, ' ctl campaign reminders mode predicitve
expect '`lines=0` is no rule with a number in its range' ctl campaign reminders load predictive lines=0
expect "expected a mode, or RULE=NUMBER, behind mode" ctl campaign reminders mode
expect "nothing stands behind start" ctl campaign reminders start power
expect 'there is no `pause` of a campaign; expected load, start, stop, unload or mode' ctl campaign reminders pause
expect "changes nothing: --why is for what does" ctl campaign reminders --why "a look"
ctl campaign survey load lines=7 --why "at noon" >"$dir/output" 2>&1
await logged 'RequestCampaign .*actor=.*survey.*lines.*why="at noon"' || say_failed "the event does not say why"
await logged 'admin .* campaign: {.*survey' || say_failed "the log does not say who asked"

# What shells complete.
completes() { GCX_ADMIN=$dir/state/admin.sock "$gcxctl" --complete "$@"; }
expect "survey" completes campaign su
expect "unload" completes campaign survey un
expect "push_preview" completes campaign survey mode pu
expect "campaigns" completes camp

# One has records; nobody dials them here.
stop 0
echo 'adapter dialer { lists = "sqlite:'"$dir/lists.db"'" }' >>"$dir/gcx.conf"
start
await link_is up
shows() { ctl campaign reminders | grep -q -e "$1"; }
await ctl campaign reminders load per_agent_permille=500
expect "not one more  not_started: the campaign is loaded and was not started yet" ctl campaign reminders
expect "list          not counted yet" ctl campaign reminders
expect "record 1 of campaign reminders: elsewhere, gcxvm does not have it" ctl campaign reminders record 1
expect "abandoned_permille 10" ctl campaign reminders
expect "per_agent_permille 500" ctl campaign reminders
expect "done" ctl campaign reminders start
expect "campaign reminders: running, predictive" ctl campaign reminders
await shows "2 fetched and not begun"
expect "record 1 of campaign reminders: due, " ctl campaign reminders record 1
expect "not one more  no_agent_ready: " ctl campaign reminders record 1
expect "0 of 0 answered within 1d00h, 0.0% of at most 1.0%" ctl campaign reminders
expect "reminders  running   predictive" ctl campaign
page() { python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' "$(ctl status --json | sed -n 's,^ *"http": "\(.*\)"\,*$,http://\1/metrics,p')"; }
if command -v python3 >/dev/null; then
    expect 'gcx_campaign_records{campaign="reminders",state="buffered"} 2' page
    expect 'gcx_campaign_calls_total{campaign="reminders",result="dialled"} 0' page
    expect 'gcx_campaign_agents{campaign="reminders",state="ready"} 0' page
    expect 'gcx_campaign_abandoned_ratio{campaign="reminders"} 0' page
    expect 'gcx_campaign_abandoned{campaign="reminders"} 0' page
    expect 'gcx_campaign_abandoned_ceiling_ratio{campaign="reminders"} 0.01' page
fi
expect "done" ctl campaign reminders mode progressive lines=7
expect "campaign reminders: running, progressive" ctl campaign reminders
expect "lines 7" ctl campaign reminders
expect "done" ctl campaign reminders stop
expect "not one more  stopped: " ctl campaign reminders
expect "done" ctl campaign reminders unload
await shows "campaign reminders: unloaded, predictive"

# Who did that, and why, is in the audit; what was refused is not.
expect "done" ctl campaign reminders load --why "once more"
expect "  campaign  reminders  " ctl audit
expect "  mode progressive lines=7  " ctl audit
expect "once more" ctl audit --name reminders
[ "$(ctl audit --name reminders --json | grep -c '"what": "campaign"')" = 6 ] || { say_failed "the audit of reminders"; ctl audit; }
ctl audit --name survey --json >"$dir/audit" && ! grep -q '"what": "campaign"' "$dir/audit" || { say_failed "what was refused is in the audit"; ctl audit; }
expect "done" ctl campaign reminders unload

# What its list says is wrong; one that is imported then is noticed.
expect "the campaign is loaded, and its reason is: the filter: at 'blance': there is no such column" ctl campaign wrong load
expect_exit 1 ctl campaign wrong load
expect "reason        the filter: at 'blance'" ctl campaign wrong
expect "and its reason is: there is no calling list 'survey'" ctl campaign survey load
expect "the campaign is loaded, and its reason is: there is no calling list 'survey'" ctl campaign survey start
expect "not one more  list_refuses: " ctl campaign survey
"$top_builddir/gcxlists" import "sqlite:$dir/lists.db" survey "$dir/numbers.csv" >/dev/null
expect "done" ctl campaign survey start
has() { ctl campaign survey | grep -q "$1 fetched and not begun"; }
await has 2
printf 'number\n+33145550103\n' >"$dir/more.csv"
"$top_builddir/gcxlists" import "sqlite:$dir/lists.db" survey "$dir/more.csv" >/dev/null
await has 3
stop 0

# One that is loaded, as gcxvm tells of it: what a terminal shows.
command -v python3 >/dev/null || finish
python3 - "$dir/fake.sock" <<'PY' &
import json, socket, sys
row = {"name": "autumn", "state": "running", "mode": "predictive", "why": "limit", "meaning": "one more could be abandoned",
       "buffered": 120, "due": 80, "ringing": 3, "waiting": 0, "connected": 4, "dialled": 90, "answered": 50, "abandoned": 1,
       "failed": 30, "agents_ready": 1, "agents_busy": 4, "window_answered": 50, "window_abandoned": 1, "credit": 0.5,
       "agents": 6, "answered_15m": 20, "abandoned_15m": 0, "answered_30m": 50, "abandoned_30m": 1,
       "chance": 0.02, "allowed": 0.01}
one = dict(row, rules={"abandoned_permille": 30, "window_s": 86400}, directory=None)
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
while True:
    client = server.accept()[0]
    for line in client.makefile():
        asked = json.loads(line)
        answer = {"ok": True, "id": asked["id"], "campaigns": [one if "name" in asked else row], "next": None}
        client.sendall(json.dumps(answer).encode() + b"\n")
PY
serving=$!
fake() { "$gcxctl" --socket "$dir/fake.sock" campaign "$@"; }
await fake
expect "autumn    running  predictive   80        3        0          4       90        50          1      30  limit" fake
expect "not one more  limit: one more could be abandoned" fake autumn
expect "1 of 50 answered within 1d00h, 2.0% of at most 3.0%; 0.500 more may be" fake autumn
expect "0 of 20 abandoned within 15m, 1 of 50 within 30m" fake autumn
expect "1 ready, 4 busy of 6 logged in; 3.00 lines ring for each who is ready" fake autumn
expect "30 failed; 55.6% of the dialled have answered" fake autumn
expect "a chance of 0.0200; 0.0100 is allowed" fake autumn
expect "has it no more" fake autumn
expect "list          not counted yet" fake autumn
finish
