#!/bin/sh
# Fails where a file includes a header of a room that arrows.def does not allow it, or by another path than from the
# top. Arrows run one way: a file that needs to look back is in the wrong room.
# From vm/ everybody may take error.h; beyond it, runtime/vocabulary, host, adapter and adapters may take nothing of vm/.
set -eu
top=${top_srcdir:-$(dirname "$0")/../..}
cd "$top"
find vm runtime compiler -name '*.[chly]' | sort | xargs awk '
BEGIN {
    while ((getline line < "tests/checks/arrows.def") > 0) {
        if (line ~ /^up /) { split(line, word, " "); up[word[2], word[3]] = 1; continue }
        if (line ~ /^#/ || line !~ /:/) continue
        split(line, half, ":"); rooms[half[1]] = 1
        n = split(half[2], other, " "); for (i = 1; i <= n; i++) allowed[half[1], other[i]] = 1
    }
    split("runtime/vocabulary runtime/host runtime/adapter runtime/adapters/cti runtime/adapters/tserver", bare, " ")
    for (i in bare) only_error[bare[i]] = 1
}
function room_of(path,   p) {
    p = path
    while (sub(/\/[^\/]*$/, "", p)) if (p in rooms) return p
    return ""
}
FNR == 1 { room = room_of(FILENAME); if (room == "") { print FILENAME ": stands in no room of arrows.def"; bad = 1 } }
/^[ \t]*#[ \t]*include[ \t]*"/ {
    path = $0; sub(/^[^"]*"/, "", path); sub(/".*$/, "", path)
    if (path == "config.h") next
    if (path !~ /\//) { printf "%s:%d: include \"%s\" by its whole path from the top\n", FILENAME, FNR, path; bad = 1; next }
    to = room_of(path)
    if (to == room) next
    if ((FILENAME, path) in up) { seen[FILENAME, path] = 1; next }
    if (!((room, to) in allowed) || (to == "vm" && (room in only_error) && path != "vm/error.h")) {
        printf "%s:%d: %s may not include \"%s\"\n", FILENAME, FNR, room, path; bad = 1
    }
}
END {
    for (arrow in up) if (!(arrow in seen)) { split(arrow, word, SUBSEP); print word[1] ": includes " word[2] " no longer: take its line out of arrows.def"; bad = 1 }
    exit bad
}' && echo "arrows: every include is allowed by tests/checks/arrows.def"
