#!/bin/bash
# Messages come and come while the daemon, the plugin and the contact store are killed in turns (KILLS, 12; STORE=sqlite: the first
# two): each one that was acknowledged is in the core exactly once, and answered at most once. The book of what was
# acknowledged is the provider's, outside of what is killed. Then applications' messages wait while plugin and daemon are killed: each
# goes once, and of those that were on their way it is told that nobody knows.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/sms_common.sh"
if [ "${STORE-}" = sqlite ]; then
    command -v sqlite3 >/dev/null || { echo "sqlite3 is not installed"; cleanup 77; }
    turns=2
else
    . "$top_srcdir/tests/flows/postgres_common.sh"
    also_end() { smsc_end; pg_end; }
    pg_begin || cleanup 1
    texts_store=$pg_conninfo turns=3
    store_sql() { pg_sql -c "$1"; }
    . "$top_srcdir/tests/flows/followed_common.sh"
fi
kills=${KILLS:-12}
smsc_start
(umask 077; echo ours >"$dir/applications")
make_texts "http = \"127.0.0.1:0\" http_port_file = \"$dir/http.port\" http_token_file = \"$dir/applications\"
  provider = \"127.0.0.1:$(cat "$dir/smsc.port")\" system_id = \"shop\" answers = \"1000000\" rate = \"1000\" window = \"100\" response = \"5\""
start
await link_is up
acknowledged() { sort -u "$dir/acknowledged" | grep -c .; }
more() { [ "$(acknowledged)" -ge "$1" ]; }
sent=0
for kill in $(seq 1 "$kills"); do
    for n in $(seq 1 25); do echo "+491701234500 +4930123 message $((sent + n))"; done >>"$dir/deliver"
    sent=$((sent + 25))
    # Somewhere in the middle of these: after so many of them.
    await more $((sent - 25 + kill % 25))
    case $((kill % turns)) in
    0) rm -f "$dir/http.port" && kill -KILL "$(adapter_pid)" ;; # the next one writes it
    1)
        kill -KILL "$vm"
        wait "$vm" 2>/dev/null
        start
        ;;
    2) pg_stop immediate && pg_start || say_failed "PostgreSQL" ;;
    esac
done
await more "$sent"
# Each step that sends has had its end: the strategy went on with every one of them.
went_on() { [ "$(ctl interactions --limit 0 --state queued --json | grep -c '"ixn"')" -ge "$sent" ]; }
expect "$sent live" ctl status
echo "$sent messages, $kills kills, $(wc -l <"$dir/acknowledged") acknowledgements, $(wc -l <"$dir/submitted") answers of ours"
[ "$(acknowledged)" = "$sent" ] || say_failed "not all are acknowledged"
[ "$(store_sql "select count(*) from interactions where direction = 'in'")" = "$sent" ] || say_failed "not each is in the store once"
await went_on
await test -s "$dir/http.port"
# An application's messages wait: some go and have no answer, when the plugin is killed, and the daemon with it.
application() { python3 "$top_srcdir/tests/flows/sms_application.py" "$dir" "$@"; }
submitted() { grep -F "message $1-" "$dir/submitted" >"$dir/of_$1"; [ "$(wc -l <"$dir/of_$1")" -ge "$2" ]; }
none_going() { application states "$1" 200 >"$dir/states" && ! grep -q ' going' "$dir/states"; }
waiting_survive() { # plugin|both|order SIGNAL ANSWERS
    echo "$3" >"$dir/status"
    application send "$1" 200 >"$dir/sent" || say_failed "messages of $1 are not taken"
    await submitted "$1" 1
    rm "$dir/http.port"
    kill -"$2" "$(adapter_pid)"
    if [ "$1" = both ]; then
        kill -KILL "$vm"
        wait "$vm" 2>/dev/null
        start
    fi
    await test -s "$dir/http.port"
    rm "$dir/status"
    await none_going "$1"
    submitted "$1" 200 || say_failed "of $1 not all were sent"
    cut -d. -f1 "$dir/of_$1" | sort | uniq -d | grep . && say_failed "a message of $1 went twice"
    echo "$1: $(grep -c unknown "$dir/states") of 200 unknown"
    [ "$(grep ' unknown' "$dir/states" | cut -d' ' -f1 | sort)" = "$(sed -n 's/.* mute message \(.*\)\./\1/p' "$dir/of_$1" | sort)" ] ||
        { say_failed "of $1 other messages are unknown than were on their way"; cat "$dir/of_$1" "$dir/states"; }
}
waiting_survive plugin KILL mute
waiting_survive both KILL mute
# Answers that are under way when the process ends in order are heard.
waiting_survive order TERM slow
grep -q unknown "$dir/states" && { say_failed "an end in order has lost answers"; grep unknown "$dir/states"; }
stop 0
grep -F 'We have it: message' "$dir/submitted" | sort | uniq -d | grep . && say_failed "a message was answered twice"
[ "$failures" = 0 ] && cleanup 0
tail -n 40 "$dir/log"; tail "$dir/smsc.log"
cleanup 1
