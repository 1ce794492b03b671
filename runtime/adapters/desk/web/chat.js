// chat.js - A chat's pane: its lines, who writes, the field for the answer.
import { attempt, bdi, begun, button, draft, key, make, moment, put, putInto, settle } from "./dom.js";
import { t } from "./t.js";
import { ask, desk } from "./main.js";
import { stored, transcriptWhole } from "./contact.js";
import { contentShown, contentText, isLater, laters } from "./contents.js";
import { begunBy, ownOffered, theirs } from "./people.js";
import { get, post, putTo } from "./wire.js";
import { help, translateAll, translation } from "./helped.js";
import { changing, undoable } from "./undo.js";
import { slash, tags, tagsOf } from "./quick.js";
import { choose, sendsOpen } from "./responses.js";
import { cost } from "./texts.js";
import { naming, notes, second } from "./together.js";
import { cards, isCard } from "./vcard.js";
import { marked, speaker, windowShown, withText } from "./thread.js";

// The server makes the id of an agent's line from the agent's name and the page's key.
// The one who asks says the question.
const saidBy = (told, item) => (item.asked && told.role === "customer" ? desk.me.agent : told.role === "customer" ? "" : (told.msg_id || "").slice(0, Math.max(0, (told.msg_id || "").lastIndexOf(":"))));

// Whom the customer does not see: who looks on, and who is asked.
const unseen = (item) => !item.over && !item.may.includes("message"); // who looks on or gives advice
const SAID_MAX = 4000; // bytes of a message, as the server takes them
const TYPING_MS = 4000, SILENT_MS = 8000, AGAIN_MS = 3000;

export const open = (item, { changed, went }) => {
    const seen = new Map(), waiting = new Map(); // lines by msg_id; what was not acknowledged by its key
    const later = laters();
    const early = new Map(); // what became of messages that are not shown yet
    let last = 0, typed = 0, stops = 0, interaction = null, stays = true, rests = ""; // rests: what is told while nobody writes, as who has begun the answer, or that the customer is gone
    let mine = null; // what was written here before a colleague went on with it
    const list = make("ol");
    const log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": t("Conversation"), tabindex: "0" }, list);
    const state = make("p", { class: "typing", role: "status" });
    const field = make("textarea", { rows: "3", "data-sends": "", "aria-label": t("Your message"), placeholder: unseen(item) ? t("For colleagues only: the customer does not see you. Enter sends, Shift+Enter begins a line.") : t("Your message. Enter sends, Shift+Enter begins a line.") });
    const aside = make("input", { type: "checkbox", id: `aside-${item.ixn}` });
    aside.checked = unseen(item);
    const named = naming(field);
    named.hidden = !aside.checked;
    // Each short message costs money.
    const price = make("span", { class: "quiet", hidden: item.media !== "sms" });
    const priced = () => { if (!price.hidden) put(price, field.value.trim() && !aside.checked ? cost(field.value.trim()) : ""); };
    // Some networks take a free answer for a time only, and templates afterwards.
    const ends = make("p", { class: "window", role: "status", hidden: !item.data?.reply_window });
    let heardAt = 0;
    const windowTell = () => { if (!ends.hidden) windowShown(ends, item.data.reply_window, heardAt); };
    const minute = setInterval(windowTell, 20000);
    const kept = draft(`${desk.me.agent}-${item.ixn}-${item.external_id || ""}`);
    const begins = begun(item, (draft) => (item.may.includes("message") && !item.asked ? ask("draft", draft) : Promise.resolve()));
    const put_in = (text) => putInto(field, text);
    // A template is the whole message; so is a draft that the helper has finished.
    const set = (text) => { field.value = ""; put_in(text); }, change = (by) => changing(() => field.value, set, by);
    const instead = (said) => (text) => {
        const before = field.value, back = change(() => set(text));
        if (before.trim()) undoable(said, back);
    };
    const template = instead(t("The template replaces what you had written.")), replace = instead(t("It stands in place of what you had written."));
    const labels = tags(item);
    const element = make("div", { class: "chat" }, labels.element, log, state, ends,
        make("form", { class: "composer", oninput: () => keep(), onsubmit: (event) => { event.preventDefault(); say(); } }, field,
            slash([field], item, { use: (text) => put_in(text), changing: change, refuses: () => (aside.checked ? t("For colleagues only is chosen: the customer would not get this answer.") : ""), send: () => say(), changed: () => labels.show(), went }),
            make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Send")),
                button(t("Standard responses …"), () => choose(item, put_in)), ...help(item, { use: put_in, replace, written: () => field.value }), translateAll(log),
                button(t("Templates …"), () => choose(item, template, item.data?.templates), { hidden: !item.data?.templates }),
                make("span", { class: "check", hidden: unseen(item) || Boolean(item.asked) }, aside, make("label", { for: aside.id }, t("For colleagues only"))), named, price)));
    if (!item.asked) element.querySelector(".row").append(second(item, async () => (await stored(item)).interaction, () => (aside.checked ? "" : field.value)));

    // Files that could not be sent stay here, under their keys, until they are sent again or let go.
    const unsent = make("p", { class: "row", role: "status", hidden: true });
    let failed = [];
    const keepFiles = (files) => {
        failed = files;
        unsent.hidden = !files.length;
        unsent.replaceChildren(...(files.length ? [t("Not sent: {files} ", { files: files.map((one) => one.file.name).join(", ") })] : []), ...(files.length && !remarks ? [button(t("Send again"), attempt(() => sendFiles(files))), button(t("Do not send"), () => keepFiles([]))] : []));
    };
    const sendFiles = async (files) => {
        keepFiles([]);
        for (const [i, { file, ...more }] of files.entries()) {
            try {
                const query = new URLSearchParams({ name: file.name, ...(file.type ? { type: file.type } : {}) });
                const { upload } = await post("api/uploads?" + query, file, "application/octet-stream");
                await ask("message", { ixn: item.ixn, text: file.name, file: upload, ...more });
            } catch (error) {
                keepFiles(files.slice(i));
                throw error;
            }
        }
        settle(field);
    };
    const picker = make("input", { type: "file", multiple: true, class: "unseen", tabindex: "-1", "aria-label": t("Files to send"), onchange: () => {
        const files = [...picker.files];
        picker.value = ""; // the same one may be chosen again
        attach(files);
    } });
    const attach = attempt(async (files) => {
        // The customer's network takes files, or it does not.
        const most = Number(item.data?.file_max || 0);
        if (!aside.checked && ["sms", "social", "im"].includes(item.media) && !most) throw new Error(t("Files cannot go to this customer. Write what it says, or where it is found."));
        for (const one of files) {
            if (!aside.checked && most && one.size > most) throw new Error(t("{name} is larger than the {most} kB that this network takes.", { name: one.name, most: Math.floor(most / 1000) }));
            if (!one.size) throw new Error(t("{name} is empty: there is nothing to send.", { name: one.name }));
            if (one.size > desk.me.attachment_max) throw new Error(t("{name} is too large.", { name: one.name }));
        }
        await sendFiles(files.map((file) => ({ file, key: key(), ...(aside.checked ? { visible: "agents" } : {}) })));
    });
    // One that is dropped or pasted goes once the agent says so. A text that was copied with its picture stays a text; a file that
    // was copied has its name as one.
    const brings = (event, { files, text = "" }) => {
        const all = [...files], names = all.map((one) => one.name);
        if (!all.length || item.asked || remarks || text && !names.some((name) => text.trim().endsWith(name))) return;
        event.preventDefault();
        if (confirm(t("Send {files}?", { files: names.join(", ") }))) attach(all);
    };
    field.ondrop = (event) => brings(event, { files: event.dataTransfer.files });
    field.onpaste = (event) => brings(event, { files: event.clipboardData.files, text: event.clipboardData.getData("text/plain") });
    if (!item.asked && item.media !== "sms") element.querySelector(".row").append(button(t("Attach …"), () => picker.click()), picker, unsent);
    // Files are parts of the interaction: their messages' places tell which.
    const nameFiles = async (messages) => {
        if (!messages.some((one) => one.kind === "file")) return;
        const { parts } = await get(`api/interactions/${interaction}/parts`);
        for (const one of messages) {
            const part = parts.find((each) => each.message === one.index);
            one.file = part?.part;
            one.type = part?.type;
            one.name = part?.name;
        }
    };

    // A line at its place in time; at the end, the log follows where it stood at the end.
    const line = (message, own) => {
        const shown = make("li", { class: `${own ? "own" : message.role}${message.visible === "agents" ? " aside" : ""}` },
            make("span", { class: "by" }, bdi(own ? t("You") : speaker(message)),
                message.role === "supervisor" && !own ? t(", supervisor") : "", message.visible === "agents" ? t(", for colleagues") : "", message.at ? " · " + moment(message.at) : ""),
            make("span", { class: "text" }, ...contentShown(message)));
        if (message.taken_back) shown.classList.add("withdrawn"), shown.taken = true;
        if (message.role === "customer" && !own && !message.taken_back && (message.kind || "text") === "text" && !message.file)
            shown.append(translation(item, () => shown.querySelector(".text").textContent));
        if (message.file) shown.querySelector(".text").replaceChildren(...withText(message.text, message.file, message.type, message.name));
        if (message.file && isCard({ type: message.type, name: message.name, role: "attachment" })) shown.append(cards({ part: message.file }, item.asked ? null : item));
        const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
        shown.at = message.at || Date.now();
        shown.answers = own || ["agent", "supervisor"].includes(message.role);
        let before = list.lastElementChild;
        while (before && before.at > shown.at) before = before.previousElementSibling;
        if (before) before.after(shown); else list.prepend(shown);
        if (follows) log.scrollTop = log.scrollHeight;
        return shown;
    };
    const message = (told) => {
        if (told.kind && !told.index) { again(); return; } // the store has what it consists of
        if (told.role === "customer" && told.at > heardAt) { heardAt = told.at; windowTell(); }
        if (told.msg_id && seen.has(told.msg_id)) {
            if (told.state) marked(seen.get(told.msg_id), told.state);
            return;
        }
        const own = saidBy(told, item) === desk.me.agent, name = told.key || own && told.msg_id.slice(item.asked ? 2 : desk.me.agent.length + 1), mine = name && waiting.get(name);
        if (told.role === (item.asked ? "agent" : "customer")) put(state, rests);
        const shown = mine ? mine.shown : isLater(told) ? later.later(told, () => line(told, own)) : line(told, own);
        if (mine) { acknowledged(mine); waiting.delete(name); }
        if (told.msg_id) seen.set(told.msg_id, shown);
        if (told.msg_id && !isLater(told)) later.line(told.msg_id, shown);
        const fares = told.state || early.get(told.msg_id);
        if (fares && told.role !== "customer") marked(shown, fares);
        saidLast();
    };
    // For the list of what the agent has: the last line, and since when the customer waits for an answer.
    const saidLast = () => {
        let since = 0;
        for (let one = list.lastElementChild; one && !(one.answers && !one.classList.contains("aside")); one = one.previousElementSibling)
            if (one.classList.contains("customer")) since = one.at;
        const shown = list.lastElementChild;
        item.said = { text: shown ? `${shown.answers ? `${shown.querySelector(".by").firstChild.textContent}: ` : ""}${contentText(shown.querySelector(".text"))}` : "", since };
        changed();
    };
    const acknowledged = (mine) => {
        mine.sent = true;
        mine.shown.classList.remove("unsent");
        keep();
    };
    // Lines that are not sent, and lines that were sent and not acknowledged.
    const keep = () => {
        priced();
        named.hidden = !aside.checked;
        if (!remarks) begins.write(aside.checked ? "" : field.value);
        const sent = [...waiting].filter(([, one]) => !one.sent).map(([name, { text, visible }]) => [name, text, visible]);
        if (field.value || sent.length || mine || aside.checked && !unseen(item)) stays = kept.write({ text: field.value, aside: aside.checked, sent, of: begins.told(), mine }); else kept.forget();
    };
    const tell = async (name) => {
        const mine = waiting.get(name);
        try {
            const reply = await ask("message", { ixn: item.ixn, key: name, text: mine.text, ...(mine.visible === "agents" ? { visible: "agents" } : {}) });
            if (reply.ok) acknowledged(mine);
        } catch (error) {
            // Under the same key it is kept once, also where it had come through before the core or the chat went away.
            if (error.code === "away" || error.code === "link_down") setTimeout(() => waiting.has(name) && tell(name), AGAIN_MS);
            else if (error.code !== "lost") { waiting.delete(name); keep(); mine.shown.append(make("span", { class: "wrong" }, t("Not sent: ") + error.message)); }
        }
        changed();
        return mine.sent === true;
    };
    const wait = (name, text, visible) => {
        const shown = line({ text, visible, at: Date.now(), role: "agent" }, true);
        shown.classList.add("unsent");
        waiting.set(name, { text, visible, shown });
        saidLast();
    };
    const say = attempt(() => {
        const text = field.value.trim(), name = key();
        if (!text || remarks || !aside.checked && !sendsOpen(text)) return false;
        if (new TextEncoder().encode(text).length > SAID_MAX) throw new Error(t("This is too long for one message: send it in parts."));
        wait(name, text, aside.checked ? "agents" : "all");
        field.value = "";
        offer(null);
        if (rests) put(state, rests = "");
        typed = 0;
        log.scrollTop = log.scrollHeight;
        keep();
        settle(field);
        return tell(name);
    });
    const type = (on) => { typed = on ? Date.now() : 0; ask("typing", { ixn: item.ixn, on }).catch(() => {}); };
    field.oninput = () => {
        if (aside.checked || remarks) return;
        if (!field.value) { if (typed) type(false); } else if (Date.now() - typed > TYPING_MS) type(true);
    };
    field.onkeydown = (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); say(); }
    };
    // The customer has ended it: what was begun is seen, and goes nowhere; what was for colleagues becomes a note.
    let remarks = null, hadTags = "";
    // The tags that the agent has given since are said in a note.
    const overEnds = async () => {
        const now = tagsOf(item).join(", ");
        if (now !== hadTags) await putTo(`api/interactions/${(await stored(item)).interaction}/note`, { key: `${item.ixn}-tags`, text: t("Tags: {tags}", { tags: now || "–" }) });
        draft(`${desk.me.agent}-${item.ixn}-${item.external_id || ""}-tags`).forget();
    };
    const over = () => {
        const chosen = draft(`${desk.me.agent}-${item.ixn}-${item.external_id || ""}-tags`);
        if (!remarks) hadTags = tagsOf(item).join(", ");
        item.tagged = (list) => chosen.write(list);
        item.data = { ...item.data, tags: chosen.read() ?? hadTags };
        labels.show();
        if (remarks) return;
        remarks = notes(item.ixn, async () => (await stored(item)).interaction);
        const lines = [...waiting].filter(([, one]) => !one.sent && one.visible === "agents");
        const note = [...lines.map(([, one]) => one.text), aside.checked ? field.value.trim() : ""].filter(Boolean).join("\n");
        for (const [name, one] of lines) { waiting.delete(name); one.shown.remove(); }
        if (aside.checked) field.value = "";
        if (note) remarks.take(note);
        element.append(unsent);
        keepFiles(failed);
        element.querySelector(".composer .row").remove();
        field.readOnly = true;
        field.hidden = !field.value.trim();
        field.placeholder = "";
        ends.hidden = true;
        clearTimeout(stops);
        rests = field.hidden ? t("The customer has gone.") : t("The customer has gone: this was not sent.");
        put(state, rests);
        element.append(remarks.element);
        aside.checked = false;
        keep();
    };
    // Asks the store for lines behind the last one that came from it; lines that were not acknowledged are said again.
    const again = attempt(async () => {
        interaction ||= (await stored(item)).interaction;
        const messages = await transcriptWhole(interaction, last);
        await nameFiles(messages);
        for (const one of messages) {
            last = Math.max(last, one.index);
            if (one.text || one.taken_back) message(one);
        }
        for (const [name, mine] of waiting) if (!mine.sent && !remarks) tell(name);
    });
    const offer = (was) => {
        mine = was;
        other.hidden = !was;
    };
    const begin = (was) => {
        aside.checked = was.aside || unseen(item);
        set(was.text);
    };
    const other = ownOffered(() => {
        const was = mine;
        undoable(t("It stands in place of what your colleague has written."), changing(() => ({ text: field.value, aside: aside.checked }), (now) => { offer(was); begin(now); }, () => { offer(null); begin(was); }, ({ text }) => text));
    });
    element.querySelector(".composer").prepend(other);
    const before = kept.read();
    for (const one of before?.sent || []) wait(...one);
    if (item.may.includes("message") && theirs(item, before)) {
        field.value = item.data.draft;
        put(state, rests = begunBy(item));
        if (before?.text || before?.mine) offer(before.text ? before : before.mine);
    } else if (before) {
        field.value = before.text;
        aside.checked = before.aside || unseen(item);
        offer(before.mine || null);
    }
    priced();
    again();
    return {
        element, message, again, noted: again, data: labels.show,
        over, overEnds,
        lies: begins.lies,
        draftTake: (text) => change(() => { field.value = text; keep(); }),
        delivery: (told) => {
            const shown = seen.get(told.msg_id);
            if (shown) marked(shown, told.state); else early.set(told.msg_id, told.state);
        },
        typing: (told) => {
            clearTimeout(stops);
            put(state, told.on ? t("{from} is writing …", { from: told.from || t("Customer") }) : rests);
            if (told.on) stops = setTimeout(() => put(state, rests), SILENT_MS);
        },
        focus: () => { log.scrollTop = log.scrollHeight; settle(remarks ? item.wrapup : field); },
        unsent: () => (remarks ? remarks.unsent() : field.value.trim() !== "") || list.querySelector(".unsent") !== null,
        written: () => field.value.trim(),
        unkept() { return this.unsent() && !stays; },
        forget: () => { kept.forget(); remarks?.forget(); },
        close: () => { begins.end(); clearTimeout(stops); clearInterval(minute); },
    };
};
