#!/bin/sh
# Goldens of the language: what gcxc says of each NAME.gcx must be what NAME.expect holds, the image made of it must read
# as NAME.dis, and its tests must end as in NAME.play; each where there is such a file. NAME.args, where it is there, names
# other files than NAME.gcx. Every code of diag.def must be shown by some golden. `run.sh --update` writes the files
# anew: read the difference before committing it.
. "$(dirname "$0")/common.sh"
update=no
[ "${1-}" = --update ] && update=yes
cd "$top_srcdir/tests/language" || exit 1
passed=0

# settle GOLDEN ACTUAL: the two are the same, or the golden becomes the actual one.
settle() {
    if cmp -s "$1" "$2"; then
        passed=$((passed + 1))
    elif [ $update = yes ]; then
        cp "$2" "$1" && echo "updated $1"
        passed=$((passed + 1))
    else
        diff -u "$1" "$2"
        failed=$((failed + 1))
        echo "FAILED $1"
    fi
}

sites=" $(grep -ls '^site ' *.gcx | tr '\n' ' ')"
for source in *.gcx *.args; do
    name=${source%.*}
    [ "$name" != site ] || continue
    [ "$source" = "$name.args" ] || [ ! -e "$name.args" ] || continue
    arguments=$name.gcx
    [ ! -e "$name.args" ] || read -r arguments < "$name.args"
    # A file that declares a site of its own is its own site.
    case $sites in *" $name.gcx "*) [ -e "$name.args" ] || arguments="--site $name.gcx $name.gcx" ;; esac
    [ -e "$name.expect" ] || [ $update = no ] || [ -e "$name.dis" ] || [ -e "$name.play" ] || : > "$name.expect"
    if [ -e "$name.expect" ]; then
        # shellcheck disable=SC2086
        "$gcxc" check $arguments > "$work/said" 2>&1
        status=$?
        [ $status -le 1 ] || echo "gcxc ended with status $status" >> "$work/said"
        [ $status -eq 1 ] || ! grep -q ' error: \|^error: ' "$work/said" || echo "status $status" >> "$work/said"
        settle "$name.expect" "$work/said"
    fi
    if [ -e "$name.dis" ]; then
        # shellcheck disable=SC2086
        "$gcxc" build $arguments -o "$work/image" > "$work/shown" 2>&1 && "$gcxc" dis "$work/image" > "$work/shown" 2>&1
        settle "$name.dis" "$work/shown"
    fi
    if [ -e "$name.play" ]; then
        # shellcheck disable=SC2086
        "$gcxc" test $arguments 2>&1 > "$work/played.all" | grep ' error: ' > "$work/played"
        # What happened in which order is the runtime's business; the tests say what matters of it.
        grep -v -e '^   *[0-9]*\.[0-9]*s ' -e '^  what happened:' -e '^    \.\.\. ' "$work/played.all" >> "$work/played"
        settle "$name.play" "$work/played"
    fi
done

cat ./*.expect >"$work/expected"
for code in $(sed -n 's/^DIAG([A-Z_0-9]*, "\([EW][0-9]*\)".*/\1/p' "$top_srcdir/compiler/base/diag.def") $(sed -n 's/^DEPRECATED([A-Z_]*, "\(W[0-9]*\)".*/\1/p' "$top_srcdir/compiler/base/deprecated.def"); do
    if grep -q "\[$code\]" "$work/expected" || grep -qs "\[$code\]" ./*.dis; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $code: no golden shows it"
    fi
done

# Every thing that a syntax error can say it expected is said in some golden.
syntax=$top_srcdir/compiler/recovery/message.c
{ sed -n 's/.*say(&wording, "\(.*\)");.*/\1/p' "$syntax"; sed -n 's/^    {[^,]*, "\(.*\)"},$/\1/p' "$syntax"; } | sort -u >"$work/things"
[ "$(wc -l <"$work/things")" -gt 20 ] || { failed=$((failed + 1)); echo "FAILED: the things of message.c are not found"; }
while read -r thing; do
    if grep -F ' [E0201]' "$work/expected" | grep -qF -e "$thing"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: no golden shows that a syntax error expects $thing"
    fi
done <"$work/things"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
