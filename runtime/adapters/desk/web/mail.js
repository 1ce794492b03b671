// mail.js - An e-mail's pane: what came, as text; its files; the answer, kept as a draft in this browser until it is sent.
import { announce, attempt, bdi, begun, button, bytes, dialog, draft, going, keepField, key, labelled, make, moment, plain, put, select, time, wentOut, wordOf } from "./dom.js";
import { dates, t } from "./t.js";
import { ask, desk } from "./main.js";
import { stored, transcriptWhole } from "./contact.js";
import { attachments, writer } from "./editor.js";
import { UNDO_LEAST_S, html, invitation, opened, sent as sentNote, signature, texts } from "./letter.js";
import { begunBy, called, ownOffered, person, theirs } from "./people.js";
import { get, getBytes, post } from "./wire.js";
import { help, translation } from "./helped.js";
import { naming, second } from "./together.js";
import { changing, undoable } from "./undo.js";
import { cards, isCard } from "./vcard.js";
import { answersTo, kin } from "./who.js";
import { all, endsForAll, hold, leaves, want } from "./work.js";
import { slash, tags } from "./quick.js";
import { choose, sendsOpen } from "./responses.js";

const address = (from) => (/<([^>]+)>/.exec(from || "") || [null, from || ""])[1];
// The recipients in a field, as people write them and as mail programs copy them: a name in quotes may have commas.
const list = (text) => (text.match(/(?:"[^"]*"|<[^>]*>|[^,;"<]|["<])+?(?=[,;]|$)/g) || []).map((one) => one.trim()).filter(Boolean);

// Types that the server sends as pictures. Any other inline part of a mail is a file to save.
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const isPicture = (part) => part.role === "inline" && PICTURES.has((part.type || "").toLowerCase());
const pictures = (parts) => make("div", { class: "pictures" }, ...parts.filter(isPicture).map((part) => {
    const href = `api/parts/${part.part}`, name = part.name || t("Picture");
    return make("a", { href, target: "_blank", rel: "noopener", download: name }, make("img", { src: href, alt: name, loading: "lazy" }));
}));
const NAMES = { html: "mail.html", "text/calendar": "invitation.ics", "message/rfc822": "mail.eml" };
const files = (parts) => make("ul", { class: "files", "aria-label": t("Files") }, ...parts
    .filter((part) => part.role === "attachment" || (part.role === "inline" && !isPicture(part)) || part.role === "html")
    .map((part) => make("li", {}, make("a", { href: `api/parts/${part.part}`, target: "_blank", rel: "noopener", download: part.name || NAMES[part.role] || NAMES[part.type] || "" },
        part.role === "html" ? t("The same as HTML") : part.name || NAMES[part.type] || part.type || t("file")), make("span", { class: "quiet" }, " " + bytes(part.length)))));
// Files that came with a mail or in a chat, besides the text.
export const attached = (parts) => [pictures(parts), files(parts)];
// A message's text; where it has HTML, that, with the pictures that stand in it.
const body = (text, parts) => {
    const plain = texts(text), layout = parts.find((part) => part.role === "html");
    const whole = make("div", {}, plain, pictures(parts));
    return layout ? [html(layout, parts, whole), whole, ...opened(parts), files(parts)] : [plain, ...opened(parts), ...attached(parts)];
};
const isCalendar = (part) => /^text\/calendar\b/i.test(part.type || "") || (part.role === "attachment" && /\.ics$/i.test(part.name || ""));

// A colleague's answer that somebody reads before it goes, or an own one that came back.
export const toRelease = (item) => (item.media === "email" && item.parent && item.data && item.data.agent) || null;

// ---- writing ----

// To whom an answer to all goes: who wants answers, and, as a copy, who had the mail besides us.
const others = (item, keys, but) => [...new Set(keys.flatMap((key) => list(item.data?.[key] || "")))].filter((one) => ![address(item.to), ...but].some((other) => other.toLowerCase() === one.toLowerCase()));
const toAll = (item) => {
    if (item.data?.answer_to) return [item.data.answer_to, item.data.answer_cc || ""];
    const to = [item.data?.reply_to || address(item.from), ...others(item, ["reply_to_more"], [])];
    return [to.join(", "), others(item, ["to_more", "cc"], to).join(", ")];
};
const hasMore = ({ data = {} }) => (data.answer_to ? Boolean(data.answer_cc) || list(data.answer_to).length > 1 : Boolean(data.cc || data.to_more || data.reply_to_more));
const bare = (subject) => (subject || "").replace(/^\s*((re|aw|fwd?|wg|tr)\s*:\s*)+/i, "");

// A mail that is forwarded answers nobody: a reply is awaited as before.
const forwards = (subject) => /^\s*(fwd?|wg|tr)\s*:/i.test(subject);

// A router without its state counts its interactions anew: a draft of another e-mail stays where it is.
const draftOf = (item) => `${desk.me.agent}-${item.ixn}-${item.external_id || ""}`;

// An answer and a version of one have this in common. `wants(now)` sends what `now` has; `more` are further buttons. `wants.ends(macro)`:
// what the message has besides where the agent is done with it; then `wants.finish()`. `wants.of()`: the version that one is made of.
const editorOf = (item, label, shownFields, wants, more, rest = []) => {
    const fields = [...shownFields, ...rest];
    const kept = draft(draftOf(item));
    const state = make("span", { class: "quiet", role: "status" });
    // A version of an answer lies in the interaction itself.
    const begins = toRelease(item) ? null : begun(item, (draft) => ask("draft", draft));
    let name = null, tried = "", sent = true, stays = true, mine = null; // mine: what was written here before a colleague went on with it
    const values = () => fields.map(([, control]) => control.value);
    const first = values();
    const fill = (all) => {
        fields.forEach(([, control], i) => { control.value = all[i] ?? control.value; });
        folded.open = rest.some(([, control]) => control.value);
    };
    const now = () => JSON.stringify([...values(), text.text(), text.html()]);
    const holds = () => text.says() || files.kept().length > 0;
    const written = () => ({ fields: values(), text: text.text(), html: text.html(), files: files.kept(), signed: text.signed() });
    const said = ({ fields, text, html }) => JSON.stringify([fields, html ?? text]);
    // Fills in fields anew. Where something else was written there, Undo brings it back, and `back` does what else that takes.
    const replace = (change, back) => {
        const before = values();
        const undo = changing(written, (was) => { fill(was.fields); text.set(was.text, was.html); back?.(); keep(); }, () => { change(); keep(); }, said);
        if (values().some((value, i) => value !== before[i] && ![first[i], ""].includes(before[i]))) undoable(t("It stands in place of what you had written."), undo);
    };
    const keep = () => {
        sent = false;
        put(state, "");
        begins?.write(text.says() ? text.text() : "");
        if (mine || text.text() || files.kept().length || String(values()) !== String(first)) stays = kept.write({ ...written(), tried, name, of: begins ? begins.told() : wants.of(), mine });
        else kept.forget();
    };
    // What is being sent is not changed meanwhile: whatever would be added is neither in the mail nor kept. The pressed button
    // keeps the focus.
    let sending = false;
    const lock = (on) => {
        sending = on;
        text.lock(on);
        for (const one of element.querySelectorAll(".fields input, .fields textarea")) one.readOnly = on;
        for (const one of element.querySelectorAll("button, select")) if (!on || one !== document.activeElement) one.disabled = on;
    };
    const send = attempt(async (then, ends) => {
        if (sending || ends && !leaves(item, item.body.noting)) return false;
        lock(true);
        try { return await sendNow(then, ends); } finally { lock(false); }
    });
    const sendNow = async (then, ends) => {
        if (!holds() && !files.coming()) { text.focus(); throw new Error(t("The answer is empty.")); }
        if (!sendsOpen(text.text())) return false;
        // One that came to nothing may have its files; edited, it is another one, which needs them again.
        const anew = tried !== "" && tried !== now();
        if (anew) name = null;
        const uploads = await files.uploads(anew);
        name ||= key(); // sent again after a lost connection, it goes once
        tried = now();
        keep();
        const answered = await wants({ ixn: item.ixn, key: name, text: text.text(), ...(text.html() ? { html: text.html() } : {}), ...(uploads.length ? { attachments: uploads } : {}), ...ends });
        const left = Array.isArray(answered) ? answered : null;
        name = null;
        tried = "";
        files.set(left || []); // the others are the sent one's
        if (!left) { // what is written next is another answer: to the customer, and to nobody who had only this one
            fill(first);
            text.set("");
        }
        sent = true;
        mine = null;
        other.hidden = true;
        kept.forget();
        begins?.write("");
        put(state, t("{said} at {time}", { said: wants.said, time: moment(Date.now()) }));
        if (then) await then();
        return true;
    };
    const finish = () => (!wants.ends || endsForAll(item)) && send(wants.finish, wants.ends?.());
    const folded = make("details", { class: "folded" }, make("summary", {}, t("Bcc, time, receipt")), make("div", { class: "fields" }, ...rest.map(([title, control]) => labelled(title, control))));
    const text = writer(label, keep, () => finish()), files = attachments(keep);
    const attach = button(t("Attach …"), files.choose, { "aria-keyshortcuts": "Alt+U", title: "Alt+U" });
    const brings = (data) => { if (data?.files.length && !sending) files.bringAll([...data.files]); };
    // Cells and passages of office programs are copied as text, and as a picture of it, which nobody means.
    const pastes = (data) => { if (!data?.getData("text/plain")) brings(data); };
    const element = make("form", { class: "editor", "aria-label": label, oninput: keep, ondrop: (event) => brings(event.dataTransfer), onpaste: (event) => pastes(event.clipboardData), onsubmit: (event) => { event.preventDefault(); return finish(); } },
        make("div", { class: "fields" }, ...shownFields.map(([title, control]) => labelled(title, control))),
        rest.length ? folded : null, ...text.elements, slash(text.fields, item, { use: text.insert, changing: text.changing, send: (macro) => (wants.ends ? send(wants.finish, wants.ends(macro.name)) : send()), get holds() { return Boolean(wants.ends); }, changed: () => item.body?.data?.(), went: (keeps) => wants.went(keeps) }), files.element,
        make("div", { class: "row" }, ...more({ send, text, files, replace, attach, isSending: () => sending }),
            button(t("Standard responses …"), () => choose(item, text.insert)), ...help(item, { use: text.insert, replace: (said) => undoable(t("It stands in place of what you had written."), text.replace(said)), written: text.text }), second(item, async () => (await stored(item)).interaction, () => text.text()), text.swap, files.chosen, state));
    const begin = (was) => {
        fill(was.fields);
        text.set(was.text, was.html);
        text.signed(was.signed);
        files.set(was.files);
        ({ tried, name = null } = was); // a page that was loaded again sends it under the same name, once
        sent = false;
    };
    // Writes it there again. It is another mail, which needs its files again.
    const restore = (was) => {
        begin({ ...was, name: null, tried: t("taken back") });
        keep();
        text.focus();
    };
    // What the agent wrote before a colleague went on with it is kept beside the colleague's, and can be had again.
    const offer = (was) => {
        mine = was;
        other.hidden = false;
    };
    const other = ownOffered(() => {
        const was = mine;
        undoable(t("It stands in place of what your colleague has written."), changing(written, (now) => { offer(was); restore(now); }, () => {
            mine = null;
            other.hidden = true;
            restore(was);
        }, said));
    });
    element.prepend(other);
    const before = kept.read();
    if (begins && theirs(item, before)) {
        text.set(item.data.draft);
        put(state, begunBy(item));
        sent = false;
        if (before?.text || before?.mine) offer(before.text ? before : before.mine);
    } else if (before && begins) {
        begin(before);
        if (before.mine) offer(before.mine);
    }
    return {
        element, text, files, keep, ended: () => begins?.end(), lies: () => begins?.lies(), before, begin, offer, lock, isSent: () => sent, written, restore,
        focus: text.focus,
        unsent: () => !sent && holds(),
        unkept: () => !sent && !stays && holds(),
        forget: kept.forget,
    };
};
const submit = (text) => make("button", { type: "submit", class: "first", "aria-keyshortcuts": "Control+Enter", title: t("Ctrl+Enter") }, text);

// ---- two mails that are one work, and one that is two ----

// Others that the agent has, and that customers wrote.
const mergeable = (item) => all().filter((one) => one !== item && one.media === "email" && !toRelease(one) && one.may.includes("message"));
// This one's text goes to the other one, for agents alone, and this one is finished. Undone, it is an e-mail of its own again.
const merge = (item, letter, went) => dialog(t("Merge into"), (close, box) => {
    const others = mergeable(item);
    const into = attempt(async (other) => {
        if (!leaves(item) || !endsForAll(item)) return;
        await letter.whole();
        const { interaction } = await stored(item);
        await going(box, ask("merge", { ixn: item.ixn, into: other.ixn }));
        close();
        other.body.again();
        went();
        undoable(t("It is merged into {subject}.", { subject: other.subject || t("the other e-mail") }), attempt(() => divide(other, { text: letter.text || t("(no text)"), subject: item.subject || "",
            from: interaction, keep: filesOf(letter).map((part) => part.part) }, "me")));
    });
    return [make("ul", { class: "choices" }, ...others.map((one) => make("li", {}, make("button", { type: "button", class: "entry", onclick: () => into(one) },
        make("span", { class: "subject" }, one.subject || t("E-mail")), make("span", { class: "quiet" }, one.from || ""))))),
    others.length ? "" : make("p", { class: "none" }, t("You have no other e-mail: first take the one into which this one goes."))].filter(Boolean);
}, item);
// What goes with its text: files, and pictures that stand in it.
const filesOf = (letter) => letter.parts.filter((part) => part.role === "attachment" || part.role === "inline");
// Answers the part's number at the router. `whose` me: the agent has it at once.
const divide = async (item, part, whose, name = key()) => {
    const { ixn } = await ask("split", { ixn: item.ixn, key: name, ...part, ...(whose && whose !== "me" ? { queue: whose } : {}) });
    if (whose === "me") {
        want(ixn);
        await ask("pull", { workbin: "later", ids: [ixn] });
    }
    return ixn;
};
// A part of the mail, what is marked in it at first, becomes a second work; undone, it is a part again.
const split = (item, letter, marked) => dialog(t("Split"), (close, box) => {
    const text = make("textarea", { rows: "8", maxlength: "200000", required: true }), subject = make("input", { maxlength: "500", value: item.subject || "" });
    const whose = select([["", t("Its queue")], ["me", t("Me")], ...(desk.me.queues || []).map((one) => [one, plain(one)])]), name = key();
    const files = filesOf(letter).map((part) => [part.part, make("input", { type: "checkbox" }), part.name || NAMES[part.type] || part.type || t("file")]);
    text.value = marked;
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        const keep = files.filter(([, box]) => box.checked).map(([part]) => part);
        const ixn = await going(box, divide(item, { text: text.value, subject: subject.value, ...(keep.length ? { keep } : {}) }, whose.value, name));
        close();
        undoable(t("A second e-mail was made of it."), attempt(() => ask("merge", { ixn, into: item.ixn })));
    }) }, labelled(t("The part"), text), labelled(t("Subject"), subject), labelled(t("Who gets it"), whose),
    ...files.map(([, box, name]) => make("div", { class: "check" }, make("label", {}, box, t(" With {name}", { name })))),
    make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Split"))));
}, item);

// The field that is meant by what the server finds wrong gets the focus.
const LISTS = { to: t("To"), cc: t("Cc"), bcc: t("Bcc") };
const wrongIn = (fields, asked) => asked.catch((error) => {
    const none = /^(to|cc|bcc): `(.*)` is not an address /s.exec(error.message), field = fields[/^(to|cc|bcc): /.exec(error.message)?.[1]], folded = field?.closest("details");
    if (folded) folded.open = true;
    field?.focus();
    if (none) throw new Error(t("{field}: {written} is not an address such as anna@example.org or Anna <anna@example.org>.", { field: LISTS[none[1]], written: none[2] }));
    throw /^to: 500 /.test(error.message) ? new Error(t("To, Cc and Bcc have 500 addresses together at most.")) : error;
});

const answer = (item, done, letter, went) => {
    // A list that is pasted has an address a line, and a field has one line.
    const people = (value) => make("input", { value, spellcheck: "false", autocomplete: "off", onpaste: (event) => {
        const pasted = event.clipboardData.getData("text/plain");
        if (!/[\r\n\t]/.test(pasted)) return;
        event.preventDefault();
        document.execCommand("insertText", false, pasted.trim().split(/[,;]?\s*[\r\n\t]+\s*/).join(", "));
    } });
    const to = people(address(item.data?.reply_to || item.from)), cc = people(""), bcc = people("");
    const subject = make("input", { maxlength: "500", value: t("Re: {subject}", { subject: bare(item.subject) }) });
    const at = make("input", { type: "datetime-local" }), receipt = select([["", t("Not asked for")], ["yes", t("Asked for")]]);
    const wants = async (mail) => {
        if (!list(to.value).length) { to.focus(); throw new Error(t("Whom shall it go to?")); }
        const time = at.value ? new Date(at.value).getTime() : 0;
        if (at.value && !(time > Date.now())) { at.focus(); throw new Error(t("The time at which it goes is over: choose a later one, or none.")); }
        const written = made.written();
        const { ixn } = await wrongIn({ to, cc, bcc }, ask("send", { ...mail, to: list(to.value), ...(list(cc.value).length ? { cc: list(cc.value) } : {}), ...(list(bcc.value).length ? { bcc: list(bcc.value) } : {}),
            ...(time ? { at: time } : {}), ...(receipt.value ? { receipt: true } : {}), ...(forwards(subject.value) ? { forward: true } : {}), subject: subject.value }));
        const ends = sentNote(ixn, time, { answered: item.ixn, written });
        held = mail.finish === undefined ? null : { answer: ixn, ends, wrapup: mail.wrapup, macro: mail.macro };
    };
    // The server is done with it once nothing can be taken back any more.
    let held = null;
    const may = () => item.may.includes("done"); // a colleague who is asked may have it later
    Object.assign(wants, { finish() { return held ? hold(item, held) : done(); }, went, said: t("Sent") });
    Object.defineProperty(wants, "ends", { get: () => (may() ? (macro) => ({ finish: Math.max(desk.me.undo || 0, UNDO_LEAST_S), ...(macro ? { macro } : item.wrapup?.value ? { wrapup: item.wrapup.value } : {}) }) : null) });
    const made = editorOf(item, t("Your answer"), [[t("To"), to], [t("Cc"), cc], [t("Subject"), subject]], wants, ({ send, text, files, replace, attach, isSending }) => [submit(t("Send and finish")), button(t("Send"), () => send()),
        hasMore(item) ? button(t("Answer all"), () => { replace(() => { [to.value, cc.value] = toAll(item); }); text.focus(); }, { "aria-keyshortcuts": "Alt+C", title: "Alt+C" }) : null,
        attach, button(t("Quote"), attempt(async () => {
            await letter.whole();
            if (isSending()) return; // it would be in neither answer
            text.append(letter.quote, letter.layout());
        })), item.may.includes("done") ? button(t("Merge …"), () => merge(item, letter, went)) : null, button(t("Split …"), attempt(async () => {
            const marked = letter.marked();
            await letter.whole();
            split(item, letter, marked);
        })),
        button(t("Forward"), attempt(async () => {
            await letter.whole();
            if (isSending()) return;
            const had = files.kept().map((one) => one.of);
            let undone = false;
            const leave = () => files.set(files.kept().filter((one) => !one.of || had.includes(one.of)));
            replace(() => {
                to.value = cc.value = "";
                subject.value = t("Fwd: {subject}", { subject: bare(item.subject) });
                text.append(letter.quote, letter.layout());
            }, () => { undone = true; leave(); });
            to.focus();
            await files.take(filesOf(letter));
            if (undone) leave();
        }))].filter(Boolean), [[t("Bcc"), bcc], [t("Send later"), at], [t("Receipt when it was read"), receipt]]);
    // The signature stands below the answer before anything is written; what was begun has its own.
    if (!made.before && !item.data?.draft) stored(item).then(({ contact }) => signature(address(item.to), contact)).then((text) => { if (text && !made.text.text().trim()) made.text.sign(text); }, () => {});
    return made;
};

// Another version of an answer; without a change it goes as it is.
const version = (item, author, load, letter, went) => {
    let at = null; // the version that is written on
    const own = author === desk.me.agent, subject = make("input", { maxlength: "500", value: item.subject || "", required: true });
    const on = async () => {
        if (!leaves(item, item.body.noting)) return;
        await ask("move", { ixn: item.ixn, how: "place", to: "queue", name: desk.me.outbound });
        went();
    };
    const wants = async (mail) => {
        await ask("revise", { ...mail, subject: subject.value, keep: made.files.kept().filter((one) => one.keep).map((one) => one.keep) });
        const loaded = await load();
        at = loaded.messages.at(-1)?.index;
        return filesOf(loaded);
    };
    const lastOf = ({ messages, parts }) => parts.filter((part) => part.message === messages.at(-1)?.index);
    const filesOf = (loaded) => lastOf(loaded).filter((part) => part.role === "attachment" || part.role === "inline").map((part) => ({ keep: part.part, name: part.name || part.type, size: part.length }));
    Object.assign(wants, { finish: on, went, said: t("Kept"), of: () => at });
    const back = () => dialog(t("Give back to {name}", { name: called(author) }), (close, box) => {
        const remark = make("textarea", { rows: "4", maxlength: "1000", required: true }), remarked = keepField(remark, `${draftOf(item)}-remark`);
        return make("form", { onsubmit: attempt(async (event) => {
            event.preventDefault();
            await going(box, ask("move", { ixn: item.ixn, how: "return", remark: remark.value }));
            remarked();
            close();
            announce(t("It lies in the workbin of {name}", { name: called(author) }));
        }) }, labelled(t("What shall be changed?"), remark), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Give back"))));
    }, item);
    const made = editorOf(item, own ? t("Your answer") : t("The answer by {name}", { name: called(author) }), [[t("Subject"), subject]], wants, ({ send, attach }) => [
        button(own ? t("Send on") : t("Approve and send"), attempt(() => (made.isSent() ? on() : send(on))), { class: "first" }),
        button(t("Keep this version"), () => send()), own ? null : button(t("Give back …"), back), attach].filter(Boolean));
    // The last version, unless another one was begun from it. Until it is there, nothing is written and nothing goes.
    made.lock(true);
    letter.then(async (loaded) => {
        const last = loaded.messages.at(-1), { before } = made, newer = Boolean(before && last) && (before.of ?? last.index) !== last.index;
        at = last?.index;
        if (before && !newer) made.begin(before);
        const mine = newer && (before.text || before.files.length) ? before : before?.mine;
        if (mine) made.offer(mine);
        if (!last || !newer && (before?.text || before?.files.length)) return;
        const layout = lastOf(loaded).find((part) => part.role === "html");
        made.text.set(last.text, layout ? await (await getBytes(`api/parts/${layout.part}`)).text() : null);
        made.files.set(filesOf(loaded));
    }).finally(() => made.lock(false));
    return made;
};

// To whom a mail goes: of one that an agent has written the store has all recipients, with those whom no header names.
const addressees = async (item, parts) => {
    const kept = parts.find((part) => part.role === "envelope");
    const { to = [], cc = [], bcc = [], begins } = kept ? JSON.parse(await (await getBytes(`api/parts/${kept.part}`)).text()) : { to: [item.to, item.data?.to_more].filter(Boolean), cc: [item.data?.cc].filter(Boolean) };
    const shown = [[t("to"), to.filter((one) => !cc.includes(one) && !bcc.includes(one))], [t("copy to"), cc], [t("blind copy to"), bcc]].map(([word, all]) => [word, all.flatMap(list)]).filter(([, all]) => all.length);
    return [...shown.flatMap(([word, all], i) => [`${i ? " ·" : ""} ${word} `, ...some(all)]), begins / 1000 > Date.now() ? t(" · was to go {time}", { time: moment(begins / 1000) }) : ""];
};
const QUOTED_MAX = 100000; // characters of HTML that are quoted with their layout: what is sent has a limit
// The first of many, and the others in one line that opens.
const SOME = 3;
const some = (all) => (all.length <= SOME + 1 ? [all.join(", ")]
    : [make("details", { class: "more" }, make("summary", {}, t("{all} and {count} more", { all: all.slice(0, SOME).join(", "), count: all.length - SOME })), all.slice(SOME).join(", "))]);

// ---- the pane ----

export const open = (item, { done, went }) => {
    const monitored = !item.may.includes("message"), author = toRelease(item);
    const read = make("div", { class: "letter", role: "region", "aria-label": t("The e-mail"), tabindex: "0" }, make("p", { class: "quiet" }, t("Loading …")));
    // whole(): once it is loaded; what is made of it waits for that.
    const letter = { there: null, whole: null, quote: "", text: "", parts: [], marked: () => "", layout: () => null };
    // The agent who asks for advice and the one who gives it write to each other here; the customer reads nothing of it.
    const notes = make("ul", { class: "colleagues", "aria-label": t("Between colleagues") }), advice = make("textarea", { rows: "2", maxlength: "4000", required: true });
    const advised = keepField(advice, `${draftOf(item)}-advice`);
    let name = key();
    const between = make("form", { class: "between", hidden: true, oninput: () => { name = key(); }, onsubmit: attempt(async (event) => {
        event.preventDefault();
        const said = advice.value;
        await ask("message", { ixn: item.ixn, key: name, text: said.trim(), visible: "agents" });
        wentOut(advice, said, advised);
        name = key();
    }) }, notes, labelled(t("For colleagues only"), advice), make("div", { class: "row" }, make("button", { type: "submit" }, t("Tell them")), naming(advice)));
    const adviceShow = () => { between.hidden = !item.may.includes("advise"); };
    // An invitation is answered by a mail to who asks, with the answer for their calendar.
    const invited = async (past, summary, to, file) => {
        const subject = summary.replace(/\s+/g, " "); // it may have several lines
        const { upload } = await post("api/uploads?" + new URLSearchParams({ name: "answer.ics", type: "text/calendar; method=REPLY; charset=utf-8" }), file, "application/octet-stream");
        const { ixn } = await ask("send", { ixn: item.ixn, key: key(), to: [to], subject: `${past}: ${subject}`.slice(0, 500), text: `${past}: ${subject}`, attachments: [upload] });
        announce(t("{past}: the answer is sent", { past }));
        sentNote(ixn);
    };
    // A press of a button may take the mark away: what was marked last in this mail counts.
    let marked = "";
    const mark = () => { const at = getSelection(); if (at.rangeCount && read.contains(at.anchorNode) && read.contains(at.focusNode)) marked = at.toString().trim(); };
    read.addEventListener("pointerup", mark);
    read.addEventListener("keyup", mark);
    letter.marked = () => { const within = read.querySelector("iframe")?.contentWindow?.getSelection()?.toString().trim(); mark(); return within || marked; };
    const load = async () => {
        const { interaction } = await stored(item);
        const [all, { parts }] = await Promise.all([transcriptWhole(interaction), get(`api/interactions/${interaction}/parts`)]);
        const addressed = await addressees(item, parts);
        // The destination of the mail and its fate are told behind the versions.
        const messages = all.filter((one) => one.kind !== "sent" && one.visible !== "agents"), sent = all.filter((one) => one.kind === "sent");
        notes.replaceChildren(...all.filter((one) => one.visible === "agents").map((one) => make("li", {}, make("span", { class: "by" }, bdi(one.from || wordOf(one.role)), " · ", moment(one.at)), " ", make("span", { class: "text" }, one.text))));
        adviceShow();
        read.replaceChildren(...messages.flatMap((one, i) => [
            make("div", { class: "quiet addressed" }, bdi(one.from || item.from || ""), ...addressed, " · ", time(one.at), messages.length > 1 ? t(" · version {i}", { i: i + 1 }) : ""), ...body(one.text, parts.filter((part) => part.message === one.index)), one.role === "customer" ? translation(item, () => one.text) : "",
            ...parts.filter((part) => part.message === one.index && isCard(part)).map((part) => cards(part, editor && !author ? item : null)),
            ...parts.filter((part) => part.message === one.index && isCalendar(part)).map((part) => invitation(part, address(item.to), editor && !author ? invited : null))]),
        item.data?.receipt_to ? make("p", { class: "notice" }, t("{receipt_to} asks for a receipt when this was read. None was sent.", { receipt_to: item.data.receipt_to })) : "",
        ...sent.map((one) => make("p", { class: "notice" }, `${moment(one.at)} · ${one.text}`)));
        const first = messages[0];
        if (first) letter.quote = t("On {at}, {from} wrote:\n", { at: dates({ dateStyle: "medium", timeStyle: "short" }).format(new Date(first.at)), from: first.from || item.from || t("you") }) + first.text.trimEnd().split("\n").map((one) => "> " + one).join("\n");
        letter.layout = () => {
            const shown = [...read.querySelectorAll(".as-html iframe")].find((one) => !one.closest(".opened"))?.contentDocument?.body;
            return shown?.hasChildNodes() && shown.innerHTML.length < QUOTED_MAX ? shown : null;
        };
        letter.parts = parts;
        letter.text = first?.text || "";
        return { messages, parts };
    };
    // One that cannot be loaded again stands as it was; a first one is asked for again by whatever waits for it.
    const loadNow = () => {
        const now = load(), before = letter.there;
        letter.there = now.catch((error) => { letter.there = before; throw error; });
        return now;
    };
    letter.whole = () => letter.there || loadNow();
    const loaded = loadNow(), anew = attempt(loadNow);
    letter.there.catch(() => {});
    loaded.catch((error) => read.replaceChildren(make("p", { class: "wrong" }, error.message)));
    const editor = monitored ? null : author ? version(item, author, load, loaded.catch(() => ({ messages: [], parts: [] })), went) : answer(item, done, letter, went);
    const labels = tags(item), family = make("div", {}), familyShow = () => family.replaceChildren(...[answersTo(item), kin(item)].filter(Boolean));
    familyShow();
    const remark = author && item.data.return_reason;
    return {
        element: make("div", { class: "mail" }, author ? make("p", { class: "notice" },
            ...(author === desk.me.agent ? [remark ? t("It came back to you: {remark}", { remark }) : t("Your answer, not sent yet.")] : [t("An answer by "), person(author), t(", not sent yet.")])) : null, labels.element, family, read, between, editor && editor.element),
        again: anew,
        parties: adviceShow,
        who: familyShow,
        data: labels.show,
        message: anew,
        noted: anew,
        // An answer that was taken back: false where another one was begun.
        letterAgain(written) {
            if (!written || !editor || author || !editor.isSent()) return false;
            editor.restore(written);
            return true;
        },
        draftTake: editor ? (text) => editor.text.changing(() => { editor.text.set(text); editor.keep(); }) : null,
        focus: () => (editor && !author ? editor : read).focus(),
        unsent: () => Boolean(editor && editor.unsent()) || advice.value.trim() !== "",
        noting: () => advice.value.trim() !== "",
        written: () => advice.value.trim(),
        unkept: () => Boolean(editor && editor.unkept()),
        forget: () => { advised(); editor?.forget(); },
        lies: () => editor?.lies(),
        close: () => editor?.ended(),
    };
};
