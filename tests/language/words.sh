#!/bin/sh
# Every word of the language as a name that others chose: an attached key, a field of a record, a column of a table and of
# a statement, a field of JSON that comes or goes, of a signal, of user data, a key of a map. `from` and `to` are
# attributes, which no key is called like. One program per quarter of words.def, as an endpoint has 32 parameters at most;
# each is built, tested, formatted and linted.
. "$(dirname "$0")/common.sh"
cd "$work" || exit 1

sed -n 's/^WORD("\([a-z]*\)".*/\1/p' "$source/compiler/syntax/words.def" | grep -vx -e from -e to >words
[ "$(wc -l <words)" -gt 100 ] || say "words.def is not read"
for quarter in 0 1 2 3; do
    awk -v quarter=$quarter '
        NR % 4 == quarter { word[++n] = $1 }
        # Each word between these two.
        function all(before, after,    i, s) {
            for (i = 1; i <= n; i++) s = s (i > 1 ? ", " : "") before word[i] after
            return s
        }
        function each(before, after,    i, s) {
            for (i = 1; i <= n; i++) s = s before word[i] after
            return s
        }
        END {
            print "create table named (" all("\"", "\" integer not null") ");" >"store.sql"
            print "record Named { " each("", ": int; ") "}"
            print "site {\n    default zone \"UTC\"; queue desk; source store schema \"store.sql\";"
            print "    table named { key who: str; " each("", ": int; ") "}"
            print "    endpoint tell(" all("", ": int") "): Named = post \"https://a.example/\";"
            print "    signal told(" all("", ": int") ");\n}"
            print "strategy keyed on voice {\n    attached { sum: int; " each("", ": int; ") "}"
            print "    let map_of: map<int> = [" all("\"", "\": 1") "];"
            print "    let one = query store first Named `select " all("\"", "\"") " from named order by 1`;\n    if one == none { goto desk; }"
            print "    let row = named[\"a\"] else goto desk;"
            print "    let said = http.tell(" all("", ": 1") ") else goto desk;"
            print "    let p = wait for told timeout 1m else goto desk;"
            for (i = 1; i <= n; i++) {
                w = word[i]
                printf "    attach %s = one.%s + row.%s + said.%s + p.%s + (map_of[\"%s\"] else 0);\n", w, w, w, w, w, w
            }
            print "    attach sum = 0" each(" + attached.", "") ";"
            print "    desk: route queue desk;\n}"
            print "strategy hidden on voice {\n    attached { " each("secret ", ": str; ") "}\n    stop \"\";\n}" >"hidden.gcx"
            print "strategy given on voice {\n    attach user_data[\"sum\"] = 0" each(" + (user_data[\"", "\"].int else 0)") ";\n    stop \"\";\n}"
            print "test \"each word is a name\" {"
            printf "    table named { \"a\""; for (i = 1; i <= n; i++) printf ", 1"; print "; }"
            print "    query store -> Named(" all("", ": 1") ");"
            print "    http.tell(" all("", ": 1") ") -> Named(" all("", ": 1") ");"
            print "    let c = call keyed from \"1\" to \"2\";"
            print "    after 5s: signal told(" all("", ": 1") ");"
            print each("    expect attached.", " == 5;\n") each("    expect c attached.", " > 4;\n")
            print "    expect sum == " 5 * n ";\n}"
            print "test \"each word is a name of user data\" {"
            print "    call given from \"1\" to \"2\" with (" all("", ": 1") ");"
            print "    expect user_data[\"sum\"].int == " n ";\n}"
        }' words >quarter.gcx
    "$gcxc" fmt quarter.gcx || say "quarter $quarter: fmt"
    "$gcxc" test --site quarter.gcx quarter.gcx >said 2>&1 && grep -q '^2 passed' said || say "quarter $quarter: $(head -20 said)"
    "$gcxc" check hidden.gcx || say "quarter $quarter: secret keys"
    "$gcxc" fmt --check quarter.gcx || say "quarter $quarter: is not in the style once formatted"
    ! "$gcxc" lint --site quarter.gcx quarter.gcx | grep -v L0106 | grep '\[L' || say "quarter $quarter: lint"
done
[ $failed -eq 0 ]
