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
count=$(grep -c '^[bd][~+]* | ' "$rows")
for folder in $(seq "$count"); do
    mkdir -p "w/$folder" && ln site.gcx customers.sql "w/$folder" || exit 1
done

# Writes the files, and one line of what must hold: number, line, column in bytes, whether others may follow, cure.
LC_ALL=C awk -F' [|] ' '
    !/^[bd][~+]* [|] / { next }
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
        print count "\t" line "\t" length(before) + 1 "\t" ($1 ~ /~/) "\t" cure "\t" $2 "\t" ($1 ~ /[+]/) >"must"
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

# --fix makes the edits of those with a +, and of no other: then the file has no error. What it changes it says.
"$gcxc" check --fix w >fixed 2>&1
[ $? = 1 ] || say "check --fix does not end with 1 where errors stay"
LC_ALL=C awk -F'\t' '
    NR == FNR { text[$1] = $6; mended[$1] = $7; count = $1; next }
    /^w\/[0-9]+\/[a-z]+\.gcx:.* error: / { split($0, part, /[\/:]/); wrong[part[2]] = $0 }
    /^w\/[0-9]+\/[a-z]+\.gcx:.* mended: / { split($0, part, /[\/:]/); said[part[2]] = 1 }
    END {
        for (i = 1; i <= count; i++) {
            good += !(i in wrong)
            if (mended[i] ? !(i in wrong) && said[i] : (i in wrong)) continue
            failed++
            print "FAILED --fix, expected " (mended[i] ? "no error" : "an error") ": " text[i] "\n" wrong[i]
        }
        print "mistakes: " good " mended by --fix"
        exit failed > 0
    }' must fixed || failed=1
"$gcxc" check --fix w >again 2>&1
grep -q 'mended' again && say "a second --fix mends again"

# A file that may not be written is left, and so is a link; what comes on standard input is in no file.
mkdir one && ln site.gcx customers.sql one
printf 'strategy s on voice {\n    let open_now = open && true;\n    stop "{open_now}"\n}\n' >one/a.gcx
cp one/a.gcx wrong.gcx && cp one/a.gcx one/b.gcx && chmod 444 one/b.gcx
ln -s ../wrong.gcx one/c.gcx
"$gcxc" check --fix one/a.gcx >answer 2>&1 || say "a file that can be mended: $(cat answer)"
grep -q "a.gcx:2:25: mended: '&&' is 'and' now \[E0102\]" answer && grep -q '^2 mended$' answer || say "what was mended: $(cat answer)"
grep -qx '    let open_now = open and true;' one/a.gcx && grep -qx '    stop "{open_now}";' one/a.gcx || say "the text: $(cat one/a.gcx)"
"$gcxc" check --fix one/b.gcx >answer 2>&1 && say "a read-only file"
grep -q 'is read-only, and left as it is' answer && cmp -s wrong.gcx one/b.gcx || say "a read-only file: $(cat answer)"
"$gcxc" check --fix one/c.gcx >answer 2>&1 && say "a link"
grep -q 'is a link, and left as it is' answer && [ -L one/c.gcx ] && cmp -s wrong.gcx one/b.gcx || say "a link: $(cat answer)"
# What another command is writing is left: fmt, lint and check hold a lock on the file that they replace.
if command -v flock >/dev/null; then
    cp wrong.gcx one/d.gcx
    for command in 'check --fix' 'fmt'; do
        [ "$command" = fmt ] && printf 'strategy d on voice {stop "d";}\n' >one/d.gcx
        cp one/d.gcx before
        # shellcheck disable=SC2086  # an option is a word of its own
        flock one/d.gcx "$gcxc" $command one/d.gcx >answer 2>&1 && say "$command of a file that is being written"
        grep -q 'd.gcx has changed meanwhile, and is left as it is' answer && cmp -s before one/d.gcx || say "$command meanwhile: $(cat answer)"
    done
    rm one/d.gcx
fi
# What may not grow so far is left, and no draft stays beside it; whose file it is stays, too.
mkdir small && ln site.gcx customers.sql small
{ cat wrong.gcx; awk 'BEGIN { for (i = 0; i < 500; i++) print "// a line of many" }'; } >small/a.gcx
cp small/a.gcx long.gcx
(ulimit -f 4 && "$gcxc" check --fix small/a.gcx) >answer 2>&1 && say "a file that may not grow"
cmp -s long.gcx small/a.gcx && [ "$(ls small | wc -l)" = 3 ] || say "a file that may not grow: $(cat answer; ls small)"
if [ "$(id -u)" = 0 ] && chown 1234 small/a.gcx; then
    "$gcxc" check --fix small/a.gcx >answer 2>&1
    [ "$(stat -c %u small/a.gcx)" = 1234 ] || say "root takes a file away from its owner"
fi
# What is mended is what its author meant, and a guess is left.
mkdir meant && ln site.gcx customers.sql meant
mended() { # TEXT WANTED: a statement, and what it is after --fix
    printf 'strategy s on voice {\n    attached { n: int }\n    attach n = 1;\n    let k = n + 1;\n    %s\n    route queue desk;\n}\n' "$1" >meant/a.gcx
    "$gcxc" check --fix meant/a.gcx >answer 2>&1
    [ "$(sed -n 5p meant/a.gcx)" = "    $2" ] || say "--fix of $1: $(sed -n 5p meant/a.gcx)"
}
mended 'n -= k + 1;' 'attach n = n - (k + 1);'
mended 'n += k;' 'attach n = n + k;'
mended 'n += k - 1;' 'attach n = n + (k - 1);'
mended 'if now.time < 12am { delay 1s; }' 'if now.time < 00:00 { delay 1s; }'
mended 'if now.time < 11am { delay 1s; }' 'if now.time < 11:00 { delay 1s; }'
mended 'if now.time < 12pm { delay 1s; }' 'if now.time < 12:00 { delay 1s; }'
# What only moves the mistake to another line is none.
mended 'let t: Str = "a";
    let m: int = t;' 'let t: Str = "a";'
mended 'let y = n == 3 && nothing;' 'let y = n == 3 and nothing;'
mended 'let y = k = 3;' 'let y = k = 3;'
mended 'ivr.say "hi" + "you";' 'ivr.say "hi" + "you";'
mended "let text = 'never closed;" "let text = 'never closed;"
mended "delay 1s; ' a remark" 'delay 1s; // a remark'
"$gcxc" check --fix - <wrong.gcx >answer 2>&1
[ $? = 2 ] && grep -q 'stands in no file' answer || say "standard input: $(cat answer)"
"$gcxc" build --fix -o x.gcxb one/a.gcx >answer 2>&1
[ $? = 2 ] || say "build takes --fix"

# However many mistakes a line has, and whatever stands behind them, cures cost little.
mkdir long
awk 'BEGIN {
    printf "strategy s on voice { "
    for (i = 0; i < 100000; i++) printf "x ++ foo; "
    printf "}\nstrategy t on voice { query a; } // \""
    for (i = 0; i < 500000; i++) printf "\\\""
    print ""
}' >long/a.gcx
soon 10 "$gcxc" check long/a.gcx >answer 2>&1
[ $? = 1 ] && grep -q ':1:[0-9]*: error' answer && grep -q ' more$' answer || say "a long line: $(head -c 1000 answer)"

# A true error is told beside another file's that does not parse, where that one's imports are lost with it, too.
mkdir several && ln site.gcx customers.sql several
printf 'import helper\nstrategy s on voice { let x = helped(1); stop "x"; }\n' >several/a.gcx
printf 'function helped(n: int): int { return n; }\n' >several/helper.gcx
printf 'strategy t on voice { let y: int = "five"; let z = helped(2); route queue dask; }\n' >several/b.gcx
printf 'strategy u on voice { let y = nowhere; let z = helped(2); stop "{y}"; }\n' >several/c.gcx
for wrong in 'import helper' 'import helper.;' 'impor helper;' 'import hlper;' 'import helper; import ;'; do
    sed -i "1s/.*/$wrong/" several/a.gcx
    "$gcxc" check several/a.gcx several/b.gcx several/c.gcx >answer 2>&1
    grep -q 'a.gcx:1:' answer && grep -q "b.gcx:1:36: error: this is str" answer && grep -q "unknown queue 'dask'" answer || say "$wrong hides: $(cat answer)"
    grep -q "error: .*helped" answer && say "$wrong: what follows from it: $(cat answer)"
done

# Every hint about a token is given for some mistake here, or in some golden.
cat "$source"/tests/language/*.expect >>said
sed -n 's/^HINT("\(\([^"\]\|\\.\)*\)".*/\1/p' "$source/compiler/recovery/hints.def" | sed 's/\\"/"/g' | sort -u >hints
[ "$(wc -l <hints)" -gt 50 ] || say "the rows of hints.def are not found"
while IFS= read -r hint; do
    grep -qF -e "$hint" said || say "nothing gives the hint: $hint"
done <hints
exit $((failed > 0))
