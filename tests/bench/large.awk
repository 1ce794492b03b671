# tests/bench/large.awk - A site of some 2,000 lines: the enterprise strategy, over and over with other names. Reads
# enterprise.gcx; -v lines=N.
/^record|^import|^\/\/\// {next}
{body[++count] = $0}
END {
    print "import site;"
    print "record Customer { name: str; tier: str; language: str? }"
    for (at = 1; at * count < lines; at++)
        for (i = 1; i <= count; i++) {
            text = body[i]
            sub(/^strategy enterprise/, "strategy enterprise_" at, text)
            print text
        }
}
