# man/rows.awk - Makes the rows of gcx-ird(7) and gcx-cookbook(7) from .gcx files, which a check compiles and tests.
# `//= TITLE` begins a row; `//` lines behind it are its remark, other lines its gcx. `//.`, or a line that is indented
# less than the row's first one, ends it. `covered: `, `in part: `, `instead: ` or `missing: ` may stand before the title: with
# totals=1 it prints how many names are so, and without it the page ends with that.
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
function end_row(   at, line) {
    if (!inside) return
    inside = 0
    if (totals) return
    printf ".It Em \"%s%s\"\n", title, mark == "covered" ? "" : ": " mark
    if (remark != "") print_remark(remark)
    if (lines == 0) return
    while (lines > 0 && code[lines] ~ /^ *$/) lines--
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
    sub(/^.*gcx-[a-z]+\(7\): /, "")
    sub(/\.$/, "")
    print ".Ss " toupper(substr($0, 1, 1)) substr($0, 2)
    print ".Bl -tag -width Ds"
    next
}
/^ *\/\/= / {
    end_row()
    sub(/^ *\/\/= /, "")
    mark = "covered"
    title = $0
    if (match($0, /^(covered|in part|instead|missing): /)) {
        mark = substr($0, 1, RLENGTH - 2)
        title = substr($0, RLENGTH + 1)
        count[mark] += names(title)
    }
    inside = 1
    remark = ""
    lines = 0
    next
}
inside && /^ *\/\/\.$/ { end_row(); next }
inside && lines == 0 && /^ *\/\/ / {
    sub(/^ *\/\/ /, "")
    remark = remark (remark == "" ? "" : " ") $0
    next
}
inside && lines == 0 && /^ *$/ { next }
inside && lines == 0 { match($0, /^ */); margin = RLENGTH }
inside && !/^ *$/ {
    match($0, /^ */)
    if (RLENGTH < margin) { end_row(); next }
}
inside { code[++lines] = $0 }
END {
    end_row()
    if (totals) print count["covered"] + 0, count["in part"] + 0, count["instead"] + 0, count["missing"] + 0
    else print ".El"
    if (!totals && count["covered"])
        printf ".Pp\nOf these names, %d are covered, %d in part, %d instead, and %d missing.\n", \
            count["covered"], count["in part"], count["instead"], count["missing"]
}
