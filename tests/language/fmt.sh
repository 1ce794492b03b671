#!/bin/sh
# gcxc fmt: what it makes of every form of the language; that formatting again changes nothing, that what was formatted
# says and makes the same as before; that ours are in the style; its options.
. "$(dirname "$0")/common.sh"
cd "$work" || exit 1

"$gcxc" fmt - <"$source/tests/format/whole.gcx" >whole || say "whole.gcx: status"
[ "${1-}" != --update ] || cp whole "$source/tests/format/whole.formatted"
diff -u "$source/tests/format/whole.formatted" whole || say "what whole.gcx becomes"

# Clauses that have come to their places do not stick out of the line.
sed -n '/^strategy long/,$p' whole >long
grep -q 'by longest_idle$' long && [ -z "$(sed -n '/.\{121\}/p' long)" ] || { say "a line is too long"; cat long; }

# Ours are in the style.
find "$source/strategies" -name '*.gcx' >ours
[ -s ours ] || say "there are no strategies"
xargs "$gcxc" fmt --check <ours || say "these are not in the style"

# The same again, of everything that can be read: once in the style it stays as it is, and what is made of it is the same
# but for where it stands (listings without the places). One process formats them all.
cp -r "$source/tests/language" goldens && chmod -R u+w goldens
for folder in bench flows format; do
    for file in "$source/tests/$folder"/*.gcx "$source/tests/$folder"/*.formatted; do
        [ ! -e "$file" ] || cp "$file" "goldens/$folder-$(basename "$file" .gcx).gcx"
    done
done
for file in "$source"/examples/*/*.gcx; do cp "$file" "goldens/$(basename "$(dirname "$file")")-$(basename "$file")"; done
cp -r goldens before
cd goldens || exit 1
"$gcxc" fmt -- *.gcx >"$work/said" 2>&1
[ $? -eq 1 ] || say "the goldens: status"
sed -n 's/^\([^: ]*\.gcx\):.* error: .*/\1/p' "$work/said" | sort -u >"$work/broken"
while read -r file; do
    cmp -s "$file" "../before/$file" || say "$file: has errors, and was changed"
done <"$work/broken"
ls -- *.gcx | sort | comm -23 - "$work/broken" >"$work/read"
count=$(wc -l <"$work/read")
xargs "$gcxc" fmt --check <"$work/read" >"$work/again" 2>&1 || say "formatting again changes, or cannot read: $(cat "$work/again")"
for listing in *.dis; do
    file=${listing%.dis}.gcx site=
    grep -qx "$file" "$work/read" || continue
    grep -qs '^site ' "$file" && site="--site $file"
    # shellcheck disable=SC2086
    (cd ../before && "$gcxc" build $site "$file" -o "$work/image.before" >/dev/null 2>&1) || continue
    # shellcheck disable=SC2086
    "$gcxc" build $site "$file" -o "$work/image.after" >/dev/null 2>&1 || { say "$file: formatted, it does not compile"; continue; }
    for image in before after; do
        "$gcxc" dis "$work/image.$image" | grep -v -e '^  [^ ]*\.gcx:[0-9]*$' -e '^source ' >"$work/$image.dis"
    done
    cmp -s "$work/before.dis" "$work/after.dis" ||
        { say "$file: formatted, it makes something else"; diff "$work/before.dis" "$work/after.dis" | head -20; }
done
[ "$count" -gt 100 ] || say "only $count files could be read"
cd "$work" || exit 1

# --to 2 writes what is deprecated in the form that stands for it: the images are the same but for where things stand, of a
# site in both languages, too. What is in language 2 stays so.
mkdir later && cd later || exit 1
cat >site.gcx <<'GCX'
// The site.
site {
    queue desk, night; default timeout 10m; skill language;
    parameter hold: duration = 30s within 10s..5m edit planner; // while it is loud
    parameter rate: percent(0%..50%) = 10%;
    parameter most: int = 4 within 1 .. 9;
    parameter less: int = (1 + (1)) within (-1)..(9) edit planner;
    parameter slow: duration = 30s // half of the usual
        // the switch waits a minute
        within // and no longer
        10s // at least
        ..5m;
}
GCX
cat >day.gcx <<'GCX'
strategy day on voice {
    attached { language: skill }
    attach language = skill language;
    delay hold;
    if sample(rate) { priority = most; }
    route queue desk;
}
GCX
# listing NAME FILE...: what is made of the files, without the places.
listing() {
    listed=$1
    shift
    "$gcxc" build -o "$work/image" "$@" 2>"$work/said" && "$gcxc" dis "$work/image" | grep -v -e '^  [^ ]*\.gcx:[0-9]*$' -e '^source ' >"$listed"
}
listing ../before.dis day.gcx || say "language 1 does not compile"
"$gcxc" fmt --to 2 site.gcx || say "fmt --to 2"
"$gcxc" check day.gcx >said 2>&1 && [ ! -s said ] || { say "language 2 is not clean"; cat said; }
listing ../mixed.dis day.gcx && cmp ../before.dis ../mixed.dis || say "a site of both languages makes something else"
"$gcxc" fmt --to 2 day.gcx && listing ../after.dis day.gcx && cmp ../before.dis ../after.dis || say "language 2 makes something else"
[ "$(grep -c '^language 2;$' site.gcx)$(grep -c '^language 2;$' day.gcx)" = 11 ] || say "the language is not named once"
grep -q '    parameter hold: duration(10s..5m) = 30s edit planner; // while it is loud' site.gcx && ! grep -q within site.gcx ||
    { say "what --to 2 writes"; cat site.gcx; }
for remark in 'half of' 'switch waits' 'no longer' 'at least' 'it is loud'; do
    grep -q "// .*$remark" site.gcx || { say "--to 2 loses the remark: $remark"; cat site.gcx; }
done
"$gcxc" fmt --check --to 2 . && "$gcxc" fmt --check . || say "--to 2 again changes something"
"$gcxc" fmt --to 3 site.gcx 2>said && say "--to 3 is taken"
grep -q 'there is no language 3: --to takes 1 to 2' said || say "--to 3: $(cat said)"
for folder in "$source"/strategies/*/; do
    name=$(basename "$folder")
    rm -rf theirs && cp -r "$folder" theirs && chmod -R u+w theirs && cd theirs || exit 1
    main=$(ls -- *.gcx | grep -v -e '^site' -e tests)
    # shellcheck disable=SC2086
    listing "$work/before.dis" $main || { say "$name does not compile"; cat "$work/said"; }
    # shellcheck disable=SC2086
    "$gcxc" fmt --to 2 . && listing "$work/after.dis" $main && [ ! -s "$work/said" ] && cmp "$work/before.dis" "$work/after.dis" ||
        { say "$name: language 2 makes something else"; cat "$work/said"; }
    cd .. || exit 1
done
cd "$work" || exit 1

# The options: --check and --diff change nothing and tell; a file is mended where it stands; what is broken stays.
printf 'strategy s on voice{\nroute   queue desk;}\n' >x.gcx
cp x.gcx kept
[ "$("$gcxc" fmt --check x.gcx)" = x.gcx ] || say "--check tells no name"
"$gcxc" fmt --check x.gcx >/dev/null && say "--check: status"
"$gcxc" fmt --diff x.gcx >diff && say "--diff: status"
grep -qx -e '+    route queue desk;' diff || { say "--diff"; cat diff; }
cmp -s x.gcx kept || say "--check or --diff has changed the file"
"$gcxc" fmt x.gcx || say "fmt: status"
printf 'strategy s on voice {\n    route queue desk;\n}\n' | cmp -s - x.gcx || { say "fmt"; cat x.gcx; }
"$gcxc" fmt --check x.gcx || say "--check of what is good"
"$gcxc" fmt --diff x.gcx || say "--diff of what is good"
echo 'strategy s on voice {' >broken.gcx
cp broken.gcx kept
"$gcxc" fmt broken.gcx >said 2>&1
[ $? -eq 1 ] && grep -q 'E0201' said && cmp -s broken.gcx kept || say "a file with errors"
: >empty.gcx
"$gcxc" fmt empty.gcx && [ ! -s empty.gcx ] || say "an empty file"
printf '// alone' | "$gcxc" fmt - | grep -qx '// alone' || say "a remark alone"
printf 'strategy s on voice {route queue desk;}' >far.gcx && ln -s far.gcx link.gcx
"$gcxc" fmt link.gcx && [ -L link.gcx ] && "$gcxc" fmt --check far.gcx || say "a symbolic link stays one"
"$gcxc" fmt nothere.gcx 2>said && say "a file that is not there"
grep -q 'cannot read nothere.gcx' said || say "a file that is not there: what is said"
"$gcxc" fmt --diff - </dev/null 2>said
[ $? -eq 2 ] || say "--diff of standard input"

[ $failed -eq 0 ] && echo "$count files stay as they are once they are in the style"
[ $failed -eq 0 ]
