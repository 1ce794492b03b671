# tests/bench/facts.awk - A site of `count` statistics of a virtual queue, each with a window of its own, read by a strategy
# that never runs. The calls of `select IMAGE fact` wait in that queue. Usage: awk -v count=N -f facts.awk
BEGIN {
    print "site {\n    default timeout 10m;\n    skill s0;\n    vq service;\n    queue desk;"
    for (i = 0; i < count; i++)
        printf "    statistic f%d(vq) = %s over %ds;\n", i, i % 2 ? "abandoned / offered" : "offered", 300 + i
    print "}\n\nstrategy reader on voice {"
    for (i = 0; i < count; i++) printf "    if f%d(vq service) > %s { route queue desk; }\n", i, i % 2 ? "90%" : "1000000"
    print "    route queue desk;\n}\n"
    print "strategy longest on voice {\n    connect in vq service { skill s0 >= 1; } timeout 1h else fail \"nobody\";\n}"
}
