#!/bin/sh
# Fails where vm/ or runtime/core/ links a symbol outside its allow-list (tests/allow/ROOM.symbols) and its own rooms:
# no clock, socket, file, thread, libm, locale or sorting of unspecified order can creep in unseen.
set -eu
top=${top_srcdir:-$(dirname "$0")/../..}
build=${top_builddir:-$top/build}
status=0
check() { # name, its library, libraries it may use
    name=$1 own=$2; shift 2
    list="$top/tests/allow/$name.symbols"
    test -f "$list" || { echo "symbols: $list is missing"; status=1; return; }
    defined=$(mktemp) needed=$(mktemp)
    # What opens files stands in base/ for the rooms above the core.
    nm --defined-only -g "$own" "$@" 2>/dev/null | awk 'NF == 3 && $3 !~ /^file_/ {print $3}' | sort -u >"$defined"
    nm -u "$own" 2>/dev/null | awk '$1 == "U" {print $2}' | sort -u >"$needed"
    test -s "$needed" || { echo "symbols: nothing could be read from $own"; status=1; }
    # The sanitizers, the stack protector and fortified variants of allowed functions are the compiler's own; so is
    # bcmp, which clang makes of a memcmp that is only asked whether.
    for symbol in $(comm -23 "$needed" "$defined" | grep -Ev '^(__asan|__ubsan|__sanitizer|__stack_chk|_GLOBAL_OFFSET_TABLE_|__gcov|__llvm|__tls_get_addr|__odr_asan)'); do
        plain=$(printf '%s' "$symbol" | sed -E 's/^__(.*)_chk$/\1/; s/^bcmp$/memcmp/')
        if ! grep -qxF -e "$symbol" -e "$plain" "$list"; then
            echo "symbols: $name links '$symbol', which tests/allow/$name.symbols does not allow"; status=1
        fi
    done
    rm -f "$defined" "$needed"
}
check vm "$build/.libs/libvm.a" "$build/.libs/libbase.a"
check core "$build/.libs/libcore.a" "$build/.libs/libvm.a" "$build/.libs/libvocabulary.a" "$build/.libs/libbase.a"
# The interpreter has a dispatch of its own behind each instruction: a compiler that merged them into one jump would make
# every program slower, and nothing else would show it.
case $(uname -m) in
    x86_64)
        jumps=$(objdump -d --no-show-raw-insn "$build/.libs/libvm.a" 2>/dev/null |
            awk '/^[0-9a-f]+ <vm_run>:/ {inside = 1} /^$/ {inside = 0} inside && /jmp +\*/ {jumps++} END {print jumps + 0}')
        rows=$(grep -c '^OP(' "$top/vm/opcodes.def")
        nm -u "$build/.libs/libvm.a" 2>/dev/null | grep -q '__asan\|__ubsan\|__gcov' || [ "$jumps" -ge $((rows * 2 / 3)) ] ||
            { echo "symbols: vm_run has $jumps jumps for the $rows rows of opcodes.def: its dispatch is merged"; status=1; } ;;
esac
[ $status = 0 ] && echo "symbols: vm and core link only what is allowed"
exit $status
