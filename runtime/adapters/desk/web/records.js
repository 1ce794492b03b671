// records.js - Records of calling lists: what the agent says of those that they call, the next one in preview, and what
// the agent is asked about before it is dialled, or before a call comes.
import { announce, attempt, button, flat, id, keepField, labelled, make, plain, select, settle, tell } from "./dom.js";
import { t } from "./t.js";
import { ask, desk, waitingShow } from "./main.js";
import { quiet, ring } from "./sound.js";

const RESULTS = [["", t("No result")], ["ok", t("Reached")], ["wrong_number", t("Wrong number")], ["machine", t("Answering machine")], ["fax", t("Fax")],
    ["busy", t("Busy")], ["no_answer", t("No answer")], ["silence", t("Silence")], ["dropped", t("Hung up")]];
const records = new Map(); // by campaign and number; questions about calls by ticket
let list = null, ticking = 0;

const key = (one) => (one.record ? `${one.campaign} ${one.record}` : one.ticket);
const say = (one, op, more = {}) => ask("record", { op, campaign: one.campaign, record: one.record, ...more });
const remove = (one, text) => {
    const held = one.card?.contains(document.activeElement);
    one.card?.remove();
    one.keeps?.forEach((forget) => forget());
    records.delete(key(one));
    tick();
    announce(text);
    if (held) settle(id("records-title"));
};

// Entries of the form that the router does not know.
const changes = (one) => {
    const fields = Object.fromEntries(one.inputs.map(([name, input]) => [name, input.value]).filter(([name, value]) => value !== one.fields[name]));
    return { ...(one.outcome.value ? { result: one.outcome.value } : {}), ...(Object.keys(fields).length ? { fields } : {}) };
};
const save = async (one) => {
    const said = changes(one);
    await say(one, "update", said);
    Object.assign(one.fields, said.fields);
    one.keeps.forEach((forget) => forget());
    tell(t("The record is saved."));
};
const callBack = async (one, when, mine) => {
    const at = new Date(when.value).getTime();
    if (!at) { when.focus(); throw new Error(t("When shall it be called? Choose a time, then press Call back.")); }
    await say(one, "reschedule", { ...changes(one), at, personal: mine.checked });
    if (!one.ends) tell(t("It is called back then; press Done when you are done with it."));
};
const never = async (one) => {
    if (!confirm(t("Shall nobody call {number} any more?", { number: one.number }))) return;
    await say(one, "do_not_call");
    if (!one.ends) tell(t("The number is not called any more; press Done when you are done with it."));
};
const done = async (one) => {
    await say(one, "processed", changes(one));
    remove(one, t("The record is done."));
};
// An agent dials the records that they asked for, again where nobody was reached, and skips them before they are dialled.
const DIALS = ["preview", "dialled"];
const stateIs = (one, state) => {
    const dials = one.card.children[1];
    one.state = state;
    dials.hidden = !DIALS.includes(state);
    dials.lastElementChild.hidden = state !== "preview";
};
const dial = async (one) => {
    await say(one, "dial"); // the list allows it and has noted it, and the router has the telephone call
    stateIs(one, "dialled");
};
const skip = async (one) => {
    await say(one, "reject");
    remove(one, t("The record is skipped."));
};
// The list knows the customer's other numbers; each is told before the answer.
let others = [];
const times = (count) => t("{count} times", { count: count || 0 });
const STATES = { ready: t("to be called"), retrieved: t("to be called"), updated: t("done"), chain_updated: t("not called any more"), cancelled: t("not called any more"), missed_callback: t("a call-back was missed") };
const chained = async (one) => {
    others = [];
    await say(one, "chained");
    const lines = others.map((other) => make("li", {}, t("{number}: {most}, called {times}", { number: other.number, most: STATES[other.state] || plain(other.state || ""), times: times(other.attempts) }) +
        (other.result && other.result !== "other" ? `, ${plain(other.result)}` : "")));
    one.card.querySelector(".chain").replaceChildren(...lines);
    tell(lines.length ? t("The customer has {count} more.", { count: lines.length }) : t("The customer has no other number."));
};

// ---- what the agent is asked ----

// The card of who asks now.
export const asks = () => [...records.values()].find((one) => one.ends)?.card;
const tick = () => {
    const open = [...records.values()].filter((one) => one.ends);
    clearInterval(ticking);
    ticking = open.length ? setInterval(tick, 250) : 0;
    if (open.length) ring("question"); else quiet("question");
    waitingShow();
    for (const one of open) {
        const left = Math.max(0, one.ends - performance.now());
        one.card.querySelector("progress").value = left;
        one.card.querySelector(".left").textContent = `${Math.ceil(left / 1000)} s`;
    }
};
const answer = (op) => (one) => ask("phone", { op, ticket: one.ticket });
const asked = (one, does) => [
    make("p", { class: "row" }, make("progress", { max: one.left || 1, "aria-label": t("Time left to answer") }), make("span", { class: "left", "aria-hidden": "true" })),
    make("p", { class: "row" }, does(one.record ? t("Dial") : t("Accept"), answer("accept"), { class: "first" }), does(one.record ? t("Skip") : t("Decline"), answer("decline")))];
const callCard = (one, does) => {
    const data = flat(one.data || {});
    return make("article", { "aria-label": t("Question {number}", { number: one.number }) },
        make("p", { class: "row" }, make("span", { class: "subject" }, one.number || t("unknown number")), make("span", { class: "quiet" }, t("wants to speak with you"))),
        data.length ? make("dl", {}, ...data.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])) : null,
        ...asked(one, does));
};
const OVER = { rejected: t("It goes to the next agent."), no_answer: t("The time to answer is over; you are not ready now."), redirected: t("Somebody else has it."), abandoned: t("The caller has hung up.") };
export const question = (message) => {
    const known = [...records.values()].find((one) => one.ticket === message.ticket);
    if (!message.over) {
        if (known) { known.ends = performance.now() + message.left; return; }
        records.get(key(message))?.card.remove();
        records.delete(key(message));
        add({ fields: {}, attempts: 0, ...message, ends: performance.now() + message.left });
        announce(message.record ? t("Shall this record be dialled? {number}", { number: message.number }) : t("A call for you: {number}", { number: message.number || t("unknown number") }));
        tick();
    } else if (known && message.over === "accepted" && known.record) {
        known.ends = 0; // it is dialled, and the call comes with the record
        const before = known.card, held = before.contains(document.activeElement);
        known.card = cardMake(known);
        before.replaceWith(known.card);
        if (held) settle(known.card);
        tick();
        announce(t("The number is dialled."));
    } else if (known) {
        const taken = message.over === "accepted" ? t("The call comes.") : known.record && !known.ends ? t("The number reached nobody.") : t("It is done.");
        remove(known, OVER[message.over] || taken);
    }
};

// The one question that stands; any other is over.
export const questionIs = (message) => {
    for (const one of [...records.values()]) if (one.ends && one.ticket !== message?.ticket) remove(one, t("It is done."));
    if (message) question(message);
};

const cardMake = (one) => {
    const does = (text, act, attributes = {}) => button(text, attempt(() => act(one)), attributes);
    if (!one.record) return callCard(one, does);
    const when = make("input", { type: "datetime-local" }), mine = make("input", { type: "checkbox" });
    one.inputs = Object.entries(one.fields).map(([name, value]) => [name, make("input", { value, maxlength: "4000", autocomplete: "off" })]);
    one.outcome = select(RESULTS);
    if (RESULTS.some(([name]) => name === one.result)) one.outcome.value = one.result;
    one.keeps = [...one.inputs, ["result", one.outcome], ["at", when], ["mine", mine]].map(([name, field]) => keepField(field, `${desk.me.agent}-record-${key(one)}-${name}`));
    return make("article", { "aria-label": t("Record {number}", { number: one.number }) },
        make("p", { class: "row" }, make("span", { class: "subject" }, one.number), make("span", { class: "quiet" }, t("{campaign}, called {times}", { campaign: plain(one.campaign), times: times(one.attempts) }))),
        ...(one.ends ? asked(one, does) : [make("p", { class: "row", hidden: !DIALS.includes(one.state) }, does(t("Dial"), dial, { class: "first" }), does(t("Skip"), skip, { hidden: one.state !== "preview" }))]),
        ...one.inputs.map(([name, input]) => labelled(plain(name), input)),
        labelled(t("Result"), one.outcome),
        make("p", { class: "row" }, does(t("Save"), save), one.ends ? null : does(t("Done"), done, { class: "first" }), does(t("Do not call"), never), does(t("Other numbers"), chained)),
        make("ul", { class: "chain" }),
        make("fieldset", {}, make("legend", {}, t("Call back")), labelled(t("Time"), when), labelled(t("I do it myself"), mine),
            button(t("Call back"), attempt(() => callBack(one, when, mine)))));
};
const add = (one) => {
    if (!list || records.has(key(one))) return;
    records.set(key(one), one);
    one.card = cardMake(one);
    list.append(one.card);
};
// The router shows what it knows of it.
const look = attempt(async (campaign, record) => {
    if (records.has(key({ campaign, record }))) return;
    const { record: shown } = await ask("record", { op: "status", campaign, record });
    if (shown) add(shown);
});
const next = attempt(async () => {
    const { record } = await ask("record", { op: "get" });
    if (!record) { tell(t("No record is due.")); return; }
    add(record);
    settle(records.get(key(record)).card);
});

// After a new connection: what the router says that the agent has no more, goes; the others are as it says.
const NOT_OURS = ["gone", "no_privilege", "closed"];
export const again = () => [...records.values()].filter((one) => one.record && !one.ends).forEach(async (one) => {
    try {
        const { record } = await say(one, "status");
        if (records.get(key(one)) === one && record) stateIs(one, record.state);
    } catch (wrong) {
        if (records.get(key(one)) === one && NOT_OURS.includes(wrong.code)) remove(one, t("You have the record no more."));
    }
});

export const forget = () => {
    records.clear();
    tick();
    id("records").hidden = true;
    id("records").replaceChildren(id("records-title"));
    list = null;
};
export const show = (inside) => {
    if (inside && !list) id("records").append(list = make("div", { class: "calls" }), button(t("Next record"), next));
    id("records").hidden = !inside && !records.size;
};
// A call at the telephone; the agent has its record once they talk.
export const called = (call) => {
    const { GSW_CAMPAIGN_NAME: campaign, GSW_RECORD_HANDLE: record } = call.data || {};
    if (campaign && record && call.state === "talking") look(campaign, record);
};
export const told = (message) => { if (message.chained) others.push(message); else look(message.campaign, message.record); };
