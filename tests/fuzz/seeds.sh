#!/bin/sh
# tests/fuzz/seeds.sh BUILD NAME TO - The seeds of a target that other files of the tree are, into the folder TO.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd) name=$2
mkdir -p "$3" && cd "$3" || exit 1
language=$top/tests/language
case $name in
source)
    cp "$language"/*.gcx "$top"/strategies/*/enterprise.gcx "$top"/strategies/*/tests.gcx "$top"/tests/flows/*.gcx \
        "$top"/tests/bench/[!s]*.gcx "$top"/examples/*/*.gcx . ;;
image)
    for source in "$language"/good-*.gcx "$language"/lower-*.gcx "$language"/play-*.gcx; do
        set -- "$source"
        ! grep -qs '^site ' "$source" || set -- --site "$source" "$source"
        "$build/gcxc" build "$@" -o "$(basename "$source" .gcx).gcxb" >/dev/null 2>&1
    done
    "$build/gcxc" build "$top"/strategies/enterprise/enterprise.gcx -o enterprise.gcxb >/dev/null 2>&1 ;;
conf)
    cp "$top/runtime/daemon/gcxvm.conf.example" "$top"/examples/*/gcxvm.conf . ;;
pulled)
    cp "$language"/*.pulled . ;;
esac
[ ! -d "$top/tests/fuzz/corpus/$name" ] || cp "$top/tests/fuzz/corpus/$name"/* .
[ -n "$(ls)" ] || { echo "seeds: $name has none" >&2; exit 1; }
