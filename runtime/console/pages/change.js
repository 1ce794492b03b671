// change.js - The page Change: what supervisors may change by hand, as `gcxctl set` does it. Who changes something says why
// and for how long; the router has it in its audit, and refuses what somebody else has changed meanwhile.
import { announce, attempt, button, dialog, id, labelled, make, moment, plain, put, select, settle, wordOf } from "../dom.js";
import { t } from "../t.js";
import { get, putTo } from "../wire.js";
import { prompts } from "./change_prompts.js";
import { reasons } from "./change_reasons.js";
import { trial } from "./change_soon.js";
import { Further } from "./further.js";
import * as hours from "./hours.js";
import { Table } from "./table.js";
import { bounds, control } from "./values.js";

const EVERY_MS = 10000, TEXT_MAX = 8000, NO_MORE = t("Taken back at the console");
const pathOf = (name) => `api/supervisor/settings/${encodeURIComponent(name)}`;
const who = (by) => (by || "").replace(/ by \S+$/, "");
const when = (us) => (us ? moment(us / 1000) : "");
const OF = { site: t("The site"), directory: t("The directory"), hand: t("By hand") };
let page = null; // { me, over, table, prompts, timer, shown, form, hands }

const send = async (name, change) => {
    try {
        await putTo(pathOf(name), change);
    } catch (error) {
        if (error.status !== 409 || page?.shown !== name) throw error;
        await open(name, true); // what was shown is old
        if (change.undo || page?.shown !== name) throw error;
        if (error.code === "exists") throw new Error(t("{name} has a row {key} already, and it was not changed. What you have written is still here.", { name, key: change.key }));
        const hand = page.hands.get(change.key ?? null), called = [name, change.key].filter(Boolean).join(" ");
        throw new Error(hand?.since_us ? t("Meanwhile {who} has changed {name}: {why}. What you have written is still here.", { who: who(hand.by), name: called, why: hand.why || "–" })
            : t("Meanwhile the change by hand of {name} was taken back. What you have written is still here.", { name: called }));
    }
};
// When the setting that is shown, or the row of this key, was changed by hand last: a form may be older than this page.
const seenOf = (key = null) => page.hands.get(key)?.since_us || 0;
// Puts in the newest change by hand of each key: one may have two, a lasting one and one for a time.
const handsPut = (hands) => {
    for (const hand of hands) if (!(page.hands.get(hand.key ?? null)?.since_us >= hand.since_us)) page.hands.set(hand.key ?? null, hand);
};
// What lasts below a change for a time, and is in force again when that is over or taken back; null: nothing does.
const lastingOf = ({ lasting = null }) => (lasting === "removed" ? t("removed") : lasting === "" ? t("nothing") : lasting);
const takenBack = (hand, named) => (lastingOf(hand) ? t("{name}{more}: back to {value}, which lasts", { ...named, value: lastingOf(hand) }) : t("{name}{more}: taken back", named));
const undo = attempt(async (name, hand, key) => {
    await send(name, { undo: true, why: NO_MORE, seen: hand.since_us || 0, ...(key ? { key } : {}) });
    announce(takenBack(hand, { name, more: key ? ` ${key}` : "" }));
    if (page.shown) await open(name, true); else await look();
});
// tried: a trial() of the change that the form makes.
const form = (text, fields, press, tried) => make("form", { onsubmit: attempt(async (event) => {
    event.preventDefault();
    await press();
}) }, ...fields, make("div", { class: "row" }, tried.ask, make("button", { type: "submit", class: "first" }, text)), tried.box);
// What is tried needs no reason, and its form may be only half filled in.
const without = (asked, change) => {
    const { for: lasts } = asked.said();
    return { ...change, ...(lasts ? { for: lasts } : {}) };
};

// ---- all settings ----

// Of a table, how many rows it has.
const valueOf = (row) => (row.kind === "table" ? row.value === "as written" ? t("As written in the site") : t("Rows: {count}", { count: parseInt(row.value, 10) || 0 }) : row.value);
const COLUMNS = [
    { name: "name", text: t("Setting"), of: (row) => row.name, press: (row) => open(row.name) },
    { name: "kind", text: t("Kind"), of: (row) => wordOf(row.kind) },
    { name: "value", text: t("Value"), of: valueOf },
    { name: "bounds", text: t("Bounds"), of: bounds },
    { name: "of", text: t("Origin"), of: (row) => OF[row.of] },
    { name: "by", text: t("Changed by"), of: (row) => who(row.by) },
    { name: "why", text: t("Why"), of: (row) => row.why || "" },
    { name: "until", text: t("Until"), by: (row) => row.until_us || 0, of: (row) => when(row.until_us) },
    { name: "doc", text: t("What it is"), of: (row) => (row.doc || "").split("\n")[0] },
];
const look = async () => {
    clearTimeout(page.timer);
    const mine = page;
    try {
        if (!document.hidden && !page.shown) {
            const settings = [];
            for (let from = 0; from !== null;) {
                const part = await get("api/supervisor/settings", from ? { from } : {});
                if (page !== mine) return;
                settings.push(...part.settings);
                from = part.next;
            }
            page.table.whole(settings);
            await page.prompts.look();
            if (page !== mine) return;
            page.line("");
        }
    } catch (error) {
        if (page !== mine) return;
        if (error.status === 401) return page.over(t("The session is over."));
        page.line(error.message);
    }
    page.timer = setTimeout(look, EVERY_MS);
};
const all = () => {
    page.shown = null;
    id("now").replaceChildren(page.table.element, page.prompts.element);
    settle(id("now"));
    return look();
};

// ---- one setting ----

const fact = (term, text) => (text ? [make("dt", {}, term), make("dd", { class: "text" }, text)] : []);
const facts = (row) => make("dl", {}, ...fact(t("Value"), valueOf(row)), ...fact(t("Origin"), OF[row.of]), ...fact(t("Bounds"), bounds(row)), ...fact(t("Written in the site"), row.written), ...fact(t("In the directory"), row.directory),
    ...fact(t("Changed by"), who(row.by)), ...fact(t("Why"), row.why), ...fact(t("Since"), when(row.since_us)), ...fact(t("Until"), when(row.until_us)), ...fact(t("Then back to"), lastingOf(row)));
const historyOf = (rows) => make("div", { class: "card" }, make("h2", { id: "history" }, t("Who has changed it")),
    rows.length === 0 ? make("p", { class: "none" }, t("Nobody, as far as the router remembers.")) : make("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "history" }, make("table", { "aria-labelledby": "history" },
        make("thead", {}, make("tr", {}, ...[t("When"), t("Who"), t("What"), t("Row"), t("Before"), t("Then"), t("Until"), t("Why")].map((text) => make("th", { scope: "col" }, text)))),
        make("tbody", {}, ...rows.toReversed().map((row) => make("tr", {}, ...[when(row.at_us), who(row.by), wordOf(row.what), row.key, row.old, row.new, when(row.until_us), row.why].map((text) => make("td", {}, text ?? ""))))))));

// The value of a parameter, or the hours of a schedule: `element`, and anew(row) for another value that is in force by now.
const valueForm = (row) => {
    const asked = reasons();
    let value, field, anew, seen = seenOf(); // a newer change by hand is refused, until the person has been told of it
    if (row.kind === "schedule") {
        const editor = hours.editor(row.lines, row.zone);
        [value, field, anew] = [editor.value, editor.element, (now) => editor.anew(now.lines)];
    } else {
        if (row.lines.length > TEXT_MAX) throw new Error(t("This text is too long for this page: change it in the directory."));
        const input = control(row, row.lines);
        let was = input.value;
        anew = (now) => { if (input.value === was) was = input.value = now.lines; };
        [value, field] = [() => input.value.trim(), labelled(t("Value{more}", { more: bounds(row) ? `: ${bounds(row)}` : "" }), input)];
    }
    const element = form(t("Change"), [field, ...asked.fields], async () => {
        try {
            await send(row.name, { value: value(), seen, ...asked.said() });
        } catch (error) {
            seen = seenOf();
            throw error;
        }
        announce(t("{name} is changed", { name: row.name }));
        await open(row.name);
    }, trial(row.name, () => without(asked, { value: value() })));
    return { element, anew };
};

// ---- the rows of a table ----

const rowAsk = (table, row, columns, keyColumn) => dialog(row ? `${table} ${row.key}` : t("A new row of {table}", { table }), (close) => {
    const asked = reasons(), fields = columns.map((column) => [column, control(column, row?.fields[column.name] ?? "")]);
    const keyOf = () => (row ? row.key : fields.find(([column]) => column === keyColumn)[1].value.trim());
    const saidOf = () => fields.filter(([column, field]) => column !== keyColumn && field.value !== (row?.fields[column.name] ?? "")).map(([column, field]) => `${column.name}=${field.value}`);
    for (const [column, field] of fields) if (column === keyColumn) { field.required = true; field.readOnly = Boolean(row); }
    return form(t("Change"), [...fields.map(([column, field]) => labelled(plain(column.name), field)), ...asked.fields], async () => {
        const key = keyOf();
        await send(table, { key, row: saidOf(), ...(row ? {} : { new: true }), seen: seenOf(key), ...asked.said() });
        close();
        announce(t("{table} {key} is changed", { table, key }));
        await open(table);
    }, trial(table, () => without(asked, { key: keyOf(), row: saidOf(), ...(row ? {} : { new: true }) })));
});
const rowRemove = (table, row) => dialog(t("Remove {table} {key}", { table, key: row.key }), (close) => {
    const asked = reasons();
    return form(t("Remove"), asked.fields, async () => {
        await send(table, { key: row.key, remove: true, seen: seenOf(row.key), ...asked.said() });
        close();
        announce(t("{table} {key} is removed", { table, key: row.key }));
        await open(table);
    }, trial(table, () => without(asked, { key: row.key, remove: true })));
});
const rowsOf = (setting, answer) => {
    const { columns, name } = setting, isKey = (column) => answer.rows.every((row) => row.fields[column.name] === row.key);
    const keyColumn = columns.find((column) => column.name === answer.key_column) || (answer.rows.length && columns.find(isKey)) || columns.find((column) => column.type === "str") || columns[0];
    const table = new Table({ name: "rows", title: t("Rows of {name}", { name }), kept: `rows-${name}`, key: (row) => row.key, none: t("It has no rows."),
        columns: [{ name: "key", text: plain(keyColumn.name), of: (row) => row.key },
            ...columns.filter((column) => column !== keyColumn).map((column) => ({ name: column.name, text: plain(column.name), of: (row) => (row.fields ? row.fields[column.name] : t("removed")) })),
            { name: "by", text: t("Changed by"), of: (row) => who(row.hand?.by) }, { name: "why", text: t("Why"), of: (row) => row.hand?.why || "" }, { name: "until", text: t("Until"), of: (row) => when(row.hand?.until_us) }],
        acts: (row, now) => [...(row.fields ? [button(t("Change …"), () => rowAsk(name, now(), columns, keyColumn), { "aria-label": t("Change {key} …", { key: row.key }) }), button(t("Remove …"), () => rowRemove(name, now()), { "aria-label": t("Remove {key} …", { key: row.key }) })] : []),
            ...(row.hand ? [button(t("Undo"), () => undo(name, now().hand, row.key), { "aria-label": t("Undo {key}", { key: row.key }) })] : [])] });
    const there = new Set(answer.rows.map((row) => row.key));
    const shown = (rows) => { handsPut(rows.flatMap(({ hand }) => hand || [])); return rows; };
    table.whole([...shown(answer.rows), ...[...page.hands.values()].filter((hand) => hand.value === "removed" && !there.has(hand.key)).map((hand) => ({ key: hand.key, hand }))]);
    const further = new Further((from) => get(pathOf(name), { from }), ({ rows }) => table.changed(shown(rows)));
    further.anew(answer.next);
    table.element.append(make("div", { class: "row" }, button(t("Add a row …"), () => rowAsk(name, null, columns, keyColumn)), further.button));
    return table.element;
};

// A day of a calendar is a change of each schedule that names it.
const sendDay = async (name, change) => {
    try {
        await putTo(pathOf("holidays"), change);
    } catch (error) {
        if (error.status === 409) await open(name, true); // what was shown is old
        throw error;
    }
};
// Days that stand behind a schedule by `gcxctl set holidays`: each is taken back by itself.
// Of two changes of a day the newer one is taken back first, which is the one for a time.
const holidaysOf = (name, days) => (days.length === 0 ? null : make("ul", { class: "special", "aria-label": t("Further days by hand") }, ...days.map((day) => make("li", {}, `${day.key}: ${day.value}, ${who(day.by)}: ${day.why || ""} ${when(day.until_us)} `,
    page.hands.get(day.key) !== day ? null : button(t("Undo"), attempt(async () => {
        const [calendar, date] = day.key.split(" ");
        await sendDay(name, { key: calendar, row: [date], undo: true, why: NO_MORE, seen: day.since_us });
        announce(takenBack(day, { name: day.key, more: "" }));
        await open(name, true);
    }), { "aria-label": t("Undo {key}", { key: day.key }) })))));

// One more day of a calendar of the directory, as `gcxctl set holidays` puts it into each schedule that names the calendar.
const dayAsk = (row, calendar) => dialog(t("A further day of {calendar}", { calendar: calendar.name }), (close) => {
    const asked = reasons(), date = make("input", { type: "date", required: true });
    const lines = () => `${row.lines === "closed" ? "" : `${row.lines}; `}${date.value} ${calendar.hours}`;
    return form(t("Put in"), [make("p", { class: "text" }, calendar.hours === "closed" ? t("{name} is closed on this day, and so is each other schedule that names the calendar, as the directory says.", { name: row.name })
        : t("{name} has these hours on this day: {hours}. Each other schedule that names the calendar has those that the directory says.", { name: row.name, hours: calendar.hours })), labelled(t("Day"), date), ...asked.fields], async () => {
        await sendDay(row.name, { key: calendar.name, row: [date.value], seen: seenOf(`${calendar.name} ${date.value}`), ...asked.said() });
        close();
        announce(t("{day} is a day of {calendar}", { day: date.value, calendar: calendar.name }));
        await open(row.name, true);
    }, trial(row.name, () => {
        if (!date.reportValidity()) throw new Error(date.validationMessage);
        return without(asked, { value: lines() });
    }));
});
const calendarsOf = (row) => (row.calendars || []).map((calendar) => button(t("Add a day to {calendar} …", { calendar: calendar.name }), () => dayAsk(row, calendar)));

// Shows everything about one setting in place of the list. again: what was written in its form, and not sent, stays.
const open = attempt(async (name, again = false) => {
    const mine = page, answer = await get(pathOf(name)), [row] = answer.settings;
    if (page !== mine) return;
    const at = document.activeElement;
    if (!again || page.shown !== name) page.form = null;
    page.shown = name;
    page.hands = new Map();
    handsPut(answer.settings);
    const heading = make("h2", { id: "setting" }, `${name} `, make("span", { class: "count" }, wordOf(row.kind)));
    const card = make("section", { class: "card setting", "aria-labelledby": "setting" }, make("div", { class: "top" }, heading,
        row.of === "hand" && row.kind !== "table" ? button(t("Undo"), () => undo(name, row), { "aria-label": t("Undo {name}", { name }) }) : null, button(t("All settings"), all)),
    row.doc ? make("p", { class: "text" }, row.doc) : null, facts(row), ...(row.kind === "schedule" ? [holidaysOf(name, answer.settings.slice(1)), make("div", { class: "row" }, ...calendarsOf(row))] : []));
    if (row.kind !== "table")
        try {
            if (page.form) page.form.anew(row); else page.form = valueForm(row);
        } catch (error) { card.append(make("p", { class: "wrong" }, error.message)); }
    if (page.form && row.kind !== "table") card.append(page.form.element);
    id("now").replaceChildren(card, ...(row.kind === "table" ? [rowsOf(row, answer)] : []), historyOf(answer.audit));
    if (card.contains(at)) at.focus(); else if (!document.querySelector("dialog[open]")) settle(heading);
});

// told: line(text) says what is wrong; over(text): the session is.
export const start = (me, told) => {
    const table = new Table({ name: "settings", title: t("What you may change"), columns: COLUMNS, key: (row) => `${row.name}\n${row.of}`, open: (row) => open(row.name), sort: ["name", false],
        none: t("Nothing yet: a site says by `edit supervisor` what supervisors may change."),
        acts: (row, now) => [button(t("Change …"), () => open(row.name), { "aria-label": t("Change {name} …", { name: row.name }) }), ...(row.of === "hand" && row.kind !== "table" ? [button(t("Undo"), () => undo(row.name, now()), { "aria-label": t("Undo {name}", { name: row.name }) })] : [])] });
    page = { me, ...told, table, prompts: prompts(), shown: null, timer: 0 };
    all();
};
export const stop = () => {
    clearTimeout(page?.timer);
    if (page) id("now").replaceChildren();
    page = null;
};
