#!/bin/sh
# tests/flows/ctl_roles.sh - Who may what at the admin socket: by user and by group, as the kernel says; the highest
# role of several counts; nobody else is let in. A refusal stands in the log.
. "$top_srcdir/tests/flows/daemon_common.sh"
[ "$(id -u)" = 0 ] || { echo "needs root, to be others"; cleanup 77; }
command -v setpriv >/dev/null || { echo "setpriv is not there"; cleanup 77; }

# Nobody's names: numbers that no machine has users for.
monitors=64001 operators=64002 admins=64003 user=64010 stranger=64020
chmod 755 "$dir"
mkdir -p "$dir/door"
chmod 755 "$dir/door"
make_world "admin_share = 2
admin = \"door/admin.sock\"
monitors = {\"group:$monitors\", \"64011\"}
operators = {\"group:$operators\"}
admins = {\"group:$admins\"}"
ctl() { "$gcxctl" --socket "$dir/door/admin.sock" "$@"; }
cp "$gcxctl" "$dir/gcxctl" 2>/dev/null # where strangers may run it
[ ! -f "$top_builddir/.libs/gcxctl" ] || cp "$top_builddir/.libs/gcxctl" "$dir/gcxctl"
# as USER GROUP... COMMAND: the first group is the process' own, the others supplementary.
as() {
    uid=$1 gid=$2 groups=$3; shift 3
    if [ "$groups" = - ]; then set -- --clear-groups "$dir/gcxctl" "$@"; else set -- --groups "$groups" "$dir/gcxctl" "$@"; fi
    where=$1; shift
    [ "$where" = --clear-groups ] || { where="$where=$1"; shift; }
    program=$1; shift
    LSAN_OPTIONS=detect_leaks=0 setpriv --reuid "$uid" --regid "$gid" "$where" "$program" --socket "$dir/door/admin.sock" "$@"
}
start
[ "$(stat -c %a "$dir/door/admin.sock")" = 666 ] || say_failed "the socket is not for those who are let in"

# Only an admin asks for somebody else: else an operator's acts would stand as another's.
for_paul() { # USER GROUP
    printf '{"command":"end","ixn":"1-00000000002a","person":"paul"}\n' | setpriv --reuid "$1" --regid "$2" --clear-groups \
        /usr/bin/python3 -c 'import socket, sys
one = socket.socket(socket.AF_UNIX); one.connect(sys.argv[1]); one.sendall(sys.stdin.buffer.read()); print(one.makefile().readline())' "$dir/door/admin.sock"
}
if [ -x /usr/bin/python3 ]; then # where others may run it
    expect '`person` is for the role admin' for_paul $user $operators
    expect '"code":"gone"' for_paul $user $admins
fi

# Nobody: not by user, not by group.
expect "uid:$stranger is not let in" as $stranger $stranger - status
expect_exit 1 as $stranger $stranger - status
await logged "user uid:$stranger was refused" || say_failed "a stranger is not in the log"

# A monitor, by the process' own group, by a supplementary one, by user.
expect "marie" as $user $monitors - agents
expect '"role": "monitor"' as $user 64099 $monitors status --json
expect '"role": "monitor"' as 64011 64099 - status --json
expect "data is for the role operator; uid:$user is monitor" as $user $monitors - data 1-1
expect "log-out is for the role operator" as $user $monitors - log-out marie
expect "reload is for the role admin" as $user $monitors - reload
expect_exit 1 as $user $monitors - reload
await logged "admin uid:$user log-out: refused: not by this role" || say_failed "what was refused is not in the log"

# An operator, and one who is both; an admin.
expect "no interaction" as $user $operators - data 1-1
expect "the agent is not logged in" as $user 64099 "$monitors,$operators" log-out marie
expect "drain is for the role admin" as $user $operators - drain
expect "in force: " as $user $admins - reload --why "a new hand"
await logged "uid:$user reload: .*\"why\":\"a new hand\""
expect '"role": "admin"' ctl status --json

# Root takes all that one may have, and stays: others come in, more of root does not until one has left.
# stays FILE: one who looks on, as $stayed; again where the one before has not been seen to go yet.
is_in() { [ -s "$1" ] && ! grep -q 'as many connections' "$1"; }
is_in_or_out() { [ -s "$1" ] || ! kill -0 "$stayed" 2>/dev/null; }
stays() {
    for _ in $(seq 50); do
        "$gcxctl" --socket "$dir/door/admin.sock" top --batch --delay 4 >"$1" 2>&1 & stayed=$!
        await is_in_or_out "$1"
        is_in "$1" && return
        wait "$stayed"
    done
}
stays "$dir/first"; first=$stayed
stays "$dir/second"; second=$stayed
also_end() { for pid in $first $second; do kill "$pid"; wait "$pid"; done 2>/dev/null; }
expect "as many connections as one may have" ctl status
expect "marie" as $user $monitors - agents
kill "$first" "$second"; wait "$first" "$second"
first='' second=''
await answers

# What cannot be looked up is refused before anything starts.
stop 0
sed -i 's/64011/no-such-user/' "$dir/gcx.conf"
expect "\`monitors\`: there is no user \"no-such-user\" on this machine" "$gcxvm" --check "$dir/gcx.conf"
expect_exit 1 "$gcxvm" --check "$dir/gcx.conf"
finish
