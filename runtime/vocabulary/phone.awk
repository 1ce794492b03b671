# runtime/vocabulary/phone.awk - The tables of stdlib/phone.gcx to rows of C: PLAN("DE", "49", "0", "00", 5, 13) per country, and
# CODE("49") per beginning of a number that some country has, or the whole world.
/^const PHONE_PLANS/ { plans = 1; next }
/^const PHONE_COUNTRIES/ { countries = 1; next }
/^const PHONE_WORLD/ {
    count = split($0, part, "\"")
    for (i = 2; i <= count; i += 2) printf "CODE(\"%s\")\n", part[i]
}
/^\];/ { plans = countries = 0 }
plans && match($0, /"[A-Z][A-Z]": PhonePlan\(/) {
    split($0, part, "\"")
    limits = part[9]
    gsub(/[^0-9 ]/, "", limits)
    split(limits, limit, " ")
    printf "PLAN(\"%s\", \"%s\", \"%s\", \"%s\", %d, %d)\n", part[2], part[4], part[6], part[8], limit[1], limit[2]
}
countries {
    count = split($0, part, "\"")
    for (i = 2; i <= count; i += 4) printf "CODE(\"%s\")\n", part[i]
}
