#!/bin/sh
# tests/differential/seeds.sh - Random programs do the same in the interpreter and in the evaluator of their tree, and the
# compiler takes all of them: DIFFERENTIAL_SEEDS (300), from DIFFERENTIAL_SEED (1) on. Half as many are asked for what
# must hold of any program (oracles.h), and as many about secrets for secrets that others see in a run. Of one each
# allocation is refused in turn (starving.h). Under the sanitizers a third, and no refusals, each of which is a process: it
# is the plain build that finds another meaning.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
export top_srcdir
: "${top_builddir:=$top_srcdir/build}"
differential=$top_builddir/tests/differential/differential
quick=${differential}_quick # of a checked build: the VM without shadow registers
seeds=300 starving=1
grep -q __asan_init "$differential" && seeds=100 starving=0
seeds=${DIFFERENTIAL_SEEDS:-$seeds} from=${DIFFERENTIAL_SEED:-1}
"$differential" -r -n "$seeds" "$from" && "$differential" -o -n $(((seeds + 1) / 2)) "$from" &&
    "$differential" -r -s -n "$seeds" "$from" && "$differential" -a -n "$starving" "$from" &&
    { [ ! -x "$quick" ] || "$quick" -r -n "$seeds" "$from"; }
