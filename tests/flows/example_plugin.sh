#!/bin/bash
# A plugin built outside the tree, against what `make install` puts down and by what pkg-config says of it: the headers
# are whole in C and in C++, the plugin joins gcxvm, and a visitor is routed; also by default, while gcxvm is dead.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
. "$top_srcdir/tests/flows/daemon_common.sh"
command -v pkg-config >/dev/null || { echo "pkg-config is not installed"; exit 77; }
unset MAKEFLAGS MFLAGS MAKELEVEL
ixns() { ctl interactions --json | grep -c '"ixn"'; }
routed() { ctl interactions --json | grep -c '"owner": "workshop"'; }

make -s -C "$top_builddir" install DESTDIR="$dir/root" >"$dir/install" 2>&1 || { tail -n 20 "$dir/install"; cleanup 1; }
pc=$(find "$dir/root" -name gcx-plugin.pc)
export PKG_CONFIG_SYSROOT_DIR=$dir/root PKG_CONFIG_PATH=${pc%/*}

# By the compiler of the build, which knows its flags.
: "${CC:=cc}"
case $CC in *clang*) cxx=clang++ ;; *) cxx=c++ ;; esac
for header in "$(dirname "$(find "$dir/root" -name gcx_adapter.h)")"/*.h; do
    echo "#include <gcx/${header##*/}>" >"$dir/alone.c"
    cp "$dir/alone.c" "$dir/alone.cc"
    $CC -std=c11 -Wall -Wextra -pedantic -Werror $(pkg-config --cflags gcx-plugin) -fsyntax-only "$dir/alone.c" ||
        say_failed "${header##*/} does not stand alone in C"
    ! command -v $cxx >/dev/null ||
        $cxx -std=c++17 -Wall -Wextra -pedantic -Werror $(pkg-config --cflags gcx-plugin) -fsyntax-only "$dir/alone.cc" ||
        say_failed "${header##*/} does not stand alone in C++"
done

# ---- built as anybody would ----

cp -R "$top_srcdir/examples/doorbell" "$dir/doorbell" && chmod -R u+w "$dir/doorbell"
make -s -C "$dir/doorbell" CFLAGS='-g -O1 -Wconversion -Wshadow -Werror' || { say_failed "doorbell.so was not built"; cleanup 1; }
[ "$(nm -D --defined-only "$dir/doorbell/doorbell.so" | awk '$2 ~ /[A-Z]/ {print $3}' | grep -v asan)" = gcx_adapter ] ||
    { say_failed "doorbell.so exports more than gcx_adapter"; nm -D --defined-only "$dir/doorbell/doorbell.so"; }
cd "$dir/doorbell" || exit 1
"$top_builddir/gcxc" test . || say_failed "the strategy's own tests"
"$top_builddir/gcxc" build entrance.gcx -o entrance.gcxb || cleanup 1
expect '*listen' "$gcxvm" --adapter ./doorbell.so --settings

# What its author forgot is named before it runs: by what lists its settings, and by what checks a configuration.
cp -R . "$dir/forgot" && rm "$dir/forgot/doorbell.so"
sed -i '/^ *\.core_up = /d; s/^static void core_up(/void core_up(void *, bool);\nvoid core_up(/' "$dir/forgot/doorbell.c"
make -s -C "$dir/forgot" CFLAGS='-g -O1' || say_failed "the plugin without core_up was not built"
expect 'lacks core_up' "$gcxvm" --adapter "$dir/forgot/doorbell.so" --settings
! "$gcxvm" --adapter "$dir/forgot/doorbell.so" --settings >"$dir/told" 2>&1 || say_failed "--settings of it ends with 0"
(cd "$dir/forgot" && expect 'adapter `doorbell`: the plugin'"'"'s gcx_adapter lacks core_up' "$gcxvm" --check gcxvm.conf)
! (cd "$dir/forgot" && "$gcxvm" --check gcxvm.conf) >"$dir/told" 2>&1 || say_failed "--check of it ends with 0"

# A plugin that was built before the descriptor had `look` has other bytes there: they are not called.
cp -R . "$dir/older" && rm "$dir/older/doorbell.so"
sed -i 's/^\( *\)\.core_up = .*/&\n\1.look = (void (*)(const struct gcx_look *))8,/' "$dir/older/doorbell.c"
sed -i 's/struct gcx_adapter gcx_adapter/struct gcx_adapter whole/' "$dir/older/doorbell.c"
echo '__asm__(".globl gcx_adapter\n.type gcx_adapter, @object\n.set gcx_adapter, whole\n.size gcx_adapter, 96");' >>"$dir/older/doorbell.c"
make -s -C "$dir/older" CFLAGS='-g -O1' || say_failed "the older plugin was not built"
(cd "$dir/older" && expect 'gcxvm.conf: good' "$gcxvm" --check gcxvm.conf)
[ "$(nm -S "$dir/older/doorbell.so" | sed -n 's/.* 0*\(60\) . gcx_adapter$/\1/p')" = 60 ] || say_failed "it is no older plugin"

cp gcxvm.conf "$dir/gcx.conf" && cp directory.sql entrance.gcxb "$dir"
sed -i "s,\./doorbell.so,$dir/doorbell/doorbell.so,; s,:4000\",\" outlive_s = 20 restart_ms = 200," "$dir/gcx.conf"
sed -i 's/3, 5/5, 2/g' "$dir/directory.sql"
start
await link_is up
await logged 'a door ramp, else phone 200'

# ---- be the station ----

port=$(sed -n "s/.*the station's port is \([0-9]*\).*/\1/p" "$dir/log" | tail -n 1)
exec 9<>"/dev/tcp/127.0.0.1/$port" || cleanup 1
station() { printf '%s\n' "$1" >&9; }
hears() { # hears LINE: the next of that door
    local line
    while read -r -t 60 -u 9 line; do
        [ "$line" = "$1" ] && return
        case $line in "${1%% *} "*) break ;; esac
    done
    say_failed "the station should hear '$1', not '$line'"; tail -n 20 "$dir/log"
}

station "gate ring"; hears "gate ask whom"
station "ramp ring"; hears "ramp ask whom" # two doors at once
station "gate keys 2"; hears "gate call 202"
station "gate talking"
await logged 'EventRouteUsed.*to=202'
[ "$(routed)" = 1 ] || { say_failed "the visitor at the gate is not the workshop's"; ctl interactions --json; }
station "gate gone"
station "ramp keys 1"; hears "ramp call 201"
station "ramp busy"; hears "ramp call 200" # the strategy's way out
station "ramp talking"; await logged 'EventRouteUsed.*to=200'
station "ramp gone"
await logged 'EventCallDeleted.*'

# Nonsense changes nothing.
station "cellar ring"; station "gate"; station "gate talking"; station "gate keys 1"; station "$(printf '%0200d' 0)"
station "gate ring"; hears "gate ask whom"
station "gate keys"; hears "gate ask whom"; station "gate keys 1x"; hears "gate call 200" # twice nothing: the porter
station "gate talking"; station "gate gone"

# The core dies with a visitor at the gate, whom it had in hand; another rings while it is dead. Both get phone 200.
station "gate ring"; hears "gate ask whom"
kill -9 "$vm"; wait "$vm" 2>/dev/null
hears "gate call 200"
station "ramp ring"; hears "ramp call 200"
station "ramp talking"
start 9>&-
await link_is up
await logged 'epoch 2'
await logged 'ResyncEnd ref=[0-9]* count=2'
station "gate talking"; station "gate gone"; station "ramp gone"
over() { ctl interactions --live --json >"$dir/live"; ! grep -q "\"ixn\"" "$dir/live"; }
await over

# The station breaks in the middle of a visit: its visitors are gone.
station "gate ring"; hears "gate ask whom"
exec 9>&-
await over
stop 0
grep -E 'ERROR: [A-Za-z]*Sanitizer|runtime error:|Assertion' "$dir/log" && say_failed "something broke"
finish
