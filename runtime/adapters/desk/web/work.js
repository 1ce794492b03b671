// work.js - The offers to the agent and the work that they have: the list at the left, a pane for each, their ends.
import { announce, attempt, button, complain, dialogsEnd, draft, duration, id, make, medium, mediaLearn, moment, noteTo, plain, put, select, settle, time, why, wordOf } from "./dom.js";
import { t } from "./t.js";
import { ask, desk, turn, waitingGo, waitingShow } from "./main.js";
import * as asks from "./asks.js";
import { mark } from "./bins.js";
import * as chat from "./chat.js";
import * as contact from "./contact.js";
import { isLater } from "./contents.js";
import * as mail from "./mail.js";
import { does, marked } from "./keys.js";
import * as mms from "./mms.js";
import { notify, unnotify } from "./notify.js";
import { called, person, persons } from "./people.js";
import { casesShow } from "./phone.js";
import { beReady, isReady, takenShow } from "./presence.js";
import { handOn } from "./transfer.js";
import { ring, quiet } from "./sound.js";
import * as together from "./together.js";
import * as whos from "./who.js";

// Other media show only the attached data, beside.
const other = { open: (item) => {
    const told = make("p", { class: "nothing quiet", tabindex: "-1" }, t("The attached data stand beside."));
    const notes = together.notes(item.ixn, async () => (await contact.stored(item)).interaction);
    return { element: make("div", { class: "mail" }, told, notes.element), again: notes.again, noted: notes.again, focus: () => told.focus(), unsent: notes.unsent, forget: notes.forget, close() {} };
} };
const KINDS = { email: mail, mms };
// A chat, or another medium in which messages go to and fro.
export const talks = (item) => (desk.me?.conversations || ["chat"]).includes(item.media);
const offers = new Map(), items = new Map(); // by claim; by ixn
let current = null, pinned = null, wanted = null, ticking = 0, clock = 0;
const taking = new Set(); // what a supervisor takes over: its offer is accepted at once

export const offered = () => offers.size;
export const unread = () => [...items.values()].reduce((sum, item) => sum + (item.unread || 0), 0);
export const unsent = () => [...items.values()].some((item) => item.body?.unsent?.());
// The text that a reload would lose: the browser keeps the rest.
export const unkept = () => [...items.values()].some((item) => item.body?.unkept?.());
export const has = (ixn) => items.get(ixn);
export const all = () => [...items.values()];
const who = (item) => whos.known(item) || (talks(item) && item.data?.sender_name) || item.from || item.data?.sender_name || item.data?.email || t("unknown sender");
// A chat is known by its customer; its subject is only the title of the page where it began.
const what = (item) => (item.asked ? asks.what(item) : talks(item) ? who(item) : item.subject || t("{medium} from {who}", { medium: medium(item.media), who: who(item) }));
const whence = (item) => (talks(item) ? (item.subject ? t(" about {subject}", { subject: item.subject }) : "") : mail.toRelease(item) && item.to ? t(" to {to}", { to: item.to }) : t(" from {who}", { who: who(item) }));

// ---- waiting ----

// How long the customer waits, since `at`: coloured from what the site wants on, and once more from twice that on.
const waitShow = (element, at, before = "") => {
    const ms = at ? Date.now() - at : 0, wanted = 1000 * (desk.me?.reply_within || 60);
    put(element, at ? before + duration(ms) : "");
    element.dataset.wait = !at || ms < wanted ? "" : ms < 2 * wanted ? "long" : "late";
};

// ---- what is due ----

const DUE_SOON_MS = 900000;
// When the agent owes something next, and what: a reply, the agent's own return, or the whole.
const dueOf = (item) => [[t("reply"), item.reply_due], [t("you are away: goes"), item.away_due], [t("due"), item.due]]
    .filter(([, at]) => at).sort(([, a], [, b]) => a - b)[0] || ["", Infinity];
const dueShow = (item) => {
    const [what, at] = dueOf(item), left = at - Date.now();
    for (const clock of [item.owes, item.clock]) {
        if (!clock) continue;
        put(clock, !what ? "" : left < 0 ? t("{what} late by {duration}", { what, duration: duration(-left) }) : t("{what} in {duration}", { what, duration: duration(left) }));
        clock.title = what ? moment(at) : "";
        clock.dataset.wait = !what || left >= DUE_SOON_MS && !item.warned ? "" : left < 0 ? "late" : "long";
    }
};
// What is due first stands first; the others stand as they came. A row that moves keeps the focus.
const inOrder = () => [...items.values()].sort((a, b) => { const [x, y] = [dueOf(a)[1], dueOf(b)[1]]; return x === y ? 0 : x - y; });
const rowsOrder = () => {
    const rows = inOrder().map((item) => item.row).filter(Boolean), now = [...id("own").children];
    if (rows.every((row, i) => row === now[i])) return;
    const focused = document.activeElement;
    id("own").append(...rows);
    if (id("own").contains(focused)) focused.focus();
};

// ---- offers ----

const countdown = () => {
    for (const offer of offers.values()) {
        waitShow(offer.waits, offer.received, t("waits "));
        const left = offer.ends ? Math.max(0, offer.ends - performance.now()) : 0;
        offer.card.querySelector("progress").value = left;
        offer.card.querySelector(".left").textContent = offer.ends ? Math.ceil(left / 1000) + " s" : "";
    }
};
const HOW = { transfer: t("transferred by"), conference: t("conference with"), consult: t("consultation by"), monitor: t("monitored") };
const offerShow = (offer) => {
    const accept = button(t("Accept"), () => take(offer), { class: "first", "aria-keyshortcuts": "Alt+A", title: t("Alt+A accepts the first") });
    offer.waits = make("span", { class: "waits" });
    const first = make("p", { class: "first-words" });
    offer.title = make("p", { class: "subject" }, what(offer));
    offer.from_ = make("span", {}, talks(offer) ? offer.subject || "" : who(offer));
    offer.card = make("article", { "aria-label": t("{medium} from {who}", { medium: medium(offer.media), who: who(offer) }) },
        make("p", { class: "row" }, make("span", { class: "medium" }, medium(offer.media)), offer.waits, make("span", { class: "left", "aria-hidden": "true" })),
        offer.title,
        make("p", { class: "quiet" }, offer.from_, ...(offer.by ? [` · ${HOW[offer.move] || t("from")} `, person(offer.by)] : [])), first,
        offer.notes = make("div", {}, ...whos.notes(offer)),
        offer.data?.move_reason ? make("p", {}, offer.data.move_reason) : null,
        make("progress", { max: offer.countdown || 1, "aria-label": t("Time left to accept") }),
        make("p", { class: "row" }, accept, button(t("Decline"), () => decline(offer))));
    id("offers").append(offer.card);
    if (talks(offer)) wordsShow(offer, first);
};
// The customer's last line, before the chat is anybody's: as it is now, where it was changed or taken back.
const lastWords = async (offer) => {
    const messages = await contact.transcriptWhole((await contact.stored(offer)).interaction);
    const last = messages.findLast((one) => one.role === "customer" && one.text && !one.taken_back && !isLater(one));
    const edit = messages.findLast((one) => one.kind === "edit" && one.of === last?.msg_id);
    return (edit?.about?.text ?? last?.text ?? "").slice(0, 200);
};
// Nobody tells it to whom the chat is only offered: it is read again.
const WORDS_MS = 5000;
const wordsShow = async (offer, element) => {
    if (offers.get(offer.claim) !== offer) return;
    await lastWords(offer).then((text) => put(element, text === offer.subject ? "" : text), () => {});
    setTimeout(() => wordsShow(offer, element), WORDS_MS);
};
const offersShow = () => {
    id("offers").hidden = offers.size === 0;
    if (!offers.size) unnotify("offer");
    waitingShow();
    clearInterval(ticking);
    ticking = offers.size ? setInterval(countdown, 250) : 0;
    if (offers.size) ring("offer"); else quiet("offer");
    countdown();
};
const offerEnd = (claim, reason) => {
    const offer = offers.get(claim);
    if (!offer) return;
    const held = offer.card.contains(document.activeElement);
    offer.card.remove();
    offers.delete(claim);
    if (reason) announce(t("The offer of {what} is over: {reason}", { what: what(offer), reason: why(reason) }));
    offersShow();
    if (held) settle(id("offers-title"), id("work"), id("list"));
};
const take = attempt(async (offer) => {
    wanted = offer.ixn;
    for (const one of offer.card.querySelectorAll("button")) one.disabled = true;
    try {
        await ask("accept", { claim: offer.claim });
    } catch (error) {
        for (const one of offer.card.querySelectorAll("button")) one.disabled = false;
        throw error;
    }
});
const decline = attempt(async (offer) => { await ask("reject", { claim: offer.claim }); offerEnd(offer.claim); });
export const acceptFirst = () => {
    const offer = offers.values().next().value;
    if (offer) take(offer);
    return Boolean(offer);
};

// What is asked for is shown when it comes.
const hopes = new Map();
// It is shown when it comes; the promise is for whoever goes on then.
export const want = (ixn) => { wanted = ixn; return new Promise((come) => hopes.set(ixn, come)); };
// A supervisor looks on at it, or takes it over: it is shown when it comes.
export const supervise = async (ixn, how) => {
    wanted = ixn;
    if (how === "take_over") taking.add(ixn);
    try {
        await ask("move", { ixn, how });
    } catch (error) {
        taking.delete(ixn);
        throw error;
    }
};

// ---- what the agent has ----

const entry = (item) => {
    item.name = make("span", { class: "subject", dir: "auto" }, what(item)); // one that is cut loses its end
    item.last = make("span", { class: "quiet from" }, talks(item) ? "" : mail.toRelease(item) && item.to ? t("to {to}", { to: item.to }) : who(item));
    item.note = make("span", { class: "quiet" });
    item.waits = make("span", { class: "waits" });
    item.owes = make("span", { class: "waits" });
    item.tab = button("", () => show(item), { class: "entry" });
    item.tab.append(make("span", { class: "medium" }, medium(item.media)), item.name, item.last, make("span", { class: "quiet notes" }, item.note, " ", item.waits, " ", item.owes));
    item.row = make("li", {}, item.tab);
    id("own").append(item.row);
};
const entriesShow = () => {
    id("own-none").hidden = items.size > 0;
    idle();
    let number = 0;
    rowsOrder();
    for (const item of inOrder()) {
        if (!item.tab) continue; // it is being made
        const seen = item === current || item === pinned;
        item.tab.setAttribute("aria-current", item === current ? "true" : "false");
        if (++number <= 9) item.tab.setAttribute("aria-keyshortcuts", `Alt+${number}`);
        if (item.said) put(item.last, item.said.text);
        put(item.note, item.over ? t("The customer has gone") : item.unread ? t("{count} new", { count: item.unread }) : item.typing ? t("writes …") : "");
        item.note.classList.toggle("new", item.unread > 0);
        waitShow(item.waits, item.over ? 0 : item.said?.since, t("waits "));
        dueShow(item);
        item.pane.hidden = !seen;
        item.pin.setAttribute("aria-pressed", item === pinned ? "true" : "false");
        put(item.pin, item === pinned ? t("Kept beside") : t("Keep beside"));
    }
    mark();
    takenShow();
    waitingShow();
    clearInterval(clock);
    clock = items.size ? setInterval(waitsShow, 1000) : 0;
};
const waitsShow = () => { for (const item of items.values()) { waitShow(item.waits, item.over ? 0 : item.said?.since, t("waits ")); dueShow(item); } };
// What is seen was read.
addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    for (const item of [current, pinned]) if (item) item.unread = 0;
    entriesShow();
});
// The customer has ended it: the agent says what came of it.
const overShow = (item) => {
    if (item.said) item.said.since = 0;
    dialogsEnd(item, what(item), t("{what}: the customer has gone, and the dialog is closed.", { what: what(item) }));
    item.body.over();
    announce(t("{what}: the customer has gone. Say what came of it, then Done.", { what: what(item) }));
};
// Shows an item; `focus` false where the agent did not ask for it.
export const show = (item, focus = true) => {
    for (const other of id("work").children) if (!other.dataset.ixn) other.remove();
    current = item;
    together.looksAt(item);
    if (item) {
        item.unread = 0;
        if (pinned === item) pinned = null;
        contact.show(item);
        if (focus) {
            turn("work");
            entriesShow();
            item.body.focus();
        }
    } else {
        contact.show(null);
        none();
    }
    entriesShow();
};
const none = () => id("work").append(make("div", { class: "nothing" }, ...hint()));
// Advice where nothing is open.
const hint = () => {
    if (isReady()) return [make("p", {}, t("Nothing is open.")), make("p", { class: "quiet" }, t("You are ready: what is offered to you comes into the list of your work. You may also take something from a queue or workbin in that list."))];
    return [make("p", {}, t("You are not ready: nothing is offered to you.")), button(t("Be ready"), beReady, { class: "first" })];
};
// The agent's states have changed. In a narrow window the list says the same.
export const idle = () => {
    const say = (element, advice) => {
        const text = (nodes) => [...nodes].map((one) => one.textContent).join("\n");
        if (element && text(element.children) !== text(advice)) element.replaceChildren(...advice);
    };
    say(id("work").querySelector(".nothing"), hint());
    say(id("idle"), items.size || isReady() ? [] : hint());
};
export const showNumber = (number) => {
    const item = inOrder()[number - 1];
    if (item) show(item);
    return Boolean(item);
};
// The connection is there again.
export const looksAgain = () => together.looksAt(current, true);
// Something else than a conversation, in the middle: what lies in a queue.
export const showOther = (element) => {
    for (const other of id("work").children) if (!other.dataset.ixn) other.remove();
    current = null;
    together.looksAt(null);
    contact.show(null);
    id("work").append(element);
    turn("work");
    entriesShow();
};

// The wrap-up code that is chosen: it is kept until the work is done.
const codeOf = (item) => draft(`${desk.me.agent}-${item.ixn}-${item.external_id || ""}-code`);
const forgets = (item) => {
    item.body.forget?.();
    codeOf(item).forget();
};
const actions = (item) => {
    if (item.asked) return [item.pin = button(t("Keep beside"), () => { pinned = pinned === item ? null : item; entriesShow(); }, { class: "pin" }), ...asks.actions(item), button(t("End"), () => done(item), { class: "done" })];
    const monitored = item.move === "monitor", kept = codeOf(item);
    item.wrapup = select([["", t("No wrap-up code")], ...(desk.me.wrapups || []).map((code) => [code, plain(code)])], { "aria-label": t("Wrap-up code"), ...marked("wrap-up"),
        onchange: () => { if (item.wrapup.value) kept.write(item.wrapup.value); else kept.forget(); } });
    item.wrapup.value = kept.read() || "";
    item.leave = button(t("Leave"), () => leave(item), { hidden: !item.move || item.move === "transfer" });
    item.pin = button(t("Keep beside"), () => { pinned = pinned === item ? null : item; entriesShow(); }, { class: "pin" });
    if (monitored)
        return [item.pin, item.leave, button(t("Take over"), attempt(() => supervise(item.ixn, "take_over")))];
    if (item.over) return [item.pin, item.wrapup, button(t("Done"), () => done(item), { class: "done" })];
    const may = (act) => item.may.includes(act); // as the router allows it
    return [item.pin, may("transfer") || may("consult") ? button(t("Hand on …"), () => handOn(item)) : null, item.leave, ...(may("done") ? [item.wrapup,
        button(mail.toRelease(item) ? t("Discard") : t("Done"), () => done(item), { class: "done" })] : [])].filter(Boolean);
};
const pane = (item) => {
    item.body = (talks(item) ? chat : KINDS[item.media] || other).open(item, { changed: () => entriesShow(), done: () => done(item), went: (keeps) => went(item, keeps) });
    item.parties = make("span", { class: "quiet" });
    item.looking = make("span", { class: "quiet looking", role: "status" });
    item.pane = make("article", { class: "pane", "data-ixn": item.ixn, "aria-label": what(item) },
        make("header", {}, make("div", { class: "heading" },
            item.heading = make("h2", { tabindex: "-1", title: what(item) }, what(item)),
            make("p", { class: "quiet" }, medium(item.media), item.whence = make("span", {}, whence(item)), item.received ? " · " : "", item.received ? time(item.received) : "",
                item.due ? ` · ${t("due")} ` : "", item.due ? time(item.due) : "", " ", item.clock = make("span", { class: "waits" }),
                ...(item.move ? [` · ${HOW[item.move]} `, item.by ? person(item.by) : ""] : []), " ", item.parties, item.looking)),
        item.actions = make("div", { class: "actions" }, ...actions(item))),
        item.body.element);
    item.pane.addEventListener("input", () => together.writesIn(item));
    id("work").append(item.pane);
};
const drop = (item) => {
    dialogsEnd(item, what(item));
    const held = item.pane.contains(document.activeElement) || item.row.contains(document.activeElement);
    item.body.close();
    clearTimeout(item.stops);
    item.pane.remove();
    item.row.remove();
    items.delete(item.ixn);
    casesShow();
    if (pinned === item) pinned = null;
    if (current === item) show(items.values().next().value || null, false);
    else entriesShow();
    if (held) settle(current?.heading, id("work"), id("list"));
};
// The server took it from the agent, as they asked: its buttons go with the answer, before a second Enter asks again.
// `keeps`: what was begun stays here, and is there when the agent has it again.
const went = (item, keeps = false) => {
    if (!keeps) forgets(item);
    if (items.get(item.ixn) === item) drop(item);
};
// Whether nothing that was written is lost when it is finished, or the agent wants that.
export const leaves = (item, left = item.body.unsent) => !left?.() || confirm(t("There is something that was not sent. Go on without it?"));
// Whether nobody else has it, or the agent wants that it ends for them, too.
export const endsForAll = (item) => item.asked || item.over || !item.others.size || confirm(t("It ends for {names}, too. End it?", { names: [...item.others].map(called).join(", ") }));
const done = attempt(async (item) => {
    if (!leaves(item) || !endsForAll(item)) return;
    if (mail.toRelease(item) && !confirm(t("Discard this answer? It will not be sent."))) return;
    await doneAsk(item);
    went(item);
});
const doneAsk = async (item) => {
    const wrapup = item.wrapup?.value;
    if (item.over) await item.body.overEnds();
    await ask("done", { ixn: item.ixn, ...(wrapup ? { wrapup } : {}) });
    announce(t("{what}: done", { what: what(item) }));
};
// What is answered and done, but can be taken back until `ends`: out of sight. The server ends it then, whatever becomes of the page.
const held = new Map(); // by ixn
export const hold = (item, how) => {
    const had = item.pane.contains(document.activeElement) || item.row.contains(document.activeElement);
    item.held = how;
    held.set(item.ixn, item);
    dialogsEnd(item, what(item));
    items.delete(item.ixn);
    item.row.remove();
    item.pane.hidden = true;
    casesShow();
    if (pinned === item) pinned = null;
    if (current === item) show(items.values().next().value || null, false);
    else entriesShow();
    if (had) settle(current?.heading, id("work"), id("list"));
};
const heldBack = (item) => {
    item.held = null;
    held.delete(item.ixn);
    items.set(item.ixn, item);
    id("own").append(item.row);
    casesShow();
    entriesShow();
};
// Shows what was held again. Undefined: the agent does not have it any more.
export const comesBack = (ixn) => {
    if (held.has(ixn)) heldBack(held.get(ixn));
    const item = items.get(ixn);
    if (item) show(item);
    return item;
};
// Nobody wants to take it back: it is done now.
export const finish = attempt(async (ixn) => {
    const { macro, wrapup } = held.get(ixn)?.held || {};
    if (held.has(ixn)) await (macro ? ask("macro", { ixn, name: macro }) : ask("done", { ixn, ...(wrapup ? { wrapup } : {}) }));
});
// What the server says is held, for a page that does not know it: the answer, and until when it can be taken back.
export const allHeld = () => [...held.values()].map((item) => [item.held.answer, { ends: item.held.ends, answered: item.ixn }]);
const heldEnds = (item) => {
    held.delete(item.ixn);
    forgets(item);
    item.body.close();
    item.pane.remove();
};

// What a pull brings is shown as any other, or thrown away at once, as its text is elsewhere.
const expected = new Map(); // by ixn: what is called once it is there
export const expect = (ixn) => {
    const comes = new Promise((resolve) => { expected.set(ixn, resolve); });
    const message = async () => { const one = await comes; expected.delete(ixn); return one; };
    return {
        cancel: () => expected.delete(ixn),
        show: async () => { const one = await message(); want(ixn); heard.opened(one); },
        discard: async () => { await message(); await ask("done", { ixn }); },
    };
};
const leave = attempt(async (item) => {
    if (!leaves(item)) return;
    await ask("move", { ixn: item.ixn, how: "leave" });
    went(item);
});

does("accept", () => acceptFirst());
does("show", (number) => showNumber(number));
// Of a pane that is seen only.
does("hand on", () => {
    const may = current?.pane.checkVisibility() && !current.asked && ["transfer", "consult"].some((act) => current.may.includes(act));
    if (may) handOn(current);
    return Boolean(may);
});
// A button of the pane that is seen, by its key.
const pressed = (key) => {
    const one = [...(current?.pane.querySelectorAll(`[aria-keyshortcuts="${key}"]`) || [])].find((button) => button.checkVisibility());
    one?.click();
    return Boolean(one);
};
does("answer all", () => pressed("Alt+C"));
does("attach", () => pressed("Alt+U"));
does("done", () => {
    const may = current?.pane.checkVisibility() && (current.asked || current?.over || current.move !== "monitor" && current.may.includes("done"));
    if (may) done(current);
    return Boolean(may);
});

// ---- what the server says ----

export const begin = () => { items.clear(); offers.clear(); id("own").replaceChildren(); id("work").replaceChildren(); show(null); };
export const forget = () => {
    for (const item of [...items.values(), ...held.values()]) item.body.close();
    held.clear();
    expected.clear();
    for (const claim of [...offers.keys()]) offerEnd(claim);
    items.clear();
    current = pinned = wanted = null;
    id("own").replaceChildren();
    id("work").replaceChildren();
    id("about").replaceChildren();
};
// What an agent has lost stays in sight until they take it away: nobody may be at the page when it is told.
const stays = (text) => {
    const note = make("p", { class: "note", role: "alert" }, make("span", {}, text), button("×", () => note.remove(), { "aria-label": t("Dismiss") }));
    noteTo(note);
};
// All that the agent has and is offered: anything else went back while there was no connection. `partial`: the server does not
// know yet what else there is, and tells it.
export const whole = (messages, partial) => {
    if (partial) {
        for (const one of messages) heard[one.type](one);
        return;
    }
    const claims = new Set(messages.map((one) => one.claim)), had = new Set(messages.filter((one) => one.type === "opened").map((one) => one.ixn));
    for (const item of [...items.values()]) {
        if (had.has(item.ixn)) { writes(item, false); continue; }
        stays(t("{what} is no longer yours: it went back while there was no connection. What you wrote is there again when you have it again.", { what: what(item) }));
        drop(item);
    }
    for (const item of [...held.values()]) {
        if (had.has(item.ixn)) continue;
        if (item.held.ends > Date.now()) stays(t("{what} is no longer yours: it went back while there was no connection. Your answer goes nevertheless.", { what: what(item) }));
        heldEnds(item);
    }
    for (const claim of [...offers.keys()]) if (!claims.has(claim)) offerEnd(claim, "gone");
    for (const one of messages) heard[one.type](one);
    taking.clear(); // what was asked for and did not come, does not come any more
};
// What was begun is not seen again where somebody else has finished it: it stays in the note until the agent takes that away.
const lostTell = (item, reason) => {
    const said = t("{what} is no longer yours: {reason}.", { what: what(item), reason: why(reason) }), written = item.body.written?.();
    if (!written) { complain({ text: said }); return; }
    stays(`${said}\n${t("This was not sent:")}\n${written}`);
};
const within = (call) => (message) => { const item = items.get(message.ixn) || held.get(message.ixn); if (item) call(item, message); };
// Who has it, too, and who looks on.
const partiesOf = ({ others, watchers }) => ({ others: new Set(others), watchers: new Set(watchers) });
const partiesShow = (item) => {
    const there = [...item.others, ...item.watchers];
    item.parties.replaceChildren(...(item.asked ? [`· ${asks.state(item)}`] : there.length ? [`· ${t("with")} `, ...persons(there)] : []));
    item.body.parties?.();
    if (item.leave) item.leave.hidden = !item.others.size && !(item.move && item.move !== "transfer");
};
// A writer says so again every five seconds: silence means that they have stopped, or are gone.
const writes = (item, on) => {
    clearTimeout(item.stops);
    item.typing = on;
    item.stops = on ? setTimeout(() => { item.typing = false; entriesShow(); }, 8000) : 0;
};
export const heard = {
    offer(message) {
        if (message.medium) mediaLearn({ [message.media]: message.medium });
        const known = offers.get(message.claim);
        if (known) return;
        const offer = { ...message, ends: message.countdown ? performance.now() + message.countdown : 0 };
        offers.set(offer.claim, offer);
        offerShow(offer);
        offersShow();
        if (taking.delete(offer.ixn)) { take(offer); return; }
        notify("offer", t("Offered: {medium}", { medium: medium(offer.media) }), [who(offer), talks(offer) ? offer.subject : what(offer)].filter(Boolean).join(", "), waitingGo);
        announce(t("Offered: {medium} from {all}. Alt+A accepts.", { medium: medium(offer.media), all: [who(offer), talks(offer) ? offer.subject : what(offer)].filter(Boolean).join(", ") }));
    },
    // The contact store has said whom it is from: an offer, and what the agent has, show the name, and what else is open.
    who(message) {
        for (const offer of offers.values()) {
            if (offer.ixn !== message.ixn) continue;
            offer.who = message.who;
            put(offer.title, what(offer));
            if (!talks(offer)) put(offer.from_, who(offer));
            offer.card.setAttribute("aria-label", t("{medium} from {who}", { medium: medium(offer.media), who: who(offer) }));
            offer.notes.replaceChildren(...whos.notes(offer));
        }
        const item = items.get(message.ixn);
        if (!item) return;
        const before = item.who;
        item.who = message.who;
        put(item.name, what(item));
        put(item.heading, what(item));
        item.heading.title = what(item);
        put(item.whence, whence(item));
        item.pane.setAttribute("aria-label", what(item));
        if (!item.said && !talks(item)) put(item.last, mail.toRelease(item) && item.to ? t("to {to}", { to: item.to }) : who(item));
        item.body.who?.();
        if (before) contact.whoChanged(item, before);
    },
    revoked(message) { offerEnd(message.claim, message.reason); },
    opened(message) {
        if (message.medium) mediaLearn({ [message.media]: message.medium });
        offerEnd(message.claim);
        if (expected.has(message.ixn)) { expected.get(message.ixn)(message); return; }
        const kept = held.get(message.ixn);
        if (kept) {
            Object.assign(kept, { held: null }, message, partiesOf(message));
            if (!kept.held) heldBack(kept); // its answer was taken back
            return;
        }
        let item = items.get(message.ixn);
        if (item && (item.move === "monitor") !== (message.move === "monitor")) { drop(item); item = null; } // taken over
        if (item) {
            Object.assign(item, message, partiesOf(message));
            casesShow();
            item.actions.replaceChildren(...actions(item)); // they may do more, or less, than before
            partiesShow(item);
            if (item.over) overShow(item);
            entriesShow();
            item.body.again();
            if (item.held) hold(item, item.held);
            return;
        }
        item = { ...message, ...partiesOf(message), unread: 0 };
        items.set(item.ixn, item);
        pane(item);
        entry(item);
        if (item.over) overShow(item);
        partiesShow(item);
        casesShow();
        if (item.held) { hold(item, item.held); return; }
        const asked = wanted === item.ixn;
        if (asked) wanted = null;
        hopes.get(item.ixn)?.(item);
        hopes.delete(item.ixn);
        if (asked || !current && !id("work").querySelector(".listing")) show(item, asked);
        else entriesShow();
        if (!asked) announce(t("{what} is in your hands", { what: what(item) }));
    },
    closed(message) {
        const kept = held.get(message.ixn);
        if (kept?.claim === message.claim) {
            heldEnds(kept);
            if (["done", "moved"].includes(message.reason)) announce(t("{what}: done", { what: what(kept) }));
            else complain({ text: t("{what} is no longer yours: {reason}.", { what: what(kept), reason: why(message.reason) }) });
        }
        const item = items.get(message.ixn);
        if (!item || item.claim !== message.claim) return;
        if (item.move !== "monitor" && !["done", "left", "moved", "transferred"].includes(message.reason)) lostTell(item, message.reason);
        if (["done", "left"].includes(message.reason)) forgets(item);
        drop(item);
    },
    message: within((item, message) => {
        item.body.message?.(message);
        if (message.role === (item.asked ? "agent" : "customer")) writes(item, false);
        const unseen = item.pane.hidden || document.hidden, theirs = message.role === (item.asked ? "agent" : "customer");
        if (unseen) item.unread++;
        if (theirs) notify(item.ixn, what(item), message.text, () => show(item));
        if (item === current) contact.said();
        if (theirs && unseen) ring("message");
        entriesShow();
    }),
    delivery: within((item, message) => {
        item.body.delivery?.(message);
        if (item === current) contact.said();
    }),
    typing: within((item, message) => {
        if (message.role === (item.asked ? "agent" : "customer")) writes(item, message.on);
        item.body.typing?.(message);
        entriesShow();
    }),
    party: within((item, message) => {
        const { agent, on, role } = message;
        item.others.delete(agent);
        item.watchers.delete(agent);
        if (on && agent !== desk.me.agent) item[role === "supervisor" ? "watchers" : "others"].add(agent);
        partiesShow(item);
    }),
    data: within((item, message) => {
        item.data = { ...item.data, ...message.changed };
        for (const key of message.deleted || []) delete item.data[key];
        item.body.data?.();
        if (item === current) contact.show(item);
    }),
    reply_due: within((item, message) => {
        item.reply_due = message.due || 0;
        item.away_due = message.away_due || 0;
        if (message.warns && message.away_due && !(message.due < message.away_due)) complain({ text: t("{what} goes to somebody else {time} if you are not back.", { what: what(item), time: moment(message.away_due) }) });
        else if (message.warns) complain({ text: t("{what} wants a reply by {time}: without one it goes to somebody else.", { what: what(item), time: moment(message.due) }) });
        if (message.warns) notify(item.ixn, what(item), t("A reply is due soon."), () => show(item));
        item.warned = Boolean(message.warns);
        entriesShow();
    }),
    refused({ ixn, agent, reason }) {
        const whom = agent ? called(agent) : t("The agent"), about = items.has(ixn) ? what(items.get(ixn)) : t("It");
        complain({ text: reason === "unreached" ? t("{whom} could not be reached: {about} is where it was.", { whom, about }) : t("{whom} did not take it: {reason}", { whom, reason: wordOf(reason || "refused") }) });
    },
};
