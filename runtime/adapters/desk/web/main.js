// main.js - Log in, the head of the page, the views; brings the others together.
import { announce, attempt, button, complain, draftsForget, id, labelled, make, mediaLearn, medium, plain, put, select, settle, stateText } from "./dom.js";
import { get, post, Socket, trust } from "./wire.js";
import * as bins from "./bins.js";
import { find } from "./find.js";
import { called, colleagues, knowAs, person } from "./people.js";
import * as phone from "./phone.js";
import { again, asks } from "./records.js";
import { mute, muted } from "./sound.js";
import * as supervise from "./supervise.js";
import * as work from "./work.js";

// The session as all modules know it: who works here, the connection, the own states by medium.
export const desk = { me: null, socket: null, states: {}, reasons: {}, place: "" };
// A request over the connection, at once. `told` as attempt(): a refusal is shown.
export const ask = (type, fields) => desk.socket.ask(type, fields);
export const told = attempt(ask);

const PLACE = "gcx-desk-place", OTHER = "gcx-desk-other";

// ---- the entrance ----

const enter = (text = "") => {
    if (desk.socket) desk.socket.end();
    desk.socket = desk.me = null;
    supervise.stop();
    phone.forget();
    work.forget();
    id("desk").hidden = true;
    id("entrance").hidden = false;
    id("login-place").value = localStorage.getItem(PLACE) || "";
    id("login-error").textContent = text;
    document.title = "Log in – gcx desk";
    id(id("login-name").value ? "login-password" : "login-name").focus();
};
id("login").onsubmit = async (event) => {
    event.preventDefault();
    const name = id("login-name").value.trim(), password = id("login-password").value;
    id("login-error").textContent = "";
    localStorage.setItem(PLACE, id("login-place").value.trim());
    try {
        begin(await post("api/login", { name, password }));
    } catch (error) {
        id("login-error").textContent = error.code === "login" ? "The name or the password is wrong." : error.message;
        id("login-password").focus();
    }
    id("login-password").value = "";
};
// One browser has one session: somebody else has begun theirs in another window. Nothing of this one's stays.
const otherHere = () => {
    const { agent } = desk.me;
    enter();
    draftsForget(agent, true);
    sessionStorage.setItem(OTHER, `The desk of ${called(agent)} has ended in this window: another session has begun in this browser.`);
    location.reload();
};
const leave = attempt(async () => {
    if (work.unsent() && !confirm("There is text that was not sent. Log out without it?")) return;
    const { agent } = desk.me;
    try {
        await post("api/logout"); // it ends the connection, too
    } catch (error) {
        if (error.code !== "open") throw error;
        if (!confirm(`${error.message} Log out?`)) return;
        await post("api/logout?force=yes");
    }
    draftsForget(agent, true);
    enter("You are logged out.");
});

// ---- the head ----

const STATE_WAITS_MS = 30000;
const draw = {};

export const statesShow = () => {
    for (const [name, control] of Object.entries(draw)) {
        const state = desk.states[name] || "logged_out", reason = state === "not_ready" && desk.reasons[name] ? "not_ready:" + desk.reasons[name] : state;
        if (document.activeElement === control && Date.now() - (control.asked || 0) < STATE_WAITS_MS && control.asked) continue;
        control.value = [...control.options].some((one) => one.value === reason) ? reason : state;
        control.parentElement.dataset.state = state;
        put(control.previousElementSibling, medium(name));
    }
    const states = Object.keys(draw).map((name) => [medium(name), desk.states[name] || "logged_out"]);
    id("fold").dataset.state = states.find(([, state]) => state === "ready") ? "ready" : states.find(([, state]) => state !== "logged_out")?.[1] || "logged_out";
    put(id("fold"), new Set(states.map(([, state]) => state)).size === 1 ? stateText(states[0][1]) : states.map(([name, state]) => `${name}: ${stateText(state).toLowerCase()}`).join(", "));
    missedShow();
    work.idle();
};
// The agent is ready for these, as if each had been chosen above.
export const beReady = attempt(async (names) => {
    for (const name of names)
        await (name === "voice" ? phone.beReady() : ask("state", { media: name, state: "ready", ...(desk.place ? { place: desk.place } : {}) }));
    announce(`Ready: ${names.map(medium).join(", ")}`);
});
export const idleMedia = () => Object.keys(draw).filter((name) => !["ready", "after_call_work"].includes(desk.states[name]));
export const isReady = () => idleMedia().length < Object.keys(draw).length || phone.isReady();
// An agent who missed an offer gets no more until they say that they are there: the notice stays in sight until then.
const missedShow = () => {
    const names = Object.keys(draw).filter((name) => desk.states[name] === "not_ready" && desk.reasons[name] === "no_answer").concat(phone.hasMissed() ? ["voice"] : []), text = names.map(medium).join(", ");
    if (id("missed").dataset.names === text) return;
    id("missed").dataset.names = text;
    id("missed").hidden = !names.length;
    id("missed").replaceChildren(...(names.length ? [make("p", {}, make("strong", {}, "You missed an offer."), ` You are not ready for ${names.map((name) => medium(name).toLowerCase()).join(" and ")} now: nothing more of it is offered to you.`),
        button("Ready again", () => beReady(names), { class: "first" })] : []));
};
const stateAsk = async (name, control) => {
    const [state, reason] = control.value.split(":");
    control.asked = Date.now();
    try {
        await ask("state", { media: name, state, ...(reason ? { reason } : {}), ...(desk.place ? { place: desk.place } : {}) });
        announce(`${medium(name)}: ${stateText(state)}`);
    } catch (error) {
        complain(error);
    }
    control.asked = 0;
    statesShow();
};
const headMake = () => {
    const media = (desk.me.media || []).filter((name) => name !== "voice");
    for (const name of Object.keys(draw)) delete draw[name];
    id("states").replaceChildren(...media.map((name) => {
        const options = [["logged_out", "Logged out"], ["ready", "Ready"], ["not_ready", "Not ready"],
            ...(desk.me.reasons || []).map((reason) => ["not_ready:" + reason, "Not ready: " + plain(reason)]),
            ["after_call_work", "After-contact work"]];
        const control = draw[name] = select(options, { onchange: () => stateAsk(name, control) });
        return labelled(medium(name), control);
    }));
    const sound = button("Sound", () => { mute(!muted()); sound.setAttribute("aria-pressed", String(!muted())); }, { "aria-pressed": String(!muted()) });
    id("self").replaceChildren(button("Find …", find), sound, person(desk.me.agent), button("Log out", leave));
    const views = desk.me.role === "supervisor" ? [["agent", "Desk"], ["supervisor", "Supervision"]] : [];
    id("views").hidden = !views.length;
    id("views").replaceChildren(...views.map(([view, text]) => button(text, () => view_(view), { "data-view": view })));
    id("turn").replaceChildren(...[["list", "Your work"], ["work", "Conversation"], ["about", "Contact"]]
        .map(([part, text]) => button(text, () => turn(part), { "data-part": part })));
    statesShow();
};
const fold = (open) => { id("fold").setAttribute("aria-expanded", String(open)); };
id("fold").onclick = () => fold(id("fold").getAttribute("aria-expanded") !== "true");
export const view_ = (view) => {
    fold(false);
    id("agent").hidden = view !== "agent";
    id("supervisor").hidden = view !== "supervisor";
    for (const one of id("views").children) one.setAttribute("aria-current", one.dataset.view === view ? "page" : "false");
    if (view === "supervisor") supervise.start(); else supervise.stop();
    title();
    waitingShow();
};
// In a narrow window one part of the desk is seen at a time.
export const turn = (part) => {
    id("agent").dataset.part = part;
    for (const one of id("turn").children) one.setAttribute("aria-current", one.dataset.part === part ? "true" : "false");
    waitingShow();
};
// Whoever calls or is offered stands in the list: where that is not seen, a line at the head leads there.
export const waitingShow = () => {
    const offers = work.offered(), said = [phone.ringing() && "The telephone rings", asks() && "You are asked about a call", offers && (offers === 1 ? "An offer waits" : `${offers} offers wait`)].filter(Boolean);
    put(id("waiting"), said.length ? `${said.join(", ")}: show` : "");
    id("waiting").hidden = !said.length || id("list").checkVisibility();
};
id("waiting").onclick = () => {
    view_("agent");
    turn("list");
    settle(phone.ringing(), asks(), id("offers-title"), id("list"));
};
addEventListener("resize", () => waitingShow());
export const title = () => {
    const offers = work.offered();
    document.title = (offers ? `(${offers} offered) ` : "") + (id("supervisor").hidden ? "gcx desk" : "Supervision – gcx desk");
};

// ---- the session ----

const line = (text) => { put(id("line"), text); id("line").classList.toggle("wrong", text !== ""); };
const heard = {
    // All that the server knows of the agent: the page keeps nothing that is not in it.
    welcome(message) {
        if (message.agent !== desk.me.agent) return otherHere();
        line(message.core ? "" : "The router is not there. The page may show old data.");
        heard.states(message.states);
        heard.phone(message.phone);
        again();
        work.whole(message.items);
        bins.watch();
        colleagues().catch(() => {}); // their names
    },
    core(message) {
        if (message.up) bins.routerIsBack();
        line(message.up ? "" : "The router is not there. The page may show old data.");
    },
    states(message) {
        if (message.agent !== desk.me.agent) return;
        desk.states = message.states;
        desk.reasons = message.reasons || {};
        mediaLearn(message.media);
        knowAs(message.agent, message.display);
        put(id("self").querySelector("span"), called(message.agent));
        statesShow();
    },
    count: bins.count,
    notice: complain,
    changed: () => {}, // of interactions that a program watches: the page watches none
    ...work.heard,
    ...phone.heard,
};
const begin = (me) => {
    desk.me = me;
    desk.states = {};
    desk.reasons = {};
    draftsForget(me.agent, false);
    desk.place = localStorage.getItem(PLACE) || "";
    trust(me, otherHere);
    id("entrance").hidden = true;
    id("desk").hidden = false;
    headMake();
    bins.make_();
    phone.make_();
    work.begin();
    turn("list");
    view_("agent");
    settle(id("work"), id("list"));
    line("Connecting …");
    if (sessionStorage.getItem(OTHER)) complain({ text: sessionStorage.getItem(OTHER) });
    sessionStorage.removeItem(OTHER);
    desk.socket = new Socket({
        heard,
        lost: () => line(`The connection is lost. Trying again … Your text is kept here. ${me.grace === 0 ? "Your work goes back to its queue."
            : `Your work stays yours for ${me.grace || 60} seconds, then it goes back to its queue.`}`),
        over: (code) => enter(code === 4002 ? "You went on in another window. Log in to come back here." : "The session is over."),
    });
    performance.mark("usable");
};

addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || id("desk").hidden) return;
    const digit = /^Digit([1-9])$/.exec(event.code);
    if (event.code === "KeyA" && work.acceptFirst()) event.preventDefault();
    else if (digit && work.showNumber(Number(digit[1]))) event.preventDefault();
});
addEventListener("visibilitychange", () => { if (!document.hidden) desk.socket?.network(true); });
for (const there of [true, false]) addEventListener(there ? "online" : "offline", () => desk.socket?.network(there));
addEventListener("beforeunload", (event) => { if (work.unkept()) event.preventDefault(); });

get("api/me").then(begin, (error) => enter(error.code === "lost" ? error.message : ""));

