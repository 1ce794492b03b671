// supervise.js - The supervisor's view: what the router knows now, asked for again and again; monitor, take over, parameters.
import { announce, attempt, button, dialog, duration, id, labelled, make, medium, moment, plain, put, stateText } from "./dom.js";
import { ask, desk } from "./main.js";
import { colleagues } from "./transfer.js";
import { get, putTo } from "./wire.js";

const EVERY_MS = 3000;
const us = (shown) => (value) => value === null || value === undefined ? "" : shown(value / 1000);
const age = us((ms) => duration(Date.now() - ms));
const pairs = (value) => value && typeof value === "object" ? Object.entries(value).map(([name, one]) => `${name} ${one}`).join(", ") : value ?? "";
const any = (value) => value === null || value === undefined ? "" : typeof value === "object" ? pairs(value) : String(value);

const byMedium = (states) => Object.entries(states || {}).filter(([, state]) => state !== "logged_out")
    .map(([name, state]) => `${medium(name)}: ${stateText(state).toLowerCase()}`).join(", ");

// A table a row: what is asked, its title, its columns: member, heading, how it is shown. Columns that no row has are left out.
const TABLES = [
    ["statistics", "Service levels and figures", [["name", "Figure"], ["object", "Of"], ["key", "Of"], ["value", "Now"], ["unit", ""]]],
    ["queues", "Queues", [["name", "Queue"], ["waiting", "Waiting"], ["longest_wait_us", "Longest wait", us(duration)], ["entered", "Entered"],
        ["distributed", "Answered"], ["abandoned", "Abandoned"], ["cleared", "Cleared"]]],
    ["agents", "Agents", [["name", "Agent"], ["state", "State", stateText], ["states", "By medium", byMedium], ["reason_display", "Reason"], ["reason", "Reason"], ["since_us", "For", age], ["has", "Has", pairs],
        ["place", "Place"], ["not_chosen", "Not chosen because"]]],
    ["interactions", "Live interactions", [["ixn", "Interaction"], ["media", "Medium", medium], ["ani", "From"], ["dnis", "To"], ["state", "State", plain], ["vq", "Queue"],
        ["owner", "With"], ["arrived_us", "Since", age], ["strategy", "Strategy"]]],
    ["parameters", "Parameters", [["name", "Parameter"], ["value", "Value"], ["of", "From"], ["by", "By"], ["why", "Why"], ["since_us", "Since", us(moment)]]],
];
const KEYS = ["ixn", "name", "agent", "object", "key"];
const keyOf = (row) => KEYS.map((name) => any(row[name])).join("\n");
// Who looks on must be logged in for the medium: not ready is enough.
const look = attempt(async (row, how) => {
    if ((desk.states[row.media] || "logged_out") === "logged_out") await ask("state", { media: row.media, state: "not_ready" });
    await ask("move", { ixn: row.ixn, how });
    announce(`${row.ixn} is at your desk`);
});
const ACTS = {
    interactions: (row) => row.ixn && row.state !== "ended" && row.media !== "voice" ? [
        button("Monitor", () => look(row, "monitor"), { "aria-label": `Monitor ${row.ixn}` }),
        button("Take over", () => look(row, "take_over"), { "aria-label": `Take over ${row.ixn}` })] : [],
    parameters: (row) => [button("Change …", () => change(row), { "aria-label": `Change ${row.name}` })],
};
let timer = 0, running = false, filter = "";
const tables = new Map();

const change = (row) => dialog(`Parameter ${row.name}`, (close) => {
    const value = make("input", { value: any(row.value), autocomplete: "off", required: true }), why = make("input", { maxlength: "200", autocomplete: "off", required: true });
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        await putTo(`api/supervisor/parameters/${encodeURIComponent(row.name)}`, { value: value.value, why: why.value });
        announce(`${row.name} is ${value.value} now`);
        close();
        askAll();
    }) }, labelled("Value", value), labelled("Why", why), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, "Change")));
});

const columnsOf = (columns, rows) => {
    const good = columns.filter(([member]) => rows.some((row) => row[member] !== null && row[member] !== undefined && row[member] !== ""));
    return good.length ? good : Object.keys(rows[0] || {}).filter((member) => typeof rows[0][member] !== "object").map((member) => [member, plain(member)]);
};
// Rows stay where they are, and keep the focus: only texts that changed are changed.
const fill = (table, answer) => {
    const rows = (answer[table.what] || Object.values(answer).find(Array.isArray) || []).filter((row) => row.state !== "ended");
    const columns = columnsOf(table.columns, rows), acts = ACTS[table.what], heads = columns.map(([member]) => member).join();
    put(table.count, rows.length ? String(rows.length) : "");
    table.none.hidden = rows.length > 0;
    table.element.hidden = rows.length === 0;
    if (heads !== table.heads) {
        table.heads = heads;
        table.head.replaceChildren(...columns.map(([, text]) => make("th", { scope: "col" }, text)), ...(acts ? [make("td")] : []));
        table.body.replaceChildren();
        table.rows.clear();
    }
    const old = new Map(table.rows);
    for (const row of rows) {
        const name = keyOf(row);
        let line = table.rows.get(name);
        if (!line) {
            line = make("tr", {}, ...columns.map((_, i) => make(i ? "td" : "th", i ? {} : { scope: "row" })), ...(acts ? [make("td", { class: "acts" }, ...acts(row))] : []));
            table.rows.set(name, line);
            table.body.append(line);
        }
        columns.forEach(([member, , shown = any], i) => {
            put(line.children[i], String(shown(row[member]) ?? ""));
            if (member === "state") line.children[i].dataset.state = row.state;
        });
        line.hidden = !line.textContent.toLowerCase().includes(filter);
        old.delete(name);
    }
    for (const [name, line] of old) { line.remove(); table.rows.delete(name); }
};
const status = (answer) => {
    const figures = [["Interactions", answer.interactions], ["Waiting", answer.waiting], ["Agents logged in", answer.agents_logged_in], ["Ready", answer.agents_ready], ["Routed", answer.routed], ["Abandoned", answer.abandoned]];
    const list = id("figures");
    figures.filter(([, value]) => value !== undefined).forEach(([name, value], i) => {
        const one = list.children[i] || list.appendChild(make("div", {}, make("dt", {}, name), make("dd")));
        put(one.lastChild, String(value));
    });
};
// What the core says of an agent is of one medium, the telephone where there is one: the others' states are beside.
const also = { async agents(answer) {
    const present = await colleagues();
    for (const row of answer.agents || []) {
        row.states = present.find((one) => one.agent === row.name)?.states;
        const all = Object.values(row.states || {});
        row.state = ["ready", "after_call_work", "not_ready"].find((state) => all.includes(state)) || row.state;
    }
    return answer;
} };
const askAll = async () => {
    clearTimeout(timer);
    const asked = [get("api/supervisor/status").then(status), ...[...tables.values()].map((table) => get(`api/supervisor/${table.what}`)
        .then(also[table.what] || ((answer) => answer))
        .then((answer) => { table.wrong.textContent = ""; fill(table, answer); }, (error) => { put(table.wrong, error.message); }))];
    await Promise.allSettled(asked);
    if (running) timer = setTimeout(askAll, document.hidden ? 10 * EVERY_MS : EVERY_MS);
};
const build = () => {
    const find = make("input", { type: "search", id: "supervise-find", oninput: () => {
        filter = find.value.toLowerCase();
        for (const table of tables.values()) for (const line of table.rows.values()) line.hidden = !line.textContent.toLowerCase().includes(filter);
    } });
    id("supervisor").replaceChildren(make("div", { class: "top" }, make("h2", {}, "Now"), make("dl", { id: "figures" }), labelled("Show only", find)));
    for (const [what, title, columns] of TABLES) {
        const table = { what, columns, rows: new Map(), heads: "", head: make("tr"), body: make("tbody"), count: make("span", { class: "count" }),
            none: make("p", { class: "none" }, "None."), wrong: make("p", { class: "wrong", role: "status" }) };
        table.element = make("div", { class: "scroll", role: "region", "aria-label": `${title}, table`, tabindex: "0", hidden: true },
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
