// mail.js - An e-mail's pane: what came, as text; its files; the answer, kept as a draft in this browser until it is sent.
import { announce, attempt, button, bytes, draft, key, labelled, make, moment, put, time } from "./dom.js";
import { ask, desk } from "./main.js";
import { stored } from "./contact.js";
import { get, getBytes, post } from "./wire.js";
import { choose } from "./responses.js";

const address = (from) => (/<([^>]+)>/.exec(from || "") || [null, from || ""])[1];
const list = (text) => text.split(/[,;]/).map((one) => one.trim()).filter(Boolean);

// Lines that answer an older mail are shown quieter.
const texts = (text) => {
    const block = make("div", { class: "text" });
    for (const line of text.split("\n")) {
        const quoted = line.startsWith(">"), last = block.lastElementChild;
        if (last && last.classList.contains("quoted") === quoted) last.textContent += "\n" + line;
        else block.append(make("div", { class: quoted ? "quoted" : "said" }, line));
    }
    return block;
};
export const files = (parts) => make("ul", { class: "files", "aria-label": "Files" }, ...parts
    .filter((part) => part.role === "attachment" || part.role === "inline" || part.role === "html")
    .map((part) => make("li", {}, make("a", { href: `api/parts/${part.part}`, target: "_blank", rel: "noopener", download: part.name || (part.role === "html" ? "mail.html" : "") },
        part.role === "html" ? "The same as HTML" : part.name || part.type || "file"), make("span", { class: "quiet" }, " " + bytes(part.length)))));

// A colleague's answer that somebody reads before it goes.
export const toRelease = (item) => (item.media === "email" && item.parent && item.data && item.data.agent) || null;

export const open = (item, { done }) => {
    const kept = draft(`${desk.me.agent}-${item.ixn}`);
    const monitored = item.move === "monitor", author = toRelease(item);
    const read = make("div", { class: "letter", role: "region", "aria-label": "The e-mail", tabindex: "0" }, make("p", { class: "quiet" }, "Loading …"));
    const to = make("input", { value: address(item.from), spellcheck: "false", autocomplete: "off" }), cc = make("input", { spellcheck: "false", autocomplete: "off" });
    const bare = (item.subject || "").replace(/^\s*((re|aw|fwd?|wg|tr)\s*:\s*)+/i, "");
    const subject = make("input", { maxlength: "500", value: `Re: ${bare}` });
    const text = make("textarea", { rows: "10", maxlength: "200000", "aria-label": "Your answer", spellcheck: "true" });
    const attached = make("ul", { class: "files", "aria-label": "Attached" });
    const file = make("input", { type: "file", multiple: true, class: "unseen", tabindex: "-1", "aria-label": "Files to attach", onchange: () => attach() });
    const state = make("span", { class: "quiet", role: "status" });
    let uploads = [], quote = "", parts = [], sending = null, tried = "", sent = false, stays = true;

    const keep = () => {
        sent = false;
        put(state, "");
        if (text.value || uploads.length) stays = kept.write({ fields: [to.value, cc.value, subject.value, text.value], uploads, tried }); else kept.forget();
    };
    const attachedShow = () => attached.replaceChildren(...uploads.map((one) => make("li", {}, one.name, make("span", { class: "quiet" }, ` ${bytes(one.size)} `),
        button("×", () => { uploads = uploads.filter((other) => other !== one); attachedShow(); keep(); }, { "aria-label": `Do not attach ${one.name}` }))));
    // Brings the bytes to the server. An upload is one session's, and goes with one mail.
    const bring = async (name, type, blob) => {
        if (desk.me.attachment_max && blob.size > desk.me.attachment_max) throw new Error(`${name} has more than ${bytes(desk.me.attachment_max)}.`);
        const { upload } = await post("api/uploads?" + new URLSearchParams({ name, ...(type ? { type } : {}) }), blob, "application/octet-stream");
        return { upload, name, type, size: blob.size, session: desk.me.expires };
    };
    const add = async (name, type, blob) => {
        uploads.push(await bring(name, type, blob));
        attachedShow();
        keep();
        announce(`${name} is attached`);
    };
    const attach = attempt(async () => {
        for (const one of [...file.files]) await add(one.name, one.type, one);
        file.value = "";
    });
    const forward = attempt(async () => {
        to.value = cc.value = "";
        subject.value = `Fwd: ${bare}`;
        text.value += `${text.value ? "\n\n" : ""}${quote}`;
        keep();
        to.focus();
        for (const one of parts.filter((part) => part.role === "attachment" && !uploads.some((upload) => upload.of === part.part))) {
            await add(one.name || "file", one.type, await getBytes(`api/parts/${one.part}`));
            uploads.at(-1).of = one.part;
        }
    });
    const send = attempt(async (finish) => {
        if (!list(to.value).length) { to.focus(); throw new Error("Whom shall it go to?"); }
        if (!text.value.trim()) { text.focus(); throw new Error("The answer is empty."); }
        const now = JSON.stringify([to.value, cc.value, subject.value, text.value]);
        // A mail that was sent and came to nothing may have its files; edited, it is another one, and needs them again.
        if (tried && tried !== now) sending = null;
        for (const [i, one] of uploads.entries())
            if (one.session !== desk.me.expires || tried && tried !== now) uploads[i] = await bring(one.name, one.type, await getBytes(`api/parts/${one.upload}`));
        sending ||= key(); // sent again after a lost connection, it goes once
        tried = now;
        keep();
        await ask("send", { ixn: item.ixn, key: sending, to: list(to.value), ...(list(cc.value).length ? { cc: list(cc.value) } : {}),
            subject: subject.value, text: text.value, ...(uploads.length ? { attachments: uploads.map((one) => one.upload) } : {}) });
        sending = null;
        tried = "";
        uploads = []; // they are the sent mail's
        attachedShow();
        sent = true;
        kept.forget();
        put(state, `Sent at ${moment(Date.now())}`);
        if (finish) await done();
    });
    const editor = make("form", { class: "editor", "aria-label": "Answer", oninput: keep, onsubmit: (event) => { event.preventDefault(); send(true); } },
        make("div", { class: "fields" }, labelled("To", to), labelled("Cc", cc), labelled("Subject", subject)), text, attached,
        make("div", { class: "row" }, make("button", { type: "submit", class: "first", "aria-keyshortcuts": "Control+Enter", title: "Ctrl+Enter" }, "Send and finish"),
            button("Send", () => send(false)),
            button("Standard responses …", () => choose(item, (filled) => { text.setRangeText(filled, text.selectionStart, text.selectionEnd, "end"); keep(); text.focus(); })),
            button("Attach …", () => file.click()), button("Quote", () => { text.value += (text.value ? "\n\n" : "") + quote; keep(); text.focus(); }),
            button("Forward", forward), file, state));
    text.onkeydown = (event) => { if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); send(true); } };
    const before = kept.read();
    if (before) {
        [to.value, cc.value, subject.value, text.value] = before.fields;
        uploads = before.uploads;
        tried = before.tried;
        attachedShow();
    }

    const load = attempt(async () => {
        const { interaction } = await stored(item);
        const [{ messages }, all] = await Promise.all([get(`api/interactions/${interaction}/transcript`), get(`api/interactions/${interaction}/parts`)]);
        parts = all.parts;
        read.replaceChildren(...messages.flatMap((one) => [
            make("p", { class: "quiet" }, one.from || item.from || "", item.to ? ` to ${item.to}` : "", " · ", time(one.at)), texts(one.text)]), files(parts));
        const first = messages[0];
        if (first) quote = `On ${new Date(first.at).toLocaleString()}, ${first.from || item.from || "you"} wrote:\n` + first.text.split("\n").map((one) => "> " + one).join("\n");
    });
    load();
    return {
        element: make("div", { class: "mail" }, author ? make("p", { class: "quiet" },
            `An answer by ${author}, not sent yet. Hand it on to the queue that sends it, or back into ${author}'s workbin.`) : null, read,
        monitored || author ? null : editor),
        again: () => {},
        message: () => load(),
        focus: () => (monitored || author ? read : text).focus(),
        unsent: () => !monitored && !author && !sent && text.value.trim() !== "",
        unkept() { return this.unsent() && !stays; },
        forget: kept.forget,
        close: () => {},
    };
};
