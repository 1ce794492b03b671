#!/bin/sh
# web.sh OPENAPI FILE... - Writes web.inc: the pages of the desk and the console, and their description as C. A file of
# runtime/console/pages is served below /console/, each other one below /. Fails where the desk's page has no function for
# a message that the server sends. Lines that are comments are served empty: they are a twelfth of what a page weighs, and an
# error in the browser still names the line of the source.
bytes() { od -An -v -tx1 "$@" | sed 's/\([0-9a-f][0-9a-f]\)/0x\1,/g'; }
openapi=$1
shift
for message in $(awk '/^  "server": /{on = 1} on && /^   "[a-z]+": /{gsub(/[^a-z]/, "", $1); print $1}' "$openapi"); do
    [ "$message" = reply ] || cat "$@" | grep -qE "^    $message[(:]" ||
        { echo "web.sh: the page has no function for the server's message \`$message\`" >&2; exit 1; }
done
echo "extern const char desk_openapi[];"
echo "const char desk_openapi[] = {"
bytes "$openapi"
echo "0};"
number=0
for file; do
    [ -s "$file" ] || continue # the editor, where npm could not make it
    number=$((number + 1))
    echo "static const unsigned char web_$number[] = {"
    case $file in
        */editor.js) bytes "$file" ;; # CodeMirror's, which has none
        *.js) sed 's,^ *//.*,,' "$file" | bytes ;;
        *) bytes "$file" ;;
    esac
    echo "};"
done
echo "static const struct web_file web_files[] = {"
number=0
for file; do
    [ -s "$file" ] || continue # the editor, where npm could not make it
    number=$((number + 1))
    case $file in *console/pages/*) below=console/ ;; *) below= ;; esac
    echo "{\"$below${file##*/}\", NULL, web_$number, sizeof web_$number},"
done
echo "};"
