#!/bin/sh
# The standard library: each module is right, in the style, without findings, and its tests run every line of it, and
# every way at its branches; what it declares begins with its name. A program finds it from anywhere, unless a file of
# that name is beside it; a site may call its things as the library calls its variables.
. "$(dirname "$0")/common.sh"
library=$(cd "$top_srcdir/stdlib" && pwd)
status=0
failed() {
    echo "FAILED: $*"
    status=1
}

cd "$library" || exit 1
for file in *.gcx; do
    "$gcxc" check "$file" >"$work/said" 2>&1 || failed "check $file"
    [ ! -s "$work/said" ] || { cat "$work/said"; failed "check $file says something"; }
    "$gcxc" fmt --check "$file" || failed "fmt --check $file"
    "$gcxc" lint "$file" || failed "lint $file"
    case $file in
    site.gcx) continue ;;
    *_tests.gcx)
        module=${file%_tests.gcx}
        "$gcxc" test --coverage --exits "$file" >"$work/played" 2>&1 || { cat "$work/played"; failed "test $file"; }
        grep -q '^function\|^subroutine' "$module.gcx" || continue
        awk -v file="$module.gcx" '$1 == file { found = 1; good = $5 == "100" && ($10 == "100" || $9 == 0) } END { exit !(found && good) }' \
            "$work/played" || { sed -n '/^coverage of/,$p' "$work/played"; failed "$module.gcx is not tested whole"; }
        ;;
    *)
        module=${file%.gcx}
        [ -f "${module}_tests.gcx" ] || failed "$file has no tests"
        grep -q "^LIBRARY.*stdlib/$file\|^	.*stdlib/$file" local.mk || failed "$file is not in LIBRARY of stdlib/local.mk"
        sed -n 's/^\(function\|subroutine\|const\) \([A-Za-z0-9_]*\).*/\2/p' "$file" | grep -vi "^${module%s}s*_" && failed "$file: these begin with another name"
        awk '/^(function|subroutine|enum|record) / && before !~ /^\/\/\// { print FILENAME ":" FNR ": nothing says what this is"; bad = 1 }
            { before = $0 } END { exit bad }' "$file" || failed "$file is not documented"
        grep -q "^\.Ss import $module\$" "$top_builddir/man/gcx.7" || failed "gcx(7) does not list $module"
        ;;
    esac
done

# From anywhere, under a site that calls a parameter as the library calls a variable.
mkdir "$work/far"
cat >"$work/far/site.gcx" <<'SITE'
site { parameter s: str = "s"; }
SITE
cat >"$work/far/far.gcx" <<'FAR'
import text;
strategy far on voice { attached { number: str } attach number = text_digits(ani); stop "done"; }
test "a number" { call far from "+33 1"; expect number == "331"; }
FAR
cd "$work/far" || exit 1
"$gcxc" test --coverage far.gcx >"$work/said" 2>&1 || { cat "$work/said"; failed "the library is not found from elsewhere"; }
grep -q '<std>' "$work/said" && failed "coverage tells of the library, which is not the author's"
"$gcxc" lint far.gcx || failed "lint finds something in a program that imports text"
"$gcxc" build far.gcx -o one.gcxb && cp far.gcx site.gcx "$work" && (cd "$work" && "$gcxc" build far.gcx -o two.gcxb) || failed build
cmp one.gcxb "$work/two.gcxb" || failed "the image depends on where it was built"

# A listing shows its lines, too: they are those of this compiler.
"$gcxc" dis --source one.gcxb >"$work/listing" || failed "dis --source"
grep -q '^  | *if allowed.contains(c)' "$work/listing" || failed "dis --source does not show the library's lines"
grep '^source .* is not shown' "$work/listing" && failed "dis --source looks for the library's files"

# A file beside it goes first.
echo 'function text_digits(x: str): str { return "mine: {x}"; }' >text.gcx
"$gcxc" test far.gcx >"$work/said" 2>&1 && failed "a file beside the program does not go first"
grep -q 'mine: +33 1' "$work/said" || { cat "$work/said"; failed "a file beside the program is not taken"; }
rm text.gcx

# What the program declares itself is not taken twice, and the message says where from.
echo 'import text; function text_digits(x: str): str { return x; }' >twice.gcx
"$gcxc" check twice.gcx >"$work/said" 2>&1 && failed "a name was taken twice"
grep -q '<std>/text.gcx' "$work/said" || { cat "$work/said"; failed "it is not said that the library has the name"; }
exit $status
