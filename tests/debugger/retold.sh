#!/bin/sh
# export-test of journals: of a journal of each strategy in strategies/ the first call, told as a test, passes, and
# notices when the `else` by which a step of it has failed is left out. Taken is the first test of the strategy in which
# a step fails and whose call a test can tell whole. What is left out of every second strategy is looked at, in turns by
# GCX_SEED, the day in ./quickstart check; of the others the tests pass.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
build=$(cd "$top_builddir" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$top_srcdir/strategies" || exit 1
failed=0 strategies=0 turn=${GCX_SEED:-0}
say() {
    echo "FAILED $*"
    failed=$((failed + 1))
}
# The journal of a test: what is exported of its first call into `one`, the exits that were taken into `exits`.
retell() { # FOLDER TEST
    rm -rf "$work/journal" && mkdir "$work/journal"
    "$build/tests/debugger/journal" "$work/image.gcxb" "$work/journal" "$2" >/dev/null 2>&1
    [ -f "$work/journal/journal.db" ] || return 1
    printf '%s\n' continue 'export-test exported' | timeout 300 "$build/gcxdb" replay "$work/journal" 1 >"$work/said" 2>&1 ||
        { cat "$work/said"; say "$1: '$2' cannot be replayed"; }
    sed -n '/^test "exported/,/^}/p' "$work/said" >"$work/one"
    sed -n "s|^.* strategy $1/\([a-z_]*\.gcx:[0-9]*\): \([a-z._ ]*\) fails: .*|\1 \2|p" "$work/said" | sort -u >"$work/exits"
    [ -s "$work/exits" ] && [ -s "$work/one" ] && ! grep -q ' // ' "$work/one"
}
# all_pass HOW_MANY: so many exported tests pass; the site's own rules of lint have examples, which are counted with them.
all_pass() {
    [ "$(grep -c '^ok  *exported' "$work/told")" = "$1" ] && grep -q '^[0-9]* passed, 0 failed' "$work/told"
}
for folder in */; do
    name=${folder%/} taken=''
    strategies=$((strategies + 1))
    "$build/gcxc" build "$name" -o "$work/image.gcxb" 2>"$work/said" || { cat "$work/said"; exit 1; }
    "$build/gcxc" test --list "$name" >"$work/list"
    while read -r line && [ -z "$taken" ]; do
        retell "$name" "${line#*: }" && taken=${line#*: }
    done <"$work/list"
    [ -n "$taken" ] || { say "$name: no call of it can be told whole"; continue; }
    # In a copy of the strategy it is the only test.
    rm -rf "${work:?}/copy" && cp -r "$name" "$work/copy"
    sed -n '/^import /p' "$name/tests.gcx" >"$work/copy/tests.gcx" && cat "$work/one" >>"$work/copy/tests.gcx"
    rm -f "$work/copy/exits.gcx"
    mutate=--mutate
    [ $(((strategies + turn) % 2)) = 0 ] || mutate=
    # shellcheck disable=SC2086
    "$build/gcxc" test $mutate "$work/copy" >"$work/told" 2>&1 && all_pass 1 ||
        { cat "$work/told"; say "$name: '$taken' as it was told does not pass"; }
    [ "$mutate" ] || continue
    grep -qE '^[1-9][0-9]* mutants noticed' "$work/told" || { cat "$work/told"; say "$name: it notices no mutant"; }
    while read -r place step; do
        grep -F "/$place:" "$work/told" | grep -qF "the \`else\` of \`$step\` is left out" || continue
        "$build/gcxc" test --mutate "$name" >"$work/whole" 2>&1
        grep -F "/$place:" "$work/whole" | grep -qF "the \`else\` of \`$step\` is left out" ||
            { cat "$work/one"; say "$name: '$taken' does not notice the else of $place"; }
    done <"$work/exits"
done
# What the directory had set before the call is told, too.
"$build/gcxc" build survey -o "$work/image.gcxb" && retell survey 'who is not asked wants no survey'
grep -q '^    parameter asked_share = 0%;$' "$work/one" || { cat "$work/one"; say "survey: its parameter is not told"; }
[ "$strategies" -ge 18 ] || say "only $strategies strategies"
exit $((failed > 0))
