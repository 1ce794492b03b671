# tests/bench/segment.awk - 10,000 prefixes of 3 to 7 digits for 8 segments, and 16 numbers: a line each for small.lua and
# small.c; with -v gcx=1 a strategy that branches over them, the longest first.
function random(n) { seed = seed * 16807 % 2147483647; return seed % n }
function digits(n,  text) { text = ""; while (n-- > 0) text = text random(10); return text }
BEGIN {
    seed = 1
    while (count < 10000) {
        prefix = digits(3 + random(5))
        if (prefix in known) continue
        known[prefix] = 1
        target = count++ % 8 + 1
        if (!gcx) print prefix, target
        arms[length(prefix), target] = arms[length(prefix), target] (arms[length(prefix), target] == "" ? "" : ", ") "prefix \"" prefix "\""
    }
    if (gcx) {
        print "function weight(number: str): int {\n    segment number {"
        for (long = 7; long >= 3; long--)
            for (target = 1; target <= 8; target++)
                if (arms[long, target] != "") print "        " arms[long, target] " -> return " 10 + target ";"
        print "        else -> return 9;\n    }\n}"
        print "strategy segments on voice {\n    attached { sum: int }\n    let total = 0;\n    let i = 0;\n    let numbers = ["
    }
    for (i = 0; i < 16; i++)
        if (gcx) printf "        \"%s\"%s\n", digits(10), i < 15 ? "," : "];"
        else print digits(10), 0
    if (gcx) print "    while i < 1000 { total += weight(numbers[i mod 16]); i += 1; }\n    attach sum = total;\n    stop \"done\";\n}"
}
