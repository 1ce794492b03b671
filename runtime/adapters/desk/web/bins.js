// bins.js - Queues and workbins: how many wait in each, what lies there, taking it.
import { attempt, button, id, make, medium, put, time } from "./dom.js";
import { ask, desk } from "./main.js";
import { get } from "./wire.js";
import { showOther } from "./work.js";

const known = new Map(); // "queue mail" -> its count's element
let shown = null; // what is open in the middle: {object, name, load}

const LATER_MS = 300;
export const make_ = () => {
    known.clear();
    const entry = (object, name) => {
        const count = make("span", { class: "count" }, "–");
        known.set(`${object} ${name}`, count);
        return make("li", {}, make("button", { type: "button", class: "entry flat", "data-bin": `${object} ${name}`, onclick: () => look(object, name) },
            make("span", { class: "subject" }, name), make("span", { class: "quiet" }, object === "workbin" ? "workbin" : ""), count));
    };
    id("bins-part").hidden = !(desk.me.queues || []).length && !(desk.me.workbins || []).length;
    id("bins").replaceChildren(...(desk.me.queues || []).map((name) => entry("queue", name)), ...(desk.me.workbins || []).map((name) => entry("workbin", name)));
};
// Marks the one that is open in the middle.
export const mark = () => {
    for (const one of id("bins").querySelectorAll("[data-bin]"))
        one.setAttribute("aria-current", shown && shown.element.isConnected && one.dataset.bin === `${shown.object} ${shown.name}` ? "true" : "false");
};
// The connection is new: the counts are asked for again.
export const watch = () => {
    for (const both of known.keys()) {
        const [object, name] = both.split(/ (.*)/s);
        ask("watch", { object, name, on: true }).catch(() => {});
    }
};
export const count = (message) => {
    const element = known.get(`${message.object} ${message.name}`);
    if (element) put(element, String(message.count));
    if (shown && shown.object === message.object && shown.name === message.name && shown.element.isConnected) {
        clearTimeout(shown.timer);
        shown.timer = setTimeout(shown.load, LATER_MS);
    }
};

const look = (object, name) => {
    const body = make("tbody"), none = make("p", { class: "none", hidden: true }, "It is empty."), total = make("span", { class: "quiet" });
    const pull = attempt(async (fields) => { await ask("pull", { [object]: name, ...fields }); await load(); });
    const heading = make("h2", { tabindex: "-1" }, object === "queue" ? `Queue ${name}` : `Workbin ${name}`);
    const more = button("More", () => load(true), { hidden: true });
    let last = "";
    const load = attempt(async (further) => {
        const held = document.activeElement && body.contains(document.activeElement) ? document.activeElement.dataset.take : null;
        const page = await get(`api/${object === "queue" ? "queues" : "workbins"}/${encodeURIComponent(name)}`, { limit: 50, after: further ? last : undefined });
        const rows = page.items.map((one) => make("tr", {},
            make("td", {}, medium(one.media)), make("td", { class: "wide" }, one.subject || ""), make("td", {}, one.from || ""),
            make("td", {}, one.received ? time(one.received) : ""), make("td", {}, one.due ? time(one.due) : "", one.due && one.due < Date.now() ? " late" : ""),
            make("td", {}, one.locked ? make("span", { class: "quiet" }, "A strategy works on it")
                : button("Take", () => pull({ ids: [one.id] }), { "aria-label": `Take ${one.subject || one.from || one.id}`, "data-take": one.id }))));
        if (further) body.append(...rows); else body.replaceChildren(...rows);
        if (page.items.length) last = page.items.at(-1).id;
        more.hidden = !page.more;
        none.hidden = body.childElementCount > 0;
        put(total, page.count ? `${page.count} in it` : "");
        if (held) ([...body.querySelectorAll("[data-take]")].find((one) => one.dataset.take === held) || heading).focus();
    });
    const element = make("article", { class: "pane listing", "aria-label": heading.textContent },
        make("header", {}, make("div", { class: "heading" }, heading, total), make("div", { class: "actions" }, button("Take the next", () => pull({ count: 1 }), { class: "first" }))),
        make("div", { class: "scroll", role: "region", "aria-label": `What lies in ${name}`, tabindex: "0" }, make("table", {}, make("caption", { class: "unseen" }, heading.textContent),
            make("thead", {}, make("tr", {}, ...["Medium", "Subject", "From", "Received", "Due", ""].map((text) => text ? make("th", { scope: "col" }, text) : make("td")))), body), none, more));
    shown = { object, name, load: () => load(), element };
    showOther(element);
    heading.focus();
    load();
};
