# man/rooms.awk - Draws the rooms of the source and the arrows between them, from tests/checks/arrows.def, for dot.
# Every room may use base, vm and runtime/vocabulary; these arrows are left out. What a room reaches through another
# one is left out, too, by tred(1).
BEGIN {
    print "digraph rooms { rankdir=TB; ranksep=0.45; nodesep=0.16; compound=true;"
    print "node [shape=box style=\"rounded,filled\" fillcolor=\"#eaf2fb\" color=\"#3465a4\" fontname=\"sans-serif\" fontsize=12];"
    print "edge [color=\"#888888\" arrowsize=0.6];"
}
/^[#@]/ || !/:/ { next }
{
    room = $1
    sub(/:$/, "", room)
    if (room == "vm" || room == "base" || room == "runtime/vocabulary") next
    rooms[room] = 1
    for (i = 2; i <= NF; i++)
        if ($i != "vm" && $i != "base" && $i != "runtime/vocabulary") print "\"" room "\" -> \"" $i "\";"
}
function house(room) {
    if (room ~ /^runtime\/core/) return "core"
    if (room ~ /^runtime\/daemon/) return "daemon"
    if (room ~ /^runtime\/adapters/) return "adapters"
    if (room ~ /^compiler/) return "compiler"
    return ""
}
function name(room) {
    sub(/^runtime\/(core|daemon|adapters)\//, "", room)
    sub(/^(runtime|compiler)\//, "", room)
    return room
}
END {
    for (room in rooms) {
        where = house(room)
        line = "\"" room "\" [label=\"" name(room) "\"];"
        print where == "" ? line : "subgraph \"cluster_" where "\" { label=\"" where "\"; style=rounded; color=\"#999999\"; fontname=\"sans-serif\"; " line " }"
    }
    print "}"
}
