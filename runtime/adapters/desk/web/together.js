// together.js - Colleagues: notes that the customer never sees, whom they name, a second pair of eyes on a draft, and who reads
// and who writes.
import { announce, attempt, bdi, button, dialog, id, insertText, keepField, key, labelled, make, medium, moment, put, select, settle, tell, time, wentOut, wordOf } from "./dom.js";
import { marked } from "./keys.js";
import { t } from "./t.js";
import { ask, desk, turn, view_, waitingGo } from "./main.js";
import { before, transcriptWhole } from "./contact.js";
import { notify, unnotify } from "./notify.js";
import { called, colleagues, person } from "./people.js";
import { undoable } from "./undo.js";
import { putTo } from "./wire.js";
import { all, show, showOther } from "./work.js";

const NOTE_MAX = 4000;
const write = (interaction, note) => putTo(`api/interactions/${interaction}/note`, note);

// A list of colleagues: who is chosen is named in the text.
export const naming = (field) => {
    const list = select([["", t("Name a colleague")]], { "aria-label": t("Name a colleague"), onchange: () => {
        if (!list.value) return;
        insertText(field, `@${list.value} `);
        list.value = "";
        settle(field);
    } });
    const fill = attempt(async () => {
        const there = await colleagues();
        list.replaceChildren(list.firstChild, ...there.filter((one) => one.agent !== desk.me.agent).map((one) => make("option", { value: one.agent }, one.display || one.agent)));
    });
    list.addEventListener("focus", fill);
    fill();
    return list;
};

// The notes of an interaction, and the field for another one. `interaction()` answers the store's number of it.
export const notes = (name, interaction, open = true) => {
    const list = make("ul", { class: "colleagues", "aria-label": t("Notes for colleagues") }), field = make("textarea", { rows: "2", maxlength: String(NOTE_MAX), required: true, ...marked("note") });
    const forget = keepField(field, `${desk.me.agent}-note-${name}`);
    let own = key();
    const load = async () => {
        const messages = await transcriptWhole(await interaction());
        list.replaceChildren(...messages.filter((one) => one.visible === "agents" && one.text).map((one) => make("li", {}, make("span", { class: "by" }, bdi(one.from || wordOf(one.role)), " · ", moment(one.at)), " ", make("span", { class: "text" }, one.text))));
    };
    const element = make("form", { class: "between", oninput: () => { own = key(); }, onsubmit: attempt(async (event) => {
        event.preventDefault();
        const said = field.value, { told } = await write(await interaction(), { key: own, text: said.trim() });
        wentOut(field, said, forget);
        own = key();
        await load();
        announce(told.length ? t("The note is kept, and {told} told", { told: told.map(called).join(", ") }) : t("The note is kept"));
    }) }, list, labelled(t("Note, for colleagues only"), field), make("div", { class: "row" }, make("button", { type: "submit" }, t("Keep note")), naming(field)));
    if (open) load().catch(() => {});
    return { element, again: attempt(load), forget, unsent: () => field.value.trim() !== "",
        take(text) { field.value = [field.value.trim(), text].filter(Boolean).join("\n"); field.dispatchEvent(new Event("input", { bubbles: true })); } };
};

// ---- a second pair of eyes ----

// A button by which a colleague is asked to read the text before it is sent.
export const second = (item, interaction, text) => button(t("Let a colleague read it …"), () => dialog(t("A second pair of eyes"), (close) => {
    const whom = select([["", t("Choose a colleague")]], { required: true }), remark = make("input", { maxlength: "400", autocomplete: "off" }), name = key(), written = text().trim();
    if (!written) return make("p", { class: "none" }, t("Write something first: there is nothing to read yet."));
    colleagues().then((there) => whom.append(...there.filter((one) => one.agent !== desk.me.agent).map((one) => make("option", { value: one.agent }, one.display || one.agent))), () => {});
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        await write(await interaction(), { key: name, text: remark.value.trim() || t("Please read my answer before it is sent."), tell: [whom.value], draft: written });
        close();
        tell(t("{name} is asked to read it", { name: called(whom.value) }));
    }) }, labelled(t("Colleague"), whom), labelled(t("What shall they look at?"), remark), make("p", { class: "text said" }, written), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Ask them"))));
}, item));
const answer = (one) => dialog(t("The draft of {name}", { name: called(one.by) }), (close) => {
    const text = make("textarea", { rows: "10", maxlength: "20000", required: true }), remark = make("input", { maxlength: "400", autocomplete: "off" }), name = key();
    text.value = one.draft;
    const forget = keepField(text, `${desk.me.agent}-read-${one.mention}`);
    const say = attempt(async (verdict) => {
        if (!text.reportValidity()) return;
        const said = verdict === "approved" ? t("Your answer is good as it is.") : t("I have changed your answer.");
        await write(one.interaction, { key: name, mention: one.mention, verdict, draft: text.value, text: remark.value.trim() || said });
        forget();
        close();
        tell(t("{name} is told", { name: called(one.by) }));
    });
    const good = button(t("Approve"), () => say("approved"), { class: "first" }), changed = button(t("Give back changed"), () => say("changed"));
    const shows = () => { const same = text.value === one.draft; good.disabled = !same; changed.disabled = same; };
    text.addEventListener("input", shows);
    shows();
    return make("div", {}, make("p", {}, one.text), labelled(t("The draft"), text), labelled(t("What you say of it"), remark), make("div", { class: "row" }, good, changed));
});

// ---- what names the agent ----

let known = new Set(), list = null;
const itemOf = (one) => all().find((item) => item.media === one.media && item.external_id === one.external_id);
const opens = (one) => {
    const item = itemOf(one);
    view_("agent");
    if (item) { show(item); return; }
    const opened = before({ ...one, received: one.at });
    opened.open = true;
    showOther(make("section", { class: "listing", tabindex: "-1", "aria-label": t("A note that names you") }, make("h2", {}, one.subject || medium(one.media), one.name ? `, ${one.name}` : ""), opened));
    turn("work");
};
const seen = async (one) => { await putTo(`api/mentions/${one.mention}/seen`); };
// The draft that a colleague has read replaces what is in the field.
const take = attempt(async (one) => {
    const item = itemOf(one);
    if (!item?.body.draftTake) throw new Error(t("You do not have it any more: the note keeps what your colleague says."));
    show(item);
    undoable(t("Your answer is as your colleague gave it back."), item.body.draftTake(one.draft));
    await seen(one);
});
const SAYS = { approved: t("says your answer is good"), changed: t("has changed your answer") };
const card = (one) => make("article", { "data-mention": String(one.mention), tabindex: "-1", "aria-label": t("{name} names you", { name: called(one.by) }) },
    make("p", { class: "quiet" }, person(one.by), " ", one.verdict ? SAYS[one.verdict] : one.draft ? t("asks you to read a draft") : t("names you"), " · ", time(one.at)),
    make("p", {}, make("span", { class: "medium" }, medium(one.media)), " ", make("span", { class: "subject" }, one.subject || one.name || "")), make("p", { class: "text" }, one.text),
    make("p", { class: "row" }, one.draft && !one.verdict ? button(t("Read the draft …"), () => answer(one), { class: "first" }) : null, one.verdict === "changed" ? button(t("Take it over"), () => take(one), { class: "first" }) : null,
        button(t("Open"), attempt(() => opens(one))), one.draft && !one.verdict ? null : button(t("Seen"), attempt(() => seen(one)))));
const mentionsShow = (message) => {
    const there = new Map([...id("mentions-list").children].map((one) => [one.dataset.mention, one]));
    for (const one of message.mentions) {
        const name = String(one.mention);
        if (there.delete(name)) continue;
        id("mentions-list").append(card(one));
        if (!known.has(name)) {
            announce(t("{name} names you: {one}", { name: called(one.by), one: one.text }));
            notify(`mention-${name}`, t("{name} names you", { name: called(one.by) }), one.text, () => opens(one));
        }
        known.add(name);
    }
    for (const [name, one] of there) { unnotify(`mention-${name}`); one.remove(); }
    id("mentions").hidden = !message.mentions.length;
};
export const heard = {
    mentions(message) { mentionsShow(message); },
    noted(message) { all().find((item) => item.ixn === message.ixn)?.body.noted?.(); },
    looks(message) {
        const item = all().find((one) => one.ixn === message.ixn);
        if (!item?.looking) return;
        item.looking.replaceChildren(...message.agents.flatMap((one) => [" · ", person(one.agent), one.writes ? t(" writes …") : t(" reads")]));
    },
};
export const forget = () => { known = new Set(); id("mentions-list").replaceChildren(); id("mentions").hidden = true; };

// ---- who reads and who writes ----

const WRITES_MS = 5000;
let at = null, writes = false, stops = 0;
// Nobody reads a page that is behind others: it is told when that changes, and only then.
let behind = document.hidden;
addEventListener("visibilitychange", () => {
    if (behind === document.hidden) return;
    behind = document.hidden;
    hush();
    lookTold(at, !behind, false);
});
const hush = () => { clearTimeout(stops); writes = false; };
// What could not be told, as where the page was just opened, is told with the next key.
const lookTold = (item, on, writing) => { if (item && !item.asked) ask("look", { ixn: item.ixn, on: on && !document.hidden, ...(writing ? { writes: true } : {}) }).catch(() => { if (writing && item === at) hush(); }); };
// The page shows this item, or none. `again`: the server has forgotten it.
export const looksAt = (item, again) => {
    if (item === at && !again) return;
    if (at && at !== item && all().includes(at)) lookTold(at, false);
    hush();
    at = item;
    lookTold(item, true, false);
};
export const writesIn = (item) => {
    if (item !== at) return;
    clearTimeout(stops);
    if (!writes) lookTold(item, true, true);
    writes = true;
    stops = setTimeout(() => { hush(); lookTold(at, true, false); }, WRITES_MS);
};
