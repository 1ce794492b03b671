// quality.js - The page Quality: what chance has drawn to be reviewed, how it is drawn, and what reviews came to. One sample,
// #/quality/12, has its form beside what was said: quality_review.js.
import { announce, attempt, button, duration, id, labelled, make, medium, select } from "../dom.js";
import { dates, t, tenths } from "../t.js";
import { get, post } from "../wire.js";
import { addressed } from "./addressed.js";
import { Further } from "./further.js";
import { calledOf, choices, listOf, peopleLoad } from "./people.js";
import { openSample } from "./quality_review.js";
import { Table } from "./table.js";

const DAY_MS = 86400000;
const exact = dates({ dateStyle: "medium", timeStyle: "short" });
const dayOf = (ms) => { const date = new Date(ms); return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`; };

// ---- samples ----

const state = (row) => (row.own_done ? t("You are done") : row.begun ? t("You have begun") : row.done >= row.reviewers ? t("Done") : row.agent === at.page.me.agent ? t("Your own work") : t("To be reviewed"));
const columns = () => [
    { name: "received", text: t("When"), by: (row) => row.received, of: (row) => exact.format(row.received), press: (row) => { location.hash = `#/quality/${row.sample}`; } },
    { name: "agent", text: t("Agent"), of: (row) => calledOf(row.agent) },
    { name: "state", text: t("State"), of: state },
    { name: "media", text: t("Medium"), of: (row) => medium(row.media) },
    { name: "queue", text: t("Virtual queue"), of: (row) => row.queue || "" },
    { name: "code", text: t("Wrap-up code"), of: (row) => row.code || "" },
    { name: "mark", text: t("Mark"), figure: true, by: (row) => row.mark ?? -1, of: (row) => (row.mark ? String(row.mark) : "–") },
    { name: "ms", text: t("Lasted"), figure: true, by: (row) => row.ms, of: (row) => duration(row.ms) },
    { name: "form", text: t("Form"), of: (row) => row.form },
    { name: "reviewers", text: t("Done by"), figure: true, by: (row) => row.done, of: (row) => t("{done} of {reviewers}", { done: row.done, reviewers: row.reviewers }) },
    { name: "team", text: t("Team"), of: (row) => row.team || "", hidden: true },
];
const samplesCard = () => {
    const which = select([["yes", t("Wanted of you")], ["", t("All")]], { onchange: attempt(() => look()) });
    const table = new Table({ name: "samples", title: t("Samples"), columns: columns(), key: (row) => String(row.sample), sort: ["received", true],
        none: t("None is wanted of you. Draw some, or choose all."), tools: [labelled(t("Which"), which)] });
    const further = new Further((before) => get("api/supervisor/quality/samples", { open: which.value, before }),
        ({ samples }, first) => { if (first) table.whole(samples); else table.changed(samples); });
    const look = () => further.begin();
    const drawn = (samples) => {
        which.value = "";
        further.anew();
        table.whole(samples);
    };
    table.element.append(make("div", { class: "row" }, further.button));
    return { element: table.element, look, drawn };
};

// ---- draws ----

const number = (attributes) => make("input", { type: "number", ...attributes });
const text = (name) => make("input", { maxlength: "64", autocomplete: "off", list: listOf(name) });
const drawCard = (forms, shows) => {
    const form = select(forms.map((one) => [one.form, one.title])), from = make("input", { type: "date", required: true, value: dayOf(Date.now() - 7 * DAY_MS) }), to = make("input", { type: "date", required: true, value: dayOf(Date.now() - DAY_MS) });
    const fields = { each: number({ min: "1", max: "100", value: "2", required: true }), reviewers: number({ min: "1", max: "10", value: "1", required: true }),
        media: select([["", t("Any")], ...["voice", "email", "chat", "sms", "social"].map((name) => [name, medium(name)])]), queue: text("queue"), agent: text("agent"), team: text("team"), code: text("code"),
        mark: select([["", t("Any")], ...[1, 2, 3, 4].map((most) => [String(most), t("{most} or less", { most })])]), least: number({ min: "0", max: "86400" }), most: number({ min: "0", max: "86400" }) };
    const NUMBERS = ["each", "reviewers", "mark", "least", "most"];
    const rule = () => ({ form: form.value, from: from.value, to: to.value,
        ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value.trim()]).filter(([, value]) => value).map(([name, value]) => [name, NUMBERS.includes(name) ? Number(value) : value])) });
    return make("section", { class: "card reports", "aria-labelledby": "draw-title" }, make("h2", { id: "draw-title" }, t("Draw samples")),
        make("form", { class: "asked", onsubmit: attempt(async (event) => {
            event.preventDefault();
            const draw = await post("api/supervisor/quality/draws", rule());
            shows(draw.samples);
            announce(draw.again ? t("This was drawn before. Samples: {count}", { count: draw.samples.length }) : t("Samples drawn: {count}", { count: draw.samples.length }));
        }) }, labelled(t("Form"), form), labelled(t("First day"), from), labelled(t("Last day"), to), labelled(t("Of each agent and week"), fields.each), labelled(t("Medium"), fields.media), labelled(t("Virtual queue"), fields.queue),
        labelled(t("Agent"), fields.agent), labelled(t("Team"), fields.team), labelled(t("Wrap-up code"), fields.code), labelled(t("Customer's mark"), fields.mark), labelled(t("Seconds at least"), fields.least), labelled(t("Seconds at most"), fields.most),
        labelled(t("Reviewers of each"), fields.reviewers), make("button", { type: "submit", class: "first" }, t("Draw"))),
        ...choices(at.page.me.wrapups), make("p", { class: "quiet" }, t("Chance draws; the same rule gives the same again. With several reviewers it is a calibration: nobody sees what others gave before all are done, and agents do not see it.")));
};

// ---- figures ----

const BY = [["agent", t("Agent")], ["team", t("Team")], ["question", t("Question")], ["reviewer", t("Reviewer")]];
const figuresCard = () => {
    const from = make("input", { type: "date", required: true, value: dayOf(Date.now() - 30 * DAY_MS) }), to = make("input", { type: "date", required: true, value: dayOf(Date.now()) }), by = select(BY);
    const place = make("div", { class: "answer" }), csv = make("a", { class: "button", download: "", hidden: true }, t("Save as CSV"));
    return make("section", { class: "card reports", "aria-labelledby": "figures-title" }, make("h2", { id: "figures-title" }, t("What reviews came to")),
        make("form", { class: "asked", onsubmit: attempt(async (event) => {
            event.preventDefault();
            const asked = { from: from.value, to: to.value, by: by.value };
            const { rows } = await get("api/supervisor/quality/report", asked);
            csv.href = `../api/supervisor/quality/report?${new URLSearchParams({ ...asked, as: "csv" })}`;
            csv.hidden = false;
            const table = new Table({ name: "reviewed", title: t("Averages"), none: t("Nothing was reviewed in these days."), key: (row) => JSON.stringify([row.form, row.of]), columns: [
                { name: "of", text: BY.find(([name]) => name === by.value)[1], of: (row) => (["agent", "reviewer"].includes(by.value) ? calledOf(row.of) : row.of) || "–" }, { name: "form", text: t("Form"), of: (row) => row.form },
                { name: "reviews", text: t("Reviews"), figure: true, by: (row) => row.reviews, of: (row) => String(row.reviews) }, { name: "percent", text: t("Average"), figure: true, by: (row) => row.hundredths, of: (row) => `${tenths(row.hundredths / 100)} %` },
                { name: "failed", text: t("Came to nothing"), figure: true, by: (row) => row.failed, of: (row) => String(row.failed) }, { name: "objections", text: t("Objections"), figure: true, by: (row) => row.objections, of: (row) => String(row.objections) }] });
            place.replaceChildren(table.element);
            table.whole(rows);
        }) }, labelled(t("First day"), from), labelled(t("Last day"), to), labelled(t("Per"), by), make("button", { type: "submit", class: "first" }, t("Show")), csv), place);
};

const list = async () => {
    const [known] = await Promise.all([get("api/supervisor/quality/forms"), peopleLoad()]), samples = samplesCard();
    if (!at.page || at.part()) return;
    const wrong = known.wrong.length ? make("p", { class: "because warning" }, ...known.wrong.map((one) => make("span", {}, one, make("br")))) : null;
    id("now").replaceChildren(...[samples.element, wrong, known.forms.length ? drawCard(known.forms, samples.drawn) : make("p", { class: "card" }, t("There is no form: the folder that the desk's setting `forms` names is empty.")), figuresCard()].filter(Boolean));
    await samples.look();
};
const at = addressed("quality", { list, one: async (part) => {
    await peopleLoad();
    if (at.page) await openSample(Number(part), at.page, () => at.page && Number(at.part()));
} });
export const { start, stop } = at;
