#!/bin/bash
# tests/flows/service_systemd.sh - The unit under a real systemd, process 1 of namespaces of its own above a copy of this
# machine's files: started when it is ready, confined, reloaded, started again after a crash and after a hang with the
# call in its place, stopped when it has drained. Needs root, overlayfs and cgroup2; skipped where one is missing.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"

# "$0" inside: the first process of the namespaces, until systemd takes its place. $dir, $top_builddir and $unit are given.
if [ "${1-}" = inside ]; then
    set -e
    top=$dir/top root=$dir/top/root
    mkdir -p "$top"
    mount -t tmpfs tmpfs "$top"
    mkdir "$top/upper" "$top/work" "$root"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$top/upper,workdir=$top/work" "$root"
    mount -t proc proc "$root/proc"
    mount --bind "$root/proc/sys" "$root/proc/sys"
    mount -o remount,bind,ro "$root/proc/sys"
    mount -t sysfs -o ro sysfs "$root/sys"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
    for at in dev run tmp; do mount -t tmpfs -o mode=755 tmpfs "$root/$at"; done
    for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
        IFS=: read -r name major minor <<<"$node"
        mknod -m 666 "$root/dev/$name" c "$major" "$minor"
    done
    ln -s /proc/self/fd "$root/dev/fd"
    mkdir "$root/dev/shm" "$root/dev/pts"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
    ln -s pts/ptmx "$root/dev/ptmx"
    chmod 1777 "$root/dev/shm" "$root/tmp"
    tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
    : >"$root/etc/fstab"
    # Nothing of this machine's is started; what belongs to a kernel of one's own, neither.
    rm -rf "$root/etc/systemd/system" && mkdir "$root/etc/systemd/system" && cd "$root/etc/systemd/system"
    for name in systemd-{udevd,udev-trigger,modules-load,sysctl,random-seed,remount-fs,timesyncd,networkd,resolved,binfmt,firstboot}.service \
        systemd-udevd-{control,kernel}.socket kmod-static-nodes.service {dev-hugepages,dev-mqueue,sys-fs-fuse-connections}.mount \
        sys-kernel-{debug,tracing,config}.mount proc-sys-fs-binfmt_misc.automount timers.target; do ln -s /dev/null "$name"; done
    printf '[Unit]\nRequires=basic.target\nAfter=basic.target\n' >only.target
    cp "$unit" gcxvm.service
    mkdir gcxvm.service.d
    printf '[Service]\nWatchdogSec=%s\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n' "$watchdog_s" >gcxvm.service.d/test.conf
    systemd-sysusers --root="$root" "$sysusers"
    program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$unit")
    install -D "$top_builddir/gcxvm" "$root$program"
    install -D "$top_builddir/.libs/tserver.so" "$root/usr/lib/gcx-test/tserver.so"
    mkdir "$root/old"
    cd "$root"
    pivot_root . old
    umount -l /old
    exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C /lib/systemd/systemd --system --unit=only.target --log-target=journal
fi

for program in unshare nsenter pivot_root pgrep systemctl systemd-sysusers /lib/systemd/systemd; do
    command -v $program >/dev/null || exit 77
done
[ "$(id -u)" = 0 ] && grep -qw overlay /proc/filesystems || exit 77
cgroup=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/mounts)
[ -n "$cgroup" ] || exit 77
. "$top_srcdir/tests/flows/enterprise_common.sh"

cgroup=$cgroup/gcx-test-$$ outer='' init=''
# With process 1 everything in the namespaces ends, and so do their mounts.
also_end() {
    local tries=100
    [ -z "$init" ] || kill -9 "$init" 2>/dev/null
    [ -z "$outer" ] || wait "$outer" 2>/dev/null
    while ((tries-- > 0)) && [ -d "$cgroup" ]; do
        find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null
        [ ! -d "$cgroup" ] || sleep 0.05
    done
}
skip() { echo "skipped: $*"; [ ! -f "$dir/inside" ] || tail -n 3 "$dir/inside"; cleanup 77; }
mkdir "$cgroup" 2>"$dir/inside" || skip "no cgroup of one's own"

within_ns() { nsenter -t "$init" -a env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
property() { within_ns systemctl show -P "$1" gcxvm; }
is() { [ "$(property "$1")" = "$2" ]; }
says() { within_ns journalctl -u gcxvm -o cat --no-pager >"$dir/journal"; grep -q -e "$1" "$dir/journal"; }
booted() { case $(within_ns systemctl is-system-running) in running | degraded) ;; *) false ;; esac; }
# into PATH: what is read, as a file in there that its user may read.
into() { within_ns sh -c 'cat >"$0" && chmod 644 "$0"' "$1"; }

boot() {
    # As it is installed, but for the places: where a build's prefix is below /tmp or /home, the unit hides them.
    unit=$dir/gcxvm.service
    sed 's,^ExecStart=[^ ]*/gcxvm [^ ]*/gcx/gcxvm.conf$,ExecStart=/usr/bin/gcxvm /etc/gcx/gcxvm.conf,' \
        "$top_builddir/runtime/daemon/systemd/gcxvm.service" >"$unit"
    grep -q '^ExecStart=/usr/bin/gcxvm /etc/' "$unit" || die "the unit starts something else"
    export dir top_builddir unit watchdog_s=5
    export sysusers="$top_srcdir/runtime/daemon/systemd/sysusers.d/gcx.conf"
    bash -c 'echo $$ >"$0/cgroup.procs" && exec unshare --fork --pid --mount --uts --ipc --cgroup --propagation private bash "$1" inside' \
        "$cgroup" "$top_srcdir/tests/flows/service_systemd.sh" >"$dir/inside" 2>&1 &
    outer=$!
    local tries=600
    while ((tries-- > 0)); do
        kill -0 "$outer" 2>/dev/null || skip "no systemd of one's own"
        init=$(pgrep -P "$outer")
        [ -n "$init" ] && grep -qs systemd "/proc/$init/comm" && booted 2>/dev/null && return 0
        sleep 0.05
    done
    skip "systemd does not come up"
}

build_flow "$top_srcdir/tests/flows/service_drain.gcx"
top_srcdir=$(cd "$top_srcdir" && pwd)
boot
conf=$(sed -n 's/^ExecStart=[^ ]* //p' "$unit")
etc=${conf%/*}
ln -s "/proc/$init/root/run/gcx" "$dir/state"
provision "one waits"
play "one waits" --limit 300s
ln -s "/proc/$init/root/run/gcx/cti.port" "$dir/cti.port"
within_ns mkdir -p "$etc"
for file in directory.sql customers.db flow.gcxb; do into "$etc/$file" <"$dir/$file"; done
{
    printf 'directory = "directory.sql"\nstrategies = {"flow.gcxb"}\nstate = "/var/lib/gcx"\nadmin = "/run/gcx/admin.sock"\n'
    printf 'plugins = "/usr/lib/gcx-test"\ndrain_s = 60\nsource customers { database = "customers.db" }\n'
    printf 'adapter tserver { switch = "127.0.0.1:%s" port_file = "/run/gcx/cti.port" outlive_s = 30 restart_ms = 200 }\n' "$(cat "$dir/switch.port")"
} | into "$conf"

echo "started when it is ready, and confined"
within_ns systemctl start gcxvm || { within_ns journalctl -u gcxvm --no-pager; die "it does not start"; }
ready || say_failed "started before it was ready"
is StatusText Serving || say_failed "status: $(property StatusText)"
main=$(property MainPID)
for line in 'NoNewPrivs:.1' 'Seccomp:.2' 'CapEff:.0000000000000000'; do
    within_ns grep -q "^$line\$" "/proc/$main/status" || say_failed "it is not confined: $line"
done
[ "$(within_ns stat -c %U "/proc/$main")" = gcx ] || say_failed "it does not run as its own user"
[ "$(within_ns stat -c '%U %a' /var/lib/gcx)" = 'gcx 700' ] || say_failed "its state is not its own"
await link_is_up
await are_waiting 1

echo "reloaded"
echo "insert into agent (name) values ('zoe');" | within_ns sh -c "cat >>'$etc/directory.sql'"
within_ns systemctl reload gcxvm || say_failed "systemctl reload"
await eval 'ctl agents | grep -q zoe'
echo nonsense | within_ns sh -c "cat >>'$etc/directory.sql'"
within_ns systemctl reload gcxvm
await is StatusText 'Serving what was loaded before: the last load failed'
within_ns sed -i '$d' "$etc/directory.sql"
is ActiveState active || say_failed "a reload that failed has ended it"

echo "crashed"
adapter_of() { ctl links --json | sed -n 's/^ *"pid": \([0-9]*\),\{0,1\}$/\1/p'; }
adapter=$(adapter_of)
within_ns kill -9 "$main"
await is NRestarts 1
await ready
await are_waiting 1
await says 'epoch 2, .* 1 interactions live' || say_failed "the call is not in its journal"
[ -n "$adapter" ] && [ "$(adapter_of)" = "$adapter" ] || say_failed "the adapter has not outlived it"

echo "hanging"
within_ns kill -STOP "$(property MainPID)"
await is NRestarts 2
await says 'Watchdog timeout' || say_failed "systemd has not missed it"
await ready
await are_waiting 1

echo "no space for longer than systemd's own limit of starts"
within_ns sed -i '1i space_mb = 1' "$conf"
within_ns fallocate -l 1M /var/lib/gcx/ballast
within_ns kill -9 "$(property MainPID)"
starts_reach() { [ "$(property NRestarts)" -ge "$1" ]; }
await starts_reach 10
await says 'of its space is free; make room' || say_failed "the log does not say why it ends"
within_ns rm /var/lib/gcx/ballast
within_ns sed -i 1d "$conf"
await ready
await are_waiting 1

echo "stopped when the call has gone"
within_ns systemctl stop gcxvm &
stopping=$!
await is ActiveState deactivating
drains() { [[ $(property StatusText) == 'Draining: 1 interactions'* ]]; }
await drains
kill -0 "$stopping" || say_failed "it did not wait"
ready_now 7001
await is ActiveState inactive
is Result success || say_failed "result: $(property Result)"
wait "$stopping" || say_failed "systemctl stop"
[ "$(within_ns pgrep -c -u gcx)" = 0 ] || say_failed "it has left something behind"
await says 'EventRouteUsed .*to=7001' || say_failed "the call was not routed"
finish
