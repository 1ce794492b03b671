// phone.js - The agent's telephone beside: its state, what rings with who calls, and what can be done with a call.
import { announce, attempt, button, flat, id, labelled, make, medium, plain, select } from "./dom.js";
import { ask, desk } from "./main.js";
import { ofNumber, showContact } from "./contact.js";
import * as records from "./records.js";
import { quiet, ring } from "./sound.js";
import { idle } from "./work.js";

const DN = "gcx-desk-dn";
const calls = new Map();
let panel = null, state = null, number = null, answersHere = true; // false: calls are answered at the telephone itself

const tell = attempt((op, fields = {}) => ask("phone", { op, ...fields }));

export const make_ = () => {
    calls.clear();
    quiet("call");
    records.forget();
    panel?.remove();
    id("phone").hidden = !desk.me.phone;
    if (!desk.me.phone) return;
    const dn = make("input", { value: localStorage.getItem(DN) || "", maxlength: "64", autocomplete: "off", size: "8" });
    const entry = make("form", { class: "row", onsubmit: (event) => {
        event.preventDefault();
        localStorage.setItem(DN, dn.value.trim());
        tell("login", { dn: dn.value.trim(), ...(desk.place ? { place: desk.place } : {}) });
    } }, labelled("Telephone's number", dn), make("button", { type: "submit" }, "Log in"));
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
const stateShow = (message) => {
    const [away, entry, field, , dial] = panel.children, inside = !["away", "logged_out"].includes(message.state);
    away.hidden = message.state !== "away";
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
        try { await ask("phone", { op: "answer", conn: call.conn }); } catch (wrong) {
            if (wrong.code !== "unsupported") throw wrong;
            answersHere = false;
            for (const one of calls.values()) callShow(one);
        }
    }), { class: "first" });
    const actions = { ringing: [answersHere ? answer : make("span", { class: "quiet" }, "Answer at the telephone."), does("Decline", "release")], dialing: [does("Release", "release")],
        talking: [does("Hold", "hold"), towards("Transfer", "transfer"), towards("Ask first", "consult"), does("Release", "release", true)],
        held: call.consulting ? [does("Hand over", "complete", true), does("Conference", "conference"), does("Take back", "reconnect")] : [does("Retrieve", "retrieve", true), does("Release", "release")] }[call.state] || [];
    if (call.monitoring) actions.splice(0, actions.length, does("Leave", "release", true));
    const recorded = call.monitoring ? null : call.recording === "on" ? does("Pause recording", "record_pause") : call.recording === "paused" ? does("Resume recording", "record_resume") : null;
    if (!call.monitoring && desk.me.wrapups?.length && ["talking", "held"].includes(call.state)) {
        const codes = select([["", "No wrap-up code"], ...desk.me.wrapups.map((code) => [code, plain(code)])], { "aria-label": "Wrap-up code", onchange: () => codes.value && tell("wrapup", { conn: call.conn, wrapup: codes.value }) });
        codes.value = call.data?.wrapup ?? "";
        actions.push(codes);
    }
    if (recorded && ["talking", "held"].includes(call.state)) actions.push(recorded);
    const held = call.card?.contains(document.activeElement);
    const data = flat(Object.fromEntries(Object.entries(call.data || {}).filter(([name]) => !name.startsWith("GSW_"))));
    const card = make("article", { "aria-label": `Call ${call.number || ""}`, "data-state": call.state },
        make("p", { class: "row" }, make("span", { class: "medium" }, medium("voice")), make("span", { class: "subject" }, call.number || "unknown number"), make("span", { class: "quiet" }, SAYS[call.state] || plain(call.state)),
            MONITORS[call.monitoring] ? make("span", { class: "quiet" }, MONITORS[call.monitoring]) : null,
            RECORDED[call.recording] ? make("span", { class: "quiet" }, RECORDED[call.recording]) : null),
        call.who ? make("p", {}, button(call.who.name || call.number, attempt(() => showContact(call.who.contact)), { class: "link" })) : null,
        data.length ? make("dl", {}, ...data.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])) : null,
        make("p", { class: "row" }, ...actions));
    if (call.card) call.card.replaceWith(card); else panel.querySelector(".calls").append(card);
    call.card = card;
    if (held) card.querySelector("button")?.focus();
    if ([...calls.values()].some((one) => one.state === "ringing")) ring("call"); else quiet("call");
};
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
        const call = Object.assign(known || {}, { recording: undefined, consulting: undefined, monitoring: undefined }, message);
        calls.set(message.conn, call);
        callShow(call);
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
