# compiler/syntax/library.awk - The files of stdlib/ to rows of C: MODULE("hours", text), in the order in which they are named.
# As a string of C; a character at a time, as awks differ in what a backslash in gsub() means.
function quoted(text,    i, c, whole) {
    whole = "\""
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "\\" || c == "\"" || c == "?") whole = whole "\\" c
        else whole = whole c
    }
    return whole "\\n\""
}
FNR == 1 {
    if (NR > 1) print ")"
    name = FILENAME
    sub(/^.*\//, "", name)
    sub(/\.gcx$/, "", name)
    print "MODULE(\"" name "\","
}
{ print "    " quoted($0) }
END { print ")" }
