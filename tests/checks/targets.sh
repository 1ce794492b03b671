#!/bin/sh
# Fails where a file of the fuzzers does not compile. The plain build does not make them, so that a changed function would
# be noticed only hours later, in the build with sanitizers. Only the syntax is looked at.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
build=$(cd "${top_builddir:-build}" && pwd)
flags=$(sed -n 's/^WARN_CFLAGS = //p; /^[A-Z]*_CFLAGS = /{s/^[A-Z]*_CFLAGS = //; /\$/!p;}' "$build/Makefile" | tr '\n' ' ')
skipped='^$'
grep -q '^WITH_SIP_TRUE = #' "$build/Makefile" && skipped='/fuzz_sip_[ms]' # their library is not there
files=$(ls tests/fuzz/*.c | grep -v "$skipped")
# shellcheck disable=SC2086 # the flags are words
echo "$files" | xargs -n 12 -P 2 ${CC:-gcc} $flags -I. -I"$build" -DHAVE_CONFIG_H -DVM_CHECKED -Werror -fsyntax-only
echo "targets: $(echo "$files" | wc -l) files compile"
