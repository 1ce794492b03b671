// chat.js - A chat's pane: its lines, who writes, the field for the answer.
import { attempt, button, key, make, moment, put } from "./dom.js";
import { ask, desk } from "./main.js";
import { stored } from "./contact.js";
import { get } from "./wire.js";
import { choose } from "./responses.js";

const TYPING_MS = 4000, AGAIN_MS = 3000;

export const open = (item, { changed }) => {
    const seen = new Map(), waiting = new Map(); // lines by msg_id; what was not acknowledged by its key
    let last = 0, typed = 0, interaction = null;
    const list = make("ol");
    const log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "What was said", tabindex: "0" }, list);
    const state = make("p", { class: "typing", role: "status" });
    const field = make("textarea", { rows: "3", maxlength: "4000", "aria-label": "Your message", placeholder: "Your message. Enter sends, Shift+Enter begins a line." });
    const monitored = item.move === "monitor";
    const aside = make("input", { type: "checkbox", id: `aside-${item.ixn}` });
    aside.checked = monitored;
    const element = make("div", { class: "chat" }, log, state,
        make("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); say(); } }, field,
            make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, "Send"),
                button("Standard responses …", () => choose(item, (text) => { field.setRangeText(text, field.selectionStart, field.selectionEnd, "end"); field.focus(); })),
                make("span", { class: "check" }, aside, make("label", { for: aside.id }, "For colleagues only")))));

    // A line at its place in time; at the end, the log follows where it stood at the end.
    const line = (message, own) => {
        const shown = make("li", { class: `${own ? "own" : message.role}${message.visible === "agents" ? " aside" : ""}` },
            make("span", { class: "by" }, own ? "You" : message.from || ({ customer: "Customer", bot: "Assistant" })[message.role] || message.role,
                message.visible === "agents" ? ", for colleagues" : "", message.at ? " · " + moment(message.at) : ""),
            make("span", { class: "text" }, message.text));
        const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
        shown.at = message.at || Date.now();
        let before = list.lastElementChild;
        while (before && before.at > shown.at) before = before.previousElementSibling;
        if (before) before.after(shown); else list.prepend(shown);
        if (follows) log.scrollTop = log.scrollHeight;
        return shown;
    };
    const message = (told) => {
        if (told.msg_id && seen.has(told.msg_id)) return;
        const mine = told.key && waiting.get(told.key);
        if (told.role === "customer") put(state, "");
        const shown = mine ? mine.shown : line(told, told.key ? true : told.role === "agent" && told.from === desk.me.agent);
        if (mine) kept(told.key);
        if (told.msg_id) seen.set(told.msg_id, shown);
    };
    const kept = (name) => {
        const mine = waiting.get(name);
        if (mine) mine.shown.classList.remove("unsent");
        waiting.delete(name);
    };
    const tell = async (name) => {
        const mine = waiting.get(name);
        try {
            const reply = await ask("message", { ixn: item.ixn, key: name, text: mine.text, ...(mine.visible === "agents" ? { visible: "agents" } : {}) });
            if (reply.ok) mine.shown.classList.remove("unsent");
        } catch (error) {
            // Under the same key it is kept once, also where it had come through before the core or the chat went away.
            if (error.code === "away" || error.code === "link_down") setTimeout(() => waiting.has(name) && tell(name), AGAIN_MS);
            else if (error.code !== "lost") { waiting.delete(name); mine.shown.append(make("span", { class: "wrong" }, "Not sent: " + error.message)); }
        }
        changed();
    };
    const say = () => {
        const text = field.value.trim(), name = key(), visible = aside.checked ? "agents" : "all";
        if (!text) return;
        const shown = line({ text, visible, at: Date.now(), role: "agent" }, true);
        shown.classList.add("unsent");
        waiting.set(name, { text, visible, shown });
        field.value = "";
        typed = 0;
        log.scrollTop = log.scrollHeight;
        aside.checked = monitored;
        field.focus();
        tell(name);
    };
    const type = (on) => { typed = on ? Date.now() : 0; ask("typing", { ixn: item.ixn, on }).catch(() => {}); };
    field.oninput = () => {
        if (aside.checked) return;
        if (!field.value) { if (typed) type(false); } else if (Date.now() - typed > TYPING_MS) type(true);
    };
    field.onkeydown = (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); say(); }
    };
    // What the store has behind the last line that came from it; what was said and not acknowledged is said again.
    const again = attempt(async () => {
        interaction ||= (await stored(item)).interaction;
        for (let more = true; more;) {
            const { messages } = await get(`api/interactions/${interaction}/transcript`, { after: last || undefined, limit: 200 });
            for (const one of messages) {
                last = Math.max(last, one.index);
                if (one.text) message(one);
            }
            more = messages.length === 200;
        }
        for (const [name, mine] of waiting) if (mine.shown.classList.contains("unsent")) tell(name);
    });
    again();
    return {
        element, message, again,
        typing: (told) => put(state, told.on ? `${told.from || "Customer"} is writing …` : ""),
        focus: () => { log.scrollTop = log.scrollHeight; field.focus(); },
        unsent: () => field.value.trim() !== "" || list.querySelector(".unsent") !== null,
        close: () => {},
    };
};
