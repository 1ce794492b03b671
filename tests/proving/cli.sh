#!/bin/sh
# tests/proving/cli.sh - gcxproving's command line: stories hold; one plays again from its text as it did, and what is no
# story, or no number, is refused.
set -u
gcxproving=$top_builddir/tests/proving/gcxproving
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-proving-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
failures=0

# expect CODE TEXT ARGUMENT...: gcxproving ends so, and says so.
expect() {
    code=$1 text=$2; shift 2
    output=$("$gcxproving" "$@" 2>&1); got=$?
    [ "$got" = "$code" ] || { echo "FAILED: gcxproving $* ended with $got, not $code"; failures=$((failures + 1)); }
    case $output in
    *"$text"*) ;;
    *) echo "FAILED: gcxproving $* does not say \`$text', but: $output"; failures=$((failures + 1)) ;;
    esac
}

expect 0 'all that was promised holds' --seeds 3
expect 0 'digest ' --seed 2
printf 'seed 2 standby 92000000\n5000000 0 call 0 0\n6000000 1 kill 2 500\n' >"$dir/story"
expect 0 'digest ' --events "$dir/story"
printf '7000000 2 dance 0 0\n' >>"$dir/story"
expect 1 'line 4: not `MICROSECONDS NUMBER DEED A B' --events "$dir/story"
expect 1 'No such file' --events "$dir/none"
expect 0 'Exit codes:' --help
expect 2 '--seeds takes a whole number from 0 to 1000000000; try' --seeds many
expect 2 '--minutes takes a whole number from 0 to 100000; try' --minutes 100001
expect 2 '--seed takes a whole number; try' --seed -1
expect 2 'one argument too many: campaign' campaign

[ $failures = 0 ] || { echo "$failures failed"; exit 1; }
