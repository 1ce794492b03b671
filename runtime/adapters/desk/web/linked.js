// linked.js - Addresses in a text become links: those of the web alone, which tell the other page nothing of this one.
import { make } from "./dom.js";

const LINKS_MAX = 2000, LONG = 2000; // of a text, and letters of one: what is beyond stays text
const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"]+/gi;
// The address that a link leads to, as the browser understands it; null: it is none to follow.
export const target = (href) => {
    try {
        const url = new URL(/^www\./i.test(href) ? `https://${href}` : href);
        return ["http:", "https:", "mailto:"].includes(url.protocol) ? url : null;
    } catch { return null; }
};
// The page that is opened knows nothing of this one, and the target stands in the title: an IDN by its ASCII form.
export const follow = (url) => ({ href: url.href, target: "_blank", rel: "noopener noreferrer nofollow", title: url.href, referrerpolicy: "no-referrer" });
const bare = (host) => host.toLowerCase().replace(/^www\./, "");
// A text that begins with another site than the one to which its link leads gets the real one behind it.
export const truth = (said, url) => {
    const named = /^\s*(?:https?:\/\/)?([^\s\/?#:]+\.[^\s\/?#:]+)/i.exec(said)?.[1];
    return named && url.hostname && bare(named) !== bare(url.hostname) ? ` [${url.hostname}]` : "";
};
// Without the marks at its end. It is a loop, as an expression would begin anew at each of a million points.
const MARKS = ".,;:!?'\"]";
const unmarked = (said) => {
    let end = said.length;
    while (end > 0 && MARKS.includes(said[end - 1])) end--;
    return said.slice(0, end);
};
export const linked = (text) => {
    const nodes = [];
    let at = 0;
    for (const found of text.matchAll(LINK)) {
        if (nodes.length >= 3 * LINKS_MAX) break;
        if (found[0].length > LONG) continue;
        // What ends a sentence is none of the link; a bracket is where the link has opened it.
        let said = unmarked(found[0]);
        if (said.endsWith(")") && !said.includes("(")) said = unmarked(said.slice(0, -1));
        const url = target(said);
        if (!url) continue;
        nodes.push(text.slice(at, found.index), make("a", follow(url), said), truth(said, url));
        at = found.index + said.length;
    }
    return [...nodes, text.slice(at)].filter((one) => one !== "");
};
