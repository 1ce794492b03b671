// records.js - Records of calling lists: what the agent says of those that they call, and the next one in preview.
import { announce, attempt, button, id, labelled, make, plain, select } from "./dom.js";
import { ask } from "./main.js";

const RESULTS = [["", "No result"], ["ok", "Reached"], ["wrong_number", "Wrong number"], ["machine", "Answering machine"], ["fax", "Fax"],
    ["busy", "Busy"], ["no_answer", "No answer"], ["silence", "Silence"], ["dropped", "Hung up"]];
const records = new Map(); // by campaign and number
let list = null;

const key = (one) => `${one.campaign} ${one.record}`;
const say = (one, op, more = {}) => ask("record", { op, campaign: one.campaign, record: one.record, ...more });
const remove = (one, text) => {
    one.card?.remove();
    records.delete(key(one));
    announce(text);
    list.nextElementSibling.focus();
};

// What the form has that the router does not know.
const changes = (one) => {
    const fields = Object.fromEntries(one.inputs.map(([name, input]) => [name, input.value]).filter(([name, value]) => value !== one.fields[name]));
    return { ...(one.outcome.value ? { result: one.outcome.value } : {}), ...(Object.keys(fields).length ? { fields } : {}) };
};
const save = async (one) => {
    const said = changes(one);
    await say(one, "update", said);
    Object.assign(one.fields, said.fields);
    announce("The record is saved.");
};
const callBack = async (one, when, mine) => {
    const at = new Date(when.value).getTime();
    if (!at) { when.focus(); throw new Error("When shall it be called? Choose a time, then press Call back."); }
    await say(one, "reschedule", { ...changes(one), at, personal: mine.checked });
    announce("It is called back then; press Done when you are done with it.");
};
const never = async (one) => {
    if (!confirm(`Shall nobody call ${one.number} any more?`)) return;
    await say(one, "do_not_call");
    announce("The number is not called any more; press Done when you are done with it.");
};
const done = async (one) => {
    await say(one, "processed", changes(one));
    remove(one, "The record is done.");
};
const dial = async (one) => {
    await say(one, "dial"); // the list allows it and has noted it, and the router has the telephone call
    one.preview = false;
    one.card.querySelectorAll(".preview").forEach((element) => element.remove());
};
const skip = async (one) => {
    await say(one, "reject");
    remove(one, "The record is skipped.");
};

const cardMake = (one) => {
    const does = (text, act, attributes = {}) => button(text, attempt(() => act(one)), attributes);
    const when = make("input", { type: "datetime-local" }), mine = make("input", { type: "checkbox" });
    one.inputs = Object.entries(one.fields).map(([name, value]) => [name, make("input", { value, maxlength: "4000", autocomplete: "off" })]);
    one.outcome = select(RESULTS);
    if (RESULTS.some(([name]) => name === one.result)) one.outcome.value = one.result;
    return make("article", { "aria-label": `Record ${one.number}` },
        make("p", { class: "row" }, make("span", { class: "subject" }, one.number), make("span", { class: "quiet" }, `${plain(one.campaign)}, called ${one.attempts} times`)),
        one.preview ? make("p", { class: "row preview" }, does("Dial", dial, { class: "first" }), does("Skip", skip)) : null,
        ...one.inputs.map(([name, input]) => labelled(plain(name), input)),
        labelled("Result", one.outcome),
        make("p", { class: "row" }, does("Save", save), does("Done", done, { class: "first" }), does("Do not call", never)),
        make("fieldset", {}, make("legend", {}, "Call back"), labelled("Time", when), labelled("I do it myself", mine),
            button("Call back", attempt(() => callBack(one, when, mine)))));
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
    if (!record) { announce("No record is due."); return; }
    add({ ...record, preview: true });
    records.get(key(record)).card.querySelector("button").focus();
});

export const forget = () => {
    records.clear();
    id("records").hidden = true;
    id("records").replaceChildren(id("records-title"));
    list = null;
};
export const show = (inside) => {
    if (inside && !list) id("records").append(list = make("div", { class: "calls" }), button("Next record", next));
    id("records").hidden = !inside && !records.size;
};
// A call at the telephone; the agent has its record once they talk.
export const called = (call) => {
    const { GSW_CAMPAIGN_NAME: campaign, GSW_RECORD_HANDLE: record } = call.data || {};
    if (campaign && record && call.state === "talking") look(campaign, record);
};
export const told = (message) => { if (!message.chained) look(message.campaign, message.record); };
