#!/bin/sh
# make.sh SOURCES OUT - Makes the editor of the page Strategies: CodeMirror, taken by npm as package-lock.json has it, and our
# editor.js, put together into the module OUT. Our marked.js stands for the library of that name, which weighs much more. Where that cannot be done within a minute and a half, OUT is empty, says why,
# and the page has a plain field.
set -u
sources=$1 out=$2 folder=${2%/*}/npm
without() {
    echo "without the editor: $1; the plain text field stays" >&2
    : >"$out"
    exit 0
}
for program in npm node timeout; do
    command -v $program >/dev/null || without "$program is missing"
done
mkdir -p "$folder" && cp "$sources/package.json" "$sources/package-lock.json" "$sources/editor.js" "$sources/marked.js" "$folder" || exit 1
cd "$folder" || exit 1
timeout 90 npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=0 --fetch-timeout=20000 --loglevel=error >npm.log 2>&1 ||
    without "npm has not brought what it needs ($folder/npm.log)"
timeout 60 node_modules/.bin/esbuild editor.js --bundle --minify --alias:marked=./marked.js --format=esm --target=es2022 --legal-comments=none \
    --banner:js="/* With CodeMirror 6 and vscode-languageserver, each by its authors, under the MIT licence. */" \
    --outfile=editor.out.js --log-level=error >esbuild.log 2>&1 || without "esbuild fails ($folder/esbuild.log)"
mv editor.out.js "$out"
