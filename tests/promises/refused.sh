#!/bin/bash
# Who is refused is told where somebody looks: each refusal of the walk is a count from 0, a line of the log and a word of
# gcxctl status. A neighbour that is there and does not do what is needed is away everywhere: a contact store whose write
# lock another process holds, an endpoint at which nobody listens. The walk counts both.
. "$top_srcdir/tests/flows/daemon_common.sh"
command -v python3 >/dev/null || { echo "python3 is not installed"; cleanup 77; }
for plugin in work chat sms email; do [ -f "$top_builddir/.libs/$plugin.so" ] || { echo "no plugin $plugin"; cleanup 77; }; done
lock=''
also_end() { [ -z "$lock" ] || { kill "$lock"; wait "$lock"; } 2>/dev/null; }
(umask 077; echo token >"$dir/token"; echo 'gate right' >"$dir/peers")
dead=$(python3 "$top_srcdir/tests/flows/free_ports.py")
make_world "http = \"127.0.0.1:0\"
endpoint nowhere { url = \"http://127.0.0.1:$dead\" }
adapter work { plugin = \"$top_builddir/.libs/work.so\" queue = \"service\" listen = \"127.0.0.1:0\" port_file = \"$dir/work\" token_file = \"$dir/token\" }
adapter chat { plugin = \"$top_builddir/.libs/chat.so\" queues = \"service\" origins = \"https://shop.example\" port_file = \"$dir/chat\" store = \"sqlite:$dir/chats\" }
adapter sms { plugin = \"$top_builddir/.libs/sms.so\" numbers = \"+33145550101=service\" listen = \"127.0.0.1:0\" port_file = \"$dir/sms\" peers = \"$dir/peers\" store = \"sqlite:$dir/texts\" }
adapter email { plugin = \"$top_builddir/.libs/email.so\" addresses = \"service@shop.example=service\" port_file = \"$dir/email\" store = \"sqlite:$dir/mails\" }"
start
for port in work chat sms email; do await test -s "$dir/$port" || { tail -n 20 "$dir/log"; cleanup 1; }; done
http=$(ctl status --json | sed -n 's,^ *"http": "127.0.0.1:\(.*\)"\,*$,\1,p')
metrics() {
    exec 8<>"/dev/tcp/127.0.0.1/$http" || return
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "${1-/metrics}" >&8
    timeout 60 cat <&8
    exec 8>&-
}
count_of() { metrics | sed -n "s/^gcx_refused_total{adapter=\"$1\",reason=\"$2\",severity=\"[a-z]*\"} \([0-9]*\)\$/\1/p"; }
counted() { [ "$(count_of "$1" "$2")" = "$3" ]; }
# The log's lines, the counts and the status come by different ways: each is waited for.
in_log() { grep -q "$1" "$dir/log"; }
in_status() { ctl status | grep -q "$1"; }
in_waits() { ctl waits | grep -q "$1"; }
in_readyz() { metrics /readyz | grep -q "$1"; }
walked=0
# walk `ADAPTER REASON PEER`...: each from 0 to 1. An adapter tells its counts every few seconds: all are refused before the
# first is looked for.
walk() {
    local adapter reason peer one
    for one; do
        read -r adapter reason peer <<<"$one"
        await counted "$adapter" "$reason" 0 || say_failed "$adapter $reason does not begin at 0: $(count_of "$adapter" "$reason")"
        python3 "$top_srcdir/tests/promises/refused.py" "$peer" "$(cat "$dir/$adapter")" >"$dir/heard.$peer" || say_failed "the peer of $adapter $reason"
    done
    for one; do
        read -r adapter reason peer <<<"$one"
        await counted "$adapter" "$reason" 1 || { say_failed "$adapter $reason is $(count_of "$adapter" "$reason")"; cat "$dir/heard.$peer"; }
        await in_log " $adapter .*$reason: refused" || say_failed "the log has no line of $adapter $reason"
        await in_status "^TURNED AWAY  *by $adapter: .*1 $reason" || say_failed "the status has no word of $adapter $reason"
        walked=$((walked + 1))
    done
}
walk 'work http_401 token' 'chat http_other path' 'chat http_403 origin' 'sms bind bind' 'email smtp_550 nobody' 'email smtp_other nonsense'
walked_neighbours=0
# away ADAPTER NAME: in the metric, status, waits, /readyz and the log.
neighbour_is() { metrics | grep -qxF "gcx_neighbour_up{adapter=\"$1\",neighbour=\"$2\"} $3"; }
away() {
    await neighbour_is "$1" "$2" 0 || say_failed "$2 of $1 is there in the metrics"
    await in_status "^DEGRADED .*$2: " || say_failed "the status says nothing of $2"
    await in_waits "$2: " || say_failed "waits says nothing of $2"
    await in_readyz "^degraded: .*$2: " || say_failed "/readyz says nothing of $2"
    walked_neighbours=$((walked_neighbours + 1))
}
away gcxvm nowhere
# A writer that holds the lock: mails are put off, and it is said why.
await neighbour_is email store 1 || say_failed "the store is away"
python3 - "$dir/mails" "$dir/locked" <<'PY' &
import signal, sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
store.execute("BEGIN IMMEDIATE")
open(sys.argv[2], "w").close()
signal.pause()
PY
lock=$!
await test -e "$dir/locked"
walk 'email smtp_451 mail'
away email store
await in_log 'email store: it is away: .*locked' || say_failed "the log does not say that the store is locked"
kill "$lock"; wait "$lock" 2>/dev/null; lock=''
await neighbour_is email store 1 || say_failed "the store does not come back"
stop 0
echo "$walked refusals and $walked_neighbours neighbours walked, all told"
[ "$failures" = 0 ] && cleanup 0
tail -n 30 "$dir/log"
cleanup 1
