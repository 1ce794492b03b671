# tests/quick/mixed.awk - The order in which many tests at once leave no processor idle. Reads three lines: every test, those
# that begin first since they take longest, and the unit tests. Prints those that take longest, then the others, mixed: unit
# tests compute, scripts wait, and of both as great a part has begun at any time.
FNR == 1 { count = split($0, every, " "); next }
FNR == 2 { for (i = 1; i <= NF; i++) { first[$i]; printf "%s ", $i }; next }
{ for (i = 1; i <= NF; i++) computes[$i] }
END {
    for (i = 1; i <= count; i++) {
        if (every[i] in first) continue
        if (every[i] in computes) unit[++units] = every[i]; else script[++scripts] = every[i]
    }
    while (u < units || s < scripts)
        if (u * scripts <= s * units && u < units || s == scripts) printf "%s ", unit[++u]; else printf "%s ", script[++s]
    print ""
}
