// why.js - Why an interaction has its agent, or still waits, in one sentence. The router says it; here it becomes words.
import { duration, plain, wordOf } from "../dom.js";
import { t } from "../t.js";
import { get } from "../wire.js";
import { listed, nowUs } from "./figures.js";

const PAGES_MAX = 20; // of fifty agents each
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
    const whom = !lines.some((line) => line.open) ? t("No line of its selection is open yet.")
        : fit.length ? t("{count} agents fit, and none can be chosen now ({causes}).", { count: fit.length, causes: counts(fit) })
            : more ? t("No agent fits of {count} agents who were looked at first.", { count: agents.length })
                : t("No agent fits of {count} agents who were looked at.", { count: agents.length });
    return [t("It waits in {queue} since {time}, number {position} of {among}.", { queue: waiting.vq, time: lasted(waiting.waited_us), position: waiting.position, among: waiting.among }),
        whom, fit.length && others && t("{count} do not fit.", { count: others }),
        opens > nowUs() && t("A further line opens in {time}.", { time: lasted(opens - nowUs()) }),
        waiting.expected_us && t("At the present pace it has somebody in {time}.", { time: lasted(waiting.expected_us) })].filter(Boolean).join(" ");
};
// `among` fitted, the chosen one with them, and `not_matching` did not, of those whom the router looked at: it may have found
// one before it had looked at all `candidates`, who were ready. Then nothing is said of the others.
const chosen = (decision, name) => {
    const { order, candidates, among, not_matching, claimed, not_ready } = decision, alone = among <= 1 && candidates <= among + not_matching, time = decision.waited_us < 1e6 ? "" : lasted(decision.waited_us);
    return [time ? t("{name} was chosen after {time}.", { name: name(decision.chosen), time }) : t("{name} was chosen at once.", { name: name(decision.chosen) }),
        decision.vq && t("It had waited in {queue}.", { queue: decision.vq }),
        among > 1 && t("{count} others fitted and were free.", { count: among - 1 }), alone && t("Nobody else who fitted was free."),
        order && !alone && (order === "longest_idle" ? t("The longest idle is taken.") : t("The best by {order} is taken.", { order: plain(order).toLowerCase() })),
        not_matching && t("{count} were ready and did not fit.", { count: not_matching }), claimed && t("{count} had other contacts.", { count: claimed }), not_ready && t("{count} were not ready.", { count: not_ready })].filter(Boolean).join(" ");
};
const sentence = (answer, name) => {
    const { interaction, waiting, at, decisions = [] } = answer, last = decisions.findLast((one) => one.chosen);
    const outcome = interaction.outcome && wordOf(interaction.outcome).toLowerCase();
    const ended = interaction.state !== "ended" ? "" : outcome ? t("It has ended: {outcome}.", { outcome }) : t("It has ended.");
    if (waiting?.position) return waits(answer);
    if (last) return `${chosen(last, name)} ${waiting ? t("It is offered there now.") : ended}`.trim();
    if (waiting) return t("It waits in {queue}, and its selection goes on.", { queue: waiting.vq });
    if (ended) return `${t("Nobody was chosen for it.")} ${ended}`;
    if (interaction.owner_kind === "agent") return t("{name} has it, and was not chosen by a selection.", { name: name(interaction.owner) });
    return at ? t("No agent is looked for: its strategy {strategy} is at {place}.", { strategy: interaction.strategy, place: place(at) })
        : t("No agent is looked for: it is {state}, with {owner}.", { state: wordOf(interaction.state).toLowerCase(), owner: interaction.owner || t("nobody") });
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
