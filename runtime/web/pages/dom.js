// dom.js - Elements, times and words, shared by the other modules. Text from outside becomes text nodes only.

import { dates, said, straight, t } from "./t.js";

export { bytes, duration } from "./t.js";
export const id = (name) => document.getElementById(name);

// A second click, or a second Enter, does nothing until what the first one has begun is over.
const onceAtATime = (press) => async (event) => {
    const element = event.currentTarget;
    if (element.ariaBusy) { event.preventDefault(); return; }
    element.ariaBusy = "true";
    try { await press(event); } finally { element.ariaBusy = null; }
};
// An element. `on...` are listeners; null and false leave an attribute out; children are nodes or texts.
export const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes))
        if (key.startsWith("on")) element.addEventListener(key.slice(2), ["onclick", "onsubmit"].includes(key) ? onceAtATime(value) : value);
        else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
    element.append(...children.filter((child) => child !== null && child !== undefined && child !== "").map((child) => (typeof child === "string" ? straight(child) : child)));
    return element;
};
export const button = (text, press, attributes = {}) => make("button", { type: "button", onclick: press, ...attributes }, text);
let labels = 0;
// A control under its label.
export const labelled = (text, control) => {
    control.id ||= `control-${++labels}`;
    return make("div", { class: "field" }, make("label", { for: control.id }, text), control);
};
export const select = (options, attributes = {}) => make("select", attributes,
    ...options.map(([value, text]) => make("option", { value }, text)));

// A name or an address within a line, which keeps its order whatever letters they have.
export const bdi = (text) => make("bdi", {}, text);

// Changes a text only where it is another: a screen reader is not told again.
export const put = (element, text) => {
    const shown = typeof text === "string" ? straight(text) : text;
    if (element.textContent !== shown) element.textContent = shown;
};

// ---- said and shown to the person at the desk ----

export const announce = (text) => {
    const line = make("p", {}, text);
    id("said").append(line);
    setTimeout(() => line.remove(), 10000);
};
// A sentence of the server's with values in it, in the language of the page.
const formed = ({ form, values, more }) => [t(form, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value || t("The other side")]))), more && said(more)].filter(Boolean).join(" ");
// What stands outside of the uppermost dialog is out of reach.
export const noteTo = (note) => {
    ([...document.querySelectorAll("dialog[open]")].at(-1) || id("notes")).append(note);
    return note;
};
// Says what was done, where it is seen as well.
export const tell = (text) => {
    const note = noteTo(make("p", { class: "note done", role: "status" }, text));
    setTimeout(() => note.remove(), 10000);
};
const complained = (error) => {
    const text = error.form ? formed(error) : said(error.text || error.message || String(error));
    // In a dialog only the last complaint counts: what was wrong before may be right now.
    const within = [...document.querySelectorAll("dialog[open]")].at(-1);
    for (const other of document.querySelectorAll(".note[role=alert]")) if (within?.contains(other) || other.firstChild.data === straight(text)) other.remove();
    const note = make("p", { class: "note", role: "alert" }, text, button("×", () => note.remove(), { "aria-label": t("Dismiss") }));
    noteTo(note);
    setTimeout(() => note.remove(), 15000);
    return { note, text };
};
export const complain = (error) => complained(error).text;
// Runs what a person asked for; what is refused is told, until the same was done later.
export const attempt = (asked) => {
    let told = null;
    return async (...given) => {
        try {
            const answer = await asked(...given);
            told?.remove();
            return answer;
        } catch (error) { told = complained(error).note; }
    };
};

// ---- where the focus goes ----

// The page moves the focus to the first of these that is seen. A second Enter may be under way: so no button is named here,
// but a heading, a card or a list, where Enter does nothing; and a field that sends at Enter, and has text, takes Enter only
// after something else was done in it.
export const settle = (...places) => {
    const place = places.find((one) => one?.isConnected && one.checkVisibility());
    if (!place) return;
    if (place.tabIndex < 0 && !place.hasAttribute("tabindex")) place.setAttribute("tabindex", "-1");
    if ("sends" in place.dataset && place.value) place.dataset.sends = "later";
    place.focus();
};
// What was chosen is put in by Enter, and sent by the next one: only one that comes within this time is that of a doubled press.
const DOUBLED_MS = 400;
export const putInto = (field, text) => {
    insertText(field, text);
    settle(field);
    setTimeout(() => { if (field.dataset.sends === "later") field.dataset.sends = ""; }, DOUBLED_MS);
};
const around = (element) => {
    const found = [];
    for (let one = element.parentElement; one; one = one.parentElement) if (one.matches("article, section, aside, main, [role=region], dialog")) found.push(one);
    return found;
};
// An element that goes while it has the focus leaves it to what was around it: a browser would begin at the page's start.
// To ask whether it is seen lays out the page: that is asked only when something around it was hidden, not when any text changes.
let focused = null, near = [];
const isLost = (element, changes) => !element.isConnected || element.disabled ||
    changes.some(({ type, target }) => type === "attributes" && target.contains(element)) && !element.checkVisibility();
addEventListener("focusin", (event) => { focused = event.target; near = around(focused); });
addEventListener("pointerdown", () => { focused = null; }, true);
new MutationObserver((changes) => {
    const now = document.activeElement;
    if (!focused || now !== document.body && now !== focused || !isLost(focused, changes)) return;
    focused = null;
    settle(...near, id("work"), id("supervisor"), id("list"));
}).observe(document.body, { subtree: true, childList: true, attributeFilter: ["hidden", "disabled", "data-part"] });

// Where a text of several lines is written, Enter in the fields beside it sends nothing. Spaces alone are no text.
addEventListener("keydown", (event) => {
    const at = event.target, later = at.dataset?.sends === "later";
    if (later && !["Shift", "Control", "Alt", "Meta"].includes(event.key)) at.dataset.sends = "";
    const again = event.repeat && !at.matches?.("textarea:not([data-sends]), [contenteditable]");
    if (event.key === "Enter" && !event.ctrlKey && (later || again && !event.shiftKey || at.matches?.("input") && at.form?.querySelector("textarea"))) {
        event.preventDefault();
        event.stopPropagation();
    }
}, true);
addEventListener("input", (event) => {
    const { target } = event;
    if (target.required && target.type !== "password") target.setCustomValidity(target.value.trim() ? "" : t("Please write something."));
});

// The browser cuts what is pasted into a field that has no room for it, and does not say so.
addEventListener("paste", (event) => {
    const { target, clipboardData } = event, most = target.maxLength;
    if (!(most > 0) || event.defaultPrevented || !clipboardData) return;
    if (target.value.length - (target.selectionEnd - target.selectionStart) + clipboardData.getData("text/plain").replace(/\r\n/g, "\n").length > most) complain(new Error(t("The end of what you have pasted is cut: here is room for {count} characters.", { count: most })));
});

// ---- words ----

const MEDIA = { voice: t("Call"), email: t("E-mail"), chat: t("Chat"), sms: "SMS", mms: "MMS", im: t("Instant message"), social: t("Social"), fax: t("Fax"), work: t("Work"), callback: t("Call-back") };
// A site has media of its own, own1 to own195, and the router says how it calls them.
const OWN = {};
export const mediaLearn = (names) => {
    for (const [word, name] of Object.entries(names || {})) {
        MEDIA[word] = plain(name);
        OWN[name] = word;
    }
};
// The word by which the router takes it.
export const mediumWord = (name) => OWN[name] || name;
export const medium = (name) => MEDIA[name] || plain(name);
const STATES = { ready: t("Ready"), not_ready: t("Not ready"), after_call_work: t("After-contact work"), logged_out: t("Logged out"), busy: t("Busy"), away: t("Not connected") };
export const stateText = (name) => STATES[name] || plain(name);
// What the router calls states and ends of interactions and campaigns, and where a value comes from.
const WORDS = { observed: t("Observed"), queued: t("Queued"), routing: t("Routing"), handling: t("Handling"), closing: t("Closing"), ended: t("Ended"), routed: t("Routed"), stopped: t("Stopped"),
    abandoned: t("Abandoned"), defaulted: t("By default"), lost: t("Lost"), failed: t("Failed"), merged: t("Merged"), "taken back": t("Taken back"), "not sent": t("Not sent"), "passed on": t("Passed on"), closed: t("Closed"), done: t("Done"), refused: t("Refused"), accepted: t("Accepted"), delivered: t("Delivered"), answered: t("Talked"), left: t("Ended by the customer"), idle: t("Nobody wrote any more"), expired: t("Not delivered in time"), unknown: t("Not known"), sent: t("Sent"),
    distributed: t("Given to an agent"), timeout: t("Time over"), no_answer: t("No answer"), up: t("Up"), down: t("Down"), set: t("Set"), over: t("Over"), imported: t("Imported"),
    running: t("Running"), loaded: t("Loaded"), progressive: t("Progressive"), predictive: t("Predictive"), preview: t("Preview"),
    site: t("The site"), directory: t("The directory"), hand: t("By hand"), queue: t("Queue"), workbin: t("Workbin"), strategy: t("Strategy"), parameter: t("Parameter"), table: t("Table"), schedule: t("Schedule"),
    customer: t("Customer"), agent: t("Agent"), bot: t("Assistant"), system: t("Automatic"), supervisor: t("Supervisor") };
export const wordOf = (name) => (Object.hasOwn(WORDS, name) ? WORDS[name] : plain(name));
export const plain = (name) => { const text = String(name ?? "").replace(/_/g, " "); return text.charAt(0).toUpperCase() + text.slice(1); };
// User data as names and texts: those of a record stand behind the record's name.
export const flat = (data, before = "") => Object.entries(data || {}).flatMap(([name, value]) =>
    value && typeof value === "object" ? flat(value, `${before}${name} `) : [[plain(before + name), String(value)]]);

// Why an offer, or what one had, is over.
const ENDS = { no_answer: t("the time to accept it was up"), taken: t("somebody else has it"), rejected: t("it was declined"), redirected: t("somebody else has it now"),
    transferred: t("it was handed on"), timeout: t("the time to work on it was up, it went back"), no_reply: t("it was not replied to in time, and goes to somebody else"), abandoned: t("the customer has gone"), gone: t("it has ended"), ok: t("somebody finished it") };
export const why = (reason) => ENDS[reason] || plain(reason).toLowerCase();

const clock = dates({ hour: "2-digit", minute: "2-digit" }), date = dates({ day: "numeric", month: "short" }), long = dates({ dateStyle: "medium", timeStyle: "short" });
export const moment = (ms) => {
    const then = new Date(ms), today = then.toDateString() === new Date().toDateString();
    return today ? clock.format(then) : date.format(then) + ", " + clock.format(then);
};
export const time = (ms) => make("time", { datetime: new Date(ms).toISOString(), title: long.format(new Date(ms)) }, moment(ms));
export const key = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");

// ---- drafts ----

// A draft is kept in the browser until it is sent: it is there again after a reload, or when the tab was closed.
const DRAFT = "gcx-desk-draft-", DRAFT_MS = 7 * 86400000;
export const draft = (name) => ({
    read() { try { return JSON.parse(localStorage.getItem(DRAFT + name)).value; } catch { return null; } },
    // False: the browser keeps nothing.
    write(value) { try { localStorage.setItem(DRAFT + name, JSON.stringify({ at: Date.now(), value })); return true; } catch { return false; } },
    forget() { try { localStorage.removeItem(DRAFT + name); } catch { /* nothing is kept */ } },
});
// What stands behind `before` in the names of drafts that are kept.
export const draftNames = (before) => Object.keys(localStorage).filter((one) => one.startsWith(DRAFT + before)).map((one) => one.slice(DRAFT.length + before.length));
// Keeps the answer that was begun with the item, for whoever has it next: some seconds after it was written, and the core
// keeps its first part. What was sent or deleted is forgotten there at once.
const BEGUN_MS = 3000, BEGUN_MAX = 4000;
export const begun = (item, tell) => {
    let later = 0, next = "", told = item.data?.draft || "";
    const now = (text) => {
        clearTimeout(later);
        later = 0;
        if (text === told) return;
        told = text;
        tell({ ixn: item.ixn, text }).catch(() => {});
    };
    return {
        write(text) {
            const kept = text.trim() && text.slice(0, BEGUN_MAX);
            clearTimeout(later);
            later = 0;
            next = kept;
            if (!kept) now(""); else later = setTimeout(now, BEGUN_MS, kept);
        },
        // The item is given away: what was written goes with it.
        lies() { if (later) now(next); },
        // What lies with the item, as far as is known here.
        told: () => told,
        end: () => clearTimeout(later),
    };
};
// What is written in the field is there again after a reload. Answers what forgets it.
export const keepField = (field, name) => {
    const kept = draft(name), what = field.type === "checkbox" ? "checked" : "value", was = field[what];
    field[what] = kept.read() ?? was;
    field.addEventListener("input", () => { if (field[what] === was) kept.forget(); else kept.write(field[what]); });
    return kept.forget;
};
// The text `said` of a field went out. What was written there meanwhile stays.
export const wentOut = (field, said, forget) => {
    field.value = field.value.startsWith(said) ? field.value.slice(said.length).trimStart() : field.value;
    if (field.value) field.dispatchEvent(new Event("input", { bubbles: true })); else forget();
};
// What is put between two texts, with a blank where words would touch.
export const joined = (before, text, after) => (/[^\s([{"'“„«/]$/.test(before) && /^[^\s.,;:!?)]/.test(text) ? " " : "") + text + (/\S$/.test(text) && /^[^\s.,;:!?)]/.test(after) ? " " : "");
// The page writes into a field: whoever keeps it hears of that.
export const insertText = (field, text) => {
    const { selectionStart: from, selectionEnd: to, value } = field;
    field.setRangeText(joined(value.slice(0, from), text, value.slice(to)), from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
};
// Forgets the old drafts of `whose`; after a log-out all: others may sit here next.
export const draftsForget = (whose, all) => {
    for (const name of Object.keys(localStorage).filter((one) => one.startsWith(`${DRAFT}${whose}-`))) {
        const kept = draft(name.slice(DRAFT.length));
        let at = 0;
        try { at = JSON.parse(localStorage.getItem(name)).at; } catch { /* none of ours */ }
        if (all || !(Date.now() - at < DRAFT_MS)) kept.forget();
    }
};

// ---- a dialog over the page ----

// `fill` makes its content and is given what closes it when its work is done. Focus goes in, stays in, and comes back, as the
// browser does it; after the work it comes to what is around the button, as a second Enter would open the dialog again.
// `about`: an item; when it is the agent's no more, the dialog has nothing to ask.
const abouts = new Map();
export const dialog = (title, fill, about) => {
    const heading = make("h2", { id: `dialog-${key()}` }, title); // one dialog may stand above another
    const box = make("dialog", { "aria-labelledby": heading.id, onclose: () => { box.remove(); abouts.delete(box); } },
        make("header", {}, heading, button("×", () => box.close(), { "aria-label": t("Close") })));
    box.append(...[fill(() => { box.close(); settle(...around(document.activeElement)); }, box)].flat());
    document.body.append(box);
    abouts.set(box, about);
    box.showModal();
    settle(box.querySelector("input, select, textarea"), heading);
    return box;
};
// What the dialog asks for may make its item go before the answer is there.
export const going = async (box, work) => {
    box.dataset.goes = "";
    try { return await work; } finally { delete box.dataset.goes; }
};
export const dialogsEnd = (about, called, text = t("{called} is not yours any more: the dialog is closed.", { called })) => {
    for (const [box, one] of abouts)
        if (one === about && box.open) {
            box.close();
            if (!("goes" in box.dataset)) complain({ text });
        }
};
