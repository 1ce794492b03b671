#!/bin/sh
# weights.sh [EDITOR.js] - Fails where a page of gcx is heavier than its limit, and tells what each weighs: files, bytes, and
# bytes by gzip -9 of each file, with all that is loaded before somebody can act, and the texts of the heaviest language. A
# page of the console is console.js and what the page's own module imports. EDITOR.js: the editor of the page Strategies that
# `sh runtime/console/npm/make.sh $PWD/runtime/console/npm $PWD/editor.js` makes; without it that page is told without it.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
desk=runtime/adapters/desk/web shared=runtime/web/pages console=runtime/console/pages
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
texts=$(for one in runtime/web/languages/*.json; do echo "$(gzip -9nc "$one" | wc -c) $one"; done | sort -n | tail -n 1 | sed 's/.* //')

# The file of a page's import: beside it, or of those that desk and console share.
found() { for one in "$1/$2" "$shared/$2"; do [ ! -f "$one" ] || { echo "$one"; return; }; done; }
# loaded FOLDER FILE...: the files that are loaded with these, each once.
loaded() {
    folder=$1
    shift
    for one; do found "$folder" "$one"; done >"$dir/next"
    : >"$dir/all"
    while [ -s "$dir/next" ]; do
        sort -u "$dir/next" "$dir/all" >"$dir/more"
        cp "$dir/next" "$dir/now"
        mv "$dir/more" "$dir/all"
        xargs sed -nE 's/^(import|export) .*from "(\.\.?\/)+([^"]+)";.*/\3/p; s/^import "(\.\.?\/)+([^"]+)";.*/\2/p' <"$dir/now" | sort -u |
            while read -r name; do found "$folder" "$name"; done | sort -u | comm -23 - "$dir/all" >"$dir/next"
    done
    cat "$dir/all"
}
# What is served of a file (web.sh of the desk, local.mk of the chat): lines that are comments are empty.
served() { case $1 in */editor.js) cat "$1" ;; */widget.js) sed "/^ *\/\//d; s/^ *//" "$1" ;; *.js) sed "s,^ *//.*,," "$1" ;; *) cat "$1" ;; esac; }
# told NAME LIMIT-IN-KB, with the files on the standard input
told() {
    files=0 bytes=0 packed=0
    while read -r one; do
        files=$((files + 1)) bytes=$((bytes + $(served "$one" | wc -c))) packed=$((packed + $(served "$one" | gzip -9nc | wc -c)))
    done
    said=
    if [ "$2" != - ]; then
        said="  limit $2 kB: met"
        [ "$packed" -le $(($2 * 1000)) ] || { said="  limit $2 kB: MISSED"; status=1; }
    fi
    printf '%-58s %3d %8d %8d%s\n' "$1" "$files" "$bytes" "$packed" "$said"
}
printf '%-58s %3s %8s %8s\n' page files bytes 'by gzip'
loaded $desk index.html desk.css looks.css icon.svg main.js >"$dir/page"
echo "$texts" >>"$dir/page"
told "the desk" - <"$dir/page"
head="index.html console.css looks.css icon.svg console.js"
for page in now today wall change history quality reports strategies; do
    loaded $console $head $page.js >"$dir/page"
    echo "$texts" >>"$dir/page"
    limit=- name="the console's page $page"
    [ $page = now ] && limit=100
    [ $page = strategies ] && limit=250 && [ $# != 0 ] && name="$name, with the editor" && echo "$1" >>"$dir/page"
    told "$name" $limit <"$dir/page"
done
echo runtime/adapters/chat/widget.js >"$dir/page"
told "the widget on a customer's page" - <"$dir/page"
echo "$texts" >"$dir/page"
told "of these, the texts: $(basename "$texts")" - <"$dir/page"
exit $status
