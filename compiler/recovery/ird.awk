# compiler/recovery/ird.awk - Rows of gcx-ird(7) to rows of C: IRD("SelectTarget", "the line of gcx"), one per name of a
# row's title that can be typed as one word. A row is as in man/rows.awk; of its lines the first statement is taken, of a
# row without one the remark.
function quoted(text,    i, c, whole) {
    whole = "\""
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        whole = whole (c == "\\" || c == "\"" || c == "?" ? "\\" : "") c
    }
    return whole "\""
}
function finish(    names, count, i, name, meant) {
    meant = code != "" ? code : remark
    sub(/ +$/, "", meant)
    gsub(/\([^)]*\)/, "", title)
    count = meant == "" || title == "" ? 0 : split(title, names, ",")
    for (i = 1; i <= count; i++) {
        name = names[i]
        if (name ~ /[^A-Za-z -]/) continue
        gsub(/[^A-Za-z]/, "", name)
        if (name !~ /^[A-Z]/ || told[name]++) continue
        print "IRD(" quoted(name) ", " quoted(meant " // gcx-ird(7)") ")"
    }
    title = code = remark = ""
    whole = opened = 0
}
FNR == 1 { finish() }
/^ *\/\/= / {
    finish()
    title = $0
    sub(/^ *\/\/= ((covered|in part|instead|missing): )?/, "", title)
    next
}
/^ *\/\/\./ || /^}/ { finish() }
title == "" { next }
/^ *\/\/ / {
    sub(/^ *\/\/ /, "")
    if (remark !~ /\.$/) remark = remark (remark == "" ? "" : " ") $0
    next
}
/[^ ]/ && !whole {
    sub(/^ +/, "")
    code = code (code == "" ? "" : " ") $0
    opened += gsub(/{/, "{") - gsub(/}/, "}")
    whole = opened == 0 && /[;}]$/
}
END { finish() }
