// strategies_kept.js - What is written in the site's files and not saved. It is kept in the browser by file and window: two
// windows of one person on the same file write over no text of each other's. A window here is one load of the page.
import { announce, button, dialog, draft, draftNames, key, make, put } from "../dom.js";
import { t } from "../t.js";

// A window holds a lock of its name for as long as it is there. What a closed one has left is taken by who opens the file next.
const OWN = key(), LOCK = "gcx-strategies-";
navigator.locks?.request(LOCK + OWN, () => new Promise(() => {})).catch(() => {});
// The windows that are there; null: nobody can say it, as in a page without TLS, which has no locks, or before this one has its own.
const there = async () => {
    try {
        const { held, pending } = await navigator.locks.query(), names = (locks) => locks.map(({ name }) => name.replace(LOCK, ""));
        return names(held).includes(OWN) ? new Set([...names(held), ...names(pending)]) : null;
    } catch { return null; }
};

// The texts of one person. Not of those that a log-out forgets.
export class KeptTexts {
    constructor(agent) {
        this.before = `strategy-${agent}-`;
    }
    all() {
        return draftNames(this.before).map((name) => ({ path: name.split("\n")[0], window: name.split("\n")[1] ?? "", draft: draft(this.before + name) }));
    }
    paths() {
        return [...new Set(this.all().map(({ path }) => path))];
    }
    own(path) {
        const { read, write, forget } = draft(`${this.before}${path}\n${OWN}`);
        return { read, forget, write: (value) => write({ ...value, at: Date.now() }) };
    }
    // What other windows have written, the newest first; `open`: the window is still there; null: nobody can say.
    async others(path) {
        const others = this.all().filter((one) => one.path === path && one.window !== OWN), open = others.length ? await there() : null;
        return others.map((one) => ({ ...one, ...one.draft.read(), open: open?.has(one.window) ?? null })).filter((one) => typeof one.text === "string").toSorted((one, two) => (two.at || 0) - (one.at || 0));
    }
    // What this window has written, else the newest that a closed one has left, which is this one's from then on. Of a window that
    // may still be there it is a copy, and only of what was written for this text of the file.
    async begun(path, id) {
        const own = this.own(path), [left] = own.read() ? [] : (await this.others(path)).filter((one) => one.open === false || (one.open === null && one.id === id));
        if (left && own.write({ text: left.text, id: left.id }) !== false && left.open === false) left.draft.forget();
        return own.read() ?? left ?? null;
    }
    // Tells what other windows have of the file and this one does not show, and offers it, while shown() is not null: the texts
    // that need no telling. take(text) puts one into the editor.
    offers(path, shown, take) {
        const box = make("div"), told = new Map();
        const look = async () => {
            const others = await this.others(path), known = shown();
            if (!known) return removeEventListener("storage", heard);
            const now = others.filter((one) => !known.includes(one.text));
            for (const [window, one] of told) if (!now.some((other) => other.window === window)) { one.element.remove(); told.delete(window); }
            for (const one of now) {
                if (!told.has(one.window)) { told.set(one.window, this.offer(one, take, look)); box.append(told.get(one.window).element); announce(t("Another window has a text of this file that is not saved")); }
                told.get(one.window).is(one);
            }
        };
        const heard = ({ key: name }) => { if (name === null || name.includes(`${this.before}${path}\n`)) look(); };
        addEventListener("storage", heard);
        look();
        return { element: box, look };
    }
    offer(one, take, look) {
        const text = make("pre", { class: "scroll", tabindex: "0" }), forget = () => { one.draft.forget(); look(); };
        const discard = button(t("Discard …"), () => dialog(t("Its text"), (close) => make("form", { onsubmit: (event) => { event.preventDefault(); close(); forget(); } },
            make("p", {}, t("What the closed window had written is gone then.")), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Discard"))))));
        const element = make("div", { class: "newer", role: "region", "aria-label": t("Another window has a text of this file that is not saved") },
            make("p", {}, t("Another window has a text of this file that is not saved")), make("details", {}, make("summary", {}, t("Its text")), text),
            make("div", { class: "row" }, button(t("Take its text"), async () => {
                take(text.textContent);
                if ((await there())?.has(one.window) === false) forget();
            }), discard));
        return { element, is: ({ text: now, open }) => { put(text, now); discard.hidden = open !== false; } };
    }
}
