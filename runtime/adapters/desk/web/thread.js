// thread.js - All that was said and called with a contact, of all media in one line of time; and marks of what became of a
// message.
import { attempt, bdi, button, make, medium, moment, put, settle, time, wordOf } from "./dom.js";
import { t } from "./t.js";
import { contentShown, isLater, laters } from "./contents.js";
import { persons } from "./people.js";
import { get } from "./wire.js";

const MARKS = { accepted: ["✓", t("Sent")], delivered: ["✓✓", t("Delivered")], read: ["✓✓", t("Read")], failed: ["!", t("Not delivered")], expired: ["!", t("Not delivered in time")],
    "taken back": ["×", t("Taken back: not sent")], unknown: ["?", t("Nobody knows whether it was delivered")] };
// The mark behind a message of ours; the words are for those who hear it, and for the pointer.
export const mark = (state) => {
    const [sign, words] = MARKS[state] || ["", ""];
    return make("span", { class: `mark ${state}`, role: "img", "aria-label": words, title: words }, sign);
};
// Marks the line, which may have a mark already.
export const marked = (line, state) => {
    if (!MARKS[state] || line.dataset.state === "read" || line.dataset.state === "delivered" && state !== "read") return;
    line.dataset.state = state;
    line.querySelector(".mark")?.remove();
    line.querySelector(".by").append(mark(state));
};

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
// A file as the page shows it: a picture is one, another is fetched.
export const fileShown = (part, type, name) => {
    const link = make("a", { href: `api/parts/${part}`, target: "_blank", rel: "noopener", download: PICTURES.includes(type) ? null : name || t("file") });
    link.append(PICTURES.includes(type) ? make("img", { class: "picture", src: `api/parts/${part}`, alt: name || t("picture"), loading: "lazy" }) : name || t("file"));
    return link;
};

// A message's text is its file's name, or what was written with the file.
export const withText = (text, part, type, name) => [...(name && text !== name ? [text, "\n"] : []), fileShown(part, type, name || text)];

const ROLES = { customer: t("Customer"), bot: t("Assistant"), system: t("Automatic"), other: t("Automatic") };
export const speaker = (message) => message.from || ROLES[message.role] || wordOf(message.role);
const lineShown = (one) => {
    const own = one.role !== "customer" && one.index;
    const shown = make("li", { class: `${one.index ? (own ? "own" : "customer") : "call"}${one.visible === "agents" ? " aside" : ""}`, "data-interaction": one.interaction },
        make("span", { class: "by" }, make("span", { class: "medium" }, medium(one.media)), " ",
            one.index ? bdi(speaker(one)) : one.direction === "out" ? t("we called") : t("called"),
            one.visible === "agents" ? t(", for colleagues") : "", one.unverified && !own ? t(", not verified") : "", own && one.state === "taken back" ? t(", not sent") : "", " · ", time(one.at)),
        make("span", { class: "text" }, one.subject ? make("b", {}, one.subject, one.text ? "\n" : "") : null,
            ...(one.index ? contentShown(one) : [...persons(one.agents || [one.agent || ""]), one.agent ? " · " : "", one.result ? wordOf(one.result) : one.ended ? t("ended") : t("goes on")])));
    if (one.file && one.kind === "file") shown.lastChild.replaceChildren(make("span", { class: "file" }, ...withText(one.text, one.file.part, one.file.type, one.file.name)));
    else if (one.file) shown.lastChild.append(make("span", { class: "file" }, fileShown(one.file.part, one.file.type, one.file.name || one.text)));
    if (own && one.state) marked(shown, one.state);
    if (own && one.state === "taken back") shown.classList.add("unsent", "withdrawn");
    if (one.taken_back) shown.classList.add("withdrawn"), shown.taken = true;
    return shown;
};

// The list, the oldest above; `again` asks for what is new.
export const thread = (contact) => {
    const list = make("ol", { class: "thread" }), seen = new Map(), later = laters();
    const more = button(t("Earlier"), () => load(next), { hidden: true });
    let next = null, begun = false;
    const put_in = (one) => {
        const shown = lineShown(one);
        shown.at = one.at;
        let before = list.lastElementChild;
        while (before && before.at > one.at) before = before.previousElementSibling;
        if (before) before.after(shown); else list.prepend(shown);
        return shown;
    };
    const place = (one) => {
        const name = `${one.interaction}-${one.index || 0}`, old = seen.get(name);
        if (isLater(one)) { if (!old) seen.set(name, later.later(one, () => put_in(one))); return; }
        if (old?.texts || old?.signed) return; // what was said later about it stands there
        const shown = old ? lineShown(one) : put_in(one);
        seen.set(name, shown);
        if (old) { shown.at = old.at; old.replaceWith(shown); }
        if (one.msg_id) later.line(one.msg_id, shown);
    };
    const load = attempt(async (from) => {
        const page = await get(`api/contacts/${contact}/thread`, { ...from, limit: 40 });
        for (const one of page.lines) place(one);
        if (from || !begun) { next = page.next || null; more.hidden = !next; }
        if (from && !next) settle(list.firstElementChild);
        if (!begun) list.lastElementChild?.scrollIntoView({ block: "nearest" });
        begun = true;
        if (!list.firstChild) list.append(make("li", { class: "none" }, t("Nothing was said yet.")));
    });
    load();
    return { element: make("div", { class: "threaded" }, more, list), again: () => load() };
};

// How long the network takes a free answer, behind the customer's last message; null: it has no such time.
export const windowShown = (element, seconds, since) => {
    const left = since ? since + seconds * 1000 - Date.now() : 0;
    element.dataset.over = left <= 0 ? "yes" : "no";
    put(element, left <= 0 ? t("The time for a free answer is over: only a template is sent.")
        : t("A free answer is taken until {time}, {more} more.", { time: moment(since + seconds * 1000), more: left < 5400000 ? t("{count} minutes", { count: Math.ceil(left / 60000) }) : t("{count} hours", { count: Math.round(left / 3600000) }) }));
    return left > 0;
};
