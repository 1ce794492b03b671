// people.js - The agents' names: those of the directory, asked for once each; and who is there.
import { button, make, put } from "./dom.js";
import { t } from "./t.js";
import { desk } from "./main.js";
import { get } from "./wire.js";

const FIND_MAX = 16; // letters: as much as a name is sought by
const names = new Map(), asked = new Map(), numbers = new Map();

// The agents who are logged in.
export const colleagues = async () => {
    const all = [];
    for (let page = await get("api/agents"); ; page = await get("api/agents", { after: page.next })) {
        all.push(...page.agents);
        if (page.next) continue;
        for (const one of all) names.set(one.agent, one.display || one.agent);
        numbers.clear();
        for (const one of all) if (one.dn) numbers.set(one.dn, one.display || one.agent);
        return all;
    }
};
// Those of the directory whose names have this part, logged in or not.
export const named = async (part) => {
    const { agents } = await get("api/agents", { find: part.slice(0, FIND_MAX) });
    for (const one of agents) names.set(one.agent, one.display || one.agent);
    return agents;
};
// The name if it is known already, else that of the log-in.
export const called = (agent) => names.get(agent) || agent;
// Who has begun the answer that lies with the item; the agent may have done it at another browser.
export const begunBy = (item) => (item.data.draft_by === desk.me.agent ? t("You began it at another browser") : t("Begun by {name}", { name: called(item.data.draft_by) }));
// The draft that lies with the item where it counts: nothing was written here (`before`), or a colleague has gone on since then.
export const theirs = (item, before) => Boolean(item.data?.draft) && (!before || item.data.draft_by !== desk.me.agent && ![before.of, before.text].includes(item.data.draft));
// A line that offers what the agent had written before a colleague went on.
export const ownOffered = (take) => make("p", { class: "notice own-before", hidden: true }, t("This was changed since you wrote here. "), button(t("Take what you had written"), take));
export const knowAs = (agent, display) => names.set(agent, display || agent);
// Who is at the telephone with the number, as was known last; else nothing.
export const nameAt = (dn) => numbers.get(dn) || "";
const learn = (agent) => {
    if (!asked.has(agent)) asked.set(agent, get("api/agents", { name: agent })
        .then(({ agents }) => knowAs(agent, agents[0]?.display), () => asked.delete(agent)));
    return asked.get(agent);
};
// The name, once it is known.
export const nameOf = async (agent) => { if (!names.has(agent)) await learn(agent); return called(agent); };
// An element with the name; it comes a moment later where it is not known.
export const person = (agent) => {
    const shown = make("span", {}, called(agent));
    if (agent && !names.has(agent)) learn(agent).then(() => put(shown, called(agent)));
    return shown;
};
// The same of several, with commas.
export const persons = (agents) => agents.flatMap((agent, i) => [i ? ", " : "", person(agent)]);
