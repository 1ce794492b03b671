# tests/flows/followed_common.sh - With FOLLOWED=yes a script that kills its daemon has two of them, on one journal in
# PostgreSQL: when the one that leads is killed the other one leads, and the killed one is started again and follows. Sourced
# by bash behind postgres_common.sh and the common file of the daemon, whose `start` takes that meaning.
if [ -n "${FOLLOWED-}" ]; then
    declare -A node_pid=()
    leader=second

    # Files that adapters name in $dir as `state` are in the state folder, and go with the lead; with FOLLOWED=disk they are
    # where both have them.
    node_start() {
        local of=$1; [ "$FOLLOWED" != disk ] || of=.
        sed -e "s,\(state *= *\)\"$dir/\([^\"]*\)\",\1\"$dir/$of/\2\",g" "$dir/gcx.conf" >"$dir/$1.conf"
        cat >>"$dir/$1.conf" <<CONF
state = "$dir/$1"
journal = "$pg_conninfo"
journal_wait_s = 60
key_file = "$dir/site.key"
lease_ms = 1000
CONF
        [ -d "$dir/$1" ] || mkdir -m 700 "$dir/$1"
        "$gcxvm" --follow "$dir/$1.conf" >>"$dir/${followed_log-log}" 2>&1 &
        node_pid[$1]=$!
    }
    node_follows() { "$gcxctl" --socket "$dir/$1/admin.sock" cluster --json | grep -q '^ *"role": "follower",\{0,1\}$'; }
    start() {
        local killed=$leader
        [ "$leader" = first ] && leader=second || leader=first
        if [ ! -f "$dir/site.key" ]; then
            (umask 077; head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$dir/site.key")
            node_start "$leader"
        fi
        ln -sfn "$leader" "$dir/state"
        vm=${node_pid[$leader]}
        await ready
        await link_is up
        node_start "$killed"
        await node_follows "$killed"
    }
    nodes_end() { local name; for name in "${!node_pid[@]}"; do kill -9 "${node_pid[$name]}" 2>/dev/null && wait "${node_pid[$name]}"; done 2>/dev/null; }
    eval "of_test_$(declare -f also_end)"
    also_end() { nodes_end; of_test_also_end; pg_end; }
fi
