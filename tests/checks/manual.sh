#!/bin/sh
# Fails where mandoc finds fault with a page of the manual or a page of ours that it refers to is not there, or where
# what the pages show does not hold: the strategy and the test in gcx(7), the configuration in gcxvm.conf(5), the plugin
# in gcx-plugin(3).
set -u
command -v mandoc >/dev/null || { echo "manual: mandoc is not installed"; exit 77; }
status=0
for page in "$top_builddir"/man/*.[1-8] "$top_srcdir"/man/*.[1-8]; do
    test -f "$page" || continue
    # Pages refer to one another before any of them is installed.
    found=$(mandoc -Tlint "$page" 2>&1 | grep -v -e 'referenced manual not found' -e 'outdated mandoc.db')
    test -z "$found" || { echo "$found"; status=1; }
done
test -f "$top_builddir/man/gcx.7" || { echo "manual: man/gcx.7 was not made"; status=1; }

for page in "$top_builddir"/man/*.[1-8] "$top_srcdir"/man/*.[1-8]; do
    test -f "$page" || continue
    for other in $(sed -n 's/^\.Xr \(gcx[a-z.-]*\) \([1-8]\).*/\1.\2/p' "$page" | sort -u); do
        test -f "$top_builddir/man/$other" || test -f "$top_srcdir/man/$other" ||
            { echo "${page##*/}: there is no $other"; status=1; }
    done
done

# Every option that a program's help names is in its page.
for page in gcxc.1 gcxctl.1 gcxsim.1 gcxvm.8; do
    text=$top_builddir/man/$page
    test -f "$text" || text=$top_srcdir/man/$page
    "$top_builddir/${page%.*}" --help | grep -oE -e '--[a-z][a-z-]+' | sort -u | while read -r option; do
        grep -qE "(Fl|,) -${option#--}( |\$)" "$text" || echo "$page does not say what $option is"
    done
done | grep . && status=1

example=$(mktemp -d "${TMPDIR:-/tmp}/gcx-manual-XXXXXX") || exit 1
trap 'rm -rf "$example"' EXIT
cp "$top_srcdir"/strategies/enterprise/site.gcx "$top_srcdir"/strategies/enterprise/*.sql "$example" || exit 1
backspace=$(printf '\b')
mandoc -Tascii "$top_builddir/man/gcx.7" | sed "s/.$backspace//g" >"$example/page"
{ sed -n '/A whole strategy/,/^WORDS/p' "$example/page" | sed '1d;$d'
    sed -n '/^     test "a gold/,/^     }/p' "$example/page"; } >"$example/example.gcx"
# The page's own site serves them.
mkdir "$example/holidays" && echo 2026-07-14 >"$example/holidays/FR.txt"
awk '/^ *site \{$/ { inside = 1; margin = index($0, "s") } inside { print } inside && $0 ~ /}$/ && index($0, "}") == margin { exit }' \
    "$example/page" >"$example/site.gcx"
grep -q 'schedule hours' "$example/site.gcx" || { echo "gcx.7: its site is not found"; status=1; }
"$top_builddir/gcxc" test "$example" >"$example/said" 2>&1 && grep -q '^1 passed, 0 failed' "$example/said" ||
    { echo "gcx.7: its example does not hold"; cat "$example/said"; status=1; }

mkdir "$example/later" && cp -r "$example"/*.sql "$example/site.gcx" "$example/holidays" "$example/later"
awk '/^ *strategy (later on voice|back on callback) \{$/ { inside = 1; margin = index($0, "s") } inside { print }
    inside && $0 ~ /}$/ && index($0, "}") == margin { inside = 0 }' "$example/page" >"$example/later/later.gcx"
grep -q 'callback.book' "$example/later/later.gcx" && grep -q 'callback.dial' "$example/later/later.gcx" &&
    "$top_builddir/gcxc" check "$example/later" >"$example/said" 2>&1 && ! test -s "$example/said" ||
    { echo "gcx.7: its call-backs for later do not compile"; cat "$example/said"; status=1; }

# Of each step of calls the list says whether it may have tries, as gcxc has it.
mkdir "$example/tries" && echo 'site { queue desk; default timeout 1m; }' >"$example/tries/site.gcx"
awk '/^\.Sh / { inside = $2 == "STEPS" } !inside { next }
    /^\.It Sy "/ { if (name) print name, may; split($0, part, "\""); name = part[2]; may = "no" }
    $0 == "May have" { getline; if ($0 == ".Ic tries .") may = "yes" } END { print name, may }' "$top_builddir/man/gcx.7" |
    grep -E '^((ivr|call|recording|callback)\.[a-z_]+|route) ' >"$example/tries/steps"
compared=0
while read -r step may; do
    medium=voice call="$step()"
    [ "$step" != callback.dial ] || medium=callback
    [ "$step" != route ] || call="route queue desk"
    echo "strategy s on $medium { $call tries 2 pause 1s; }" >"$example/tries/s.gcx"
    has=yes
    "$top_builddir/gcxc" check "$example/tries/s.gcx" 2>&1 | grep -q "'tries' does not go with" && has=no
    [ $may = $has ] || { echo "gcx.7: may $step have tries? $may; gcxc: $has"; status=1; }
    compared=$((compared + 1))
done <"$example/tries/steps"
[ $compared -gt 15 ] && grep -q '^route no' "$example/tries/steps" || { echo "gcx.7: its list of steps is not found"; status=1; }

# shown PAGE FIRST LAST: the lines of a page between two patterns, as a reader sees them.
shown() { mandoc -Tascii -Owidth=160 "$1" | sed "s/.$backspace//g" | sed -n "/$2/,/$3/p" | sed 's/^     //; $d'; }

shown "$top_builddir/man/gcxvm.conf.5" "gcxvm(8)'s configuration" '^ *The directory may be' >"$example/gcxvm.conf"
# The least directory that the page shows is accepted with it, one with nothing in it is not, as the page says.
mkdir -p "$example/least" && cp "$example/gcxvm.conf" "$example/least"
mandoc -Tascii -Owidth=160 "$top_builddir/man/gcxvm.conf.5" | sed "s/.$backspace//g" |
    sed -n 's/^ *\(create table .*;\)$/\1/p' >"$example/least/directory.sql"
test -s "$example/least/directory.sql" &&
    "$top_builddir/gcxvm" --check "$example/least/gcxvm.conf" >"$example/said" 2>&1 ||
    { echo "gcxvm.conf.5: its empty directory is not accepted"; cat "$example/said"; status=1; }
for nothing in '' '-- nobody'; do
    echo "$nothing" >"$example/least/directory.sql"
    ! "$top_builddir/gcxvm" --check "$example/least/gcxvm.conf" >"$example/said" 2>&1 &&
        grep -q 'has no tables; is it whole?' "$example/said" && continue
    echo "gcxvm.conf.5: a directory of \`$nothing' is not refused"; cat "$example/said"; status=1
done
for conf in "$example/gcxvm.conf" "$top_builddir/examples/gcxvm.conf"; do
    mkdir -p "$example/conf" && cp "$conf" "$top_srcdir/examples/directory.sql" "$example/conf"
    "$top_builddir/gcxvm" --check "$example/conf/gcxvm.conf" >"$example/said" 2>&1 && test -s "$conf" ||
        { echo "$conf: is not accepted as it stands"; cat "$example/said"; status=1; }
    # What is said to be the default is accepted when it is given.
    sed -i '/^[^#]/!s/^#\([a-z_]* = \)/\1/' "$example/conf/gcxvm.conf"
    "$top_builddir/gcxvm" --check "$example/conf/gcxvm.conf" >"$example/said" 2>&1 ||
        { echo "$conf: its defaults are not accepted"; cat "$example/said"; status=1; }
done

shown "$top_srcdir/man/gcx-plugin.3" '^EXAMPLES' '^SEE ALSO' | sed -n '/^#include/,$p' >"$example/least.c"
if command -v cc >/dev/null && ! grep -q fsanitize "$top_builddir/dev/gcx-plugin.pc"; then
    cc -std=gnu11 -Wall -Wextra -Werror -shared -fPIC -I"$top_builddir/dev" -o "$example/least.so" "$example/least.c" \
        "$top_builddir/libgcx-plugin.a" && "$top_builddir/gcxvm" --adapter "$example/least.so" --settings ||
        { echo "gcx-plugin.3: its example is not a plugin"; status=1; }
fi
exit $status
