#!/bin/sh
# Goldens of gcxdb: what it says to the commands of each NAME.cmd, whose first line has its options, must be what
# NAME.out holds. `replay JOURNAL ...` there is of a journal that is made here, and what is behind --with too; a program's file
# stands there where it is not shop.gcx. `run.sh --update` writes these anew: read the difference before committing it.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
top_builddir=$(cd "$top_builddir" && pwd) gcxdb=$top_builddir/gcxdb
for program in "$gcxdb" "$top_builddir/gcxc" "$top_builddir/tests/debugger/journal"; do
    [ -x "$program" ] || { echo "$program is missing: make check builds it"; exit 1; }
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$top_srcdir/tests/debugger" || exit 1
failed=0
# Journals: of two callers who wait for an agent; of two callers; and that one with a snapshot, without its beginning, altered, without its image, cut, ended by another program's batch, and none.
journals=$work/journals
mkdir -p "$journals/near" "$journals/good" "$journals/waiting" "$journals/pruned" "$journals/altered" "$journals/imageless" "$journals/cut" "$journals/other" "$journals/text"
"$top_builddir/gcxc" build past.gcx -o "$work/past.gcxb" || exit 1
journal=$top_builddir/tests/debugger/journal
"$journal" "$work/past.gcxb" "$journals/good" "two callers" || exit 1
"$journal" "$work/past.gcxb" "$journals/waiting" "both wait" || exit 1
"$journal" "$work/past.gcxb" "$journals/pruned" "two callers" cut 5 || exit 1
"$journal" "$work/past.gcxb" "$journals/near" "two callers" snapshot 5 || exit 1
"$journal" "$work/past.gcxb" "$journals/other" "two callers" 3 || exit 1
LC_ALL=C sed 's/tserver/tsarver/' "$journals/good/journal.db" >"$journals/altered/journal.db"
LC_ALL=C sed 's/doubled/tripled/' "$journals/good/journal.db" >"$journals/imageless/journal.db"
head -c 9000 "$journals/good/journal.db" >"$journals/cut/journal.db"
echo 'no journal' >"$journals/text/journal.db"
# Other versions of the program: the same; one that sends the first caller elsewhere; one without the strategy.
cp "$work/past.gcxb" "$journals/same.gcxb" || exit 1
sed 's/^    let who/    if ani == "+33145550101" { route queue desk; }\n&/' past.gcx >"$journals/elsewhere.gcx" || exit 1
sed 's/strategy past /strategy later /; s/call past /call later /' past.gcx >"$journals/later.gcx" || exit 1
for script in *.cmd; do
    name=${script%.cmd}
    options=$(sed -n '1s/^# *//p' "$script")
    case $options in
    replay*) options="replay $journals/$(echo "${options#replay }" | sed "s|--with |--site site.gcx --with $journals/|")" ;;
    *.gcx*) options="run $options" ;;
    *) options="run shop.gcx $options" ;;
    esac
    # shellcheck disable=SC2086
    timeout 300 "$gcxdb" $options <"$script" >"$work/heard" 2>&1
    status=$?
    sed "s|$journals/||g; s/image \\([0-9a-f]\\{8\\}\\)\\.\\.\\./image HASH.../; s/image=[0-9a-f]*/image=HASH/; s/replays only [0-9]*:/replays only NUMBER:/" \
        "$work/heard" >"$work/said"
    [ $status = 0 ] || echo "status $status" >>"$work/said"
    [ "${1-}" = --update ] && cp "$work/said" "$name.out"
    diff -u "$name.out" "$work/said" || { echo "FAILED $name"; failed=$((failed + 1)); }
done
# What export-test shows passes.
cp site.gcx shop.gcx "$work" || exit 1
sed -n '/^test "/,/^}/p' world.out abandon.out >>"$work/shop.gcx"
"$top_builddir/gcxc" test --filter 'exported' "$work/shop.gcx" >"$work/said" 2>&1 ||
    { cat "$work/said"; failed=$((failed + 1)); }
grep -q '^2 passed' "$work/said" || { cat "$work/said"; failed=$((failed + 1)); }
# The flow is drawn with the way marked: edges, and the box where it stands.
printf '%s\n' continue "graph $work/way.dot" "graph $work/way.mmd" |
    "$gcxdb" run shop.gcx --test fails >"$work/said" 2>&1
[ "$(grep -c 'penwidth=3' "$work/way.dot")" = 3 ] && grep -q 'route queue desk.*penwidth=3\|penwidth=3.*route queue desk' "$work/way.dot" &&
    [ "$(grep -c 'stroke-width:4px' "$work/way.mmd")" = 3 ] || { cat "$work/said" "$work/way.dot"; failed=$((failed + 1)); }
# The timeline as a picture: steps, what is beside them, the agent; secrets are masked.
printf '%s\n' continue "timeline $work/lanes.svg" | "$gcxdb" run shop.gcx --test sold >"$work/said" 2>&1
[ "$(grep -c '<rect x=' "$work/lanes.svg")" = 12 ] && grep -q '14.000s to 16.000s: ringing' "$work/lanes.svg" &&
    grep -q 'code=\*\*\*' "$work/lanes.svg" && ! grep -q 'code=42' "$work/lanes.svg" ||
    { cat "$work/said" "$work/lanes.svg"; failed=$((failed + 1)); }
# A source that has changed since it was compiled is told, and the session goes on.
cp site.gcx shop.gcx "$work" && mkfifo "$work/commands" || exit 1
"$gcxdb" run "$work/shop.gcx" --test sold <"$work/commands" >"$work/said" 2>&1 &
exec 3>"$work/commands"
echo list >&3
until grep -q 'attach account' "$work/said" || ! kill -0 $!; do sleep 0.05; done
echo '// more' >>"$work/shop.gcx"
echo list >&3
echo quit >&3
exec 3>&-
wait $!
[ "$(grep -c 'has changed since it was compiled' "$work/said")" = 1 ] || { cat "$work/said"; failed=$((failed + 1)); }
# So it is for a journal, and so is an empty folder, and a source that is gone; the session goes on.
mkdir "$work/later" "$work/nothing" && cp site.gcx past.gcx "$work/later" && cd "$work/later" || exit 1
"$top_builddir/gcxc" build past.gcx -o later.gcxb && "$journal" later.gcxb . "two callers" || exit 1
heard() { # COMMANDS TEXT: what is said to them has the text, and the sum of n and 1
    printf '%s\n' "$1" 'print 2 + 3' | "$gcxdb" replay . 001065928d200001 >said 2>&1
    grep -q "$2" said && grep -q '^5$' said || { echo "FAILED $2"; cat said; failed=$((failed + 1)); }
}
echo '// more' >>past.gcx
heard list 'past.gcx has changed since it was compiled'
# A statistic since midnight in another zone is another one, though both images give their zone the same number.
mkdir "$work/zone" && cp "$top_srcdir"/tests/debugger/library/*.gcx "$work/zone" && cd "$work/zone" || exit 1
"$top_builddir/gcxc" build library.gcx -o zone.gcxb && "$journal" zone.gcxb . trims || exit 1
asked() { # TEXT: what is said where the statistic is asked for
    printf '%s\n' 'print lost(vq sales)' | "$gcxdb" replay . 1 >said 2>&1
    grep -q "$1" said || { cat said; failed=$((failed + 1)); }
}
asked '^0$'
sed 's|Europe/Paris|Asia/Tokyo|' site.gcx >site.new && mv site.new site.gcx
asked 'is not counted'
cd "$work/later" || exit 1
rm past.gcx
printf '%s\n' list step | "$gcxdb" replay . 001065928d200001 >said 2>&1
[ "$(grep -c 'the source past.gcx cannot be read' said)" -ge 2 ] && grep -q 'past at past.gcx:9' said ||
    { cat said; failed=$((failed + 1)); }
"$gcxdb" replay "$work/nothing" >said 2>&1 && failed=$((failed + 1))
grep -q 'No such file' said || { cat said; failed=$((failed + 1)); }
# --batch: the exit status tells of commands, of what is expected, and of the test; what was saved is set again.
cd "$work/later" && cp "$top_srcdir/tests/debugger/shop.gcx" . || exit 1
batch() { # STATUS TEXT TEST COMMAND...: they end with this status and say this text
    wanted=$1 text=$2 test=$3
    shift 3
    printf '%s\n' "$@" >first.cmd
    echo 'quit now' | "$gcxdb" -x first.cmd --batch run shop.gcx --test "$test" >said 2>&1
    status=$?
    [ $status = "$wanted" ] && grep -qF "$text" said && ! grep -q 'quit now' said ||
        { echo "FAILED $*: status $status"; cat said; failed=$((failed + 1)); }
}
batch 0 'total == 33: this holds.' sold 'break 28' 'commands' 'expect total == 33' 'end' 'save shop.cmd' 'continue'
batch 0 'total == 33: this holds.' sold 'source shop.cmd' 'continue'
batch 1 'total == 34: this does not hold here.' sold 'break 28' continue 'expect total == 34'
batch 1 "no command 'steppp'" sold steppp
batch 0 'has passed' sold continue
batch 1 'it is left as it is' sold 'record shop.gcx'
batch 1 'cannot be written' sold continue 'timeline nowhere/lanes.svg'
batch 1 'cannot be written' sold continue 'graph nowhere/way.dot'
batch 1 'ends in .svg' sold continue 'graph shop.gcx'
batch 1 "no agent 'nobody'" sold 'why nobody'
batch 1 'No strategy runs' sold finish
batch 1 "'first.cmd' cannot be read" sold 'source first.cmd'
batch 1 'has failed' fails continue
# Of files there may be 15.
many=$(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do printf ' -x first.cmd'; done)
echo 'print 1' >first.cmd
# shellcheck disable=SC2086
"$gcxdb" $many --batch run shop.gcx --test sold >said 2>&1 || { cat said; failed=$((failed + 1)); }
# shellcheck disable=SC2086
"$gcxdb" $many -x first.cmd --batch run shop.gcx --test sold >said 2>&1
[ $? = 2 ] || { cat said; failed=$((failed + 1)); }
# What has no end is left, and so is what is no file of commands.
timeout 60 "$gcxdb" -x /dev/zero --batch run shop.gcx --test sold >said 2>&1
grep -q 'longer than 64 KiB' said || { cat said; failed=$((failed + 1)); }
batch 1 "'.' cannot be read" sold 'source .'
"$gcxdb" -x nothing.cmd run shop.gcx --test sold >said 2>&1
[ $? = 2 ] || { cat said; failed=$((failed + 1)); }
# Ctrl-C at the prompt is no end.
cd "$top_srcdir/tests/debugger" && python3 terminal.py "$gcxdb" shop.gcx || failed=$((failed + 1))
# What is no record and no picture stays.
cp past.gcx site.gcx "$work/nothing" && cd "$work/nothing" || exit 1
printf '%s\n' 'record past.gcx' continue 'graph way.dot' 'timeline way.svg' record quit | "$gcxdb" run past.gcx --test "two callers" >said 2>&1
cmp -s past.gcx "$top_srcdir/tests/debugger/past.gcx" && grep -q "'past.gcx' is there, and does not begin with" said &&
    grep -q '^digraph' way.dot && grep -q '^<svg' way.svg || { cat said; failed=$((failed + 1)); }
ln -s past.gcx link.dot
ln -s past.gcx link.svg
printf '%s\n' continue 'graph link.dot' 'timeline link.svg' 'record new.cmd' 'info locals' record 'record new.cmd' quit |
    "$gcxdb" run past.gcx --test "two callers" >said 2>&1
cmp -s past.gcx "$top_srcdir/tests/debugger/past.gcx" && [ "$(head -n 1 new.cmd)" = '# commands of gcxdb' ] ||
    { cat said; failed=$((failed + 1)); }
exit $((failed > 0))
