#!/bin/sh
# Each strategy of strategies/ is right, in the style, without findings, also beside its directory; its tests pass and run
# every line; and a caller who meets a failure that no test meets is sent on: only of a last destination does it fail.
# gcxvm takes each with its directory, without a warning.
. "$(dirname "$0")/common.sh"
build=$(cd "$top_builddir" && pwd)
strategies=$(cd "$top_srcdir/strategies" && pwd)
command -v sqlite3 >/dev/null || { echo "skipped: sqlite3 is not installed"; exit 77; }
status=0
failed() {
    echo "FAILED: $*"
    status=1
}

count=0
cd "$strategies" || exit 1
for tests in */tests.gcx; do
    name=${tests%/tests.gcx}
    count=$((count + 1))
    cd "$strategies/$name" || exit 1
    "$gcxc" check "$name.gcx" tests.gcx >"$work/said" 2>&1 || failed "check $name"
    [ ! -s "$work/said" ] || { cat "$work/said"; failed "check $name says something"; }
    "$gcxc" fmt --check ./*.gcx || failed "fmt --check $name"
    "$gcxc" lint --directory directory.sql "$name.gcx" tests.gcx || failed "lint $name"
    "$gcxc" build "$name.gcx" -o "$work/$name.gcxb" || failed "build $name"
    "$gcxc" test --coverage --exits tests.gcx >"$work/played" 2>&1 || { cat "$work/played"; failed "test $name"; }
    ! grep -q '^    rule ' site.gcx || "$gcxc" test site.gcx >"$work/ruled" || { cat "$work/ruled"; failed "rules of $name"; }
    cat >"$work/$name.conf" <<CONF
directory = "$strategies/$name/directory.sql"
strategies = {"$name.gcxb"}
plugins = "$build/.libs"
adapter tserver { switch = "127.0.0.1:1" }
CONF
    sed -n 's/^ *source \([a-z_]*\) schema .*/source \1 { database = "\1.db" write = true }/p' site.gcx >>"$work/$name.conf"
    ! grep -q 'insert into campaign ' directory.sql || echo 'adapter dialer { lists = "sqlite:'"$work"'/lists.db" }' >>"$work/$name.conf"
    for source in $(sed -n 's/^ *source \([a-z_]*\) schema .*/\1/p' site.gcx); do # each statement is tried there
        sqlite3 "$work/$source.db" <"$(sed -n "s/^ *source $source schema \"\([^\"]*\)\".*/\1/p" site.gcx)" || failed "the schema of $source"
    done
    "$build/gcxvm" --check "$work/$name.conf" >"$work/said" 2>&1 || failed "gcxvm --check $name"
    # The site here has no networks of messages: that some steps need one is the only warning.
    [ "$(grep -v -e ": not asked: adapter tserver (switch 127.0.0.1:1)$" -e "fails whenever it is asked: no adapter here can that" "$work/said" |
        sed 's/: good, with [0-9]* warnings*$/: good/')" = "$work/$name.conf: good" ] || { cat "$work/said"; failed "gcxvm --check $name says something"; }
    grep -q '^`'"$name"'`\|^| `'"$name"'` |' ../README.md || failed "strategies/README.md does not list $name"
    [ "$name" != enterprise ] || continue # it is shown, with the one test that everybody reads
    awk -v file="$name.gcx" '$1 == file { found = 1; good = $5 == "100" } END { exit !(found && good) }' "$work/played" ||
        { sed -n '/^coverage of/,/^all /p' "$work/played"; failed "$name: lines that no test runs"; }
    awk -v file="$name.gcx" '/^[^ ]/ { mine = index($0, file ":") == 1; last = /: route$/ }
        mine && (/no test gets/ || (/forced: failed/ && !last)) { print; bad = 1 } END { exit bad }' "$work/played" ||
        failed "$name: what becomes of these callers?"
done
[ $count -ge 5 ] || failed "there are $count strategies: that cannot be all of them"
echo "$count strategies"
exit $status
