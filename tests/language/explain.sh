#!/bin/sh
# Every code of diag.def and lint.def is explained, and the examples do what is said of them: the wrong one gives that
# code, the right one nothing at all. An example that is no file stands in a strategy, which goes to a queue in the end
# where it does not say how it ends; where it declares no site, the goldens' site is its own. Under the sanitizers, where
# a process for each takes a minute, those that one process reads are held to it, the others are read and not judged.
. "$(dirname "$0")/common.sh"
needs jq
goldens=$(cd "$top_srcdir/tests/language" && pwd)
cd "$work" || exit 1
passed=0

# lay UNDER FILE...: each example as files in a new folder of its name. One awk lays all of them.
lay() {
    under=$1
    shift
    for example; do echo "$under/${example##*/}"; done | xargs mkdir -p
    awk -v under="$under" -v goldens="$goldens" '
        function text_of(path,  one, all) { while ((getline one <path) > 0) all = all (all == "" ? "" : "\n") one; return all }
        function put(one) { print one >file; used[file] }
        function laid(  i, name) {
            print schema >(folder "/customers.sql"); close(folder "/customers.sql")
            print site >(folder "/site.gcx"); close(folder "/site.gcx")
            file = folder (own && !(text[1] ~ /^@file/) ? "/site.gcx" : "/main.gcx")
            if (!whole) put("strategy example on voice {")
            for (i = 1; i <= count; i++) {
                if (text[i] ~ /^@file /) file = folder "/" substr(text[i], 7)
                else put(text[i])
            }
            if (!whole && ends != count) put("    route queue desk;")
            if (!whole) put("}")
            for (name in used) close(name)
            split("", used)
            count = ends = whole = own = 0
        }
        BEGIN { schema = text_of(goldens "/customers.sql"); site = text_of(goldens "/site.gcx") }
        FNR == 1 { if (count) laid(); folder = FILENAME; sub(/.*\//, under "/", folder) }
        { text[++count] = $0 }
        /^(site|strategy|function|subroutine|native|record|enum|const|import|test|@file) / { whole = 1 }
        /^site / { own = 1 }
        /^[ ]*([a-z_]+: )?(route|stop|reject|return|switch) / { ends = count }
        END { if (count) laid() }' "$@"
}

# ask FOLDER COMMAND...: what gcxc says of all its strategies.
ask() {
    folder=$1
    shift
    (cd "$folder" && find . -name '*.gcx' | sed 's,^\./,,' | sort | xargs "$gcxc" "$@" --site site.gcx) 2>&1
}

"$gcxc" explain --format json >all.json || say "explain --format json: status"
jq -r '.[] | .code' all.json >codes
for code in $(sed -n 's/^[A-Z]*(.*"\([EWL][0-9][0-9]*\)", .*/\1/p' "$top_srcdir"/compiler/base/diag.def "$top_srcdir"/compiler/base/lint.def "$top_srcdir"/compiler/base/deprecated.def); do
    grep -qx "$code" codes || say "$code is not known to gcxc explain"
done
# All examples, each in a file: reading the JSON takes longer than compiling one.
mkdir wrong right
jq -r '.[] | select(.wrong) | .code as $code | ("wrong", "right") as $kind | "\u0001\($kind)/\($code)\n" + .[$kind] | rtrimstr("\n")' all.json |
    awk '/^\001/ { if (file) close(file); file = substr($0, 2); printf "" >file; next } { print >file }'
jq -r '.[] | [.code, if .wrong then "example" elif .what then "text" else "nothing" end] | @tsv' all.json >kinds
lay laid/wrong wrong/* && lay laid/right right/* || say "the examples cannot be laid"
each=yes
if sanitized; then
    each=no
    find laid -name '*.gcx' | sort | xargs -n 100000 "$gcxc" lint --rules all >said 2>&1
    [ $? -eq 123 ] || { say "lint of all examples does not end with 1"; tail -n 20 said; }
    codes=$(sed -n 's/.*\[\([EWL][0-9]*\)\]$/\1/p' said | sort -u | wc -l)
    [ "$codes" -ge 200 ] || { say "lint of all examples tells of only $codes codes"; tail -n 20 said; }
    grep -E 'Sanitizer|runtime error:' said && say "lint of all examples"
    passed=$((passed + codes))
fi
# right CODE FILE: nothing was said of the right example.
right() {
    [ ! -s "$2" ] || { say "$1: the right example is not clean"; cat "right/$1" "$2"; }
}
# Each in a folder; what is asked of all at once is told of each with its folder.
while read -r code kind; do
    case $kind in
    nothing) say "$code: there is no explanation in compiler/explain/" && continue ;;
    text) passed=$((passed + 1)) && continue ;;
    esac
    passed=$((passed + 1))
    case $code in L*) ;; *)
        if ! grep -q '^@file directory.sql' "wrong/$code"; then
            echo "$code" >>together
            continue
        fi ;;
    esac
    [ $each = yes ] || continue
    command=check
    case $code in L*) command="lint --rules +$code" ;; esac
    grep -q '^@file directory.sql' "wrong/$code" && command="$command --directory directory.sql"
    ask "laid/wrong/$code" $command >said
    # A rule of the site's own is told by its name.
    [ "$code" = L0901 ] && name=short_names || name=$code
    grep -q "\[$name\]" said || { say "$code: the wrong example does not give it"; cat "wrong/$code" said; }
    ask "laid/right/$code" $command >said
    right "$code" said
done <kinds
if [ -e together ]; then
    mkdir bad good && sed 's,^,laid/wrong/,' together | xargs mv -t bad && sed 's,^,laid/right/,' together | xargs mv -t good || say "mv"
    for folder in bad good; do
        (cd $folder && find . -name '*.gcx' | sed 's,^\./,,' | sort | xargs -n 100000 "$gcxc" check) >"said.$folder" 2>&1
        [ $? -le 123 ] || say "check of all that are $folder: status"
    done
    sed -En "s,^(error: ')?([A-Z0-9]*)/.*\[\2\]$,\2,p" said.bad | sort -u >given
    for code in $(sort together | comm -23 - given); do say "$code: the wrong example does not give it"; cat "wrong/$code"; done
    right "all of them" said.good
fi

# As a person asks.
"$gcxc" explain E0412 | grep -q "^E0412 unknown-kind-name, error: unknown ... '...'" || say "explain E0412"
"$gcxc" explain e0412 | grep -q '^    route queue dsk;' || say "explain e0412 shows no example"
"$gcxc" explain E0412 W0913 | grep -c '^[EW]0[0-9]* [a-z-]*, ' | grep -qx 2 || say "explain of two"
"$gcxc" explain | grep -q "^E0103  the string is not closed" || say "explain alone"
"$gcxc" explain unused-variable | grep -q '^L0101 unused-variable, warning' || say "explain of a rule's name"
"$gcxc" explain E9999 >/dev/null 2>&1
[ $? -eq 2 ] || say "explain of no code: status"
"$gcxc" explain unused-varaible 2>&1 | grep -q "did you mean 'unused-variable'?" || say "explain of a name that is nearly one"

echo "$passed explained, $failed failed"
[ $failed -eq 0 ]
