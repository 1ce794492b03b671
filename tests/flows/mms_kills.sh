#!/bin/bash
# A provider delivers multimedia messages, one after the other, while the plugin, the daemon and the store are killed in turns:
# each one that was acknowledged is in the core and in the store exactly once, in its order. The book of what was
# acknowledged is the provider's, outside of what is killed. ROUNDS: so many kills (3).
. "$top_srcdir/tests/flows/daemon_common.sh"
. "$top_srcdir/tests/flows/postgres_common.sh"
. "$top_srcdir/tests/flows/mms_common.sh"
provider=
also_end() { [ -z "$provider" ] || { kill "$provider"; wait "$provider"; } 2>/dev/null; pg_end; }
pg_begin || cleanup 1
make_pictures '' "host=$pg_socket port=$pg_port dbname=crm user=gcx"
start
await link_is up
await test -s "$dir/port"
rounds=${ROUNDS:-3}
# The provider brings a message until it is acknowledged, and then the next one, until it is told to stop.
: >"$dir/book"
(
    n=0
    until [ -e "$dir/enough" ]; do
        n=$((n + 1))
        message "m-$n" "message $n" >"$dir/message"
        until post "$dir/message" && taken "m-$n"; do sleep 0.05; done
        echo "m-$n" >>"$dir/book"
    done
) &
provider=$!
booked() { [ "$(wc -l <"$dir/book")" -ge "$1" ]; }
for kill in $(seq 1 "$rounds"); do
    # Somewhere in the middle of a message.
    await booked $(($(wc -l <"$dir/book") + 2))
    case $((kill % 3)) in
    0) pg_stop immediate && pg_start || say_failed "PostgreSQL" ;;
    1) kill -KILL "$(adapter_pid)" ;;
    2)
        kill -KILL "$vm"
        wait "$vm" 2>/dev/null
        start
        ;;
    esac
done
await booked $(($(wc -l <"$dir/book") + 2))
touch "$dir/enough"
wait "$provider"
provider=
sent=$(wc -l <"$dir/book")
echo "$sent messages, $rounds kills"
expect "$sent live" ctl status
sed 's/^/mm7-/' "$dir/book" >"$dir/wanted"
pg_sql -c "select external_id from interactions order by id" >"$dir/kept"
cmp -s "$dir/wanted" "$dir/kept" || { say_failed "the store has not each once, in order"; diff "$dir/wanted" "$dir/kept" | head; }
# The core has them in the same order. The number of one that was acknowledged just before a kill may not be noted.
pg_sql -c "select ixn from interactions where ixn is not null order by id" >"$dir/numbers"
sort -c -u "$dir/numbers" && [ "$(wc -l <"$dir/numbers")" -ge $((sent - rounds)) ] || { say_failed "the core has them in another order"; cat "$dir/numbers"; }
stop 0
finish
