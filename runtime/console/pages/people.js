// people.js - How agents are called, and the agents, teams and virtual queues of the site, for lists to choose from.
import { make } from "../dom.js";
import { getWhole } from "../wire.js";

let names = new Map(), teams = [], queues = [];

// Two agents of one name are told apart by their log-ins.
const apart = (found) => {
    const counts = new Map();
    for (const called of found.values()) counts.set(called, (counts.get(called) || 0) + 1);
    return new Map([...found].map(([name, called]) => [name, counts.get(called) > 1 ? `${called} (${name})` : called]));
};
// The router may be away: agents are called as they log in then, and there is nothing to choose from.
export const peopleLoad = async () => {
    const found = new Map(), groups = new Set();
    try {
        for (const row of (await getWhole("api/supervisor/agents", "agents")).agents) {
            found.set(row.name, row.display || row.name);
            for (const group of row.groups || []) groups.add(group);
        }
        [names, teams] = [apart(found), [...groups].sort()];
        queues = (await getWhole("api/supervisor/queues", "queues")).queues.map((row) => row.name).sort();
    } catch { /* as it was */ }
};
export const queueNames = () => queues;
export const calledOf = (name) => names.get(name) || name || "";

// Lists to choose from, each by its name: an input names it as `list`. What is written there may be something else, too.
export const choices = (codes = []) => {
    const list = (id, rows) => make("datalist", { id }, ...rows.map(([value, text]) => make("option", { value }, text || null)));
    return [list("choose-agent", [...names]), list("choose-team", teams.map((name) => [name])), list("choose-queue", queues.map((name) => [name])), list("choose-code", codes.map((name) => [name]))];
};
// What may be chosen for a column of reports and samples; null: it has no list.
export const listOf = (name) => (["agent", "team", "queue", "code"].includes(name) ? `choose-${name}` : null);
