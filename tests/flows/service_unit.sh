#!/bin/sh
# The unit file is one that systemd accepts, and confines as it should; the user and the folders are what sysusers.d and
# tmpfiles.d understand.
command -v systemd-analyze >/dev/null || exit 77
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-unit-XXXXXX") || exit 1
failures=0
cleanup() { rm -rf "$dir"; exit "$1"; }
trap 'cleanup 1' INT TERM
say_failed() { echo "FAILED: $*"; failures=$((failures + 1)); [ ! -f "$dir/output" ] || cat "$dir/output"; }
from=$top_srcdir/runtime/daemon/systemd

# As it is installed, but for the program's place: verify wants to find one there.
sed -n 's/^ExecStart=//p' "$top_builddir/runtime/daemon/systemd/gcxvm.service" | grep -q '^/.*/gcxvm /.*/gcx/gcxvm.conf$' ||
    say_failed "ExecStart does not name where things are installed"
printf '#!/bin/sh\n' >"$dir/gcxvm" && chmod +x "$dir/gcxvm"
sed "s,^ExecStart=[^ ]*,ExecStart=$dir/gcxvm," "$top_builddir/runtime/daemon/systemd/gcxvm.service" >"$dir/gcxvm.service"
systemd-analyze verify --man=no "$dir/gcxvm.service" >"$dir/output" 2>&1 || say_failed "systemd does not accept the unit"
[ ! -s "$dir/output" ] || say_failed "systemd has something to say of the unit"
# The same with what examples/ha adds to it.
mkdir "$dir/gcxvm.service.d" && sed "s,/usr/bin/gcxvm,$dir/gcxvm," "$top_srcdir/examples/ha/follow.conf" >"$dir/gcxvm.service.d/follow.conf"
systemd-analyze verify --man=no "$dir/gcxvm.service" >"$dir/output" 2>&1 || say_failed "systemd does not accept the unit that follows"
[ ! -s "$dir/output" ] || say_failed "systemd has something to say of the unit that follows"
# Whatever may mend itself is tried again for ever; what cannot is not.
grep -q '^StartLimitIntervalSec=0$' "$dir/gcxvm.service" || say_failed "after some starts on a full disk it would stay down"
grep -q '^Restart=on-failure$' "$dir/gcxvm.service" || say_failed "it is not started again"
numbers=$(sed -n 's/^EXIT(\(config\|usage\|replay\), \([0-9]*\),.*/\2/p' "$top_srcdir/runtime/daemon/service/exits.def" | tr '\n' ' ')
[ "$(sed -n 's/^RestartPreventExitStatus=//p' "$dir/gcxvm.service") " = "$numbers" ] || say_failed "RestartPreventExitStatus= is not: $numbers"
# Exposure from 0 (none) to 10, in tenths; without systemd's --offline nothing is known.
if systemd-analyze security --offline=true --threshold=15 "$dir/gcxvm.service" >"$dir/output" 2>&1; then :
elif grep -q 'exposure level' "$dir/output"; then say_failed "the service may do more than it needs"
fi
# Nothing of what it holds in memory comes onto the disk.
grep -q '^LimitCORE=0$' "$dir/gcxvm.service" || say_failed "gcxvm may be dumped"
# A domain's: the same, with a configuration and folders of its own.
unit=$top_builddir/runtime/daemon/systemd/gcxvm@.service
sed -n 's/^ExecStart=//p' "$unit" | grep -q '^/.*/gcxvm --follow /.*/gcx/%i.conf$' || say_failed "a domain does not follow by its own configuration"
[ "$(grep -c '^\(State\|Runtime\)Directory=gcx/%i$' "$unit")" = 2 ] || say_failed "domains share a folder"
sed "s,^ExecStart=[^ ]*,ExecStart=$dir/gcxvm," "$unit" >"$dir/gcxvm@.service"
cp "$dir/gcxvm@.service" "$dir/gcxvm@billing.service"
systemd-analyze verify --man=no "$dir/gcxvm@billing.service" >"$dir/output" 2>&1 || say_failed "systemd does not accept a domain's unit"
[ ! -s "$dir/output" ] || say_failed "systemd has something to say of a domain's unit"
# The records' service.
unit=$top_builddir/runtime/records/systemd/gcxrecords.service
sed -n 's/^ExecStart=//p' "$unit" | grep -q '^/.*/gcxrecords /.*/gcx/gcxvm.conf ' || say_failed "gcxrecords: ExecStart does not name where things are installed"
cp "$dir/gcxvm" "$dir/gcxrecords"
sed "s,^ExecStart=[^ ]*,ExecStart=$dir/gcxrecords," "$unit" >"$dir/gcxrecords.service"
systemd-analyze verify --man=no "$dir/gcxrecords.service" >"$dir/output" 2>&1 || say_failed "systemd does not accept gcxrecords' unit"
[ ! -s "$dir/output" ] || say_failed "systemd has something to say of gcxrecords' unit"
grep -q '^LimitCORE=0$' "$unit" || say_failed "gcxrecords may be dumped"
numbers=$(sed -n 's/^EXIT(\(config\|usage\|replay\), \([0-9]*\),.*/\2/p' "$top_srcdir/runtime/records/exits.def" | tr '\n' ' ')
[ "$(sed -n 's/^RestartPreventExitStatus=//p' "$dir/gcxrecords.service") " = "$numbers" ] || say_failed "gcxrecords: RestartPreventExitStatus= is not: $numbers"
if command -v systemd-sysusers >/dev/null && systemd-sysusers --help | grep -q -e --dry-run; then
    systemd-sysusers --dry-run "$(cd "$from" && pwd)/sysusers.d/gcx.conf" >"$dir/output" 2>&1 || say_failed "sysusers.d"
fi
if command -v systemd-tmpfiles >/dev/null; then
    mkdir -p "$dir/root/etc" && printf 'gcx:x:999:999::/:/bin/false\n' >"$dir/root/etc/passwd" && printf 'gcx:x:999:\n' >"$dir/root/etc/group"
    if [ "$(id -u)" = 0 ]; then
        systemd-tmpfiles --root="$dir/root" --create "$(cd "$from" && pwd)/tmpfiles.d/gcx.conf" >"$dir/output" 2>&1 || say_failed "tmpfiles.d"
        [ "$(stat -c '%a %u' "$dir/root/var/lib/gcx")" = '700 999' ] || say_failed "the state folder is not gcx's alone"
    fi
fi
[ "$failures" = 0 ] && cleanup 0
cleanup 1
