// acts.js - What a supervisor does to agents: each act is one of the server's, with a reason, and told to whom it concerns.
import { attempt, button, complain, dialog, key, labelled, make, noteTo, plain, select, tell } from "../dom.js";
import { t } from "../t.js";
import { get, post, putTo } from "../wire.js";
import { nowUs, seenUs } from "./figures.js";

const many = (rows, called) => (rows.length === 1 ? called(rows[0]) : t("{count} agents", { count: rows.length }));
const whyField = () => make("input", { maxlength: "200", autocomplete: "off", required: true });
// Some names, and how many more there are.
const NAMED_MAX = 12;
const named = (rows, called) => rows.slice(0, NAMED_MAX).map(called).join(", ") + (rows.length > NAMED_MAX ? t(" and {count} more", { count: rows.length - NAMED_MAX }) : "");
// refused: from a cause to the rows it holds for. A request whose answer was lost may have been done, and its cause says so.
const refusedSay = (refused, called, maybe, some) =>
    complain({ text: [some || maybe ? "" : t("Your request was not done."), ...[...refused].map(([cause, rows]) => `${named(rows, called)}: ${cause}`)].filter(Boolean).join("\n") });
// Asks for each row by itself: who is refused answers for nobody else. The server does nothing where somebody else has acted
// since `seen`; again(row): the person has read who it was.
const each = async (rows, ask, again = null) => {
    const done = [], not = [], refused = new Map();
    let maybe = false;
    for (const row of rows)
        try {
            await ask(row);
            done.push(row);
        } catch (error) {
            not.push(row);
            refused.set(error.message, [...refused.get(error.message) || [], row]);
            maybe ||= error.code === "lost";
            if (error.code === "changed") await again?.(row);
        }
    return { done, not, refused, maybe };
};
// What a dialog's form does. told(done) says what was done. The dialog closes once all of it is done; else it stays and says
// why, and the next press asks for the rest.
const doing = (rows, called, close, ask, told, again) => {
    let left = rows;
    return attempt(async (event) => {
        event.preventDefault();
        const { done, not, refused, maybe } = await each(left, ask, again);
        left = not;
        if (!not.length) close();
        if (done.length) told(done);
        if (not.length) refusedSay(refused, called, maybe, done.length);
    });
};
const stateOf = (name, state, reason, why, seen) => putTo(`api/supervisor/agents/${encodeURIComponent(name)}/state`, { state, ...(reason ? { reason } : {}), why, seen });
// What the person saw of each agent: as of the dialog's beginning, or of the refusal that they have read.
const Seen = class {
    constructor() { this.first = seenUs(); this.since = new Map(); }
    of(row) { return this.since.get(row) ?? this.first; }
    // What the page shows may still be older than the act of the other, whom the refusal names.
    async again(row) { this.since.set(row, (await get("api/supervisor/status").catch(() => ({}))).wall_us ?? seenUs()); }
};

export const setState = (rows, { called, reasons }) => {
    if (!rows.length) return complain({ text: t("No agent is shown.") });
    return dialog(t("State of {agents}", { agents: many(rows, called) }), (close) => {
        const why = whyField(), seen = new Seen(), state = select([["ready", t("Ready")], ["not_ready", t("Not ready")], ...reasons.map((one) => [`not_ready:${one}`, t("Not ready: {one}", { one: plain(one) })])]);
        const ask = (row) => { const [to, ...rest] = state.value.split(":"); return stateOf(row.name, to, rest.join(":"), why.value, seen.of(row)); };
        return make("form", { onsubmit: doing(rows, called, close, ask, (done) => tell(`${many(done, called)}: ${state.selectedOptions[0].text}`), (row) => seen.again(row)) }, names(rows, called), labelled(t("State"), state), labelled(t("Why"), why), make("p", { class: "quiet" }, t("A contact that goes on is not touched. They are told who did it, and why.")),
            make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Set"))));
    });
};
// Who is meant, where several are.
const names = (rows, called) => (rows.length > 1 ? make("p", { class: "quiet" }, named(rows, called)) : null);

export const logOut = (rows, { called }) => dialog(t("Log out {agents}", { agents: many(rows, called) }), (close) => {
    const why = whyField(), seen = new Seen();
    const ask = (row) => post(`api/supervisor/agents/${encodeURIComponent(row.name)}/logout`, { why: why.value, seen: seen.of(row) });
    return make("form", { onsubmit: doing(rows, called, close, ask, (done) => tell(t("{agents}: logged out", { agents: many(done, called) })), (row) => seen.again(row)) }, names(rows, called), make("p", {}, t("What they have goes back to its queue; a call goes on at the telephone.")), labelled(t("Why"), why),
    make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Log out"))));
});

// A skill or a team for a while: what the directory says comes back by itself, or by `As the directory says`. It is done for
// all of them or for nobody. `skills` and `teams` are names to choose from.
const takenBack = (why) => t("taken back: {why}", { why: why.value }).slice(0, 200);
// A skill and a team may have one name: `kind` says which of them is meant.
const unassign = (agent, kind, names, why, seen) => putTo("api/supervisor/assignments", { agents: [agent], undo: names.map((name) => `${kind}:${name}`), why, seen });
// Makes it as it was when the row was shown: what the agent had by hand is in force again until its end, else the directory's.
// What was given since goes first: it may be a lasting one below one that has an end. Then the lasting ones, as those end all others.
const asItWas = async (row, kind, names, why, seen) => {
    const had = (row.by_hand || []).filter((hand) => hand.kind === kind && names.includes(hand.name) && (!hand.until_us || hand.until_us > nowUs()));
    await unassign(row.name, kind, names, why, seen);
    for (const { name, value, until_us: until } of had.toSorted((one, other) => Number(Boolean(one.until_us)) - Number(Boolean(other.until_us))))
        await putTo("api/supervisor/assignments", { agents: [row.name], ...(kind === "skill" ? { skills: { [name]: Number(value) } } : { [value === "in" ? "join" : "leave"]: [name] }), ...(until ? { for: `${Math.ceil((until - nowUs()) / 1e6)}s` } : {}), why, seen });
};
// Rows of what agents have by hand: the directory's is in force again.
export const takeBack = (rows, called) => {
    if (!rows.length) return complain({ text: t("Nothing is shown.") });
    return dialog(rows.length === 1 ? t("Undo {name}", { name: called(rows[0]) }) : t("Undo {count} assignments", { count: rows.length }), (close) => {
        const why = whyField(), seen = new Seen();
        return make("form", { onsubmit: doing(rows, called, close, (row) => unassign(row.agent, row.kind, [row.name], why.value, seen.of(row)), (done) => tell(t("Taken back: {names}", { names: named(done, called) })), (row) => seen.again(row)) }, names(rows, called),
            make("p", { class: "quiet" }, t("What the directory says is in force again.")), labelled(t("Why"), why), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Undo"))));
    });
};
const AGENTS_MAX = 100, LASTS = [["30m", t("30 minutes")], ["1h", t("1 hour")], ["2h", t("2 hours")], ["4h", t("4 hours")], ["", t("Until it is taken back")]];
export const assign = (rows, { called, skills, teams }) => {
    if (!rows.length) return complain({ text: t("No agent is shown.") });
    if (rows.length > AGENTS_MAX) return complain({ text: t("{count} agents are shown, and at most {most} are assigned at once: choose a team, or search.", { count: rows.length, most: AGENTS_MAX }) });
    return dialog(t("Skills and teams of {agents}", { agents: many(rows, called) }), (close) => {
        const known = make("datalist", { id: `names-${key()}` }), level = make("input", { type: "number", min: "0", max: "100", value: "5", required: true });
        const what = select([["skill", t("The level of the skill")], ["join", t("In the team")], ["leave", t("Not in the team")], ["move", t("From one team to another")], ["undo", t("As the directory says")]], { onchange: () => asks() });
        const name = make("input", { maxlength: "64", autocomplete: "off", required: true, list: known.id }), lasts = select(LASTS), why = whyField(), seen = new Seen();
        const from = make("input", { maxlength: "64", autocomplete: "off", required: true, list: known.id });
        const before = rows.map((row) => ({ ...row }));
        const fields = [labelled(t("What"), what), labelled(t("Team that they leave"), from), labelled(t("Skill or team"), name), labelled(t("Level"), level), labelled(t("How long"), lasts), labelled(t("Why"), why)];
        const asks = () => {
            level.parentElement.hidden = level.disabled = what.value !== "skill";
            from.parentElement.hidden = from.disabled = what.value !== "move";
            lasts.parentElement.hidden = what.value === "undo";
            known.replaceChildren(...[...(["skill", "undo"].includes(what.value) ? skills() : []), ...(what.value === "skill" ? [] : teams())].map((value) => make("option", { value })));
        };
        lasts.value = "1h";
        asks();
        const all = (those) => many(those, called), ask = (those) => {
            const given = what.value === "skill" ? { skills: { [name.value]: Number(level.value) } } : what.value === "move" ? { leave: [from.value], join: [name.value] } : { [what.value]: [name.value] };
            return putTo("api/supervisor/assignments", { agents: those.map((row) => row.name), ...given, ...(what.value !== "undo" && lasts.value ? { for: lasts.value } : {}), why: why.value, seen: seen.of(those) });
        };
        const told = () => {
            const text = t("{agents}: {name} is changed", { agents: all(rows), name: name.value }), things = what.value === "move" ? [from.value, name.value] : [name.value];
            if (what.value === "undo") return tell(text);
            undoable(text, before, called, (row) => asItWas(row, what.value === "skill" ? "skill" : "group", things, takenBack(why), seen.of(rows)));
        };
        return make("form", { onsubmit: doing([rows], all, close, ask, told, (those) => seen.again(those)) }, names(rows, called), ...fields, known, make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Assign"))));
    });
};

// ---- interactions ----

const UNDO_MS = 10000, WORK_MAX = 200;
// Says what was done; for a while one press makes it as it was before. Only the last act has that: of two notes with the same
// words nobody sees which is which. back(row) asks the server.
const undoable = (text, rows, called, back) => {
    document.querySelectorAll(".note.undo").forEach((other) => other.remove());
    const note = noteTo(make("p", { class: "note undo", role: "status" }, text, button(t("Undo"), attempt(async () => {
        note.remove();
        const { done, not, refused, maybe } = await each(rows, back);
        if (done.length) tell(t("Undone"));
        if (not.length) refusedSay(refused, called, maybe, done.length);
    }))));
    setTimeout(() => note.remove(), UNDO_MS);
};
const work = (row, what) => putTo(`api/supervisor/interactions/${encodeURIComponent(row.ixn)}`, { ...what, seen: row.seen });
// The interaction as it is now, and as of when.
export const looked = async (ixn) => {
    const { interaction, as_of_us: seen } = await get(`api/supervisor/interactions/${encodeURIComponent(ixn)}/why`);
    return { ...interaction, seen };
};
const called = (row) => row.ani || row.ixn;
// An act: its word, its field, what it asks the server, what it says when it is done, and what takes it back for a row. A move
// takes what an agent had from the agent, and no other move gives it back. A time is by the clock of who writes it, and the
// server, whose clock may be another one, is told it in UTC.
const WORKS = {
    priority: [t("Set the priority"), "priority", (value) => ({ priority: Number(value) }), (value) => t("priority {value}", { value }), (row) => ({ priority: row.priority })],
    move: [t("Move to another queue"), "queue", (value) => ({ queue: value }), (value) => t("moved to {value}", { value }), (row, places) => (row.owner_kind !== "agent" && (row.queue || places.has(row.dnis)) ? { queue: row.queue || row.dnis } : null)],
    call_back: [t("Call back later, and end the call"), "call_back", (value, at) => ({ call_back: value, ...(at ? { at: new Date(at).toISOString() } : {}) }), () => t("will be called back")],
    finish: [t("Finish"), "", () => ({ finish: true }), () => t("finished")],
};
// What was moved goes back to where it waited, if it waits still where it was moved to. The server refuses it where somebody else
// has acted since the own act was done.
const undo = async (row, back, value, why) => {
    const now = back.queue ? await looked(row.ixn) : row;
    if (back.queue && (now.state === "ended" || now.owner_kind === "agent" || now.queue && now.queue !== value)) throw new Error(t("It does not wait in {queue} any more.", { queue: value }));
    await work(row, { ...back, why });
};
// Acts on these interactions, each by itself. `queues` may be moved to.
export const act = attempt(async (rows, title) => {
    if (!rows.length) return complain({ text: t("No interaction is shown.") });
    if (rows.length > WORK_MAX) return complain({ text: t("{count} are shown, and at most {most} are changed at once: search, or choose a queue.", { count: rows.length, most: WORK_MAX }) });
    const { routing_points: points = [] } = await get("api/supervisor/routing_points");
    return dialog(title, (close) => {
        const places = new Set(points.map((one) => one.dn ?? one.name));
        const known = make("datalist", { id: `points-${key()}` }, ...points.map((one) => make("option", { value: one.dn ?? one.name })));
        const what = select(Object.entries(WORKS).map(([word, [text]]) => [word, text]), { onchange: () => asks() });
        const priority = make("input", { type: "number", min: "-1000000", max: "1000000", value: String(rows[0].priority ?? 0), required: true });
        const queue = make("input", { maxlength: "64", autocomplete: "off", required: true, list: known.id }), at = make("input", { type: "datetime-local" });
        const why = whyField(), says = make("p", { class: "quiet" });
        const fields = { priority: labelled(t("Priority"), priority), queue: labelled(t("Queue or routing point"), queue), at: labelled(t("When; empty: at once"), at) };
        const asks = () => {
            const [, field] = WORKS[what.value];
            fields.priority.hidden = priority.disabled = field !== "priority";
            fields.queue.hidden = queue.disabled = field !== "queue" && field !== "call_back";
            fields.at.hidden = at.disabled = what.value !== "call_back";
            says.textContent = what.value === "finish" ? t("A call is ended, other work is done with. It cannot be taken back.") : what.value === "call_back" ? t("It cannot be taken back here; a call-back that is booked can be cancelled.") : "";
        };
        asks();
        const asked = () => { const [, field, ask, said, back] = WORKS[what.value]; return { value: field === "priority" ? priority.value : queue.value, ask, said, back }; };
        // As of when the act was done: what the moved one does by itself at its new place is nobody's act.
        const stood = new Map();
        // What each press said, and how each row is taken back: Undo takes back what all presses of this dialog have done.
        const texts = [], backs = new Map();
        const one = async (row) => {
            const { value, ask, back } = asked();
            await work(row, { ...ask(value, at.value), why: why.value });
            if (back?.(row, places)?.queue) stood.set(row, (await looked(row.ixn).catch(() => row)).seen);
        };
        return make("form", { onsubmit: doing(rows, called, close, one, (done) => {
            const { value, said, back } = asked(), text = `${done.length === 1 ? called(done[0]) : t("{count} interactions", { count: done.length })}: ${said(value)}`, those = done.filter((row) => back?.(row, places));
            if (!those.length) return tell(text);
            texts.push(text);
            for (const row of those) backs.set(row, () => undo({ ...row, seen: stood.get(row) ?? row.seen }, back(row, places), value, takenBack(why)));
            undoable(texts.join("; "), [...backs.keys()], called, async (row) => { await backs.get(row)?.(); backs.delete(row); });
        }, async (row) => Object.assign(row, await looked(row.ixn))) }, make("p", { class: "quiet" }, named(rows, called)),
        labelled(t("What"), what), ...Object.values(fields), labelled(t("Why"), why), says, known, make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Do it"))));
    });
});
