#!/bin/bash
# tests/flows/debug_attach.sh - gcxdb attach: one call of a running gcxvm stops, is looked at and changed, and goes on; the
# others do not notice. Whatever becomes of the debugger or of gcxvm, no call stays stopped, and the journal replays.
. "$top_srcdir/tests/flows/enterprise_common.sh"
gcxdb=$top_builddir/gcxdb
[ -x "$gcxdb" ] || cleanup 77
debugger=''
also_end() { [ -z "$debugger" ] || { kill -9 "$debugger" && wait "$debugger"; } 2>/dev/null; }

# debug OPTION...: gcxdb in the background as $debugger, what it says in $dir/said; say COMMAND...: tells it, a line each.
debug() {
    rm -f "$dir/tell"; mkfifo "$dir/tell"
    : >"$dir/said" # what the one before has said
    "$gcxdb" attach "$dir/state/admin.sock" "$@" <"$dir/tell" >"$dir/said" 2>&1 &
    debugger=$!
    exec 8>"$dir/tell"
}
say() { printf '%s\n' "$@" >&8; }
said() { grep -q -e "$1" "$dir/said"; }
killed() { kill -9 "$debugger"; wait "$debugger" 2>/dev/null; debugger=''; exec 8>&-; }
left() { wait "$debugger" || say_failed "gcxdb ended with $?"; debugger=''; exec 8>&-; }
lets_go() { [ "$(count_logged 'Debug .*op=detach')" -ge "$1" ]; }
conn_of() { of "$1" 2; }

# gcxvm runs in its own folder, with a configuration named from there; gcxdb stands elsewhere.
printf '#!/bin/sh\ncd "%s" && exec "%s" "${1##*/}"\n' "$dir" "$(cd "${gcxvm%/*}" && pwd)/gcxvm" >"$dir/gcxvm.sh" && chmod +x "$dir/gcxvm.sh"
gcxvm=$dir/gcxvm.sh
build_flow "$top_srcdir/tests/flows/debug_attach.gcx"

echo "a call stops at the routing point, hears music, and goes where the new key says; the other one does not notice"
clock_stops
begin "one of two is debugged"
expect 'expected' "$gcxdb" attach "$dir/state/admin.sock" --at 1800 --when 'ani = 5'
expect 'have no order' "$gcxdb" attach "$dir/state/admin.sock" --at 1800 --when 'language > 5'
expect 'asks for who is on the call' "$gcxdb" attach "$dir/state/admin.sock" --at 1800 --when 'parties.count > 5'
expect 'no such routing point' "$gcxdb" attach "$dir/state/admin.sock" --at 1999
expect 'to one hour' "$gcxdb" attach "$dir/state/admin.sock" --at 1800 --bound 2h
expect 'no such interaction' "$gcxdb" attach "$dir/state/admin.sock" 1-000000000077
expect 'no gcxvm answers' "$gcxdb" attach "$dir/nothing.sock" 1-000000000077
debug --at 1800 --when 'account == none and agent.named("paul")?.ready == true and position(vq service) == 1 and (ani.slice(11) == "1" or priority > 1000)' --bound 5m
await said Waiting
clock_runs
await said '> 8 '
await logged 'RequestApplyTreatment ref=1 type=Music'
await eval '[ "$(ctl interactions --json | grep -c "\"outcome\": \"routed\"")" = 1 ]' # the other one, and only that
say 'watch account' continue 'print account' 'delete 1' next 'reverse-next' 'next' next 'print language' 'break 14 if priority > 1000' 'set language = skill English' \
    'when language' 'print language' 'info data' continue quit
left
played
for text in 'Breakpoint 1: account was' '^(gcxdb .*"4711"$\|^"4711"$' '^skill French$' '^language = skill English$' 'here: language was .*, is skill English, as it was set' '^skill English$' 'The interaction has ended'; do
    said "$text" || say_failed "gcxdb should say: $text"
done
[ "$(count_logged 'op=set')" = 1 ] || say_failed "the change is not in the journal, with who made it"
[ $failures = 0 ] || cat "$dir/said"
stop

echo "calls that wait: a second debugger, a debugger that is killed at each command"
echo "a call stops where a step has failed"
clock_stops
begin "a step fails"
debug --at 1800 --bound 5m
await said Waiting
clock_runs
await said '> 8 '
say 'break exit timeout' 'break exit not_applied' continue backtrace continue quit
left
played
said 'Breakpoint 2, not_applied' && ! said 'Breakpoint 1,' || { say_failed "the exit that was taken stops it"; cat "$dir/said"; }
stop

sed -i 's/account: str;/secret account: str;/' "$flow/enterprise.gcx"
"$gcxc" build "$flow/debug_attach.gcx" -o "$image" || die "gcxc build"
clock_stands 1
begin "those who wait are debugged"
await are_waiting 2
first=$(conn_of +33145550101) second=$(conn_of +33145550102)
expect 'batch' ctl snapshot
kills=0
for command in 'info data' 'print ani' 'set topic = "x"' 'step' 'continue' 'reverse-step' 'break 20' 'watch language' 'reveal topic'; do
    debug "$first"
    await said 'in the step where it waits'
    [ $kills != 0 ] || expect 'another debugger has that interaction' "$gcxdb" attach "$dir/state/admin.sock" "$first"
    [ "$(ls "$dir/state/readers")" = "gcxdb-$debugger" ] || say_failed "a debugger has its place among the readers"
    before=$(wc -c <"$dir/said")
    say "$command"
    await eval '[ "$(wc -c <"$dir/said")" -gt $before ]'
    killed
    rm "$dir/state/readers/"* # it would expire
    await lets_go $((++kills + (kills > 0)))
done
debug "$first"
await said 'in the step where it waits'
kill "$debugger"; wait "$debugger" 2>/dev/null; debugger=''; exec 8>&-
[ -z "$(ls "$dir/state/readers")" ] || say_failed "who was asked to end has given up its place"
expect 'Debug detached' ctl trace "$first"

if /usr/bin/python3 -c 'import debugpy.common.messaging' 2>/dev/null; then
    echo "an editor"
    PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$top_srcdir/tests/debugger/dap.py" "$gcxdb" "$top_srcdir/tests/debugger" \
        "$dir/state/admin.sock" "$first" 2>"$dir/editor" || { say_failed "an editor does not attach"; cat "$dir/editor"; }
fi

echo "a secret, who debugs, and all that the call has done, though there is a snapshot"
debug "$first"
await said 'in the step where it waits'
expect '"by": "' ctl interaction "$first" --json
expect 'debugged  *by .* stands until' ctl interaction "$first"
expect 'debugged  *by .* stands until' ctl why "$first"
say 'print account' 'reveal account' 'export-test told' reverse-continue quit
left
[ -z "$(ls "$dir/state/readers")" ] || say_failed "who has left has given up its place"
said '^test "told"' && said '"0000"' && ! said 'query.*4711' && ! said 'expect ;' || { say_failed "a test of a real clock's call, without its secret"; cat "$dir/said"; }
for text in '^\*\*\*$' '^account = "4711"$' 'this is the beginning'; do
    said "$text" || { say_failed "gcxdb should say: $text"; cat "$dir/said"; }
done
expect 'Debug revealed' ctl trace "$first"
expect '"debugged": null' ctl interaction "$first" --json

echo "a bound that is over"
debug "$second" --bound 1s
expect 'Debug lapsed' ctl trace "$second"
say 'continue' quit
left
said 'went on by itself' || { say_failed "the debugger is not told that it has lost the call"; cat "$dir/said"; }

echo "gcxvm is killed while a call is stopped: it replays what was done, and nobody stays stopped"
debug "$first" --bound 5m
await said 'in the step where it waits'
say 'set topic = "kept"'
await said 'topic = "kept"'
kill_core
say 'continue' quit
left
said 'gone away' || { say_failed "the debugger does not say that gcxvm is gone"; cat "$dir/said"; }
restarted
expect 'topic.*kept' ctl data "$first"
expect 'Debug detached' ctl trace "$first"

echo "one that arrives is stopped when the debugger dies, and all are served"
debug --at 1800 --bound 5m
await said Waiting
clock_runs
await said '> 8 '
said 'before the snapshot' || say_failed "the whole journal was applied"
killed
await are_waiting 3

echo "an agent's state, which is no place of the strategy"
debug "$second" --bound 5m
await said 'in the step where it waits'
say 'break agent marie' continue
await said 'as soon as they are seen'
ready_now 7001
await said 'agent marie was not_ready'
await said 'It stands'
say quit
left
played

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    echo "who may not"
    stop
    mkdir "$dir/door" && chmod 755 "$dir" "$dir/door"
    conf_more="admin = \"door/admin.sock\" monitors = {\"group:64001\"} operators = {\"group:64002\"}"
    configure
    "$gcxvm" "$dir/gcx.conf" >>"$dir/gcxvm.log" 2>&1 &
    vm=$!
    await "$gcxctl" --socket "$dir/door/admin.sock" version
    cp "$(test -f "$top_builddir/.libs/gcxdb" && echo "$top_builddir/.libs/gcxdb" || echo "$gcxdb")" "$dir/gcxdb"
    LSAN_OPTIONS=detect_leaks=0 expect 'is for the role operator' setpriv --reuid 64010 --regid 64001 --clear-groups \
        "$dir/gcxdb" attach "$dir/door/admin.sock" --at 1800
    LSAN_OPTIONS=detect_leaks=0 expect 'must be able to read' setpriv --reuid 64010 --regid 64002 --clear-groups \
        "$dir/gcxdb" attach "$dir/door/admin.sock" --at 1800
fi
stop
finish
