// phone.js - The agent's telephone beside: its state, what rings with who calls, and what can be done with a call.
import { announce, attempt, button, complain, flat, id, labelled, make, medium, plain, select } from "./dom.js";
import * as asks from "./asks.js";
import { ask, desk } from "./main.js";
import { ofNumber, showContact } from "./contact.js";
import * as records from "./records.js";
import { quiet, ring } from "./sound.js";
import { idle } from "./work.js";

const DN = "gcx-desk-dn";
const calls = new Map();
let panel = null, state = null, number = null, answersHere = true, mutesHere = true; // false: calls are answered, and muted, at the telephone itself
let softphone = null; // the module of the telephone inside the page, once it is one

const tell = attempt((op, fields = {}) => ask("phone", { op, ...fields }));

const place = () => (desk.place ? { place: desk.place } : {});
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
    if (kept.dn !== dn) throw new Error("The telephone is not in this window. Log out of it, and in again, to have it here.");
    await softphoneOn(dn, kept.password);
});
// A telephone inside the page registers before its agent logs in at it.
const enters = attempt(async (dn, password) => {
    localStorage.setItem(DN, dn);
    if (desk.me.softphone) await softphoneOn(dn, password);
    await ask("phone", { op: "login", dn, ...place() });
});
export const leaves = () => softphone?.end();

export const make_ = () => {
    calls.clear();
    leaves();
    quiet("call");
    records.forget();
    panel?.remove();
    id("phone").hidden = !desk.me.phone;
    if (!desk.me.phone) return;
    const dn = make("input", { value: localStorage.getItem(DN) || "", maxlength: "64", autocomplete: "off", size: "8" });
    const password = desk.me.softphone ? make("input", { type: "password", autocomplete: "current-password", maxlength: "256", size: "8" }) : null;
    const entry = make("form", { class: "row", onsubmit: (event) => {
        event.preventDefault();
        enters(dn.value.trim(), password?.value);
    } }, labelled("Telephone's number", dn), ...(password ? [labelled("Its password", password)] : []), make("button", { type: "submit" }, "Log in"));
    state = select([["ready", "Ready"], ["not_ready", "Not ready"], ...(desk.me.reasons || []).map((reason) => ["not_ready:" + reason, "Not ready: " + plain(reason)]),
        ["after_call_work", "After-call work"], ["logout", "Log out of it"]], { onchange: () => {
        const [op, reason] = state.value.split(":");
        tell(op, reason ? { reason } : {});
    } });
    number = make("input", { type: "tel", autocomplete: "off", maxlength: "64", size: "10" });
    const dial = make("form", { class: "row", onsubmit: (event) => { event.preventDefault(); if (number.value.trim()) tell("dial", { to: number.value.trim() }); } },
        labelled("Number or name", number), make("button", { type: "submit" }, "Dial"));
    panel = make("div", {}, make("p", { class: "quiet away" }, "The telephone is not connected."), entry, labelled("State", state), make("div", { class: "calls" }), dial);
    id("phone").append(panel);
    stateShow({ state: "logged_out" }); // until the server says another
};
const connectedShow = () => {
    const { at } = panel.dataset;
    panel.children[0].hidden = at !== "away" && (at === "logged_out" || !desk.me.softphone || Boolean(softphone?.registered()));
};
const stateShow = (message) => {
    const [, entry, field, , dial] = panel.children, inside = !["away", "logged_out"].includes(message.state);
    panel.dataset.at = message.state;
    if (message.state === "logged_out") leaves();
    if (inside && desk.me.softphone && !softphone) softphoneBack(message.dn);
    connectedShow();
    entry.hidden = message.state !== "logged_out";
    field.hidden = dial.hidden = !inside;
    field.dataset.state = message.state;
    const exact = message.reason ? `${message.state}:${message.reason}` : message.state;
    if (inside) state.value = [...state.options].some((one) => one.value === exact) ? exact : message.state;
    records.show(inside);
    idle();
    if (message.code) announce(`The telephone was not logged in: ${plain(message.code)}`);
};
export const isReady = () => Boolean(panel?.isConnected) && ["ready", "after_call_work"].includes(panel.children[2].dataset.state);
const RECORDED = { on: "is recorded", paused: "recording is paused" };
const MONITORS = { Listen: "you listen", Coach: "you whisper to the agent", BargeIn: "you are heard by all" };
const SAYS = { ringing: "rings", dialing: "is dialled", talking: "talks", held: "is held" };
const callShow = (call) => {
    const does = (text, op, first) => button(text, () => tell(op, { conn: call.conn }), first ? { class: "first" } : {});
    const towards = (text, op) => button(text, attempt(async () => {
        const to = number.value.trim();
        if (!to) { number.focus(); throw new Error(`Whom shall the call go to? Write the number below, then press ${text}.`); }
        await ask("phone", { op, conn: call.conn, to });
    }));
    const answer = button("Answer", attempt(async () => {
        if (softphone?.answer()) return;
        try { await ask("phone", { op: "answer", conn: call.conn }); } catch (wrong) {
            if (wrong.code !== "unsupported") throw wrong;
            answersHere = false;
            for (const one of calls.values()) callShow(one);
        }
    }), { class: "first" });
    const mute = button(call.muted ? "Unmute" : "Mute", attempt(async () => {
        try { await ask("phone", { op: call.muted ? "unmute" : "mute", conn: call.conn }); } catch (wrong) {
            if (wrong.code !== "unsupported") throw wrong;
            mutesHere = false;
            for (const one of calls.values()) callShow(one);
        }
    }));
    const actions = { ringing: [answersHere ? answer : make("span", { class: "quiet" }, "Answer at the telephone."), does("Decline", "release")], dialing: [does("Release", "release")],
        talking: [does("Hold", "hold"), mutesHere && !softphone?.talks() ? mute : null, towards("Transfer", "transfer"), towards("Ask first", "consult"), does("Release", "release", true)],
        held: call.consulting ? [does("Hand over", "complete", true), does("Conference", "conference"), does("Take back", "reconnect")] : [does("Retrieve", "retrieve", true), does("Release", "release")] }[call.state] || [];
    if (call.monitoring) actions.splice(0, actions.length, does("Leave", "release", true));
    if (softphone?.talks()) {
        const mute = button("Mute", () => { softphone.mute(!softphone.muted()); callShow(call); }, { "aria-pressed": String(softphone.muted()) });
        const keys = make("input", { "aria-label": "Keys", placeholder: "Keys", size: "3", autocomplete: "off", oninput: () => {
            for (const one of keys.value.match(/[0-9*#]/g) || []) softphone.key(one);
            keys.value = "";
        } });
        actions.push(mute, keys);
    }
    const recorded = call.monitoring ? null : call.recording === "on" ? does("Pause recording", "record_pause") : call.recording === "paused" ? does("Resume recording", "record_resume") : null;
    if (!call.monitoring && desk.me.wrapups?.length && ["talking", "held"].includes(call.state)) {
        const codes = select([["", "No wrap-up code"], ...desk.me.wrapups.map((code) => [code, plain(code)])], { "aria-label": "Wrap-up code", onchange: () => codes.value && tell("wrapup", { conn: call.conn, wrapup: codes.value }) });
        codes.value = call.data?.wrapup ?? "";
        actions.push(codes);
    }
    if (recorded && ["talking", "held"].includes(call.state)) actions.push(recorded);
    const held = call.card?.contains(document.activeElement), at = held && document.activeElement.getAttribute("aria-label");
    const data = flat(Object.fromEntries(Object.entries(call.data || {}).filter(([name]) => !name.startsWith("GSW_"))));
    const card = make("article", { "aria-label": `Call ${call.number || ""}`, "data-state": call.state },
        make("p", { class: "row" }, make("span", { class: "medium" }, medium("voice")), make("span", { class: "subject" }, call.number || "unknown number"), make("span", { class: "quiet" }, SAYS[call.state] || plain(call.state)),
            MONITORS[call.monitoring] ? make("span", { class: "quiet" }, MONITORS[call.monitoring]) : null,
            RECORDED[call.recording] ? make("span", { class: "quiet" }, RECORDED[call.recording]) : null,
            call.muted ? make("span", { class: "quiet" }, "you are muted") : null),
        call.who ? make("p", {}, button(call.who.name || call.number, attempt(() => showContact(call.who.contact)), { class: "link" })) : null,
        data.length ? make("dl", {}, ...data.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])) : null,
        ...asks.beside(call), make("p", { class: "row" }, ...actions));
    if (call.card) call.card.replaceWith(card); else panel.querySelector(".calls").append(card);
    call.card = card;
    if (held) card.querySelector(at === "Keys" ? "[aria-label=Keys]" : "button")?.focus();
    if ([...calls.values()].some((one) => one.state === "ringing")) ring("call"); else quiet("call");
};
// A question about a call has changed.
export const casesShow = () => { if (panel) for (const call of calls.values()) callShow(call); };
export const heard = {
    record: records.told,
    question: records.question,
    phone(message) { if (panel) stateShow(message); },
    call(message) {
        if (!panel) return;
        const known = calls.get(message.conn);
        if (message.state === "released") {
            known?.card.remove();
            calls.delete(message.conn);
            if (![...calls.values()].some((one) => one.state === "ringing")) quiet("call");
            return;
        }
        const call = Object.assign(known || {}, { muted: undefined, recording: undefined, consulting: undefined, monitoring: undefined }, message);
        calls.set(message.conn, call);
        if (softphone) softphoneShow(); else callShow(call);
        records.called(call);
        if (known) return;
        if (message.state === "ringing") announce(`The telephone rings: ${message.number || "unknown number"}`);
        // The screen pop: who calls is shown while it rings.
        if (message.number) ofNumber(message.number).then((who) => {
            if (!who || !calls.has(message.conn)) return;
            call.who = who;
            callShow(call);
            showContact(who.contact);
        }, () => {});
    },
};
