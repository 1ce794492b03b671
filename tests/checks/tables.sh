#!/bin/sh
# Fails where a new row of a table would make 45 objects of the rooms anew, or more: who includes a table, by a header or
# another table, stands in what the compiler wrote down beside each object. vocabulary's enumerations are everybody's.
set -u
cd "$top_builddir" || exit 1
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-tables-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
# Objects that only tests have, a second VM with shadow registers among them, are left out, but for the proving ground's.
find . -path '*/.deps/*.P*o' '(' ! -path './tests/*' -o -path './tests/proving/*' ')' ! -name '*libvm_checked*' ! -name '*tests_*' -size +1k >"$dir/objects"
[ "$(wc -l <"$dir/objects")" -gt 150 ] || { echo "tables: the compiler was not asked who includes what"; exit 77; }
status=0
for table in vm/steps.def runtime/core/base/parts.def runtime/core/base/timers.def runtime/core/handlers.def \
    runtime/core/media/media.def runtime/core/statistics/statistics.def runtime/daemon/protocol/commands.def \
    $(cd "$top_srcdir" && ls runtime/core/base/facts.def runtime/core/base/facts_[iqso]*.def runtime/vocabulary/events*.def \
        runtime/vocabulary/effects*.def runtime/vocabulary/controls.def); do
    count=$(xargs grep -lF "/$table" <"$dir/objects" | wc -l)
    [ "$count" -gt 0 ] || { echo "tables: nobody includes $table"; status=1; }
    [ "$count" -lt 45 ] || { echo "tables: a row of $table makes $count objects anew; its names want a narrower header"; status=1; }
    echo "$table: $count objects"
done
exit $status
