// editor.js - The field for a mail's text: plain, or with layout where one wants it; and the files that go with it.
import { announce, attempt, button, bytes, insertText, joined, make } from "./dom.js";
import { t } from "./t.js";
import { desk } from "./main.js";
import { changing, undoable } from "./undo.js";
import { getBytes, post } from "./wire.js";

// ---- layout ----

const KEPT = { B: "b", STRONG: "b", I: "i", EM: "i", U: "u", UL: "ul", OL: "ol", LI: "li", P: "p", DIV: "p", BR: "br", BLOCKQUOTE: "blockquote", A: "a",
    TABLE: "table", THEAD: "thead", TBODY: "tbody", TFOOT: "tfoot", TR: "tr", TD: "td", TH: "th", CAPTION: "caption" };
// Of a table, what makes it one.
const CELLS = ["border", "colspan", "rowspan"];
const GONE = new Set(["SCRIPT", "STYLE", "TITLE", "TEMPLATE", "NOSCRIPT", "SUMMARY"]);
const linkGood = (href) => /^(https?:\/\/|mailto:)/i.test(href || "");
// A copy that has these elements and texts only: attributes and all else are left out, whoever wrote them.
const clean = (from) => {
    const into = document.createDocumentFragment();
    for (const node of from.childNodes) {
        if (node.nodeType === Node.TEXT_NODE) into.append(node.data);
        if (node.nodeType !== Node.ELEMENT_NODE || GONE.has(node.tagName)) continue;
        const href = node.getAttribute("href"), name = node.tagName === "A" && !linkGood(href) ? null : KEPT[node.tagName];
        const inner = clean(node);
        if (!name) { into.append(inner); continue; }
        const element = make(name, name === "a" ? { href } : {});
        for (const cell of CELLS) if (/^t/.test(name) && /^\d{1,2}$/.test(node.getAttribute(cell) || "")) element.setAttribute(cell, node.getAttribute(cell));
        element.append(inner);
        into.append(element);
    }
    return into;
};
const TOOLS = [["B", "bold", t("Bold")], ["I", "italic", t("Italic")], ["U", "underline", t("Underlined")], ["•", "insertUnorderedList", t("List")], ["1.", "insertOrderedList", t("Numbered list")]];

// `changed` after each change, `send` at Ctrl+Enter.
export const writer = (label, changed, send) => {
    const bare = make("textarea", { rows: "10", maxlength: "200000", "aria-label": label, spellcheck: "true" });
    const rich = make("div", { class: "rich", contenteditable: "true", role: "textbox", "aria-multiline": "true", "aria-label": label, tabindex: "0", spellcheck: "true", hidden: true });
    const does = (command, value) => { rich.focus(); document.execCommand(command, false, value); toolsShow(); changed(); };
    const tools = make("div", { class: "row tools", role: "toolbar", "aria-label": t("Layout"), hidden: true },
        ...TOOLS.map(([text, command, name]) => button(text, () => does(command), { "aria-label": name, title: name, "data-command": command, "aria-pressed": "false", onmousedown: (event) => event.preventDefault() })),
        button(t("Link"), () => {
            const href = prompt(t("The link's address:"), "https://");
            if (linkGood(href)) does("createLink", href);
        }));
    const toolsShow = () => { for (const one of tools.querySelectorAll("[data-command]")) one.setAttribute("aria-pressed", String(document.queryCommandState(one.dataset.command))); };
    const html = () => { const holder = make("div"); holder.append(clean(rich)); return holder.innerHTML; };
    const text = () => (rich.hidden ? bare.value : rich.innerText.replace(/\n{3,}/g, "\n\n"));
    const flat = (said) => said.replace(/\s+/g, " ").trim();
    let signed = "";
    // What stands in the caret's line before it, and after it.
    const beside = (which) => {
        const { anchorNode: node, anchorOffset: at, focusOffset: end } = getSelection();
        if (node?.nodeType !== Node.TEXT_NODE) return "";
        return which === "before" ? node.data.slice(0, Math.min(at, end)) : node.data.slice(Math.max(at, end));
    };
    const lines = (said) => said.split("\n").map((line) => make("p", {}, line || make("br")));
    const turn = (on) => {
        if (on === !rich.hidden) return;
        if (on) rich.replaceChildren(...lines(bare.value)); else bare.value = text();
        tools.hidden = rich.hidden = !on;
        bare.hidden = on;
        swap.setAttribute("aria-pressed", String(on));
    };
    const swap = button(t("Layout"), () => { turn(rich.hidden); changed(); focus(); }, { "aria-pressed": "false" });
    const focus = () => (rich.hidden ? bare : rich).focus();
    const set = (said, layout) => {
        turn(Boolean(layout));
        if (layout) rich.replaceChildren(clean(new DOMParser().parseFromString(layout, "text/html").body)); else bare.value = said;
    };
    document.execCommand("defaultParagraphSeparator", false, "p");
    for (const one of [bare, rich]) one.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); send(); } });
    rich.addEventListener("keyup", toolsShow);
    // Pasted and dropped things come as text.
    rich.addEventListener("paste", (event) => { event.preventDefault(); does("insertText", event.clipboardData.getData("text/plain")); });
    rich.addEventListener("drop", (event) => event.preventDefault());
    return {
        elements: [tools, bare, rich], fields: [bare, rich], swap, focus, text, set,
        lock(on) { bare.readOnly = on; rich.contentEditable = String(!on); },
        // Whether somebody has written something: a signature alone is no answer.
        says: () => !["", signed].includes(flat(text())),
        html: () => (rich.hidden || !text().trim() ? null : html()),
        insert(said) {
            if (rich.hidden) insertText(bare, said); else { rich.focus(); does("insertText", joined(beside("before"), said, beside("after"))); }
            changed();
            focus();
        },
        // Does `change`, and returns what undoes it.
        changing: (change) => changing(() => [text(), rich.hidden ? null : html()], ([was, layout]) => { set(was, layout); changed(); }, change, ([said, layout]) => layout ?? said),
        // Another text in place of all that was written; returns what undoes that.
        replace(said) {
            return this.changing(() => {
                set(said, rich.hidden ? null : lines(said).map((one) => one.outerHTML).join(""));
                changed();
                focus();
            });
        },
        // The signature that was put in, as says() compares it; was: in a draft.
        signed: (was = signed) => (signed = was),
        // A signature below, where the writing begins above it.
        sign(said) {
            signed = flat(said);
            if (rich.hidden) { bare.value = `\n\n${said}`; bare.setSelectionRange(0, 0); } else rich.append(...lines(`\n${said}`));
        },
        // Quotes an older mail below, once; `layout` is the element in which it is shown, where it has a layout.
        append(said, layout) {
            const before = text().trimEnd(), [head] = said.split("\n", 1);
            if (head && before.includes(head)) { focus(); return; }
            const older = layout && clean(layout);
            if (older) turn(true);
            if (older) rich.append(make("p", {}, head), make("blockquote", {}, older), make("p", {}, make("br")));
            else if (rich.hidden) bare.value = before + (before ? "\n\n" : "") + said; else rich.append(make("blockquote", {}, ...lines(said.replace(/^> ?/gm, ""))));
            changed();
            focus();
        },
    };
};

// ---- files ----

export const attachments = (changed) => {
    let files = [], waiting = [];
    const element = make("ul", { class: "files", "aria-label": t("Attached") });
    const show = () => element.replaceChildren(...waiting.map(({ name }) => make("li", { class: "quiet" }, `${name} …`)), ...files.map((one) => make("li", {}, one.name, make("span", { class: "quiet" }, ` ${bytes(one.size)} `),
        button("×", () => {
            const before = files;
            files = files.filter((other) => other !== one);
            show();
            changed();
            undoable(t("{name} is not attached any more.", { name: one.name }), () => { files = [...files, ...before.filter((other) => other === one)]; show(); changed(); });
        }, { "aria-label": t("Do not attach {name}", { name: one.name }) }))));
    const bring = async (name, type, blob) => {
        if (!blob.size) throw new Error(t("{name} is empty: there is nothing to send.", { name }));
        if (desk.me.attachment_max && blob.size > desk.me.attachment_max) throw new Error(t("{name} has more than {size}.", { name, size: bytes(desk.me.attachment_max) }));
        const { upload } = await post("api/uploads?" + new URLSearchParams({ name, ...(type ? { type } : {}) }), blob, "application/octet-stream");
        return { upload, name, type, size: blob.size, session: desk.me.expires };
    };
    // A mail waits for the files that are on their way to it.
    const coming = new Set();
    const comes = (work) => {
        const all = work().finally(() => coming.delete(all));
        coming.add(all);
        return all;
    };
    const add = async (name, type, blob, of) => {
        const waits = { name };
        waiting.push(waits);
        show();
        try {
            const one = { ...await bring(name, type, blob), of };
            files.push(one); // to the list of now: another may have been set meanwhile
        } finally {
            waiting = waiting.filter((other) => other !== waits);
            show();
        }
        changed();
        announce(t("{name} is attached", { name }));
    };
    // Each by itself: one that cannot be had keeps back none of the others.
    const bringAll = attempt((list) => comes(async () => {
        let wrong = null;
        for (const one of list) try { await add(one.name, one.type, one); } catch (error) { wrong ||= error; }
        if (wrong) throw wrong;
    }));
    const chosen = make("input", { type: "file", multiple: true, class: "unseen", tabindex: "-1", "aria-label": t("Files to attach"), onchange: () => {
        bringAll([...chosen.files]);
        chosen.value = ""; // the same one may be chosen again
    } });
    return {
        element, chosen, bringAll,
        choose: () => chosen.click(),
        kept: () => files,
        coming: () => coming.size > 0,
        set(list) { files = list; show(); },
        // Another mail's files, by their parts.
        take: (parts) => comes(async () => {
            for (const one of parts.filter((part) => part.length && !files.some((file) => file.of === part.part)))
                await add(one.name || (one.type === "message/rfc822" ? "mail.eml" : "file"), one.type, await getBytes(`api/parts/${one.part}`), one.part);
        }),
        // An upload is one session's and goes with one mail: for another session, or, `anew`, another mail, it is brought again.
        async uploads(anew) {
            await Promise.all(coming);
            for (const [i, one] of files.entries())
                if (one.upload && (anew || one.session !== desk.me.expires)) files[i] = { ...await bring(one.name, one.type, await getBytes(`api/parts/${one.upload}`)), of: one.of };
            return files.filter((one) => one.upload).map((one) => one.upload);
        },
    };
};
