#!/bin/sh
# tests/differential/seeds.sh - Random programs do the same in the interpreter and in the evaluator of their tree:
# DIFFERENTIAL_SEEDS of them (300), from DIFFERENTIAL_SEED (1) on.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
export top_srcdir
: "${top_builddir:=$top_srcdir/build}"
exec "$top_builddir/tests/differential/differential" -n "${DIFFERENTIAL_SEEDS:-300}" "${DIFFERENTIAL_SEED:-1}"
