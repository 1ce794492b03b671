#!/bin/sh
# Fails where a file includes a header of a room that arrows.def does not allow it, or by another path than from the
# top, and where it calls a function or reads an object of such a room, as the objects of the build say: an include is
# not the only way to declare one. Arrows run one way: a file that needs to look back is in the wrong room.
# base/ is below all: every room may use it, and it uses none.
# libre is seen by one header of ours.
# A permission that no include and no call needs is refused, too: arrows.def says what is, and not what might be.
# A room with more than 20 files says why in arrows.def.
# Rooms of the core that own things take their parts and not the core: a line of arrows.def that begins with "@" names the
# parts that a room may touch. There at most one function in seven takes struct core, and no file sees base/state.h.
set -eu
top=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd)
build=$(cd "${top_builddir:-$top/build}" && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-arrows-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$top"
find base vm runtime compiler tests/proving '(' -name '*.[chly]' -o -name '*.def' ')' | sort | xargs awk -v uses="$dir/includes" '
BEGIN {
    while ((getline line < "tests/checks/arrows.def") > 0) {
        if (line ~ /^# [a-z\/]+: /) { split(line, half, /[ :]+/); reasoned[half[2]] = 1 }
        if (line ~ /^[#@]/ || line !~ /:/) continue
        split(line, half, ":"); rooms[half[1]] = 1
        n = split(half[2], other, " "); for (i = 1; i <= n; i++) allowed[half[1], other[i]] = 1
    }
}
function room_of(path,   p) {
    p = path
    while (sub(/\/[^\/]*$/, "", p)) if (p in rooms) return p
    return ""
}
FNR == 1 { room = room_of(FILENAME); files[room]++; if (room == "") { print FILENAME ": stands in no room of arrows.def"; bad = 1 } }
/^[ \t]*#[ \t]*include[ \t]*"/ {
    path = $0; sub(/^[^"]*"/, "", path); sub(/".*$/, "", path)
    if (path == "config.h") next
    if (path !~ /\//) { printf "%s:%d: include \"%s\" by its whole path from the top\n", FILENAME, FNR, path; bad = 1; next }
    to = room_of(path)
    print room, to >uses
    if (to == room || to == "base") next
    if (!((room, to) in allowed)) {
        printf "%s:%d: %s may not include \"%s\"\n", FILENAME, FNR, room, path; bad = 1
    }
}
END {
    for (room in files)
        if ((files[room] > 20) != (room in reasoned)) {
            print room ": " files[room] " files; beyond 20, and only then, arrows.def says why: \"# " room ": ...\""; bad = 1
        }
    for (room in reasoned) if (room ~ /\// && !(room in files)) { print room ": arrows.def has a reason for a room that is not there"; bad = 1 }
    exit bad
}'

# What is used of libre stands in one header, and no function or archive member of it is replaced.
others=$(grep -rlE '#include <re(m?|_[a-z]+)\.h>' base vm runtime compiler tests --include='*.[ch]' | grep -vxF runtime/adapters/sip/ua/libre.h) || true
[ -z "$others" ] || { echo "arrows: libre's headers are included by runtime/adapters/sip/ua/libre.h alone, and not by $others"; exit 1; }
! grep -nE 'wrap=|libre\.a' runtime/adapters/sip/local.mk || { echo "arrows: nothing of libre is replaced"; exit 1; }

find runtime/core -name '*.[ch]' | sort | xargs awk '
BEGIN {
    while ((getline line < "runtime/core/base/neighbours.def") > 0)
        if (line ~ /^PART\(/) { split(line, word, /[(, )]+/); is_part[word[3]] = 1 }
    while ((getline line < "tests/checks/arrows.def") > 0) {
        if (line !~ /^@/) continue
        split(substr(line, 2), half, ":"); kind = half[1]; n = split(half[2], other, " ")
        if (kind == "whole") for (i = 1; i <= n; i++) whole[other[i]] = 1
        else { faced[kind] = 1; for (i = 1; i <= n; i++) { touches[kind, other[i]] = 1; unused[kind, other[i]] = 1 } }
    }
}
FNR == 1 {
    room = FILENAME; sub(/\/[^\/]*$/, "", room); head = ""; commented = 0
    if (!(room in faced) && !(room in whole)) { print room ": no line of arrows.def that begins with @ has this room"; bad = 1 }
}
/^#include "runtime\/core\/base\/state.h"/ && (room in faced) { print FILENAME ": " room " may not see base/state.h"; bad = 1 }
{ # code alone
    code = $0; gsub(/\/\*[^*]*\*\//, "", code); if (code ~ /^ \*/) next
    sub(/\/\*.*$/, "", code)
}
room in faced && FILENAME != "runtime/core/base/state.h" {
    text = code
    while (match(text, /struct [a-z_]+ \*/)) {
        name = substr(text, RSTART + 7, RLENGTH - 9); text = substr(text, RSTART + RLENGTH)
        if (!(name in is_part)) continue
        delete unused[room, name]
        if (!((room, name) in touches)) { printf "%s:%d: %s may not touch the %s\n", FILENAME, FNR, room, name; bad = 1 }
    }
}
code ~ /^[#}]/ || code == "" { head = ""; next }
code ~ /^\{/ { functions[room]++; taken = head ~ /struct core \*/; takes[room] += taken; head = ""; next }
code ~ /^ .*struct core \*core = self;/ { takes[room] += !taken; taken = 1 }
code ~ /;$/ { head = ""; next }
{ head = head code }
END {
    for (room in faced)
        if (takes[room] * 7 > functions[room]) {
            print room ": " takes[room] " of " functions[room] " functions take struct core, more than one in seven"; bad = 1
        }
    for (use in unused) { split(use, word, SUBSEP); print word[1] ": touches no " word[2] ", which arrows.def lets it"; bad = 1 }
    exit bad
}'

# An object is ROOM/.libs/LIBRARY_la-NAME.o of a library and ROOM/PROGRAM-NAME.o of a program; that of a unit,
# units/LIBRARY/.libs/LIBRARY_la-FOLDER-N.o or units/PROGRAM/FOLDER-N.o, stands for the first file that the unit includes.
cd "$build"
find base vm runtime compiler tests/proving units -name '*.o' -exec nm -g -A {} + | awk -v uses="$dir/calls" '
BEGIN {
    while ((getline line < "'"$top"'/tests/checks/arrows.def") > 0) {
        if (line ~ /^[#@]/ || line !~ /:/) continue
        split(line, half, ":"); rooms[half[1]] = 1
        n = split(half[2], other, " "); for (i = 1; i <= n; i++) allowed[half[1], other[i]] = 1
    }
}
function room_of(path) {
    while (sub(/\/[^\/]*$/, "", path)) if (path in rooms) return path
    return ""
}
function first_of(unit,   line) { # the file that a unit includes first
    if (!(unit in firsts)) while ((getline line < ("'"$top"'/" unit)) > 0) if (sub(/^#include "/, "", line)) { sub(/"$/, "", line); firsts[unit] = line; break }
    return firsts[unit]
}
function stands(path) { # an object may be left of a source that is no longer there
    if (!(path in known)) known[path] = (getline first < ("'"$top"'/" path)) >= 0 || (getline first < path) >= 0
    return known[path]
}
{
    object = $1; sub(/:[^:]*$/, "", object); sub(/\.libs\//, "", object)
    type = $(NF - 1); symbol = $NF
    file = object; sub(/[^\/]*$/, "", file); name = object; sub(/^.*\//, "", name); sub(/\.o$/, ".c", name)
    if (file ~ /^units\//) {
        if (!stands(file name)) sub(/^[^-]*-/, "", name)
        if ((file = first_of(file name)) == "") next
    } else { sub(/^[^-]*-/, "", name); file = file name; if (!stands(file)) next }
    if (type == "U") used[file, symbol] = 1
    else if (!(symbol in room) || room[symbol] == room_of(file)) room[symbol] = room_of(file)
    else room[symbol] = "-"
}
END {
    for (use in used) {
        split(use, word, SUBSEP); from = room_of(word[1]); to = word[2] in room ? room[word[2]] : "-"
        if (to == "-" || to == from || to == "base") continue
        calls++
        print from, to >uses
        if (!((from, to) in allowed)) { print word[1] ": " from " may not use " word[2] " of " to; bad = 1 }
    }
    if (calls == 0) { print "arrows: no object was found below " ENVIRON["PWD"]; bad = 1 }
    exit bad
}'
awk 'FILENAME != ARGV[3] { used[$1, $2]; next }
    /^[#@]/ || !/:/ { next }
    { split($0, half, ":"); n = split(half[2], other, " ")
      for (i = 1; i <= n; i++) if (!((half[1], other[i]) in used)) { print half[1] ": needs nothing of " other[i] ", which arrows.def lets it use"; bad = 1 } }
    END { exit bad }' "$dir/includes" "$dir/calls" "$top/tests/checks/arrows.def"
echo "arrows: every include and call is allowed by tests/checks/arrows.def, and each permission is used"
