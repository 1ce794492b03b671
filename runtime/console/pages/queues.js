// queues.js - The table of virtual queues: who waits, how long, and how well each queue does against its own target.
import { button, make, plain, put } from "../dom.js";
import { t } from "../t.js";
import { lasts, listed, percent } from "./figures.js";
import { interactions } from "./interactions.js";
import { line } from "./lines.js";
import { Table } from "./table.js";
import { goal, targetOf, targetSet, waitColour } from "./targets.js";

const offered = (row) => row.last_hour.answered + row.last_hour.abandoned;
// How many were answered in time; -1: gcxvm counts waits by some bounds, and the target has none of these.
const answered = (row) => row.last_hour.within_s.find(([bound]) => bound === targetOf(row).seconds)?.[1] ?? -1;
const share = (row) => (offered(row) && answered(row) >= 0 ? 100 * answered(row) / offered(row) : -1);
const level = (row) => percent(answered(row), share(row) < 0 ? 0 : offered(row));
// A service level below the target is red. A level less than five points above the target is a warning.
const levelColour = (row) => (share(row) < 0 ? "" : share(row) < targetOf(row).percent ? "late" : share(row) < Math.min(100, targetOf(row).percent + 5) ? "long" : "");
// The share of those who come within the next quarter of an hour and will be answered in time, as the server expects it.
export const soon = (row) => row.soon?.find(([bound]) => bound === targetOf(row).seconds)?.[1] ?? -1;
export const misses = (row) => soon(row) >= 0 && soon(row) < targetOf(row).percent;
export { level, levelColour, offered };
// Those who wait for somebody who is not here: waiting longer does not help them.
export const nobody = (row) => (row.nobody_can ? t("{count} wait, and nobody who is here can take them", { count: row.nobody_can }) : "");
const people = (row, word) => row.people?.[word] || 0;
const reasons = (row) => listed(Object.entries(row.people?.reasons || {}).map(([reason, count]) => [reason ? plain(reason) : t("no reason"), count]));
const last = (row) => row.course?.findLast(Boolean) || [0, 0];

const number = (name, text, of, more = {}) => ({ name, text, figure: true, by: of, of: (row) => String(of(row)), ...more });
const COLUMNS = [
    { name: "name", text: t("Queue"), of: (row) => row.name },
    number("waiting", t("Waiting"), (row) => row.waiting, { press: (row) => row.waits() }),
    { name: "nobody", text: t("Warning"), by: (row) => row.nobody_can || 0, of: nobody, colour: (row) => (row.nobody_can ? "late" : ""), sparse: true },
    { name: "longest", text: t("Longest wait"), figure: true, by: (row) => row.longest_wait_us, of: (row) => (row.waiting ? lasts(row.longest_wait_us) : "–"), colour: (row) => waitColour(row.waiting ? row.longest_wait_us : 0, row) },
    { name: "expected", text: t("Expected wait"), figure: true, by: (row) => row.expected_us ?? -1, of: (row) => lasts(row.expected_us), colour: (row) => waitColour(row.expected_us ?? 0, row) },
    { name: "level", text: t("Service level"), figure: true, by: share, of: level, colour: levelColour },
    { name: "target", text: t("Its target"), of: goal, by: (row) => targetOf(row).percent },
    { name: "soon", text: t("Next 15 min"), figure: true, by: soon, of: (row) => (soon(row) < 0 ? "–" : `${soon(row)} %`), colour: (row) => (misses(row) ? "late" : "") },
    { name: "course", text: t("Last hours"), by: (row) => last(row)[0], of: (row) => JSON.stringify(row.course || []),
        draw: (row) => line(row.course || [], t("Waiting {waiting}, available {available}", { waiting: last(row)[0], available: last(row)[1] })) },
    number("available", t("Available"), (row) => people(row, "available"), { says: t("Ready and on no contact, of those who had a contact of it within a day") }),
    number("offered", t("In the last hour"), offered),
    number("gave_up", t("Gave up"), (row) => row.last_hour.abandoned),
    number("talks", t("On contact now"), (row) => row.talks?.size || 0, { press: (row) => row.talk() }),
    number("after", t("After-contact work"), (row) => people(row, "after_call_work")),
    number("not_ready", t("Not ready"), (row) => people(row, "not_ready")),
    { name: "reasons", text: t("Not ready because"), of: reasons, hidden: true },
    number("entered", t("Entered since the start"), (row) => row.entered, { hidden: true }),
    number("distributed", t("Answered since the start"), (row) => row.distributed, { hidden: true }),
    number("abandoned", t("Gave up since the start"), (row) => row.abandoned, { hidden: true }),
    { name: "average", text: t("Average wait"), figure: true, by: (row) => (row.distributed ? row.wait_us / row.distributed : -1), of: (row) => (row.distributed ? lasts(row.wait_us / row.distributed) : "–"), hidden: true },
];

export class Queues extends Table {
    constructor(me, agents) {
        super({ name: "queues", title: t("Queues"), columns: COLUMNS, key: (row) => row.name, none: t("Nobody has waited in a virtual queue yet."),
            acts: (row, now) => [button(t("Target …"), () => targetSet(now(), () => this.changed(this.all())), { "aria-label": t("Target of {name} …", { name: row.name }) })] });
        this.warning = make("p", { class: "because warning", role: "status", hidden: true });
        this.element.firstChild.after(this.warning);
        this.agents = agents;
        this.talking = new Map(); // the interactions of each queue that an agent talks to
    }
    // The agents' rows say who talks to somebody of which queue.
    has(agents) {
        const before = this.talking;
        this.talking = new Map();
        for (const agent of agents)
            for (const { talks, vq: own, of, ixn } of agent.contacts || []) {
                const vq = own || of;
                if (talks && vq) this.talking.set(vq, (this.talking.get(vq) || new Set()).add(ixn));
            }
        const changed = [...this.rows.values()].map(({ row }) => row).filter(({ name }) => (before.get(name)?.size || 0) !== (this.talking.get(name)?.size || 0));
        if (changed.length) this.changed(changed);
    }
    take(row) {
        const { name } = row;
        super.take({ ...row, talks: this.talking.get(name), talk: () => this.agents.behind(t("On contact, of {name}", { name }), this.talking.get(name) || new Set()),
            waits: () => interactions({ title: t("Waiting in {name}", { name }), queue: name, called: this.agents.called }) });
    }
    all() { return [...this.rows.values()].map(({ row }) => row); }
    // Says before it happens which queues will miss their target, and in which somebody waits in vain.
    warn() {
        const those = this.all().filter(misses), vain = this.all().filter(nobody);
        const says = [vain.length && t("Nobody who is here can take what waits: {queues}.", { queues: vain.map((row) => `${row.name}, ${row.nobody_can}`).join("; ") }),
            those.length && t("The target will be missed within a quarter of an hour: {queues}.", { queues: those.map((row) => t("{name}, {share} % of {percent} %", { name: row.name, share: soon(row), percent: targetOf(row).percent })).join("; ") })].filter(Boolean).join(" ");
        put(this.warning, says);
        this.warning.hidden = !says;
    }
    whole(rows, given) { super.whole(rows, given); this.warn(); }
    changed(rows, gone) { super.changed(rows, gone); this.warn(); }
}
