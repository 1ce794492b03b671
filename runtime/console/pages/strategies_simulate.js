// strategies_simulate.js - Days of random calls with the draft, and beside it what is published with the same callers: figures,
// and their course by quarters of an hour.
import { labelled, make, put, select } from "../dom.js";
import { t } from "../t.js";
import { post } from "../wire.js";
import { chart } from "./chart.js";
import { inWords } from "./strategies_words.js";

const QUARTER_S = 900;
const MEASURES = { offered: t("Offered"), answered: t("Answered"), abandoned: t("Abandoned"), sl: t("Service level"), abandonment: t("Share of abandoned"), asa: t("Mean wait of the answered"), p50: t("Wait, half of them"), p90: t("Wait, nine of ten"), longest: t("Longest wait"), occupancy: t("Occupancy") };
const SHARES = new Set(["sl", "abandonment", "occupancy"]), TIMES = new Set(["asa", "p50", "p90", "longest"]);
const round = (value) => (Math.abs(value) < 10 ? Math.round(value * 10) / 10 : Math.round(value)).toString();
const share = (value) => t("{percent} %", { percent: round(100 * value) }), seconds = (value) => t("{seconds} s", { seconds: round(value) });
const writtenAs = (name) => (SHARES.has(name) ? share : TIMES.has(name) ? seconds : round);
const figureOf = (name, one) => (!one || one.mean === null ? ["–"] : [writtenAs(name)(one.mean), one.low === null ? null : make("small", {}, ` ${t("{low} to {high}", { low: writtenAs(name)(one.low), high: writtenAs(name)(one.high) })}`)]);

// Whole quarters of an hour of the parts; a share and a wait are weighed by what was offered.
const quarters = (course, part_s) => {
    const each = Math.max(1, Math.round(QUARTER_S / part_s)), rows = { offered: [], sl: [], wait: [] };
    for (let from = 0; from < course.offered.length; from += each) {
        const parts = course.offered.slice(from, from + each), sum = parts.reduce((all, one) => all + one, 0);
        rows.offered.push(sum);
        for (const name of ["sl", "wait"]) {
            let weight = 0, whole = 0;
            parts.forEach((offered, at) => { const value = course[name][from + at]; if (value !== null) { weight += offered; whole += offered * value; } });
            rows[name].push(weight > 0 ? whole / weight : null);
        }
    }
    return { ...rows, each };
};
const charts = (row, part_s) => {
    if (!row.course) return [];
    const now = quarters(row.course, part_s), old = row.old_course ? quarters(row.old_course, part_s) : null;
    const labels = now.offered.map((_, at) => { const s = at * now.each * part_s; return `${Math.floor(s / 3600)}:${String(Math.floor(s % 3600 / 60)).padStart(2, "0")}`; });
    const one = (name, title, written) => chart({ title, labels, written, lines: [{ name: t("Draft"), values: now[name] }, ...(old ? [{ name: t("Published"), values: old[name] }] : [])] });
    return [[t("Service level by quarters of an hour"), "sl", share], [t("Wait of the answered, by quarters of an hour"), "wait", seconds], [t("Arrivals by quarters of an hour"), "offered", round]].map(([title, name, written]) => make("section", {}, make("h3", {}, title), one(name, title, written)));
};
const tableOf = (row) => {
    const compared = Object.values(row.measures).some((one) => one.old);
    return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("Figures") }, make("table", { "aria-label": t("Figures") },
        make("thead", {}, make("tr", {}, make("td"), ...[t("Draft"), ...(compared ? [t("Published"), t("Difference")] : [])].map((text) => make("th", { scope: "col" }, text)))),
        make("tbody", {}, ...Object.entries(row.measures).filter(([name]) => MEASURES[name]).map(([name, one]) => make("tr", {}, make("th", { scope: "row" }, MEASURES[name]), make("td", { class: "figure" }, ...figureOf(name, one.value)),
            ...(compared ? [make("td", { class: "figure" }, ...figureOf(name, one.old)), make("td", { class: "figure" }, ...figureOf(name, one.difference))] : []))))));
};

const number = (value, least, most) => make("input", { type: "number", value, min: least, max: most, required: true });
const text = (value, more = {}) => make("input", { value, autocomplete: "off", spellcheck: "false", maxlength: "100", ...more });
// published: there is a version to stand beside. editing: the strategy that is being written; "": none is.
export const simulateOf = async ({ published, editing }) => {
    const { frames, boxes } = await post("api/strategies/diagram", {}), names = frames.filter((frame) => frame.kind === "strategy").map((frame) => frame.title.replace(/^strategy /, ""));
    const hourly = number("60", "1", "5000"), hours = number("8", "1", "24"), days = number("5", "1", "20"), within = number("20", "1", "3600");
    const handling = text("lognormal(3m, 2m)", { required: true }), patience = text("exponential(2m)"), strategy = select(names.map((name) => [name, name]));
    if (names.includes(editing)) strategy.value = editing;
    // Agents who have no skill that is asked for answer nobody: at first all have all.
    const skills = [...new Set(boxes.flatMap((box) => [...box.text.matchAll(/\bskill (\w+)/g)].map(([, name]) => name)))];
    const agents = make("textarea", { rows: "3", spellcheck: "false", maxlength: "8000", class: "mono" }, skills.length ? `10 (${skills.map((name) => `${name}: 9`).join(", ")})` : "10"), beside = make("input", { type: "checkbox", checked: published, disabled: !published });
    const said = make("p", { role: "status", class: "quiet" }), wrong = make("p", { role: "alert", class: "wrong" }), found = make("div");
    const show = ({ results, part_s, calls, replications, warm_up_s, counted_s }, compared) => {
        const of = select(results.map((row, at) => [String(at), row.what === "all" ? t("All calls") : `${row.what} ${row.name}`]), { onchange: () => fill() }), body = make("div");
        const fill = () => { const row = results[Number(of.value)]; body.replaceChildren(tableOf(row), ...charts(row, part_s)); };
        const all = results.findIndex((row) => row.what === "all");
        if (all >= 0) of.value = String(all);
        fill();
        put(said, [t("{calls} calls were played: {days} days of {hours} h, each with callers of its own, and {warm} h before each, which are not counted.", { calls, days: replications, hours: counted_s / 3600, warm: round(warm_up_s / 3600) }), compared ? t("The draft and what is published had the same callers: each call was played twice.") : "", t("Figures are those of a day: their mean, and the interval in which it lies.")].filter(Boolean).join(" "));
        found.replaceChildren(labelled(t("Figures of"), of), body);
    };
    const go = make("button", { type: "submit", class: "first" }, t("Simulate"));
    return make("section", { class: "card", "aria-labelledby": "simulate" }, make("div", { class: "top" }, make("h2", { id: "simulate", tabindex: "-1" }, t("Simulation"))),
        make("p", { class: "quiet" }, t("Random calls meet what is saved in your draft, under a clock of their own; nobody is called.")),
        make("form", { class: "simulate", onsubmit: async (event) => {
            event.preventDefault();
            put(wrong, "");
            put(said, t("It is played …"));
            go.disabled = true;
            const compared = beside.checked;
            try {
                show(await post("api/strategies/simulate", { hourly: Number(hourly.value), hours: Number(hours.value), replications: Number(days.value), within_s: Number(within.value), handling: handling.value.trim(),
                    agents: agents.value.split("\n").map((one) => one.trim()).filter(Boolean), ...(patience.value.trim() ? { patience: patience.value.trim() } : {}), ...(strategy.value ? { strategy: strategy.value } : {}), ...(compared ? { against: "head" } : {}) }), compared);
            } catch (error) {
                put(said, "");
                put(wrong, inWords(error.message));
            } finally {
                go.disabled = false;
            }
        } }, labelled(t("Calls in an hour"), hourly), labelled(t("Hours"), hours), labelled(t("Days, each with other callers"), days), labelled(t("Service level within seconds"), within),
        labelled(t("How long agents talk"), handling), labelled(t("How long callers wait; for ever if nothing is said"), patience), labelled(t("Strategy that the calls come to"), strategy),
        labelled(t("Agents who are alike, a line each, such as 10 (Sales: 5) in group overflow"), agents), make("label", { class: "check" }, beside, t("Beside it what is published, with the same callers")),
        make("div", { class: "row" }, go)), wrong, said, found);
};
