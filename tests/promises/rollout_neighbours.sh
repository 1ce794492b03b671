#!/bin/bash
# tests/promises/rollout_neighbours.sh - Two rollouts, of chats and of mails, while each neighbour of the core stands still and
# is killed with interactions in its hands: the source of figures, the database, the chat's plugin, the mail's. Nobody is
# lost or counted twice, who wrote before has the same version again, and the books of both arms balance.
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/postgres_common.sh"
command -v python3 >/dev/null || { pg_end; cleanup 77; }
for plugin in chat email; do [ -f "$top_builddir/.libs/$plugin.so" ] || { pg_end; cleanup 77; }; done
figures=''
also_end() { [ -z "$figures" ] || { kill -9 "$figures"; wait "$figures"; } 2>/dev/null; pg_end; }
pg_begin && pg_sql -f "$enterprise/customers.sql" || cleanup 1
for who in talks w{0..11}@example.org; do echo "insert into customer (account, name) values ('$who', 'known');"; done | pg_sql

mkdir "$dir/flow"
cp "$top_srcdir/tests/promises/rollout_neighbours.gcx" "$enterprise/customers.sql" "$dir/flow"
source=$dir/flow/rollout_neighbours.gcx
"$gcxc" schema pull --source customers --connect "$pg_conninfo" "$source" >"$dir/said" 2>&1 &&
    "$gcxc" build "$source" -o "$dir/now.gcxb" || { cat "$dir/said"; cleanup 1; }
sed -i 's/    route queue desk;/    priority += 1;\n&/' "$source"
"$gcxc" build "$source" -o "$dir/new.gcxb" || cleanup 1

# figures_start PORT: the source of figures; 0: at a port of the kernel's choice.
figures_start() {
    rm -f "$dir/figures.port"
    python3 "$top_srcdir/tests/promises/rollout_neighbours.py" figures "$dir" "$1" 2>"$dir/figures.log" & figures=$!
    await test -s "$dir/figures.port"
}
figures_start 0
port=$(cat "$dir/figures.port")
make_world "source customers { postgres = \"$pg_conninfo\" retry_ms = 50 retry_max_ms = 200 failures = 100000 }
endpoint waits { connect_ms = 50000 url = \"http://127.0.0.1:$port/\" retry_ms = 50 retry_max_ms = 200 failures = 100000 }
adapter chat {
  queues = \"talks\" origins = \"https://shop.example\" store = \"sqlite:$dir/contacts\" port_file = \"$dir/chat.port\"
  state = \"$dir/chats\" begins_per_minute = \"10000\" restart_max_ms = 200
}
adapter email { addresses = \"service@shop.example=mails\" store = \"sqlite:$dir/contacts\" port_file = \"$dir/mail.port\" restart_max_ms = 200 }"
site_queues now.gcxb desk talks mails
echo "insert into routing_point (dn, strategy) values ('talks', 'talk'), ('mails', 'letter');" >>"$dir/directory.sql"
"$gcxvm" --check "$dir/gcx.conf" >"$dir/check" 2>&1 || { cat "$dir/check"; cleanup 1; }
start
await test -s "$dir/chat.port" && await test -s "$dir/mail.port"
for roll in "talks --steps 50,100" "mails --steps 50,100 --by from"; do
    # shellcheck disable=SC2086
    ctl rollout ${roll%% *} "$dir/new.gcxb" ${roll#* } --hold 1h >"$dir/said" 2>&1 || { cat "$dir/said"; cleanup 1; }
done
people() { python3 -B "$top_srcdir/tests/promises/rollout_neighbours.py" "$@"; }
crowds=0 lost=0
comes() { crowds=$((crowds + 1)); people crowd "$dir" "$top_srcdir" $crowds || say_failed "crowd $crowds"; }
waits() { people look "$dir" $crowds came $lost || say_failed "crowd $crowds waits for $1"; }
settles() { people look "$dir" $crowds settled $lost || say_failed "$1"; }

comes
settles "all is well"
kill -STOP "$figures"
comes
waits "the source of figures"
kill -CONT "$figures"
settles "the source of figures was slow"

kill -STOP "$figures"
comes
waits "the source of figures"
kill -9 "$figures"
wait "$figures" 2>/dev/null
figures_start "$port"
lost=30 # those whose question was in its hands
settles "the source of figures was killed"

pg_signal STOP
comes
waits "the database"
pg_signal CONT
settles "the database was slow"

pg_signal STOP
comes
waits "the database"
pg_signal CONT
pg_stop immediate && pg_start || say_failed "the database does not start"
settles "the database was killed"

pids() { ctl status --json | sed -n 's/^ *"pid": \([0-9]*\),\{0,1\}$/\1/p' | grep -v "^$vm\$"; }
# shellcheck disable=SC2046
kill -STOP $(pids)
comes & crowd=$!
sleep 0.3
# shellcheck disable=SC2046
kill -CONT $(pids)
wait "$crowd"
crowds=$((crowds + 1))
settles "the chat's plugin and the mail's were slow"

was=$(pids)
# shellcheck disable=SC2086
kill -STOP $was
comes & crowd=$!
# shellcheck disable=SC2086
kill -9 $was
wait "$crowd"
crowds=$((crowds + 1))
settles "the chat's plugin and the mail's were killed"
stop 0
finish
