#!/bin/sh
# gcxc doc: pages that are well-formed, link only to what is there, and say nothing as markup that was written as text.
. "$(dirname "$0")/common.sh"
needs dot
first_site "$work"
cd "$work" || exit 1
cat >odd.gcx <<'GCX'
/// <script>alert("é & 'x'")</script>
strategy odd on voice {
    attached { /// <b>which</b>
        hue: str }
    attach hue = "</svg><script>";
    ivr.say("<img src=x> {hue}") else stop "</svg>";
    route queue desk;
}
test "<i>a test</i>" { call odd; expect never abandoned; }
GCX
sed -i 's/queue desk;/queue desk; default absence 10m; order for agents by age { vq service; others after 60s; } group "<u>..\/x";/' site.gcx
"$gcxc" doc enterprise.gcx odd.gcx tests.gcx -o pages || say "status"
for page in index strategy-enterprise strategy-odd skill-French queue-desk source-customers; do
    [ -s pages/$page.html ] || say "there is no $page.html"
done
# has PAGE TEXT
has() { grep -qF -e "$2" "pages/$1.html" || { say "$1 has no '$2'"; head -c 2000 "pages/$1.html"; }; }
has strategy-odd '&#60;script&#62;alert('
has strategy-odd '<svg'
has strategy-odd '&#60;i&#62;a test&#60;/i&#62;'
has strategy-enterprise 'a gold French caller reaches Marie'
has strategy-enterprise '<code>customer</code>'
has strategy-enterprise 'no_input'
has skill-French 'strategy enterprise, for ivr.menu'
has index 'strategy-odd.html'
has index '<code>default absence 10m;</code>'
has index '<code>order for agents by age { vq service; others after 60s; }</code>'
grep -l -e '<script' -e '<img' -e '<i>' -e '<u>' -e '<b>' pages/*.html && say "text has become markup"
for page in pages/*.html; do
    grep -o 'href="[^"]*"' "$page" | sed 's/href="//; s/"$//' | while read -r link; do
        [ -s "pages/$link" ] || echo "$page leads to $link, which is not there"
    done
done >dead
[ ! -s dead ] || { say "links"; cat dead; }
if command -v xmllint >/dev/null; then
    for page in pages/*.html; do # they are written so that they are XML, too
        sed 's/<meta charset="utf-8">//' "$page" >page.xml
        xmllint --nonet --noout page.xml || say "$page"
    done
fi
"$gcxc" doc enterprise.gcx odd.gcx -o pages || say "a second time"
# A strategy that Graphviz would draw for minutes, or not at all, has its page, without the picture.
{
    echo 'strategy large on voice {'
    for i in $(seq 1000); do echo 'repeat 3 { delay 1s; }'; done
    echo 'stop "x"; }'
} >large.gcx
timeout 20 "$gcxc" doc large.gcx -o pages 2>said || say "with a large strategy"
has strategy-large 'It is too large to be drawn.'
grep -q 'a picture of [0-9]* boxes takes Graphviz too long' said || { cat said; say "too large, and not said"; }
"$gcxc" graph large.gcx --format svg -o large.svg 2>/dev/null && say "a large picture"
[ ! -e large.svg ] || say "a picture that is none"
# dot ends with gcxc.
mkdir bin && printf '#!/bin/sh\necho $$ >"%s/drawing"\nexec sleep 100\n' "$work" >bin/dot && chmod +x bin/dot
PATH=$work/bin:$PATH "$gcxc" graph odd.gcx --format svg >/dev/null 2>&1 &
for i in $(seq 100); do [ -s drawing ] && break; sleep 0.1; done
kill -9 $!
for i in $(seq 100); do kill -0 "$(cat drawing)" 2>/dev/null || break; sleep 0.1; done
kill "$(cat drawing)" 2>/dev/null && say "dot goes on without gcxc"
echo 'import text; strategy s on voice { stop text_trim(ani); }' >short.gcx
"$gcxc" doc short.gcx -o pages || say "with the library"
has index 'function text_mask(s: str, shown: int): str'
has index 'Only the last characters can be read'
mkdir mine && echo 'my own' >mine/index.html
"$gcxc" doc enterprise.gcx -o mine 2>said && say "an index that is no page of it gave way"
[ "$(cat mine/index.html)" = 'my own' ] || say "an index was written over"
"$gcxc" doc enterprise.gcx >/dev/null 2>&1
[ $? -eq 2 ] || say "without -o"
"$gcxc" doc enterprise.gcx -o site.gcx/x >/dev/null 2>&1 && say "a folder that cannot be"
echo "$failed failed"
[ $failed -eq 0 ]
