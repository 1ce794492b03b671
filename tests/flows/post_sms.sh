# tests/flows/post_sms.sh - Short messages as a way for post_kills.sh, which sources it. Then applications' messages wait while
# plugin and daemon are killed: each goes once, and of those that were on their way it is told that nobody knows.
. "$top_srcdir/tests/flows/sms_common.sh"
way_begin() {
    smsc_start
    (umask 077; echo ours >"$dir/applications")
    make_texts "http = \"127.0.0.1:0\" http_port_file = \"$dir/http.port\" http_token_file = \"$dir/applications\"
  provider = \"127.0.0.1:$(cat "$dir/smsc.port")\" system_id = \"shop\" answers = \"1000000\" rate = \"1000\" window = \"100\" response = \"5\""
}
way_bring() { for n in $(seq "$1" "$2"); do echo "+491701234500 +4930123 message $n"; done >>"$dir/deliver"; }
way_acknowledged() { sort -u "$dir/acknowledged" | grep -c .; }
way_cut() { touch "$dir/cut"; }
way_forgets() { rm -f "$dir/http.port"; } # the next one writes it
way_answers() { echo "$1" >"$dir/status"; way_before=$(answers_so "$1"); }
answers_so() { cat "$dir/submitted" 2>/dev/null | grep -c " $1 "; }
more_so() { [ "$(answers_so "$1")" -gt "$way_before" ]; }
way_answered() { await more_so "$1"; rm "$dir/status"; }
way_answered_twice() { sed -n 's/.*\(We have it: message\)/\1/p' "$dir/submitted" | sort | uniq -d | grep .; }
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
way_also() {
    await test -s "$dir/http.port"
    waiting_survive plugin KILL mute
    waiting_survive both KILL mute
    # Answers that are under way when the process ends in order are heard.
    waiting_survive order TERM slow
    grep -q unknown "$dir/states" && { say_failed "an end in order has lost answers"; grep unknown "$dir/states"; }
    return 0
}
