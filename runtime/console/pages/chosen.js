// chosen.js - What a person has chosen of the console: columns, order and filters of a table, a telephone. The server keeps it.
import { complain } from "../dom.js";
import { get, putTo } from "../wire.js";

// Presses that follow each other at once are told together.
const SETTLES_MS = 300;
let all = {};
const timers = new Map();
export const chosenLoad = async () => { all = Object.fromEntries(Object.entries((await get("api/chosen")).chosen).map(([name, value]) => [name, JSON.parse(value)])); };
export const chosen = (name) => all[name] || {};
export const choose = (name, value) => {
    all[name] = value;
    clearTimeout(timers.get(name));
    timers.set(name, setTimeout(() => putTo(`api/chosen/${encodeURIComponent(name)}`, { value: JSON.stringify(value) }).catch((error) => complain({ text: error.message })), SETTLES_MS));
};
