#!/bin/bash
# tests/flows/desk_sip.sh - The telephone of the desk with real calls: sipp's callers, baresip's telephones, the plugin `sip`.
# Marie logs in, is not ready for a reason, ready; has the name while it rings; answers at the telephone, has the recording paused, holds, asks
# Olga, takes the call back, asks again and leaves it to her; Olga hands it on to Marie, who
# calls her in; Anne, a supervisor, listens, and is heard in the end. After each call there is wrap-up.
. "$top_srcdir/tests/flows/enterprise_common.sh"
. "$top_srcdir/tests/flows/sip_phones.sh"
[ -f "$top_builddir/.libs/desk.so" ] || exit 77
mkdir -m 700 "$dir/recordings"
cp "$dir/prompts/music.wav" "$dir/prompts/hold.wav"

mkdir "$flow" && cp "$top_srcdir/tests/flows/desk_sip.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/desk_sip.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into skill values ('Sales');
insert into agent (name, display) values ('marie', 'Marie'), ('olga', 'Olga'), ('boss', 'Anne'), ('pia', 'Pia'), ('pia2', 'Pia'), ('uta', 'Uta');
insert into agent_skill values ('marie', 'Sales', 9);
insert into dn (number, type) values ('7001', 'extension'), ('7002', 'extension'), ('7003', 'extension'), ('7004', 'extension'), ('1800', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('1800', 'reception', '');
SQL
telephone 7001 one manual
telephone 7002 two manual welcome
telephone 7003 three auto boss
telephone 7004 four auto boss # of a supervisor who is no agent there
hash=$(printf 'secret\n' | "$gcxvm" --hash-password) || die "gcxvm --hash-password"
(umask 077; printf '%s password=%s\n' 'marie agent' "$hash" 'olga agent' "$hash" 'pia agent' "$hash" 'pia2 agent' "$hash" 'uta agent' "$hash" 'boss supervisor agent=boss' "$hash" >"$dir/users")
cti=$(free_port)
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:$port" trunks = "127.0.0.2" numbers = "1800" prompts = "$dir/prompts" wrap_up = 3600
    recordings = "$dir/recordings" recordings_free = 0
    telephones = "$dir/telephones" users = "$dir/users" listen = "127.0.0.1:$cti" port_file = "$dir/cti.port"
}
adapter desk {
    restart_ms = 200 state = "$dir/sessions"
    users = "$dir/users" store = "sqlite:$dir/contacts" port_file = "$dir/desk.port" reasons = "lunch, training" wrapups = "solved, sold"
    tserver = "127.0.0.1:$cti" admin = "$dir/state/admin.sock"
}
CONF
start
await test -s "$dir/desk.port"
telephones_on
await in_service 4

# The people say what happens around them, a line each, and wait until it has: call NUMBER, press DN COMMAND, sounds VOICE.
said() { sed -n "s/.*$1=\([0-9]*\).*/\1/p" "$dir/ear.heard" 2>/dev/null; }
sounds() { local from; from=$(said "$1"); from=${from:-0}; await more_of "$1" "$from"; }
more_of() { [ "$(said "$1")" -ge $(($2 + 3)) ]; }
packets_more() { [ "$(said packets)" -ge "$packets" ]; }
packets() { packets=$(($(said packets) + $1)); await packets_more; }
silent() { local from; packets 20; from=$(said "$1"); packets 60; [ "$(said "$1")" = "$from" ] || say_failed "$1 is heard in spite of the mute"; }
keyed() { await has_keyed "$1"; }
has_keyed() { [ "$(cat "$dir/ear.keys")" = "$1" ]; }
kills() { kill -9 "$(ctl links --json | python3 -c "import json, sys; print(next(one['pid'] for one in json.load(sys.stdin)['links'] if one['name'] == '$1'))")"; }
core_is_killed() { local ends; ends=$(resyncs); kill_core; restarted; await resynced "$ends"; }
resyncs() { grep -c 'sip ResyncEnd ref=' "$dir/gcxvm.log"; }
resynced() { [ "$(resyncs)" -gt "$1" ]; } # the switch has said again what there is
agent_is() { await said_of "$1" "$2"; }
said_of() { ctl agents | grep -q "^$1 .*$2"; }
gcxctl_listens() { ctl listen "$1" --at "$2" || say_failed "gcxctl listen"; }
hangs_up() { press "$1" hangup; }
waits() { await in_queue "$1"; }
in_queue() { ctl queues | grep -q "^service *$1 "; }
ctl links --json | python3 -c "import json, sys; print(next(one['pid'] for one in json.load(sys.stdin)['links'] if one['name'] == 'desk'))" >"$dir/desk.pid"
coproc PEOPLE { exec timeout 800 python3 "$top_srcdir/tests/flows/desk_sip.py" "$dir" "$top_srcdir"; }
people=$PEOPLE_PID started="$started $PEOPLE_PID"
exec 7<&"${PEOPLE[0]}" 8>&"${PEOPLE[1]}"
while read -r -u 7 command; do eval "$command" 7<&- 8>&-; echo done >&8; done
wait "$people" || say_failed "the people at the desk"
await no_calls
for state in paused on; do logged "EventRecording dn=7001 agent=marie recording=$state" || say_failed "the log does not say who has the recording $state"; done
for mark in listens whispers joins "joins no longer" "takes over"; do
    grep -aqs "labl.*boss $mark" "$dir"/recordings/*.wav || say_failed "no recording is marked: boss $mark"
done
stop
finish
