#!/bin/sh
# What an author asks (puzzles/desk.cmd, clinic/clinic.cmd), each answered by four commands at most: one session of gcxdb
# gets all of a file, and each wanted line must be among what is said to the commands of its puzzle. A restart stands
# for a new session, and is not counted.
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
gcxdb=$(cd "$top_builddir" && pwd)/gcxdb
failed=0
for about in puzzles/desk:three clinic/clinic:busy; do
    test=${about#*:} about=${about%:*}
    cd "$top_srcdir/tests/debugger/${about%/*}" || exit 1
    "$gcxdb" -x "${about#*/}.cmd" --batch run "${about#*/}.gcx" --test "$test" 2>&1 | awk '
        /^\(gcxdb [0-9.]*s\) / {
            asked = $0
            sub(/^\(gcxdb [0-9.]*s\) /, "", asked)
            if (asked ~ /^#\? /) { puzzle = substr(asked, 4); puzzles++; commands = 0; said = "\n"; next }
            if (asked ~ /^#= /) {
                if (!index(said, "\n" substr(asked, 4) "\n")) { print "No answer: " puzzle said; failed = 1 }
                if (commands > 4) { print "More than four commands: " puzzle; failed = 1 }
                answered++
                next
            }
            if (asked !~ /^#/ && asked != "restart" && asked != "") commands++
        }
        { said = said $0 "\n" }
        END { print puzzles " puzzles"; exit failed || puzzles < 20 || answered < puzzles }' || failed=1
done
exit $failed
