#!/bin/sh
# All that a core knows is in its snapshot: while the strategies' own tests run, batches are applied by a second core, too,
# which was loaded from the first one's snapshot just before (runtime/core/twin.h). Long tests with some batches only:
# `GCX_TWIN=1 gcxc test` takes all of them, as every other test of the core and of the language does by hand.
. "$(dirname "$0")/common.sh"
played=0
for folder in "$source"/strategies/*/; do
    [ -e "$folder/tests.gcx" ] || continue
    case $folder in */call_back/ | */call_back_campaign/ | */collections/ | */three_sites/) every=101 ;; *) every=5 ;; esac
    if GCX_TWIN=$every "$gcxc" test "$folder" >"$work/said" 2>&1; then
        played=$((played + 1))
    else
        say "$folder: $(grep -v '^ok ' "$work/said" | head -n 5)"
    fi
done
[ $played -gt 10 ] || say "only $played strategies have tests"
echo "$played strategies played with a twin, $failed failed"
[ $failed = 0 ]
