#!/bin/sh
# Fails where C is not in the tree's one dialect: what clang-format makes of it (.clang-format), and pointers tested as
# `p` and `!p`. Another version of clang-format than Debian 12's lays some lines out otherwise, so it is not asked.
# Fails, too, where any file has the marks of a merge, where more function names stand in several places than before, or headers define one struct twice.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
files=$(git ls-files '*.c' '*.h' 2>/dev/null) || files=''
[ -n "$files" ] || exit 77
status=0
if git grep -nE '^(<<<<<<<|>>>>>>>) '; then
    echo "dialect: a merge has left its marks"; status=1
fi
if grep -nE '(if|while) \([^()=]+ != NULL\)|!= NULL (&&|\|\||\?)|== NULL' $files; then
    echo "dialect: a pointer is tested as p or !p (CONTRIBUTING.md)"; status=1
fi
# A text is cut between two characters, by one function: a byte less in a loop is a cut of somebody's own.
if grep -nE '0x[cC]0\) == 0x80\).*--;' $files | grep -v '^base/utf8\.h:'; then
    echo "dialect: a text is cut by utf8_cut (base/utf8.h)"; status=1
fi
# Memory that runs out ends the process at one place; an assertion about it says something else.
if grep -nE '(^|[^a-z_])(malloc|calloc|realloc|reallocarray)\(' $(echo "$files" | grep -E '^(vm|runtime/core)/') | grep -v '^vm/memory\.c:'; then
    echo "dialect: memory is had by vm/memory.h or base/memory.h"; status=1
fi
# Compilers leave out a memset() of what is freed next.
wiped=$(echo "$files" | xargs awk 'FNR == 1 { at = 0 }
    match($0, /memset\([a-zA-Z_>.-]+, 0, /) { at = FNR; line = $0; what = substr($0, RSTART + 7, RLENGTH - 12); sub(/->(str|bytes)$/, "", what) }
    at && FNR > at && FNR <= at + 2 && /free\(/ && index($0, "(" what) { print FILENAME ":" at ":" line }')
if [ -n "$wiped" ]; then
    echo "$wiped"
    echo "dialect: what is wiped before it is freed is wiped by explicit_bzero() or sodium_memzero()"; status=1
fi
# SQLite takes the index of places in the journal where a query wants their order, and reads the whole journal for each row.
ordered=$(echo "$files" | xargs awk 'FNR == 1 { at = -9 }
    match($0, /[a-z]\.journal = [a-z]+\.journal/) { at = FNR; name = substr($0, RSTART, 1) }
    FNR <= at + 2 && index($0, "ORDER BY " name ".batch") { print FILENAME ":" at ": " name ".journal" }')
if [ -n "$ordered" ]; then
    echo "$ordered"
    echo "dialect: \`journal + 0\` keeps SQLite from the index of places where the first or last row is asked for"; status=1
fi
# gcxc and gcxdb also read texts of a person who may not read every file: each file is opened by who asks GCX_INSIDE. Open
# may the name in the source, a path that was asked about or read so in the six lines before, and a copy in memory.
bare=$(echo "$files" | grep -E '^(compiler|runtime/(sim|debugger|scenario|profile))/' | xargs awk '
    FNR == 1 { asked = -9 }
    /^ *(\/?\*|\/\/)/ { next }
    { gsub(/"([^"\\]|\\.)*"/, "\"\"") }
    /inside_allows\(|file_read\(/ { asked = FNR }
    /(^|[^a-z_>."])(fopen|freopen|open|openat|opendir|scandir|fts_open|json_load_file|dlopen|sqlite3_open(_v2)?)\([^")]/ && FNR > asked + 6 {
        print FILENAME ":" FNR ":" $0 }')
if [ -n "$bare" ]; then
    echo "$bare"; echo "dialect: gcxc and gcxdb open a file by base/inside.h or base/file.h, which ask GCX_INSIDE"; status=1
fi
# A function's body begins with a brace in the first column; the name is the word before the first parenthesis above it.
names_twice_max=0 # lower it as they become fewer; never raise it
names=$( (echo "$files" | grep -v '^tests/'; echo "$files" | grep '^tests/proving/') | xargs awk '
    FNR == 1 { name = "" }
    /^[#\/ \t]/ || /^$/ { next }
    /^\{/ { if (name != "" && name != "main") print name; name = ""; next }
    /;$/ { name = ""; next }
    { gsub(/__attribute__\(\([^)]*(\([^)]*\))?\)\)/, "") }
    match($0, /[A-Za-z_][A-Za-z_0-9]*\(/) { name = substr($0, RSTART, RLENGTH - 1) }' | sort | uniq -d)
names_twice=$(echo "$names" | grep -c .) || true
if [ "$names_twice" -gt $names_twice_max ]; then
    [ "$names_twice" -gt 60 ] || echo "$names"
    echo "dialect: $names_twice names belong to several functions, $names_twice_max did: a new name names its subject"; status=1
fi
# A struct that several headers define is one name for two things; `grep "struct NAME {"` finds one place.
structs=$(echo "$files" | grep '\.h$' | xargs sed -nE 's/^(typedef )?struct ([A-Za-z_0-9]+) \{.*/\2/p' | sort | uniq -d)
if [ -n "$structs" ]; then
    echo "$structs"; echo "dialect: several headers define these structs: each names its room or its subject"; status=1
fi
case $(clang-format --version 2>/dev/null) in
*' 14.'*)
    if ! told=$(echo "$files" | xargs clang-format --dry-run -Werror 2>&1); then
        echo "$told" | grep 'error:' | head -20
        echo "dialect: run clang-format -i on these"; status=1
    fi ;;
esac
exit $status
