#!/bin/bash
# tests/flows/enterprise_clock.sh - The wall clock is set a day ahead and a day back, while a caller waits and while the
# daemon is away: nobody's wait is shortened or prolonged by it. libfaketime sets the clock of gcxvm and its adapters
# only; their monotonic clocks stay true. FAKETIME_FORCE_MONOTONIC_FIX=0: else libfaketime takes the set clock's distance
# off each timed wait of the daemon's threads, and threads whose wait is over at once take all of the processors.
. "${top_srcdir:-.}/tests/flows/enterprise_common.sh"

faketime=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null | head -n 1)
[ -n "$faketime" ] || exit 77
case ${CC-} in *clang*) ! nm "$gcxvm" | grep -q __asan_init || exit 77 ;; esac # its sanitizers ask for the time before libfaketime begins
set_clock() { echo "$1" >"$dir/clock.new" && mv "$dir/clock.new" "$dir/clock"; }
set_clock +0
cat >"$dir/gcxvm" <<SH
#!/bin/sh
export FAKETIME_TIMESTAMP_FILE="$dir/clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_FORCE_MONOTONIC_FIX=0
export ASAN_OPTIONS="\${ASAN_OPTIONS:+\$ASAN_OPTIONS:}verify_asan_link_order=0"
LD_PRELOAD=$faketime exec "$gcxvm" "\$@"
SH
chmod +x "$dir/gcxvm"
gcxvm=$dir/gcxvm

cat >"$dir/clock.gcx" <<'GCX'
import enterprise;

test "then anybody of the group" {
    agent olga (English: 1) in group overflow ready answers 100ms handles 300ms;
    query customers -> none;
    ivr.digits(prompt account_number) -> "4711";
    ivr.menu(prompt language) -> "2";
    call enterprise from "+33145550101" to "1800";
    expect never routed to agent olga within 5900ms;
    expect routed to agent olga within 20s;
}
GCX
build_flow "$dir/clock.gcx"
sed -i 's/after 20s/after 3s/; s/after 40s/after 6s/' "$flow/enterprise.gcx"
"$gcxc" build "$flow/clock.gcx" -o "$image" || die "gcxc build"
answer=10 # the machine may be busy
day_is() { [ "$(TZ=UTC tail -n 1 "$dir/gcxvm.log" | cut -c 1-10)" = "$(date -u -d "$1" +%F)" ]; }

# While a caller waits: 6 s are 6 s.
begin "then anybody of the group"
await are_waiting 1
set_clock +86400
sleep 1
set_clock -86400
played || show_logs
day_is yesterday || say_failed "the clock was not set back"
stop
set_clock +0

# While the daemon is away.
for day in +86400 -86400; do
    begin "then anybody of the group"
    await are_waiting 1
    kill_core
    set_clock "$day"
    restarted
    played || show_logs
    stop
    set_clock +0
done
finish
