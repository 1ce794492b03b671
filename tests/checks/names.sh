#!/bin/sh
# Fails where a comment names a file or a function of ours that stands nowhere: whoever renames one finds its mentions.
# A function is named with its parentheses, as core_new(). A file that is named with a folder must stand in such a one:
# vm/core.h is no right name of runtime/core/core.h. And where two rooms list a test of one name: the later one was
# written over the earlier, and what that held is gone.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
git ls-files '*.c' >/dev/null 2>&1 || exit 77
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-names-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
git ls-files base vm runtime compiler tests | grep -E '\.([chly]|def)$' >"$dir/files"
git ls-files '*local.mk' Makefile.am | xargs awk '
{ line = line $0; if (sub(/\\$/, "", line)) next }
line ~ /^(SCRIPT|PLAIN|UNIT)_TESTS \+?=/ {
    count = split(line, word, " ")
    for (i = 3; i <= count; i++) if (listed[word[i]]++) { print "names: two lists of tests have " word[i]; bad = 1 }
}
{ line = "" }
END { exit bad }'
# Lines of comments, and the code without them.
xargs awk -v comments="$dir/comments" -v code="$dir/code" '
{
    line = $0; gsub(/"([^"\\]|\\.)*"/, "\"\"", line); gsub(/https?:[^ ]*/, "", line)
    if (FNR == 1) within = 0
    while (line != "") {
        if (within) {
            end = index(line, "*/")
            print FILENAME ":" FNR ": " (end ? substr(line, 1, end - 1) : line) >>comments
            if (!end) next
            line = substr(line, end + 2); within = 0
        } else {
            begin = index(line, "/*")
            if (match(line, /\/\/ /) && (!begin || RSTART < begin)) {
                print FILENAME ":" FNR ": " substr(line, RSTART) >>comments
                line = substr(line, 1, RSTART - 1)
            } else if (begin) within = 1
            print begin && within ? substr(line, 1, begin - 1) : line >>code
            line = begin && within ? substr(line, begin + 2) : ""
        }
    }
}' <"$dir/files"
grep -oE '[A-Za-z_][A-Za-z_0-9]*' "$dir/code" | sort -u >"$dir/words"
# Each file by its path and by every end of it: runtime/core/core.h, core/core.h, core.h.
{ git ls-files; sed 's/\.y$/.h/' "$dir/files"; } | awk '{ print; while (sub(/^[^\/]*\//, "")) print }' | sort -u >"$dir/ends"
# Of libraries and of programs that sites write; tables that the build makes of others; headers where they are installed.
cat >"$dir/known" <<'END'
cfg_parse
json_each
phone_tables.def
gcx/gcx_native.h
gcx/vocabulary.h
END
awk -v dir="$dir" '
BEGIN {
    while ((getline word < (dir "/words")) > 0) there[word]
    while ((getline word < (dir "/ends")) > 0) there[word]
    while ((getline word < (dir "/known")) > 0) there[word]
}
{
    text = $0; place = $1; text = substr(text, length(place) + 1)
    while (match(text, /[A-Za-z_0-9\/]*[a-z0-9]\.(c|h|def|sh|awk)([^A-Za-z_0-9(]|$)|[a-z][a-z0-9]*_[a-z0-9_]*\(\)/)) {
        name = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
        sub(/\(\)$/, "", name); sub(/[^A-Za-z_0-9]$/, "", name)
        if (length(name) > 3 && !(name in there)) { print place " " name " stands nowhere"; bad = 1 }
    }
}
END { exit bad }' "$dir/comments" || { echo "names: a comment names what is not there"; exit 1; }
# What `make comments` draws are sentences: no code, no text of a program, no picture.
cat >"$dir/sample.c" <<'END'
static const char *form = "/* a text of the program that is no comment */"; /* One sentence "in quotes" stands behind a text. */
/* The first sentence has two lines
 * and it ends there.
 *
 *     {a picture is no sentence of anybody}
 *
 * The second sentence stands behind the picture, too.
 */
static int answer(void) { return look_at(this, and, not, at, that); }
END
awk -v seed=1 -v count=30 -f tests/quick/comments.awk "$dir/sample.c" | sed 's/^[^ ]*  *//; s/ *$//' >"$dir/drawn"
printf '%s\n' 'One sentence "in quotes" stands behind a text.' 'The first sentence has two lines and it ends there.' \
    'The second sentence stands behind the picture, too.' | cmp -s - "$dir/drawn" || { echo "names: tests/quick/comments.awk draws"; cat "$dir/drawn"; exit 1; }
[ -s "$dir/words" ] && [ -s "$dir/comments" ] || { echo "names: nothing was read"; exit 1; }
echo "names: $(wc -l <"$dir/comments") lines of comments name what is there"
