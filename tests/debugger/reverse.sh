#!/bin/sh
# Each step back over a long journal, and the step forward from there, stand at the same digest as on the way out;
# through checkpoints. GCX_CALLS and GCX_SAMPLES make it longer by hand: 8000 calls are about 100,000 events.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
build=$(cd "$top_builddir" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$top_srcdir/tests/debugger" || exit 1
cp site.gcx "$work" || exit 1
{
    sed '/^test /,$d' past.gcx
    echo 'test "many callers" {'
    seq -f '    agent a%g in group help ready;' 20
    echo '    ivr.digits(prompt account, min: 4) -> "4711" after 3s;'
    echo '    ivr.digits(prompt account, min: 2) -> "42";'
    seq -f '    after %gs: call past from "+33145550101";' "${GCX_CALLS-200}"
    echo '}'
} >"$work/many.gcx"
"$build/gcxc" build "$work/many.gcx" -o "$work/many.gcxb" || exit 1
"$build/tests/debugger/journal" "$work/many.gcxb" "$work" "many callers" || exit 1
"$build/tests/debugger/reverse" "$work" "${GCX_SAMPLES-25}" "${GCX_EACH-200}" >"$work/said"
status=$?
grep 'line\|reverse:\|checkpoint' "$work/said" | grep -v '^ ' # without the timeline
exit $status
