// chosen.js - What a person has chosen of the console: columns, order and filters of a table, a telephone. The server keeps it.
import { complain } from "../dom.js";
import { get, putTo } from "../wire.js";

// Presses that follow each other at once are told together.
const SETTLES_MS = 300;
let all = {};
const timers = new Map();
// What somebody else has chosen in this page before is nobody's now.
export const chosenLoad = async () => {
    all = {};
    timers.forEach(clearTimeout);
    timers.clear();
    for (const [name, value] of Object.entries((await get("api/chosen")).chosen))
        try { all[name] = JSON.parse(value); } catch { /* this page has not written it */ }
};
export const chosen = (name) => all[name] || {};
const tell = (name, more) => {
    clearTimeout(timers.get(name));
    timers.delete(name);
    putTo(`api/chosen/${encodeURIComponent(name)}`, { value: JSON.stringify(all[name]) }, undefined, more).catch((error) => complain({ text: error.message }));
};
export const choose = (name, value) => {
    all[name] = value;
    clearTimeout(timers.get(name));
    timers.set(name, setTimeout(() => tell(name), SETTLES_MS));
};
// Who leaves the page at once loses no choice.
addEventListener("pagehide", () => { for (const name of [...timers.keys()]) tell(name, { keepalive: true }); });
