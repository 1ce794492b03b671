#!/bin/sh
# tests/differential/seeds.sh - Random programs do the same in the interpreter and in the evaluator of their tree, and the
# compiler takes every one. DIFFERENTIAL_SECONDS makes it longer, DIFFERENTIAL_SEED begins elsewhere.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
exec "$top_builddir/tests/differential/differential" -r -t "${DIFFERENTIAL_SECONDS:-5}" "${DIFFERENTIAL_SEED:-1}"
