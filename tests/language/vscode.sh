#!/bin/sh
# The extension for Visual Studio Code: its grammar is made from words.def, and every file that package.json names is
# there.
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
[ $failed -eq 0 ] && echo "the extension is whole"
[ $failed -eq 0 ]
