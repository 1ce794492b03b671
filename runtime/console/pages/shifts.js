// shifts.js - Who should be at work now, and is: adherence, for the table of agents.
//
// A site whose strategies have `table shifts edit supervisor { key who: str; hours: str }` keeps them at the router: `who` is
// an agent, else one of the agent's groups, else `all`; `hours` is written as a schedule's, in the time of the browser.
import { get } from "../wire.js";
import { dates, t } from "../t.js";
import { read } from "./hours.js";
import { nowUs } from "./figures.js";

const TABLE = "api/supervisor/settings/shifts", EVERY_MS = 60000, DAY_MS = 86400000;
const clock = dates({ timeStyle: "short" });
let hours = new Map();

const take = (answer) => new Map((answer.rows || []).flatMap(({ key, fields }) => {
    try { return [[key, read(fields.hours || "closed")]]; } catch { return []; } // a row that nobody can read is nobody's
}));
// Reads them now and again. Answers what ends it.
export const follow = () => {
    let alive = true, timer = 0;
    const look = async () => {
        try { hours = take(await get(TABLE)); } catch (error) { if (error.status === 404) hours = new Map(); }
        if (alive) timer = setTimeout(look, EVERY_MS);
    };
    look();
    return () => {
        alive = false;
        clearTimeout(timer);
    };
};

const minutes = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
// The spans that begin on the day of `at`, as moments. A span whose end is not after its beginning ends on the next day.
const spansOf = ({ week, days }, at) => {
    const [year, month, day] = [at.getFullYear(), at.getMonth(), at.getDate()];
    const iso = new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
    const moment = (minute, more) => new Date(year, month, day + more, 0, minute).getTime();
    return (days.get(iso) ?? week[(at.getDay() + 6) % 7]).map(([from, to]) => [moment(minutes(from), 0), moment(minutes(to), minutes(to) > minutes(from) ? 0 : 1)]);
};
const ofAgent = (row) => hours.get(row.name) ?? (row.groups || []).map((group) => hours.get(group)).find(Boolean) ?? hours.get("all");
// { from, to } of the shift that is, or is next today; undefined: none is known.
export const shiftAt = (of, ms) => {
    const spans = [spansOf(of, new Date(ms - DAY_MS)), spansOf(of, new Date(ms))].flat();
    const [from, to] = spans.find((span) => ms >= span[0] && ms < span[1]) ?? spans.find((span) => span[0] > ms) ?? [];
    return from === undefined ? undefined : { from, to, now: from <= ms };
};
// `there`: the agent is logged in; `left_us`: else since when not. Answers a text, and how late that is ("", "long", "late").
export const shiftOf = (row, there, left_us) => {
    const of = ofAgent(row), ms = nowUs() / 1000;
    if (!of) return { text: "", colour: "" };
    const shift = shiftAt(of, ms), said = (at) => clock.format(new Date(at));
    if (shift?.now && there) return { text: t("until {time}", { time: said(shift.to) }), colour: "" };
    if (shift?.now) return { text: t("not here since {time}", { time: said(Math.max(shift.from, left_us / 1000)) }), colour: "late" };
    if (there) return { text: t("outside of the shift"), colour: "long" };
    return { text: shift ? t("from {time}", { time: said(shift.from) }) : t("no shift now"), colour: "" };
};
