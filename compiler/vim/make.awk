# compiler/vim/make.awk - The template's line `"@words` becomes a group of keywords a use, from words.def.
#   awk -f make.awk words.def template.vim
FNR == NR {
    if (match($0, /^WORD\("[^"]*"/)) {
        word = substr($0, 7, RLENGTH - 7)
        use = $0
        sub(/^.*, /, "", use)
        sub(/\).*$/, "", use)
        words[use] = words[use] " " word
    }
    next
}
$0 == "\"@words" {
    for (use in words) uses[++count] = use
    for (i = 2; i <= count; i++) # an order that is the same everywhere
        for (j = i; j > 1 && uses[j - 1] > uses[j]; j--) { swap = uses[j]; uses[j] = uses[j - 1]; uses[j - 1] = swap }
    for (i = 1; i <= count; i++) {
        group = "gcx" substr(uses[i], 1, 1) tolower(substr(uses[i], 2))
        print "syntax keyword " group words[uses[i]]
    }
    next
}
{ print }
