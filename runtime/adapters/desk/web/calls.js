// calls.js - What is over at the telephone: the wrap-up of a call, until the agent is done with it, and the list of calls. And
// the timers of what is there.
import { announce, attempt, button, draft, duration, labelled, make, plain, put, select, settle, time } from "./dom.js";
import { t } from "./t.js";
import { desk } from "./main.js";
import { showContact } from "./contact.js";
import { marked } from "./keys.js";
import { persons } from "./people.js";
import { get, putTo } from "./wire.js";

// ---- timers ----

// A text that goes on with the seconds: since when, and what stands before it.
export const timer = (since, text = "") => make("span", { class: "quiet timer", role: "timer", "data-since": String(since || ""), "data-text": text });
const ticks = (root) => {
    for (const one of root.querySelectorAll(".timer")) put(one, one.dataset.since ? `${one.dataset.text}${duration(Date.now() - Number(one.dataset.since))}` : "");
};
export const tick = (root) => ticks(root);
setInterval(() => ticks(document), 1000);

// ---- wrap-up ----

const NOTE_MAX = 2000;
let wraps = null, isReadyAfter = () => false;
export const forget = () => { wraps?.remove(); wraps = null; };
// `panel`: where they stand; readyAfter(): whether the agent is ready once the last one is done.
export const make_ = (panel, readyAfter) => {
    wraps = make("div", { class: "wraps" });
    isReadyAfter = readyAfter;
    panel.append(wraps);
};
const called = (one) => one.name || one.number || t("an unknown number");
const card = (one) => {
    const kept = draft(`${desk.me.agent}-wrapup-${one.call}`), was = kept.read();
    const codes = (desk.me.wrapups || []).length ? select([["", t("No wrap-up code")], ...desk.me.wrapups.map((code) => [code, plain(code)])]) : null;
    const note = make("textarea", { rows: "2", maxlength: String(NOTE_MAX), ...marked("note") });
    for (const [name, value] of Object.entries(codes ? marked("wrap-up") : {})) codes.setAttribute(name, value);
    if (codes) codes.value = was?.wrapup ?? one.wrapup ?? "";
    note.value = was?.note ?? one.note ?? "";
    const said = () => ({ ...(codes?.value ? { wrapup: codes.value } : {}), ...(note.value.trim() ? { note: note.value.trim() } : {}) });
    // What is written is kept at the server, too, so that another browser has it.
    let later = 0;
    const keep = () => {
        kept.write({ wrapup: codes?.value ?? "", note: note.value });
        clearTimeout(later);
        later = setTimeout(() => putTo(`api/calls/${one.call}/wrapup`, { ...said(), done: false }).catch(() => {}), 1000);
    };
    const whole = make("article", { "aria-label": t("Wrap-up of the call with {name}", { name: called(one) }), "data-call": String(one.call), tabindex: "-1" },
        make("p", { class: "row" }, make("span", { class: "medium" }, t("Wrap-up")), make("span", { class: "subject" }, called(one)), timer(one.ended, t("over for "))),
        make("form", { oninput: keep, onsubmit: attempt(async (event) => {
            event.preventDefault();
            clearTimeout(later);
            await putTo(`api/calls/${one.call}/wrapup`, { ...said(), done: true });
            kept.forget();
            announce(t("The call with {name} is done", { name: called(one) }));
            const held = whole.contains(document.activeElement);
            whole.remove();
            if (held) settle(wraps?.querySelector("article"), wraps?.parentElement);
        }) }, codes ? labelled(t("Wrap-up code"), codes) : null, labelled(t("Note, for colleagues"), note),
        make("div", { class: "row" }, make("button", { type: "submit", class: "first", "data-done": "" }, t("Done")),
            one.contact ? button(t("Show contact"), attempt(() => showContact(one.contact))) : null)));
    return whole;
};
// Whoever is in after-call work reads that they are ready then.
export const doneShow = () => {
    const all = [...(wraps?.querySelectorAll("[data-done]") || [])];
    for (const one of all) put(one, all.length === 1 && isReadyAfter() ? t("Done, and ready") : t("Done"));
};
export const heard = {
    // All calls with which the agent is not done. A card that is there stays: somebody may be writing in it.
    wraps(message) {
        if (!wraps) return;
        const there = new Map([...wraps.children].map((one) => [one.dataset.call, one]));
        for (const one of message.calls) {
            if (!there.has(String(one.call))) wraps.append(card(one));
            there.delete(String(one.call));
        }
        for (const one of there.values()) one.remove();
        tick(wraps);
        doneShow();
        seenRead();
    },
};

// ---- the list of calls ----

const SEEN = "gcx-desk-missed-seen", PAGE = 20;
const OUTCOMES = { missed: t("Missed"), declined: t("Declined"), given_up: t("Given up"), busy: t("Busy"), no_answer: t("No answer"), not_reached: t("Not reached") };
const outcome = (one) => one.answered ? `${one.direction === "out" ? t("Called") : t("Answered")}, ${duration((one.ended || Date.now()) - one.answered)}` : OUTCOMES[one.outcome] || (one.outcome ? plain(one.outcome) : t("Rings"));
let head = null;
// How many were missed since the list was looked at last.
const seenRead = async () => {
    if (!head) return;
    try {
        const { calls } = await get("api/calls", { limit: PAGE }), seen = Number(localStorage.getItem(SEEN + desk.me.agent)) || 0;
        const missed = calls.filter((one) => one.outcome === "missed" && one.call > seen).length;
        put(head, missed ? t("Your calls: {count} missed", { count: missed }) : t("Your calls"));
        head.classList.toggle("first", missed > 0);
    } catch { /* it is read again after the next call */ }
};
// A call is over: an open list has it at once.
let listAgain = async () => {};
export const callOver = async () => { await listAgain(); await seenRead(); };
// `dial(number)` calls back.
export const list = (dial) => {
    const rows = make("ul", { class: "history ring" }), more = button(t("Older calls"), attempt(() => load()), { hidden: true });
    const only = make("input", { type: "checkbox" });
    let last = 0;
    const row = (one) => make("li", { class: "row", "data-outcome": one.outcome || null }, time(one.began), make("span", { class: "subject" }, one.contact ? button(one.name || one.number, attempt(() => showContact(one.contact)), { class: "link" }) : one.number || t("unknown number")),
        make("span", { class: "quiet" }, [outcome(one), one.inside && t("colleague"), one.wrapup && plain(one.wrapup)].filter(Boolean).join(" · "), ...(one.agents ? [" · ", ...persons(one.agents)] : [])),
        one.number ? button(t("Call"), attempt(() => dial(one.number)), { "aria-label": t("Call {name}", { name: one.name || one.number }) }) : null);
    const load = async () => {
        const { calls } = await get("api/calls", { limit: PAGE, before: last || undefined });
        if (!last) localStorage.setItem(SEEN + desk.me.agent, String(calls[0]?.call || 0));
        last = calls.at(-1)?.call || last;
        rows.append(...calls.map(row));
        if (!rows.children.length) rows.append(make("li", { class: "none" }, t("No calls yet.")));
        more.hidden = calls.length < PAGE;
        seenRead();
    };
    only.onchange = () => rows.classList.toggle("missed", only.checked);
    const again = async () => {
        last = 0;
        rows.replaceChildren();
        await load();
    };
    const part = make("details", { class: "calls-list", ontoggle: attempt(async () => { if (part.open) await again(); }) }, head = make("summary", {}, t("Your calls")), make("div", { class: "check" }, only, make("label", {}, t("Missed calls only"))), rows, more);
    listAgain = async () => { if (part.open && !rows.contains(document.activeElement)) await again(); };
    only.id = "missed-only";
    only.nextSibling.htmlFor = only.id;
    seenRead();
    return part;
};
