# tests/flows/restart_common.sh - Callers, agents and telephones of tests/promises/restart.py at the plugin sip: what the
# tests share in which gcxvm goes and comes under their calls. Sourced after enterprise_common.sh, with $calls and $agents.
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
[ -f "$top_builddir/.libs/sip.so" ] || { echo "skipped: the plugin sip was not built"; exit 77; }
people=''
people_end() { [ -z "$people" ] || { kill -9 "$people"; wait "$people"; } 2>/dev/null; }
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
people_begin() { echo "$port" >"$dir/begin.new" && mv "$dir/begin.new" "$dir/begin"; }
does() { echo "$1" >"$dir/do.new" && mv "$dir/do.new" "$dir/do" && await test ! -e "$dir/do"; }
are() { grep -q -e "$1" "$dir/books"; }
logged_in() { [ "$(ctl agents --json | grep -c '"state": "ready"')" = "$agents" ]; }

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
