# tests/flows/browser_common.sh - What the tests with a browser share: daemon_common.sh, and a Python that knows selenium.
# Sourced with top_srcdir and top_builddir set. play PROGRAM ARGUMENTS... runs a program of tests/flows in the background as
# $player; its site's port is in $dir/site. When a part fails, each window's picture is kept in $GCX_PICTURES.
. "$top_srcdir/tests/flows/daemon_common.sh"
command -v chromium >/dev/null || { echo "chromium is not installed"; exit 77; }
command -v chromedriver >/dev/null || { echo "chromedriver (Debian: chromium-driver) is not installed"; exit 77; }
python=
for one in python3 /usr/bin/python3; do
    [ -n "$python" ] || ! "$one" -c 'import selenium' 2>/dev/null || python=$one
done
[ -n "$python" ] || { echo "selenium for Python (Debian: python3-selenium) is not installed"; exit 77; }
[ -f "$top_builddir/.libs/chat.so" ] || exit 77

: "${GCX_PICTURES=$top_builddir/tests/flows/pictures/$(basename "$0" .sh)}"
export GCX_PICTURES
player=
also_end() { [ -z "$player" ] || { kill "$player"; wait "$player"; } 2>/dev/null; }
play() {
    program=$1; shift
    PYTHONDONTWRITEBYTECODE=1 "$python" "$top_srcdir/tests/flows/$program" "$dir" "$@" >"$dir/play.log" 2>&1 &
    player=$!
    await test -s "$dir/site" || cleanup 1
}
played() {
    wait "$player" || say_failed "what was played in the browser"
    player=
    cat "$dir/play.log"
}
