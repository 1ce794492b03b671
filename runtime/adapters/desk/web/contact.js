// contact.js - The contact who writes, the data attached to the interaction, and the contact's history, in one line of time.
import { announce, attempt, button, dialog, flat, id, labelled, make, medium, plain, tell, time, wordOf } from "./dom.js";
import { t } from "./t.js";
import { ask, desk } from "./main.js";
import { framesOf, linksOf, putWithFrames } from "./links.js";
import { attached } from "./mail.js";
import { person, persons } from "./people.js";
import { compose } from "./texts.js";
import { thread } from "./thread.js";
import { notes } from "./together.js";
import { undoable } from "./undo.js";
import { changes, link, standing } from "./who.js";
import { get, putTo } from "./wire.js";

// The interaction in the store: asked once. A value that stands only in the core's user data has its number there.
export const stored = (item) => item.stored ||= get("api/stored", { media: item.media, external_id: item.external_id })
    .catch((error) => { item.stored = null; throw error; });

// All that was said in the interaction, behind the line `after`: the server gives so many at a time.
const LINES = 200;
export const transcriptWhole = async (interaction, after = 0) => {
    const all = [];
    for (;;) {
        const { messages } = await get(`api/interactions/${interaction}/transcript`, { after: all.at(-1)?.index || after || undefined, limit: LINES });
        all.push(...messages);
        if (messages.length < LINES) return all;
    }
};

let shown = null;

const LONG = 300, SHORT = 80;
// A long value opens.
const value = (text) => (text.length > LONG ? make("details", { class: "more" }, make("summary", {}, `${text.slice(0, SHORT)} …`), text) : text);
const pairs = (entries) => make("dl", {}, ...entries.flatMap(([name, said]) => [make("dt", {}, plain(name)), make("dd", {}, value(said))]));
const section = (title, ...content) => make("section", {}, make("h2", {}, title), ...content);

export const before = (one) => {
    const body = make("div", { class: "before" });
    const load = attempt(async () => {
        const [messages, { parts }] = await Promise.all([transcriptWhole(one.interaction), get(`api/interactions/${one.interaction}/parts`)]);
        body.replaceChildren(...messages.filter((said) => said.visible !== "agents").map((said) => make("p", {}, make("span", { class: "by" }, said.from || wordOf(said.role)), make("span", { class: "text" }, said.text))), ...attached(parts));
        if (!messages.length) body.replaceChildren(make("p", { class: "quiet" }, t("Nothing was kept of it.")));
        body.append(notes(`at-${one.interaction}`, async () => one.interaction).element);
    });
    return make("details", { ontoggle: (event) => { if (event.target.open && !body.firstChild) load(); } },
        make("summary", {}, make("span", { class: "medium" }, medium(one.media), one.direction !== "out" ? "" : ["taken back", "not sent"].includes(one.result) ? t(", not sent") : t(" sent"), one.unverified ? t(", not verified") : ""), " ", time(one.received),
            one.name ? make("span", { class: "whose" }, " ", one.name) : "", make("span", { class: "subject", title: one.subject || null }, one.subject || one.excerpt || ""),
            make("span", { class: "quiet" }, ...persons(one.agents || [one.agent || ""]), [one.agent && " ", one.result && wordOf(one.result), one.mark && t("Judged: {mark} of 5", { mark: one.mark }), one.ended ? "" : t("open")].filter(Boolean).join("· "))), body);
};
let historyAgain = async () => {}; // of the contact who is shown
const row = (one) => make("li", { "data-interaction": one.interaction, "data-open": one.ended ? null : "yes" }, before(one));
const history = (contact, own) => {
    const list = make("ul", { class: "history" }), more = button(t("Earlier"), () => load(), { hidden: true });
    let next = {}, asked = 0, later = 0;
    const words = make("input", { type: "search", class: "find-in", placeholder: t("Find in it"), "aria-label": t("Find in the history"), maxlength: 200,
        oninput: () => { clearTimeout(later); later = setTimeout(() => { next = {}; load(true); }, 300); } });
    const there = ({ interaction }) => list.querySelector(`:scope > [data-interaction="${interaction}"]`);
    const load = attempt(async (anew) => {
        const number = ++asked, page = await get(`api/contacts/${contact}/history`, { ...next, limit: 20, ...(words.value.trim() ? { q: words.value.trim() } : {}) });
        if (number !== asked) return; // a later answer is on its way
        if (anew) list.replaceChildren();
        for (const one of page.interactions) there(one)?.remove(); // historyAgain may have been quicker
        list.append(...page.interactions.filter((one) => one.interaction !== own).map(row));
        next = page.next || {};
        more.hidden = !page.next;
        if (!list.firstChild) list.append(make("li", { class: "none" }, words.value.trim() ? t("Nothing matches.") : t("This is the first time.")));
    });
    load();
    // What was open may be over, and what is new stands above; what is being read stays.
    historyAgain = async () => {
        if (words.value.trim()) return;
        const number = asked, page = await get(`api/contacts/${contact}/history`, { limit: 20 });
        if (number !== asked) return;
        for (const one of page.interactions.filter(({ interaction }) => interaction !== own).reverse()) {
            const old = there(one);
            if (!old) list.prepend(row(one)); else if (old.dataset.open && !old.querySelector("details").open) old.replaceWith(row(one));
        }
        if (list.querySelector(":scope > [data-interaction]")) list.querySelector(":scope > .none")?.remove();
    };
    // One by one, or all media as one thread.
    const one = make("div", {}, list, more), body = make("div", {}, one);
    one.prepend(words);
    const turn = button(t("As one thread"), () => {
        const all = turn.getAttribute("aria-pressed") !== "true";
        turn.setAttribute("aria-pressed", all);
        if (all && contact !== threaded?.contact) threaded = { contact, ...thread(contact) };
        else if (all) threaded.again();
        body.replaceChildren(all ? threaded.element : one);
    }, { "aria-pressed": "false" });
    return section(t("History"), turn, body);
};
let threaded = null;
// Something was said, or told of a message: a thread that is shown has it, too.
let waits = 0;
export const said = () => {
    clearTimeout(waits);
    waits = setTimeout(() => { if (threaded?.element.isConnected) threaded.again(); }, 300);
};

const REFUSABLE = { email: ["email"], sms: ["phone"], social: ["social", "phone"], voice: ["phone"] }; // with the kinds of their addresses
const KINDS = { email: t("e-mails"), sms: t("short messages"), social: t("social messages"), voice: t("calls of campaigns") };
// The contact wants no more of these media; calls are voice. An agent's note may be taken back here, for a reason that is
// kept; a word of the customer's not.
const refusals = (contact, one) => {
    const list = make("ul", { class: "refusals" });
    const may = (media) => (media === "voice" || desk.me.media.includes(media) || (media === "sms" && desk.me.texts))
        && one.addresses?.some(({ kind }) => REFUSABLE[media].includes(kind));
    const note = async (media, on, reason) => show(await putTo(`api/contacts/${contact}/refusals`, { media, on, ...(reason ? { reason } : {}) }));
    const change = attempt(async (media, on, reason) => {
        await note(media, on, reason);
        undoable(on ? t("Noted: no more {most}.", { most: KINDS[media] }) : t("Noted: {most} again.", { most: KINDS[media] }), attempt(() => note(media, !on, on ? t("Undone at once") : "")));
    });
    const again = (media) => dialog(t("{medium} again", { medium: medium(media) }), (close) => {
        const reason = make("input", { maxlength: "400", required: true, autocomplete: "off" });
        return make("form", { onsubmit: (event) => { event.preventDefault(); close(); return change(media, false, reason.value.trim()); } },
            labelled(t("Why"), reason), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Take it back"))));
    });
    const stop = (media) => confirm(t("{name} gets no {most} any more, from anybody here. Note that they want none?", { name: one.name || t("This contact"), most: KINDS[media] })) && change(media, true);
    const show = (now) => list.replaceChildren(...Object.keys(REFUSABLE).map((media) => {
        const own = (now.refusals || []).filter((row) => row.media === media), noted = own.some((row) => !row.word && !row.own);
        const words = own.map((row) => row.word ? t("“{word}” from {address}{more}", { word: row.word, address: row.address, more: row.own ? t(" to {own}", { own: row.own }) : "" }) : null).filter(Boolean);
        const act = noted && (now.refusal_acts || []).find((row) => row.media === media), things = media === "voice" ? t("calls") : t("messages");
        if (!own.length && !may(media)) return null;
        return make("li", { class: own.length ? "refused" : "" }, make("span", { class: "medium" }, medium(media)), " ",
            own.length ? t("No {things} are wanted{more}. ", { things, more: words.length ? `: ${words.join(", ")}` : "" }) : "",
            act ? make("span", { class: "quiet" }, t("Noted by "), person(act.agent), ". ") : null,
            button(noted ? t("{things} again …", { things: plain(things) }) : own.length ? "" : t("Stop {most} …", { most: KINDS[media] }), noted ? () => again(media) : () => stop(media), { hidden: own.length > 0 && !noted }));
    }).filter(Boolean));
    show(one);
    return list;
};
const whole = async (contact, own, again) => [contactShown(await get(`api/contacts/${contact}`), own, again), history(contact, own)];
let openShow = () => {}; // of the contact who is shown: shows what is open of them now
// The contact, with what may be done with it.
const contactShown = (one, own, again) => {
    const known = Object.entries(one.fields || {}).map(([name, value]) => [name, String(value)]);
    const open = make("div", {});
    openShow = (now) => {
        const rows = standing(now.filter(({ interaction }) => interaction !== own));
        open.replaceChildren(...(rows.length ? [make("ul", { class: "standing", "aria-label": t("Open of this contact") }, ...rows)] : []));
    };
    openShow(one.open || []);
    return section(one.name || t("Unknown contact"), make("ul", { class: "addresses" },
        ...(one.addresses || []).map((address) => make("li", {}, address.shown || address.address, " ",
            address.kind === "phone" && desk.me.texts ? button(t("Text …"), () => compose(address.address)) : null))),
        open, refusals(one.contact, one), known.length ? pairs(known) : null, ...changes(one, again));
};
// Somebody has typed an address: who has it is closed until a code that was sent there is typed into the chat.
const closed = (item, address) => section(item.data?.sender_name || t("Unknown contact"), make("ul", { class: "addresses" }, make("li", {}, address)),
    make("p", { class: "unverified" }, t("Not verified: somebody typed this address, and it may be another person's. What is known of it stays closed.")),
    item.claim && item.may?.includes("message") ? make("p", {}, desk.me.outbound ? button(t("Send a code"), attempt(async () => {
        await ask("code", { ixn: item.ixn });
        tell(t("A code is on its way to {address}: ask them to type it into the chat", { address }));
    })) : null, desk.me.texts ? button(t("Text a code"), attempt(async () => {
        await ask("code", { ixn: item.ixn, by: "sms" });
        tell(t("A code is on its way to the telephone of whoever has {address}: ask them to type it into the chat", { address }));
    })) : null) : null);
const HIDDEN = new Set(["stored", "sender_name", "address_verified", "reply_window", "file_max", "tells_read", "templates", "draft", "draft_by", "to_more", "receipt_to", "verification", "message"]);
const written = (item) => item.claim && item.may?.includes("data") ? desk.me.data || [] : []; // the keys that the agent may write
const data = (item) => {
    const own = written(item);
    const entries = flat(Object.fromEntries(Object.entries(item.data || {}).filter(([name, value]) => value !== "" && !HIDDEN.has(name) && !own.includes(name))));
    const fields = own.map((name) => {
        const value = make("input", { value: String(item.data?.[name] ?? ""), maxlength: "4000", autocomplete: "off", onchange: attempt(async () => {
            await ask("data", { ixn: item.ixn, ...(value.value ? { pairs: { [name]: value.value } } : { delete: [name] }) });
            announce(t("{name} is kept", { name: plain(name) }));
        }) });
        return labelled(plain(name), value);
    });
    return entries.length || fields.length ? section(t("Data"), entries.length ? pairs(entries) : null, ...fields) : null;
};
// A field where somebody writes keeps what they wrote. Where nothing else is to be shown, the elements stay, so that who goes
// from one to the next by the keyboard, or reads them by a screen reader, goes on: a draft that is kept is no news.
const fill = (made, item, ...parts) => {
    if (shown !== made) return;
    const told = JSON.stringify([written(item), Object.entries(item.data || {}).filter(([name]) => !HIDDEN.has(name))]);
    if (made.told === told) return;
    made.told = told;
    const held = document.activeElement, at = [...id("about").querySelectorAll("input")].indexOf(held);
    made.frames = framesOf(item, made.frames);
    putWithFrames(id("about"), [...parts, data(item), linksOf(item)].filter(Boolean), made.frames);
    const field = at < 0 ? null : id("about").querySelectorAll("input")[at];
    if (field) { field.value = held.value; field.focus(); }
};

export const show = (item) => {
    if (item && shown && shown.item === item && shown.parts) { fill(shown, item, ...shown.parts); return; }
    const made = shown = { item };
    id("about").replaceChildren();
    if (!item) return;
    (async () => {
        try {
            const { contact, interaction, unverified, address } = await stored(item);
            made.parts = contact ? await whole(contact, interaction, () => changed(item)) : unverified ? [closed(item, address)]
                : [section(item.from || t("Unknown contact"), make("p", { class: "quiet" }, t("Not known as a contact.")), button(t("Give it to a contact …"), () => link(interaction, () => changed(item))))];
        } catch (error) {
            made.parts = [section(t("Contact"), make("p", { class: "quiet" }, error.code === "unknown" ? t("It is not in the contact store.") : error.message))];
        }
        fill(made, item, ...made.parts);
    })();
};
// Whom the item is from has changed: it is verified, or was given to a contact.
export const changed = (item) => {
    item.stored = null;
    if (shown?.item !== item) return;
    shown = null;
    show(item);
};
// The store has told something else of whom the item is from than `before`. What is open is shown in its place: the rest of the
// column stays as the agent has it.
export const whoChanged = (item, before) => {
    if (["contact", "name", "unverified"].some((key) => item.who[key] !== before[key])) { changed(item); return; }
    const made = shown;
    if (made?.item !== item || !item.who.contact) return;
    get(`api/contacts/${item.who.contact}`).then(({ open }) => { if (shown === made) { openShow(open || []); return historyAgain(); } }).catch(() => {}); // it is told again
};
// The contact to whom a call's number belongs. Answers the contact's name or null.
export const ofNumber = async (number) => {
    const { contacts } = await get("api/contacts", { q: number, limit: 1 });
    return contacts[0] || null;
};
export const showContact = async (contact) => {
    const made = shown = { item: {} };
    made.parts = await whole(contact, 0, () => showContact(contact));
    fill(made, {}, ...made.parts);
};
