#!/bin/sh
# man/html.sh CSS FOLDER PAGE...: writes each page of the manual as FOLDER/NAME.SECTION.html and an index of them. A page
# that is named in another one is linked to; those that are not ours are Debian's. With dot (Debian: graphviz) the rooms
# of the source are drawn as FOLDER/rooms.svg, which the index and gcx-house(7) show.
set -eu
css=$1 folder=$2
shift 2
command -v mandoc >/dev/null || { echo "make html needs mandoc, which is not installed" >&2; exit 1; }
rm -rf "$folder.new"
mkdir "$folder.new"
cp "$css" "$folder.new/manual.css"
here=$(pwd)
for page; do : >"$folder.new/$(basename "$page")"; done # mandoc looks which of the pages are there
for page; do
    case $page in /*) path=$page ;; *) path=$here/$page ;; esac
    name=$(basename "$page")
    (cd "$folder.new" && mandoc -Thtml \
        -O 'style=manual.css,man=%N.%S.html;https://manpages.debian.org/bookworm/%N.%S.html' "$path" >"page") || exit 1
    sed 's|^<body>$|<body>\n<p><a href="index.html">All pages</a></p>|' "$folder.new/page" >"$folder.new/$name.html"
done
for page; do rm "$folder.new/$(basename "$page")"; done
rm "$folder.new/page"
rooms=
if command -v dot >/dev/null && command -v tred >/dev/null; then
    here=$(dirname "$css")
    awk -f "$here/rooms.awk" "$here/../tests/checks/arrows.def" | tred | dot -Tsvg >"$folder.new/rooms.svg" || exit 1
    rooms='<p><a href="rooms.svg"><img src="rooms.svg" alt="The rooms of the source; an arrow leads from a room to one that it uses" width="100%"/></a></p>'
    sed "s|^<div class=\"manual-text\">|&\n$rooms|" "$folder.new/gcx-house.7.html" >"$folder.new/page"
    mv "$folder.new/page" "$folder.new/gcx-house.7.html"
fi
{
    cat <<'HTML'
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1.0"/>
<link rel="stylesheet" href="manual.css"/>
<title>The manual of gcx</title>
</head>
<body>
<h1>The manual of gcx</h1>
HTML
    for section in 1:Commands 3:Functions 5:Files 7:'The language and the whole' 8:Services; do
        echo "<h2>${section#*:}</h2>"
        echo "<dl>"
        for page; do
            case $page in *."${section%%:*}") echo "$page" ;; esac
        done | sort | while read -r page; do
            name=$(basename "$page")
            about=$(sed -n 's/^\.Nd //p' "$page" | head -1 | sed 's/&/\&amp;/g; s/</\&lt;/g')
            echo "<dt><a href=\"$name.html\">${name%.*}(${name##*.})</a></dt><dd>$about</dd>"
        done
        echo "</dl>"
    done
    echo "</body>"
    echo "</html>"
} >"$folder.new/index.html"
rm -rf "$folder"
mv "$folder.new" "$folder"
echo "$folder/index.html"
