// quality_review.js - One sample: what was said, written or recorded, the form beside it, and the reviews that the person may see,
// of a calibration with the differences.
import { announce, attempt, button, draft, duration, id, labelled, make, medium, put, settle } from "../dom.js";
import { dates, t, tenths } from "../t.js";
import { get, putTo } from "../wire.js";
import { recorded, written } from "./history.js";
import { calledOf } from "./people.js";

const exact = dates({ dateStyle: "medium", timeStyle: "short" });
const percent = (hundredths) => `${tenths(hundredths / 100)} %`;

const facts = (sample) => {
    const all = [[t("Agent"), calledOf(sample.agent)], [t("Came"), exact.format(sample.received)], [t("Lasted"), duration(sample.ms)], [t("Virtual queue"), sample.queue], [t("Wrap-up code"), sample.code],
        [t("Customer's mark"), sample.mark && t("{mark} of 5", { mark: sample.mark })], [t("Number"), sample.ixn]];
    return make("dl", { class: "together" }, ...all.filter(([, value]) => value).map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
};

// ---- the form ----

const SKIPPED = "skipped", RADIOS_MAX = 10;
// Points as a group of buttons, or as a number where there are many. value(): null, a number or SKIPPED.
const pointsOf = (question, given) => {
    const name = `points-${question.question}`;
    if (question.points > RADIOS_MAX) {
        const field = make("input", { type: "number", min: "0", max: String(question.points), value: given === SKIPPED ? null : given ?? null, "aria-label": question.asks });
        const skip = make("input", { type: "checkbox", ...(given === SKIPPED ? { checked: true } : {}), onchange: () => { if (skip.checked) field.value = ""; } });
        field.addEventListener("input", () => { skip.checked = false; });
        return { element: make("div", { class: "row" }, field, make("span", { class: "quiet" }, t("of {points}", { points: question.points })), question.skips ? make("label", { class: "check" }, skip, t("Does not apply")) : null), value: () => (skip.checked ? SKIPPED : field.value === "" ? null : Number(field.value)) };
    }
    const words = question.points === 1 ? [["0", t("No")], ["1", t("Yes")]] : Array.from({ length: question.points + 1 }, (_, at) => [String(at), String(at)]);
    const radios = [...words, ...(question.skips ? [[SKIPPED, t("Does not apply")]] : [])].map(([value, text]) => {
        const radio = make("input", { type: "radio", name, value, ...(String(given ?? "") === value ? { checked: true } : {}) });
        return { radio, label: make("label", { class: "check" }, radio, text) };
    });
    const value = () => { const chosen = radios.find(({ radio }) => radio.checked)?.radio.value; return chosen === undefined ? null : chosen === SKIPPED ? SKIPPED : Number(chosen); };
    return { element: make("div", { class: "row" }, ...radios.map(({ label }) => label)), value };
};
// What was given in the review that is saved: a question without points was skipped there.
const givenIn = (own, question) => {
    const row = own?.points.find((other) => other.question === question.question);
    return { points: row?.points ?? (row && question.skips ? SKIPPED : null), comment: row?.comment };
};
const questionOf = (question, before) => {
    const points = pointsOf(question, before?.points);
    const comment = make("input", { maxlength: "2000", autocomplete: "off", value: before?.comment || null });
    const more = [question.weight > 1 && t("counts {weight} times", { weight: question.weight }), question.fails && t("0 here, and the whole is 0")].filter(Boolean).join(", ");
    const element = make("fieldset", {}, make("legend", {}, question.asks), more || question.hint ? make("p", { class: "quiet" }, [question.hint, more].filter(Boolean).join(" · ")) : null, points.element, labelled(t("Comment"), comment));
    return { name: question.question, element, points: points.value, comment: () => comment.value.trim() };
};
// What is written and not saved is kept in the browser as a change of the review that was saved last, and of no newer one.
const formCard = (shown, own, me, again) => {
    const kept = draft(`${me.agent}-sample-${shown.sample.sample}`), was = kept.read();
    let saved = own?.at ?? null;
    const begun = was?.saved === saved ? was : null;
    const questions = shown.form.questions.map((one) => questionOf(one, begun ? begun.questions[one.question] : givenIn(own, one)));
    const comment = make("textarea", { rows: "3", maxlength: "2000" }), told = make("p", { class: "quiet", role: "status" });
    comment.value = begun ? begun.comment : own?.comment || "";
    const written = () => ({ questions: Object.fromEntries(questions.map((one) => [one.name, { points: one.points(), comment: one.comment() }])), comment: comment.value });
    const keep = () => kept.write({ saved, ...written() });
    const send = async (done) => {
        const points = Object.fromEntries(questions.map((one) => [one.name, one.points()]).filter(([, value]) => typeof value === "number"));
        const lacks = questions.filter((one) => one.points() === null);
        if (done && lacks.length) {
            settle(lacks[0].element.querySelector("input"));
            return put(told, t("Not answered yet: {count}", { count: lacks.length }));
        }
        const comments = Object.fromEntries(questions.map((one) => [one.name, one.comment()]).filter(([, text]) => text));
        const sent = JSON.stringify(written());
        const answer = await putTo(`api/supervisor/quality/samples/${shown.sample.sample}/review`, { points, comments, ...(comment.value.trim() ? { comment: comment.value.trim() } : {}), done });
        saved = answer.reviews.find((one) => one.reviewer === me.agent)?.at ?? null;
        // What was written meanwhile is a change of what is saved now.
        if (done || JSON.stringify(written()) === sent) kept.forget(); else keep();
        announce(done ? t("The review is done") : t("The review is saved"));
        if (done) again(answer); else put(told, t("It is saved. Nobody else sees it yet."));
    };
    return make("section", { class: "card review", "aria-labelledby": "form-title" }, make("h2", { id: "form-title" }, shown.form.title),
        make("form", { oninput: keep, onchange: keep, onsubmit: attempt(async (event) => {
            event.preventDefault();
            await send(true);
        }) }, ...questions.map((one) => one.element), labelled(t("To the whole"), comment), told,
        make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Done")), button(t("Save for later"), attempt(() => send(false))))),
        make("p", { class: "quiet" }, shown.sample.reviewers > 1 ? t("A calibration: nobody sees it before all {reviewers} are done, and {agent} never does.", { reviewers: shown.sample.reviewers, agent: calledOf(shown.sample.agent) }) : t("What is done stays as it is, and {agent} sees it.", { agent: calledOf(shown.sample.agent) })));
};

// ---- what was given ----

const pointText = (one) => (one?.points === undefined ? "–" : t("{points} of {most}", { points: one.points, most: one.most }));
// A row for each question, a column for each review; of several how far they are apart.
const given = (shown) => {
    const { reviews, form } = shown, several = reviews.length > 1;
    const of = (review, question) => review.points.find((one) => one.question === question);
    const apart = (question) => { const all = reviews.map((one) => of(one, question)?.points).filter((one) => one !== undefined); return all.length > 1 ? Math.max(...all) - Math.min(...all) : null; };
    const totals = reviews.map((one) => one.hundredths), mean = totals.reduce((sum, one) => sum + one, 0) / (totals.length || 1);
    const cell = (one) => make("td", {}, pointText(one), one?.comment ? make("p", { class: "quiet" }, one.comment) : null);
    return make("div", { class: "scroll" }, make("table", { class: "given", "aria-labelledby": "form-title" }, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, t("Question")), ...reviews.map((one) => make("th", { scope: "col" }, calledOf(one.reviewer))), ...(several ? [make("th", { scope: "col" }, t("Apart"))] : []))),
        make("tbody", {}, ...form.questions.map((question) => make("tr", {}, make("th", { scope: "row" }, question.asks), ...reviews.map((one) => cell(of(one, question.question))), ...(several ? [make("td", { "data-apart": apart(question.question) ? "" : null }, String(apart(question.question) ?? "–"))] : []))),
            make("tr", {}, make("th", { scope: "row" }, t("Together")), ...reviews.map((one) => make("td", {}, percent(one.hundredths))), ...(several ? [make("td", {}, percent(Math.max(...totals) - Math.min(...totals)))] : [])),
            ...(several ? [make("tr", {}, make("th", { scope: "row" }, t("From the mean")), ...reviews.map((one) => make("td", {}, `${one.hundredths >= mean ? "+" : "−"}${percent(Math.abs(one.hundredths - mean))}`)), make("td"))] : []))));
};
const answered = (review, agent) => {
    const said = review.answered ? t("{agent} says to it, {when}:", { agent, when: exact.format(review.answered) }) : review.seen ? t("{agent} has seen it, {when}.", { agent, when: exact.format(review.seen) }) : t("{agent} has not seen it yet.", { agent });
    return make("div", { class: "because" }, make("p", {}, said, review.objects ? make("strong", {}, ` ${t("They object to it.")}`) : ""), review.answer ? make("p", { class: "text" }, review.answer) : null);
};
const givenCard = (shown) => {
    const { sample, reviews } = shown, waits = sample.reviewers > 1 && sample.done < sample.reviewers;
    return make("section", { class: "card review", "aria-labelledby": "form-title" }, make("h2", { id: "form-title" }, shown.form.title), given(shown),
        ...reviews.filter((one) => one.comment).map((one) => make("p", { class: "text" }, `${calledOf(one.reviewer)}: ${one.comment}`)),
        waits ? make("p", { class: "quiet", role: "status" }, t("{done} of {reviewers} are done: what others gave is shown once all are.", { done: sample.done, reviewers: sample.reviewers })) : null,
        ...(sample.reviewers === 1 ? reviews.map((one) => answered(one, calledOf(sample.agent))) : []));
};

// ---- the whole ----

// `still()`: the number of the sample that the page shows by now.
export const openSample = async (number, page, still) => {
    const shown = await get(`api/supervisor/quality/samples/${number}`);
    if (still() !== number) return;
    const { sample } = shown, row = { ixn: sample.ixn, media: sample.media, external: sample.external_id, conn: sample.conn };
    const said = make("div", { class: "beside" }), head = make("h2", { id: "sample-title" }, t("{medium} of {agent}", { medium: medium(sample.media), agent: calledOf(sample.agent) }));
    const drawReviews = (answer) => {
        const own = answer.reviews.find((one) => one.reviewer === page.me.agent), { may_review: mayReview } = answer.sample;
        beside.replaceChildren(mayReview ? formCard(answer, own, page.me, (done) => { drawReviews(done); settle(beside.querySelector("h2")); }) : givenCard(answer));
    };
    const beside = make("div", { class: "beside" });
    said.append(make("section", { class: "card", "aria-labelledby": "sample-title" }, make("div", { class: "top" }, head, make("a", { href: "#/quality" }, t("Back to the list"))), facts(sample), make("p", {}, make("a", { href: `#/history/${encodeURIComponent(sample.ixn)}` }, t("Its whole way")))));
    if (sample.external_id && sample.media !== "voice") said.append(button(t("Show what was written"), attempt(async (event) => { const text = await written(row); event.target.replaceWith(text); settle(text.querySelector("h2")); })));
    drawReviews(shown);
    id("now").replaceChildren(make("div", { class: "whole" }, said, beside));
    settle(head);
    if (sample.conn) await recorded(row, said);
};
