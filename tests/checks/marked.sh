#!/bin/sh
# What the editor of strategies makes of the markdown of gcxc's language server (runtime/console/npm/marked.js).
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
command -v node >/dev/null || { echo "marked: no node"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp runtime/console/npm/marked.js "$dir/marked.mjs"
cat >"$dir/look.mjs" <<'END'
import { Marked } from "./marked.mjs";
const marked = new Marked({ walkTokens: (token) => { if (token.lang === "gcx") Object.assign(token, { text: `<b>${token.text}</b>`, escaped: true }); } });
let wrong = 0;
for (const [text, want] of [
    ["```gcx\nskill Billing\n```\n\nHere it is `a<b`.", "<pre><code><b>skill Billing</b></code></pre><p>Here it is <code>a&lt;b</code>.</p>"],
    ["```\na < b\n\nc\n```", "<pre><code>a &lt; b\n\nc</code></pre>"],
    ["A line\nand **its** next.\r\n\r\nAnother <i>one</i>", "<p>A line\nand <strong>its</strong> next.</p><p>Another &lt;i&gt;one&lt;/i&gt;</p>"],
    ["These:\n- one\n- two `2`\nmore", "<p>These:</p><ul><li>one</li><li>two <code>2</code>\nmore</li></ul>"],
    ["``` is not ended", "<p>``` is not ended</p>"],
    ["", ""],
]) {
    const got = marked.parse(text).replace(/>\n+</g, "><").trim();
    if (got === want) continue;
    console.log(`${JSON.stringify(text)} becomes\n${got}\nand should become\n${want}`);
    wrong = 1;
}
process.exitCode = wrong;
END
node "$dir/look.mjs"
