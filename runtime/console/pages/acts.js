// acts.js - What a supervisor does to agents: each act is one of the server's, with a reason, and told to whom it concerns.
import { announce, attempt, button, complain, dialog, id, key, labelled, make, plain, select } from "../dom.js";
import { t } from "../t.js";
import { get, post, putTo } from "../wire.js";

const TOLD_MAX = 3;
const many = (rows, called) => (rows.length === 1 ? called(rows[0]) : t("{count} agents", { count: rows.length }));
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
    if (refused.length) complain({ text: [...refused.slice(0, TOLD_MAX), refused.length > TOLD_MAX ? t("{count} more were refused", { count: refused.length - TOLD_MAX }) : ""].filter(Boolean).join(" ") });
    return done;
};
const stateOf = (name, state, reason, why) => putTo(`api/supervisor/agents/${encodeURIComponent(name)}/state`, { state, ...(reason ? { reason } : {}), why });

export const setState = (rows, { called, reasons }) => dialog(t("State of {agents}", { agents: many(rows, called) }), (close) => {
    const why = whyField(), state = select([["ready", t("Ready")], ["not_ready", t("Not ready")], ...reasons.map((one) => [`not_ready:${one}`, t("Not ready: {one}", { one: plain(one) })])]);
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        const [to, ...rest] = state.value.split(":");
        const done = await each(event.target, rows, called, (row) => stateOf(row.name, to, rest.join(":"), why.value));
        close();
        if (done.length) announce(`${many(done, called)}: ${state.selectedOptions[0].text}`);
    }) }, names(rows, called), labelled(t("State"), state), labelled(t("Why"), why), make("p", { class: "quiet" }, t("A contact that goes on is not touched. They are told who did it, and why.")),
    make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Set"))));
});
// Who is meant, where several are.
const names = (rows, called) => (rows.length > 1 ? make("p", { class: "quiet" }, rows.slice(0, 12).map(called).join(", ") + (rows.length > 12 ? t(" and {count} more", { count: rows.length - 12 }) : "")) : null);

export const logOut = (rows, { called }) => dialog(t("Log out {agents}", { agents: many(rows, called) }), (close) => {
    const why = whyField();
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        const done = await each(event.target, rows, called, (row) => post(`api/supervisor/agents/${encodeURIComponent(row.name)}/logout`, { why: why.value }));
        close();
        if (done.length) announce(t("{agents}: logged out", { agents: many(done, called) }));
    }) }, names(rows, called), make("p", {}, t("What they have goes back to its queue; a call goes on at the telephone.")), labelled(t("Why"), why),
    make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Log out"))));
});

// A skill or a team for a while: what the directory says comes back by itself, or by `As the directory says`. It is done for
// all of them or for nobody. `skills` and `teams` are names to choose from.
const AGENTS_MAX = 100, LASTS = [["30m", t("30 minutes")], ["1h", t("1 hour")], ["2h", t("2 hours")], ["4h", t("4 hours")], ["", t("Until it is taken back")]];
export const assign = (rows, { called, skills, teams }) => {
    if (!rows.length) return complain({ text: t("No agent is shown.") });
    if (rows.length > AGENTS_MAX) return complain({ text: t("{count} agents are shown, and at most {most} are assigned at once: choose a team, or search.", { count: rows.length, most: AGENTS_MAX }) });
    return dialog(t("Skills and teams of {agents}", { agents: many(rows, called) }), (close) => {
        const known = make("datalist", { id: `names-${key()}` }), level = make("input", { type: "number", min: "0", max: "100", value: "5", required: true });
        const what = select([["skill", t("The level of the skill")], ["join", t("In the team")], ["leave", t("Not in the team")], ["undo", t("As the directory says")]], { onchange: () => asks() });
        const name = make("input", { maxlength: "64", autocomplete: "off", required: true, list: known.id }), lasts = select(LASTS), why = whyField();
        const fields = [labelled(t("What"), what), labelled(t("Skill or team"), name), labelled(t("Level"), level), labelled(t("How long"), lasts), labelled(t("Why"), why)];
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
            announce(t("{agents}: {name} is changed", { agents: many(rows, called), name: name.value }));
        }) }, names(rows, called), ...fields, known, make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Assign"))));
    });
};

// ---- interactions ----

const UNDO_MS = 10000, WORK_MAX = 200;
// Says what was done; for a while one press makes it as it was before.
const undoable = (text, back) => {
    const note = make("p", { class: "note undo", role: "status" }, text, button(t("Undo"), attempt(async () => {
        note.remove();
        await back();
        announce(t("Undone"));
    })));
    (document.querySelector("dialog[open]") || id("notes")).append(note);
    setTimeout(() => note.remove(), UNDO_MS);
};
const work = (ixn, what) => putTo(`api/supervisor/interactions/${encodeURIComponent(ixn)}`, what);
const called = (row) => row.ani || row.ixn;
// An act: its word, its field, what it asks the server, what it says when it is done, and what takes it back for a row.
const WORKS = {
    priority: [t("Set the priority"), "priority", (value) => ({ priority: Number(value) }), (value) => t("priority {value}", { value }), (row) => ({ priority: row.priority })],
    move: [t("Move to another queue"), "queue", (value) => ({ queue: value }), (value) => t("moved to {value}", { value }), (row) => (row.owner_kind === "queue" && row.owner ? { queue: row.owner } : null)],
    call_back: [t("Call back later, and end the call"), "call_back", (value, at) => ({ call_back: value, ...(at ? { at } : {}) }), () => t("will be called back")],
    finish: [t("Finish"), "", () => ({ finish: true }), () => t("finished")],
};
// Acts on these interactions, each by itself. `queues` may be moved to.
export const act = attempt(async (rows, title) => {
    if (!rows.length) return complain({ text: t("No interaction is shown.") });
    if (rows.length > WORK_MAX) return complain({ text: t("{count} are shown, and at most {most} are changed at once: search, or choose a queue.", { count: rows.length, most: WORK_MAX }) });
    const { routing_points: points = [] } = await get("api/supervisor/routing_points");
    return dialog(title, (close) => {
        const known = make("datalist", { id: `points-${key()}` }, ...points.map((one) => make("option", { value: one.dn ?? one.name })));
        const what = select(Object.entries(WORKS).map(([word, [text]]) => [word, text]), { onchange: () => asks() });
        const priority = make("input", { type: "number", min: "-1000000", max: "1000000", value: String(rows[0].priority ?? 0), required: true });
        const queue = make("input", { maxlength: "64", autocomplete: "off", required: true, list: known.id }), at = make("input", { maxlength: "40", autocomplete: "off", placeholder: "18:00" });
        const why = whyField(), says = make("p", { class: "quiet" });
        const fields = { priority: labelled(t("Priority"), priority), queue: labelled(t("Queue or routing point"), queue), at: labelled(t("When; empty: at once"), at) };
        const asks = () => {
            const [, field] = WORKS[what.value];
            fields.priority.hidden = priority.disabled = field !== "priority";
            fields.queue.hidden = queue.disabled = field !== "queue" && field !== "call_back";
            fields.at.hidden = what.value !== "call_back";
            says.textContent = what.value === "finish" ? t("A call is ended, other work is done with. It cannot be taken back.") : what.value === "call_back" ? t("It cannot be taken back here; a call-back that is booked can be cancelled.") : "";
        };
        asks();
        return make("form", { onsubmit: attempt(async (event) => {
            event.preventDefault();
            const [, field, ask, said, back] = WORKS[what.value], value = field === "priority" ? priority.value : queue.value;
            const done = await each(event.target, rows, called, (row) => work(row.ixn, { ...ask(value, at.value), why: why.value }));
            close();
            if (!done.length) return;
            const text = `${done.length === 1 ? called(done[0]) : t("{count} interactions", { count: done.length })}: ${said(value)}`, those = done.filter((row) => back?.(row));
            if (those.length) undoable(text, async () => { for (const row of those) await work(row.ixn, { ...back(row), why: t("taken back: {why}", { why: why.value }).slice(0, 200) }); }); else announce(text);
        }) }, make("p", { class: "quiet" }, rows.slice(0, 12).map(called).join(", ") + (rows.length > 12 ? t(" and {count} more", { count: rows.length - 12 }) : "")),
        labelled(t("What"), what), ...Object.values(fields), labelled(t("Why"), why), says, known, make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Do it"))));
    });
});
