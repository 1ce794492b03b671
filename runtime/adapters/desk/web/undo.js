// undo.js - What can be undone, the last first: by Alt+Z, and by a button that stands there for ten seconds.
import { announce, button, id, make, tell } from "./dom.js";
import { t } from "./t.js";
import { does } from "./keys.js";

const UNDO_MS = 10000;
const all = [];

// Alt+Z calls `undo`, until what this answers is called. `gone`: takes what offers it away from the page.
export const canUndo = (undo, gone) => {
    const one = { undo, gone };
    all.push(one);
    return () => { if (all.includes(one)) all.splice(all.indexOf(one), 1); };
};
// After a log-out nothing is offered any more: somebody else may sit here next.
export const undoForget = () => { for (const { gone } of all.splice(0)) gone(); };
export const UNDO_KEY = { "aria-keyshortcuts": "Alt+Z", title: "Alt+Z" };
// Says what was done; `back` makes all as it was before.
export const undoable = (text, back) => {
    const undo = () => { end(); back(); announce(t("Undone")); };
    const note = make("p", { class: "note undo", role: "status" }, text, button(t("Undo"), undo, UNDO_KEY));
    const over = canUndo(undo, () => note.remove()), end = () => { over(); note.remove(); };
    (document.querySelector("dialog[open]") || id("notes")).append(note);
    setTimeout(end, UNDO_MS);
};
// Changes what is written in a field, and answers what undoes that. What was written there since is nobody's to take away: it
// stays. `read` answers what is written; `same` is what tells one text from another.
export const changing = (read, write, change, same = String) => {
    const was = read();
    change();
    const left = same(read());
    return () => { if (same(read()) === left) write(was); else tell(t("What you have written since stays in the field.")); };
};
does("undo", () => { const last = all.at(-1); last?.undo(); return Boolean(last); });
