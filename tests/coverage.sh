#!/bin/sh
# tests/coverage.sh BUILD - What the tests have run, one line per room, from the counters that they left in BUILD. The pages
# are BUILD/coverage/index.html, the lines also in BUILD/coverage/rooms. A branch that only a failed assert takes is
# none.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
build=$1
mkdir -p "$build/coverage"
(cd "$build" && ${GCOVR:-gcovr} --root "$top" --gcov-executable "${GCOV:-gcov}" --object-directory . . -j 2 \
    --filter "$top/(base|vm|compiler|runtime|tests/proving)/" --exclude-unreachable-branches --exclude-throw-branches \
    --exclude-branches-by-pattern '^\s*assert\(' --gcov-ignore-parse-errors \
    --csv coverage/files.csv --html-details coverage/index.html) >"$build/coverage/log" 2>&1 ||
    { tail -n 20 "$build/coverage/log" >&2; exit 1; }
awk -F, '
function share(part, whole) { return whole ? 100 * part / whole : 0 }
function line(name) {
    return sprintf("%-26s %7d %7d %6.1f %%   %7d %7d %6.1f %%", name, lines[name], run[name],
        share(run[name], lines[name]), branches[name], taken[name], share(taken[name], branches[name]))
}
NR > 1 {
    room = $1; sub(/\/[^\/]*$/, "", room)
    split(room " all", names, " ")
    for (i in names) { n = names[i]; lines[n] += $2; run[n] += $3; branches[n] += $5; taken[n] += $6 }
}
END {
    printf "%-26s %7s %7s %8s   %7s %7s %8s\n", "room", "lines", "run", "", "branches", "taken", ""
    fflush()
    sort = "LC_ALL=C sort"
    for (n in lines) if (n != "all") print line(n) | sort
    close(sort)
    print line("all")
}' "$build/coverage/files.csv" >"$build/coverage/rooms"
cat "$build/coverage/rooms"
echo "Line by line: $build/coverage/index.html"
