#!/bin/sh
# The extension for Visual Studio Code: its grammar is made from words.def, every file that package.json names is there,
# and its server answers a window of ours (vscode_session.js), where there is node.
. "$(dirname "$0")/common.sh"
needs jq
cd "$top_srcdir/editors/vscode" || exit 1
if [ "${1-}" = --update ]; then
    awk -f make.awk ../../compiler/syntax/words.def template.json >syntaxes/gcx.tmLanguage.json
fi
awk -f make.awk ../../compiler/syntax/words.def template.json | diff - syntaxes/gcx.tmLanguage.json >&2 ||
    say "the grammar is not that of words.def: tests/language/vscode.sh --update"
jq -e '.scopeName == "source.gcx" and ([.. | .match? // empty | select(contains("(?:|") or contains("||"))] == [])' \
    syntaxes/gcx.tmLanguage.json >/dev/null || say "the grammar is none, or a pattern in it fits nothing"
jq -r '.main, .contributes.languages[].configuration, .contributes.grammars[].path' package.json >/dev/null ||
    say "package.json cannot be read"
for file in $(jq -r '.main, .contributes.languages[].configuration, .contributes.grammars[].path' package.json); do
    [ -s "$file" ] || say "package.json names $file"
done
jq -e . language-configuration.json >/dev/null || say "language-configuration.json cannot be read"
if command -v node >/dev/null; then
    cp -r ../../strategies/enterprise "$work/site" && chmod -R u+w "$work/site"
    timeout 60 node ../../tests/language/vscode_session.js extension.js "$gcxc" "$work/site" </dev/null || say "the extension's session"
else
    echo "no node here: the extension is not run"
fi
[ $failed -eq 0 ] && echo "the extension is whole"
[ $failed -eq 0 ]
