# tests/flows/standby_common.sh - Two gcxvm on one journal in PostgreSQL: what the scripts standby*.sh share. Sourced by
# bash with top_srcdir and top_builddir set. $dir/state leads to the folder of the one that leads.
. "$top_srcdir/tests/flows/postgres_flow.sh"
conf_database='database = "customers.db"'
declare -A node_pid=()

cluster_end() {
    local name
    for name in "${!node_pid[@]}"; do
        kill -CONT "${node_pid[$name]}" 2>/dev/null
        kill -9 "${node_pid[$name]}" 2>/dev/null && wait "${node_pid[$name]}" 2>/dev/null
    done
    for name in $(pgrep -f -- "--core $dir/" 2>/dev/null); do kill "$name" 2>/dev/null; done
    pg_end
}
also_end() { cluster_end; }
ctl_of() { local name=$1; shift; "$gcxctl" --socket "$dir/$name/admin.sock" "$@"; }
node_logged() { grep -q -e "$2" "$dir/$1.log"; }

node_configure() {
    sed "s,^# node,state = \"$1\",; s,@node@,$1,g" "$dir/gcx.conf" >"$dir/$1.conf"
    [ -d "$dir/$1" ] || mkdir -m 700 "$dir/$1"
}
# node_start NAME [ALONE]: with the site's key, and otherwise an empty folder or the one that it had; alone it has its
# journal in that folder.
node_start() {
    local follow=--follow
    node_configure "$1"
    [ -z "${2-}" ] || { follow='' && sed -i '/^journal/d' "$dir/$1.conf"; }
    "$gcxvm" $follow "$dir/$1.conf" >>"$dir/$1.log" 2>&1 &
    node_pid[$1]=$!
}
node_kill() { kill -9 "${node_pid[$1]}"; wait "${node_pid[$1]}" 2>/dev/null; unset "node_pid[$1]"; }
# node_ends NAME CODE: by itself, or after a signal.
node_ends() {
    wait "${node_pid[$1]}"; local got=$?
    unset "node_pid[$1]"
    [ "$got" = "$2" ] || { say_failed "$1 ended with $got, not $2"; tail -n 20 "$dir/$1.log"; }
}
follows() { node_logged "$1" ' follows, at batch'; }
# leads NAME: it serves, and its links are up; from then on it is who is asked.
leads() {
    ln -sfn "$1" "$dir/state"
    ready && link_is_up
}
batches() { pg_sql -c "select $1 from gcx_batch where domain > 0"; } # less is set aside
handed_over() { asked=$(date +%s%N); ctl handover | grep -q done; } # who leads learns of another one within seconds
in_step() { pg_sql -c "select 1 from gcx_member where role = 'follower' and batch = (select max(batch) from gcx_batch)" | grep -q 1; }
whole() { # every batch is there once, and each follows the one before
    [ "$(batches 'count(*) = max(batch) - min(batch) + 1 and count(distinct nonce) = count(*)')" = t ] ||
        say_failed "the rows are not whole: $1"
}

# cluster_configure: $conf_node has @node@ where the name of one of them is to stand. What both nodes have in common, and the site's key.
cluster_configure() {
    head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$dir/site.key" && chmod 600 "$dir/site.key"
    conf_more="journal = \"$pg_conninfo\"
journal_wait_s = 60
key_file = \"site.key\"
lease_ms = ${lease_ms-1000}
${conf_http-}
# node
${conf_node-}"
    configure
}
# begin_cluster TEST [OPTION...]: as `begin`, with the first node.
begin_cluster() { alone='' begin_nodes "$@"; }
# begin_site TEST [OPTION...]: the same, on one machine, with the journal in its state folder.
begin_site() { alone=alone begin_nodes "$@"; }
begin_nodes() {
    local test=$1; shift
    provision "$test"
    sed -i "/into \"routing_point\"/s/10, 60/${answer-10}, ${grace-60}/" "$dir/directory.sql"
    play "$test" "$@"
    cluster_configure
    node_start first $alone
    await leads first
    await test -s "$dir/cti.port"
}
