// today.js - The page Today: what is promised to customers, what is dialled, how the channels are, and what asks for somebody.
import { attempt, button, dialog, duration, id, labelled, make, medium, moment, plain, put, select, tell, wordOf } from "../dom.js";
import { t, tenths } from "../t.js";
import { get, getWhole, post, putTo } from "../wire.js";
import { clockIs, nowUs, percent } from "./figures.js";
import { why } from "./why.js";
import { act } from "./acts.js";
import { interactions } from "./interactions.js";
import { level, levelColour, nobody } from "./queues.js";
import { Table } from "./table.js";
import { follow, goal } from "./targets.js";

const EVERY_MS = 15000, PAGES_MAX = 10, SILENCED = "api/supervisor/settings/silenced_alerts";
const when = (us) => (us ? moment(us / 1000) : "");
const figure = (name, text, of) => ({ name, text, figure: true, by: of, of: (row) => String(of(row) ?? "") });
const share = (part, whole) => (whole ? `${(100 * part / whole).toFixed(1)} %` : "–");
const over = (row) => 1000 * row.window_abandoned > row.window_answered * row.abandoned_permille;
// A share of the abandoned above the campaign's ceiling is coloured.
const above = (row, part, whole) => (1000 * part > whole * row.abandoned_permille ? "late" : "");
const late = (us) => us < nowUs();

// The adapter runs, and what stands behind it is away: its neighbours, each with the reason, or the switch.
const troubleOf = ({ state, service, neighbours = {} }) => {
    const away = Object.entries(neighbours).filter(([, how]) => how !== "up").map(([name, how]) => `${name}: ${how}`);
    return away.join("; ") || (state === "up" && ["down", "grace"].includes(service) ? wordOf(service) : "");
};

// ---- alerts: each is silenced by its name, a key of the table at the router, so it is the same in all languages ----

const alertsOf = ({ links, sources, campaigns, promises, queues }) => [
    ...links.filter((one) => one.state !== "up").map((one) => ({ name: `link ${one.name}`, says: t("The channel {name} is {state}.", { name: one.name, state: plain(one.state).toLowerCase() }), since_us: one.since_us })),
    ...links.filter(troubleOf).map((one) => ({ name: `behind ${one.name}`, says: t("The channel {name} has trouble: {trouble}.", { name: one.name, trouble: troubleOf(one) }) })),
    ...sources.filter((one) => one.trouble || one.circuit === "open").map((one) => ({ name: `source ${one.name}`, says: t("The source {name} has trouble: {trouble}.", { name: one.name, trouble: one.trouble || one.circuit }) })),
    ...campaigns.filter(over).map((one) => ({ name: `campaign ${one.name}`, says: t("The campaign {name} loses more people than it may.", { name: one.name }) })),
    ...queues.filter((one) => levelColour(one) === "late").map((one) => ({ name: `queue ${one.name}`, says: t("The queue {name} misses its target in this hour: {level}, and it shall be {goal}.", { name: one.name, level: level(one), goal: goal(one) }) })),
    ...queues.filter(nobody).map((one) => ({ name: `nobody ${one.name}`, says: t("Nobody who is here can take what waits: {queues}.", { queues: `${one.name}, ${one.nobody_can}` }) })),
    ...(promises.some((one) => late(one.reply_us)) ? [{ name: "replies", says: t("Replies are late: {count}.", { count: promises.filter((one) => late(one.reply_us)).length }) }] : []),
];
// Those whom a supervisor has silenced, by the table of the site: with who, why and until when.
const silenced = async () => {
    try {
        const { rows } = await getWhole(SILENCED);
        return new Map(rows.map(({ key, hand }) => [key, hand || {}]));
    } catch (error) {
        if (error.status === 404) return null;
        throw error;
    }
};
const LASTS = [["30m", t("30 minutes")], ["2h", t("2 hours")], ["8h", t("8 hours")], ["24h", t("A day")]];
const silence = (row, after) => dialog(t("Silence: {says}", { says: row.says }), (close) => {
    const lasts = select(LASTS), reason = make("input", { maxlength: "200", autocomplete: "off", required: true });
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        await putTo(SILENCED, { key: row.name, row: [], for: lasts.value, why: reason.value });
        close();
        tell(t("Silenced"));
        after();
    }) }, labelled(t("How long"), lasts), labelled(t("Why"), reason), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Silence"))));
});

// The alert is heard again before its time.
const heard = async (row, after) => {
    await putTo(SILENCED, { key: row.name, undo: true, why: t("Taken back at the console"), seen: row.silent.since_us });
    tell(t("Undone"));
    after();
};

const cancel = (row, after) => dialog(t("Cancel the call-back to {to}", { to: row.to }), (close) => {
    const reason = make("input", { maxlength: "200", autocomplete: "off", required: true });
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        await post(`api/supervisor/callbacks/${encodeURIComponent(row.number)}/cancel`, { why: reason.value });
        close();
        tell(t("The call-back is cancelled"));
        after();
    }) }, make("p", {}, t("Nobody calls them back, and they are not told.")), labelled(t("Why"), reason), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Cancel the call-back"))));
});

// ---- tables ----

const ALERTS = [{ name: "says", text: t("What"), of: (row) => row.says }, { name: "since", text: t("Since"), by: (row) => row.since_us || 0, of: (row) => when(row.since_us) },
    { name: "silent", text: t("Silenced"), of: (row) => (row.silent ? t("until {time} by {by}: {why}", { time: when(row.silent.until_us), by: (row.silent.by || "").replace(/ by \S+$/, ""), why: row.silent.why || "" }) : ""), colour: (row) => (row.silent ? "" : "late") }];
const PROMISES = [{ name: "from", text: t("From"), of: (row) => row.ani || row.ixn }, { name: "media", text: t("Medium"), of: (row) => medium(row.media) },
    { name: "reply", text: t("Reply by"), by: (row) => row.reply_us, of: (row) => when(row.reply_us), colour: (row) => (late(row.reply_us) ? "late" : "") },
    { name: "owner", text: t("With"), of: (row) => row.owner || "" }, { name: "vq", text: t("Queue"), of: (row) => row.vq || "" }];
const CALLBACKS = [{ name: "to", text: t("To"), of: (row) => row.to }, { name: "due", text: t("When"), by: (row) => row.due_us, of: (row) => when(row.due_us), colour: (row) => (late(row.due_us) && !row.ixn ? "long" : "") },
    { name: "strategy", text: t("Strategy"), of: (row) => row.strategy }, { name: "dn", text: t("By"), of: (row) => row.dn }, figure("attempts", t("Dialled"), (row) => row.attempts), { name: "ixn", text: t("Begun"), of: (row) => row.ixn || "" }];
const CAMPAIGNS = [{ name: "name", text: t("Campaign"), of: (row) => row.name }, { name: "state", text: t("State"), of: (row) => wordOf(row.state) }, { name: "mode", text: t("Mode"), of: (row) => plain(row.mode || "") },
    { name: "why", text: t("Not one more"), of: (row) => plain(row.why || "") },
    { name: "abandoned_15m", text: t("Abandoned, 15 min"), figure: true, by: (row) => row.abandoned_15m, of: (row) => share(row.abandoned_15m, row.answered_15m), colour: (row) => above(row, row.abandoned_15m, row.answered_15m) },
    { name: "abandoned_30m", text: t("30 min"), figure: true, by: (row) => row.abandoned_30m, of: (row) => share(row.abandoned_30m, row.answered_30m), colour: (row) => above(row, row.abandoned_30m, row.answered_30m) },
    { name: "abandoned", text: t("Abandoned"), figure: true, by: (row) => row.window_abandoned, of: (row) => share(row.window_abandoned, row.window_answered), colour: (row) => (over(row) ? "late" : "") },
    { name: "answered", text: t("Answered"), figure: true, by: (row) => row.answered, of: (row) => percent(row.answered, row.dialled) }, figure("left", t("Left"), (row) => row.left), figure("due", t("Due"), (row) => row.list_due),
    { name: "calls", text: t("Calls now"), figure: true, by: (row) => (row.calls || []).length, of: (row) => String((row.calls || []).length), press: (row) => interactions({ title: t("Calls of {name}", { name: row.name }), ixns: row.calls || [], called: (name) => name }) },
    { name: "overdue", text: t("Overdue"), figure: true, by: (row) => row.overdue, of: (row) => String(row.overdue ?? ""), colour: (row) => (row.overdue > 0 ? "long" : "") },
    { name: "team", text: t("Ready, busy, of"), of: (row) => (row.dialled === undefined ? "" : `${row.agents_ready}, ${row.agents_busy}, ${row.agents}`) },
    { name: "lines", text: t("Lines per ready agent"), figure: true, of: (row) => (row.agents_ready ? tenths(row.ringing / row.agents_ready) : "–"), hidden: true },
    { name: "waits", text: t("Agents wait"), figure: true, of: (row) => (row.waits ? duration(row.waited_us / 1000 / row.waits) : "–"), hidden: true },
    ...[["exhausted", t("Exhausted")], ["busy", t("Busy")], ["unanswered", t("Unanswered")], ["machine", t("Machines")], ["invalid", t("Invalid")], ["unreached", t("Not reached")]].map(([name, text]) => ({ ...figure(name, text, (row) => row[name]), hidden: true }))];
const COUNTERS = [{ name: "name", text: t("Counter"), of: (row) => row.name }, { name: "key", text: t("Of"), of: (row) => row.key || "" }, figure("count", t("Now"), (row) => row.count)];
const CHANNELS = [{ name: "name", text: t("Channel"), of: (row) => row.name }, { name: "state", text: t("State"), of: (row) => wordOf(row.state), colour: (row) => (row.state === "up" ? "" : "late") },
    { name: "trouble", text: t("Trouble"), of: troubleOf, colour: (row) => (troubleOf(row) ? "late" : "") },
    { name: "since", text: t("Since"), by: (row) => row.since_us || 0, of: (row) => when(row.since_us) }, figure("restarts", t("Restarts"), (row) => row.restarts)];
const SOURCES = [{ name: "name", text: t("Source"), of: (row) => row.name }, figure("queries", t("Queries"), (row) => row.queries), figure("errors", t("Errors"), (row) => row.errors), figure("waiting", t("Waiting"), (row) => row.waiting),
    { name: "trouble", text: t("Trouble"), of: (row) => row.trouble || "", colour: (row) => (row.trouble ? "late" : "") }];

let page = null;
const all = async (what, member = what, more = {}) => {
    const rows = [];
    let from;
    for (let pages = 0; pages < PAGES_MAX; pages++) {
        const answer = await get(`api/supervisor/${what}`, from ? { ...more, from } : more);
        rows.push(...(answer[member] || []).map((row) => (answer.as_of_us ? { ...row, seen: answer.as_of_us } : row)));
        from = answer.next;
        if (!from) break;
    }
    return rows;
};
const look = async () => {
    const mine = page;
    clearTimeout(page.timer);
    try {
        if (!document.hidden) {
            const [{ wall_us }, links, sources, campaigns, callbacks, queues, counters, live, quiet] = await Promise.all([get("api/supervisor/status"), all("links"), all("sources"), all("campaigns"), all("callbacks"), all("queues"), all("statistics", "counters"), all("interactions", "interactions", { live: "yes", promised: "yes" }), silenced()]);
            if (page !== mine) return;
            clockIs(wall_us);
            const told = { links, sources, queues, campaigns: campaigns.filter((one) => one.state !== "unloaded"), promises: live };
            const { tables } = page;
            page.maySilence = quiet !== null;
            tables.alerts.whole(alertsOf(told).map((one) => ({ ...one, silent: quiet?.get(one.name) })));
            tables.promises.whole(told.promises);
            tables.callbacks.whole(callbacks);
            tables.campaigns.whole(told.campaigns);
            tables.channels.whole(links);
            tables.sources.whole(sources);
            tables.counters.whole(counters);
            tables.counters.element.hidden = counters.length === 0;
            page.line("");
        }
    } catch (error) {
        if (page !== mine) return;
        if (error.status === 401) return page.over(t("The session is over."));
        page.line(error.message);
    }
    if (page === mine) page.timer = setTimeout(look, EVERY_MS);
};
export const start = (me, { line, over: ended }) => {
    const because = make("p", { class: "because", role: "status", hidden: true });
    const table = (name, title, columns, key, none, more = {}) => new Table({ name, title, columns, key, none, ...more });
    const tell = attempt(async (row) => { put(because, await why(row.ixn, (name) => name)); because.hidden = false; because.scrollIntoView({ block: "nearest" }); });
    const tables = {
        alerts: table("alerts", t("What asks for somebody"), ALERTS, (row) => row.name, t("Nothing."), { anew: (row) => Boolean(row.silent), acts: (row, now) => [...(row.silent?.since_us ? [button(t("Undo"), attempt(() => heard(now(), look)), { "aria-label": t("Undo {name}", { name: row.name }) })] : []), button(t("Silence …"), () => (page.maySilence ? silence(now(), look) : page.line(t("The site has no table silenced_alerts that supervisors may change."))), { "aria-label": t("Silence {name} …", { name: row.name }) })] }),
        promises: table("promises", t("Replies that are due"), PROMISES, (row) => row.ixn, t("No reply is promised."), { sort: ["reply", false], acts: (row, now) => [button(t("Change …"), () => act([now()], t("Change {interaction}", { interaction: row.ani || row.ixn })), { "aria-label": t("Change {interaction} …", { interaction: row.ani || row.ixn }) }), button(t("Why"), () => tell(now()), { "aria-label": t("Why {ani}", { ani: row.ani || row.ixn }) })] }),
        callbacks: table("callbacks", t("Call-backs"), CALLBACKS, (row) => String(row.number), t("None is booked."), { sort: ["due", false], anew: (row) => row.ixn || "", acts: (row, now) => (row.ixn ? [button(t("Why"), () => tell(now()), { "aria-label": t("Why {ani}", { ani: row.to }) })] : [button(t("Cancel …"), () => cancel(now(), look), { "aria-label": t("Cancel the call-back to {to} …", { to: row.to }) })]) }),
        campaigns: table("campaigns", t("Campaigns"), CAMPAIGNS, (row) => row.name, t("None is loaded.")),
        channels: table("channels", t("Channels"), CHANNELS, (row) => row.name, t("None.")),
        counters: table("counters", t("Counters"), COUNTERS, (row) => `${row.name}\n${row.key || ""}`, t("None.")),
        sources: table("sources", t("Databases and services"), SOURCES, (row) => row.name, t("None.")),
    };
    page = { line, over: ended, tables, timer: 0, maySilence: false, follows: follow(() => look()) };
    id("now").replaceChildren(because, tables.alerts.element, tables.promises.element, tables.callbacks.element, tables.campaigns.element, tables.channels.element, tables.sources.element, tables.counters.element);
    look();
};
export const stop = () => {
    clearTimeout(page?.timer);
    page?.follows();
    page = null;
    id("now").replaceChildren();
};
