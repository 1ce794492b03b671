// reports.js - The page Reports: what people ask first of the records, as table, lines and CSV; and what will come.
// The server asks gcxrecords: what there is to ask, and what its figures mean, comes from there.
import { attempt, duration, id, labelled, make, put, select } from "../dom.js";
import { number, t, tenths } from "../t.js";
import { get } from "../wire.js";
import { chart } from "./chart.js";
import { calledOf, choices, listOf, peopleLoad, queueNames } from "./people.js";
import { headOf } from "./report_words.js";
import { Table } from "./table.js";
import { follow, targetOf, WITHIN_S } from "./targets.js";

const DAY_MS = 86400000, DAYS = 7;
const BY = [["quarter", t("Quarter of an hour")], ["hour", t("Hour")], ["day", t("Day")], ["week", t("Week")], ["total", t("All days together")]];
const HEADS = ["quarter", "hour", "day", "week", "from"]; // of the column with the period
let page = null; // { me, reports, targets }: targets() ends the reading of the queues' targets

const dayOf = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
const daysFromNow = (days) => dayOf(new Date(Date.now() + days * DAY_MS));
const called = (figure) => headOf(figure.name);
const written = (kind) => (value) => (value === null || value === undefined ? "–" : kind === "count" ? number(value) : kind === "average" ? tenths(value) : kind === "percent" ? `${tenths(value)} %` : duration(value));
const address = (path, query) => `../${path}?${new URLSearchParams(Object.entries(query).filter(([, value]) => value))}`;
const shown = (report) => report.figures.filter((figure) => figure.kind !== "part");
// The periods of rows, by the moments at which they begin. An hour that comes twice, when clocks go back, is two periods of one
// name: they are told apart by UTC.
const periodsOf = (rows) => {
    const periods = new Map(rows.map((row) => [row.utc, row[HEADS.find((head) => head in row)]])), counts = new Map();
    for (const period of periods.values()) counts.set(period, (counts.get(period) || 0) + 1);
    return new Map([...periods].sort().map(([utc, period]) => [utc, counts.get(period) > 1 ? `${period} (${utc.slice(11, 16)} UTC)` : period]));
};
// Without the year, "11-29", "11-29 08:15"; where they are of one day, the day is left out, too.
const short = (periods) => periods.map((period) => period.slice(period.length > 10 && periods.every((one) => one.slice(0, 10) === period.slice(0, 10)) ? 11 : 5));
const valueOf = (row, of) => (of === "agent" ? calledOf(row[of]) : row[of]);
// What a row is of, and how that is called: two agents may have one name.
const thingOf = (report, row, of) => JSON.stringify([report.thing && row[report.thing], of && row[of]]);
const nameOf = (report, row, of) => [report.thing && row[report.thing], of && valueOf(row, of)].filter(Boolean).join(", ") || (of || report.thing ? "–" : "");

// The newest question of a place counts: what an older one is answered, or its complaint, is left out, and comes as null.
const questions = new WeakMap();
const newest = async (place, answer) => {
    const mine = (questions.get(place) || 0) + 1;
    questions.set(place, mine);
    const old = () => questions.get(place) !== mine || !place.isConnected;
    try {
        const said = await answer;
        return old() ? null : said;
    } catch (error) {
        if (old()) return null;
        place.replaceChildren();
        throw error;
    }
};

// ---- one report ----

export const linesOf = (report, rows, of, figure) => {
    const periods = periodsOf(rows), places = new Map([...periods.keys()].map((utc, place) => [utc, place])), lines = new Map();
    for (const row of rows) {
        const thing = thingOf(report, row, of);
        if (!lines.has(thing)) lines.set(thing, { name: nameOf(report, row, of), values: Array(places.size).fill(null) });
        lines.get(thing).values[places.get(row.utc)] = row[figure.name];
    }
    const sum = (line) => line.values.reduce((all, value) => all + (value || 0), 0);
    return { labels: short([...periods.values()]), lines: [...lines.values()].sort((a, b) => sum(b) - sum(a)) };
};
const drawn = (report, rows, of) => {
    const place = make("div"), choice = select(shown(report).map((figure) => [figure.name, called(figure)]), { onchange: () => draw() });
    const draw = () => {
        const figure = report.figures.find((one) => one.name === choice.value);
        place.replaceChildren(chart({ title: `${headOf(report.report)}: ${called(figure)}`, ...linesOf(report, rows, of, figure), written: written(figure.kind) }));
    };
    draw();
    return make("div", { class: "drawn" }, labelled(t("Drawn"), choice), place);
};
const tabled = (report, rows, of) => {
    const periods = periodsOf(rows), column = (name, text) => ({ name, text, of: (row) => valueOf(row, name) || "–" });
    const table = new Table({ name: "report", title: headOf(report.report), kept: `report-${report.report}`, none: t("There is nothing of these days in the records."),
        columns: [{ name: "period", text: t("Time"), by: (row) => row.utc, of: (row) => periods.get(row.utc) }, ...(report.thing ? [column(report.thing, headOf(report.thing))] : []), ...(of ? [column(of, headOf(of))] : []),
            ...shown(report).map((figure) => ({ name: figure.name, text: called(figure), figure: true, by: (row) => row[figure.name] ?? -1, of: (row) => written(figure.kind)(row[figure.name]) }))],
        key: (row) => `${row.utc}\n${thingOf(report, row, of)}` });
    table.whole(rows);
    return table.element;
};
const together = (report, rows) => {
    if (rows.length !== 1) return null;
    return make("dl", { class: "together" }, ...shown(report).map((figure) => make("div", {}, make("dt", {}, called(figure)), make("dd", {}, written(figure.kind)(rows[0][figure.name])))));
};
const means = (report) => make("details", {}, make("summary", {}, t("What the figures mean")), make("dl", { class: "means" }, ...shown(report).flatMap((figure) => [make("dt", {}, called(figure)), make("dd", {}, t(figure.doc))])));
const known = (answer, from, to) => {
    const wrong = [answer.first_record > from ? t("The records begin on {first_record}: days before it are not known.", { first_record: answer.first_record }) : "", answer.last_record < to ? t("The records end on {last_record}: days behind it are not known.", { last_record: answer.last_record }) : ""];
    return answer.first_record ? wrong.filter(Boolean).join(" ") : t("There are no records yet.");
};

// Asks for the report, and shows it in `place`.
const show = async (report, query, place) => {
    const path = `api/supervisor/reports/${encodeURIComponent(report.report)}`;
    const { of, only, from, to, within } = query;
    const answers = await newest(place, Promise.all([get(path, query), report.thing ? { rows: [] } : get(path, { from, to, by: "total", ...(only ? { of, only } : {}), ...(within ? { within } : {}) })]));
    if (!answers) return;
    const [answer, all] = answers;
    const one = new Set(answer.rows.map((row) => row.utc)).size < 2;
    place.replaceChildren(...[
        make("p", { class: "quiet", role: "status" }, known(answer, from, to)),
        together(report, all.rows), one ? null : drawn(report, answer.rows, of), tabled(report, answer.rows, of), means(report),
    ].filter(Boolean));
    return answer.rows.length > 0;
};
// Of the service level, what was answered within the seconds that are asked for stands behind the counts and behind all.
const bounded = (report, within) => {
    const name = `within_${Number(within)}s`;
    if (within === "" || report.figures.some((figure) => figure.name === name)) return report;
    const counts = report.figures.filter((figure) => figure.kind !== "percent"), rates = report.figures.filter((figure) => figure.kind === "percent");
    return { ...report, figures: [...counts, { name, kind: "count", doc: t("after {seconds} s at most", { seconds: Number(within) }) },
        ...rates, { name: `level_${Number(within)}s`, kind: "percent", doc: t("answered within {seconds} s, of those offered", { seconds: Number(within) }) }] };
};
const reportCard = () => {
    const place = make("div", { class: "answer" }), doc = make("p", { class: "quiet" });
    const which = select(page.reports.map((one) => [one.report, headOf(one.report)]), { onchange: () => chosen() });
    const from = make("input", { type: "date", required: true, value: daysFromNow(-DAYS) }), to = make("input", { type: "date", required: true, value: daysFromNow(-1) });
    const by = select(BY), of = select([], { onchange: () => { onlyField.hidden = !of.value; only.setAttribute("list", listOf(of.value) || ""); } }), only = make("input", { maxlength: "200", autocomplete: "off" }), onlyField = labelled(t("Only"), only);
    const within = make("input", { type: "number", min: "0", max: "86400", step: "1", list: "forecast-within" }), withinField = labelled(t("Within seconds"), within);
    const report = () => page.reports.find((one) => one.report === which.value);
    const query = () => ({ from: from.value, to: to.value, by: by.value, of: of.value, only: of.value ? only.value.trim() : "", within: withinField.hidden ? "" : within.value });
    const csv = make("a", { class: "button", download: "" }, t("Save as CSV"));
    const chosen = () => {
        put(doc, t(report().doc));
        of.replaceChildren(make("option", { value: "" }, t("Nothing")), ...report().of.map((name) => make("option", { value: name }, headOf(name))));
        onlyField.hidden = true;
        withinField.hidden = report().report !== "service_level";
    };
    const form = make("form", { class: "asked", onsubmit: attempt(async (event) => {
        event.preventDefault();
        csv.href = address(`api/supervisor/reports/${which.value}`, { ...query(), form: "csv" });
        csv.hidden = true;
        csv.hidden = !await show(bounded(report(), query().within), query(), place);
    }) }, labelled(t("Report"), which), labelled(t("First day"), from), labelled(t("Last day"), to), labelled(t("Per"), by), labelled(t("Divided by"), of), onlyField, withinField, ...choices(), make("button", { type: "submit", class: "first" }, t("Show")), csv);
    by.value = "day";
    csv.hidden = true;
    chosen();
    return make("section", { class: "card reports", "aria-labelledby": "reports-title" }, make("h2", { id: "reports-title" }, t("Reports")), form, doc, place);
};

// ---- what will come ----

const RIVALS = [["own", t("This forecast")], ["mean_of_weekdays", t("The mean of the same weekdays")], ["week_before", t("The same day of the week before")]];
const errorsOf = (answer) => {
    if (!answer.tried_days) return make("p", { class: "quiet" }, t("How far such forecasts are off is not known yet: the records are too short."));
    return make("table", { class: "errors" }, make("caption", {}, t("How far off on the last {tried_days} days, of the calls that came", { tried_days: answer.tried_days })),
        make("thead", {}, make("tr", {}, make("td"), make("th", { scope: "col" }, t("By quarter of an hour")), make("th", { scope: "col" }, t("By day")))),
        make("tbody", {}, ...RIVALS.map(([name, text]) => make("tr", {}, make("th", { scope: "row" }, text),
            make("td", {}, `${tenths(answer.errors[name].quarter_percent)} %`), make("td", {}, `${tenths(answer.errors[name].day_percent)} %`)))));
};
const staffOf = ({ percent, within_s, hours, handled, handle_ms, patience_ms }) => make("p", {},
    t("{hours} hours of agents are needed, so that {percent} % are answered within {seconds} s.", { hours: tenths(hours), percent, seconds: within_s }), " ",
    t("The day was played many times, with contacts as long as the last {handled} were ({duration} on average), and an agent has one at a time.", { handled, duration: duration(handle_ms) }), " ",
    patience_ms === null ? t("Nobody gives up.") : t("People give up after {duration} on average.", { duration: duration(patience_ms) }));
const quarters = (rows, queue) => {
    const column = (name, text, written = number) => ({ name, text, figure: true, by: (row) => row[name], of: (row) => written(row[name]) });
    const table = new Table({ name: "forecast", title: t("Expected in {queue}", { queue }), none: "",
        columns: [{ name: "quarter", text: t("Time"), of: (row) => row.quarter.slice(11) }, column("calls", t("Expected"), tenths), column("low", t("At least")), column("high", t("At most")), ...("agents" in rows[0] ? [column("agents", t("Agents needed"))] : [])],
        key: (row) => row.utc });
    table.whole(rows);
    return table.element;
};
const showForecast = async (queue, query, place) => {
    place.replaceChildren(make("p", { role: "status", class: "quiet" }, t("The day is being played …")));
    const answer = await newest(place, get(`api/supervisor/forecasts/${encodeURIComponent(queue)}`, query).catch((error) => {
        throw error.status === 404 ? new Error(t("Nothing is known of {queue}: the records have no such weekday before that on which anybody came into it.", { queue })) : error;
    }));
    if (!answer) return;
    const { rows } = answer;
    const says = rows.length ? t("About {count} come on that day, {low} to {high}; from {weekdays} such weekdays.", { count: Math.round(answer.calls), low: answer.low, high: answer.high, weekdays: answer.weekdays }) : t("Nobody is expected on that day.");
    place.replaceChildren(make("p", { role: "status" }, says), ...(rows.length ? [
        chart({ title: t("Expected in {queue}", { queue }), labels: rows.map((row) => row.quarter.slice(11)), lines: [{ name: t("Expected"), values: rows.map((row) => row.calls) }],
            band: { low: rows.map((row) => row.low), high: rows.map((row) => row.high) }, written: (value) => (Number.isInteger(value) ? number(value) : tenths(value)) }),
        ...(answer.staff ? [staffOf(answer.staff), chart({ title: t("Agents needed in {queue}", { queue }), labels: rows.map((row) => row.quarter.slice(11)), lines: [{ name: t("Agents needed"), values: rows.map((row) => row.agents) }], written: number })]
            : [make("p", {}, t("How many agents are needed is not known: none has answered anything of the queue yet."))]),
        errorsOf(answer), quarters(rows, queue)] : []));
    return rows.length > 0;
};
const forecastCard = (queues) => {
    const place = make("div", { class: "answer" }), queue = make("input", { required: true, maxlength: "200", autocomplete: "off", list: "forecast-queues" });
    const day = make("input", { type: "date", required: true, value: daysFromNow(1) });
    const percent = make("input", { type: "number", min: "1", max: "100", step: "1", required: true }), within = make("input", { type: "number", min: "0", max: "86400", step: "1", required: true, list: "forecast-within" });
    const csv = make("a", { class: "button", download: "" }, t("Save as CSV")), query = () => ({ day: day.value, staff: percent.value, within: within.value });
    // What the queue is to reach, as supervisors have set it.
    let set = {};
    const aim = () => {
        const target = targetOf({ name: queue.value.trim() });
        percent.value = target.percent;
        within.value = target.seconds;
        set = { percent: percent.value, within: within.value };
    };
    page.targets = follow(() => { if (percent.value === set.percent && within.value === set.within) aim(); }); // what was typed stays
    queue.addEventListener("change", aim);
    csv.hidden = true;
    aim();
    return make("section", { class: "card reports", "aria-labelledby": "forecast-title" }, make("h2", { id: "forecast-title" }, t("Forecast")),
        make("datalist", { id: "forecast-queues" }, ...queues.map((value) => make("option", { value }))),
        make("datalist", { id: "forecast-within" }, ...WITHIN_S.map((value) => make("option", { value }))),
        make("form", { class: "asked", onsubmit: attempt(async (event) => {
            event.preventDefault();
            csv.href = address(`api/supervisor/forecasts/${encodeURIComponent(queue.value.trim())}`, { ...query(), form: "csv" });
            csv.hidden = true;
            csv.hidden = !await showForecast(queue.value.trim(), query(), place);
        }) }, labelled(t("Virtual queue"), queue), labelled(t("Day"), day), labelled(t("Of a hundred, so many"), percent), labelled(t("are answered within seconds"), within),
        make("button", { type: "submit", class: "first" }, t("Show")), csv), place);
};

const look = async () => {
    const [{ reports }] = await Promise.all([get("api/supervisor/reports"), peopleLoad()]);
    if (!page) return;
    page.reports = reports;
    id("now").replaceChildren(reportCard(), forecastCard(queueNames()));
};
export const start = (me, { line, over }) => {
    page = { me };
    look().catch((error) => (error.status === 401 ? over(t("The session is over.")) : line(error.message)));
};
export const stop = () => {
    page?.targets?.();
    page = null;
    id("now").replaceChildren();
};
