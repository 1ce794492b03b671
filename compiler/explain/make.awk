# compiler/explain/make.awk - Texts of codes (E04-names.txt and the like) to rows of C: EXPLAIN("E0412", text, mend, wrong,
# right), in the order of the files. `text` and `mend` are one line each; of the examples the indent is taken off.
# As a string of C; a character at a time, as awks differ in what a backslash in gsub() means.
function quoted(text,    i, c, whole) {
    whole = "\""
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "\\" || c == "\"" || c == "?") whole = whole "\\" c
        else if (c == "\n") whole = whole "\\n"
        else whole = whole c
    }
    return whole "\""
}
function wrong_form(why) {
    print FILENAME ":" FNR ": " why > "/dev/stderr"
    failed = 1
    exit 1
}
function finish() {
    if (code == "") return
    if (what == "" || mend == "") wrong_form("what is before this has no text or no `Mend:`")
    if (none == "" && (wrong == "" || right == "")) wrong_form("what is before this has no example")
    printf "EXPLAIN(\"%s\", %s,\n        %s,\n        %s,\n        %s)\n", code, quoted(what), quoted(mend), quoted(wrong), quoted(right)
}
/^# [A-Z][0-9][0-9][0-9][0-9]$/ {
    finish()
    code = $2
    what = mend = wrong = right = none = part = ""
    next
}
/^Mend: / { part = "mend"; mend = substr($0, 7); mend = toupper(substr(mend, 1, 1)) substr(mend, 2); next }
/^wrong:$/ { part = "wrong"; next }
/^right:$/ { part = "right"; next }
/^example: none, / { none = $0; part = ""; next }
/^    / && part == "wrong" { wrong = wrong substr($0, 5) "\n"; next }
/^    / && part == "right" { right = right substr($0, 5) "\n"; next }
/^$/ { if (part == "wrong" || part == "right") part = "blank"; next }
part == "" && none == "" && code != "" { what = what (what == "" ? "" : " ") $0; next }
part == "mend" { mend = mend " " $0; next }
{ wrong_form("this line belongs to nothing") }
END { if (!failed) finish() }
