// markdown.js - An article's Markdown: shown as elements, or as the plain text that a customer gets. Of Markdown it has
// headings, lists, quotes, code, bold, italic and links; any other line is text. HTML within it is text, too.
import { make } from "./dom.js";
import { follow, target } from "./linked.js";

// ---- blocks ----

const STARTS = /^\s{0,3}(#{1,6}\s|[-*+]\s|\d{1,9}[.)]\s|>|```)/;
// The blocks of the text: { kind, level, lines }; of a list each line is an item, with its depth before it.
const blocks = (text) => {
    const found = [], lines = text.replace(/\r\n?/g, "\n").split("\n");
    let last = null;
    const add = (kind, line, more = {}) => found.push(last = { kind, lines: [line], ...more });
    for (let i = 0; i < lines.length; i++) {
        const line = lines[i], heading = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line), item = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/.exec(line), quote = /^\s{0,3}>\s?(.*)$/.exec(line);
        if (/^\s{0,3}```/.test(line)) {
            const end = lines.findIndex((one, at) => at > i && /^\s{0,3}```\s*$/.test(one)), upto = end < 0 ? lines.length : end;
            add("code", lines.slice(i + 1, upto).join("\n"));
            i = upto;
            last = null;
        } else if (!line.trim()) {
            if (last?.kind !== "list") last = null; else last.loose = true;
        } else if (heading) {
            add("heading", heading[2], { level: heading[1].length });
            last = null;
        } else if (/^\s{0,3}([-*_])(\s*\1){2,}\s*$/.test(line)) {
            last = null;
        } else if (item) {
            const numbered = /\d/.test(item[2]), depth = item[1].length > 1 ? 1 : 0, one = { depth, text: item[3] };
            if (last?.kind === "list" && (depth || last.numbered === numbered)) last.lines.push(one); else add("list", one, { numbered, from: parseInt(item[2], 10) || 1 });
            last.loose = false;
        } else if (quote) {
            if (last?.kind === "quote") last.lines.push(quote[1]); else add("quote", quote[1]);
        } else if (last?.kind === "list" && !(last.loose && !/^\s/.test(line))) {
            last.lines.at(-1).text += `\n${line.trim()}`;
        } else if (last?.kind === "text" && !STARTS.test(line)) {
            last.lines.push(line.trim());
        } else {
            add("text", line.trim());
        }
    }
    return found;
};

// ---- within a line ----

const MARKS = /\\([\\`*_[\]()#+\-.!>])|`([^`\n]+)`|!?\[([^\]\n]*)\]\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+"[^"\n]*")?\s*\)|<((?:https?:\/\/|mailto:)[^\s<>]+)>|\*\*(?=\S)([\s\S]*?\S)\*\*|__(?=\S)([\s\S]*?\S)__(?!\w)|(?<!\w)\*(?=\S)([^*]*?[^*\s])\*(?!\w)|(?<!\w)_(?=\S)([^_]*?[^_\s])_(?!\w)/g;
const DEEP = 8, LONG = 10000; // a longer paragraph is text as it stands
// `say` makes what is shown of each: text(t), code(t), bold(inner), italic(inner), link(inner, href).
const inline = (line, say, depth = 0) => {
    const made = [], deeper = (text) => (depth < DEEP ? inline(text, say, depth + 1) : [say.text(text)]);
    let at = 0;
    if (line.length > LONG) return [say.text(line)];
    for (const found of line.matchAll(MARKS)) {
        const [whole, escaped, code, words, href, address, strong, strongToo, slanted, slantedToo] = found;
        if (found.index > at) made.push(say.text(line.slice(at, found.index)));
        at = found.index + whole.length;
        if (escaped !== undefined) made.push(say.text(escaped));
        else if (code !== undefined) made.push(say.code(code));
        else if (href !== undefined) made.push(say.link(deeper(words || href), href));
        else if (address !== undefined) made.push(say.link([say.text(address)], address));
        else if (strong !== undefined || strongToo !== undefined) made.push(say.bold(deeper(strong ?? strongToo)));
        else made.push(say.italic(deeper(slanted ?? slantedToo)));
    }
    if (at < line.length) made.push(say.text(line.slice(at)));
    return made;
};

// ---- shown ----

const SHOWN = {
    text: (text) => text,
    code: (text) => make("code", {}, text),
    bold: (inner) => make("b", {}, ...inner),
    italic: (inner) => make("i", {}, ...inner),
    link: (inner, href) => { const url = target(href); return url ? make("a", follow(url), ...inner) : make("span", {}, ...inner); },
};
const listShown = (block) => {
    const list = make(block.numbered ? "ol" : "ul", block.numbered && block.from > 1 ? { start: String(block.from) } : {});
    for (const { depth, text } of block.lines) {
        const item = make("li", {}, ...inline(text, SHOWN)), before = list.lastElementChild;
        if (!depth || !before) { list.append(item); continue; }
        if (before.lastElementChild?.tagName !== "UL") before.append(make("ul"));
        before.lastElementChild.append(item);
    }
    return list;
};
// Below the article's own heading, which the page shows as an h3.
const BLOCKS = {
    heading: (block) => make(block.level > 2 ? "h5" : "h4", {}, ...inline(block.lines[0], SHOWN)),
    list: listShown,
    quote: (block) => make("blockquote", {}, ...inline(block.lines.join("\n"), SHOWN)),
    code: (block) => make("pre", {}, block.lines[0]),
    text: (block) => make("p", {}, ...inline(block.lines.join("\n"), SHOWN)),
};
export const markdown = (text) => make("div", { class: "article" }, ...blocks(text).map((block) => BLOCKS[block.kind](block)));

// ---- as text ----

const SAID = {
    text: (text) => text,
    code: (text) => text,
    bold: (inner) => inner.join(""),
    italic: (inner) => inner.join(""),
    link(inner, href) { const said = inner.join(""), url = target(href); return !url || said === href || url.href === `mailto:${said}` ? said : `${said} (${url.protocol === "mailto:" ? href.replace(/^mailto:/i, "") : href})`; },
};
const said = (line) => inline(line, SAID).join("");
const listSaid = (block) => { let number = block.from; return block.lines.map(({ depth, text }) => `${depth ? "  - " : block.numbered ? `${number++}. ` : "- "}${said(text)}`).join("\n"); };
export const markdownText = (text) => blocks(text).map((block) => (block.kind === "list" ? listSaid(block) : block.kind === "code" ? block.lines[0] : said(block.lines.join("\n")))).join("\n\n");
