# tests/quick/units.awk LISTS ... - Reads lists TARGET_FILES, and writes units: units/TARGET/FOLDER-N.c includes sources of one
# folder. Says what automake compiles of each target: its units, or with --disable-units its files (autogen.sh).
# A unit has about LINES lines and FILES files at most: processors share a room, and one that changed is soon made anew. The
# units of a folder stay as they are until a file has come or gone. A local variable may have the name of another file's
# static: that is the only warning that is off.
BEGIN { LINES = 3000; FILES = 13 }

# The sources that a unit includes: " a.c b.c".
function members_of(path,   text, all) {
    while ((getline text <path) > 0) if (sub(/^#include "/, "", text)) { sub(/"$/, "", text); all = all " " text }
    close(path)
    return all
}
function lines_of(path,   text, count) {
    while ((getline text <path) > 0) count++
    close(path)
    return count
}
# Divides the members of a folder anew, and writes down what has changed.
function divide(group, members, was,   name, lines, count, before, here, at, i, n, units, unit) {
    n = split(members, name, " ")
    for (i = 1; i <= n; i++) lines += length_of[i] = lines_of(name[i])
    count = int(lines / LINES) + 1; if (n > count * FILES) count = int(n / FILES) + 1
    for (i = 1; i <= n; i++) {
        here = int((before + length_of[i] / 2) * count / (lines + 1)); before += length_of[i]
        if (i == 1 || here != at) unit[++units] = ""
        at = here
        unit[units] = unit[units] " " name[i]
    }
    folder = group; sub(/\/[^\/]*$/, "", folder); print "mkdir -p " folder | "sh -e"
    for (i = 1; i <= units; i++) {
        if (unit[i] == was[i]) continue
        gsub(/ [^ ]+/, "#include \"&\"\n", unit[i]); gsub(/" /, "\"", unit[i])
        print "cat >" group "-" i ".c.$$ <<END\n/* Written by autogen.sh. */\n#pragma GCC diagnostic ignored \"-Wshadow\"\n" \
            unit[i] "END\nmv " group "-" i ".c.$$ " group "-" i ".c" | "sh -e"
    }
    return units
}
{ line = line $0; if (sub(/\\$/, " ", line)) next; count = split(line, word, " "); line = "" }
word[1] !~ /_FILES$/ || word[2] != "=" || word[1] == "DESK_FILES" { next }
{
    target = word[1]; sub(/_FILES$/, "", target); targets[++known] = target
    for (i = 3; i <= count; i++) {
        if (word[i] ~ /\.[ly]$/) other[target] = other[target] " " word[i]
        if (word[i] !~ /\.c$/) continue
        folder = word[i]; sub(/\/[^\/]*$/, "", folder); name = folder; sub(/.*\//, "", name)
        group = target; sub(/_la$/, "", group); group = "units/" group "/" name
        if (!(group in folders)) { groups[target, ++grouped[target]] = group; folders[group] = folder }
        if (folders[group] != folder) { print "autogen.sh: two folders of " target " have the name " name >"/dev/stderr"; bad = 1 }
        members[group] = members[group] " " word[i]
    }
}
END {
    if (bad) exit 1
    while (("ls units/*/*.c 2>/dev/null" | getline path) > 0) stale[path]
    print "if UNITS"
    for (t = 1; t <= known; t++) {
        target = targets[t]; printf "%s_SOURCES =%s", target, other[target]
        for (g = 1; g <= grouped[target]; g++) {
            group = groups[target, g]; all = ""; n = 0
            while ((was[n + 1] = members_of(group "-" n + 1 ".c")) != "") all = all was[++n]
            if (split(members[group], word, " ") == 1) { printf "%s", members[group]; continue }
            if (all != members[group]) n = divide(group, members[group], was)
            for (i = 1; i <= n; i++) { printf " %s-%d.c", group, i; delete stale[group "-" i ".c"] }
        }
        print ""
    }
    print "else"
    for (t = 1; t <= known; t++) printf "%s_SOURCES = $(%s_FILES)\n", targets[t], targets[t]
    print "endif"
    for (path in stale) print "rm -f " path | "sh -e"
    if (close("sh -e") > 0) { print "autogen.sh: the units cannot be written" >"/dev/stderr"; exit 1 }
}
