// hours.js - The hours of a schedule: a week with two spans a day, and special days in the calendar of a month. They are read
// from the lines that gcxctl shows, and written as such lines.
import { attempt, button, dialog, labelled, make, put, select, settle } from "../dom.js";
import { dates, t } from "../t.js";

const WORDS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], DAY_MS = 86400000, SPANS = 2, RANGE_MAX = 400;
const weekdays = dates({ weekday: "long", timeZone: "UTC" }), short = dates({ weekday: "short", timeZone: "UTC" });
const months = dates({ month: "long", year: "numeric", timeZone: "UTC" }), days = dates({ dateStyle: "full", timeZone: "UTC" });
// The 5th of January 1970 was a Monday.
const weekday = (number, format = weekdays) => format.format(new Date((4 + number) * DAY_MS));
const iso = (ms) => new Date(ms).toISOString().slice(0, 10);
const numberOf = (day) => (new Date(Date.parse(day)).getUTCDay() + 6) % 7;
const said = (spans) => (spans.length ? spans.map(([from, to]) => `${from}..${to}`).join(", ") : "closed");

// ---- lines and hours ----

// The days of a range have these spans.
const rangePut = (hours, [, first, last = first], spans, cannot) => {
    const named = WORDS.includes(first);
    if (!first || named !== WORDS.includes(last) || !named && Number.isNaN(Date.parse(first) + Date.parse(last))) throw cannot();
    if (named) {
        const begin = WORDS.indexOf(first), count = (WORDS.indexOf(last) - begin + WORDS.length) % WORDS.length; // sat..mon goes on behind sun
        for (let step = 0; step <= count; step++) {
            const at = (begin + step) % WORDS.length;
            hours.week[at] = spans;
            for (const day of hours.days.keys()) if (numberOf(day) === at) hours.days.delete(day); // the last line has the day
        }
        return;
    }
    for (let ms = Date.parse(first), left = RANGE_MAX; ms <= Date.parse(last); ms += DAY_MS, left--) {
        if (left === 0) throw cannot();
        hours.days.set(iso(ms), spans);
    }
};
const LINE = /^([-.a-z0-9]+(?:, [-.a-z0-9]+)*) (closed|\d\d:\d\d\.\.\d\d:\d\d(?:, \d\d:\d\d\.\.\d\d:\d\d)*)$/, RANGE = /^([a-z]{3}|\d{4}-\d\d-\d\d)(?:\.\.([a-z]{3}|\d{4}-\d\d-\d\d))?$/;
// { week: the spans of each weekday, days: the spans of each special day }. Throws where the page cannot show a line.
export const read = (text) => {
    const hours = { week: WORDS.map(() => []), days: new Map() }, lines = text === "closed" ? "" : text === "open" ? "mon..sun 00:00..24:00" : text;
    for (const line of lines.split(";").map((one) => one.trim().replace(/\s*,\s*/g, ", ").replace(/\s+/g, " ")).filter(Boolean)) {
        const cannot = () => new Error(t("This schedule has a line that this page cannot show: {line}", { line }));
        const [, ranges, rest] = line.match(LINE) || [];
        if (!ranges) throw cannot();
        for (const range of ranges.split(", ")) rangePut(hours, range.match(RANGE) || [], rest === "closed" ? [] : rest.split(", ").map((span) => span.split("..")), cannot);
    }
    return hours;
};
// Equal days that follow each other are one line.
const runs = (all, follows) => all.reduce((found, one) => {
    const run = found.at(-1);
    if (run && run.said === one.said && follows(run.last, one.day)) run.last = one.day; else found.push({ first: one.day, last: one.day, said: one.said });
    return found;
}, []);
export const write = ({ week, days }) => {
    const weeks = runs(week.map((spans, day) => ({ day, said: said(spans) })), (last, day) => day === last + 1).filter((run) => run.said !== "closed")
        .map((run) => ({ ...run, first: WORDS[run.first], last: WORDS[run.last] }));
    const special = runs([...days].sort().map(([day, spans]) => ({ day, said: said(spans) })), (last, day) => Date.parse(day) === Date.parse(last) + DAY_MS);
    return [...weeks, ...special].map((run) => `${run.first}${run.last === run.first ? "" : `..${run.last}`} ${run.said}`).join("; ") || "closed";
};

// ---- the fields of a day ----

const minutes = (clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
const end = ([from, to]) => minutes(to) + (minutes(to) <= minutes(from) ? 24 * 60 : 0); // past midnight
// Two spans that have a time in common.
const overlap = (spans) => spans.flatMap((one, at) => spans.slice(0, at).map((other) => [other, one])).find(([one, other]) => minutes(one[0]) < end(other) && minutes(other[0]) < end(one));

const CLOCK = "([01]\\d|2[0-3]):[0-5]\\d|24:00", WHEN = [t("opens"), t("closes"), t("opens again"), t("closes again")];
// Fields for the spans of a day; spans() reads them, and throws a sentence.
const spanFields = (called, spans, changed) => {
    const fields = Array.from({ length: 2 * Math.max(SPANS, spans.length) }, (_, at) => make("input", { class: "clock", maxlength: "5", inputmode: "numeric", autocomplete: "off", pattern: CLOCK, title: t("A time, as 08:30"),
        value: spans[at >> 1]?.[at & 1] ?? "", "aria-label": `${called} ${WHEN[at] || WHEN[2 + (at & 1)]}`, oninput: changed }));
    return {
        touched: () => fields.some((field) => field.value !== field.defaultValue),
        fields: fields.flatMap((field, at) => (at & 1 ? ["–", field] : at ? [make("span", { class: "and" }, t("and")), field] : [field])),
        spans() {
            const found = [];
            for (let at = 0; at < fields.length; at += 2) {
                const [from, to] = [fields[at].value.trim(), fields[at + 1].value.trim()];
                if (!from && !to) continue;
                if (![from, to].every((one) => new RegExp(`^(${CLOCK})$`).test(one))) throw new Error(t("{called}: please write both times, as 08:30.", { called }));
                found.push([from, to]);
            }
            const [one, other] = overlap(found) || [];
            if (one) throw new Error(t("{called}: {one} and {other} overlap. Please write them as one.", { called, one: one.join("–"), other: other.join("–") }));
            return found;
        },
    };
};

// ---- the editor ----

// `element` to show, value(): the lines that it says now, and anew(lines): these are in force by now, and each day that was
// touched keeps what was written.
export const editor = (lines, zone) => {
    const hours = read(lines), touched = new Set(), result = make("p", { class: "text quiet" });
    const week = [], places = WORDS.map(() => make("div", { class: "row" }));
    const weekdayFill = (day, spans) => {
        week[day] = spanFields(weekday(day), spans, () => tell());
        places[day].replaceChildren(...week[day].fields);
    };
    hours.week.forEach((spans, day) => weekdayFill(day, spans));
    const value = () => write({ week: week.map((day) => day.spans()), days: hours.days });
    const tell = () => { try { put(result, value()); } catch (error) { put(result, error.message); } };
    const now = new Date();
    let month = Date.UTC(now.getFullYear(), now.getMonth(), 1), focused = iso(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()));
    const title = make("h3", { "aria-live": "polite" }), body = make("tbody"), list = make("ul", { class: "special" });

    const ask = (day) => dialog(days.format(new Date(Date.parse(day))), (close) => {
        const usual = weekday(numberOf(day)), own = hours.days.get(day);
        const kind = select([["week", t("As every {usual}", { usual })], ["closed", t("Closed all day")], ["open", t("Open at other times")]], { onchange: () => { times.hidden = kind.value !== "open"; } });
        const fields = spanFields(days.format(new Date(Date.parse(day))), own?.length ? own : [["", ""]], null), times = make("div", { class: "row", hidden: !own?.length }, ...fields.fields);
        kind.value = !own ? "week" : own.length ? "open" : "closed";
        return make("form", { onsubmit: attempt((event) => {
            event.preventDefault();
            const spans = kind.value === "open" ? fields.spans() : [];
            if (kind.value === "week") hours.days.delete(day); else hours.days.set(day, spans);
            touched.add(day);
            close();
            draw();
            tell();
            body.querySelector(`[data-day="${day}"]`)?.focus();
        }) }, labelled(t("This day"), kind), times, make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Put in"))));
    });
    const draw = () => {
        put(title, months.format(new Date(month)));
        if (iso(month).slice(0, 7) !== focused.slice(0, 7)) focused = iso(month);
        const first = month - numberOf(iso(month)) * DAY_MS, rows = [];
        for (let ms = first; new Date(ms).getUTCMonth() === new Date(month).getUTCMonth() || ms < month; ms += 7 * DAY_MS)
            rows.push(make("tr", {}, ...WORDS.map((_, at) => {
                const day = iso(ms + at * DAY_MS), own = hours.days.get(day);
                if (day.slice(0, 7) !== iso(month).slice(0, 7)) return make("td");
                return make("td", {}, button(String(Number(day.slice(8))), () => ask(day), { "data-day": day, "data-special": own && (own.length ? "open" : "closed"), tabindex: day === focused ? "0" : "-1",
                    "aria-label": `${days.format(new Date(Date.parse(day)))}${own ? `: ${said(own)}` : ""}` }));
            })));
        body.replaceChildren(...rows);
        list.replaceChildren(...[...hours.days].sort().map(([day, spans]) => make("li", {}, `${day} ${said(spans)} `,
            button(t("Take out"), () => { hours.days.delete(day); touched.add(day); draw(); tell(); settle(title); }, { "aria-label": t("Take out {day}", { day }) }))));
    };
    const turn = (by) => { month = Date.UTC(new Date(month).getUTCFullYear(), new Date(month).getUTCMonth() + by, 1); draw(); };
    const moves = (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key], day = event.target.dataset.day;
        if (!day || !step && !["PageUp", "PageDown"].includes(event.key)) return;
        event.preventDefault();
        if (step) focused = iso(Date.parse(day) + step * DAY_MS);
        month = step ? Date.parse(`${focused.slice(0, 7)}-01`) : month;
        if (step) draw(); else turn(event.key === "PageUp" ? -1 : 1);
        body.querySelector('[tabindex="0"]').focus();
    };
    const anew = (other) => {
        const now = read(other);
        now.week.forEach((spans, day) => { if (!week[day].touched()) weekdayFill(day, spans); });
        for (const day of touched) if (hours.days.has(day)) now.days.set(day, hours.days.get(day)); else now.days.delete(day);
        hours.days = now.days;
        draw();
        tell();
    };
    draw();
    tell();
    return { value, anew, element: make("div", { class: "hours" },
        make("table", { class: "week" }, make("caption", {}, t("Every week")), make("tbody", {}, ...places.map((place, at) => make("tr", {}, make("th", { scope: "row" }, weekday(at)), make("td", {}, place))))),
        make("div", { class: "month" }, make("div", { class: "row" }, button("‹", () => turn(-1), { "aria-label": t("The month before") }), title, button("›", () => turn(1), { "aria-label": t("The next month") })),
            make("table", { "aria-label": t("Special days"), onkeydown: moves }, make("thead", {}, make("tr", {}, ...WORDS.map((_, at) => make("th", { scope: "col", "aria-label": weekday(at) }, weekday(at, short))))), body), list),
        zone ? make("p", { class: "quiet" }, t("By the clocks of {zone}.", { zone })) : null, result) };
};
