#!/bin/bash
# Fails where a figure whose rival is not installed is told as met or missed, or the absent one is not named; where a
# rival's package is not among those that `quickstart bench` installs; or where a text of the tree keeps a figure, which
# would be there still when what it was measured on has changed: figures are in build/bench.json, with their commit.
# Measures nothing.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
set -u
cd "$top_srcdir" || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/gcx-bench-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
status=0
fail() { echo "bench: $*"; status=1; }

# A machine that has one of the rivals, whose figure is 100.
mkdir "$work/bin" && for tool in awk sort cat; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
printf '#!%s\necho 100\n' "$(command -v bash)" >"$work/bin/lua5.4" && chmod +x "$work/bin/lua5.4" || exit 1
(
    PATH=$work/bin rows=$work/rows measured_on=0abc
    . tests/bench/figures.sh
    figures_begin
    for _ in 1 2 3; do
        beside "$work/lua" lua5.4 five.lua
        beside "$work/jit" luajit five.lua
    done
    figure quick times/s 900 "Lua 5.4" "$(median <"$work/lua")" ">=8"
    figure slow times/s 700 "Lua 5.4" "$(median <"$work/lua")" ">=8"
    figure alone times/s 900 LuaJIT "$(median <"$work/jit")" ">=6"
    figure size bytes 400 LuaJIT "$(median <"$work/jit")" "<=1"
    figure bounded bytes 400 LuaJIT "$(median <"$work/jit")" "<512"
    figure large bytes 600 - - "<512"
    figure compared lines/s 5 LuaJIT "$(median <"$work/jit")" -
    figure unknown ms '?' - - "<50"
    figure counted lines 12 - - -
    figures_end "$work/bench.json"
) >"$work/said" 2>&1 || fail "the report ends with $?"

[ "$(grep -c 'luajit is not installed.*Debian: luajit' "$work/said")" = 1 ] || fail "the absent one is to be named, once"
grep -q 'lua5.4 is not' "$work/said" && fail "the one that is there is named as absent"
verdict() { # NAME VERDICT RIVAL-FIGURE RATIO: in the table and in the JSON
    grep -q "^$1 .* $2\$" "$work/said" || fail "$1 is to be told as: $2"
    grep -q "\"name\":\"$1\",.*\"rival_figure\":$3,\"ratio\":$4,.*\"verdict\":\"$2\",\"commit\":\"0abc\"}" "$work/bench.json" ||
        fail "$1 is to be written as: $2, rival $3, ratio $4"
}
verdict quick met 100 9
verdict slow missed 100 7
verdict alone 'not measured' null null
verdict size 'not measured' null null
verdict bounded met null null
verdict large missed null null
verdict compared 'not measured' null null
verdict unknown 'not measured' null null
verdict counted - null null
grep -q '"name":"unknown","unit":"ms","ours":null,' "$work/bench.json" || fail "what was not measured is to be null"
grep -q '^alone .* LuaJIT  *not measured ' "$work/said" || fail "the rival's figure is to be told as not measured"
! command -v jq >/dev/null || jq -e 'length == 9' "$work/bench.json" >/dev/null || fail "bench.json is no JSON"
[ $status = 0 ] || cat "$work/said" "$work/bench.json"

# against.sh: an increase of more than a fiftieth counts, and what cannot be counted any more, unless it is accepted.
(
    . tests/bench/figures.sh
    compared() { instructions_compared "$@"; echo "ends with $?"; }
    compared same 1000 1020 ' '
    compared slipped 1000 1021 ' other '
    compared wanted 1000 2000 ' other wanted '
    compared gone 1000 '?' ' '
    compared begun '?' 1000 ' '
) >"$work/compared"
[ "$(sed 's/  */ /g' "$work/compared")" = "same 1000 1020 1.0200
ends with 0
slipped 1000 1021 1.0210 more than before
ends with 1
wanted 1000 2000 2.0000 accepted
ends with 0
gone 1000 ? - not counted
ends with 1
begun ? 1000 -
ends with 0" ] || { cat "$work/compared"; fail "the comparison with another commit is to say otherwise"; }

# What a run may lack is installed by quickstart bench.
eval "$(grep '^declare -A package=' tests/bench/figures.sh)"
names=${package[*]}
[ -n "$names" ] || fail "tests/bench/figures.sh names no packages"
for package in $names; do
    sed -n '/^\(build\|demo\|bench\) /p' tests/packages | grep -qw -e "$package" || fail "tests/packages, bench: lacks $package"
done

grep -nE '[0-9] *(strategies|calls|events|times|tests|lines)/s|[0-9]+( times| ?%) (as fast|faster|slower|smaller)|of some [0-9,]+ bytes' \
    README.md CONTRIBUTING.md strategies/README.md stdlib/README.md tests/README.md man/*.in man/*.[1-8] &&
    fail "figures are in build/bench.json, with what they were measured on, and not in texts"
git -c safe.directory='*' ls-files 2>/dev/null | grep -E 'bench.*\.json$' && fail "bench.json is not kept in the tree"
[ $status = 0 ] && echo "bench: what is not measured is told so"
exit $status
