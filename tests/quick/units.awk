# tests/quick/units.awk -v top=FOLDER Makefile Makefile - The same Makefile, in which the files of a room that a library or
# a program takes are compiled together (configure.ac): a file of units/ includes them. The Makefile is read twice.
# A local variable may have the name of another file's static: that is the only warning that is off here.
# A unit has about LINES lines and FILES files at most: processors share a room, and one that changed is soon made anew.
# What the build itself writes is compiled alone, and what another file includes, what several programs share, what is
# installed as an archive (who links with it takes the objects that it needs), and tests.
BEGIN { LINES = 3000; FILES = 13 }

# The object that a word of the Makefile names, without its suffix: of a .lo "room/name l", of a .o "room/name o".
function object_of(word) {
    sub(/:$/, "", word); sub(/\$\(DEPDIR\)\//, "", word)
    if (sub(/\.P?lo$/, "", word)) return word " l"
    if (sub(/\.(P?o|obj|\$\(OBJEXT\))$/, "", word)) return word " o"
    return ""
}
# The same word for the unit that has the object.
function word_of_unit(word,   name) {
    name = unit_of[object_of(word)]
    if (word ~ /DEPDIR/) sub(/[^\/]*$/, "$(DEPDIR)/&", name)
    sub(/^.*\./, ".", word)
    return name word
}

NR == FNR {
    if (/^am_[A-Za-z0-9_]*_OBJECTS =|^am__objects_[0-9]+ =/) list = $1
    for (i = 1; list != "" && i <= NF; i++)
        if ((object = object_of($i)) != "") { order[++objects] = object; list_of[object] = list; lists[object]++ }
    if (!/\\$/) list = ""
    if (/^[^ \t#]+\.l?o: [^ ]+\.c$/) ruled[object_of($1)] = $2
    if (/^\.c\.l?o:$/) { suffix = $1; gsub(/^\.c|:/, "", suffix) }
    else if (suffix != "" && /^\t/) recipe[suffix] = recipe[suffix] $0 "\n"
    else if (!/^#/) suffix = "" # lines that configure has switched off stand among them
    next
}

# Files that include a source, and those sources; files that want all of what the C library has.
function read_rooms(   command, line, file, part) {
    command = "cd " top " && grep -RE '^#include \"[^\"]*(\\.c|config\\.h)\"' --include='*.[chly]' base vm runtime compiler man tests/proving"
    while ((command | getline line) > 0) {
        file = line; sub(/:.*/, "", file); split(line, part, "\"")
        if (part[2] == "config.h") configured[file] = 1
        else alone[file] = alone[part[2]] = 1
    }
    close(command)
}
function lines_of(file,   text, count) {
    while ((getline text < (top "/" file)) > 0) count++
    close(top "/" file)
    return count
}
# Objects of a room that one library or program takes have one group: its unit's name but for the number.
function group_of(object,   group, name) {
    group = object; sub(/ [lo]$/, "", group)
    name = list_of[object]; gsub(/^am_|_OBJECTS$/, "", name)
    if (object in ruled) sub(/-[^\/]*$/, "", group)
    else sub(/[^\/]*$/, name, group)
    return group
}
function make_units(   i, object, file, group, count, at, name, path, text) {
    read_rooms()
    for (i = 1; i <= objects; i++) {
        object = order[i]; file = ruled[object]
        if (file == "") { delete ruled[object]; file = object; sub(/ [lo]$/, ".c", file) }
        source[object] = file; places[file]++
        if ((file !~ /^tests\// || file ~ /^tests\/proving\//) && !(file in length_of)) length_of[file] = lines_of(file)
    }
    for (i = 1; i <= objects; i++) {
        object = order[i]; file = source[object]
        if (lists[object] > 1 || places[file] > 2 || !length_of[file] || (file in alone) || (group = group_of(object)) ~ /_a$/) continue
        groups[object] = group; files[group]++; lines[group] += length_of[file]
    }
    for (i = 1; i <= objects; i++) {
        object = order[i]; if (!(object in groups)) continue
        group = groups[object]; file = source[object]
        count = int(lines[group] / LINES) + 1; if (files[group] > count * FILES) count = int(files[group] / FILES) + 1
        at = int((before[group] + length_of[file] / 2) * count / lines[group]) + 1; before[group] += length_of[file]
        path = file; sub(/\/[^\/]*$/, "", path); sub(/^.*\//, "", path)
        unit_of[object] = name = group "-" path "-unit" at
        if (members[name]++ == 0) lead[name] = object
        includes[name] = includes[name] "#include \"" file "\"\n"
        if (file in configured) extended[name] = 1
    }
    while (("find units -name '*.c' 2>/dev/null" | getline path) > 0) {
        while ((getline text < path) > 0) old[path] = old[path] text "\n"
        close(path)
    }
    for (name in members)
        if (members[name] > 1) { path = name; sub(/[^\/]*$/, "", path); if (!(path in folders)) made = made " units/" path; folders[path] = 1 }
    system("mkdir -p" made)
    for (i = 1; i <= objects; i++) {
        object = order[i]; if (!(object in unit_of)) continue
        name = unit_of[object]
        if (members[name] == 1) { delete unit_of[object]; continue }
        if (lead[name] != object) continue
        path = "units/" name ".c"; unit_source[name] = path
        includes[name] = (name in extended ? "#include \"config.h\"\n" : "") "#pragma GCC diagnostic ignored \"-Wshadow\"\n" includes[name]
        if (old[path] != includes[name]) { printf "%s", includes[name] >path; close(path) }
        delete old[path]
    }
    for (path in old) system("rm " path)
}
FNR == 1 { make_units() }

# Rules of an object that is in a unit become those of the unit where the object is its first, else they are left out.
# In lists and among files of what was included the first stands for the unit, too; in any other place each of them does.
leaving && /^[\t#]/ { next }
{ leaving = 0; if (!/^[\t#]/) standing = "" }
/^\t.*--mode=compile|^\t.*\$\(CC\)|^\t.*am__mv/ && standing != "" {
    name = unit_of[standing]; sub(/^.*\//, "", name)
    was = standing; sub(/ [lo]$/, "", was); sub(/^.*\//, "", was)
    gsub(was, name); gsub(source[standing], unit_source[unit_of[standing]])
    print; next
}
/^[^ \t#]+: / && ((object = object_of($1)) in unit_of) {
    if ($2 == source[object]) {
        if (lead[unit_of[object]] != object) { leaving = 1; next }
        $2 = unit_source[unit_of[object]]
    }
    if (lead[unit_of[object]] == object) standing = object
}
/^include / || /^\t-rm -f / {
    object = object_of($NF ~ /marker$/ ? $2 : $NF)
    if ((object in unit_of) && lead[unit_of[object]] != object) next
}
{
    if (!continued) listing = /^[A-Za-z0-9_]+ =/
    continued = /\\$/
    indented = /^\t/ ? "\t" : ""
    changed = 0
    for (i = 1; i <= NF; i++) {
        if (!((object = object_of($i)) in unit_of)) continue
        $i = listing && lead[unit_of[object]] != object ? "" : word_of_unit($i)
        changed = 1
    }
    print (changed ? indented : "") $0
}
END {
    for (name in unit_source) {
        object = lead[name]
        if (object in ruled) continue
        suffix = object ~ /l$/ ? ".lo" : ".o"
        printf "%s%s: %s\n%s", name, suffix, unit_source[name], recipe[suffix]
    }
}
