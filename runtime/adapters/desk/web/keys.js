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
const rowOf = (key) => KEYS.find(([keys]) => keys === key || keys === "Alt+1 to Alt+9" && /^Alt\+[1-9]$/.test(key));
addEventListener("keydown", (event) => {
    const key = keyOf(event), [, name] = rowOf(key) || [], act = name && acts.get(name);
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
