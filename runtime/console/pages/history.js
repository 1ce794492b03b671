// history.js - The page History: interactions that have ended, over all media; and the whole way of one, with its decisions,
// and what was written or recorded beside it. #/history/1-000000000001 is one of them.
import { attempt, button, duration, id, labelled, make, medium, moment, plain, put, settle, wordOf } from "../dom.js";
import { dates, t } from "../t.js";
import { get } from "../wire.js";
import { addressed } from "./addressed.js";
import { Further } from "./further.js";
import { story } from "./history_story.js";
import { calledOf, choices, listOf, peopleLoad } from "./people.js";
import { Table } from "./table.js";
import { why } from "./why.js";

const exact = dates({ dateStyle: "medium", timeStyle: "medium" });
const clock = dates({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const msOf = (text) => (text ? Date.parse(text) : 0);

// ---- what was found ----

const columns = () => [
    { name: "received", text: t("When"), by: (row) => row.received || "", of: (row) => exact.format(msOf(row.received)), press: (row) => { location.hash = `#/history/${row.ixn}`; } },
    { name: "media", text: t("Medium"), of: (row) => medium(row.media) },
    { name: "from", text: t("From"), of: (row) => row.ani || "" },
    { name: "to", text: t("To"), of: (row) => row.dnis || "" },
    { name: "agent", text: t("Agent"), of: (row) => calledOf(row.agent) },
    { name: "answered", text: t("Answered after"), figure: true, by: (row) => row.answered_ms ?? -1, of: (row) => (row.answered_ms === undefined ? "–" : duration(row.answered_ms)) },
    { name: "lasted", text: t("Lasted"), figure: true, by: (row) => row.ended_ms ?? -1, of: (row) => duration(row.ended_ms || 0) },
    { name: "outcome", text: t("Outcome"), of: (row) => wordOf(row.outcome || "") },
    { name: "strategy", text: t("Strategy"), of: (row) => row.strategy || "", hidden: true },
    { name: "ixn", text: t("Number"), of: (row) => row.ixn, hidden: true },
];
// What has not ended is not in the records: it is found at the router, by its number, address or customer's number.
const LIVE_ROWS = 20;
const live = (row) => make("li", {}, `${medium(row.media)}, ${row.ani || row.ixn}, ${moment(row.arrived_us / 1000)}: ${wordOf(row.state)}${row.vq ? `, ${row.vq}` : ""} `,
    button(t("Why"), attempt(async (event) => { event.target.after(make("span", { role: "status" }, ` ${await why(row.ixn, (name) => name)}`)); event.target.remove(); }), { "aria-label": t("Why {ani}", { ani: row.ani || row.ixn }) }));
const living = async (number) => {
    if (!number) return [];
    const list = make("ul");
    // A page may have no row of the number, and others follow.
    const further = new Further(async (next = { rows: [] }) => {
        const rows = [...next.rows];
        let { from } = next;
        while (rows.length < LIVE_ROWS && from !== null) {
            const answer = await get("api/supervisor/interactions", { live: "yes", number, from });
            rows.push(...answer.interactions);
            ({ next: from = null } = answer);
        }
        const shown = rows.splice(0, LIVE_ROWS);
        return { shown, next: rows.length || from !== null ? { rows, from } : null };
    }, ({ shown }) => list.append(...shown.map(live)), { "aria-label": t("Further rows that have not ended yet") });
    await further.begin();
    if (!list.children.length) return [];
    return [make("h3", {}, t("Not ended yet")), list, further.button, make("p", { class: "quiet" }, make("a", { href: "#/now" }, t("All that is under way stands on the page Now.")))];
};

// A page of what is asked for. One may be empty while others follow: so many are read before a person is asked to go on.
const EMPTY_MAX = 10;
const foundOf = async (asked) => {
    let answer = await get("api/supervisor/history", asked);
    for (let empty = 1; empty < EMPTY_MAX && answer.next && !answer.interactions.length; empty++)
        answer = await get("api/supervisor/history", { ...asked, next: answer.next });
    return answer;
};

const FIELDS = [["q", () => t("Customer, number or words")], ["key", () => t("Data, as order=17")], ["agent", () => t("Agent")], ["queue", () => t("Virtual queue")]];
const search = () => {
    const fields = FIELDS.map(([name, text]) => [name, make("input", { maxlength: "200", autocomplete: "off", type: name === "q" ? "search" : "text", list: listOf(name), ...(name === "key" ? { pattern: ".+=.*", title: text() } : {}) }), text()]);
    const days = [["from", t("First day")], ["to", t("Last day")]].map(([name, text]) => [name, make("input", { type: "date" }), text]);
    const told = make("p", { class: "quiet", role: "status" }), unended = make("div");
    const table = new Table({ name: "found", title: t("Ended interactions"), columns: columns(), key: (row) => row.ixn, sort: ["received", true], none: t("Nothing was found.") });
    const all = [...fields, ...days];
    let asked = {}; // what the rows answer
    const further = new Further((next) => foundOf({ ...asked, next }), (answer, first) => {
        if (first) table.whole(answer.interactions); else table.changed(answer.interactions);
        put(told, [answer.customers_more && t("More customers are so called than are looked for: write more of the name, or a number."), answer.next && !table.rows.size && t("Nothing was found so far, and not all was searched.")].filter(Boolean).join(" "));
    });
    const ask = async () => {
        const now = asked = Object.fromEntries(all.map(([name, field]) => [name, field.value.trim()]).filter(([, value]) => value));
        table.whole([]);
        put(told, "");
        unended.replaceChildren();
        await further.begin();
        if (asked !== now) return;
        const rows = await living(now.q);
        if (asked === now) unended.replaceChildren(...rows);
    };
    table.element.append(make("div", { class: "row" }, further.button));
    return make("section", { class: "card reports", "aria-labelledby": "history-title" }, make("h2", { id: "history-title" }, t("History")),
        make("form", { class: "asked", onsubmit: attempt(async (event) => {
            event.preventDefault();
            await ask();
        }) }, ...all.map(([, field, text]) => labelled(text, field)), make("button", { type: "submit", class: "first" }, t("Find"))),
        make("p", { class: "quiet" }, t("Without days, the last thirty are searched.")), ...choices(), unended, told, table.element);
};

// ---- the way of one ----

const facts = (row) => {
    const all = [[t("Medium"), medium(row.media)], [t("From"), row.ani], [t("To"), row.dnis], [t("Came"), exact.format(msOf(row.received))], [t("Lasted"), duration(row.ended_ms || 0)],
        [t("Outcome"), wordOf(row.outcome || "")], [t("Strategy"), row.strategy && `${row.strategy}${row.version ? ` (${row.version})` : ""}`], [t("Campaign"), row.campaign], [t("Number"), row.ixn], [t("ConnID"), row.conn]];
    return make("dl", { class: "together" }, ...all.filter(([, value]) => value).map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
};
const others = (way) => {
    const row = way.interactions[0], links = [[row.main, t("It was about")], [row.merged_into, t("It goes on in")], ...way.parts.map((one) => [one.ixn, t("A consultation or part of it")]), ...way.merged.map((one) => [one.ixn, t("Joined with it")])].filter(([ixn]) => ixn);
    return links.length ? make("p", {}, ...links.flatMap(([ixn, text], i) => [`${i ? ", " : ""}${text}: `, make("a", { href: `#/history/${encodeURIComponent(ixn)}` }, ixn)])) : null;
};
// Agents by the names that people know.
const named = (way) => Object.fromEntries(Object.entries(way).map(([table, rows]) => [table, Array.isArray(rows) ? rows.map((row) => ({ ...row,
    ...Object.fromEntries(["agent", "chosen", "by_whom"].filter((name) => row[name]).map((name) => [name, calledOf(row[name])])), ...(row.kind === "agent" ? { name: calledOf(row.name) } : {}) })) : rows]));
const timeline = (way, begins, marks) => make("ol", { class: "way" }, ...story(named(way)).map((one) => make("li", { "data-kind": one.kind },
    marks ? button(clock.format(one.at), () => marks(one.at), { class: "link" }) : make("time", { datetime: new Date(one.at).toISOString() }, clock.format(one.at)),
    make("span", { class: "quiet" }, `+${duration(one.at - begins)}`), make("div", {}, one.text, ...(one.more || []).map((line) => make("p", { class: "quiet" }, line))))));

// What was written, if the contact store has it: it knows the interaction by the name that the adapter gave it.
export const written = async (row) => {
    const { messages } = await get(`api/supervisor/history/${encodeURIComponent(row.ixn)}/transcript`, { media: row.media, external_id: row.external, limit: 200 });
    return make("section", { class: "card transcript", "aria-labelledby": "written-title" }, make("h2", { id: "written-title" }, t("What was written")),
        make("ol", {}, ...messages.map((one) => make("li", { class: one.role === "customer" ? "customer" : null }, make("small", {}, `${one.from || plain(one.role || "")}, ${exact.format(one.at)}${one.visible === "agents" ? `, ${t("for colleagues")}` : ""}`),
            make("p", { class: "text" }, one.text)))));
};
// Recordings of the call. A press on a time of the timeline plays from there.
// `parties` are those of the way: the supervisors who listened, whispered or joined, and when, stands beside the recordings.
export const recorded = async (row, beside, parties = []) => {
    const { recordings } = await get(`api/supervisor/recordings/${encodeURIComponent(row.conn)}`).catch((wrong) => {
        if (wrong.status === 403) return { recordings: [] }; // they are not for this person
        throw wrong;
    });
    const all = recordings.map((one) => ({ ...one, audio: make("audio", { controls: true, preload: "none", src: `../api/supervisor/recordings/${encodeURIComponent(row.conn)}/${one.number}`, "aria-label": t("Recording {number}", { number: one.number }) }) }));
    if (!all.length) return null;
    beside.append(make("section", { class: "card", "aria-labelledby": "recorded-title" }, make("h2", { id: "recorded-title" }, t("Recordings")), ...all.map((one) => make("p", {}, one.audio)),
        ...parties.filter((one) => one.role === "supervisor" && one.established).map((one) => make("p", { class: "quiet" }, t("{name} was there as supervisor from {begin} to {end}", { name: calledOf(one.agent) || one.dn, begin: clock.format(msOf(one.established)), end: one.ended ? clock.format(msOf(one.ended)) : "–" })))));
    return (at) => {
        const one = all.find((other) => at < other.begins + other.ms) || all.at(-1);
        const seek = () => { one.audio.currentTime = Math.max(0, (at - one.begins) / 1000); };
        if (one.audio.readyState) seek(); else one.audio.addEventListener("loadedmetadata", seek, { once: true });
        one.audio.play().catch(() => {});
    };
};
const debugged = (row) => {
    const line = ["gcxdb", "replay", at.page.state, row.ixn].join(" ");
    return make("p", {}, button(t("Copy the debugger's command"), attempt(() => navigator.clipboard.writeText(line)), { title: line }), " ", make("code", {}, line), make("span", { class: "quiet" }, ` ${t("It is for the machine of gcxvm.")}`));
};
const open = async (ixn) => {
    const [way] = await Promise.all([get(`api/supervisor/history/${encodeURIComponent(ixn)}`), peopleLoad()]), row = way.interactions[0];
    if (!at.page || at.part() !== ixn) return;
    const begins = msOf(row.received), beside = make("div", { class: "beside" });
    const marks = row.conn ? await recorded(row, beside, way.parties) : null;
    if (!at.page || at.part() !== ixn) return;
    // The debugger reads the journal in the state's folder of this gcxvm.
    at.page.state ||= await get("api/supervisor/status").then((answer) => (/^[\w./-]+$/.test(answer.state || "") ? answer.state : "STATE"), () => "STATE");
    if (!at.page || at.part() !== ixn) return;
    const shows = make("section", { class: "card", "aria-labelledby": "way-title" }, make("div", { class: "top" }, make("h2", { id: "way-title" }, t("{medium} of {when}", { medium: medium(row.media), when: exact.format(begins) })), make("a", { href: "#/history" }, t("Back to the list"))),
        facts(row), ...[others(way)].filter(Boolean), timeline(way, begins, marks), ...(way.more ? [make("p", { class: "quiet" }, t("It did very much: the first 2,000 steps of a kind are shown."))] : []), debugged(row));
    if (row.external) beside.append(button(t("Show what was written"), attempt(async (event) => { const shown = await written(row); event.target.replaceWith(shown); settle(shown.querySelector("h2")); })));
    id("now").replaceChildren(make("div", { class: "whole" }, shows, beside));
    settle(shows.querySelector("h2"));
};

const list = async () => {
    await peopleLoad();
    if (!at.page || at.part()) return;
    at.page.search ||= search();
    id("now").replaceChildren(at.page.search);
};
const at = addressed("history", { list, one: open });
export const { start, stop } = at;
