#!/bin/sh
# A script that skips itself is skipped, one that ends without a verdict or is ended has failed; each leaves nothing.
failures=0
TMPDIR=$(mktemp -d /tmp/gcx-ending-XXXXXX) || exit 1
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

# ends CODE COMMON SHELL TEXT: a script of that text, beginning with that common file.
ends() {
    code=$1 common=$2 shell=$3
    echo ". \"$top_srcdir/tests/flows/$common.sh\"; also_end() { echo \$dir >>\"$TMPDIR/ended\"; }; $4" >"$TMPDIR/script"
    : >"$TMPDIR/ended"
    "$shell" "$TMPDIR/script" >/dev/null 2>&1
    got=$?
    [ "$got" = "$code" ] || { echo "FAILED: $common: \`$4\` ended with $got, not $code"; failures=$((failures + 1)); }
    folder=$(cat "$TMPDIR/ended")
    [ -n "$folder" ] && [ ! -e "$folder" ] ||
        { echo "FAILED: $common: \`$4\` did not clean up once: '$folder'"; failures=$((failures + 1)); }
}

for kind in "daemon_common sh" "enterprise_common bash"; do
    set -- $kind
    ends 77 "$1" "$2" 'exit 77'
    ends 77 "$1" "$2" 'cleanup 77'
    ends 1 "$1" "$2" 'true'
    ends 1 "$1" "$2" 'exit 3'
    ends 1 "$1" "$2" 'say_failed this; finish'
    ends 0 "$1" "$2" 'finish'
    ends 1 "$1" "$2" 'kill $$; sleep 5'
done
[ "$failures" = 0 ]
