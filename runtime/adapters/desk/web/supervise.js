// supervise.js - What others have, for supervisors who look on at it, take it over, hand it on or finish it. All else is at the console.
import { announce, attempt, button, dialog, duration, id, labelled, make, medium, mediumWord, moment, plain, put, select, wordOf } from "./dom.js";
import { t } from "./t.js";
import { ask, desk, view_ } from "./main.js";
import { called } from "./people.js";
import { handOn } from "./transfer.js";
import { get } from "./wire.js";
import { supervise } from "./work.js";

const EVERY_MS = 3000;
const us = (shown) => (value) => value === null || value === undefined ? "" : shown(value / 1000);
const age = us((ms) => duration(Date.now() - ms));
const pairs = (value) => value && typeof value === "object" ? Object.entries(value).map(([name, one]) => `${name} ${one}`).join(", ") : value ?? "";
const any = (value) => value === null || value === undefined ? "" : typeof value === "object" ? pairs(value) : String(value);

// ---- the tables ----

const where = (owner, row) => owner ? `${row.owner_kind === "agent" ? called(owner) : owner}${["queue", "workbin", "strategy"].includes(row.owner_kind) ? ` (${wordOf(row.owner_kind)})` : ""}` : "";
// A table a row: what is asked, its title, its columns: member, heading, how it is shown, when it is coloured. Columns that no row has are left out.
const TABLES = [
    ["parked", t("Parked"), [["name", t("Queue")], ["count", t("In it")], ["oldest", t("Oldest"), (at) => Number.isFinite(at) ? duration(Date.now() - at) : ""], ["late", t("Late")]]],
    ["interactions", t("Live interactions"), [["ixn", t("Interaction")], ["media", t("Medium"), medium], ["ani", t("From")], ["dnis", t("To")], ["state", t("State"), wordOf], ["vq", t("Queue")],
        ["owner", t("With"), where], ["reply_us", t("Reply by"), us(moment)], ["away_us", t("Away until"), us(moment)], ["arrived_us", t("Since"), age], ["strategy", t("Strategy")]]],
];
const KEYS = ["ixn", "name", "agent", "object", "key"];
const keyOf = (row) => KEYS.map((name) => any(row[name])).join("\n");
// A supervisor who looks on must be logged in for the medium: not ready is enough.
const look = attempt(async (row, how) => {
    const media = mediumWord(row.media);
    if ((desk.states[media] || "logged_out") === "logged_out") await ask("state", { media, state: "not_ready" });
    await supervise(row.ixn, how);
    view_("agent");
});
const finish = (row) => dialog(t("Finish {ani}", { ani: row.ani || row.ixn }), (close) => {
    const wrapup = select([["", t("No wrap-up code")], ...(desk.me.wrapups || []).map((code) => [code, plain(code)])]);
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        await ask("done", { ixn: row.ixn, ...(wrapup.value ? { wrapup: wrapup.value } : {}) });
        announce(t("{what}: done", { what: row.ixn }));
        close();
        askAll();
    }) }, make("p", {}, row.owner && row.owner_kind === "agent" ? t("{name} has it, and will have it no more.", { name: called(row.owner) }) : t("No agent has it.")), labelled(t("Wrap-up code"), wrapup),
    make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Finish"))));
});
// The buttons of a row stay while what it says changes: each asks what it says `now`.
const ACTS = {
    // What has no telephone is looked at, taken over, moved and finished; calls are listened to at the console.
    interactions: (row, now) => !row.ixn || row.state === "ended" || row.media === "voice" ? []
        : [[t("Monitor"), () => look(now(), "monitor")], [t("Take over"), () => look(now(), "take_over")],
            [t("Move …"), () => handOn(now())], [t("Finish …"), () => finish(now())]].map(([text, act]) => button(text, act, { "aria-label": `${text} ${row.ani || ""} ${row.ixn}` })),
};
let timer = 0, running = false, filter = "";
const tables = new Map();

const columnsOf = (columns, rows) => {
    const good = columns.filter(([member, , shown]) => rows.some((row) => shown && !(member in row) ? shown(undefined, row) : row[member] !== null && row[member] !== undefined && row[member] !== ""));
    return good.length ? good : Object.keys(rows[0] || {}).filter((member) => typeof rows[0][member] !== "object").map((member) => [member, plain(member)]);
};
// Rows stay where they are, and keep the focus: only texts that changed are changed.
const fill = (table, answer) => {
    const rows = (answer[table.what] || Object.values(answer).find(Array.isArray) || []).filter((row) => row.state !== "ended" && row.state !== "unloaded");
    const columns = columnsOf(table.columns, rows), acts = ACTS[table.what], titles = columns.map(([, text]) => text), heads = titles.join("\n");
    put(table.count, rows.length ? String(rows.length) : "");
    table.none.hidden = rows.length > 0;
    table.element.hidden = rows.length === 0;
    const held = table.body.contains(document.activeElement) && document.activeElement.getAttribute("aria-label");
    if (heads !== table.heads) {
        table.heads = heads;
        table.head.replaceChildren(...titles.map((text) => make("th", { scope: "col" }, text)), ...(acts ? [make("td")] : []));
        table.body.replaceChildren();
        table.rows.clear();
    }
    const old = new Map(table.rows);
    for (const row of rows) {
        const name = keyOf(row);
        let line = table.rows.get(name);
        if (!line) {
            line = make("tr", {}, ...columns.map((_, i) => make(i ? "td" : "th", i ? {} : { scope: "row" })), ...(acts ? [make("td", { class: "acts" }, ...acts(row, () => line.row))] : []));
            table.rows.set(name, line);
            table.body.append(line);
        }
        line.row = row;
        columns.forEach(([member, , shown = any, colour], i) => {
            put(line.children[i], String(shown(row[member], row) ?? ""));
            if (member === "state") line.children[i].dataset.state = row.state;
            if (colour) line.children[i].dataset.wait = colour(row);
        });
        line.hidden = !line.textContent.toLowerCase().includes(filter);
        old.delete(name);
    }
    for (const [name, line] of old) { line.remove(); table.rows.delete(name); }
    const same = held && [...table.body.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === held);
    if (same && document.activeElement !== same) same.focus();
};
// The contents of the queues that the desk shows: no interaction waits there for an agent to be chosen.
const parked = async () => ({ parked: await Promise.all((desk.me.queues || []).map(async (name) => {
    const { count, items } = await get(`api/queues/${encodeURIComponent(name)}`, { limit: 50 });
    return { name, count, oldest: Math.min(...items.map((one) => one.received || Infinity)), late: items.filter((one) => one.due && one.due < Date.now()).length || "" };
})) });
const read = (what) => what === "parked" ? parked() : get(`api/supervisor/${what}`);
const askAll = async () => {
    clearTimeout(timer);
    await Promise.allSettled([...tables.values()].map((table) => read(table.what).then((answer) => { table.wrong.textContent = ""; fill(table, answer); }, (error) => { put(table.wrong, error.message); })));
    if (running) timer = setTimeout(askAll, document.hidden ? 10 * EVERY_MS : EVERY_MS);
};
const build = () => {
    const find = make("input", { type: "search", id: "supervise-find", oninput: () => {
        filter = find.value.toLowerCase();
        for (const table of tables.values()) for (const line of table.rows.values()) line.hidden = !line.textContent.toLowerCase().includes(filter);
    } });
    id("supervisor").replaceChildren(make("div", { class: "top" }, make("h2", {}, t("Now")), make("a", { href: "console/" }, t("Console")), labelled(t("Show only"), find)));
    for (const [what, title, columns] of TABLES) {
        const table = { what, columns, rows: new Map(), heads: "", head: make("tr"), body: make("tbody"), count: make("span", { class: "count" }),
            none: make("p", { class: "none" }, t("None.")), wrong: make("p", { class: "wrong", role: "status" }) };
        table.element = make("div", { class: "scroll", role: "region", "aria-label": t("{title}, table", { title }), tabindex: "0", hidden: true },
            make("table", {}, make("caption", { class: "unseen" }, title), make("thead", {}, table.head), table.body));
        tables.set(what, table);
        id("supervisor").append(make("section", { class: `card ${what}`, "aria-labelledby": `table-${what}` }, make("h2", { id: `table-${what}` }, title, " ", table.count), table.wrong, table.none, table.element));
    }
};
export const start = () => {
    if (!tables.size) build();
    running = true;
    askAll();
};
export const stop = () => {
    running = false;
    clearTimeout(timer);
};
