#!/bin/sh
# outside.sh [FIRST [ROUNDS]] - Builds the core anew so that the compiler follows what comes from outside (clang's
# DataFlowSanitizer), plays hostile events to it, and tells which assertions are asked about them: by hand, after a change of
# what the core takes, and with other numbers than 0 for other events. It ends with 1 where an assertion does not hold.
# GCX_POINTERS=0: only conditions whose own values came from outside, and not those of rows that such values led to.
set -eu
: "${top_srcdir:?the top of the sources}" "${top_builddir:?the top of the build}"
command -v clang >/dev/null || exit 77
build=$(cd "$top_builddir" && pwd); out=$build/outside/${GCX_POINTERS:-1}; mkdir -p "$out"; cd "$top_srcdir"
printf 'fun:%s=uninstrumented\nfun:%s=discard\n' 'ffi_*' 'ffi_*' 'crypto_*' 'crypto_*' 'sodium_*' 'sodium_*' \
    reallocarray reallocarray >"$out/abi"
flags="-std=gnu11 -O1 -w -fsanitize=dataflow -fsanitize-ignorelist=$out/abi -DVM_CHECKED -D_GNU_SOURCE"
[ "${GCX_POINTERS:-1}" = 1 ] || flags="$flags -mllvm -dfsan-combine-pointer-labels-on-load=false"
for file in runtime/core/*.c runtime/core/*/*.c vm/*.c base/*.c runtime/vocabulary/*.c runtime/records/hear*.c \
    runtime/records/table.c tests/unit/core_fixture.c tests/unit/core_fixture_image.c tests/unit/core_hostile_frames.c \
    tests/outside/outside.c; do
    object=$out/$(echo "$file" | tr / _).o
    [ "$object" -nt "$file" ] || echo "$file $object"
done | xargs -r -P "$(nproc)" -n 2 sh -c 'clang '"$flags"' -Itests/outside -I. -I"$0" -c "$1" -o "$2"' "$build"
clang -fsanitize=dataflow "$out"/*.o -o "$out/outside" -lsodium -lffi
"$out/outside" "$@"
