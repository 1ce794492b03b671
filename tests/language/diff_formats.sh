#!/bin/sh
# gcxc diff in each of its forms: what stands in tests/language/differ/ is what it writes of the two versions there.
# `diff_formats.sh --update` writes the goldens anew: read the difference before committing it.
. "$(dirname "$0")/common.sh"
update=${1-}
cd "$top_srcdir/tests/language/differ" || exit 1

# golden NAME STATUS OPTION...: what `gcxc diff OPTION... old new` writes, and how it ends.
golden() {
    name=$1 status=$2
    shift 2
    "$gcxc" diff "$@" old new >"$work/$name" 2>"$work/why"
    found=$?
    [ "$update" != --update ] || cp "$work/$name" "$name"
    [ $found -eq "$status" ] && cmp -s "$name" "$work/$name" && return
    diff -u "$name" "$work/$name"
    cat "$work/why"
    echo "FAILED $name: status $found"
    failed=$((failed + 1))
}
wrong() {
    echo "FAILED: $1"
    failed=$((failed + 1))
}

golden told.txt 1
golden told.json 1 --format json
golden told.md 1 --format markdown
golden told.dot 1 --format dot
golden told.mmd 1 --format mermaid
golden selection.txt 1 --selection
golden selection.json 1 --selection --format json
golden selection.md 1 --selection --format markdown

# No text of the sources is markup, ends a cell or a fold, or calls anybody.
grep -nE '<img|onerror=alert\(1\)|@all|#1 |https://|www\.|\]\(' told.md && wrong 'text of a source is markup'
[ "$(grep -c '</details>' told.md)" -eq "$(grep -c '<details>' told.md)" ] || wrong 'a fold is not closed'
awk -F'|' '/^\|/ { if (columns && NF != columns) bad = 1; columns = NF } !/^\|/ { columns = 0 } END { exit bad }' told.md ||
    wrong 'rows of one table have other numbers of cells'

# A version against itself: nothing, whatever the form; images are compared, too.
for form in text markdown json dot mermaid; do
    "$gcxc" diff --format $form new new >"$work/same" || wrong "the same version, as $form"
done
"$gcxc" diff --format dot new new | grep -q 'label=<gone>' || wrong 'the legend'
"$gcxc" build -o "$work/old.gcxb" old && "$gcxc" build -o "$work/new.gcxb" new || wrong 'an image'
"$gcxc" diff --selection "$work/old.gcxb" "$work/new.gcxb" | cmp -s - selection.txt || wrong 'images are compared otherwise'
"$gcxc" diff --selection "$work/new.gcxb" new >"$work/same" || wrong 'an image and its sources'
printf GCXB >"$work/bad.gcxb"
"$gcxc" diff --selection old "$work/bad.gcxb" >"$work/same" 2>&1
[ $? -eq 2 ] || wrong 'an image that is none'
"$gcxc" diff --selection --format svg old new >"$work/same" 2>&1
[ $? -eq 2 ] || wrong '--selection as a picture'
# What stands beside a strategy, on which lines and by which numbers, does not touch it: each of the tree, with others
# before it.
for one in "$source"/strategies/*/; do
    name=$(basename "$one")
    cp -r "$one" "$work/$name" && chmod -R u+w "$work/$name" && "$gcxc" build -o "$work/old.gcxb" "$work/$name" || wrong "$name"
    sed -i '1i // One line more.\n' "$work/$name"/*.gcx
    cat >"$work/$name/a_first.gcx" <<'GCX'
record ZzRow { a: int; b: str }
function zz_twice(n: int): int { return 2 * n; }
strategy zz_other on voice { let z = ZzRow(a: zz_twice(3), b: "a text that stands nowhere else"); stop z.b; }
GCX
    "$gcxc" diff --selection "$work/old.gcxb" "$work/$name" >"$work/same"
    grep -v -e ': selection is the same$' -e '^strategy zz_other: ' "$work/same" && wrong "$name beside another strategy"
    [ "$(wc -l <"$work/same")" -ge 2 ] || wrong "$name is not compared"
done
# A disk that is full is trouble, and no difference.
for form in text markdown json dot mermaid; do
    "$gcxc" diff --format $form old new >/dev/full 2>"$work/why"
    [ $? -eq 2 ] && grep -q 'could not be written' "$work/why" || wrong "a full disk, as $form"
done
if command -v dot >/dev/null; then
    "$gcxc" diff --format svg old new >"$work/both.svg"
    [ $? -eq 1 ] || wrong 'the status of a picture'
    grep -q '>gone<' "$work/both.svg" && grep -q '>new<' "$work/both.svg" && grep -q 'stroke-dasharray' "$work/both.svg" ||
        wrong 'the picture does not tell without colours'
    ! grep -q 'strategy mails' "$work/both.svg" || wrong 'a strategy without a change is drawn'
    ! command -v xmllint >/dev/null || xmllint --noout --nonet "$work/both.svg" || wrong 'the picture is no XML'
fi
echo "$failed failed"
[ $failed -eq 0 ]
