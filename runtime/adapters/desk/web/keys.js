// keys.js - The keys of the desk: one table says what each does, and where. A module says by does() how; `?` tells them all.
import { button, dialog, id, make } from "./dom.js";
import { t } from "./t.js";

// The key, its name for does() (none: whoever has the field hears it), what it does, where. gcx-desk(8) has the same list.
export const KEYS = [
    ["?", "help", "tells these keys", "outside of fields"],
    ["Alt+A", "accept", "accepts what was offered first", "everywhere"],
    ["Alt+1 to Alt+9", "show", "show what the agent has, in the order of the list", "everywhere"],
    ["Alt+P", "state", "goes to the agent's state", "everywhere"],
    ["Alt+L", "list", "goes to the agent's work", "everywhere"],
    ["Alt+K", "find", "finds contacts and interactions", "everywhere"],
    ["Alt+M", "hand on", "hands on what is shown", "everywhere"],
    ["Alt+X", "done", "finishes with what is shown, and asks first where text was not sent", "everywhere"],
    ["Alt+T", "answer", "answers the telephone", "everywhere"],
    ["Alt+H", "hold", "holds the call, and retrieves it", "everywhere"],
    ["Alt+R", "release", "ends the call", "everywhere"],
    ["Alt+S", "swap", "swaps the call and the question about it", "everywhere"],
    ["Alt+N", "whom", "goes to the number or name that is called", "everywhere"],
    ["Alt+Q", "mute", "mutes the agent, who is heard again by the same key", "everywhere"],
    ["Alt+G", "transfer", "hands the call on to that number or name", "everywhere"],
    ["Alt+I", "consult", "asks that number or name about the call first", "everywhere"],
    ["Alt+J", "conference", "brings whoever is asked into the call", "everywhere"],
    ["Alt+Y", "complete", "leaves the call to whoever is asked", "everywhere"],
    ["Alt+B", "reconnect", "ends the question, and takes the call back", "everywhere"],
    ["Alt+O", "note", "goes to the note for colleagues", "everywhere"],
    ["Alt+W", "wrap-up", "goes to the wrap-up code", "everywhere"],
    ["Alt+0", "take", "takes the next of the queue or workbin that is shown", "everywhere"],
    ["Alt+V", "articles", "finds articles", "everywhere"],
    ["Alt+D", "suggestions", "asks the helper", "everywhere"],
    ["Alt+Z", "undo", "takes back what the page says can be undone", "everywhere"],
    ["Enter", "", "sends what was written", "in a chat"],
    ["Shift+Enter", "", "begins a line", "in a chat"],
    ["Ctrl+Enter", "", "sends an e-mail and finishes with it", "in an e-mail"],
    ["Alt+C", "answer all", "answers all who had the e-mail", "in an e-mail"],
    ["Alt+U", "attach", "attaches a file", "in an e-mail"],
    ["Escape", "", "closes what stands over the page", "everywhere"],
];
const acts = new Map();
// `act` answers whether it has done something: only then the browser does nothing of its own. It gets the digit, if any.
export const does = (name, act) => { acts.set(name, act); };

const FIELD = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
// On a Mac, Alt writes letters.
const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
// The key as the table writes it. A letter is the one that the layout has there; where the layout has no Latin letter or no
// digit there, it is the place of the key. AltGr writes, and is no Alt.
const keyOf = (event) => {
    if (event.ctrlKey || event.metaKey || event.isComposing || event.getModifierState("AltGraph")) return "";
    if (!event.altKey) return event.key;
    const own = /^[a-z0-9]$/i.test(event.key) ? event.key : (/^(?:Key|Digit)(.)$/.exec(event.code) || [])[1];
    return own && !event.shiftKey ? `Alt+${own.toUpperCase()}` : "";
};
// What an element has whose key presses it, or leads to it where it is a field.
export const marked = (name, more = {}) => { const [key] = KEYS.find(([, one]) => one === name); return { "aria-keyshortcuts": key, title: key, ...more }; };
// The first that is seen, before all of the card in which the agent is.
const goTo = (key) => {
    const seen = (root) => [...(root?.querySelectorAll(`[aria-keyshortcuts="${key}"]`) || [])].find((one) => one.checkVisibility() && !one.disabled);
    const one = seen(document.activeElement?.closest("article")) || seen(id("desk"));
    if (one?.matches(FIELD)) one.focus(); else one?.click();
    return Boolean(one);
};
const rowOf = (key) => KEYS.find(([keys]) => keys === key || keys === "Alt+1 to Alt+9" && /^Alt\+[1-9]$/.test(key));
addEventListener("keydown", (event) => {
    const key = keyOf(event), [, name] = rowOf(key) || [], act = name && (acts.get(name) || (() => goTo(key)));
    if (!act || event.repeat || event.defaultPrevented || id("desk").hidden) return;
    if ((!event.altKey || MAC) && event.target.closest?.(FIELD)) return;
    if (name !== "accept" && document.querySelector("dialog[open]")) return;
    if (act(Number(key.slice(4)))) event.preventDefault();
});

const help = () => dialog(t("Keys"), () => [make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("All keys") }, make("table", { "aria-label": t("Keys") },
    make("thead", {}, make("tr", {}, ...[t("Key"), t("What it does")].map((text) => make("th", { scope: "col" }, text)))),
    make("tbody", {}, ...KEYS.map(([keys, , what, where]) => make("tr", {}, make("th", { scope: "row" }, make("kbd", {}, t(keys))), make("td", { class: "wide" }, t(what), where === "everywhere" ? "" : make("span", { class: "quiet" }, ` ${t(where)}`))))))),
make("p", { class: "quiet" }, t("Everything else is reached by Tab, and pressed by Enter or the space bar."))]);
does("help", () => Boolean(help()));
export const helpButton = () => button("?", help, { "aria-label": t("Show the keys"), title: t("Show the keys"), "aria-keyshortcuts": "?" });
