// acts.js - What a supervisor does to agents: each act is one of the server's, with a reason, and told to whom it concerns.
import { announce, attempt, complain, dialog, key, labelled, make, plain, select } from "../dom.js";
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

// A skill or a team for a while: what the directory says comes back by itself, or by `As the directory says`. It is done for
// all of them or for nobody. `skills` and `teams` are names to choose from.
const AGENTS_MAX = 100, LASTS = [["30m", "30 minutes"], ["1h", "1 hour"], ["2h", "2 hours"], ["4h", "4 hours"], ["", "Until it is taken back"]];
export const assign = (rows, { called, skills, teams }) => {
    if (!rows.length) return complain({ text: "No agent is shown." });
    if (rows.length > AGENTS_MAX) return complain({ text: `${rows.length} agents are shown, and at most ${AGENTS_MAX} are assigned at once: choose a team, or search.` });
    return dialog(`Skills and teams of ${many(rows, called)}`, (close) => {
        const known = make("datalist", { id: `names-${key()}` }), level = make("input", { type: "number", min: "0", max: "100", value: "5", required: true });
        const what = select([["skill", "The level of the skill"], ["join", "In the team"], ["leave", "Not in the team"], ["undo", "As the directory says"]], { onchange: () => asks() });
        const name = make("input", { maxlength: "64", autocomplete: "off", required: true, list: known.id }), lasts = select(LASTS), why = whyField();
        const fields = [labelled("What", what), labelled("Skill or team", name), labelled("Level", level), labelled("How long", lasts), labelled("Why", why)];
        const asks = () => {
            level.parentElement.hidden = level.disabled = what.value !== "skill";
            lasts.parentElement.hidden = what.value === "undo";
            known.replaceChildren(...[...(["skill", "undo"].includes(what.value) ? skills() : []), ...(what.value === "skill" ? [] : teams())].map((value) => make("option", { value })));
        };
        lasts.value = "1h";
        asks();
        return make("form", { onsubmit: attempt(async (event) => {
            event.preventDefault();
            const given = what.value === "skill" ? { skills: { [name.value]: Number(level.value) } } : { [what.value]: [name.value] };
            await putTo("api/supervisor/assignments", { agents: rows.map((row) => row.name), ...given, ...(what.value !== "undo" && lasts.value ? { for: lasts.value } : {}), why: why.value });
            close();
            announce(`${many(rows, called)}: ${name.value} is changed`);
        }) }, names(rows, called), ...fields, known, make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, "Assign")));
    });
};
