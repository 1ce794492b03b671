// bins.js - Queues and workbins: how many wait in each, what lies there, taking it.
import { attempt, button, id, make, medium, put, settle, time } from "./dom.js";
import { ask, desk } from "./main.js";
import { get } from "./wire.js";
import { showOther } from "./work.js";

// A bin is {object, name, whose}; `whose` is empty where the workbin is the agent's own.
const known = new Map(); // its key -> the bin with the elements of its entry
let groups = null; // the agent's; null: the router was not there to tell them
let shown = null; // the bin that is open in the middle

const EVERYBODY = "*";
const LATER_MS = 300;
const keyOf = ({ object, name, whose }) => `${object} ${name}${whose ? ` of ${whose}` : ""}`;
const called = ({ object, name, whose }) => object === "queue" ? `Queue ${name}` : !whose ? `Workbin ${name}` : whose === EVERYBODY ? `Everybody's workbin ${name}` : `Workbin ${name} of ${whose}`;
const kindOf = ({ object, whose }) => object === "queue" ? "" : !whose ? "workbin" : whose === EVERYBODY ? "everybody's workbin" : `workbin of ${whose}`;
const fieldsOf = ({ name, whose }) => ({ name, ...(whose ? { whose } : {}) });

// A group's or everybody's workbin is in the list while something lies there.
const entryOf = (bin) => {
    const count = make("span", { class: "count" }, "–");
    const element = make("li", { hidden: Boolean(bin.whose) }, make("button", { type: "button", class: "entry flat", "data-bin": keyOf(bin), onclick: () => look(bin) },
        make("span", { class: "subject" }, bin.name), make("span", { class: "quiet" }, kindOf(bin)), count));
    known.set(keyOf(bin), { ...bin, count, element });
    return element;
};
const list = () => {
    const workbins = desk.me.workbins || [], owners = ["", ...(groups || []), EVERYBODY];
    known.clear();
    id("bins").replaceChildren(...(desk.me.queues || []).map((name) => entryOf({ object: "queue", name, whose: "" })),
        ...owners.flatMap((whose) => workbins.map((name) => entryOf({ object: "workbin", name, whose }))));
};
export const make_ = () => {
    groups = null;
    id("bins-part").hidden = !(desk.me.queues || []).length && !(desk.me.workbins || []).length;
    list();
};
// Marks the one that is open in the middle.
export const mark = () => {
    for (const one of id("bins").querySelectorAll("[data-bin]"))
        one.setAttribute("aria-current", shown && shown.element.isConnected && one.dataset.bin === keyOf(shown) ? "true" : "false");
};
const watchAll = () => {
    for (const bin of known.values()) ask("watch", { object: bin.object, ...fieldsOf(bin), on: true }).catch(() => {});
};
// The connection is new: the groups and the counts are asked for again.
export const watch = async () => {
    try {
        const mine = ((await get("api/agents", { name: desk.me.agent })).agents[0]?.groups || []).sort();
        if (String(mine) !== String(groups)) {
            groups = mine;
            list();
            mark();
        }
    } catch { /* they are asked for when the router is there again */ }
    if (desk.me) watchAll();
};
export const routerIsBack = () => { if (!groups) watch(); };
export const count = (message) => {
    const key = keyOf({ ...message, whose: message.whose === desk.me.agent ? "" : message.whose }), bin = known.get(key);
    if (bin) {
        put(bin.count, String(message.count));
        bin.element.hidden = Boolean(bin.whose) && message.count === 0;
    }
    if (shown && keyOf(shown) === key && shown.element.isConnected) {
        clearTimeout(shown.timer);
        shown.timer = setTimeout(shown.load, LATER_MS);
    }
};

const look = (bin) => {
    const { object, name, whose } = bin;
    const body = make("tbody"), none = make("p", { class: "none", hidden: true }, "It is empty."), total = make("span", { class: "quiet" });
    const pull = attempt(async (fields) => { await ask("pull", { [object]: name, ...(whose ? { whose } : {}), ...fields }); await load(); });
    const heading = make("h2", { tabindex: "-1" }, called(bin));
    const more = button("More", () => load(true), { hidden: true });
    let last = "";
    const load = attempt(async (further) => {
        const held = document.activeElement && body.contains(document.activeElement) ? document.activeElement.dataset.take : null;
        const page = await get(`api/${object === "queue" ? "queues" : "workbins"}/${encodeURIComponent(name)}`, { whose, limit: 50, after: further ? last : undefined });
        const rows = page.items.map((one) => make("tr", {},
            make("td", {}, medium(one.media)), make("td", { class: "wide" }, one.subject || ""), make("td", {}, one.from || ""),
            make("td", {}, one.received ? time(one.received) : ""), make("td", {}, one.due ? time(one.due) : "", one.due && one.due < Date.now() ? " late" : ""),
            make("td", {}, one.locked ? make("span", { class: "quiet" }, "A strategy works on it")
                : button("Take", () => pull({ ids: [one.id] }), { "aria-label": `Take ${one.subject || one.from || one.id}`, "data-take": one.id }))));
        if (further) body.append(...rows); else body.replaceChildren(...rows);
        if (page.items.length) last = page.items.at(-1).id;
        more.hidden = !page.more;
        if (further && more.hidden) settle(rows[0]);
        none.hidden = body.childElementCount > 0;
        put(total, page.count ? `${page.count} in it` : "");
        if (held) ([...body.querySelectorAll("[data-take]")].find((one) => one.dataset.take === held) || heading).focus();
    });
    const element = make("article", { class: "pane listing", "aria-label": heading.textContent },
        make("header", {}, make("div", { class: "heading" }, heading, total), make("div", { class: "actions" }, button("Take the next", async () => { await pull({ count: 1 }); settle(heading); }, { class: "first" }))),
        make("div", { class: "scroll", role: "region", "aria-label": `Contents of ${name}`, tabindex: "0" }, make("table", {}, make("caption", { class: "unseen" }, heading.textContent),
            make("thead", {}, make("tr", {}, ...["Medium", "Subject", "From", "Received", "Due", ""].map((text) => text ? make("th", { scope: "col" }, text) : make("td")))), body), none, more));
    shown = { ...bin, load: () => load(), element };
    showOther(element);
    heading.focus();
    load();
};
