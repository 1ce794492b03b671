// reviews.js - Reviews of the agent's own work: points and comments, and what the agent says to them, once.
import { announce, attempt, button, dialog, id, keepField, labelled, make, medium, moment } from "./dom.js";
import { t, tenths } from "./t.js";
import { desk } from "./main.js";
import { called, nameOf } from "./people.js";
import { get, putTo } from "./wire.js";

const answerTo = (review, body) => putTo(`api/reviews/${review}/answer`, body);
const given = (one, question) => {
    const point = one.points.find((other) => other.question === question.question);
    return make("li", {}, make("span", {}, question.asks), " ", make("strong", {}, point?.points === undefined ? t("Does not apply") : t("{points} of {most}", { points: point.points, most: point.most })),
        point?.comment ? make("p", { class: "text quiet" }, point.comment) : null);
};
const answers = (one, card) => {
    if (one.answered) return make("div", {}, make("p", { class: "quiet" }, one.objects ? t("You have objected, {when}:", { when: moment(one.answered) }) : t("You have said, {when}:", { when: moment(one.answered) })), make("p", { class: "text" }, one.answer || ""));
    const text = make("textarea", { rows: "2", maxlength: "2000" }), objects = make("input", { type: "checkbox" }), forget = keepField(text, `${desk.me.agent}-review-${one.review}`);
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        const { reviews } = await answerTo(one.review, { text: text.value.trim(), objects: objects.checked });
        forget();
        card.replaceWith(cardOf(reviews[0]));
        announce(t("Your answer is kept"));
    }) }, labelled(t("Your answer"), text), make("label", { class: "check" }, objects, t("I object to this review")), make("div", { class: "row" }, make("button", { type: "submit" }, t("Say it"))),
    make("p", { class: "quiet" }, t("You answer once; supervisors read it.")));
};
const cardOf = (one) => {
    const title = make("h3", {}, `${one.form.title}: ${tenths(one.hundredths / 100)} %`);
    const card = make("article", { class: "reviewed" }, title, make("p", { class: "quiet" }, t("{medium} of {when}, reviewed by {reviewer}", { medium: medium(one.media), when: moment(one.received), reviewer: called(one.reviewer) })),
        one.failed ? make("p", { class: "quiet" }, t("A question that must not fail has 0 points: so the whole is 0.")) : null, make("ul", {}, ...one.form.questions.map((question) => given(one, question))), one.comment ? make("p", { class: "text" }, one.comment) : null);
    card.append(answers(one, card));
    return card;
};
const show = attempt(async () => {
    const { reviews } = await get("api/reviews");
    await Promise.all(reviews.map((one) => nameOf(one.reviewer)));
    dialog(t("Reviews of your work"), () => (reviews.length ? reviews.map(cardOf) : make("p", { class: "none" }, t("None of your work has been reviewed yet."))));
    for (const one of reviews.filter((other) => !other.seen)) answerTo(one.review, {}).catch(() => {}); // seen
    mark(0);
});
// The button tells how many are new.
const mark = (count) => {
    const one = id("self").querySelector("[data-reviews]");
    if (one) one.textContent = count ? t("Reviews ({count}) …", { count }) : t("Reviews …");
};
export const reviewsButton = () => (desk.me.reviews ? [button(t("Reviews …"), show, { "data-reviews": "" })] : []);
export const reviewsLook = () => {
    if (desk.me.reviews) get("api/reviews").then(({ reviews }) => mark(reviews.filter((one) => !one.seen).length), () => {});
};
