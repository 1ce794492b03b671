// assigned.js - Skills and teams that agents have by hand: how long, from whom and why, and what takes each of them back.
import { button, moment } from "../dom.js";
import { t } from "../t.js";
import { takeBack } from "./acts.js";
import { Table } from "./table.js";

const text = ({ kind, name, value }) => (kind === "skill" ? `${name} ${value}` : value === "in" ? t("in {team}", { team: name }) : t("not in {team}", { team: name }));
const ends = (hand) => (hand.until_us ? moment(hand.until_us / 1000) : "");
const said = (hand) => (hand.until_us ? t("{what} until {time}", { what: text(hand), time: ends(hand) }) : text(hand));
// What the agent has by hand, in a line.
export const assignedOf = (row) => (row.by_hand || []).map(said).join(", ");

const COLUMNS = [
    { name: "agent", text: t("Agent"), of: (row) => row.called },
    { name: "what", text: t("What"), of: text },
    { name: "until", text: t("Until"), by: (row) => row.until_us || Infinity, of: (row) => ends(row) || t("it is taken back") },
    { name: "by", text: t("Set by"), of: (row) => (row.by || "").replace(/ by \S+$/, "") },
    { name: "why", text: t("Why"), of: (row) => row.why || "" },
    { name: "since", text: t("Since"), by: (row) => row.since_us, of: (row) => moment(row.since_us / 1000), hidden: true },
];
export class Assigned extends Table {
    constructor(agents) {
        const called = (row) => `${row.called}, ${text(row)}`;
        super({ name: "assigned", title: t("Assigned for a while"), columns: COLUMNS, key: (row) => `${row.agent}\n${row.kind}\n${row.name}`, sort: ["until", false], hides: true,
            tools: [button(t("Undo all shown …"), () => takeBack(this.seen(), called))],
            acts: (row, now) => [button(t("Undo …"), () => takeBack([now()], called), { "aria-label": t("Undo {name} …", { name: called(row) }) })] });
        this.agents = agents;
    }
    countAll(agents) {
        this.whole(agents.flatMap((agent) => (agent.by_hand || []).map((hand) => ({ ...hand, agent: agent.name, called: this.agents.called(agent.name) }))));
    }
}
