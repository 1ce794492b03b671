#!/bin/bash
# Callers who talk and callers who wait notice nothing of a router that is killed, stopped and started, and upgraded: nobody is
# cut off, nobody goes to the default destination, music goes on, and the books have the same calls. An exchange of an older
# program serves, new calls included, until it has no call; then the new one is there. Stopped for good, those who
# wait go to the default destination, those who talk go on, new ones are told to try elsewhere, and with the last call the
# exchange is gone. CALLS and AGENTS: so many (6, of whom 2 talk); ROUNDS: so often (1).
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
[ -f "$top_builddir/.libs/sip.so" ] || { echo "skipped: the plugin sip was not built: libre is not here"; exit 77; }
calls=${CALLS:-6} agents=${AGENTS:-2} people=''
also_end() { [ -z "$people" ] || { kill -9 "$people"; wait "$people"; } 2>/dev/null; }
export PYTHONDONTWRITEBYTECODE=1

mkdir "$flow" "$dir/prompts" "$dir/plugins" && cp "$top_srcdir/tests/promises/restart.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/restart.gcx" -o "$image" || die "gcxc build"
python3 "$top_srcdir/tests/flows/sip_wire.py" sounds "$dir/prompts" || die "no sounds"
cp "$top_builddir/.libs/sip.so" "$dir/plugins"
python3 "$top_srcdir/tests/promises/restart.py" "$dir" "$agents" 2>"$dir/people.log" & people=$!
await test -s "$dir/outside"
port=$(python3 "$top_srcdir/tests/flows/free_ports.py")
directory() { # GRACE
    sed '/^--/d' "$top_srcdir/examples/directory.sql"
    cat <<SQL
insert into skill values ('Sales');
with recursive n (i) as (select 0 union all select i + 1 from n where i < $agents - 1) insert into agent (name) select 'agent' || i from n;
insert into agent_skill select name, 'Sales', 9 from agent;
with recursive n (i) as (select 0 union all select i + 1 from n where i < $agents - 1) insert into dn (number, type) select '70' || substr('0' || i, -2), 'extension' from n;
insert into dn (number, type) values ('1801', 'routing_point');
insert into routing_point (dn, strategy, defaults, answer_timeout_s, router_grace_s) values ('1801', 'direct', '900', 60, $1);
SQL
}
directory 120 >"$dir/directory.sql"
(umask 077; for ((i = 0; i < agents; i++)); do printf '70%02d one\n' $i; done >"$dir/telephones")
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$dir/plugins"
drain_s    = 0
adapter sip {
    address = "127.0.0.1:$port" trunks = "127.0.0.2, 127.0.0.4" numbers = "1801" outlive_s = 4
    outbound = "127.0.0.4:$(cat "$dir/outside")" dialable = "900" prompts = "$dir/prompts" telephones = "$dir/telephones"
    port_file = "$dir/cti.port" restart_ms = 200 wrap_up = 0 silence = 0
}
CONF
start
echo "$port" >"$dir/begin.new" && mv "$dir/begin.new" "$dir/begin"

does() { echo "$1" >"$dir/do.new" && mv "$dir/do.new" "$dir/do" && await test ! -e "$dir/do"; }
are() { grep -q -e "$1" "$dir/books"; }
logged_in() { [ "$(ctl agents --json | grep -c '"state": "ready"')" = "$agents" ]; }
await logged_in

# all_there: as many as before talk and wait; each has had sound just now; nobody was cut off, or sent to the default.
talk=$agents wait=$((calls - agents))
all_there() { are "^talk=$talk wait=$wait ended=0 refused=0 hear=$((talk + wait)) default=0\$"; }
kept() {
    await test ! -e "$dir/do"
    all_there || await all_there # a packet may be under way
    await eval "[ \"\$(rows | wc -l)\" = $((talk + wait)) ]"
    await are_waiting "$wait"
    [ "$(adapter_pid)" = "$adapter" ] || say_failed "$1: another exchange has the calls"
    all_there || say_failed "$1: $(cat "$dir/books")"
}
# away SECONDS: so long nobody leads: longer than what music plays.
away() { local until=$((SECONDS + $1)); while ((SECONDS < until)); do all_there || await all_there; sleep 0.2; done; }
restart() { # WAY
    case $1 in
        stopped) stop ;;
        upgraded) cp "$dir/plugins/sip.so" "$dir/plugins/sip.new" && mv "$dir/plugins/sip.new" "$dir/plugins/sip.so"; stop ;;
        killed) kill_core ;;
    esac
    away 1
    start
    kept "$1"
}
does "calls $calls"
await all_there
adapter=$(adapter_pid)
for ((round = 0; round < ${ROUNDS:-1}; round++)); do
    for way in killed stopped upgraded; do restart $way; done
done
echo "$((3 * ${ROUNDS:-1})) restarts and upgrades under $calls calls, cut: $(sed 's/.* ended=\([0-9]*\).*/\1/' "$dir/books")"

# ---- the exchange of before serves new calls, and is replaced when it has none ----
expect 'DEGRADED *sip process: .*older program' ctl status
does "calls 1"
wait=$((wait + 1))
kept "a new call at the exchange of before"
does over
replaced() { link_is_up && [ -n "$(adapter_pid)" ] && [ "$(adapter_pid)" != "$adapter" ]; }
await replaced
! ctl status | grep -q 'older program' || say_failed "it says still that it is of an older program"

# ---- stopped for good ----
await logged_in
does "calls $calls"
wait=$((calls - agents))
await all_there
adapter=$(adapter_pid)
note_adapter
directory 1 >"$dir/directory.sql"
ctl load >"$dir/load" || say_failed "gcxctl load"
marked=$(wc -l <"$dir/gcxvm.log")
since() { tail -n "+$((marked + 1))" "$dir/gcxvm.log" | grep -q -e "$1"; }
stop
await are "default=$wait\$"
are "^talk=$talk .* ended=0" || say_failed "stopped for good: $(cat "$dir/books")"
await since 'there is no gcxvm: ends when the last of .* and begins no other'
does "calls 1"
await are ' refused=1 '
kill -0 "$adapter" || say_failed "the exchange has left its calls"
are "^talk=$talk .* ended=0" || say_failed "stopped for good, later: $(cat "$dir/books")"
does over
await since 'no conversation is left: ends'
await eval "! kill -0 $adapter"
finish
