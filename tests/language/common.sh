# tests/language/common.sh - What the scripts here begin with, run by `make check` or by hand: where the tree is
# ($source, $top_srcdir), what was built ($gcxc, $top_builddir), a folder of one's own ($work) that goes with the script,
# and a count of what failed. Sourced by sh.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
source=$(cd "$top_srcdir" && pwd)
gcxc=$(cd "$top_builddir" && pwd)/gcxc
[ -x "$gcxc" ] || { echo "$gcxc is not built"; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0
say() { echo "FAILED $*"; failed=$((failed + 1)); }
# needs TOOL: without it the script is skipped.
needs() { command -v "$1" >/dev/null || { echo "$1 is not installed"; exit 77; }; }
# Thousands of processes that end at once: their leaks are looked for by unit tests and fuzzers.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0; export ASAN_OPTIONS
sanitized() { grep -q __asan_init "$gcxc"; }
# soon SECONDS COMMAND...: ended after so many seconds of the processor's time, for how busy the machine is does not
# count; one that waits and does not compute is ended after ten times as many by the clock, at least two minutes. The
# status is then above 123.
soon() { (ulimit -t "$1" && clock=$(($1 > 12 ? $1 * 10 : 120)) && shift && exec timeout -k 10 "$clock" "$@"); }
# first_site DIR: the README's strategy with its site, schema and the one test that stands in tests.gcx.
first_site() {
    for file in enterprise.gcx site.gcx tests.gcx customers.sql customers-data.sql directory.sql; do
        cp "$source/strategies/enterprise/$file" "$1" || exit 1
    done
}
