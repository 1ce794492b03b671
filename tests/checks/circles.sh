#!/bin/sh
# Fails where more files of a room call each other in a circle than circles.def says, or where there are more circles.
# A circle is a set of .c files of one room in which each file reaches each other one by calls. Such files can only be
# read, tested and changed together. A lower file tells a higher one by a table of functions, or it returns an outcome.
# Prints the calls that close each circle of a room with too many; `circles.sh ROOM` prints those of that room.
# A header's head may list the floors of its room, the highest first, behind "floors only:" or "files below it:". No file
# of the room calls one of a higher floor. A file that is not listed stands beneath them all, and calls none of them.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
find base vm runtime compiler tests/proving -name '*.c' | sort | xargs awk -v asked="${1-}" '
function room_of(path) { sub(/\/[^\/]*$/, "", path); return path }
function name_of(path) { sub(/^.*\//, "", path); return path }
BEGIN {
    while ((getline line < "tests/checks/circles.def") > 0) {
        if (line ~ /^#/ || line !~ /:/) continue
        room = line; sub(/:.*$/, "", room); sub(/^[^:]*: */, "", line)
        if (room == "circles") circles_max = line + 0
        else if (line ~ /^[0-9]+$/) files_max[room] = line + 0
        else natural[room] = 1
    }
    heads = "grep -rlE \"(floors only|files below it):$\" vm runtime compiler tests/proving --include=*.h"
    while ((heads | getline path) > 0) read_floors(path)
}
function read_floors(path,   room, line, on, floor, n, i, words) {
    room = room_of(path); on = 0; floor = 0; lists[room] = path
    while ((getline line < path) > 0 && line !~ /\*\/$/) {
        if (line ~ /(floors only|files below it):$/) { on = 1; continue }
        if (on && line !~ /^ \*     ./) { if (floor > 0) break; continue }
        if (!on) continue
        floor++
        n = split(substr(line, 3), words)
        for (i = 1; i <= n && words[i] ~ /\.c$/; i++) floor_of[room "/" words[i]] = floor
    }
    close(path)
}
FNR == 1 { file = FILENAME; nfiles++; order[nfiles] = file; comment = 0; head = ""; delete seen }
{ # code alone: without texts and comments
    code = $0
    if (comment) { if (!sub(/^.*\*\//, "", code)) next; comment = 0 }
    if (code ~ /"/) { gsub(/\\./, "", code); gsub(/"[^"]*"/, "\"\"", code) }
    if (code ~ /\/[*\/]/) {
        gsub(/\/\*([^*]|\*[^\/])*\*\//, "", code); sub(/\/\/.*$/, "", code)
        if (sub(/\/\*.*$/, "", code)) comment = 1
    }
    if (code ~ /^\{/ && head != "") { # a body: the word before the first parenthesis above it is its name
        if (head !~ /(^| )static /) {
            sub(/\(.*$/, "", head); sub(/^.*[^A-Za-z_0-9]/, "", head)
            if (head in home) home[head] = "-"; else home[head] = file
        }
        head = ""
    } else if (code ~ /^[A-Za-z_]/) head = code ~ /;$/ ? "" : code
    else if (head != "" && code ~ /^ .*[,)]$/) head = head code
    else if (code !~ /^\{/) head = ""
    while (match(code, /[A-Za-z_][A-Za-z_0-9]*\(/)) {
        name = substr(code, RSTART, RLENGTH - 1); code = substr(code, RSTART + RLENGTH)
        if (!(name in seen)) { seen[name] = 1; ncalls++; caller[ncalls] = file; called[ncalls] = name }
    }
}
# The sets in which each file reaches each other one (Tarjan).
function visit(file,   i, to, top, members) {
    depth[file] = low[file] = ++visited; stack[++height] = file; stacked[file] = 1
    for (i = 1; i <= fan[file]; i++) {
        to = target[file, i]
        if (!(to in depth)) { visit(to); if (low[to] < low[file]) low[file] = low[to] }
        else if (stacked[to] && depth[to] < low[file]) low[file] = depth[to]
    }
    if (low[file] != depth[file]) return
    members = 0
    do { top = stack[height--]; stacked[top] = 0; circle[top] = file; members++ } while (top != file)
    size[file] = members
}
function show(room,   i, file, root, to, j) {
    for (i = 1; i <= nfiles; i++) {
        file = order[i]; root = circle[file]
        if (room_of(file) != room || size[root] < 2) continue
        for (j = 1; j <= fan[file]; j++) {
            to = target[file, j]
            if (circle[to] == root) print "  " name_of(file) " calls " name_of(to) ":" by[file, to]
        }
    }
}
END {
    for (i = 1; i <= ncalls; i++) {
        file = caller[i]
        if (!(called[i] in home)) continue
        to = home[called[i]]
        if (to == "-" || to == file || room_of(to) != room_of(file)) continue
        if (!((file, to) in by)) target[file, ++fan[file]] = to
        by[file, to] = by[file, to] " " called[i]
    }
    for (i = 1; i <= nfiles; i++) if (!(order[i] in depth)) visit(order[i])
    for (i = 1; i <= nfiles; i++) {
        file = order[i]; root = circle[file]; room = room_of(file)
        if (size[root] < 2) continue
        if (room in natural) { nested[room] = 1; continue }
        files[room]++; total++; circles += file == root
    }
    if (nfiles == 0 || ncalls == 0) { print "circles: no file was read"; exit 1 }
    for (i = 1; i <= nfiles; i++) {
        file = order[i]; room = room_of(file)
        if (!(room in lists)) continue
        for (j = 1; j <= fan[file]; j++) {
            to = target[file, j]
            if ((to in floor_of) && floor_of[to] < ((file in floor_of) ? floor_of[file] : 1000)) {
                print lists[room] ": " name_of(file) " calls up, " name_of(to) ":" by[file, to]; bad = 1
            }
        }
        seen_floor[file] = 1
    }
    for (file in floor_of) if (!(file in seen_floor)) { print lists[room_of(file)] ": there is no " name_of(file); bad = 1 }
    if (asked != "") { show(asked); exit 0 }
    for (room in files)
        if (files[room] > files_max[room]) {
            print room ": " files[room] " files call each other in circles, " files_max[room] + 0 " did"; show(room); bad = 1
        }
    for (room in files_max) if (files[room] < files_max[room]) print "circles.def: " room " has " files[room] + 0 " now: lower it"
    for (room in natural) if (!(room in nested)) { print "circles.def: " room " has no circle: take its line away"; bad = 1 }
    if (circles > circles_max) { print circles " circles of files, " circles_max " were: see circles.sh ROOM"; bad = 1 }
    else if (circles < circles_max) print "circles.def: " circles " circles now: lower it"
    if (!bad) print "circles: " circles " of files that call each other, " total " files"
    exit bad
}'
