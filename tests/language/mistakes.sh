#!/bin/sh
# The first message of each mistake of mistakes.list: it points at the mistake, says the cure, and is the only error.
# Each mistake is a site of its own, and one gcxc checks them all.
. "$(dirname "$0")/common.sh"
rows=$source/tests/language/mistakes.list
cd "$work" || exit 1
cat >site.gcx <<'END'
site {
    default zone "Europe/Paris";
    default timeout 1m;
    skill English, French, Sales;
    group overflow, people;
    vq service;
    queue desk, night_desk;
    prompt account, hold;
    source customers schema "customers.sql";
    parameter open: bool = true edit planner;
    table blocked edit planner { key number: str; reason: str }
    counter calls[str] over 1h;
    signal paid(amount: int);
    schedule hours { mon..fri 08:00..18:00; }
    endpoint orders(customer: str): int = get "https://orders.example/open/{customer}" timeout 2s;
}
END
echo 'create table customer (number text primary key, name text not null);' >customers.sql
count=$(grep -c '^[bd]~* | ' "$rows")
for folder in $(seq "$count"); do
    mkdir -p "w/$folder" && ln site.gcx customers.sql "w/$folder" || exit 1
done

# Writes the files, and one line of what must hold: number, line, column in bytes, whether others may follow, cure.
LC_ALL=C awk -F' [|] ' '
    !/^[bd]~* [|] / { next }
    {
        count++
        cure = $NF
        text = $2
        for (i = 3; i < NF; i++) text = text " | " $i
        gsub(/\\n/, "\n", text)
        if ($1 ~ /^b/)
            text = "strategy s on voice {\n    attached { tier: str?; n: int }\n    attach n = 1;\n" \
                "    let numbers = [1, 2];\n    " text "\n    route queue desk;\n}\n"
        else
            text = text "\nstrategy s on voice {\n    route queue desk;\n}\n"
        at = index(text, "\302\273")
        before = substr(text, 1, at - 1)
        line = gsub(/\n/, "\n", before) + 1
        sub(/.*\n/, "", before)
        print count "\t" line "\t" length(before) + 1 "\t" ($1 ~ /~/) "\t" cure "\t" $2 >"must"
        sub(/\302\273/, "", text)
        printf "%s", text >("w/" count "/case.gcx")
        close("w/" count "/case.gcx")
    }' "$rows"
"$gcxc" check w >said 2>&1
[ $? = 1 ] || say "gcxc check does not end with 1"
LC_ALL=C awk -F'\t' '
    NR == FNR { line[$1] = $2; column[$1] = $3; more[$1] = $4; cure[$1] = $5; text[$1] = $6; count = $1; next }
    /^w\/[0-9]+\/[a-z]+\.gcx:/ {
        split($0, part, /[\/:]/)
        which = part[2]
        told = / error: /
        if (told && errors[which]++ == 0) place[which] = part[3] == "case.gcx" && part[4] == line[which] && part[5] == column[which]
        first = told && errors[which] == 1
    }
    first { said[which] = said[which] $0 "\n" }
    END {
        for (i = 1; i <= count; i++) {
            cured = cure[i] == "-" || index(said[i], cure[i]) > 0
            alone = errors[i] == 1
            places += place[i]; cures += cured; only += alone
            if (place[i] && cured && alone == !more[i]) continue
            failed++
            print "FAILED " text[i] "\n" said[i] errors[i] + 0 " errors; the cure is " cure[i]
        }
        print "mistakes: " count "; place right " places ", cure said " cures ", first alone " only
        exit failed > 0
    }' must said || failed=1

# Every hint about a token is given for some mistake here, or in some golden.
cat "$source"/tests/language/*.expect >>said
sed -n 's/^HINT("\(\([^"\]\|\\.\)*\)".*/\1/p' "$source/compiler/recovery/hints.def" | sed 's/\\"/"/g' | sort -u >hints
[ "$(wc -l <hints)" -gt 50 ] || say "the rows of hints.def are not found"
while IFS= read -r hint; do
    grep -qF -e "$hint" said || say "nothing gives the hint: $hint"
done <hints
exit $((failed > 0))
