// supervise.js - The supervisor's view: what the router knows now, asked for again and again; monitor, take over, parameters.
import { announce, attempt, button, dialog, duration, id, labelled, make, medium, mediumWord, moment, plain, put, select, settle, stateText, wordOf } from "./dom.js";
import { t, tenths } from "./t.js";
import { ask, desk, view_ } from "./main.js";
import { called, colleagues } from "./people.js";
import { handOn } from "./transfer.js";
import { get, post, putTo } from "./wire.js";
import { supervise } from "./work.js";

const EVERY_MS = 3000;
const us = (shown) => (value) => value === null || value === undefined ? "" : shown(value / 1000);
const age = us((ms) => duration(Date.now() - ms));
const pairs = (value) => value && typeof value === "object" ? Object.entries(value).map(([name, one]) => `${name} ${one}`).join(", ") : value ?? "";
const any = (value) => value === null || value === undefined ? "" : typeof value === "object" ? pairs(value) : String(value);

// The telephone's state of who has no telephone says nothing: the core keeps one for each.
const byMedium = (states, row) => Object.entries(states || {}).filter(([name, state]) => state !== "logged_out" && (name !== "voice" || !/^(chat|email)\./.test(row.dn || "")))
    .map(([name, state]) => `${medium(name)}: ${stateText(state).toLowerCase()}`).join(", ");

// ---- service levels ----

// The share answered within the threshold, of all customers of the last hour who were answered or gave up.
const THRESHOLD = "gcx-desk-threshold", THRESHOLDS_S = [5, 10, 20, 30, 60, 120, 180, 300, 600, 1800];
const seconds = (s) => s < 120 ? `${s} s` : t("{minutes} min", { minutes: s / 60 });
let threshold = THRESHOLDS_S.find((one) => String(one) === localStorage.getItem(THRESHOLD)) || 20;
// A wait beyond the threshold, and one beyond twice as much, are coloured.
const waitOf = (wait_us) => (wait_us > 2e6 * threshold ? "late" : wait_us > 1e6 * threshold ? "long" : "");
const percent = (part, whole) => whole ? `${Math.round(100 * part / whole)} %` : "–";
const share = (part, whole) => whole ? t("{part} % of {whole}", { part: tenths(100 * part / whole), whole }) : "–";
const within = (hour) => hour && percent((hour.within_s.find(([bound]) => bound === threshold) || [0, 0])[1], hour.answered + hour.abandoned);
const gaveUp = (hour) => hour && percent(hour.abandoned, hour.answered + hour.abandoned);
const offered = (hour) => hour && hour.answered + hour.abandoned;
const average = (sum, row) => row.distributed ? duration(sum / 1000 / row.distributed) : "–";

// ---- the tables ----

const where = (owner, row) => owner ? `${row.owner_kind === "agent" ? called(owner) : owner}${["queue", "workbin", "strategy"].includes(row.owner_kind) ? ` (${wordOf(row.owner_kind)})` : ""}` : "";
// A share of the abandoned above the ceiling is coloured, and so is what is overdue.
const aboveOf = (part, whole, row) => (1000 * part > whole * row.abandoned_permille ? "late" : "");
// A table a row: what is asked, its title, its columns: member, heading, how it is shown, when it is coloured. Columns that no row has are left out.
const TABLES = [
    ["queues", t("Queues and service levels"), [["name", t("Queue")], ["waiting", t("Waiting")], ["longest_wait_us", t("Longest wait"), us(duration), (row) => waitOf(row.longest_wait_us)],
        ["within", () => t("Answered within {duration}", { duration: seconds(threshold) }), (_, row) => within(row.last_hour)], ["gave_up", t("Gave up"), (_, row) => gaveUp(row.last_hour)],
        ["last_hour", t("In the last hour"), offered], ["wait_us", t("Average wait"), average], ["entered", t("Entered")], ["distributed", t("Answered")],
        ["abandoned", t("Abandoned")], ["cleared", t("Cleared")]]],
    ["campaigns", t("Campaigns"), [["name", t("Campaign")], ["state", t("State"), wordOf], ["mode", t("Mode"), wordOf], ["why", t("Not one more"), plain],
        ["abandoned_15m", t("Abandoned, 15 min"), (part, row) => share(part, row.answered_15m), (row) => aboveOf(row.abandoned_15m, row.answered_15m, row)],
        ["abandoned_30m", t("30 min"), (part, row) => share(part, row.answered_30m), (row) => aboveOf(row.abandoned_30m, row.answered_30m, row)],
        ["window_abandoned", t("Of the day, or its window"), (part, row) => t("{part} of at most {most} %", { part: share(part, row.window_answered), most: row.abandoned_permille / 10 }), (row) => aboveOf(row.window_abandoned, row.window_answered, row)],
        ["left", t("Left")], ["list_due", t("Due")], ["overdue", t("Overdue"), any, (row) => (row.overdue > 0 ? "long" : "")], ["exhausted", t("Exhausted")],
        ["team", t("Ready, busy, of"), (_, row) => row.dialled === undefined ? "" : `${row.agents_ready}, ${row.agents_busy}, ${row.agents}`],
        ["lines", t("Lines per ready agent"), (_, row) => row.agents_ready ? tenths(row.ringing / row.agents_ready) : "–"],
        ["waits", t("Agents wait"), (calls, row) => calls ? duration(row.waited_us / 1000 / calls) : "–"],
        ["answered", t("Answer"), (part, row) => percent(part, row.dialled)],
        ["busy", t("Busy")], ["unanswered", t("Unanswered")], ["machine", t("Machines")], ["invalid", t("Invalid")], ["unreached", t("Not reached")]]],
    ["parked", t("Parked"), [["name", t("Queue")], ["count", t("In it")], ["oldest", t("Oldest"), (at) => Number.isFinite(at) ? duration(Date.now() - at) : ""], ["late", t("Late")]]],
    ["parameters", t("Parameters"), [["name", t("Parameter")], ["value", t("Value")], ["of", t("From"), wordOf], ["by", t("By"), (by) => called(String(by ?? "").replace(/ by \S+$/, ""))], ["why", t("Why")], ["since_us", t("Since"), us(moment)]]],
    ["agents", t("Agents"), [["name", t("Agent")], ["display", t("Name")], ["state", t("State"), stateText], ["states", t("By medium"), byMedium], ["reason_display", t("Reason"), (_, row) => plain(row.reason_display || row.reason || "")],
        ["by", t("Set by"), (by, row) => by ? `${called(by.replace(/ by \S+$/, ""))}: ${row.why}` : ""], ["since_us", t("For"), age], ["has", t("Has"), pairs], ["skills", t("Skills"), pairs], ["place", t("Place")], ["not_chosen", t("Not chosen because")]]],
    ["interactions", t("Live interactions"), [["ixn", t("Interaction")], ["media", t("Medium"), medium], ["ani", t("From")], ["dnis", t("To")], ["state", t("State"), wordOf], ["vq", t("Queue")],
        ["owner", t("With"), where], ["reply_us", t("Reply by"), us(moment)], ["away_us", t("Away until"), us(moment)], ["arrived_us", t("Since"), age], ["strategy", t("Strategy")]]],
    ["statistics", t("Counters"), [["name", t("Counter")], ["key", t("Of")], ["count", t("Now")]]],
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
const logOut = (row) => dialog(t("Log out {display}", { display: row.display || row.name }), (close) => {
    const why = make("input", { maxlength: "200", autocomplete: "off", required: true });
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        await post(`api/supervisor/agents/${encodeURIComponent(row.name)}/logout`, { why: why.value });
        announce(t("{display} is logged out", { display: row.display || row.name }));
        close();
        askAll();
    }) }, make("p", {}, t("What they have goes back to its queue; a call goes on at the telephone.")), labelled(t("Why"), why), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Log out"))));
});
// The state of a colleague, as they would set it themselves: they are told who did it, and why.
const setState = (row) => dialog(t("State of {display}", { display: row.display || row.name }), (close) => {
    const state = select([["ready", t("Ready")], ["not_ready", t("Not ready")], ...(desk.me.reasons || []).map((reason) => ["not_ready:" + reason, t("Not ready: ") + plain(reason)])]);
    const why = make("input", { maxlength: "200", autocomplete: "off", required: true });
    state.value = row.state === "ready" ? "not_ready" : "ready";
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        const [word, reason] = state.value.split(":");
        await putTo(`api/supervisor/agents/${encodeURIComponent(row.name)}/state`, { state: word, ...(reason ? { reason } : {}), why: why.value });
        announce(`${row.display || row.name}: ${stateText(word)}`);
        close();
        askAll();
    }) }, make("p", {}, t("What they have goes on. They are told who did it, and why.")), labelled(t("State"), state), labelled(t("Why"), why), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Set the state"))));
});
// A skill or a group for a while; what the directory says comes back by itself, or by `As the directory says`.
const LASTS = [["30m", t("30 minutes")], ["1h", t("1 hour")], ["2h", t("2 hours")], ["4h", t("4 hours")], ["", t("Until it is taken back")]];
const assign = (row) => dialog(t("Skills and groups of {display}", { display: row.display || row.name }), (close) => {
    const what = select([["skill", t("The level of the skill")], ["join", t("In the group")], ["leave", t("Not in the group")], ["undo", t("As the directory says")]], { onchange: () => { level.parentElement.hidden = what.value !== "skill"; lasts.parentElement.hidden = what.value === "undo"; } });
    const name = make("input", { maxlength: "64", autocomplete: "off", required: true }), lasts = select(LASTS), why = make("input", { maxlength: "200", autocomplete: "off", required: true });
    const level = make("input", { type: "number", min: "0", max: "100", value: "5" });
    lasts.value = "1h";
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        const given = what.value === "skill" ? { skills: { [name.value]: Number(level.value) } } : { [what.value]: [name.value] };
        await putTo("api/supervisor/assignments", { agents: [row.name], ...given, ...(what.value !== "undo" && lasts.value ? { for: lasts.value } : {}), why: why.value });
        announce(t("{display}: {name} is changed", { display: row.display || row.name, name: name.value }));
        close();
        askAll();
    }) }, row.skills && Object.keys(row.skills).length ? make("p", {}, t("Now: {skills}", { skills: pairs(row.skills) })) : "", labelled(t("What"), what), labelled(t("Skill or group"), name), labelled(t("Level"), level), labelled(t("How long"), lasts), labelled(t("Why"), why),
    make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Assign"))));
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
    agents: (row, now) => [row.name === desk.me.agent ? null : button(t("State …"), () => setState(now()), { "aria-label": t("State of {name}", { name: row.name }) }), button(t("Assign …"), () => assign(now()), { "aria-label": t("Assign skills and groups to {name}", { name: row.name }) }), row.name === desk.me.agent ? null : button(t("Log out …"), () => logOut(now()), { "aria-label": t("Log out {name}", { name: row.name }) })].filter(Boolean),
    parameters: (row, now) => [button(t("Change …"), () => change(now()), { "aria-label": t("Change {name}", { name: row.name }) })],
};
let timer = 0, running = false, filter = "";
const tables = new Map();

const change = (row) => dialog(t("Parameter {name}", { name: row.name }), (close) => {
    const value = make("input", { value: any(row.value), autocomplete: "off", required: true }), why = make("input", { maxlength: "200", autocomplete: "off", required: true });
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        await putTo(`api/supervisor/parameters/${encodeURIComponent(row.name)}`, { value: value.value, why: why.value });
        announce(t("{name} is {value} now", { name: row.name, value: value.value }));
        close();
        askAll();
    }) }, labelled(t("Value"), value), labelled(t("Why"), why), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Change"))));
});

const columnsOf = (columns, rows) => {
    const good = columns.filter(([member, , shown]) => rows.some((row) => shown && !(member in row) ? shown(undefined, row) : row[member] !== null && row[member] !== undefined && row[member] !== ""));
    return good.length ? good : Object.keys(rows[0] || {}).filter((member) => typeof rows[0][member] !== "object").map((member) => [member, plain(member)]);
};
// Rows stay where they are, and keep the focus: only texts that changed are changed.
const fill = (table, answer) => {
    const rows = (answer[table.what] || Object.values(answer).find(Array.isArray) || []).filter((row) => row.state !== "ended" && row.state !== "unloaded");
    const columns = columnsOf(table.columns, rows), acts = ACTS[table.what], titles = columns.map(([, text]) => typeof text === "function" ? text() : text), heads = titles.join("\n");
    put(table.count, rows.length ? String(rows.length) : "");
    table.none.hidden = rows.length > 0;
    table.element.hidden = rows.length === 0;
    table.element.parentElement.hidden = rows.length === 0 && ["statistics", "campaigns"].includes(table.what);
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
const status = (answer) => {
    const figures = [[t("Interactions"), answer.interactions], [t("Waiting"), answer.waiting], [t("Agents logged in"), answer.agents_logged_in], [t("Ready"), answer.agents_ready], [t("Routed"), answer.routed], [t("Abandoned"), answer.abandoned]];
    const list = id("figures");
    figures.filter(([, value]) => value !== undefined).forEach(([name, value], i) => {
        const one = list.children[i] || list.appendChild(make("div", {}, make("dt", {}, name), make("dd")));
        put(one.lastChild, String(value));
    });
};
// The core's row of an agent is of one medium, the telephone where there is one: the others' states are beside.
const also = { async agents(answer) {
    const present = await colleagues();
    for (const row of answer.agents || []) {
        const one = present.find((other) => other.agent === row.name);
        row.states = one?.states;
        if (one?.display && one.display !== row.name) row.display = one.display;
        const all = Object.values(row.states || {});
        row.state = ["ready", "after_call_work", "not_ready"].find((state) => all.includes(state)) || row.state;
    }
    return answer;
} };
// The contents of the queues that the desk shows: no interaction waits there for an agent to be chosen.
const parked = async () => ({ parked: await Promise.all((desk.me.queues || []).map(async (name) => {
    const { count, items } = await get(`api/queues/${encodeURIComponent(name)}`, { limit: 50 });
    return { name, count, oldest: Math.min(...items.map((one) => one.received || Infinity)), late: items.filter((one) => one.due && one.due < Date.now()).length || "" };
})) });
const read = (what) => what === "parked" ? parked() : get(`api/supervisor/${what}`);
const askAll = async () => {
    clearTimeout(timer);
    const asked = [get("api/supervisor/status").then(status), ...[...tables.values()].map((table) => read(table.what)
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
    const level = select(THRESHOLDS_S.map((one) => [String(one), seconds(one)]), { onchange: () => {
        threshold = Number(level.value);
        localStorage.setItem(THRESHOLD, level.value);
        askAll();
    } });
    level.value = String(threshold);
    id("supervisor").replaceChildren(make("div", { class: "top" }, make("h2", {}, t("Now")), make("dl", { id: "figures" }), labelled(t("Service level"), level), labelled(t("Show only"), find)));
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
