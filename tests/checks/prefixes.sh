#!/bin/sh
# Fails where more or fewer functions than tests/checks/prefixes.def says bear a name that does not tell where they stand. The first
# word of a public function's name is a word of its file's name, of the name of the header that declares it, of a folder
# above, or of a struct that this header defines. Plurals do not count: record_find may stand in records.c.
# Prints the names of rooms with too many; `prefixes.sh ROOM` prints those of that room.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
find base vm runtime compiler tests/proving -name '*.[ch]' | sort -t. -k2r,2 -k1,1 | xargs awk -v asked="${1-}" '
BEGIN {
    while ((getline line < "tests/checks/prefixes.def") > 0)
        if (line !~ /^#/) { split(line, half, /: */); most[half[1]] = half[2] + 0 }
}
# The words of a path, each without the ending of a plural: runtime/lists/cli/erase_person.c has list, cli, erase, person.
function words_of(path,   n, i, word, all) {
    sub(/\.[ch]$/, "", path); n = split(path, word, /[\/_]/); all = " "
    for (i = 1; i <= n; i++) { sub(/ies$/, "y", word[i]); sub(/s$/, "", word[i]); all = all word[i] " " }
    return all
}
function bears(name, path,   word) {
    word = name; sub(/_.*$/, "", word); sub(/ies$/, "y", word); sub(/s$/, "", word)
    if (!(path in words)) words[path] = words_of(path)
    return index(words[path] structs[path], " " word " ")
}
FNR == 1 { name = ""; room = FILENAME; sub(/\/[^\/]*$/, "", room) }
/^struct [a-z_0-9]+ \{/ && FILENAME ~ /\.h$/ { structs[FILENAME] = structs[FILENAME] words_of($2) }
/^[#\/ \t]/ || /^$/ { next }
/^\{/ {
    if (name != "" && name != "main") {
        all++
        if (!bears(name, FILENAME) && !((name in header) && bears(name, header[name]))) { count[room]++; told[room] = told[room] FILENAME ": " name "\n" }
    }
    name = ""; next
}
/^static / { name = ""; next }
{ gsub(/__attribute__\(\([^)]*(\([^)]*\))?\)\)/, "") }
match($0, /[A-Za-z_][A-Za-z_0-9]*\(/) {
    name = substr($0, RSTART, RLENGTH - 1)
    if (FILENAME ~ /\.h$/ && !(name in header)) header[name] = FILENAME
}
/;$/ { name = "" }
END {
    if (asked != "") { printf "%s", told[asked]; exit }
    for (room in count) {
        sum += count[room]
        if (count[room] > most[room]) { printf "%s%s: %d functions do not say where they stand, %d did\n", told[room], room, count[room], most[room]; bad = 1 }
    }
    for (room in most) if (count[room] < most[room]) { print "prefixes.def: " room " has " count[room] + 0 " now: lower it"; bad = 1 }
    if (all < 1000) { print "prefixes: " all + 0 " functions only were read"; bad = 1 }
    if (!bad) print "prefixes: " sum " of " all " public functions do not say where they stand"
    exit bad
}'
