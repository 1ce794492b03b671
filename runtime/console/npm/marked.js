// marked.js - In place of the library marked, which @codemirror/lsp-client imports: of markdown only what gcxc's language
// server writes. Code between ``` lines, lists of lines that begin with `- `, paragraphs; inside of them `code` and **strong**.
const escaped = (text) => text.replace(/[&<>]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[one]);
const inline = (text) => text.split(/(`[^`]+`)/).map((part, at) => (at % 2 ? `<code>${escaped(part.slice(1, -1))}</code>` : escaped(part).replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>"))).join("");
const BLOCK = /^```(.*)\n([^]*?)\n?^```$|^- .*(?:\n.+)*|.+(?:\n(?!```|- ).+)*/gm;

export class Marked {
    // walkTokens(token) may put coloured elements in place of the text of code, and says so by `escaped`.
    constructor({ walkTokens }) {
        this.walk = walkTokens;
    }
    parse(text) {
        return text.replaceAll("\r\n", "\n").replace(BLOCK, (block, lang, text) => {
            if (text === undefined) return block.startsWith("- ") ? `<ul>${block.slice(2).split("\n- ").map((line) => `<li>${inline(line)}</li>`).join("")}</ul>` : `<p>${inline(block)}</p>`;
            const token = { type: "code", lang, text };
            this.walk(token);
            return `<pre><code>${token.escaped ? token.text : escaped(token.text)}</code></pre>`;
        });
    }
}
