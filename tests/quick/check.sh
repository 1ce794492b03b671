#!/bin/bash
# tests/quick/check.sh - Every test, in a plain build and in one with the sanitizers and the VM's shadow
# registers, and a minute of every fuzzer. Ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
. tests/quick/common.sh
passed=0 failed=0

# suite NAME DIR [configure's arguments]: builds with warnings as errors, runs make check, adds up its counts.
suite() {
    local name=$1 dir=$2 log=$2/check.log; shift 2
    if ! (build "$dir" --enable-werror "$@"); then failed=$((failed + 1)); return; fi
    say "Testing: $name"
    rm -rf "$dir/sanitizer"; mkdir -p "$dir/sanitizer"
    # In the foreground, where Ctrl-C reaches it.
    # A leak in a Criterion test is printed but does not fail it: whatever a sanitizer writes is counted below.
    ASAN_OPTIONS="log_path=$top/$dir/sanitizer/asan" UBSAN_OPTIONS="print_stacktrace=1:log_path=$top/$dir/sanitizer/ubsan" \
        watched "$log" '^(PASS|FAIL|ERROR|XPASS|SKIP):' "tests done" \
        timeout --foreground -k 10 2400 make -C "$dir" -k -j"$jobs" --no-print-directory check
    local status=$? good bad
    grep -E '^(FAIL|ERROR|XPASS|SKIP)' "$log"
    good=$(awk '/^# PASS:/ {n += $3} END {print n + 0}' "$log")
    bad=$(awk '/^# (FAIL|ERROR|XPASS):/ {n += $3} END {print n + 0}' "$log")
    if [ "$good" = 0 ] || { [ $status != 0 ] && [ "$bad" = 0 ]; }; then
        tail -n 40 "$log"; echo "make check ended with status $status: see $log"; bad=$((bad + 1))
    fi
    local found reports
    # A process that was forked by one with a second thread, as Criterion's are, says at its end that it cannot find
    # that thread: the only line that is no finding.
    found=$(grep -rlvxE '(==[0-9]+==Running thread [0-9]+ was not suspended\. False leaks are possible\.)?' "$dir/sanitizer")
    reports=$(printf '%s' "$found" | grep -c .)
    if [ "$reports" -gt 0 ]; then
        printf '%s\n' "$found" | head -n 3 | xargs head -n 40
        echo "$reports sanitizer reports in $dir/sanitizer"; bad=$((bad + reports))
    fi
    if [ "$bad" -gt 0 ] && [ -f "$dir/test-suite.log" ]; then grep -aE -A 30 '^(not ok|FAIL|ERROR)' "$dir/test-suite.log" | head -n 120; fi
    printf '    %s: %d passed, %d failed\n' "$name" "$good" "$bad"
    passed=$((passed + good)) failed=$((failed + bad))
}

# Each fuzzer for FUZZ_SECONDS, a test each; one more at once than there are processors. One that finds something prints
# the command that does it again, with the input.
fuzzers() {
    local log=build-fuzz/fuzz.log good all
    all=$(find tests/fuzz -name 'fuzz_*.c' | wc -l)
    if ! (targets=fuzz-targets build build-fuzz --enable-fuzz --enable-werror CC=clang CFLAGS='-g -O1'); then
        failed=$((failed + all)); return
    fi
    say "Fuzzing"
    FUZZ_JOBS=$((jobs + 1)) timeout --foreground -k 10 3600 make -C build-fuzz --no-print-directory -s fuzz \
        FUZZ_SECONDS="${FUZZ_SECONDS:-60}" 2>&1 | tee "$log"
    good=$(grep -c 'found: nothing$' "$log")
    printf '    fuzzers: %d passed, %d failed\n' "$good" $((all - good))
    passed=$((passed + good)) failed=$((failed + all - good))
}

suite "plain build" build
suite "AddressSanitizer, UndefinedBehaviorSanitizer, shadow registers" build-asan --enable-asan --enable-ubsan --enable-checked \
    CFLAGS='-g -O1'

fuzzers

say "The demonstration"
if tests/quick/demo.sh build; then passed=$((passed + 1)); else failed=$((failed + 1)); fi

say "The Debian packages"
tests/checks/debian.sh
case $? in 0) passed=$((passed + 1)) ;; 77) ;; *) failed=$((failed + 1)) ;; esac

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
