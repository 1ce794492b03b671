#!/bin/sh
# Makes the golden snapshot of core_golden.c anew, from a build folder: only before its version is released, never after.
set -eu
: "${top_srcdir:?the top of the sources}" "${top_builddir:?the top of the build}"
golden=$top_srcdir/tests/unit/golden
build=$(cd "$top_builddir" && pwd)
[ "${1-}" = --before-its-release ] || { echo "usage: tests/unit/golden.sh --before-its-release" >&2; exit 2; }
(cd "$golden" && "$build/gcxc" build --site promised.gcx promised.gcx -o promised.gcxb)
GOLDEN_MADE_ANEW=1 "$top_builddir/tests/unit/core_golden" --filter '*/the_world_of_*'
ls -l "$golden"
