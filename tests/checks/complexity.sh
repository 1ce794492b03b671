#!/bin/sh
# Fails where a function has more than 30 ways through it (McCabe's number, a switch counted once), but for those of
# complexity.def, which may only get simpler. Debian's pmccabe counts; without it this is skipped.
set -eu
most=30
cd "${top_srcdir:-$(dirname "$0")/../..}"
command -v pmccabe >/dev/null || { echo "complexity: pmccabe is not installed (Debian: pmccabe)"; exit 77; }
find base vm runtime compiler tests/proving -name '*.c' | sort | xargs pmccabe 2>/dev/null | awk -v most=$most '
BEGIN {
    while ((getline line < "tests/checks/complexity.def") > 0)
        if (line !~ /^#/) { split(line, row, /: /); known[row[1]] = row[2] + 0 }
}
{
    file = $6; sub(/\(.*$/, "", file); name = file " " $NF; all++
    if ($1 <= most) next
    seen[name] = 1
    if (!(name in known)) { print name ": " $1 " ways, and " most " are allowed: divide it"; bad = 1 }
    else if ($1 > known[name]) { print name ": " $1 " ways, and it had " known[name]; bad = 1 }
    else if ($1 < known[name]) { print name ": " $1 " ways only: complexity.def can say so"; bad = 1 }
}
END {
    for (name in known) if (!(name in seen)) { print name ": needs no row of complexity.def any more"; bad = 1 }
    if (all < 1000) { print "complexity: pmccabe has counted " all + 0 " functions only"; bad = 1 }
    exit bad
}'
echo "complexity: no function has more than $most ways through it, but for $(grep -vc '^#' tests/checks/complexity.def)"
