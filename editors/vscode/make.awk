# editors/vscode/make.awk - The template's line "@words" becomes a pattern a use, from words.def: the grammar of TextMate.
#   awk -f editors/vscode/make.awk compiler/syntax/words.def editors/vscode/template.json >editors/vscode/syntaxes/gcx.tmLanguage.json
BEGIN {
    scope["DECLARATION"] = "storage.type.gcx"
    scope["STATEMENT"] = "keyword.control.gcx"
    scope["RESERVED"] = "keyword.other.gcx"
    scope["CLAUSE"] = "keyword.other.clause.gcx"
    scope["KIND"] = "support.type.gcx"
    uses = split("DECLARATION STATEMENT RESERVED CLAUSE KIND", order, " ")
}
FNR == NR {
    if (match($0, /^WORD\("[^"]*"/)) {
        word = substr($0, 7, RLENGTH - 7)
        use = $0
        sub(/^.*, /, "", use)
        sub(/\).*$/, "", use)
        if (use in words) words[use] = words[use] "|" word
        else words[use] = word
    }
    next
}
/"@words"/ {
    for (i = 1; i <= uses; i++)
        if (order[i] in words)
            print "        { \"name\": \"" scope[order[i]] "\", \"match\": \"(?<![.\\\\w]|\\\\battach )(?:" words[order[i]] ")\\\\b(?!\\\\s*:)\" },"
    next
}
{ print }
