// shifts.js - Who should be at work now, and is: adherence, for the table of agents.
//
// A site whose strategies have `table shifts edit supervisor { key who: str; hours: str; zone: str? }` keeps them at the router:
// `who` is an agent, else one of the agent's groups, else `all`; `hours` is written as a schedule's, by the clocks of `zone`,
// else by those of the server.
import { getWhole } from "../wire.js";
import { dates, t } from "../t.js";
import { read } from "./hours.js";
import { nowUs } from "./figures.js";

const TABLE = "api/supervisor/settings/shifts", EVERY_MS = 60000, DAY_MS = 86400000;
const clocks = new Map();
const clockOf = (zone) => {
    if (!clocks.has(zone)) {
        let clock;
        try { clock = dates({ timeStyle: "short", timeZone: zone || undefined }); } catch { clock = dates({ timeStyle: "short" }); }
        clocks.set(zone, clock);
    }
    return clocks.get(zone);
};
let hours = new Map();

const take = (answer) => new Map((answer.rows || []).flatMap(({ key, fields }) => {
    try { return [[key, { ...read(fields.hours || "closed"), zone: fields.zone }]]; } catch { return [[key, { unread: true }]]; } // nobody else's hours stand for it
}));
// Reads them now and again, and calls told(). Answers what ends it.
export const follow = (told) => {
    let alive = true, timer = 0;
    const look = async () => {
        try { hours = take(await getWhole(TABLE)); } catch (error) { if (error.status === 404) hours = new Map(); }
        if (!alive) return;
        told();
        timer = setTimeout(look, EVERY_MS);
    };
    look();
    return () => {
        alive = false;
        clearTimeout(timer);
    };
};

// ---- moments of a zone ----

let siteZone = ""; // that of the server's clock, as `status` says
const formats = new Map();
const formatOf = (zone) => {
    if (!formats.has(zone)) {
        let format;
        try { format = new Intl.DateTimeFormat("en-GB", { timeZone: zone || undefined, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" }); } catch { format = formatOf(""); }
        formats.set(zone, format);
    }
    return formats.get(zone);
};
// What the clocks of the zone show, written as milliseconds of UTC.
const wall = (ms, zone) => {
    const part = Object.fromEntries(formatOf(zone).formatToParts(new Date(ms)).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
};
// When the clocks of the zone show it. Where they show it never, or twice, it is within the hour.
const momentOf = (shown, zone) => {
    const guess = shown - (wall(shown, zone) - shown);
    return guess - (wall(guess, zone) - shown);
};
export const zoneIs = (zone) => { siteZone = zone || ""; };

// ---- shifts ----

const minutes = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
const MINUTE_MS = 60000;
// The spans that begin on the day, midnight as UTC, as moments. A span whose end is not after its beginning ends on the next day.
const spansOf = ({ week, days, zone }, day) => {
    const iso = new Date(day).toISOString().slice(0, 10);
    return (days.get(iso) ?? week[(new Date(day).getUTCDay() + 6) % 7]).map(([from, to]) => {
        const end = minutes(to) > minutes(from) ? minutes(to) : minutes(to) + 1440;
        return [momentOf(day + minutes(from) * MINUTE_MS, zone || siteZone), momentOf(day + end * MINUTE_MS, zone || siteZone)];
    });
};
const ofAgent = (row) => hours.get(row.name) ?? (row.groups || []).map((group) => hours.get(group)).find(Boolean) ?? hours.get("all");
// Yesterday's and today's spans. A table asks for hundreds of agents a second: they are computed once a minute.
const known = new WeakMap();
const aroundOf = (of, ms) => {
    const minute = `${Math.floor(ms / MINUTE_MS)} ${siteZone}`, before = known.get(of);
    if (before?.minute === minute) return before.spans;
    const shown = wall(ms, of.zone || siteZone), today = shown - shown % DAY_MS, spans = [spansOf(of, today - DAY_MS), spansOf(of, today)];
    known.set(of, { minute, spans });
    return spans;
};
// { from, to } of the shift that is, or is next today; undefined: none is known.
export const shiftAt = (of, ms) => {
    const spans = aroundOf(of, ms).flat();
    const [from, to] = spans.find((span) => ms >= span[0] && ms < span[1]) ?? spans.find((span) => span[0] > ms) ?? [];
    return from === undefined ? undefined : { from, to, now: from <= ms };
};
// `there`: the agent is logged in; `left_us`: else since when not. Answers a text, and how late that is ("", "long", "late").
export const shiftOf = (row, there, left_us) => {
    const of = ofAgent(row), ms = nowUs() / 1000;
    if (!of) return { text: "", colour: "" };
    if (of.unread) return { text: t("hours that cannot be read"), colour: "long" };
    const zone = of.zone || siteZone, shift = shiftAt(of, ms), said = (at) => clockOf(zone).format(new Date(at));
    if (shift?.now && there) return { text: t("until {time}", { time: said(shift.to) }), colour: "" };
    if (shift?.now) return { text: t("not here since {time}", { time: said(Math.max(shift.from, left_us / 1000)) }), colour: "late" };
    if (there) return { text: t("outside of the shift"), colour: "long" };
    return { text: shift ? t("from {time}", { time: said(shift.from) }) : t("no shift now"), colour: "" };
};
// How much of today's shifts, and of one that has begun yesterday and goes on, the agent was logged in and was not, until now,
// as far as that is known (`known_us`); undefined: none has begun.
export const adherence = (row) => {
    const of = ofAgent(row), ms = nowUs() / 1000;
    if (!of || of.unread) return undefined;
    const [before, today] = aroundOf(of, ms), spans = [...before.filter(([, to]) => to > ms), ...today].filter(([from]) => from < ms);
    const shared = ([from, to], [begun, ended]) => Math.max(0, Math.min(to, ended || Infinity) - Math.max(from, begun));
    const known = (row.known_us || 0) / 1000, begun = spans.map(([from, to]) => [Math.max(from, known), Math.min(to, ms)]).filter(([from, to]) => from < to), whole = begun.reduce((sum, [from, to]) => sum + to - from, 0);
    if (!whole) return undefined;
    const there = (row.there || []).map(([from, to]) => [from / 1000, to / 1000]);
    const seen = begun.reduce((sum, span) => sum + there.reduce((part, one) => part + shared(span, one), 0), 0);
    return { there: seen, away: whole - seen, share: seen / whole };
};
