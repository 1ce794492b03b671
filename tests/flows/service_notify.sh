#!/bin/sh
# What the service manager hears: ready only when all is in force, reloads, the end; and a watchdog that a thread of the
# daemon that hangs keeps silent, so that the daemon is started again.
. "$top_srcdir/tests/flows/daemon_common.sh"
tool=$top_builddir/tests/flows/service_tool
[ -x "$tool" ] || exit 77
frozen=
manager=
also_end() {
    exec 8>&-
    [ -z "$frozen" ] || { kill "$frozen"; wait "$frozen"; } 2>/dev/null
    [ -z "$manager" ] || { kill "$manager"; wait "$manager"; } 2>/dev/null
}

# manage WATCHDOG_MS: gcxvm under the manager; the log is the daemon's, `told` what the manager heard.
manage() {
    : >"$dir/told"
    "$tool" run "$dir/notify" "$1" "$gcxvm" "$dir/gcx.conf" >"$dir/told" 2>>"$dir/log" &
    manager=$!
    await told READY=1
}
told() { grep -q -x -e "$1" "$dir/told"; }
count_told() { grep -c -x -e "$1" "$dir/told"; }
is() { [ "$("$@")" = "$number" ]; }
told_times() { number=$1; is count_told "$2"; }
pid() { sed -n 's/^started //p' "$dir/told" | tail -n 1; }
in_order() { # in_order LINE LINE...: they were told one after another
    for line; do grep -n -x -e "$line" "$dir/told" | head -n 1 | cut -d: -f1; done >"$dir/order"
    [ "$(wc -l <"$dir/order")" = $# ] && sort -n -c "$dir/order" 2>/dev/null
}

echo "start, reload, end"
make_world ''
manage 60000
in_order 'STATUS=Replaying the journal' READY=1 STATUS=Serving || { say_failed "not told in order"; cat "$dir/told"; }
ready || say_failed "told to be ready before it was"
kill -HUP "$(pid)"
await told_times 2 READY=1
in_order READY=1 RELOADING=1 'MONOTONIC_USEC=[0-9]*' STATUS=Loading || say_failed "the reload was not told"
echo "nonsense;" >>"$dir/directory.sql"
kill -HUP "$(pid)"
await told 'STATUS=Serving what was loaded before: the last load failed'
told_times 3 READY=1 || say_failed "after a reload that failed it is not ready any more"
sed -i '$d' "$dir/directory.sql"
kill "$manager"; wait "$manager"; got=$?
manager=
[ "$got" = 0 ] || say_failed "it ended with $got"
in_order STOPPING=1 'ended 0' || say_failed "its end was not told"

echo "the watchdog hears of it, again and again"
manage 3000
await told_times 4 WATCHDOG=1
told watchdog && say_failed "it was aborted while it was well"

# freeze THREAD: that thread alone does nothing any more.
freeze() {
    rm -f "$dir/hold" "$dir/frozen"; mkfifo "$dir/hold" # what was said of the last one is gone
    "$tool" freeze "$(pid)" "$1" <"$dir/hold" >"$dir/frozen" 2>/dev/null &
    frozen=$!
    exec 8>"$dir/hold"
    is_frozen() { grep -q frozen "$dir/frozen" || ! kill -0 "$frozen" 2>/dev/null; }
    await is_frozen
    grep -q frozen "$dir/frozen"
}
thaw() { exec 8>&-; wait "$frozen"; got=$?; frozen=; return $got; }

# Each thread in turn, and the process whole.
for thread in gcx-core gcx-journal whole; do
    echo "hangs: $thread"
    before=$(pid)
    if [ "$thread" = whole ]; then
        kill -STOP "$before"
        is_stopped() { [ "$(cut -d" " -f3 "/proc/$before/stat")" = T ]; }
        await is_stopped
    else
        freeze "$thread" || { thaw; [ $? = 77 ] && { echo "no leave to hold a thread: left out"; continue; }; say_failed "no thread $thread"; continue; }
    fi
    await told watchdog
    [ "$thread" != whole ] || kill -CONT "$before"
    [ -z "$frozen" ] || thaw
    await told 'killed 6'
    await told_times 2 READY=1
    [ "$(pid)" != "$before" ] || say_failed "it was not started again"
    await ready
    kill "$manager"; wait "$manager"; got=$?
    manager=
    [ "$got" = 0 ] || say_failed "after the watchdog: ended with $got"
    manage 3000
done
kill "$manager"; wait "$manager"
manager=
finish
