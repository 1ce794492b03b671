#!/bin/sh
# What is imported does the same as the drawing, or says that it does not: random drawings with random callers, agents,
# answers and keys are evaluated (import_same.js) and played by what gcxc import makes of them. IMPORT_SEED and
# IMPORT_PROJECTS draw others, or more; IMPORT_VERBOSE=100 tells what is quoted.
. "$(dirname "$0")/common.sh"
needs duk
needs jq
js=$source/tests/language/import_same.js
cd "$work" || exit 1
seed=${IMPORT_SEED:-${GCX_SEED:-1}} projects=${IMPORT_PROJECTS:-12}
run() { cat "$js" - >script.js && duk script.js; }

echo "make($seed, $projects, 5);" | run | awk '/^@/ { file = substr($0, 2); next } { print >file }' || exit 1
for inputs in p*.json; do
    name=${inputs%.json}
    sub=
    [ ! -f "${name}sub.callflow" ] || sub=${name}sub.callflow
    # shellcheck disable=SC2086
    "$gcxc" import "$name.workflow" $sub -o "of-$name" >said || { say "import of $name"; cat said; }
    {
        printf '%s\n' "var kinds = {groups: {}, skills: {}, http: [], menu: false, digits: false}, site = $(jq -aRs . "of-$name/site.gcx"), text = $(cat "of-$name"/p*.gcx | jq -aRs .), i = $(cat "$inputs");"
        printf '%s\n' 'site.split("\n").forEach(function (line) { var part = /^\s*(group|skill) (.*);$/.exec(line), http = /^\s*endpoint (\w+)/.exec(line);
            if (part) part[2].split(", ").forEach(function (name) { kinds[part[1] + "s"][name] = true; });
            if (http && text.indexOf("http." + http[1] + "(") >= 0) kinds.http.push(http[1]); });
            kinds.menu = text.indexOf("ivr.menu") >= 0; kinds.digits = text.indexOf("ivr.digits") >= 0;'
        echo "print('import $name;'); i.forEach(function (one) { print(make_test('$name', one, kinds)); });"
    } | run >"of-$name/same.gcx" || say "tests of $name"
done
soon 60 "$gcxc" test -v of-p*/same.gcx >timeline 2>&1
grep -q 'error:' timeline && { say "what is imported does not compile"; grep -A3 error: timeline | head -20; }
texts() { for file; do printf '"%s": %s,\n' "$(basename "$file")" "$(jq -aRs . "$file")"; done; }
of() { for inputs in p*.json; do printf '"%s": %s,\n' "${inputs%.json}" "$(jq "$2" <"of-${inputs%.json}/$1" -aRs)"; done; }
{
    printf '%s\n' "judge({$(texts p*.workflow p*.callflow)}, {$(of report.txt .)}, {$(of site.gcx .)}, {$(for inputs in p*.json; do printf '%s\n' "\"${inputs%.json}\": $(cat "$inputs"),"; done)},"
    printf '%s\n' "$(jq -aRs . timeline), ${IMPORT_VERBOSE:-3});"
} | run >verdict || say "the comparison"
cat verdict
grep -q '^expressions: [1-9][0-9]* the same, [0-9]* quoted, 0 wrong' verdict || say "an expression means something else"
grep -q '^calls: [1-9][0-9]* the same, [0-9]* came by what is quoted, 0 wrong' verdict || say "what is imported does something else than the drawing"

[ ! "${IMPORT_KEEP-}" ] || cp -r . "$IMPORT_KEEP"

# Each kind of block that is called translated is one that the evaluator has.
sed -n 's/^BLOCK("\([A-Za-z]*\)", [a-z_]*, DONE.*/\1/p' "$source/compiler/import/kinds.def" | while read -r kind; do
    grep -q -e "^    $kind: function" -e "^blocks\.$kind = " "$js" || echo "$kind"
done >kinds
[ ! -s kinds ] || { say "kinds of blocks that are called translated, and that no test evaluates:"; cat kinds; }
[ $failed -eq 0 ]
