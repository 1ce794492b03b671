// main.js - Log in, the head of the page, the views; brings the others together.
import { attempt, button, complain, draftsForget, id, make, mediaLearn, put, settle } from "./dom.js";
import { languageChoice, t } from "./t.js";
import { entrance, field } from "./entrance.js";
import { get, post, Socket, trust } from "./wire.js";
import * as bins from "./bins.js";
import { find } from "./find.js";
import { does, helpButton } from "./keys.js";
import { sentBefore, sentForget } from "./letter.js";
import { notify, settings, unnotify, waits } from "./notify.js";
import { called, colleagues, knowAs, person } from "./people.js";
import * as phone from "./phone.js";
import * as presence from "./presence.js";
import { again, asks } from "./records.js";
import { reviewsButton, reviewsLook } from "./reviews.js";
import { follow } from "./links.js";
import * as together from "./together.js";
import { undoForget } from "./undo.js";
import * as supervise from "./supervise.js";
import * as work from "./work.js";

// The session as all modules know it: who works here, the connection, the own states by medium.
export const desk = { me: null, socket: null, states: {}, reasons: {}, place: "" };
// A request over the connection, at once. `told` as attempt(): a refusal is shown.
export const ask = (type, fields) => desk.socket.ask(type, fields);
export const told = attempt(ask);

const outside = new Set(); // what the browser was asked to tell
const PLACE = "gcx-desk-place", OTHER = "gcx-desk-other";

// ---- the entrance ----

const placed = field("place", [t("Place"), " ", make("small", {}, t("(where you sit)"))], { autocomplete: "off", maxlength: "64", spellcheck: "false" }), place = placed[1];
const entered = entrance({ title: t("gcx desk"), begin: (me) => begin(me), more: placed, given: () => localStorage.setItem(PLACE, place.value.trim()) });
let goodbye = ""; // who has logged the agent out, and why
let noted = ""; // whose notes stand there
const enter = (text = "") => {
    goodbye = "";
    if (desk.socket) desk.socket.end();
    undoForget();
    sentForget();
    desk.socket = desk.me = null;
    supervise.stop();
    phone.forget();
    together.forget();
    work.forget();
    id("desk").hidden = true;
    place.value = localStorage.getItem(PLACE) || "";
    entered(text);
};
// One browser has one session: somebody else has begun theirs in another window. Nothing of this one's stays.
const otherHere = () => {
    const { agent } = desk.me;
    enter();
    draftsForget(agent, true);
    sessionStorage.setItem(OTHER, t("The desk of {name} has ended in this window: another session has begun in this browser.", { name: called(agent) }));
    location.reload();
};
const leave = attempt(async () => {
    if (work.unsent() && !confirm(t("There is text that was not sent. Log out without it?"))) return;
    const { agent } = desk.me;
    try {
        await post("api/logout"); // it ends the connection, too
    } catch (error) {
        if (error.code !== "open") throw error;
        if (!confirm(t("{message} Log out?", { message: error.message }))) return;
        await post("api/logout?force=yes");
    }
    draftsForget(agent, true);
    id("notes").replaceChildren();
    enter(t("You are logged out."));
});

// ---- the head ----

const headMake = () => {
    presence.make_();
    id("self").replaceChildren(button(t("Find …"), find), button(t("Sounds …"), settings), ...reviewsButton(), helpButton(), languageChoice(), person(desk.me.agent), button(t("Log out"), leave));
    const views = desk.me.role === "supervisor" ? [["agent", t("Desk")], ["supervisor", t("Supervision")]] : [];
    id("views").hidden = !views.length;
    id("views").replaceChildren(...views.map(([view, text]) => button(text, () => view_(view), { "data-view": view })));
    id("turn").replaceChildren(...[["list", t("Your work")], ["work", t("Conversation")], ["about", t("Contact")]]
        .map(([part, text]) => button(text, () => turn(part), { "data-part": part })));
};
const fold = (open) => { id("fold").setAttribute("aria-expanded", String(open)); };
id("fold").onclick = () => fold(id("fold").getAttribute("aria-expanded") !== "true");
export const view_ = (view) => {
    fold(false);
    id("agent").hidden = view !== "agent";
    id("supervisor").hidden = view !== "supervisor";
    for (const one of id("views").children) one.setAttribute("aria-current", one.dataset.view === view ? "page" : "false");
    if (view === "supervisor") supervise.start(); else supervise.stop();
    waitingShow();
};
// In a narrow window one part of the desk is seen at a time.
export const turn = (part) => {
    id("agent").dataset.part = part;
    for (const one of id("turn").children) one.setAttribute("aria-current", one.dataset.part === part ? "true" : "false");
    waitingShow();
};
// Tells it outside of the page once, as long as its card is there.
const outsideTell = (tag, card, title) => {
    if (!card) { unnotify(tag); outside.delete(tag); }
    if (!card || outside.has(tag)) return;
    outside.add(tag);
    notify(tag, title, card.getAttribute("aria-label") || "", waitingGo);
};
// Whoever calls or is offered stands in the list: where that is not seen, a line at the head leads there. Where the page is not
// seen, the browser tells it, and the title says how many wait.
export const waitingShow = () => {
    const offers = work.offered(), unread = work.unread(), rings = phone.ringing(), said = [rings && t("The telephone rings"), asks() && t("You are asked about a call"), offers && t("{count} offers wait", { count: offers })].filter(Boolean);
    outsideTell("call", rings, t("The telephone rings"));
    outsideTell("question", asks(), t("You are asked about a call"));
    waits([rings && t("rings"), offers && t("{count} offered", { count: offers }), unread && t("{count} new", { count: unread })].filter(Boolean), id("supervisor").hidden ? t("gcx desk") : t("Supervision – gcx desk"));
    put(id("waiting"), said.length ? t("{said}: show", { said: said.join(", ") }) : "");
    id("waiting").hidden = !said.length || id("list").checkVisibility();
};
export const waitingGo = () => {
    view_("agent");
    turn("list");
    settle(phone.ringing(), asks(), id("offers-title"), id("list"));
};
id("waiting").onclick = waitingGo;
addEventListener("resize", () => waitingShow());

// ---- the session ----

const line = (text) => { put(id("line"), text); id("line").classList.toggle("wrong", text !== ""); };
// The server may have begun anew, with other settings.
const listsAgain = async () => {
    try {
        const me = await get("api/me"), bins_ = ["queues", "workbins", "views"], changed = bins_.some((kind) => String(me[kind]) !== String(desk.me?.[kind]));
        if (!desk.me) return;
        for (const kind of [...bins_, "macros", "links", "outbound"]) desk.me[kind] = me[kind];
        if (changed) { bins.make_(); bins.watch(); }
    } catch { /* the next connection asks again */ }
};
const heard = {
    // All that the server knows of the agent: the page keeps nothing that is not in it.
    welcome(message) {
        if (message.agent !== desk.me.agent) return otherHere();
        line(message.core ? "" : t("The router is not there. The page may show old data."));
        heard.states(message.states);
        heard.phone(message.phone);
        again();
        work.whole(message.items, message.partial);
        work.looksAgain();
        sentBefore();
        if (desk.socket.known) listsAgain();
        desk.socket.known = true;
        bins.watch();
        colleagues().catch(() => {}); // their names
        follow();
        reviewsLook();
    },
    core(message) {
        if (message.up) bins.routerIsBack();
        line(message.up ? "" : t("The router is not there. The page may show old data."));
    },
    states(message) {
        if (message.agent !== desk.me.agent) return;
        desk.states = message.states;
        desk.reasons = message.reasons || {};
        mediaLearn(message.media);
        knowAs(message.agent, message.display);
        put(id("self").querySelector("span"), called(message.agent));
        presence.heard();
    },
    count: bins.count,
    lists(message) {
        desk.me.wrapups = message.wrapups;
        desk.me.tags = message.tags;
    },
    notice(message) {
        const text = complain(message);
        if (message.code === "logged_out") goodbye = text;
        if (message.code === "reviewed") reviewsLook();
    },
    changed: () => {}, // of interactions that a program watches: the page watches none
    ...work.heard,
    ...phone.heard,
    ...together.heard,
};
const begin = (me) => {
    desk.me = me;
    desk.states = {};
    desk.reasons = {};
    draftsForget(me.agent, false);
    desk.place = localStorage.getItem(PLACE) || "";
    trust(me, otherHere);
    if (noted !== me.agent) id("notes").replaceChildren(); // what was said to who was here before
    noted = me.agent;
    id("entrance").hidden = true;
    id("desk").hidden = false;
    headMake();
    bins.make_();
    phone.make_();
    work.begin();
    turn("list");
    view_("agent");
    settle(id("work"), id("list"));
    line(t("Connecting …"));
    if (sessionStorage.getItem(OTHER)) complain({ text: sessionStorage.getItem(OTHER) });
    sessionStorage.removeItem(OTHER);
    desk.socket = new Socket({
        heard,
        lost: () => line(t("The connection is lost. Trying again … Your text is kept here. {more}", { more: me.grace === 0 ? t("Your work goes back to its queue.")
            : t("Your work stays yours for {count} seconds, then it goes back to its queue.", { count: me.grace || 60 }) })),
        over: (code) => enter(code === 4002 ? t("You went on in another window. Log in to come back here.") : goodbye || t("The session is over.")),
    });
    performance.mark("usable");
};

does("find", () => Boolean(find()));
does("list", () => { view_("agent"); turn("list"); settle(id("list")); return true; });
// The page is seen again, or goes on after it was frozen, or the computer has slept: the clock is further than the timer knows.
const woke = () => desk.socket?.woke();
addEventListener("visibilitychange", () => { if (!document.hidden) woke(); });
for (const kind of ["resume", "pageshow"]) document.addEventListener(kind, woke);
const TICK_MS = 5000;
let ticked = Date.now();
setInterval(() => {
    if (Date.now() - ticked > 4 * TICK_MS) woke();
    ticked = Date.now();
}, TICK_MS);
for (const there of [true, false]) addEventListener(there ? "online" : "offline", () => desk.socket?.network(there));
// A file that is dropped where nothing takes it would stand in the page's place.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
addEventListener("beforeunload", (event) => { if (work.unkept() || phone.talksHere()) event.preventDefault(); });

get("api/me").then(begin, (error) => enter(error.code === "lost" ? error.message : ""));

