// mail.js - An e-mail's pane: what came, as text; its files; the answer, kept as a draft in this window until it is sent.
import { announce, attempt, button, bytes, key, labelled, make, moment, put, time } from "./dom.js";
import { ask, desk } from "./main.js";
import { stored } from "./contact.js";
import { get, post } from "./wire.js";
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
    .filter((part) => part.role === "attachment" || part.role === "inline")
    .map((part) => make("li", {}, make("a", { href: `api/parts/${part.part}`, target: "_blank", rel: "noopener", download: part.name || "" },
        part.name || part.type || "file"), make("span", { class: "quiet" }, " " + bytes(part.length)))));

// A colleague's answer that somebody reads before it goes.
export const toRelease = (item) => (item.media === "email" && item.parent && item.data && item.data.agent) || null;

export const open = (item, { done }) => {
    const draft = `gcx-desk-draft-${desk.me.agent}-${item.ixn}`;
    const monitored = item.move === "monitor", author = toRelease(item);
    const read = make("div", { class: "letter", role: "region", "aria-label": "The e-mail", tabindex: "0" }, make("p", { class: "quiet" }, "Loading …"));
    const to = make("input", { value: address(item.from), spellcheck: "false", autocomplete: "off" }), cc = make("input", { spellcheck: "false", autocomplete: "off" });
    const subject = make("input", { maxlength: "500", value: /^re:/i.test(item.subject || "") ? item.subject : `Re: ${item.subject || ""}` });
    const text = make("textarea", { rows: "10", maxlength: "200000", "aria-label": "Your answer", spellcheck: "true" });
    const uploads = [], attached = make("ul", { class: "files", "aria-label": "Attached" });
    const file = make("input", { type: "file", multiple: true, class: "unseen", tabindex: "-1", "aria-label": "Files to attach", onchange: () => attach() });
    const state = make("span", { class: "quiet", role: "status" });
    let quote = "", sending = null, sent = false;

    const keep = () => {
        sent = false;
        try {
            if (text.value) sessionStorage.setItem(draft, JSON.stringify([to.value, cc.value, subject.value, text.value]));
            else sessionStorage.removeItem(draft);
        } catch { /* no room: the draft is in the page only */ }
    };
    const attach = attempt(async () => {
        for (const one of [...file.files]) {
            if (desk.me.attachment_max && one.size > desk.me.attachment_max)
                throw new Error(`${one.name} has more than ${bytes(desk.me.attachment_max)}.`);
            const query = new URLSearchParams({ name: one.name, ...(one.type ? { type: one.type } : {}) });
            const { upload } = await post("api/uploads?" + query, one, "application/octet-stream");
            const row = make("li", {}, one.name, make("span", { class: "quiet" }, ` ${bytes(one.size)} `),
                button("×", () => { uploads.splice(uploads.indexOf(upload), 1); row.remove(); }, { "aria-label": `Do not attach ${one.name}` }));
            uploads.push(upload);
            attached.append(row);
            announce(`${one.name} is attached`);
        }
        file.value = "";
    });
    const send = attempt(async (finish) => {
        if (!list(to.value).length) { to.focus(); throw new Error("Whom shall it go to?"); }
        if (!text.value.trim()) { text.focus(); throw new Error("The answer is empty."); }
        sending ||= key(); // sent again after a lost connection, it goes once
        await ask("send", { ixn: item.ixn, key: sending, to: list(to.value), ...(list(cc.value).length ? { cc: list(cc.value) } : {}),
            subject: subject.value, text: text.value, ...(uploads.length ? { attachments: uploads } : {}) });
        sending = null;
        uploads.length = 0, attached.replaceChildren(); // they are the sent mail's
        sent = true;
        sessionStorage.removeItem(draft);
        put(state, `Sent at ${moment(Date.now())}`);
        if (finish) await done();
    });
    const editor = make("form", { class: "editor", "aria-label": "Answer", oninput: keep, onsubmit: (event) => { event.preventDefault(); send(true); } },
        make("div", { class: "fields" }, labelled("To", to), labelled("Cc", cc), labelled("Subject", subject)), text, attached,
        make("div", { class: "row" }, make("button", { type: "submit", class: "first", "aria-keyshortcuts": "Control+Enter", title: "Ctrl+Enter" }, "Send and finish"),
            button("Send", () => send(false)),
            button("Standard responses …", () => choose(item, (filled) => { text.setRangeText(filled, text.selectionStart, text.selectionEnd, "end"); keep(); text.focus(); })),
            button("Attach …", () => file.click()), button("Quote", () => { text.value += (text.value ? "\n\n" : "") + quote; keep(); text.focus(); }), file, state));
    text.onkeydown = (event) => { if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); send(true); } };
    const kept = JSON.parse(sessionStorage.getItem(draft) || "null");
    if (kept) [to.value, cc.value, subject.value, text.value] = kept;

    const load = attempt(async () => {
        const { interaction } = await stored(item);
        const [{ messages }, { parts }] = await Promise.all([get(`api/interactions/${interaction}/transcript`), get(`api/interactions/${interaction}/parts`)]);
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
        unsent: () => !sent && text.value.trim() !== "" && sessionStorage.getItem(draft) === null,
        close: () => {},
    };
};
