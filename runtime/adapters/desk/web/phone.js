// phone.js - The agent's telephone beside: its state, what rings with who calls, and what can be done with a call.
import { announce, attempt, button, complain, flat, id, labelled, make, medium, plain, put, select } from "./dom.js";
import { t } from "./t.js";
import * as asks from "./asks.js";
import * as over from "./calls.js";
import { tick, timer } from "./calls.js";
import { ask, desk, waitingShow } from "./main.js";
import { ofNumber, showContact } from "./contact.js";
import { favouritesLoad, finder } from "./finder.js";
import { nameAt, person } from "./people.js";
import { statesShow, takenShow } from "./presence.js";
import { framesOf, linksOf } from "./links.js";
import { does, KEYS as SHORTCUTS, marked } from "./keys.js";
import * as records from "./records.js";
import { quiet, ring } from "./sound.js";

const DN = "gcx-desk-dn", KEYS_MOST = 16, KEY_MS = 200; // of one request; how long the other side hears a key
const calls = new Map();
let panel = null, last = null, state = null, why = null, since = null, whom = null, missed = false;
let dn = "", answersHere = true, mutesHere = true, keysHere = true; // false: at this telephone it is done by hand
let softphone = null; // the module of the telephone inside the page, once it is one

const tell = attempt((op, fields = {}) => ask("phone", { op, ...fields }));

const place = () => (desk.place ? { place: desk.place } : {});
// A page that goes would end the call that is in it.
export const talksHere = () => Boolean(softphone?.talks());
const softphoneOn = async (dn, password) => {
    softphone ||= await import("./softphone.js");
    await softphone.register(desk.me.softphone, dn, password, softphoneShow, complain);
};
// Whom the agent dials, or listens to, the page answers by itself: the agent has asked for the call.
const softphoneShow = () => {
    if (softphone.rings() && [...calls.values()].some((call) => call.state === "dialing" || call.monitoring)) softphone.answer();
    connectedShow();
    calls.forEach(callShow);
};
// After a reload the telephone goes on with what this window kept; another window has nothing of it.
const softphoneBack = attempt(async (dn) => {
    softphone = await import("./softphone.js");
    const kept = softphone.kept();
    if (kept.dn !== dn) throw new Error(t("The telephone is not in this window. Log out of it, and in again, to have it here."));
    await softphoneOn(dn, kept.password);
});
// A telephone inside the page registers before its agent logs in at it.
const enters = attempt(async (dn, password) => {
    localStorage.setItem(DN, dn);
    if (desk.me.softphone) await softphoneOn(dn, password);
    await ask("phone", { op: "login", dn, ...place() });
});
const leaves = () => softphone?.end();

// Nothing of the telephone stays when the session is over: nothing rings on.
export const forget = () => {
    calls.clear();
    leaves();
    quiet("call");
    records.forget();
    over.forget();
    panel?.remove();
    missed = false;
};
export const make_ = () => {
    forget();
    id("phone").hidden = !desk.me.phone;
    if (!desk.me.phone) return;
    const at = make("input", { value: localStorage.getItem(DN) || "", maxlength: "64", autocomplete: "off", size: "8" });
    const password = desk.me.softphone ? make("input", { type: "password", autocomplete: "current-password", maxlength: "256", size: "8" }) : null;
    const entry = make("form", { class: "row", onsubmit: (event) => {
        event.preventDefault();
        return enters(at.value.trim(), password?.value);
    } }, labelled(t("Telephone's number"), at), ...(password ? [labelled(t("Its password"), password)] : []), make("button", { type: "submit" }, t("Log in")));
    state = select([["ready", t("Ready")], ["not_ready", t("Not ready")], ...(desk.me.reasons || []).map((reason) => ["not_ready:" + reason, t("Not ready: ") + plain(reason)]),
        ["after_call_work", t("After-call work")], ["logout", t("Log out of it")]], { onchange: attempt(async () => {
        const [op, reason] = state.value.split(":");
        try { await ask("phone", { op, ...(reason ? { reason } : {}) }); } finally { stateShow(last); }
    }) });
    whom = finder(t("Number or name"));
    whom.field.setAttribute("aria-keyshortcuts", marked("whom")["aria-keyshortcuts"]);
    const dials = attempt(async (to) => { await ask("phone", { op: "dial", to }); whom.clear(); });
    const dial = make("form", { class: "row", onsubmit: (event) => { event.preventDefault(); return whom.value() && dials(whom.value()); } },
        whom.box, make("button", { type: "submit" }, t("Dial")));
    why = make("span", { class: "quiet" });
    const field = labelled(t("State"), state);
    since = make("span");
    field.append(why, since);
    panel = make("div", { tabindex: "-1", role: "group", "aria-label": t("Telephone") }, make("p", { class: "away", role: "status" }), entry, field, make("div", { class: "calls" }), dial);
    id("phone").append(panel);
    over.make_(panel, () => last?.state === "after_call_work" && !calls.size);
    panel.append(over.list(dials));
    favouritesLoad().catch(() => {});
    stateShow({ state: "logged_out" }); // until the server says another
};
const OUT = { telephone: t("The telephone is out of service: no calls come. Look whether it is plugged in."), switch: t("The switch cannot be reached: no calls come.") };
const connectedShow = () => {
    const { at, out } = panel.dataset, line = panel.children[0];
    const gone = at === "away" || at !== "logged_out" && desk.me.softphone && !softphone?.registered();
    put(line, gone ? t("The telephone is not connected: no calls come.") : OUT[out] || "");
    line.hidden = !line.textContent;
};
const stateShow = (message) => {
    last = message;
    const [, entry, field, , dial] = panel.children, inside = !["away", "logged_out"].includes(message.state);
    panel.dataset.at = message.state;
    if (message.dn !== dn) [dn, answersHere, mutesHere, keysHere] = [message.dn, true, true, true];
    panel.dataset.out = message.out_of_service || "";
    if (message.state === "logged_out") leaves();
    if (inside && desk.me.softphone && !softphone) softphoneBack(message.dn);
    connectedShow();
    entry.hidden = message.state !== "logged_out";
    field.hidden = dial.hidden = !inside;
    field.dataset.state = message.out_of_service ? "away" : message.state;
    missed = message.state === "not_ready" && message.reason === "no_answer";
    const exact = message.reason ? `${message.state}:${message.reason}` : message.state;
    const listed = [...state.options].some((one) => one.value === exact);
    if (inside) state.value = listed ? exact : message.state;
    put(why, inside && !listed && message.reason ? plain(message.reason) : "");
    since.replaceChildren(inside && message.since ? timer(message.since) : "");
    tick(field);
    over.doneShow();
    records.show(inside);
    statesShow();
};
// A call was not answered: nothing more comes until the agent says that they are there.
export const hasMissed = () => missed;
export const beReady = () => ask("phone", { op: "ready" });
// The telephone's state, as a row of the states by medium; none while the agent is not logged in at it.
export const presence = () => (panel?.isConnected && last && !["away", "logged_out"].includes(last.state) ? [["voice", last.state, last.reason || ""]] : []);
export const count = () => [...calls.values()].filter((call) => !call.monitoring).length;
const RECORDED = { on: t("is recorded"), paused: t("recording is paused") };
const MONITORS = { Listen: t("you listen"), Coach: t("you whisper to the agent"), BargeIn: t("you are heard by all"), TakeOver: t("you take it over") };
const SAYS = { answering: t("is answered …"), ringing: t("rings"), dialing: t("is dialled"), failed: t("was not reached"), talking: t("talks"), held: t("is held") };
const ASKED = { dialing: t("is dialled"), queued: t("waits for somebody"), ringing: t("rings"), established: t("talks with you"), held: t("is held"), aside: t("is on hold"), busy: t("is busy") };
// Buttons that stand for each other have one key: the focus stays with it.
const KEYS = { unmute: "mute", retrieve: "hold", record_pause: "record", record_resume: "record" };
const PRESSED = ["answer", "hold", "release", "swap", "mute", "transfer", "consult", "conference", "complete", "reconnect"];
const SHORT = Object.fromEntries(SHORTCUTS.map(([key, name]) => [name, key]).filter(([name]) => PRESSED.includes(name)));
const keyed = (op, more = {}) => { const key = KEYS[op] || op; return { "data-key": key, ...(SHORT[key] ? { title: SHORT[key], "aria-keyshortcuts": SHORT[key] } : {}), ...more }; };
// The call to whoever is asked: a second one, with its own state and time.
const consultCard = (asked, since, actions) => make("section", { class: "consultation", "aria-label": t("Your question to {number}", { number: asked.number || t("whom you asked") }), "data-state": asked.state },
    make("p", { class: "row" }, make("span", { class: "subject" }, `${asked.number || t("Whom you asked")} ${ASKED[asked.state] || plain(asked.state).toLowerCase()}`), make("span", { class: "quiet" }, nameAt(asked.number)), timer(since)),
    make("p", { class: "row" }, ...actions()));
const callShow = (call) => {
    const does = (text, op, first) => button(text, () => tell(op, { conn: call.conn }), keyed(op, first ? { class: "first" } : {}));
    const towards = (text, op) => button(text, attempt(async () => {
        const to = whom.value();
        if (!to) { whom.field.focus(); throw new Error(t("Whom shall the call go to? Write the number below, then press {text}.", { text })); }
        await ask("phone", { op, conn: call.conn, to });
        whom.clear();
    }), keyed(op));
    const answer = button(t("Answer"), attempt(async () => {
        if (softphone?.answer()) return;
        call.answering = true; // until the telephone says more
        callShow(call);
        try { await ask("phone", { op: "answer", conn: call.conn }); } catch (wrong) {
            call.answering = false;
            callShow(call);
            if (wrong.code !== "unsupported") throw wrong;
            answersHere = false;
            for (const one of calls.values()) callShow(one);
        }
    }), keyed("answer", { class: "first" }));
    const mute = button(call.muted ? t("Unmute") : t("Mute"), attempt(async () => {
        try { await ask("phone", { op: call.muted ? "unmute" : "mute", conn: call.conn }); } catch (wrong) {
            if (wrong.code !== "unsupported") throw wrong;
            mutesHere = false;
            for (const one of calls.values()) callShow(one);
        }
    }), keyed("mute"));
    // The agent talks to the customer meanwhile, and whoever is asked is on hold.
    const aside = call.consulted?.state === "aside";
    // What is done with the call that the agent asks about: it goes there, or whoever is asked comes in.
    const consulting = () => [reached ? does(t("Hand over"), "complete", true) : null, aside || call.consulted?.state === "established" ? does(t("Conference"), "conference") : null,
        aside ? does(t("End the question"), "reconnect") : null];
    const reached = ["queued", "ringing", "established", "aside"].includes(call.consulted?.state);
    const actions = { ringing: [call.answering ? null : answersHere ? answer : make("span", { class: "quiet" }, t("Answer at the telephone.")), does(t("Decline"), "release")], dialing: [does(t("Release"), "release")], failed: [does(t("Release"), "release", true)],
        talking: aside ? [does(t("Swap"), "swap", true), mutesHere && !softphone?.talks() ? mute : null, does(t("Release"), "release")] : [does(t("Hold"), "hold"), mutesHere && !softphone?.talks() ? mute : null, towards(t("Transfer"), "transfer"), towards(t("Ask first"), "consult"), does(t("Release"), "release", true)],
        held: call.consulting ? [call.consulted?.state === "established" ? does(t("Swap"), "swap", true) : null, does(t("Take back"), "reconnect"), does(t("Release"), "release")] : [does(t("Retrieve"), "retrieve", true), does(t("Release"), "release")] }[call.state] || [];
    if (call.monitoring) actions.splice(0, actions.length, does(t("Leave"), "release", true));
    const customer = call.who?.name || (call.about ? call.about.number : call.number);
    // Keys go to a menu at the other side: from the page where it is the telephone, else by the switch where it can.
    const keysTo = (press) => {
        const keys = make("input", { "aria-label": t("Keys"), "data-key": "keys", placeholder: t("Keys"), size: "3", autocomplete: "off", oninput: () => {
            const pressed = (keys.value.match(/[0-9*#]/g) || []).join("");
            keys.value = "";
            return pressed && press(pressed);
        } });
        return keys;
    };
    // A long number, as of a card, goes in pieces: each once the one before was heard, and after what was pressed before.
    const piecesOf = async (pressed) => {
        for (let at = 0; at < pressed.length && calls.has(call.conn); at += KEYS_MOST) {
            if (at) await new Promise((later) => { setTimeout(later, KEYS_MOST * KEY_MS); });
            await ask("phone", { op: "digits", conn: call.conn, digits: pressed.slice(at, at + KEYS_MOST) });
        }
    };
    const digits = attempt(async (pressed) => {
        const before = call.pressing;
        call.pressing = Promise.resolve(before).catch(() => {}).then(() => piecesOf(pressed));
        try { await call.pressing; } catch (wrong) {
            if (wrong.code !== "unsupported") throw wrong;
            keysHere = false;
            for (const one of calls.values()) callShow(one);
        }
    });
    if (call.state === "talking" && !call.monitoring && !call.parties && !desk.me.softphone)
        actions.push(keysHere ? keysTo(digits) : make("span", { class: "quiet" }, t("Keys are pressed at the telephone.")));
    if (softphone?.talks()) {
        const mute = button(t("Mute"), () => { softphone.mute(!softphone.muted()); callShow(call); }, keyed("mute", { "aria-pressed": String(softphone.muted()) }));
        actions.push(mute, keysTo((pressed) => { for (const one of pressed) softphone.key(one); }));
    }
    const recorded = call.monitoring ? null : call.recording === "on" ? does(t("Pause recording"), "record_pause") : call.recording === "paused" ? does(t("Resume recording"), "record_resume") : null;
    if (!call.monitoring && desk.me.wrapups?.length && ["talking", "held"].includes(call.state)) {
        const codes = select([["", t("No wrap-up code")], ...desk.me.wrapups.map((code) => [code, plain(code)])], { "aria-label": t("Wrap-up code"), "data-key": "wrapup", ...marked("wrap-up"), onchange: () => codes.value && tell("wrapup", { conn: call.conn, wrapup: codes.value }) });
        codes.value = call.data?.wrapup ?? "";
        actions.push(codes);
    }
    if (recorded && ["talking", "held"].includes(call.state)) actions.push(recorded);
    const data = flat(Object.fromEntries(Object.entries(call.data || {}).filter(([name]) => !name.startsWith("GSW_"))));
    const linked = { media: "voice", data: call.data, vq: call.vq };
    const card = make("article", { "aria-label": t("Call {number}", { number: call.number || "" }), "data-state": call.state, tabindex: "-1" },
        make("p", { class: "row" }, make("span", { class: "medium" }, medium("voice")), make("span", { class: "subject" }, call.number || t("unknown number")), make("span", { class: "quiet" }, SAYS[call.answering ? "answering" : call.state] || plain(call.state)), timer(call.since),
            call.answered && call.answered !== call.since ? timer(call.answered, t("in all ")) : null,
            MONITORS[call.monitoring] ? make("span", { class: "quiet" }, MONITORS[call.monitoring]) : null,
            RECORDED[call.recording] ? make("span", { class: "quiet" }, RECORDED[call.recording]) : null,
            call.called && call.called !== call.number ? make("span", { class: "quiet" }, t("called {called}", { called: call.called })) : null,
            call.muted ? make("span", { class: "quiet" }, call.state === "held" ? t("you are muted when it is back") : t("you are muted")) : null),
        call.about ? make("p", { class: "consulted" }, call.about.agent ? person(call.about.agent) : call.number || t("A colleague"), t(" asks you about {number}", { number: call.about.number || t("an unknown number") })) : null,
        call.parties ? make("p", { class: "consulted" }, t("In this call: you"), ...call.parties.flatMap((one) => [", ", one.agent ? person(one.agent) : one.number, one.held ? t(" (on hold)") : ""])) : null,
        call.monitors ? make("p", { class: "consulted" }, ...call.monitors.flatMap((one, at) => [at ? ", " : "", person(one.agent), one.whispers ? t(" listens, and whispers") : t(" listens")])) : null,
        call.who ? make("p", {}, button(customer, attempt(() => showContact(call.who.contact)), { class: "link" })) : null,
        data.length ? make("dl", {}, ...data.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])) : null,
        linksOf(linked), ...asks.beside(call), make("p", { class: "row" }, ...actions), call.consulted ? consultCard(call.consulted, call.consulted_since, consulting) : null);
    const frames = framesOf(linked, call.frames);
    if (frames !== call.frames) call.frames?.remove();
    call.frames = frames;
    cardShow(call, card, [...card.querySelectorAll("select")].map((one) => one.value));
    ringShow();
};
// The card of the call that rings.
export const ringing = () => [...calls.values()].find((one) => one.state === "ringing" && !one.answering)?.card;
const ringShow = () => {
    if (ringing()) ring("call"); else quiet("call");
    takenShow();
    waitingShow();
};
// A card that says the same stays. The focus stays on the button with the same key, else on the card, where Enter does nothing.
const cardShow = (call, card, values) => {
    const same = card.outerHTML + values, before = call.card, held = before?.contains(document.activeElement), key = held && document.activeElement.dataset.key;
    if (before && call.shown === same) return;
    call.shown = same;
    if (before) before.replaceWith(card); else panel.querySelector(".calls").append(card);
    call.card = card;
    if (call.frames && call.frames.previousElementSibling !== card) card.after(call.frames);
    tick(card);
    if (held) (card.querySelector(`[data-key="${key || "none"}"]`) || card).focus();
};
const callForget = (conn) => {
    const known = calls.get(conn), held = known?.card.contains(document.activeElement);
    known?.card.remove();
    known?.frames?.remove();
    calls.delete(conn);
    if (held) panel.focus();
    ringShow();
};
// The keys press the first button of theirs that is there.
for (const act of PRESSED) does(act, () => {
    const pressed = panel?.isConnected && panel.querySelector(`.calls [data-key=${act}]`);
    pressed?.click();
    return Boolean(pressed);
});
// A question about a call has changed.
export const casesShow = () => { if (panel) for (const call of calls.values()) callShow(call); };
export const heard = {
    ...over.heard,
    record: records.told,
    question: records.question,
    // The whole truth of the telephone: what it does not have is gone.
    phone(message) {
        if (!panel) return;
        const there = new Set(message.calls.map((call) => call.conn));
        for (const conn of [...calls.keys()]) if (!there.has(conn)) callForget(conn);
        stateShow(message);
        message.calls.forEach(heard.call);
        records.questionIs(message.question);
    },
    call(message) {
        if (!panel) return;
        const known = calls.get(message.conn);
        if (message.state === "released") {
            callForget(message.conn);
            over.doneShow();
            over.callOver().catch(() => {});
            return;
        }
        const call = Object.assign(known || {}, { muted: undefined, recording: undefined, consulting: undefined, consulted: undefined, about: undefined, monitoring: undefined, parties: undefined, monitors: undefined, answered: undefined, consulted_since: undefined, answering: undefined }, message);
        calls.set(message.conn, call);
        if (softphone) softphoneShow(); else callShow(call);
        records.called(call);
        if (known) return;
        const customer = message.about ? message.about.number : message.number;
        if (message.state === "ringing") announce(t("The telephone rings: {number}{more}", { number: message.number || t("unknown number"), more: message.about ? t(", about {customer}", { customer: customer || t("an unknown number") }) : "" }));
        // The screen pop: who calls, or is asked about, is shown while it rings.
        if (customer) ofNumber(customer).then((who) => {
            if (!who || !calls.has(message.conn)) return;
            call.who = who;
            callShow(call);
            showContact(who.contact);
        }, () => {});
    },
};
