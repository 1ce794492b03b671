#!/bin/bash
# A new version that is worse goes back by itself, and one that is as good reaches all callers, whatever is killed: the
# core is, while both versions have callers, after a decision, and at the end; so is its T-Server, and the whole machine,
# whose backup is put back. Metrics tell how each rollout stands, and
# the records have as many interactions of each arm as the core has counted.
. "$top_srcdir/tests/flows/enterprise_common.sh"
[ -e "$top_builddir/gcxrecords" ] && command -v python3 >/dev/null && command -v sqlite3 >/dev/null || cleanup 77
conf_more='http = "127.0.0.1:0"'
played_by() { begin "$@"; }
dies() { kill_core; start; }
# The T-Server dies and is back; then the machine is lost, and a backup of this moment is put back.
all_die() {
    local first resyncs
    first=$(adapter_pid) resyncs=$(count_logged 'tserver ResyncEnd')
    kill -9 "$first"
    is_back() { link_is_up && [ "$(adapter_pid)" != "$first" ] && logged_beyond "$resyncs" 'tserver ResyncEnd'; }
    await is_back
    expect 'the backup is whole' ctl backup "$dir/copy"
    first=$(adapter_pid)
    kill_core
    kill -9 "$first"
    rm -rf "$dir/state"
    "$gcxctl" restore "$dir/copy" >"$dir/said" 2>&1 || say_failed "no restore: $(cat "$dir/said")"
    start
}
. "$top_srcdir/tests/flows/rollout_common.sh"

page() { python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' "$(ctl status --json | sed -n 's,^ *"http": "\(.*\)"\,*$,http://\1/metrics,p')"; }
expect 'gcx_rollout_state{point="1800",state="done"} 1' page
expect 'gcx_rollout_share_ratio{point="1800"} 1' page
expect "gcx_rollout_interactions_total{point=\"1800\",arm=\"control\"} $(arms | awk '$2 == "control" {print $3}')" page
expect 'gcx_rollout_guard{point="1800",guard="abandoned:+30pt"} 1' page
[ -e "$top_builddir/gcxdb" ] && expect 'test "rollout 1, ' ctl rollouts 1 --export-test
for rollout in 1 2; do arms; done | awk '{print $1 "|" $2 "|" $4}' | sort >"$dir/counted"
stop
"$top_builddir/gcxrecords" --once "$dir/gcx.conf" "sqlite:$dir/records.db" >"$dir/said" 2>&1 || say_failed "gcxrecords: $(cat "$dir/said")"
sqlite3 "$dir/records.db" "select rollout, arm, count(*) from interactions where rollout is not null group by rollout, arm
    order by rollout, arm" >"$dir/recorded"
cmp "$dir/counted" "$dir/recorded" || { say_failed "the records have other arms"; cat "$dir/counted"; cat "$dir/recorded"; }
[ "$(sqlite3 "$dir/records.db" "select count(distinct version) from interactions")" = 3 ] || say_failed "three versions have served"
finish
