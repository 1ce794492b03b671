#!/bin/bash
# tests/flows/ctl_gone.sh - gcxctl where gcxvm stops, hangs, takes nobody more, or is long at work: each command ends
# within its time with 3 and says why, and what takes long is waited for while others are answered.
. "$top_srcdir/tests/flows/enterprise_common.sh"
command -v python3 >/dev/null || exit 77

crowd='' at_work=''
also_end() {
    for pid in $crowd $at_work; do kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; done
    [ -z "$sim" ] || { kill "$sim"; wait "$sim"; } 2>/dev/null
}
build_flow "$top_srcdir/tests/flows/enterprise_acts.gcx"
clock_stands 1 # four wait; nobody leaves, and nobody comes
begin "calls wait while the core is away"
await are_waiting 4
first=$(ixn_of +33145550101)

# ends CODE TEXT SECONDS WORDS...: within so long, with that and saying so.
ends() {
    code=$1 says=$2 most=$3; shift 3
    timeout $((most + 5)) "$gcxctl" --socket "${socket:-$dir/state/admin.sock}" "$@" >"$dir/output" 2>&1; got=$?
    [ $got = "$code" ] || { say_failed "gcxctl $* ended with $got, not $code"; cat "$dir/output"; }
    grep -q -e "$says" "$dir/output" || { say_failed "gcxctl $* should say: $says"; cat "$dir/output"; }
}

echo "it hangs, and takes nobody more"
kill -STOP "$vm"
ends 3 'has not answered within 1 s' 2 status --timeout 1
ends 3 'has not answered within 1 s' 2 trace "$first" --follow --timeout 1
python3 - "$dir/state/admin.sock" "$dir/full" <<'PY' &
import socket, sys, time
kept = []
while True:
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(1)
    try:
        one.connect(sys.argv[1])
    except OSError:
        break
    kept.append(one)
open(sys.argv[2], "w").close()
time.sleep(60)
PY
crowd=$!
await test -f "$dir/full"
ends 3 'it takes no more connections for now' 2 status --timeout 1
kill "$crowd"; wait "$crowd" 2>/dev/null; crowd=''
kill -CONT "$vm"
await ctl version

echo "it is stopped"
ctl trace "$first" --follow >"$dir/followed" 2>&1 & follower=$!
await grep -q EventRouteRequest "$dir/followed"
kill_core
wait $follower; got=$?
[ $got = 3 ] || { say_failed "trace --follow ended with $got, not 3"; cat "$dir/followed"; }
grep -q 'gcxctl: ' "$dir/followed" || say_failed "trace --follow does not say that gcxvm is gone"
for words in status agents reload drain "trace $first --follow" "why $first" "top --batch -n 1"; do
    # shellcheck disable=SC2086
    ends 3 'is gcxvm running' 1 $words
done

# One that is long at work at a reload, and answers others or not.
at_work() {
    python3 - "$dir/$1.sock" "$1" "$2" <<'PY' &
import json, socket, sys, threading, time
door = socket.socket(socket.AF_UNIX)
door.bind(sys.argv[1])
door.listen(5)
def serve(one):
    for line in one.makefile():
        if json.loads(line)["command"] == "reload":
            time.sleep(int(sys.argv[3]))
        elif sys.argv[2] == "silent":
            time.sleep(60)
        try:
            one.sendall(b'{"id":1,"ok":true}\n')
        except OSError:
            return
while True:
    threading.Thread(target=serve, args=(door.accept()[0],), daemon=True).start()
PY
    at_work="$at_work $!"
    await test -S "$dir/$1.sock"
    socket=$dir/$1.sock
}
echo "it is long at work"
at_work silent 60
"$gcxctl" --socket "$socket" reload >"$dir/silent" 2>&1 & silent=$!
at_work busy 12
ends 0 'at work for 10 s' 60 reload
ends 3 'has not answered within 1 s' 60 reload --timeout 1
wait "$silent"; got=$?
[ $got = 3 ] && grep -q 'has not answered within 10 s' "$dir/silent" || { say_failed "reload of one that is silent ended with $got"; cat "$dir/silent"; }
finish
