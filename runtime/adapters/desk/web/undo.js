// undo.js - What can be undone, the last first: by Alt+Z, and by a button that stands there for ten seconds.
import { announce, button, id, make } from "./dom.js";
import { t } from "./t.js";
import { does } from "./keys.js";

const UNDO_MS = 10000;
const all = [];

// Alt+Z calls `undo`, until what this answers is called.
export const canUndo = (undo) => {
    all.push(undo);
    return () => { if (all.includes(undo)) all.splice(all.indexOf(undo), 1); };
};
export const UNDO_KEY = { "aria-keyshortcuts": "Alt+Z", title: "Alt+Z" };
// Says what was done; `back` makes all as it was before.
export const undoable = (text, back) => {
    const undo = () => { end(); back(); announce(t("Undone")); };
    const note = make("p", { class: "note undo", role: "status" }, text, button(t("Undo"), undo, UNDO_KEY));
    const over = canUndo(undo), end = () => { over(); note.remove(); };
    (document.querySelector("dialog[open]") || id("notes")).append(note);
    setTimeout(end, UNDO_MS);
};
does("undo", () => { const undo = all.at(-1); undo?.(); return Boolean(undo); });
