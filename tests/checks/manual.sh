#!/bin/sh
# Fails where mandoc finds fault with a page of the manual or a page of ours that it refers to is not there, or where
# what the pages show does not hold: all examples of gcx(7), the rows of gcx-ird(7) and gcx-cookbook(7), the
# configuration in gcxvm.conf(5), the plugin in gcx-plugin(3).
set -u
command -v mandoc >/dev/null || { echo "manual: mandoc is not installed"; exit 77; }
status=0
for page in "$top_builddir"/man/*.[1-8] "$top_srcdir"/man/*.[1-8]; do
    test -f "$page" || continue
    # Pages refer to one another before any of them is installed.
    found=$(mandoc -Tlint "$page" 2>&1 | grep -v -e 'referenced manual not found' -e 'outdated mandoc.db')
    test -z "$found" || { echo "$found"; status=1; }
done
test -f "$top_builddir/man/gcx.7" || { echo "manual: man/gcx.7 was not made"; status=1; }

for page in "$top_builddir"/man/*.[1-8] "$top_srcdir"/man/*.[1-8]; do
    test -f "$page" || continue
    for other in $(sed -n 's/^\.Xr \(gcx[a-z.-]*\) \([1-8]\).*/\1.\2/p' "$page" | sort -u); do
        test -f "$top_builddir/man/$other" || test -f "$top_srcdir/man/$other" ||
            { echo "${page##*/}: there is no $other"; status=1; }
    done
done

# Each promise is a script and a row of gcx-promises(7).
for script in "$top_srcdir"/tests/promises/*.sh; do
    test -f "$script" || continue
    grep -qx "\.Pa tests/promises/${script##*/}" "$top_srcdir/man/gcx-promises.7.in" ||
        { echo "gcx-promises.7 does not name ${script##*/}"; status=1; }
done

# What there may be of each kind lasts for some time: gcx-axes(7).
grep 'less than a tenth' "$top_builddir/man/gcx-axes.7" | grep '^\.It' && { echo "gcx-axes(7): widen these"; status=1; }

# A limit of base/, the vocabulary, the core, the VM or the compiler is a row of it, or stands in limits.list with its reason.
find "$top_srcdir"/base "$top_srcdir"/runtime/vocabulary "$top_srcdir"/runtime/core "$top_srcdir"/vm "$top_srcdir"/compiler -name '*.h' | xargs awk '
    BEGIN {
        while ((getline line < ARGV[1]) > 0) while (match(line, /[A-Z][A-Z_0-9]*_MAX/)) {
            rows[substr(line, RSTART, RLENGTH)] = 1; line = substr(line, RSTART + RLENGTH)
        }
        while ((getline line < ARGV[2]) > 0) if (line !~ /^#/) {
            n = split(substr(line, index(line, ":") + 1), words)
            for (i = 1; i <= n; i++) listed[words[i]] = 1
        }
        ARGV[1] = ARGV[2] = ""
    }
    function limit(name) {
        seen[name] = 1; limits++
        if (!(name in rows) && !(name in listed) && !(name in told)) {
            print FILENAME ": " name " is no row of axes.def, and has no reason in limits.list"; bad = told[name] = 1
        }
    }
    { line = $0; sub(/\/\*.*/, "", line); while (match(line, /[A-Z][A-Z_0-9]*_MAX *=[^=]/)) {
        name = substr(line, RSTART, RLENGTH); sub(/ *=.*/, "", name); limit(name); line = substr(line, RSTART + RLENGTH)
    } }
    /^ +(unsigned|uint32_t|enum)[^(]* : [0-9A-Z_]+[,;]/ {
        line = $0; file = FILENAME; sub(/.*\//, "", file)
        while (match(line, /[a-z_]+ : [0-9A-Z_]+/)) {
            split(substr(line, RSTART, RLENGTH), field, " : "); line = substr(line, RSTART + RLENGTH)
            if (field[2] != "1") limit(file ":" field[1])
        }
    }
    END {
        for (name in listed) if (!(name in seen)) { print "limits.list: there is no " name; bad = 1 }
        if (limits < 100) { print "limits: the headers were not read"; bad = 1 }
        exit bad
    }' "$top_srcdir/man/tables/axes.def" "$top_srcdir/tests/checks/limits.list" || status=1

# Each step of a flow is walked by a script that is there.
awk -v top="$top_srcdir" '
    function word(n) { split($0, part, /[(,)] */); return part[n] }
    /^FLOW\(/ { count[word(2)] = word(3) }
    /^WALK\(/ { flow = word(2); split($0, quoted, "\""); for (step = word(3); step <= word(4) + 0; step++) walked[flow " " step] = 1
        if ((getline line <(top "/" quoted[2])) < 0) print "flows.def: there is no " quoted[2]
        close(top "/" quoted[2]) }
    END { for (flow in count) for (step = 1; step <= count[flow]; step++)
        if (!((flow " " step) in walked)) print "flows.def: no script walks step " step " of " flow }' "$top_srcdir/tests/promises/flows.def" | grep . && status=1

# The rows of gcx-ird(7) and gcx-cookbook(7).
cookbook=$("$top_builddir/gcxc" test "$top_srcdir/man/cookbook") ||
    { printf '%s\n' "$cookbook" | grep -v ^ok; status=1; }
"$top_builddir/gcxc" check "$top_srcdir/man/ird" || { echo "gcx-ird(7): a row does not compile"; status=1; }
held=$("$top_builddir/gcxc" test "$top_srcdir/man/ird") || { printf '%s\n' "$held" | grep -v ^ok; status=1; }
# Each row of gcx-ird(7) is held: its title stands before a test, or before the place of one. A test names rows that are
# there.
for tests in "$top_srcdir"/man/ird/*_tests.gcx; do
    awk -v folder="$top_srcdir" '
        FNR == 1 { file++ }
        /^ *\/\/= / { title = $0; sub(/^ *\/\/= /, "", title); sub(/^(covered|in part|instead): /, "", title)
            if (file == 1) row[title] = 1; else { waits[title] = 1; named[title]++ }
            next }
        file == 2 && /^test "/ { for (title in waits) held[title] = 1; split("", waits) }
        file == 2 && /^\/\/ held by / { place = $4; sub(/:$/, "", place); text = $0; sub(/^.*: /, "", text); found = 0
            while ((getline line <(folder "/" place)) > 0) if (index(line, text)) found = 1
            close(folder "/" place)
            if (found) for (title in waits) held[title] = 1
            split("", waits) }
        END { for (title in row) if (!held[title]) print "gcx-ird(7): no test holds the row " title
            for (title in named) if (!row[title]) print FILENAME ": there is no row " title }' "${tests%_tests.gcx}.gcx" "$tests"
done | grep . && status=1
for rows in "$top_srcdir"/man/ird/*.gcx; do
    case $rows in */site.gcx | *_tests.gcx) continue ;; esac
    test -f "${rows%.gcx}_tests.gcx" || { echo "gcx-ird(7): no tests hold the rows of ${rows##*/}"; status=1; }
done
# shellcheck disable=SC2046
set -- $(awk -v totals=1 -f "$top_srcdir/man/rows.awk" "$top_srcdir"/man/ird/*.gcx)
[ "$1" -ge 150 ] && [ "$2" -le 13 ] && [ "$4" -eq 0 ] ||
    { echo "gcx-ird(7): $1 names are covered, $2 in part, $4 missing; at least 150, at most 13, none"; status=1; }
grep -qx "Of these names, $1 are covered, $2 in part, $3 instead, and $4 missing." "$top_builddir/man/gcx-ird.7" ||
    { echo "gcx-ird(7) does not end with its totals, $*"; status=1; }

# Every option that a program's help names is in its page.
for page in gcxc.1 gcxctl.1 gcxdb.1 gcxsim.1 gcxvm.8 gcxrecords.8 gcxstore.1 gcxlists.1 gcxdetect.1; do
    text=$top_builddir/man/$page
    test -f "$text" || text=$top_srcdir/man/$page
    "$top_builddir/${page%.*}" --help | grep -oE -e '--[a-z][a-z-]+' | sort -u | while read -r option; do
        grep -qE "(Fl|,) -${option#--}( |\$)" "$text" || echo "$page does not say what $option is"
    done
done | grep . && status=1

example=$(mktemp -d "${TMPDIR:-/tmp}/gcx-manual-XXXXXX") || exit 1
trap 'rm -rf "$example"' EXIT
backspace=$(printf '\b')
# What gcx(7) shows is compiled and played. In its source `.\" example: FILE` stands before text of that file,
# `.\" session: FOLDER` before commands and what they say, `.\" unseen: TEXT` is text that readers do not need.
pages=$example/pages
bin=$(cd "$top_builddir" && pwd)
awk -v to="$pages" '
    function unescaped(line) { gsub(/\\&/, "", line); gsub(/\\\(dq/, "\"", line); gsub(/\\e/, "\\", line); return line }
    function folder_of(path) { sub(/\/[^\/]*$/, "", path); system("mkdir -p " path) }
    /^\.\\" example: / { file = to "/" $3; marked = 1; hidden = ""; folder_of(file); next }
    /^\.\\" session: / { file = to "/" $3 "/session"; marked = 1; hidden = "! "; folder_of(file); next }
    /^\.\\" unseen: / { line = $0; sub(/^\.\\" unseen: /, "", line); print hidden line >>file; next }
    /^\.Bd -literal/ { if (!marked) print "gcx.7:" NR ": this example is not checked"; inside = 1; next }
    /^\.Ed/ { inside = marked = 0; next }
    inside { print unescaped($0) >>file }' "$top_srcdir/man/gcx.7.in" >"$example/said" || exit 1
test ! -s "$example/said" || { cat "$example/said"; status=1; }
for folder in "$pages"/*/; do
    name=$(basename "$folder")
    "$bin/gcxc" check "$folder" >"$example/said" 2>&1 && ! test -s "$example/said" ||
        { echo "gcx.7: what it shows as $name does not compile"; cat "$example/said"; status=1; }
    test ! -f "$folder/${name}_tests.gcx" || "$bin/gcxc" test "$folder" >"$example/said" 2>&1 ||
        { echo "gcx.7: what it shows as $name does not pass its tests"; cat "$example/said"; status=1; }
done
passed=$("$bin/gcxc" test "$pages"/*/ 2>&1 | tail -1)
[ "${passed%% *}" -ge 9 ] || { echo "gcx.7: fewer tests than it shows: $passed"; status=1; }

# says WANTED SAID: the lines come in this order; a line `...` stands for any number of lines, one that ends with it for
# all that begin so.
says() {
    awk 'function bare(line) { sub(/^ +/, "", line); return line }
        NR == FNR { want[++n] = bare($0); next } { have[++m] = bare($0) }
        function fits(line, wanted) {
            return line == wanted || wanted ~ /\.\.\.$/ && index(line, substr(wanted, 1, length(wanted) - 3)) == 1 }
        END { j = 1
            for (i = 1; i <= n; i++) {
                if (want[i] == "...") { any = 1; continue }
                while (any && j <= m && !fits(have[j], want[i])) j++
                if (j > m || !fits(have[j++], want[i])) { print "not said: " want[i]; exit 1 }
                any = 0 }
            if (!any && j <= m) { print "not shown: " have[j]; exit 1 } }' "$1" "$2"
}
compared=0
for session in "$pages"/*/session; do
    : >"$example/wanted"; : >"$example/said"
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        '$ '* | '! '*)
            says "$example/wanted" "$example/said" || { echo "gcx.7: before \`$line'"; status=1; }
            : >"$example/wanted"
            (cd "${session%/*}" && PATH=$bin:$PATH && eval "${line#??}") >"$example/said" 2>&1 </dev/null
            compared=$((compared + 1)) ;;
        *) printf '%s\n' "$line" >>"$example/wanted" ;;
        esac
    done <"$session"
    says "$example/wanted" "$example/said" || { echo "gcx.7: at the end of its session"; status=1; }
done
[ $compared -gt 5 ] || { echo "gcx.7: its sessions are not found"; status=1; }

# Of each step of calls the list says whether it may have tries, as gcxc has it.
mkdir "$example/tries" && echo 'site { queue desk; default timeout 1m; }' >"$example/tries/site.gcx"
awk '/^\.Sh / { inside = $2 == "STEPS" } !inside { next }
    /^\.It Sy "/ { if (name) print name, may; split($0, part, "\""); name = part[2]; may = "no" }
    $0 == "May have" { getline; if ($0 == ".Ic tries .") may = "yes" } END { print name, may }' "$top_builddir/man/gcx.7" |
    grep -E '^((ivr|call|recording|callback)\.[a-z_]+|route) (yes|no)$' >"$example/tries/steps"
compared=0
while read -r step may; do
    medium=voice call="$step()"
    [ "$step" != callback.dial ] || medium=callback
    [ "$step" != route ] || call="route queue desk"
    echo "strategy s on $medium { $call tries 2 pause 1s; }" >"$example/tries/s.gcx"
    has=yes
    "$top_builddir/gcxc" check "$example/tries/s.gcx" 2>&1 | grep -q "'tries' does not go with" && has=no
    [ $may = $has ] || { echo "gcx.7: may $step have tries? $may; gcxc: $has"; status=1; }
    compared=$((compared + 1))
done <"$example/tries/steps"
[ $compared -gt 15 ] && grep -q '^route no' "$example/tries/steps" || { echo "gcx.7: its list of steps is not found"; status=1; }

# shown PAGE FIRST LAST: the lines of a page between two patterns, as a reader sees them.
shown() { mandoc -Tascii -Owidth=160 "$1" | sed "s/.$backspace//g" | sed -n "/$2/,/$3/p" | sed 's/^     //; $d'; }

shown "$top_builddir/man/gcxvm.conf.5" "gcxvm(8)'s configuration" '^ *The directory may be' >"$example/gcxvm.conf"
# The least directory that the page shows is accepted with it, one with nothing in it is not, as the page says.
mkdir -p "$example/least" && cp "$example/gcxvm.conf" "$example/least"
mandoc -Tascii -Owidth=160 "$top_builddir/man/gcxvm.conf.5" | sed "s/.$backspace//g" |
    sed -n 's/^ *\(create table .*;\)$/\1/p' >"$example/least/directory.sql"
test -s "$example/least/directory.sql" &&
    "$top_builddir/gcxvm" --check "$example/least/gcxvm.conf" >"$example/said" 2>&1 ||
    { echo "gcxvm.conf.5: its empty directory is not accepted"; cat "$example/said"; status=1; }
for nothing in '' '-- nobody'; do
    echo "$nothing" >"$example/least/directory.sql"
    ! "$top_builddir/gcxvm" --check "$example/least/gcxvm.conf" >"$example/said" 2>&1 &&
        grep -q 'has no tables; is it whole?' "$example/said" && continue
    echo "gcxvm.conf.5: a directory of \`$nothing' is not refused"; cat "$example/said"; status=1
done
for conf in "$example/gcxvm.conf" "$top_builddir/examples/gcxvm.conf"; do
    mkdir -p "$example/conf" && cp "$conf" "$top_srcdir/examples/directory.sql" "$example/conf"
    "$top_builddir/gcxvm" --check "$example/conf/gcxvm.conf" >"$example/said" 2>&1 && test -s "$conf" ||
        { echo "$conf: is not accepted as it stands"; cat "$example/said"; status=1; }
    # What is said to be the default is accepted when it is given.
    sed -i '/^[^#]/!s/^#\([a-z_]* = \)/\1/' "$example/conf/gcxvm.conf"
    "$top_builddir/gcxvm" --check "$example/conf/gcxvm.conf" >"$example/said" 2>&1 ||
        { echo "$conf: its defaults are not accepted"; cat "$example/said"; status=1; }
done

shown "$top_srcdir/man/gcx-plugin.3" '^EXAMPLES' '^SEE ALSO' | sed -n '/^#include/,$p' >"$example/least.c"
if command -v cc >/dev/null && ! grep -q fsanitize "$top_builddir/dev/gcx-plugin.pc"; then
    cc -std=gnu11 -Wall -Wextra -Werror -shared -fPIC -I"$top_builddir/dev" -o "$example/least.so" "$example/least.c" \
        "$top_builddir/libgcx-plugin.a" && "$top_builddir/gcxvm" --adapter "$example/least.so" --settings ||
        { echo "gcx-plugin.3: its example is not a plugin"; status=1; }
fi
exit $status
