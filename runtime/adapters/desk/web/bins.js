// bins.js - Queues and workbins: how many wait in each, what lies there, taking it.
import { attempt, button, id, make, medium, put, settle, time } from "./dom.js";
import { marked } from "./keys.js";
import { nameOf } from "./people.js";
import { t } from "./t.js";
import { ask, desk } from "./main.js";
import { get } from "./wire.js";
import { showOther } from "./work.js";

// A bin is {object, name, whose}; `whose` is empty where the workbin is the agent's own. A view of the site is one, too, of
// the object "view": its answers say of which queue or workbin it is, as `of`.
const known = new Map(); // its key -> the bin with the elements of its entry
let groups = null; // the agent's; null: the router was not there to tell them
let shown = null; // the bin that is open in the middle

const EVERYBODY = "*";
const LATER_MS = 300, AGAIN_MS = 5000;
const keyOf = ({ object, name, whose }) => [object, name, ...(whose ? ["of", whose] : [])].join(" ");
const binCalled = ({ object, name, whose }) => object === "view" ? t("View {name}", { name }) : object === "queue" ? t("Queue {name}", { name }) : !whose ? t("Workbin {name}", { name }) : whose === EVERYBODY ? t("Everybody's workbin {name}", { name }) : t("Workbin {name} of {whose}", { name, whose });
const kindOf = ({ object, whose }) => object === "view" ? t("view") : object === "queue" ? "" : !whose ? t("workbin") : whose === EVERYBODY ? t("everybody's workbin") : t("workbin of {whose}", { whose });
const pathOf = ({ object, name }) => `api/${object}s/${encodeURIComponent(name)}`;
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
    id("bins").replaceChildren(...(desk.me.views || []).map((name) => entryOf({ object: "view", name, whose: "" })), ...(desk.me.queues || []).map((name) => entryOf({ object: "queue", name, whose: "" })),
        ...owners.flatMap((whose) => workbins.map((name) => entryOf({ object: "workbin", name, whose }))));
};
export const make_ = () => {
    groups = null;
    id("bins-part").hidden = !["queues", "workbins", "views"].some((kind) => (desk.me[kind] || []).length);
    list();
};
// Marks the one that is open in the middle.
export const mark = () => {
    for (const one of id("bins").querySelectorAll("[data-bin]"))
        one.setAttribute("aria-current", shown && shown.element.isConnected && one.dataset.bin === keyOf(shown) ? "true" : "false");
};
// How many match a view is asked for when its queue or workbin tells that it has changed. A view that the router or the desk
// does not have is not shown.
const countView = async (view) => {
    try {
        const page = await get(pathOf(view), { limit: 1 });
        view.of = { object: page.object, name: page.name, whose: "" };
        const before = view.count.textContent, now = String(page.matching ?? 0);
        put(view.count, now);
        // A supervisor sees views of queues that the desk does not have, and of these nothing tells when they change.
        if (!known.has(keyOf(view.of)) && known.get(keyOf(view)) === view) {
            clearTimeout(view.timer);
            view.timer = setTimeout(() => countView(view), AGAIN_MS);
            if (shown && keyOf(shown) === keyOf(view) && shown.element.isConnected && before !== now) shown.load();
        }
        view.element.hidden = false;
    } catch (refusal) {
        if (refusal.status === 403 || refusal.status === 404) view.element.hidden = true;
        else if (known.get(keyOf(view)) === view && (!refusal.status || refusal.status >= 500)) {
            clearTimeout(view.timer);
            view.timer = setTimeout(() => countView(view), AGAIN_MS); // the router or the network is away
        }
    }
};
const viewsOf = (key) => [...known.values()].filter((bin) => bin.of && keyOf(bin.of) === key);
const watchAll = () => {
    for (const bin of known.values())
        if (bin.object === "view") countView(bin);
        else ask("watch", { object: bin.object, ...fieldsOf(bin), on: true }).catch(() => {});
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
    for (const view of viewsOf(key)) {
        clearTimeout(view.timer);
        view.timer = setTimeout(() => countView(view), LATER_MS);
    }
    if (shown && (keyOf(shown) === key || (shown.of && keyOf(shown.of) === key)) && shown.element.isConnected) {
        clearTimeout(shown.timer);
        shown.timer = setTimeout(shown.load, LATER_MS);
    }
};

// Takes out of a queue or workbin. Whoever comes too late is told who was first.
export const pull = async (fields) => {
    try { await ask("pull", fields); } catch (error) {
        throw error.code === "taken" && error.by ? new Error(t("{name} took it first.", { name: await nameOf(error.by) })) : error;
    }
};

// ---- the contents ----

const COLUMNS = ["media", "subject", "from", "received", "due"];
const TITLES = { media: t("Medium"), subject: t("Subject"), from: t("From"), to: t("To"), author: t("Author"), received: t("Received"), due: t("Due"), priority: t("Priority") };
const ORDERS = ["received", "due", "priority", "from", "subject"];
const isKey = (column) => !Object.hasOwn(TITLES, column); // of user data; it may be called `constructor`
const sorts = (bin, column) => ORDERS.includes(column) || (bin.object === "view" && isKey(column));

const titleOf = (column) => isKey(column) ? column : TITLES[column];
const cellOf = (one, column) => {
    if (column === "media") return make("td", {}, medium(one.media));
    if (column === "subject") return make("td", { class: "wide" }, one.subject || "", ...(one.kin > 1 ? [make("span", { class: "quiet" }, t(" one of {kin} of the same thread", { kin: one.kin }))] : []), ...(one.until ? [make("span", { class: "quiet" }, t(" until "), time(one.until))] : []));
    if (column === "received") return make("td", {}, one.received ? time(one.received) : "");
    if (column === "due") return make("td", {}, one.due ? time(one.due) : "", one.due && one.due < Date.now() ? t(" late") : "");
    if (column === "from") return make("td", one.name ? { title: one.from || "" } : {}, one.name || one.from || "");
    const values = isKey(column) ? one.data || {} : one;
    return make("td", {}, String((Object.hasOwn(values, column) ? values[column] : null) ?? ""));
};

const look = (bin) => {
    const { name, whose } = bin;
    const body = make("tbody"), none = make("p", { class: "none", hidden: true }, t("It is empty.")), total = make("span", { class: "quiet" });
    const head = make("tr");
    const taken = attempt(async (fields) => {
        try { await pull({ [of.object]: of.name, ...(whose ? { whose } : {}), ...fields }); } finally { await load(); }
    });
    const heading = make("h2", { tabindex: "-1" }, binCalled(bin));
    const more = button(t("More"), () => load(true), { hidden: true });
    const find = make("input", { type: "search", class: "find-in", placeholder: t("Filter"), "aria-label": t("Filter {name}", { name }), maxlength: 64, oninput: () => { clearTimeout(later); later = setTimeout(() => load(), LATER_MS); } });
    let last = "", order = "", later = 0, asked = 0, rows = [], columns = null, of = bin.of || bin;
    // The order of the head: the column once, the other way round, and then as the site has it.
    const turn = (column) => { order = order === column ? `-${column}` : order === `-${column}` ? "" : column; load(); };
    const drawHead = (page) => {
        const now = order || page.order || "", held = document.activeElement && head.contains(document.activeElement) ? document.activeElement.dataset.order : null;
        columns = page.columns?.length ? page.columns : COLUMNS;
        head.replaceChildren(...columns.map((column) => make("th", { scope: "col", "aria-sort": now === column ? "ascending" : now === `-${column}` ? "descending" : "none" },
            sorts(bin, column) ? make("button", { type: "button", class: "flat", "data-order": column, onclick: () => turn(column) }, titleOf(column)) : titleOf(column))), make("td"));
        if (held) [...head.querySelectorAll("[data-order]")].find((one) => one.dataset.order === held)?.focus();
    };
    const load = attempt(async (further) => {
        const number = ++asked;
        const held = document.activeElement && body.contains(document.activeElement) ? document.activeElement.dataset.take : null;
        const page = await get(pathOf(bin), { whose, limit: 50, after: further ? last : undefined, order, find: find.value.trim() });
        if (number !== asked) return; // a later answer is on its way
        if (page.object) opened.of = of = { object: page.object, name: page.name, whose: "" };
        drawHead(page);
        rows = further ? [...rows, ...page.items] : page.items;
        for (const one of page.items) one.kin = one.thread ? rows.filter((other) => other.thread === one.thread).length : 0;
        const added = page.items.map((one) => make("tr", {}, ...columns.map((column) => cellOf(one, column)),
            make("td", {}, one.locked ? make("span", { class: "quiet" }, t("A strategy works on it"))
                : button(t("Take"), () => taken({ ids: [one.id] }), { "aria-label": t("Take {subject}", { subject: one.subject || one.from || one.id }), "data-take": one.id }))));
        if (further) body.append(...added); else body.replaceChildren(...added);
        if (page.items.length) last = page.items.at(-1).id;
        more.hidden = !page.more;
        if (further && more.hidden) settle(added[0]);
        none.hidden = body.childElementCount > 0;
        put(none, find.value.trim() ? t("Nothing matches.") : t("It is empty."));
        put(total, page.matching !== undefined && page.matching !== page.count ? t("{matching} of {count}", { matching: page.matching, count: page.count }) : page.count ? t("{count} in it", { count: page.count }) : "");
        if (held) ([...body.querySelectorAll("[data-take]")].find((one) => one.dataset.take === held) || heading).focus();
    });
    // The next is the first one that is shown; in order of arrival the router chooses it, so that two do not want the same.
    const takeNext = async () => {
        const first = rows.find((one) => !one.locked);
        if (bin.object === "view" || order || find.value.trim()) {
            if (first) await taken({ ids: [first.id] });
        } else await taken({ count: 1 });
        settle(heading);
    };
    const element = make("article", { class: "pane listing", "aria-label": heading.textContent },
        make("header", {}, make("div", { class: "heading" }, heading, total), make("div", { class: "actions" }, find, button(t("Take the next"), takeNext, { class: "first", ...marked("take") }))),
        make("div", { class: "scroll", role: "region", "aria-label": t("Contents of {name}", { name }), tabindex: "0" }, make("table", {}, make("caption", { class: "unseen" }, heading.textContent),
            make("thead", {}, head), body), none, more));
    const opened = shown = { ...bin, load: () => load(), element };
    showOther(element);
    heading.focus();
    load();
};
