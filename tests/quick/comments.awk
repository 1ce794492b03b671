# tests/quick/comments.awk -v count=30 -v seed=NUMBER FILE ... - Sentences of comments, drawn by chance, with their places
# (`make comments`). Somebody who did not write them says each in own words; one that cannot be said is written anew.
# Pictures and examples, whose lines stand four spaces further in, are no sentences.
function ends(   n, i) { # the sentences of the comment that has ended
    gsub(/[ \t]+/, " ", text); gsub(/[.?!] /, "&\n", text)
    n = split(text, sentences, "\n"); text = ""
    for (i = 1; i <= n; i++) {
        if (split(sentences[i], words, " ") < 5) continue
        # The sentence number `seen` takes one of the places with the chance count / seen: each sentence has the same.
        at = ++seen <= count ? seen : 1 + int(rand() * seen)
        if (at <= count) drawn[at] = place ": " sentences[i]
    }
}
BEGIN { srand(seed) }
FNR == 1 { within = 0; text = "" }
{
    line = $0
    if (!within) {
        code = line; gsub(/'"'/, "   ", code) # where a text of the program begins no comment does
        while (match(code, /"([^"\\]|\\.)*"/)) code = substr(code, 1, RSTART - 1) sprintf("%" RLENGTH "s", "") substr(code, RSTART + RLENGTH)
        if (!(from = index(code, "/*"))) next
        within = 1; place = FILENAME ":" FNR; line = substr(line, from + 2)
    }
    if (line !~ /^ *\*\//) sub(/^ *\* ?/, " ", line)
    to = index(line, "*/")
    if (line ~ /^( *|     .*)$/ && !to) { ends(); place = FILENAME ":" FNR + 1; next } # a paragraph is over, or a picture begins
    text = text " " (to ? substr(line, 1, to - 1) : line)
    if (to) { ends(); within = 0 }
}
END { for (at = 1; at <= count && at <= seen; at++) print drawn[at] }
