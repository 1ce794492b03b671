#!/bin/sh
# A directory that takes long to read keeps nobody waiting: the daemon answers meanwhile, remembers who asks again, and
# ends at once when it is told to.
. "$top_srcdir/tests/flows/daemon_common.sh"

make_world ''
start
cp "$dir/directory.sql" "$dir/good.sql"

# Counts for ten seconds, which is all the time that a directory has.
endless() {
    { cat "$dir/good.sql"
      echo 'with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n;'; } >"$dir/directory.sql"
}
milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# What is asked while it is read is answered long before that has come to its end.
endless
kill -HUP "$vm"
await logged 'SIGHUP: reads directory'
began=$(milliseconds)
for i in 1 2; do expect '"ready": true' ctl status --json; done
took=$(($(milliseconds) - began))
logged 'nothing was changed' && say_failed "the directory was not slow: nothing was tried"
[ "$took" -lt 5000 ] || say_failed "two questions took $took ms beside a directory that is read"

# The next load waits for this one, and then reads what is there by then; who asked for it is answered when it is over.
ctl reload --why 'mended' >"$dir/reload" 2>&1 & asked=$!
{ cat "$dir/good.sql"; echo "insert into agent values ('zoe', 'Zoe Muller');"; } >"$dir/directory.sql"
wait "$asked"; got=$?
[ "$got" = 0 ] || { say_failed "reload ended with $got"; cat "$dir/reload"; }
await logged 'nothing was changed: .*directory.sql' || say_failed "the endless directory was not refused"
expect zoe ctl agents
expect zoe cat "$dir/directory.sql"

# Whoever ends it does not wait for a directory.
endless
kill -HUP "$vm"
again() { [ "$(grep -c 'SIGHUP: reads directory' "$dir/log")" = 2 ]; }
await again
began=$(milliseconds)
stop 0
took=$(($(milliseconds) - began))
[ "$took" -lt 6000 ] || say_failed "the end took $took ms"
finish
