// queues.js - The table of virtual queues: who waits, how long, and how well each queue does against its own target.
import { attempt, button, dialog, labelled, make, moment, select } from "../dom.js";
import { t } from "../t.js";
import { lasts, percent } from "./figures.js";
import { interactions } from "./interactions.js";
import { Table } from "./table.js";

// ---- targets: so many of a hundred are to be answered within so many seconds ----

// A target is kept in the browser, with who has set it and when.
const TARGETS = "gcx-console-targets", WITHIN_S = [5, 10, 20, 30, 60, 120, 180, 300, 600, 1800], USUAL = { within: 20, percent: 80 };
const seconds = (s) => (s < 120 ? `${s} s` : t("{minutes} min", { minutes: s / 60 }));
let targets = {};
try { targets = JSON.parse(localStorage.getItem(TARGETS)) || {}; } catch { /* none is kept */ }
const targetOf = (row) => (Object.hasOwn(targets, row.name) ? targets[row.name] : USUAL);
const goal = (row) => t("{percent} % in {duration}", { percent: targetOf(row).percent, duration: seconds(targetOf(row).within) });

const offered = (row) => row.last_hour.answered + row.last_hour.abandoned;
const answered = (row) => row.last_hour.within_s.find(([bound]) => bound === targetOf(row).within)?.[1] ?? 0;
const share = (row) => (offered(row) ? 100 * answered(row) / offered(row) : -1);
// A service level below the target is red. A level less than five points above the target is a warning.
const levelColour = (row) => (share(row) < 0 ? "" : share(row) < targetOf(row).percent ? "late" : share(row) < Math.min(100, targetOf(row).percent + 5) ? "long" : "");
const waitColour = (wait_us, row) => (wait_us > 2e6 * targetOf(row).within ? "late" : wait_us > 1e6 * targetOf(row).within ? "long" : "");

const number = (name, text, of, more = {}) => ({ name, text, figure: true, by: of, of: (row) => String(of(row)), ...more });
const COLUMNS = [
    { name: "name", text: t("Queue"), of: (row) => row.name },
    number("waiting", t("Waiting"), (row) => row.waiting, { press: (row) => row.waits() }),
    { name: "longest", text: t("Longest wait"), figure: true, by: (row) => row.longest_wait_us, of: (row) => (row.waiting ? lasts(row.longest_wait_us) : "–"), colour: (row) => waitColour(row.waiting ? row.longest_wait_us : 0, row) },
    { name: "expected", text: t("Expected wait"), figure: true, by: (row) => row.expected_us ?? -1, of: (row) => lasts(row.expected_us), colour: (row) => waitColour(row.expected_us ?? 0, row) },
    { name: "level", text: t("Service level"), figure: true, by: share, of: (row) => percent(answered(row), offered(row)), colour: levelColour },
    { name: "target", text: t("Its target"), of: goal, by: (row) => targetOf(row).percent },
    number("offered", t("In the last hour"), offered),
    number("gave_up", t("Gave up"), (row) => row.last_hour.abandoned),
    number("talks", t("On contact now"), (row) => row.talks?.size || 0, { press: (row) => row.talk() }),
    number("entered", t("Entered since the start"), (row) => row.entered, { hidden: true }),
    number("distributed", t("Answered since the start"), (row) => row.distributed, { hidden: true }),
    number("abandoned", t("Gave up since the start"), (row) => row.abandoned, { hidden: true }),
    { name: "average", text: t("Average wait"), figure: true, by: (row) => (row.distributed ? row.wait_us / row.distributed : -1), of: (row) => (row.distributed ? lasts(row.wait_us / row.distributed) : "–"), hidden: true },
];

export class Queues extends Table {
    constructor(me, agents) {
        super({ name: "queues", title: t("Queues"), columns: COLUMNS, key: (row) => row.name, person: me.name, none: t("Nobody has waited in a virtual queue yet."),
            acts: (row, now) => [button(t("Target …"), () => this.target(now(), me.name), { "aria-label": t("Target of {name} …", { name: row.name }) })] });
        this.agents = agents;
        this.person = me.name;
        this.talking = new Map(); // the interactions of each queue that an agent talks to
    }
    // The agents' rows say who talks to somebody of which queue.
    has(agents) {
        const before = this.talking;
        this.talking = new Map();
        for (const agent of agents)
            for (const { talks, vq, ixn } of agent.contacts || [])
                if (talks && vq) this.talking.set(vq, (this.talking.get(vq) || new Set()).add(ixn));
        const changed = [...this.rows.values()].map(({ row }) => row).filter(({ name }) => (before.get(name)?.size || 0) !== (this.talking.get(name)?.size || 0));
        if (changed.length) this.changed(changed);
    }
    take(row) {
        const { name } = row;
        super.take({ ...row, talks: this.talking.get(name), talk: () => this.agents.behind(t("On contact, of {name}", { name }), this.talking.get(name) || new Set()),
            waits: () => interactions({ title: t("Waiting in {name}", { name }), queue: name, called: this.agents.called, person: this.person }) });
    }
    target(row, person) {
        dialog(t("Target of {name}", { name: row.name }), (close) => {
            const now = targetOf(row), within = select(WITHIN_S.map((one) => [String(one), seconds(one)]));
            const share = make("input", { type: "number", min: "1", max: "100", step: "1", required: true });
            within.value = String(now.within);
            share.value = String(now.percent);
            return make("form", { onsubmit: attempt((event) => {
                event.preventDefault();
                targets[row.name] = { within: Number(within.value), percent: Number(share.value), by: person, at: Date.now() };
                localStorage.setItem(TARGETS, JSON.stringify(targets));
                this.changed([row]);
                close();
            }) }, labelled(t("Of a hundred, so many"), share), labelled(t("are answered within"), within),
            make("p", { class: "quiet" }, now.by ? t("Set by {by}, {time}. ", { by: now.by, time: moment(now.at) }) : t("Nobody has set it. "), t("It is kept in this browser.")),
            make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Set"))));
        });
    }
}
