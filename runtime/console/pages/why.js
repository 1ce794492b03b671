// why.js - Why an interaction has its agent, or still waits, in one sentence. The router says it; here it becomes words.
import { duration, plain } from "../dom.js";
import { get } from "../wire.js";
import { listed, nowUs } from "./figures.js";

const PAGES_MAX = 20; // of fifty agents each
const many = (count, one, more) => `${count} ${count === 1 ? one : more}`;
const place = (at) => (at ? `${at.step}${at.file ? ` (${at.file.replace(/.*\//, "")}:${at.line})` : ""}` : "");
const lasted = (us) => duration(us / 1000);
// "on a call with 1-0000000003b2": which call does not matter here.
const cause = (agent) => (agent.reason || agent.not_chosen || "").replace(/ with \S+$/, "");

const counts = (agents) => {
    const causes = new Map();
    for (const agent of agents) if (cause(agent)) causes.set(cause(agent), (causes.get(cause(agent)) || 0) + 1);
    return listed(causes);
};
const waits = ({ waiting, lines, agents, more }) => {
    const fit = agents.filter((agent) => agent.matches), others = agents.length - fit.length;
    const opens = lines.filter((line) => !line.open && line.opens_us).map((line) => line.opens_us).sort()[0];
    const whom = !lines.some((line) => line.open) ? "no line of its selection is open yet"
        : fit.length ? `${many(fit.length, "agent fits", "agents fit")}, and none can be chosen now (${counts(fit)})` : `no agent fits of ${many(agents.length, "who was looked at", "who were looked at")}${more ? " first" : ""}`;
    return [`It waits in ${waiting.vq} since ${lasted(waiting.waited_us)}, number ${waiting.position} of ${waiting.among}: ${whom}`, fit.length && others ? `, ${many(others, "does", "do")} not fit` : "",
        opens > nowUs() ? `; a further line opens in ${lasted(opens - nowUs())}` : "", waiting.expected_us ? `. At the present pace it has somebody in ${lasted(waiting.expected_us)}.` : "."].join("");
};
const chosen = (decision, name) => {
    const as = decision.order ? `as ${decision.order === "longest_idle" ? "the longest idle" : `the best by ${plain(decision.order).toLowerCase()}`} ` : "";
    const of = decision.candidates > 1 ? `of ${decision.candidates} who fitted and were free` : "and nobody else who fitted was free";
    return `${name(decision.chosen)} was chosen ${decision.waited_us < 1e6 ? "at once" : `after ${lasted(decision.waited_us)}`}${decision.vq ? ` in ${decision.vq}` : ""}, ${as}${of}${decision.claimed ? `; ${decision.claimed} had other contacts` : ""}${decision.not_ready ? `, ${decision.not_ready} were not ready` : ""}.`;
};
const sentence = (answer, name) => {
    const { interaction, waiting, at, decisions = [] } = answer, last = decisions.findLast((one) => one.chosen);
    const ended = interaction.state === "ended" ? ` It has ended${interaction.outcome ? `: ${plain(interaction.outcome).toLowerCase()}` : ""}.` : "";
    if (waiting?.position) return waits(answer);
    if (last) return chosen(last, name) + (waiting ? " It is offered there now." : ended);
    if (waiting) return `It waits in ${waiting.vq}, and its selection goes on.`;
    if (ended) return `Nobody was chosen for it.${ended}`;
    if (interaction.owner_kind === "agent") return `${name(interaction.owner)} has it, and was not chosen by a selection.`;
    return at ? `No agent is looked for: its strategy ${interaction.strategy} is at ${place(at)}.` : `No agent is looked for: it is ${plain(interaction.state).toLowerCase()}, with ${interaction.owner || "nobody"}.`;
};
// name(agent): as people call them.
export const why = async (ixn, name) => {
    const whole = await get(`api/supervisor/interactions/${encodeURIComponent(ixn)}/why`);
    let { next } = whole;
    for (let page = 1; whole.waiting && next && page < PAGES_MAX; page++) {
        const more = await get(`api/supervisor/interactions/${encodeURIComponent(ixn)}/why`, { from: next });
        whole.agents.push(...more.agents);
        next = more.next;
    }
    return sentence({ ...whole, more: Boolean(next) }, name);
};
