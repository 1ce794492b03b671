#!/bin/bash
# Items come and come by one way (WAY, sms) while each fault of runtime/post/post.def that needs processes happens in turns
# (KILLS, 12; STORE=sqlite: without those of the store): each one that was acknowledged is in the core exactly once, and
# answered at most once. The book of what was acknowledged is the network's, outside of what is killed. A way is a file
# post_WAY.sh with these functions, and what else it promises:
#     way_begin            its network, and its settings by make_texts or the like
#     way_bring FROM TO    the network brings the items of these numbers, "message N" each
#     way_acknowledged     how many of them it knows to be taken
#     way_cut              its connections are cut
#     way_answers HOW      from now on the network answers what we send so: mute (no answer comes), twice
#     way_answered HOW     it has answered something so, and answers as before
#     way_forgets          the adapter is about to be killed
#     way_answered_twice   the network was sent an answer twice
#     way_also             what else this way promises of kills
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/post_${WAY:-sms}.sh"
# post_matrix alone plays these. A core that knows nothing has its strategies run again, and they answer customers again;
# from a store that is put back what was acknowledged is gone; a second process has other ports and another core.
in_memory="core_lost store_put_back second_process"
before_answer_lost() { way_answers mute; }
fault_answer_lost() { way_answered mute; }
before_answer_twice() { way_answers twice; }
fault_answer_twice() { way_answered twice; }
fault_adapter_killed() { way_forgets; kill -KILL "$(adapter_pid)"; }
fault_core_killed() {
    kill -KILL "$vm"
    wait "$vm" 2>/dev/null
    start
}
fault_network_away() { way_cut; }
if [ "${STORE-}" = sqlite ]; then
    command -v sqlite3 >/dev/null || { echo "sqlite3 is not installed"; cleanup 77; }
    in_memory="$in_memory store_away"
else
    . "$top_srcdir/tests/flows/postgres_common.sh"
    also_end() { smsc_end; pg_end; }
    pg_begin || cleanup 1
    texts_store=$pg_conninfo
    store_sql() { pg_sql -c "$1"; }
    fault_store_away() { pg_stop immediate && pg_start || say_failed "PostgreSQL"; }
    . "$top_srcdir/tests/flows/followed_common.sh"
fi
played=()
for fault in $(sed -n 's/^POST_FAULT(\([a-z_]*\),.*/\1/p' "$top_srcdir/runtime/post/post.def"); do
    if declare -F "fault_$fault" >/dev/null; then played+=("$fault"); continue; fi
    case " $in_memory " in *" $fault "*) ;; *) say_failed "post.def has a fault that no test plays: $fault" ;; esac
done
[ ${#played[@]} -ge 3 ] || say_failed "post.def has no faults for processes"
kills=${KILLS:-12}
way_begin
start
await link_is up
more() { [ "$(way_acknowledged)" -ge "$1" ]; }
sent=0
for kill in $(seq 1 "$kills"); do
    fault=${played[kill % ${#played[@]}]}
    if declare -F "before_$fault" >/dev/null; then "before_$fault"; fi
    way_bring $((sent + 1)) $((sent + 25))
    sent=$((sent + 25))
    # Somewhere in the middle of these: after so many of them.
    await more $((sent - 25 + kill % 25))
    "fault_$fault"
done
await more "$sent"
# Each step that sends has had its end: the strategy went on with every one of them.
went_on() { [ "$(ctl interactions --limit 0 --state queued --json | grep -c '"ixn"')" -ge "$sent" ]; }
expect "$sent live" ctl status
echo "$sent items, $kills times one of ${played[*]}, $(wc -l <"$dir/acknowledged") acknowledgements, $(wc -l <"$dir/submitted") answers of ours"
[ "$(way_acknowledged)" = "$sent" ] || say_failed "not all are acknowledged"
[ "$(store_sql "select count(*) from interactions where direction = 'in'")" = "$sent" ] || say_failed "not each is in the store once"
await went_on
way_also
stop 0
way_answered_twice && say_failed "an item was answered twice"
[ "$failures" = 0 ] && cleanup 0
tail -n 40 "$dir/log"; tail "$dir/smsc.log"
cleanup 1
