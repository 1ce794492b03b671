// presence.js - The agent's state: one for all media and the telephone, those of one medium below it, and beside it what the
// agent has taken on.
import { announce, attempt, button, complain, id, labelled, make, medium, plain, put, select, stateText } from "./dom.js";
import { t } from "./t.js";
import { ask, desk } from "./main.js";
import { does } from "./keys.js";
import * as phone from "./phone.js";
import { get } from "./wire.js";
import * as work from "./work.js";

const STATE_WAITS_MS = 30000;
const draw = {}; // the list of states of each medium
let all = null, taken = null, below = null, takes = {}, learnt = 0;

// ---- what it is ----

const worded = (state, reason) => (state === "not_ready" && reason ? `not_ready:${reason}` : state);
const sentence = (name, state) => `${medium(name)}: ${stateText(state).toLowerCase()}`;
// Each medium with its state and reason; the telephone is one of them while the agent is logged in at it.
const own = () => [...Object.keys(draw).map((name) => [name, desk.states[name] || "logged_out", desk.reasons[name] || ""]), ...phone.presence()];
// The one state, as a value of the list; "" where they differ. A switch may keep no reason: that of the others is its own.
const one = () => {
    const inside = own().filter(([, state]) => state !== "logged_out");
    const states = [...new Set(inside.map(([, state]) => state))], reasons = [...new Set(inside.map(([, , reason]) => reason).filter(Boolean))];
    return !inside.length ? "logged_out" : states.length > 1 || reasons.length > 1 ? "" : worded(states[0], reasons[0]);
};
// The states where they differ, in the width of a list: each of two media, of more only for how many the agent is ready. The whole
// is told by the pointer, and stands below it by medium.
const LINE = 40;
const mixed = (whole) => whole.length <= LINE ? whole : t("Ready for {count} of {all}", { count: own().filter(([, state]) => state === "ready").length, all: own().length });
export const isReady = () => own().some(([, state]) => ["ready", "after_call_work"].includes(state));

// ---- what was taken on ----

const counted = (name, count, most) => {
    const given = { count: most || count, number: most ? t("{count} of {most}", { count, most }) : count };
    return name === "voice" ? t("{number} calls", given) : name === "email" ? t("{number} e-mails", given) : name === "chat" ? t("{number} chats", given)
        : name === "im" ? t("{number} instant messages", given) : name === "callback" ? t("{number} call-backs", given) : `${given.number} ${medium(name)}`;
};
export const takenShow = () => {
    if (!taken) return;
    const has = {};
    for (const item of work.all()) if (item.move !== "monitor" && !item.asked && !item.over) has[item.media] = (has[item.media] || 0) + 1;
    if (phone.count()) has.voice = phone.count();
    const named = own().filter(([name, state]) => has[name] || takes[name] && state !== "logged_out").map(([name]) => name);
    put(taken, named.map((name) => counted(name, has[name] || 0, takes[name])).join(", "));
};
// The most that the site lets the agent have beside each other: the router says it.
const LEARNT_MS = 60000;
const takesLearn = async () => {
    if (Date.now() - learnt < LEARNT_MS) return;
    learnt = Date.now();
    const { agents } = await get("api/agents", { name: desk.me.agent });
    takes = agents[0]?.takes || {};
    takenShow();
};

// ---- how it is shown ----

const busy = (control) => document.activeElement === control && control.asked && Date.now() - control.asked < STATE_WAITS_MS;
const choose = (control, value, state) => {
    if (!busy(control)) control.value = [...control.options].some((option) => option.value === value) ? value : state;
    control.parentElement.dataset.state = state;
};
export const statesShow = () => {
    if (!all) return;
    for (const [name, control] of Object.entries(draw)) {
        const state = desk.states[name] || "logged_out";
        choose(control, worded(state, desk.reasons[name]), state);
        put(control.previousElementSibling, medium(name));
    }
    const value = one(), differ = own().map(([name, state]) => sentence(name, state)).join(", "), state = value.split(":")[0] || (isReady() ? "ready" : "not_ready");
    put(all.options[0], value ? "" : mixed(differ));
    all.title = value ? "" : differ;
    choose(all, value, value ? state : "");
    all.parentElement.dataset.state = state;
    const out = own().filter(([, was]) => was === "logged_out").map(([name]) => medium(name).toLowerCase());
    put(below.firstElementChild, value && state !== "logged_out" && out.length ? t("By medium: not {out}", { out: out.join(", ") }) : t("By medium"));
    id("fold").dataset.state = state;
    put(id("fold"), value ? all.selectedOptions[0]?.textContent || stateText(state) : mixed(differ));
    missedShow();
    takenShow();
    work.idle();
};
// An agent who missed an offer gets no more until they say that they are there: the notice stays in sight until then.
const missedShow = () => {
    const names = own().filter(([name, state, reason]) => state === "not_ready" && reason === "no_answer" || name === "voice" && phone.hasMissed()).map(([name]) => name), text = names.map(medium).join(", ");
    if (id("missed").dataset.names === text) return;
    id("missed").dataset.names = text;
    id("missed").hidden = !names.length;
    id("missed").replaceChildren(...(names.length ? [make("p", {}, make("strong", {}, t("You missed an offer.")), t(" You are not ready for {names} now: nothing more of it is offered to you.", { names: names.map((name) => medium(name).toLowerCase()).join(t(" and ")) })),
        button(t("Be ready again"), () => beReadyFor(names), { class: "first" })] : []));
};

// ---- what is asked ----

const placed = () => (desk.place ? { place: desk.place } : {});
// For all media: the server knows what the agent is logged in to.
export const beReady = attempt(async () => {
    await ask("state", { state: "ready", ...placed() });
    announce(t("Ready"));
});
const beReadyFor = attempt(async (names) => {
    for (const name of names) await (name === "voice" ? phone.beReady() : ask("state", { media: name, state: "ready", ...placed() }));
    announce(t("Ready: {names}", { names: names.map(medium).join(", ") }));
});
const stateAsk = async (control, media) => {
    const [state, reason] = control.value.split(":");
    control.asked = Date.now();
    try {
        await ask("state", { ...(media ? { media } : {}), state, ...(reason ? { reason } : {}), ...placed() });
        announce(`${media ? `${medium(media)}: ` : ""}${stateText(state)}`);
    } catch (error) {
        complain(error);
    }
    control.asked = 0;
    statesShow();
};
const options = () => [["ready", t("Ready")], ["not_ready", t("Not ready")], ...(desk.me.reasons || []).map((reason) => ["not_ready:" + reason, t("Not ready: ") + plain(reason)]),
    ["after_call_work", t("After-contact work")], ["logged_out", t("Logged out")]];
export const make_ = () => {
    const media = (desk.me.media || []).filter((name) => name !== "voice");
    for (const name of Object.keys(draw)) delete draw[name];
    takes = {};
    learnt = 0;
    all = select([["", ""], ...options()], { onchange: () => stateAsk(all) });
    all.options[0].hidden = true; // it says that they differ, and is never chosen
    taken = make("span", { class: "quiet taken", role: "status", "aria-label": t("What you have taken on") });
    below = make("details", {}, make("summary", {}, t("By medium")), make("div", {}, ...media.map((name) => {
        const control = draw[name] = select(options(), { onchange: () => stateAsk(control, name) });
        return labelled(medium(name), control);
    })));
    id("states").replaceChildren(labelled(t("You are"), all), taken, below);
    statesShow();
};
// The server has told the states anew.
export const heard = () => {
    statesShow();
    takesLearn().catch(() => {}); // the next time they are told
};
does("state", () => { id("fold").setAttribute("aria-expanded", "true"); all?.focus(); return Boolean(all); });
for (const kind of ["keydown", "pointerdown"])
    addEventListener(kind, (event) => { if (below?.open && (event.key === "Escape" || kind === "pointerdown" && !below.contains(event.target))) below.open = false; });
