# man/ird/page.awk - Makes the rows of gcx-ird(7) from the .gcx files beside it, which a check compiles.
# `//= covered: NAMES`, `in part` or `missing` begins a row; `//` lines behind it are its remark, other lines its gcx;
# a blank line or `//.` ends it. With totals=1: how many names are covered, in part, missing.
function escaped(line) {
    gsub(/\\/, "\\e", line)
    return line ~ /^[.']/ ? "\\&" line : line
}
function names(text,   bare) {
    bare = text
    gsub(/\([^)]*\)/, "", bare)
    return split(bare, unused, ",")
}
# A sentence begins a line, as mdoc has it; no line has more than 78 characters.
function print_remark(text,   words, count, at, line) {
    count = split(text, words, " ")
    for (at = 1; at <= count; at++) {
        line = line (line == "" ? "" : " ") words[at]
        if (words[at] !~ /\.$/ && at < count && length(line) + length(words[at + 1]) < 78) continue
        print escaped(line)
        line = ""
    }
}
function end_row(   at, line, margin) {
    if (!inside) return
    inside = 0
    if (totals) return
    printf ".It Em \"%s%s\"\n", title, mark == "covered" ? "" : ": " mark
    if (remark != "") print_remark(remark)
    if (lines == 0) return
    match(code[1], /^ */)
    margin = RLENGTH
    print ".Bd -literal -compact"
    for (at = 1; at <= lines; at++) {
        line = code[at]
        print escaped(substr(line, margin + 1))
    }
    print ".Ed"
}
FNR == 1 {
    end_row()
    if (totals) next
    if (NR > 1) print ".El"
    sub(/^.*gcx-ird\(7\): /, "")
    sub(/\.$/, "")
    print ".Ss " toupper(substr($0, 1, 1)) substr($0, 2)
    print ".Bl -tag -width Ds"
    next
}
/^ *\/\/= / {
    end_row()
    sub(/^ *\/\/= /, "")
    mark = $0
    sub(/:.*/, "", mark)
    title = substr($0, length(mark) + 3)
    count[mark] += names(title)
    inside = 1
    remark = ""
    lines = 0
    next
}
inside && (/^ *$/ || /^ *\/\/\.$/) { end_row(); next }
inside && lines == 0 && /^ *\/\/ / {
    sub(/^ *\/\/ /, "")
    remark = remark (remark == "" ? "" : " ") $0
    next
}
inside { code[++lines] = $0 }
END {
    end_row()
    if (totals) print count["covered"] + 0, count["in part"] + 0, count["missing"] + 0
    else print ".El"
}
