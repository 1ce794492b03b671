#!/bin/sh
# The Debian package's preinst and postinst beside a gcxvm that runs: who cannot carry over replaces nothing, who can
# does not stop it, and another semantics number begins from the snapshot of an orderly end. The new gcxvm reads it all
# before the old one is stopped, and once more what that has written at its end. Debian's programs that they call are
# played; gcxctl and gcxvm are real.
. "$top_srcdir/tests/flows/daemon_common.sh"

for script in preinst postinst; do
    sed "s|/etc/gcx/gcxvm.conf|$dir/gcx.conf|; s|/run/gcx-routing|$dir/gcx-routing|; s|^#DEBHELPER#|echo restarted >>'$dir/played'|" \
        "$top_srcdir/debian/gcx-routing.$script" >"$dir/$script.in"
done
own=$("$top_srcdir/debian/semantics" | head -n 1)
mkdir "$dir/bin"
played() { printf '#!/bin/sh\n%s\n' "$2" >"$dir/bin/$1"; chmod +x "$dir/bin/$1"; }
played runuser 'shift 3; exec "$@"'
played id ':'
played gcxctl "exec '$(cd "$top_builddir" && pwd)/gcxctl' \"\$@\""
played systemctl "kill -0 \$(cat '$dir/pid') 2>/dev/null"
played deb-systemd-invoke "echo \"\$1\" >>'$dir/played'; [ \$1 != stop ] || { kill \$(cat '$dir/pid'); while kill -0 \$(cat '$dir/pid') 2>/dev/null; do sleep 0.05; done; }"

# maintains CODE SCRIPT NUMBERS ARGUMENT...
maintains() {
    code=$1 script=$2
    sed "s|#SEMANTICS#|$3|" "$dir/$script.in" >"$dir/$script"
    shift 3
    : >"$dir/played"
    PATH=$dir/bin:$PATH expect_exit "$code" sh "$dir/$script" "$@"
}
did() { [ "$(tr '\n' ' ' <"$dir/played")" = "$1" ] || { say_failed "$2: did $(cat "$dir/played")"; cat "$dir/output"; }; }
runs() { kill -0 "$vm" 2>/dev/null || say_failed "$1: gcxvm does not run any more"; }
# begins: gcxvm in the background of another shell, so that whoever stops it need not be its parent.
begins() { start; echo "$vm" >"$dir/pid"; }

# brings TEXT: the package's own gcxvm, which lies beside preinst, as a script.
brings() { printf '#!/bin/sh\necho "$*" >>"%s/asked"\n%s\n' "$dir" "$1" >"$dir/gcxvm" && chmod +x "$dir/gcxvm"; }
real="exec '$(cd "$top_builddir" && pwd)/gcxvm' \"\$@\""
brings "$real"

make_world 'drain_s = 0'
echo 999999999 >"$dir/pid"
maintains 0 preinst "$own" upgrade 1.0
did 'restarted ' "without a journal"

begins
maintains 0 preinst "$own" upgrade 1.0
did 'restarted ' "the same number"
runs "the same number"
maintains 0 postinst "$own" configure 1.0
did 'restarted ' "a start that will be good"

# Neither a number that is not taken over nor a start that would fail touches the one that runs.
maintains 1 preinst "$((own + 1))" upgrade 1.0
did '' "a number that is not taken over"
grep -q "takes over semantics numbers $((own + 1)), and the journal has $own" "$dir/output" || { say_failed "preinst does not say why"; cat "$dir/output"; }
runs "a number that is not taken over"
maintains 0 postinst "$own" abort-upgrade 2.0 # which dpkg then asks of the package that stays
did '' "what was refused"
runs "what was refused"
cp "$dir/gcx.conf" "$dir/good.conf"
sed 's|^directory|partition = 9\ndirectory|' "$dir/good.conf" >"$dir/gcx.conf"
maintains 1 postinst "$own" configure 1.0
did '' "a start that would fail"
grep -q 'does not carry over: anything, because' "$dir/output" || { say_failed "postinst does not say why"; cat "$dir/output"; }
runs "a start that would fail"
cp "$dir/good.conf" "$dir/gcx.conf"

# Of another number only a snapshot can be read: none is there yet, so the new one reads what the old one cuts at its end.
brings "ls '$dir'/state/snapshots/* >/dev/null 2>&1 || { echo 'no snapshot is there'; exit 3; }"
maintains 0 preinst "$((own + 1)) $own" upgrade 1.0
did 'stop restarted ' "to the next number without a snapshot"
kill "$vm" 2>/dev/null; wait "$vm"; vm=
rm -f "$dir/gcx-routing.stopped"
begins
brings "$real"

# One that does not read what was written is not put in the place of the one that runs, whatever the numbers say.
ctl snapshot >/dev/null 2>&1
brings 'echo "a number is too large"; exit 3'
for numbers in "$own" "$((own + 1)) $own"; do
    maintains 1 preinst "$numbers" upgrade 1.0
    did '' "one that does not read it ($numbers)"
    grep -q 'a number is too large' "$dir/output" || { say_failed "preinst does not say why"; cat "$dir/output"; }
    runs "one that does not read it ($numbers)"
done
grep -qx -e "--upgrade-check --state $dir/state $dir/gcx.conf" "$dir/asked" || { say_failed "the new one was asked otherwise"; cat "$dir/asked"; }
brings 'exit 127' # a library is not there yet
maintains 0 preinst "$own" upgrade 1.0
did 'restarted ' "one that cannot be asked"
brings "$real"

# To the next number: read as it is at this moment, and stopped in order, so that a snapshot has it all.
played gcxvm "echo cut >>'$dir/played'; exec '$(cd "$top_builddir" && pwd)/gcxvm' \"\$@\""
brings "echo read >>'$dir/played'; $real"
maintains 0 preinst "$((own + 1)) $own" upgrade 1.0
did 'cut read stop read restarted ' "to the next number"
rm "$dir/bin/gcxvm"
brings "$real"
maintains 0 postinst "$((own + 1)) $own" configure 1.0
did 'restarted ' "after the next number"

# Stopped for an upgrade that then came to nothing.
maintains 0 postinst "$own" abort-upgrade 2.0
did 'restarted ' "an upgrade that was given up"

# What it has written at its end is read once more: if that fails, it is started again.
begins
brings "[ -e '$dir/once' ] && exit 3; : >'$dir/once'"
maintains 1 preinst "$((own + 1)) $own" upgrade 1.0
did 'stop start ' "one that does not read the end"
grep -q 'that one runs again' "$dir/output" || { say_failed "preinst does not say that it runs again"; cat "$dir/output"; }
kill "$vm" 2>/dev/null; wait "$vm"; vm=
brings "$real"

# It has crashed: what came after the newest snapshot only it can replay.
begins
kill -9 "$vm"; wait "$vm" 2>/dev/null; vm=
maintains 1 preinst "$((own + 1)) $own" upgrade 1.0
did '' "after a crash"
grep -q 'has cut no snapshot at its end: start it, and stop it in order' "$dir/output" || { say_failed "preinst does not say the cure"; cat "$dir/output"; }
finish
