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
# but for where it stands (listings without the places).
cp -r "$source/tests/language" goldens && chmod -R u+w goldens
cd goldens || exit 1
count=0
for file in *.gcx "$source"/tests/bench/*.gcx "$source"/tests/flows/*.gcx "$source"/tests/format/*.formatted \
    "$source"/examples/*/*.gcx; do
    "$gcxc" fmt - <"$file" >"$work/once" 2>"$work/said"
    status=$?
    if [ $status -ne 0 ]; then
        grep -q ' error: ' "$work/said" && continue
        say "$file: status $status" && cat "$work/said"
        continue
    fi
    count=$((count + 1))
    "$gcxc" fmt - <"$work/once" >"$work/twice" || say "$file: cannot be read again"
    cmp -s "$work/once" "$work/twice" || { say "$file: formatting again changes it"; diff -u "$work/once" "$work/twice"; }
    [ -e "${file%.gcx}.dis" ] || continue
    site=
    grep -qs '^site ' "$file" && site="--site $file"
    # shellcheck disable=SC2086
    "$gcxc" build $site "$file" -o "$work/before" >/dev/null 2>&1 || continue
    cp "$work/once" "$file"
    # shellcheck disable=SC2086
    "$gcxc" build $site "$file" -o "$work/after" >/dev/null 2>&1 || { say "$file: formatted, it does not compile"; continue; }
    for image in before after; do
        "$gcxc" dis "$work/$image" | grep -v -e '^  [^ ]*\.gcx:[0-9]*$' -e '^source ' >"$work/$image.dis"
    done
    cmp -s "$work/before.dis" "$work/after.dis" ||
        { say "$file: formatted, it makes something else"; diff "$work/before.dis" "$work/after.dis" | head -20; }
done
[ $count -gt 100 ] || say "only $count files could be read"
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
