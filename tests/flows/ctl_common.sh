# tests/flows/ctl_common.sh - What scripts of gcxctl share that look at a daemon in which four calls wait. Sourced by bash.
. "$top_srcdir/tests/flows/enterprise_common.sh"

# four_wait: in the daemon that is shared, else in one of one's own. No caller leaves, and none comes.
four_wait() {
    if [ -z "$shared" ]; then
        build_flow "$top_srcdir/tests/flows/enterprise_acts.gcx"
        clock_stands 1
        begin "calls wait while the core is away"
    fi
    await are_waiting 4
}
# leave: ends what four_wait began.
leave() {
    [ -z "$sim" ] || { kill "$sim"; wait "$sim" 2>/dev/null; sim=''; }
    stop
}
