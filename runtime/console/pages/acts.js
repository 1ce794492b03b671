// acts.js - What a supervisor does to agents: each act is one of the server's, with a reason, and told to whom it concerns.
import { announce, attempt, complain, dialog, labelled, make, plain, select } from "../dom.js";
import { post, putTo } from "../wire.js";

const TOLD_MAX = 3;
const many = (rows, called) => (rows.length === 1 ? called(rows[0]) : `${rows.length} agents`);
const whyField = () => make("input", { maxlength: "200", autocomplete: "off", required: true });
// Each agent is asked by itself: who was refused is told, and answers for nobody else. Answers those for whom it was done.
// A second press of the form's button does nothing.
const each = async (form, rows, called, ask) => {
    form.querySelector("[type=submit]").disabled = true;
    const done = [], refused = [];
    for (const row of rows)
        try {
            await ask(row);
            done.push(row);
        } catch (error) {
            refused.push(`${called(row)}: ${error.message}`);
        }
    if (refused.length) complain({ text: [...refused.slice(0, TOLD_MAX), refused.length > TOLD_MAX ? `${refused.length - TOLD_MAX} more were refused` : ""].filter(Boolean).join(" ") });
    return done;
};
const stateOf = (name, state, reason, why) => putTo(`api/supervisor/agents/${encodeURIComponent(name)}/state`, { state, ...(reason ? { reason } : {}), why });

export const setState = (rows, { called, reasons }) => dialog(`State of ${many(rows, called)}`, (close) => {
    const why = whyField(), state = select([["ready", "Ready"], ["not_ready", "Not ready"], ...reasons.map((one) => [`not_ready:${one}`, `Not ready: ${plain(one)}`])]);
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        const [to, ...rest] = state.value.split(":");
        const done = await each(event.target, rows, called, (row) => stateOf(row.name, to, rest.join(":"), why.value));
        close();
        if (done.length) announce(`${many(done, called)}: ${state.selectedOptions[0].text}`);
    }) }, names(rows, called), labelled("State", state), labelled("Why", why), make("p", { class: "quiet" }, "A contact that goes on is not touched. They are told who did it, and why."),
    make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, "Set")));
});
// Who is meant, where several are.
const names = (rows, called) => (rows.length > 1 ? make("p", { class: "quiet" }, rows.slice(0, 12).map(called).join(", ") + (rows.length > 12 ? ` and ${rows.length - 12} more` : "")) : null);

export const logOut = (rows, { called }) => dialog(`Log out ${many(rows, called)}`, (close) => {
    const why = whyField();
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        const done = await each(event.target, rows, called, (row) => post(`api/supervisor/agents/${encodeURIComponent(row.name)}/logout`, { why: why.value }));
        close();
        if (done.length) announce(`${many(done, called)}: logged out`);
    }) }, names(rows, called), make("p", {}, "What they have goes back to its queue; a call goes on at the telephone."), labelled("Why", why),
    make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, "Log out")));
});
