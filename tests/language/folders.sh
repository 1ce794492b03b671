#!/bin/sh
# Every command that reads sources takes a folder for the files below it; those that make one program of them say which
# files are of which site, where there are two.
. "$(dirname "$0")/common.sh"

cp -R "$source/strategies" "$work/sites"
chmod -R u+w "$work/sites"
cd "$work/sites" || exit 1

# expect STATUS TEXT ARGUMENT...: gcxc ends so, and says that in a line; '': nothing.
expect() {
    wanted=$1 text=$2
    shift 2
    "$gcxc" "$@" >"$work/said" 2>&1
    found=$?
    if [ -n "$text" ]; then grep -q -e "$text" "$work/said"; else [ ! -s "$work/said" ]; fi && [ $found -eq "$wanted" ] && return
    say "gcxc $*: status $found, expected $wanted and '$text'"
    head -20 "$work/said"
}

# A site that somebody left where everybody may write is nobody's; beside the file it is the file's.
mkdir -p "$work/shared/own" && chmod 1777 "$work/shared"
echo 'site { queue left; }' >"$work/shared/site.gcx"
echo 'strategy s on voice { route queue left; }' | tee "$work/shared/own/s.gcx" >"$work/shared/s.gcx"
expect 1 'E0013' check "$work/shared/own/s.gcx"
expect 0 '' check "$work/shared/s.gcx"
rm -r "$work/shared"

# The other files of a site are those that find it: another site has none.
for command in check lint test; do
    expect 1 'whole-site adds the files that find' "$command" --whole-site --site enterprise/site.gcx enterprise/enterprise.gcx
done

# With the other files of its site, a file without strategies is a part of a program: what none of them uses is told.
mkdir "$work/library"
echo 'site { queue desk; default timeout 1m; }' >"$work/library/site.gcx"
cat >"$work/library/numbers.gcx" <<'END'
enum Tier { gold, silver }
const most = 3;
function above(tier: int): int { return tier + most; }
function nobody(): int { return most; }
END
cat >"$work/library/s.gcx" <<'END'
import numbers;
strategy s on voice { if above(3) > 7 and Tier.gold != Tier.silver { stop "above"; } route queue desk; }
END
expect 0 '' lint "$work/library/numbers.gcx"
for named in "$work/library" "--whole-site $work/library/numbers.gcx"; do
    # shellcheck disable=SC2086  # an option and a path
    expect 1 "'nobody' is never called" lint $named
    [ "$(grep -c 'warning:' "$work/said")" = 1 ] || say "lint $named tells more: $(cat "$work/said")"
done

# One program of a folder is that of its files.
expect 0 '' build -o "$work/folder.gcxb" enterprise
expect 0 '' build -o "$work/files.gcxb" enterprise/*.gcx
cmp -s "$work/folder.gcxb" "$work/files.gcxb" || say "the image of a folder is another one than that of its files"
expect 0 '' check enterprise
expect 0 '' check .
expect 0 '' check enterprise/ front_door/front_door.gcx
expect 0 '' lint enterprise
expect 0 '' fmt --check .
expect 0 '^enterprise/enterprise.gcx:[0-9]*:23: queue desk: strategy enterprise, for route$' uses queue desk enterprise
expect 0 '' doc -o "$work/pages" enterprise
[ -s "$work/pages/index.html" ] || say "no pages of a folder"
expect 0 '^digraph' graph enterprise
expect 0 '^digraph' graph enterprise enterprise
expect 0 '' diff enterprise enterprise/
expect 0 ' passed, 0 failed$' test enterprise
# Tests are played of the same program that is checked and built: what another file of it declares is there.
mkdir "$work/parts"
echo 'site { default timeout 1m; }' >"$work/parts/site.gcx"
echo 'const word = "said";' >"$work/parts/a.gcx"
echo 'strategy s on voice { stop word; } test "s" { call s; expect stopped "said"; }' >"$work/parts/b.gcx"
echo 'test "of b" { call s; expect stopped "said"; }' >"$work/parts/c.gcx"
expect 0 '' check "$work/parts"
expect 0 '^2 passed, 0 failed$' test "$work/parts"
expect 0 '^2 passed, 0 failed$' test "$work/parts/c.gcx" "$work/parts/b.gcx" "$work/parts/a.gcx"
expect 0 '^1 passed, 0 failed$' test --filter 'of b' "$work/parts" enterprise --mutate
expect 1 "unknown name 'word'" check "$work/parts/b.gcx"
expect 1 "unknown name 'word'" test "$work/parts/b.gcx"
"$gcxc" test --list "$work/parts" >"$work/said"
[ "$(sed 's/.*\/parts//' "$work/said" | tr '\n' ' ')" = '/b.gcx:1: s /c.gcx:1: of b ' ] || { cat "$work/said"; say "the list"; }
# What is wrong anywhere below is told, of each site by its own names.
sed -i 's/queue desk;$/queue dsk;/' enterprise/enterprise.gcx
expect 1 "^enterprise/enterprise.gcx:[0-9]*:23: error: unknown queue 'dsk'" check .
expect 1 "^enterprise/enterprise.gcx:[0-9]*:23: error: unknown queue 'dsk'" lint .
expect 1 "^enterprise/enterprise.gcx:[0-9]*:23: error: unknown queue 'dsk'" build -o "$work/x.gcxb" enterprise
sed -i 's/queue dsk;$/queue  desk;/' enterprise/enterprise.gcx
expect 1 '^enterprise/enterprise.gcx$' fmt --check .
expect 0 '' fmt enterprise front_door
expect 0 '' fmt --check .

# Files of two sites are no program.
for command in "build -o $work/x.gcxb" "doc -o $work/none" graph headers 'uses queue desk' \
    "schema pull --source customers --connect dbname=x"; do
    case $command in # of a list, where it takes one
    graph) files=. ;;
    *) files='enterprise/enterprise.gcx front_door' ;;
    esac
    # shellcheck disable=SC2086 # words
    "$gcxc" $command $files >"$work/said" 2>&1 && say "$command takes files of two sites"
    grep -q '^gcxc: these are files of [0-9]* sites' "$work/said" || say "$command does not say that these are two sites"
    grep -q '^  of front_door/site.gcx: front_door/front_door.gcx and [0-9]* more$' "$work/said" ||
        { say "$command does not say which file is of which site"; cat "$work/said"; }
    grep -q 'one site at a time, or its folder' "$work/said" || say "$command does not say what to do"
    grep -q 'error:' "$work/said" && say "$command tells more than that"
done
[ -e "$work/x.gcxb" ] || [ -e "$work/none" ] && say "something was made of two sites"
expect 2 '^gcxc: these are files of' diff enterprise .
expect 1 "unknown" build --site enterprise/site.gcx -o "$work/x.gcxb" enterprise/enterprise.gcx front_door/front_door.gcx

# A link to a folder that is named is that folder; within one, links are not followed.
ln -s "$work/sites/enterprise" "$work/linked"
expect 0 '' check "$work/linked"
expect 0 '' check "$work/linked/"
expect 0 ' passed, 0 failed$' test "$work/linked/"

# In a folder a link to a file is a file, once, however many names lead to it; a link to a folder is told, and so is one
# that leads nowhere; what begins with a dot is left out. A file named twice is one, too.
mkdir "$work/links" "$work/shared"
cp "$work/parts/site.gcx" "$work/links"
echo 'strategy s on voice { stop "said"; }' >"$work/links/plain.gcx"
echo 'strategy shared on voice { route queue dsk; }' >"$work/shared/shared.gcx"
ln -s plain.gcx "$work/links/again.gcx"
mkdir "$work/links/.hidden"
echo 'strategy hidden on voice { nothing' >"$work/links/.hidden/hidden.gcx"
echo 'strategy hidden on voice { nothing' >"$work/links/.hidden.gcx"
expect 0 '' check "$work/links"
expect 0 '' check "$work/links/plain.gcx" "$work/links/../links/plain.gcx"
ln -s ../shared "$work/links/below"
expect 0 "^gcxc: $work/links/below is a link to a folder, and left out" check "$work/links"
rm "$work/links/below"
ln -s ../shared/shared.gcx "$work/links/shared.gcx"
expect 1 "^$work/links/shared.gcx:1:40: error: unknown queue 'dsk'" check "$work/links"
expect 1 "^$work/links/shared.gcx:1:40: error: unknown queue 'dsk'" build -o "$work/x.gcxb" "$work/links"
ln -sf nowhere "$work/links/shared.gcx"
expect 1 "^gcxc: cannot read $work/links/shared.gcx: No such file" check "$work/links"

# An image without a strategy routes nothing, so it is no success.
mkdir "$work/none"
echo 'site { queue desk; }' >"$work/none/site.gcx"
expect 0 '' check "$work/none"
expect 1 '^gcxc: there is no strategy in .*site.gcx: an image without one routes nothing$' build -o "$work/x.gcxb" "$work/none"

# A folder without a source.
mkdir "$work/empty"
for command in check lint fmt 'doc -o x' graph headers 'uses queue desk' test; do
    # shellcheck disable=SC2086
    "$gcxc" $command "$work/empty" >"$work/said" 2>&1 && say "$command of nothing is well"
    grep -q "^gcxc: there is no .gcx file in $work/empty or below it" "$work/said" || { say "$command of nothing"; cat "$work/said"; }
done
# What cannot be read is told: nobody knows what is in it. The site that lies nearest is the one that is meant.
as=$gcxc
if [ "$(id -u)" = 0 ]; then
    as=$work/as
    printf '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups %s "$@"\n' "$gcxc" >"$as"
    chmod 755 "$as" "$work"
fi
mkdir "$work/shut" && cp -R "$work/parts" "$work/shut/inner" && chmod 755 "$work/shut" "$work/shut/inner"
cp "$work/parts/site.gcx" "$work/shut/" && cd "$work/shut" || exit 1
if "$as" --version >"$work/said" 2>&1; then
    own=$gcxc gcxc=$as
    expect 0 '' check .
    chmod 000 inner/site.gcx
    expect 1 "cannot read 'inner/site.gcx': Permission denied" check inner/b.gcx inner/a.gcx
    chmod 000 inner
    for command in check lint 'fmt --check' test; do
        # shellcheck disable=SC2086 # words
        expect 1 '^gcxc: cannot read inner: Permission denied$' $command .
    done
    gcxc=$own
    chmod 755 inner
fi
cd "$work/sites" || exit 1
expect 1 'it is a source, of which gcxc build makes an image$' dis enterprise/enterprise.gcx
expect 0 '^A PATH is a file, or a folder' check --help
echo "$failed failed"
[ $failed -eq 0 ]
