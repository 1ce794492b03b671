#!/bin/bash
# tests/quick/check.sh - Every test in a build with the sanitizers and the VM's shadow registers; in a plain build what that
# one cannot judge and what users rely on most (check-shipped in Makefile.am); and FUZZ_RUNS inputs (5000) of every fuzzer,
# fewer where one takes long. The fuzzers, the random programs and the random events of unit tests begin from SEED, the date
# (YYMMDD) unless it is given: each day tries others, and the seed that is printed repeats them. Ends with `N passed, N failed`.
# Tests with processes wait most of their time: more are run at once than there are processors, and what waits for nobody is
# done meanwhile, from the beginning, with what of the processors they leave: the sanitized build, then the fuzzers, and the
# packages. The demonstration, which waits, is shown beside the tests. Debian's packages that only tests need are installed
# while the first build is made.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
. tests/quick/common.sh
passed=0 failed=0
seed=${SEED:-$(date -u +%y%m%d)}
export FUZZ_SEED=$seed FUZZ_FRESH=yes DIFFERENTIAL_SEED=${seed}000 FORMATTED_SEED=${seed}000 GCX_SEED=$seed
again="again, with the same inputs: SEED=$seed ./quickstart check"
declare -A meanwhile=()
say() { printf '\033[1m==> %s\033[0m (after %d s)\n' "$*" "$SECONDS"; }

# phase NAME COMMAND...: runs it in a process of its own; build-asan/costs gets the name, and what processors worked for it.
phase() (
    local name=$1 status; shift
    "$@"; status=$?
    times >"build-asan/costs.$BASHPID"
    printf 'phase %s\n%s\n' "$name" "$(<"build-asan/costs.$BASHPID")" >>build-asan/costs # whole: others may end now, too
    rm "build-asan/costs.$BASHPID"
    exit $status
)

# meanwhile NICE LOG NAME COMMAND...: this phase runs in the background, with less of the processors than what is tested;
# `joined LOG` waits for it, shows the log, and succeeds if the command did. It is a process group of its own, and ends when
# this ends.
meanwhile() {
    local nice=$1 log=$2; shift 2
    set -m
    (exec 9<&-; renice -n "$nice" "$BASHPID" >/dev/null; phase "$@") </dev/null >"$log" 2>&1 &
    meanwhile[$log]=$!
    set +m
}
joined() {
    wait "${meanwhile[$1]}"; local status=$?
    unset "meanwhile[$1]"
    cat "$1"
    return $status
}
at_exit() {
    [ "$BASHPID" = $$ ] || return
    local group
    # Debian's packages would be left half installed.
    if [ -n "${meanwhile[build-asan/install.log]-}" ]; then
        say "Waiting for the installation of packages"
        wait "${meanwhile[build-asan/install.log]}"
        unset "meanwhile[build-asan/install.log]"
    fi
    for group in "${meanwhile[@]}"; do kill -- "-$group" 2>/dev/null; done
}
trap at_exit EXIT

# What is tested is built with warnings as errors. A program that is loaded where it was linked begins sooner, and thousands
# are begun. gold links in two thirds of the time, and comes with binutils as the other linker does, which makes the packages.
# The fuzzers' programs belong to the sanitized build: its objects count the paths that were taken and nothing more, since
# libFuzzer's other marks double the time of what computes (`configure --enable-fuzz` alone sets all of them). A table of the
# paths' addresses is read whole at the end of each process, where leaks are looked for.
counters=-fno-sanitize-coverage=trace-cmp,trace-div,trace-gep,indirect-calls,stack-depth,pc-table
# Three of UBSan's checks stand before each access through a pointer, and take two fifths of the time in which the compiler
# works. A pointer that is null or leads beyond its object ends in AddressSanitizer's report, too; one that is not aligned
# is found by `make check-slow`, whose build has all checks. waiting.mk says which rooms are not optimised.
pointers=-fno-sanitize=null,alignment,object-size
build_plain() { build build --enable-werror CFLAGS='-g1 -O2' LDFLAGS=-fuse-ld=gold; }
build_asan() { MAKEFILES=$top/tests/quick/waiting.mk targets="check TESTS=" build build-asan --enable-werror --enable-asan --enable-ubsan --enable-checked --enable-fuzz CC=clang CFLAGS="-g1 -O1 $counters $pointers" LDFLAGS='-no-pie -fuse-ld=gold' && : >build-asan/made; }

# matters LOG COUNT: of what failed, so many lines: those that say what failed, then the last ones.
matters() {
    awk -v most="$2" '
        { sub(/\r$/, ""); line[NR] = substr($0, 1, 240) }
        /FAILED|^not ok|\[FAIL\]|\[CRASH\]|Assert|Sanitizer|runtime error:|Error:|rror: |^quickstart: / { if (said < most / 2) { shown[NR] = 1; said++ } }
        END {
            for (n = NR; n > 0 && said < most; n--) if (!(n in shown) && line[n] ~ /[^ ]/) { shown[n] = 1; said++ }
            for (n = 1; n <= NR; n++) if (n in shown) print "    " line[n]
        }' "$1"
}
# The logs of DIR's tests that failed in their last run, a line each.
failing() { find "$1/tests" "$1/examples" -name '*.trs' -exec grep -lE '^:global-test-result: (FAIL|ERROR|XPASS)' {} + 2>/dev/null | sed 's/trs$/log/' | sort; }
# lost NAME LOG: this failed for good. The record of a check may keep no more than the end of what was printed: the reasons
# stand there, after everything else.
lost() {
    mkdir -p build-asan/lost
    { echo "$1"; tail -n 400 "$2"; } >"build-asan/lost/$(find build-asan/lost -type f | wc -l)" 2>/dev/null
}
reasons() {
    local count one most
    [ ! -s build-asan/once ] || { say "Failed beside others, passed by themselves"; cut -c 1-240 build-asan/once | tail -n 20; }
    count=$(find build-asan/lost -type f 2>/dev/null | wc -l)
    [ "$count" -gt 0 ] || return
    most=$((20 / count)); [ $most -le 12 ] || most=12; [ $most -ge 4 ] || most=4
    say "Why it failed"
    for one in build-asan/lost/*; do
        head -n 1 "$one"
        tail -n +2 "$one" >"$one.log" && matters "$one.log" $most
    done
}

# slowest FILE: of lines `SECONDS OWN SYSTEM NAME` the ten tests that took longest, the ten for which processors worked most,
# and those for which they worked more than tests/quick/budget allows. Some languages write a comma before the parts of a second.
slowest() {
    tr , . <"$1" | awk '{sub(/^(\.\.?\/)*/, "", $4); printf "%s %.3f %s\n", $1, $2 + $3, $4}' >"$1.sums"
    echo "    the ten slowest:"
    sort -rn "$1.sums" | head -n 10 | awk '{printf "    %7.1f s  %s\n", $1, $3}'
    echo "    the ten that cost most of the processors:"
    sort -k 2rn "$1.sums" | head -n 10 | awk '{printf "    %7.1f s  %s\n", $2, $3}'
    awk '{all += $2} END {printf "    %7.1f s  all\n", all}' "$1.sums"
    awk 'FNR == NR { if ($1 == "test") allowed[$2] = $3; next }
        { most = $3 in allowed ? allowed[$3] : allowed["each"]; if ($2 > most) printf "test %s %.1f %s\n", $3, $2, most }' \
        tests/quick/budget "$1.sums" >>build-asan/dearer
}

# budget: a line per phase, what processors worked for it and what tests/quick/budget allows; then whatever is dearer, and how
# busy the processors were. A machine that others use is slower, and a phase that waits leaves processors idle.
budget() {
    say "What it cost: seconds of a processor"
    tr , . <build-asan/costs | awk -v wall=$SECONDS -v jobs="$jobs" '
        function seconds(text,  part) { split(text, part, /[ms]/); return part[1] * 60 + part[2] }
        FNR == NR { if ($1 == "phase") { most = $2; sub(/^phase [0-9]+ /, ""); allowed[$0] = most; all_allowed += most; order[++phases] = $0 }; next }
        /^phase / { name = substr($0, 7); if (!(name in allowed)) { allowed[name] = 0; order[++phases] = name }; next }
        { worked = seconds($1) + seconds($2); cost[name] += worked; all += worked }
        function row(name, cost, most) { printf "    %-18s %7.0f of %5d%s\n", name, cost, most, (cost > most ? "  dearer" : "") }
        END {
            for (i = 1; i <= phases; i++) row(order[i], cost[order[i]], allowed[order[i]])
            row("all", all, all_allowed)
            printf "    %d processors were busy for %.0f %% of %d s\n", jobs, 100 * all / jobs / wall, wall
        }' tests/quick/budget -
    [ ! -s build-asan/dearer ] || awk '{ printf "    %s: %s s, where tests/quick/budget allows %s\n", $2, $3, $4 }' build-asan/dearer
}

# moving LOG COMMAND...: runs the command, which writes the log, and ends it with 124 where nothing has come to the log for
# STILL (900) seconds: however slow the machine is, what goes on is let go on.
still=${STILL:-900}
moving() {
    local log=$1 guard status; shift
    rm -f "$log.cut" "$log.pid"
    guard "$log" 9<&- & guard=$!
    # In the foreground, where Ctrl-C reaches it.
    sh -c 'echo $$ >"$0" && exec "$@"' "$log.pid" "$@"; status=$?
    kill "$guard" 2>/dev/null; wait "$guard" 2>/dev/null
    [ ! -f "$log.cut" ] || status=124
    rm -f "$log.cut" "$log.pid"
    return $status
}
guard() {
    local log=$1 pipe signal=TERM
    exec {pipe}<> <(:) # nothing ever comes: a sleep that leaves no process behind
    while ! read -r -t 10 -u "$pipe"; do
        [ $(($(date +%s) - $(stat -c %Y "$log"))) -ge "$still" ] || continue
        : >"$log.cut"
        kill -$signal "$(cat "$log.pid")"
        signal=KILL
    done
}

# run_tests DIR LOG JOBS TARGET [VARIABLE=VALUE]...: makes this target, with so many tests at once. Unit tests compute: they
# leave the processors to scripts, which wait for processes and look at clocks.
run_tests() {
    TEST_TIMES=$top/$1/times ASAN_OPTIONS="log_path=$top/$1/sanitizer/asan" UBSAN_OPTIONS="print_stacktrace=1:log_path=$top/$1/sanitizer/ubsan" \
        phase "tests in $1" watched "$2" '^(PASS|FAIL|ERROR|XPASS|SKIP):' "tests done" \
        moving "$2" make -C "$1" -k -j"$3" --no-print-directory "${@:4}" \
        LOG_COMPILER="nice -n 5 $top/tests/quick/timed.sh" SH_LOG_COMPILER="$top/tests/quick/timed.sh \$(SHELL)" \
        TAP_LOG_COMPILER="$top/tests/quick/timed.sh \$(SHELL)"
}

# suite NAME DIR TIMES TARGET: makes this target, check-mixed or check-shipped, in what was built there, so many times as many tests
# at once as there are processors; adds up its counts, and shows which tests took longest. A telephone's sound, a browser, a
# clock that runs on are late where others take the processors: what failed is run once more by itself, and that is told.
suite() {
    local name=$1 dir=$2 times=$3 target=$4 log=$2/check.log
    say "Testing: $name"
    rm -rf "$dir/sanitizer"; mkdir -p "$dir/sanitizer"; : >"$dir/begun"
    find "$dir/tests" -name '*.trs' -exec rm {} +
    : >"$dir/times"
    # A leak in a process that nobody waits for fails no test: whatever a sanitizer writes is counted below.
    run_tests "$dir" "$log" $((jobs * times)) "$target"
    local status=$? good bad left again one before
    # The lines that tests write as they end: those of a suite that was cut are there, too.
    grep -E '^(FAIL|ERROR|XPASS|SKIP)' "$log"
    good=$(grep -c '^PASS:' "$log")
    bad=$(grep -cE '^(FAIL|ERROR|XPASS):' "$log")
    # There is no test-suite.log where a test could not be made: that stays a failure.
    if [ $status != 124 ] && [ "$bad" -gt 0 ] && [ -f "$dir/test-suite.log" ]; then
        say "Again, one by one: what failed beside others"
        before=$(failing "$dir" | while read -r one; do echo "$one $(matters "$one" 1)"; done)
        run_tests "$dir" "$dir/again.log" 1 recheck check_PROGRAMS= check_LTLIBRARIES= check_DATA=
        again=$? left=$(grep -cE '^(FAIL|ERROR|XPASS|SKIP):' "$dir/again.log")
        if [ $again = 0 ] && [ "$left" = 0 ]; then status=0
        elif [ $again = 124 ] || [ "$left" = 0 ] || [ "$left" -gt "$bad" ]; then left=$bad
        fi
        echo "    $((bad - left)) of $bad pass by themselves"
        grep -vFf <(failing "$dir" | sed 's/$/ /') <<<"$before" | grep . >>build-asan/once
        good=$((good + bad - left)) bad=$left
    fi
    if [ $status = 124 ]; then
        echo "    cut, as no test had ended for $still seconds; these had begun:"
        find "$dir" -name '*.log' -newer "$dir/begun" ! -path '*/make.log' | while read -r one; do
            [ -f "${one%.log}.trs" ] || echo "        ${one#"$dir/"}"
        done | grep ' tests/' | head -n 20
    fi
    if [ "$good" = 0 ] || { [ $status != 0 ] && [ "$bad" = 0 ]; }; then
        tail -n 40 "$log"; echo "make check ended with status $status: see $log"; bad=$((bad + 1))
        lost "make check in $dir ended with status $status" "$log"
    fi
    local found reports
    # A process that was forked by one with a second thread says at its end that it cannot find
    # that thread; of a thread that ends at that moment it cannot read the registers: the only lines that are no finding.
    found=$(grep -rlvxE '(==[0-9]+==(Running thread [0-9]+ was not suspended\. False leaks are possible\.|Unable to get registers from thread [0-9]+\.))?' "$dir/sanitizer")
    reports=$(printf '%s' "$found" | grep -c .)
    if [ "$reports" -gt 0 ]; then
        printf '%s\n' "$found" | head -n 3 | xargs head -n 40
        echo "$reports sanitizer reports in $dir/sanitizer"; bad=$((bad + reports))
        lost "$reports sanitizer reports" "$(head -n 1 <<<"$found")"
    fi
    for one in $(failing "$dir"); do lost "$one" "$one"; done
    if [ "$bad" -gt 0 ] && [ -f "$dir/test-suite.log" ]; then grep -aE -A 30 '^(not ok|FAIL|ERROR)' "$dir/test-suite.log" | head -n 120; fi
    slowest "$dir/times"
    printf '    %s: %d passed, %d failed\n' "$name" "$good" "$bad"
    passed=$((passed + good)) failed=$((failed + bad))
}

# Each fuzzer for FUZZ_RUNS inputs, a test each: the bound makes the check say the same each time, however little of the
# processors they get. One that finds something prints the command that does it again, with the input. They begin when the
# process $1, which makes the sanitized build, has ended.
fuzzers() {
    tail --pid="$1" -f /dev/null
    [ -f build-asan/made ] || return
    FUZZ_JOBS=$jobs timeout -k 10 3600 make -C build-asan --no-print-directory -s fuzz \
        FUZZ_SECONDS="${FUZZ_SECONDS:-600}" FUZZ_RUNS="${FUZZ_RUNS-5000}"
}
fuzzed() {
    local log=build-asan/fuzz.log good all=$1
    say "Fuzzing"
    joined "$log"
    good=$(grep -c 'found: nothing$' "$log")
    printf '    fuzzers: %d passed, %d failed\n' "$good" $((all - good))
    passed=$((passed + good)) failed=$((failed + all - good))
    [ "$good" = "$all" ] || lost "fuzzers" "$log"
}

packages() {
    say "The Debian packages"
    tests/checks/debian.sh
}

# What tests need beside what is built. A background process cannot ask for a password.
needed() {
    install_packages check package && unpack_packages build-asan/unpacked
}
may_install() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }

echo "seed $seed; $again"
export GCX_POSTFIX=$top/build-asan/unpacked/postfix
mkdir -p build build-asan
: >build-asan/costs; : >build-asan/dearer; : >build-asan/once
rm -rf build-asan/made build-asan/lost
may_install && meanwhile 0 build-asan/install.log installation needed
phase configure generate build || { echo "0 passed, 1 failed"; exit 1; }
meanwhile 10 build-asan/meanwhile.log build-asan build_asan
meanwhile 19 build-asan/fuzz.log fuzzers fuzzers "${meanwhile[build-asan/meanwhile.log]}"
phase build build_plain; built=$?
if [ -n "${meanwhile[build-asan/install.log]-}" ]; then joined build-asan/install.log; else needed; fi || { echo "0 passed, 1 failed"; exit 1; }
# The modules that tests need belong to Debian's Python. It begins in a seventh of the time that another one takes behind
# pyenv's shim, and tests begin a thousand.
if [ -x /usr/bin/python3 ]; then
    mkdir -p build-asan/path && ln -sfn /usr/bin/python3 build-asan/path/python3
    PATH=$top/build-asan/path:$PATH
fi
meanwhile 19 build-asan/packages.log packages packages
shown=no
if [ $built = 0 ]; then
    meanwhile 0 build-asan/demo.log demonstration tests/quick/demo.sh build
    shown=yes
    suite "plain build" build 3 check-shipped
else
    failed=$((failed + 1))
    lost "the plain build" build/make.log
fi

all=$(find tests/fuzz -name 'fuzz_*.c' | wc -l)
if joined build-asan/meanwhile.log; then
    suite "AddressSanitizer, UndefinedBehaviorSanitizer, shadow registers" build-asan 5 check-mixed
    fuzzed "$all"
else
    joined build-asan/fuzz.log
    failed=$((failed + 1 + all))
    lost "the sanitized build" build-asan/meanwhile.log
fi
say "The demonstration"
# What fails beside others is shown once more by itself, as tests are.
if [ $shown = yes ] && { joined build-asan/demo.log || phase demonstration tests/quick/demo.sh build; }; then passed=$((passed + 1)); else failed=$((failed + 1)); lost "the demonstration" build-asan/demo.log; fi
joined build-asan/packages.log
case $? in 0) passed=$((passed + 1)) ;; 77) ;; *) failed=$((failed + 1)); lost "the Debian packages" build-asan/packages.log ;; esac

budget
reasons
[ "$failed" = 0 ] || echo "seed $seed; $again"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
