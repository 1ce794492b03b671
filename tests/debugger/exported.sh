#!/bin/sh
# export-test of tests of every strategy in strategies/, every sixth one: the exported test passes. Each has two tests taken
# in which a step fails: their exported tests notice when the `else` by which it has failed is left out of the strategy,
# unless no test of the strategy itself can tell. That is asked of every second strategy: which tests and strategies these
# are follows from GCX_SEED, the day in ./quickstart check.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
gcxdb=$(cd "$top_builddir" && pwd)/gcxdb gcxc=$(cd "$top_builddir" && pwd)/gcxc
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$top_srcdir/strategies" || exit 1
failed=0 strategies=0 turn=${GCX_SEED:-0}
say() {
    echo "FAILED $*"
    failed=$((failed + 1))
}
unnoticed() {
    grep -F "/$place:" "$1" | grep -qF "the \`else\` of \`$step\` is left out"
}
# only_tests FILE: a copy of the strategy whose tests are those; strategies that stand between the old ones stay.
only_tests() {
    rm -rf "${work:?}/copy" && cp -r "$name" "$work/copy"
    sed -n '/^import /p; /^strategy /,/^}/p' "$name/tests.gcx" >"$work/copy/tests.gcx" && cat "$1" >>"$work/copy/tests.gcx"
    rm -f "$work/copy/exits.gcx"
}
# all_pass HOW_MANY: so many exported tests pass; the site's own rules of lint have examples, which are counted with them.
all_pass() {
    [ "$(grep -c '^ok  *exported' "$work/told")" = "$1" ] && grep -q '^[0-9]* passed, 0 failed' "$work/told"
}
for folder in */; do
    name=${folder%/} taken=0 exported=0 seen=0
    strategies=$((strategies + 1))
    : >"$work/tests" && : >"$work/exits" && : >"$work/all"
    "$gcxc" test --list "$name" >"$work/named" || say "$name: no list"
    grep -Ev ': rule [a-z_]*: (wrong|right)$' "$work/named" >"$work/list" # examples of rules play nothing
    while read -r line; do
        seen=$((seen + 1))
        [ $taken -lt 2 ] || [ $(((seen + turn) % 6)) = 0 ] || continue
        printf '%s\n' continue "export-test exported $exported" | timeout 300 "$gcxdb" run "$name" --test "${line#*: }" >"$work/said" 2>&1
        sed -n '/^test "exported/,/^}/p' "$work/said" >"$work/one"
        grep -q '    expect ' "$work/one" || { cat "$work/said"; say "$name: '${line#*: }' exports nothing to expect"; }
        cat "$work/one" >>"$work/all"
        exported=$((exported + 1))
        exits=$(sed -n "s|^.* strategy $name/\([a-z_]*\.gcx:[0-9]*\): \([a-z._ ]*\) fails: .*|\1 \2|p" "$work/said" | sort -u)
        [ -n "$exits" ] && [ $taken -lt 2 ] || continue
        cat "$work/one" >>"$work/tests"
        echo "$exits" >>"$work/exits"
        taken=$((taken + 1))
    done <"$work/list"
    only_tests "$work/all"
    "$gcxc" test "$work/copy" >"$work/told" 2>&1 && all_pass "$exported" ||
        { cat "$work/told"; say "$name: not all that is exported passes"; }
    [ $taken = 2 ] || say "$name: $taken tests in which a step fails"
    [ $(((strategies + turn) % 2)) = 0 ] || continue
    only_tests "$work/tests"
    "$gcxc" test --mutate "$work/copy" >"$work/told" 2>&1 || { cat "$work/told"; say "$name: what was exported does not pass"; }
    all_pass "$taken" || { cat "$work/told"; say "$name: not all were played"; }
    grep -qE '^[1-9][0-9]* mutants noticed' "$work/told" || { cat "$work/told"; say "$name: it notices no mutant"; }
    while read -r place step; do
        unnoticed "$work/told" || continue
        "$gcxc" test --mutate "$name" >"$work/whole" 2>&1
        unnoticed "$work/whole" || say "$name: the else of $place is not noticed"
    done <"$work/exits"
done
[ "$strategies" -ge 18 ] || say "only $strategies strategies"
exit $((failed > 0))
