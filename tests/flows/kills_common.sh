# tests/flows/kills_common.sh - People who talk while everything under them is killed: what chat_kills.sh and im_kills.sh
# share. Sourced by bash behind daemon_common.sh. The people write DIR/said, a line "KEY NUMBER" per message that was
# acknowledged: KEY is NAME for an asker, `re NAME` for who answers; the message's text is the line. They may say
# so many messages per round; DIR/round has the round.
. "$top_srcdir/tests/flows/postgres_common.sh"
command -v python3 >/dev/null || { echo "python3 is not installed"; pg_end; cleanup 77; }
people=''
also_end() { [ -z "$people" ] || { kill "$people"; wait "$people"; } 2>/dev/null; pg_end; }
. "$top_srcdir/tests/flows/followed_common.sh"
kills=${KILLS:-4}

people_play() { # SCRIPT: behind the daemon's start
    : >"$dir/said"
    echo 1 >"$dir/round"
    "${python:-python3}" "$top_srcdir/tests/flows/$1" "$dir" "$top_srcdir" "$gcxctl" >"$dir/people" 2>&1 &
    people=$!
}
said() { [ "$(wc -l <"$dir/said")" -ge "$1" ] || ! kill -0 "$people" 2>/dev/null; }
pid_of() { ctl status --json | python3 -c 'import json, sys
print(*[one["pid"] for one in json.load(sys.stdin)["links"] if one["name"] == sys.argv[1]])' "$1"; }

# kill_in_turns MESSAGES WHAT...: a kill per round of so many messages, each time another number of them into the round. WHAT is
# `core`, `store`, the name of an adapter, or NAME:TERM, where it ends in order.
kill_in_turns() {
    local each=$1 round what pid; shift
    for ((round = 1; round <= kills; round++)); do
        await said $(((round - 1) * each + round * 7 % each)) || break
        what=${*:$(((round - 1) % $# + 1)):1}
        case $what in
        core)
            kill -KILL "$vm"
            wait "$vm" 2>/dev/null
            start
            ;;
        store) pg_stop immediate && pg_start || say_failed "PostgreSQL" ;;
        *)
            pid=$(pid_of "${what%:TERM}")
            [ -z "$pid" ] || case $what in *:TERM) kill "$pid" ;; *) kill -KILL "$pid" ;; esac
            ;;
        esac
        await said $((round * each)) || break
        echo $((round + 1)) >"$dir/round.new" && mv "$dir/round.new" "$dir/round"
        kill -0 "$people" 2>/dev/null || break
    done
    await said $((kills * each + each))
    touch "$dir/enough"
    echo "$(wc -l <"$dir/said") messages, $((round - 1)) kills"
}
# Each message once, in its order, and no other.
kept_is_said() {
    pg_sql -c "select text from messages where role in ('customer', 'agent') and text <> '' order by interaction, n" >"$dir/kept"
    sort "$dir/said" >"$dir/said.sorted"
    sort "$dir/kept" | cmp -s - "$dir/said.sorted" || {
        say_failed "the store has not each message once"
        sort "$dir/kept" | diff "$dir/said.sorted" - | head
    }
    awk '{number = $NF; $NF = ""; if (number != ++last[$0]) {print "after", last[$0] - 1, "of", $0, "comes", number; wrong = 1}}
         END {exit wrong}' "$dir/kept" || say_failed "the store has not all in their order"
}
