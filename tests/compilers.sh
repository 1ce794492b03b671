#!/bin/sh
# tests/compilers.sh BUILD - gcc and clang, without optimization and with it, must decide alike: each builds vm, core,
# journal and compiler, replays the journals of journal_determinism to the digests that stand there, and plays
# COMPILERS_SEEDS (40) stories of gcxproving, whose digests are compared. `make check-compilers`: some minutes.
# The first of the four compiles each file by itself (--disable-units) and links all programs and plugins of such objects:
# a minute and a half of a processor more. JOBS: how many processes compile (2).
set -eu
top=$(cd "$(dirname "$0")/.." && pwd) work=$(cd "$1" && pwd)/compilers
top_srcdir=$top
export top_srcdir
status=0 first=''
for compiler in 'gcc -O0' 'gcc -O2' 'clang -O0' 'clang -O2'; do
    name=$(echo "$compiler" | tr -d ' ') command=${compiler% *}
    command -v "$command" >/dev/null || { echo "$name: $command is not here"; continue; }
    mkdir -p "$work/$name" && cd "$work/$name"
    units=; [ "$name" != gcc-O0 ] || units=--disable-units
    [ -f Makefile ] || "$top/configure" $units CC="${CCACHE-} $command" CFLAGS="-g1 ${compiler#* }" >configure.out 2>&1 ||
        { echo "$name: see $work/$name/configure.out"; exit 1; }
    set -- -j"${JOBS:-2}" LIBTOOL="$top/tests/quick/libtool.sh"
    [ -z "$units" ] || make "$@" all >alone.out 2>&1 || { echo "$name: see $work/$name/alone.out"; status=1; }
    if ! make "$@" check TESTS=tests/unit/journal_determinism >make.out 2>&1; then
        grep -ah 'the digest is' tests/unit/journal_determinism.log || echo "$name: see $work/$name/make.out"
        status=1
    fi
    make "$@" tests/proving/gcxproving >>make.out 2>&1 || { echo "$name: see $work/$name/make.out"; exit 1; }
    for seed in $(seq "${COMPILERS_SEEDS:-40}"); do
        echo "$seed $(tests/proving/gcxproving --seed "$seed" | tail -n 1)"
    done >stories
    if [ -z "$first" ]; then
        first=$work/$name
    elif ! cmp -s "$first/stories" stories; then
        echo "$name: not the same stories as ${first##*/}:"; diff "$first/stories" stories | head -n 4 || true; status=1
    fi
    echo "$name: $(wc -l <stories) stories and the journals played"
done
exit $status
