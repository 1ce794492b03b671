#!/bin/sh
# Writes the golden snapshot of this semantics number, tests/unit/golden/promised_N.core, from a build folder: only before
# its version is released, never after. core_golden.c lists the numbers whose snapshots it loads.
set -eu
: "${top_srcdir:?the top of the sources}" "${top_builddir:?the top of the build}"
[ "${1-}" = --before-its-release ] || { echo "usage: tests/unit/golden.sh --before-its-release" >&2; exit 2; }
GOLDEN_MADE_ANEW=1 "$top_builddir/tests/unit/core_golden" --filter '*/the_world_of_*'
ls -l "$top_srcdir/tests/unit/golden"
