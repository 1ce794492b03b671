# tests/ha/patroni.sh - Three machines of PostgreSQL under Patroni with three etcd, begun from the files of examples/ha as
# they are, except for addresses, folders and how a local user is known: machine N is 127.X.Y.1N. Sourced by
# tests/faults/cluster in the place of its own servers.
for program in patroni patronictl etcd etcdctl curl openssl; do
    command -v "$program" >/dev/null || missing="${missing-} $program"
done
if [ -n "${missing-}" ]; then
    echo "not installed:$missing; Debian: patroni, etcd-server, etcd-client, curl, openssl, whose services need not be started"
    exit 77
fi
ha=$top_srcdir/examples/ha
net=127.$((RANDOM % 200 + 20)).$((RANDOM % 200 + 20))
declare -A patroni_pid=() etcd_pid=() postmaster_pid=()
machines=(1 2 3) ticking='' far='' prometheus=''

# of_machine N [FILE]: an example for that machine, with what is the test's own.
of_machine() {
    local n=$1 here=$pg_dir/db$1; shift
    sed -e "s/^name: db1/name: db$n/" -e "s/^ETCD_NAME=db1/ETCD_NAME=db$n/" -e "s/10\.0\.0\.11\(:\|$\)/10.0.0.1$n\1/" \
        -e "s/\(connect_address: \|ADVERTISE[A-Z_]*=https:..\)db1:/\1db$n:/" "$@" |
        sed -e "s/\bdb\([123]\):\([0-9]\)/$net.1\1:\2/g; s/host=db1,db2,db3/host=$net.11,$net.12,$net.13/" \
            -e "s,10\.0\.0\.0/24,127.0.0.0/8,; /certificates.sh/s/=\(10[.0-9]*\)/=\1,127.0.0.1/g; s/10\.0\.0\./$net./g" \
            -e "s,/var/lib/postgresql/15/gcx,$here/data,g; s,/var/lib/postgresql,$here,; s,/var/run/postgresql,$here,; s,/var/lib/etcd/gcx,$here/etcd," \
            -e "s,/etc/gcx/tls/database,$ha/tls/ca,; s,/etc/gcx/tls/ca,$ha/tls-gcx/ca,; s,/etc/gcx/tls/machine,$ha/tls-gcx/gcx$n,; s/\"0\.0\.0\.0:/\"[::ffff:$net.2$n]:/" \
            -e "s/\bgcx\([12]\):\([0-9]\)/$net.2\1:\2/g; s,/usr/lib/gcx/,$top_builddir/.libs/,; s,/var/lib/prometheus/node-exporter,$pg_dir,; s/[0-9.]*40:7000/127.0.0.1:$(cat "$dir/switch.port" 2>/dev/null)/" \
            -e "s,/etc/[a-z]*/tls/machine,$ha/tls/db$n,g; s,/etc/[a-z]*/tls/ca,$ha/tls/ca,g; s,/etc/patroni/config,$here/patroni,; s,/etc/patroni,$ha,g" \
            -e "s,/var/backups/postgresql,$pg_dir/backups,g; s,/etc/gcx/journal.pass,$dir/journal.pass," \
            -e "s/\bpeer$/trust/; s/PASSWORD/journal/; s/MOMENT/${moment-}/"
}
# guide N HEADING: the commands under that heading of the guide, as they are at that machine.
guide() {
    awk -v heading="# $2 \\*$" '/^#/ {on = $0 ~ heading} on && sub(/^    /, "") {print; some = 1} END {exit !some}' "$ha/README.md" |
        of_machine "$1" >"$pg_dir/commands" || die "the guide has no commands under: $2"
}
# try N HEADING: they are to succeed.
try() {
    guide "$1" "$2"
    (cd "$ha" && PATH=$pg_bin:$PATH "${pg_as[@]}" bash -eu "$pg_dir/commands" >"$pg_dir/tried" 2>&1) || { cat "$pg_dir/tried"; die "the guide: $2"; }
}
said() { grep -q -e "$1" "$pg_dir/tried" || { say_failed "the guide's command should say: $1"; cat "$pg_dir/tried"; }; }
rest() { curl -s -m 2 --cacert "$ha/tls/ca.crt" -o "${2-/dev/null}" -w '%{http_code}' "https://$net.1$1:8008/${3-primary}"; }
# ha_primary: the number of the machine that leads PostgreSQL, as Patroni says.
ha_primary() {
    local n
    for n in "${machines[@]}"; do [ "$(rest "$n")" = 200 ] && echo "$n" && return 0; done
    return 1
}
# all_stream: both copies do, and one of them is Patroni's synchronous standby: it has to be written down in etcd before the
# first server may be lost.
all_stream() {
    [ "$(pg_sql -c "select count(*) from pg_stat_replication where state = 'streaming'" 2>/dev/null)" -ge 2 ] &&
        rest "$(ha_primary)" "$dir/members" cluster >"$dir/code" && grep -q '"role": "sync_standby"' "$dir/members"
}
etcd_start() {
    (cd "$pg_dir/db$1" && set -a && . ./etcd.env && exec "${pg_as[@]}" etcd >>"$pg_dir/etcd$1.log" 2>&1) &
    etcd_pid[$1]=$!
}
patroni_start() {
    (cd "$pg_dir/db$1" && exec "${pg_as[@]}" patroni "$pg_dir/db$1/patroni.yml" >>"$pg_dir/patroni$1.log" 2>&1) &
    patroni_pid[$1]=$!
}
# of_postgres N: the pids of its server, postmaster first.
of_postgres() {
    local pid; pid=$(head -n 1 "$pg_dir/db$1/data/postmaster.pid" 2>/dev/null) || return 0
    echo "$pid" $(pgrep -P "$pid")
}
# signal_machine SIGNAL N: to Patroni, postmaster and its children, all at once.
signal_machine() { kill "-$1" "${patroni_pid[$2]}" $(of_postgres "$2") 2>/dev/null; }
pg_end() {
    local n
    for n in $ticking $far $prometheus; do kill "$n"; done
    for n in "${machines[@]}"; do
        [ -z "${patroni_pid[$n]-}" ] || { signal_machine CONT "$n"; signal_machine KILL "$n"; }
        [ -z "${etcd_pid[$n]-}" ] || kill -9 "${etcd_pid[$n]}"
    done
    wait "${patroni_pid[@]}" "${etcd_pid[@]}" $far $prometheus
    [ -n "${KEEP-}" ] || rm -rf "$pg_dir"
} 2>/dev/null
archived() { ls "$pg_dir"/backups/wal/*.gz; }
healthy() {
    local n
    for n in "${machines[@]}"; do curl -s -m 2 "http://$net.1$n:2381/health" | grep -q true || return 1; done
}

servers() {
    local n
    [ ${#pg_as[@]} = 0 ] || chown nobody:nogroup "$pg_dir"
    cp -r "$ha" "$pg_dir/guide" && ha=$pg_dir/guide && chmod -R a+rX "$ha" # where whoever runs the servers can read it
    mkdir "$pg_dir/backups"
    for n in "${machines[@]}"; do
        mkdir "$pg_dir/db$n"
        of_machine "$n" "$ha/patroni.yml" >"$pg_dir/db$n/patroni.yml"
        of_machine "$n" "$ha/etcd.env" >"$pg_dir/db$n/etcd.env"
    done
    [ ${#pg_as[@]} = 0 ] || chown -R nobody:nogroup "$pg_dir"
    try 1 Certificates
    for n in "${machines[@]}"; do etcd_start "$n"; done
    await healthy
    try 1 'etcd is well'
    for n in "${machines[@]}"; do
        try "$n" 'Patroni accepts its configuration'
        patroni_start "$n"
    done
    await ha_primary
    try "$(ha_primary)" 'The role and the database of gcx'
    echo '*:*:gcx:gcx:journal' >"$dir/journal.pass" && chmod 600 "$dir/journal.pass"
    pg_all=$(of_machine 1 "$ha/gcxvm.conf" | sed -n 's/^journal *= "\(.*\)"$/\1/p')
    pg_conninfo="$pg_all target_session_attrs=read-write connect_timeout=3"
    await all_stream
    try 1 'Patroni is well'
    said 'Leader' && said 'Sync Standby'
    try "$(ha_primary)" 'The archive is written'
    said '^t$'
    await archived
    try 3 'The password for backups'
}
# ---- gcxvm: with the doors of the guide, and its adapter of the switch as on another machine ----

gcx_of() { [ "$1" = first ] && echo 1 || echo 2; }
eval "shared_$(declare -f node_configure)"
node_configure() {
    shared_node_configure "$1"
    of_machine "$(gcx_of "$1")" "$ha/gcxvm.conf" | sed '/^\(journal\|key_file\|lease_ms\)/d' >"$dir/guide.conf"
    sed -i -e 's/^adapter tserver.*/adapter tserver { remote = true }/' -e "/^state/r $dir/guide.conf" "$dir/$1.conf"
    [ -n "$far" ] || far_begin
}
far_begin() {
    guide 1 'An adapter on another machine'
    sed -i "\$ s,\$, --set port_file=$dir/cti.port," "$pg_dir/commands"
    (cd "$ha/tls-gcx" && PATH=$top_builddir:$PATH exec bash -c "exec $(cat "$pg_dir/commands")" >>"$dir/far.log" 2>&1) &
    far=$!
}

# ---- certificates: nobody comes in with another's, with an old one, or without; those in use are replaced ----

# ask FOLDER NAME URL [OPTION...]: by the authority of that folder, with that certificate, or none.
ask() {
    local folder=$1 name=$2 url=$3; shift 3
    curl -sS -m 5 --cacert "$ha/$folder/ca.crt" ${name:+--cert "$pg_dir/$name.crt" --key "$pg_dir/$name.key"} "$@" "$url"
}
# turned_away LOG TEXT COMMAND...: the command fails, and the other end's log has the text.
turned_away() {
    local log=$1 text=$2; shift 2
    "$@" >"$pg_dir/refused" 2>&1 && say_failed "it was let in: $*"
    await grep -q -e "$text" "$log"
}
# stranger NAME FOLDER DAYS: a certificate by the authority of that folder.
stranger() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=tserver -keyout "$pg_dir/$1.key" -out "$pg_dir/$1.csr" 2>/dev/null
    openssl x509 -req -in "$pg_dir/$1.csr" -CA "$ha/$2/ca.crt" -CAkey "$ha/$2/ca.key" -CAcreateserial -days "$3" -out "$pg_dir/$1.crt" 2>/dev/null ||
        die "no certificate for a stranger"
}
strangers() {
    local etcd=https://$net.11:2379/v2/keys/ rest=https://$net.11:8008/reload metrics core program
    core=$(gcx_of "$leader") && metrics=https://$net.2$core:9464/metrics
    "${pg_as[@]}" "$ha/certificates.sh" "$ha/theirs" theirs=127.0.0.1
    stranger theirs theirs 1 && stranger ended tls -1 && stranger ended-gcx tls-gcx -1
    turned_away "$pg_dir/etcd1.log" "client didn't provide a certificate" ask tls '' "$etcd"
    turned_away "$pg_dir/etcd1.log" 'certificate signed by unknown authority' ask tls theirs "$etcd"
    turned_away "$pg_dir/etcd1.log" 'certificate has expired' ask tls ended "$etcd"
    turned_away "$pg_dir/refused" '403' ask tls '' "$rest" -f -X POST
    turned_away "$pg_dir/refused" 'curl' ask tls theirs "$rest" -X POST
    turned_away "$pg_dir/refused" 'curl' ask tls ended "$rest" -X POST
    turned_away "$pg_dir/refused" 'no pg_hba.conf entry' "$top_builddir/gcxlists" lists "${pg_all/verify-full/disable}"
    turned_away "$pg_dir/refused" 'certificate verify failed' "$top_builddir/gcxlists" lists "${pg_all/tls\/ca/theirs\/ca}"
    for program in gcxstore gcxlists; do "$top_builddir/$program" migrate "$pg_all" >"$pg_dir/tried" 2>&1 || { say_failed "$program"; cat "$pg_dir/tried"; }; done
    turned_away "$dir/$leader.log" 'metrics was refused: TLS: peer did not return a certificate' ask tls-gcx '' "$metrics"
    turned_away "$dir/$leader.log" 'metrics was refused: .* of another authority' ask tls-gcx theirs "$metrics"
    turned_away "$dir/$leader.log" 'metrics was refused: .* put a new one in its place' ask tls-gcx ended-gcx "$metrics"
    turned_away "$dir/$leader.log" 'adapter was refused: .* put a new one in its place' timeout 1 \
        "$gcxvm" --adapter "$top_builddir/.libs/tserver.so" --name tserver --connect "$net.2$core:7443" --ca "$ha/tls-gcx/ca.crt" \
        --certificate "$pg_dir/ended-gcx.crt" --key "$pg_dir/ended-gcx.key" --set switch=127.0.0.1:1
}
# shown FOLDER NAME ADDRESS [OPTION...]: that certificate of that folder is what is shown there.
shown() {
    local folder=$1 name=$2 address=$3; shift 3
    [ "$(openssl s_client -connect "$address" "$@" </dev/null 2>/dev/null | openssl x509 -noout -serial)" = "$(openssl x509 -noout -serial -in "$ha/$folder/$name.crt")" ]
}
# watched: Prometheus, begun by the guide's file, sees all but the node exporter.
watched() {
    curl -s "http://127.0.0.1:$1/api/v1/query?query=count(up==1)" | grep -q '"8"'
}
certificates_copied() { cp "$ha"/tls-gcx/{ca.crt,prometheus.*} "$dir/prometheus" && cp "$ha/tls/ca.crt" "$dir/prometheus/database.crt"; }
prometheus_begins() {
    prometheus_port=$(python3 -c 'import socket; one = socket.create_server(("127.0.0.1", 0)); print(one.getsockname()[1])')
    mkdir "$dir/prometheus" && cp "$ha/alerts.yml" "$dir/prometheus"
    certificates_copied
    of_machine 1 "$ha/prometheus.yml" | sed 's/: 5s/: 1s/' >"$dir/prometheus/prometheus.yml"
    (cd "$dir/prometheus" && exec prometheus --config.file=prometheus.yml --storage.tsdb.path="$dir/tsdb" --web.listen-address="127.0.0.1:$prometheus_port" >"$dir/prometheus.log" 2>&1) &
    prometheus=$!
    await watched "$prometheus_port"
}
fault_certificates() {
    local n
    strangers
    ! command -v prometheus >/dev/null || prometheus_begins
    try 1 'New certificates'
    for n in "${machines[@]}"; do kill -HUP "${patroni_pid[$n]}"; done
    for n in "${machines[@]}"; do
        await shown tls "db$n" "$net.1$n:2379"
        await shown tls "db$n" "$net.1$n:8008"
        await shown tls "db$n" "$net.1$n:5432" -starttls postgres
    done
    n=$(gcx_of "$leader")
    await shown tls-gcx "gcx$n" "$net.2$n:9464"
    await shown tls-gcx "gcx$n" "$net.2$n:7443"
    try 1 'etcd is well'
    [ -z "$prometheus" ] || { certificates_copied; sleep 2; await watched "$prometheus_port"; }
    await all_stream
    books certificates
}

# ---- faults: of the first server of the database, while the site is at work ----

# tick: sets the site's parameter to the next number, again and again; each that was acknowledged is a line with its time.
tick() {
    local n=0
    while :; do
        timeout 5 "$gcxctl" --socket "$dir/state/admin.sock" set "tick=$((n + 1))" >"$dir/tick" 2>&1 && echo "$((++n)) $(date +%s%N)" >>"$dir/ticks"
        sleep 0.05
    done
}
tick_known() { ctl settings --json | awk '/"name": "tick"/ {found = 1} found && /"value"/ {gsub(/[^0-9]/, ""); print; exit}'; }
ticks() { wc -l <"$dir/ticks"; }
ticks_on() { [ "$(ticks)" -gt $(($1 + 20)) ]; }
# bridged FAULT MACHINE: another machine has led the database since; tells the longest time between two acknowledgements,
# and looks at the books.
bridged() {
    local gap acknowledged name
    await another_leads "$2"
    await one_leads
    await ticks_on "$(ticks)"
    gap=$(awk -v from="$began" '$2 > from && was {gap = $2 - was; if (gap > most) most = gap} {was = $2} END {printf "%.2f", most / 1e9}' "$dir/ticks")
    echo "$1: $gap s without an acknowledgement"
    [ "${gap%.*}" -lt 30 ] || say_failed "$1: $gap s are too many"
    await all_wait
    acknowledged=$(ticks)
    [ "$(tick_known)" -ge "$acknowledged" ] || say_failed "$1: $acknowledged was acknowledged, and $(tick_known) is known"
    books "$1"
    # A gcxvm that is at the frozen server notices later than the other one, which may lead meanwhile.
    name=$(other "$leader")
    kill -0 "${node_pid[$name]}" 2>/dev/null || { node_ends "$name" 7; node_again "$name"; }
}
another_leads() { local n; n=$(ha_primary) && [ "$n" != "$1" ]; }
fault_begins() {
    [ -n "$ticking" ] || { : >"$dir/ticks"; tick & ticking=$!; }
    await ticks_on 0
    primary=$(ha_primary) began=$(date +%s%N)
}
# machine_again N: it comes back as a copy.
machine_again() { patroni_start "$1"; await all_stream; }
fault_postmaster() {
    fault_begins
    kill -9 "$(of_postgres "$primary" | cut -d ' ' -f 1)"
    bridged postmaster "$primary"
    await all_stream
}
fault_machine() {
    fault_begins
    { signal_machine KILL "$primary"; wait "${patroni_pid[$primary]}"; } 2>/dev/null
    bridged machine "$primary"
    machine_again "$primary"
}
fault_paused() { # it wakes up when another one leads, and follows
    fault_begins
    signal_machine STOP "$primary"
    bridged paused "$primary"
    signal_machine CONT "$primary"
    await all_stream
    books "paused: the server woke up"
}
# as_postgres SQL...: at the first server, as an administrator does.
as_postgres() {
    local sql more=()
    for sql; do more+=(-c "$sql"); done
    "$pg_bin/psql" -X -q -A -t -h "$pg_dir/db$(ha_primary)" -U postgres -d gcx "${more[@]}"
}
fault_password() { # the role has another one: the log has it, and the new one is read without a restart
    fault_begins
    as_postgres "alter role gcx password 'rotated'" "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'gcx'" >"$dir/cut"
    await node_logged "$leader" 'password authentication failed'
    echo '*:*:gcx:gcx:rotated' >"$dir/journal.pass"
    await ticks_on "$(ticks)"
    await one_leads
    await all_wait
    books password
}
fault_emptied() { # by hand, beside Patroni: told at once, and when it is mended
    as_postgres "alter system set synchronous_standby_names = ''" 'select pg_reload_conf()' >"$dir/cut"
    await node_logged "$leader" 'copies: 1: the database names no synchronous standby'
    as_postgres 'alter system reset synchronous_standby_names' 'select pg_reload_conf()' >"$dir/cut"
    copied() { ctl cluster | grep -q 'copies: 2'; }
    await copied
}
fault_switchover() { # as the manual has it: the first machine is to be restarted
    fault_begins
    (cd "$ha" && "${pg_as[@]}" patronictl -c "$pg_dir/db1/patroni.yml" list -f json gcx) >"$dir/members" 2>&1
    local to; to=$(tr '{' '\n' <"$dir/members" | sed -n '/Sync Standby/s/.*"Member": "\([^"]*\)".*/\1/p')
    (cd "$ha" && "${pg_as[@]}" patronictl -c "$pg_dir/db1/patroni.yml" switchover gcx --candidate "$to" --force) >"$dir/switched" 2>&1 ||
        { say_failed "patronictl switchover"; cat "$dir/members" "$dir/switched"; }
    bridged switchover "$primary"
    await all_stream
}
fault_restore() { # somebody drops the journal; the site is put back as it was at the moment before
    local n night
    fault_begins
    for night in 1 2; do
        try 3 'The backup itself'
        await ticks_on "$(ticks)"
    done
    [ "$(ls "$pg_dir/backups/base" | wc -l)" = 2 ] || say_failed "there are not two base backups"
    { kill "$ticking"; wait "$ticking"; } 2>/dev/null
    ticking=''
    rows >"$dir/before"
    expect 'was' ctl set tick=999999
    moment=$(pg_sql -c 'select clock_timestamp()')
    expect 'was' ctl set tick=1000000
    ctl snapshot >"$dir/cut" || say_failed "$(cat "$dir/cut")"
    pg_sql -c 'drop table gcx_batch cascade'
    try "$(ha_primary)" 'The end of the log into the archive'
    n=$(other "$leader")
    node_ends "$n" 3
    node_logged "$n" 'gcx_batch" does not exist' || say_failed "the dropped table was not told"
    node_kill "$leader"
    for n in "${machines[@]}"; do kill "${patroni_pid[$n]}"; wait "${patroni_pid[$n]}"; done
    # A moment that the archive does not reach, first: nothing of it stays.
    "${pg_as[@]}" "$ha/restore.sh" "$pg_dir/backups" '1 hour' "$pg_dir/db1/early" >"$dir/cut" 2>&1 && say_failed "a moment to come was restored"
    grep -q 'is not made' "$dir/cut" && [ ! -e "$pg_dir/db1/early" ] || { say_failed "a restore that failed has left something"; cat "$dir/cut"; }
    try 1 'The data as it was'
    (cd "$pg_dir" && try 1 'etcd forgets the cluster') <<<$'gcx\nYes I am aware'
    patroni_start 1
    await ha_primary
    for n in 2 3; do mv "$pg_dir/db$n/data" "$pg_dir/db$n/before"; patroni_start "$n"; done
    await all_stream
    "$gcxvm" --accept-loss "$dir/$leader.conf" >>"$dir/$leader.log" 2>&1 &
    node_pid[$leader]=$!
    await leads "$leader"
    await all_wait
    [ "$(tick_known)" = 999999 ] || say_failed "the site is not as it was: $(tick_known)"
    books restore
    n=$(other "$leader")
    rm -rf "${dir:?}/$n" && node_again "$n"
}
