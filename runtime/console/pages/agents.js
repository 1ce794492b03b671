// agents.js - The tables of agents and of people by team: what each does now, and since when.
import { button, dialog, duration, make, medium, plain, stateText } from "../dom.js";
import { t } from "../t.js";
import { assignedOf } from "./assigned.js";
import { assign, logOut, setState } from "./acts.js";
import { forUs, listed, nowUs } from "./figures.js";
import { interactions } from "./interactions.js";
import { callOf, hangUpButton, listenButtons, listeners, listenersSay, telephoneAsk } from "./listen.js";
import { adherence, shiftOf } from "./shifts.js";
import { Table } from "./table.js";

// What an agent does now. Whoever talks is on a contact, whatever state is kept for afterwards.
const WORDS = { offered: t("Offered"), talks: t("On contact"), ready: t("Ready"), after_call_work: t("After-contact work"), not_ready: t("Not ready"), logged_out: t("Logged out"), unknown: t("Not connected") };
// The states by medium.
const states = (row) => ({ ...(row.telephone || !row.media ? { voice: row.state } : {}), ...row.media });
const stateOf = (row) => {
    const all = Object.values(states(row));
    return ["ready", "after_call_work", "not_ready"].find((one) => all.includes(one)) || row.state;
};
const does = (row) => {
    const contact = row.contacts?.[0];
    return contact ? (contact.talks ? "talks" : "offered") : stateOf(row);
};
// What follows the contact, where it is not ready.
const after = (row) => (does(row) === "talks" && stateOf(row) !== "ready" ? t(", then {row}", { row: stateText(stateOf(row)).toLowerCase() }) : "");
const since = (row) => row.contacts?.[0]?.since_us ?? (does(row) === "logged_out" ? 0 : row.since_us);
const reason = (row) => (does(row) === "not_ready" ? plain(row.reason_display || Object.values(row.media_reasons || {})[0] || "") : "");
// A state that somebody else has set says who, and why.
const setBy = (row) => (row.by ? `${row.by.replace(/ by \S+$/, "")}: ${row.why || ""}` : "");
const called = (row) => row.display || row.name;
const contact = (row) => {
    const [first, ...more] = row.contacts || [];
    return first ? `${medium(first.media)}${first.vq || first.of ? `, ${first.vq || first.of}` : ""}${more.length ? t(" and {count} more", { count: more.length }) : ""}` : "";
};
const byMedium = (row) => Object.entries(states(row)).filter(([, state]) => state !== "logged_out").map(([name, state]) => `${medium(name)}: ${stateText(state).toLowerCase()}`).join(", ");
const skills = (row) => Object.entries(row.skills || {}).map(([name, level]) => `${name} ${level}`).join(", ");

const shift = (row) => shiftOf(row, does(row) !== "logged_out" && does(row) !== "unknown", row.since_us || 0);

// How long of the shift the agent was there until now, and was not.
const kept = (row) => { const all = adherence(row); return !all ? "" : all.away < 60000 ? t("{share} %", { share: 100 }) : t("{share} %, {away} away", { share: Math.floor(100 * all.share), away: duration(all.away) }); };
const keptColour = (share) => (share < 0.8 ? "late" : share < 0.95 ? "long" : "");
// Available is who may be chosen now and is on no contact: of who talks, the router may choose whom it gives more at a time.
const available = (row) => !row.not_chosen && does(row) === "ready";
const COLUMNS = [
    { name: "called", text: t("Agent"), of: called },
    { name: "groups", text: t("Teams"), of: (row) => (row.groups || []).join(", ") },
    { name: "state", text: t("State"), by: (row) => Object.keys(WORDS).indexOf(does(row)), of: (row) => (WORDS[does(row)] || plain(does(row))) + after(row) + (reason(row) && `: ${reason(row)}`), state: does },
    { name: "for", text: t("For"), figure: true, by: (row) => (since(row) ? nowUs() - since(row) : -1), of: (row) => forUs(since(row)) },
    { name: "contact", text: t("Contact"), of: contact, press: (row) => row.behind() },
    { name: "reason", text: t("Reason"), of: reason, hidden: true },
    { name: "listeners", text: t("Who listens"), of: listenersSay, sparse: true },
    { name: "assigned", text: t("Assigned for a while"), of: assignedOf, sparse: true },
    { name: "took", text: t("Contacts today"), figure: true, by: (row) => row.took || 0, of: (row) => String(row.took || 0) },
    { name: "shift", text: t("Shift"), of: (row) => shift(row).text, colour: (row) => shift(row).colour, sparse: true },
    { name: "adherence", text: t("Of the shift"), figure: true, by: (row) => adherence(row)?.share ?? 2, of: kept, colour: (row) => keptColour(adherence(row)?.share ?? 1), sparse: true },
    { name: "by", text: t("Set by"), of: setBy, sparse: true },
    { name: "media", text: t("By medium"), of: byMedium, hidden: true },
    { name: "skills", text: t("Skills"), of: skills, hidden: true },
    { name: "dn", text: t("Telephone"), of: (row) => row.dn || "", hidden: true },
    { name: "place", text: t("Place"), of: (row) => row.place || "", hidden: true },
    { name: "not_chosen", text: t("Not chosen because"), of: (row) => row.not_chosen || "", hidden: true },
    { name: "name", text: t("Log-in"), of: (row) => row.name, hidden: true },
];

export class Agents extends Table {
    constructor(me) {
        const may = (row) => row.name !== me.agent && does(row) !== "logged_out";
        const those = (of) => () => [...new Set(this.all().flatMap(of))].sort();
        const options = { called, reasons: me.reasons || [], skills: those((row) => Object.keys(row.skills || {})), teams: those((row) => row.groups || []) };
        // What is done to an agent at any time; who is logged out has no state that could be set.
        const always = (row, now, before = () => null) => [...(may(row) ? [button(t("State …"), () => { before(); setState([now()], options); }, { "aria-label": t("State of {name} …", { name: called(row) }) }),
            button(t("Log out …"), () => { before(); logOut([now()], options); }, { "aria-label": t("Log out {name} …", { name: called(row) }) })] : []),
        button(t("Assign …"), () => { before(); assign([now()], options); }, { "aria-label": t("Assign skills and teams to {name} …", { name: called(row) }) })];
        // Of whoever talks by telephone the call comes first, and the rest is one press away.
        const talks = (row) => row.name !== me.agent && Boolean(callOf(row)), hears = (row) => listeners(row).some(({ by }) => by === me.agent);
        const acts = (row, now) => [...(talks(row) ? listenButtons(() => now().name, called(row), callOf(row)) : []), ...(hears(row) ? [hangUpButton(() => now().name, called(row))] : []),
            ...(talks(row) ? [button(t("More …"), () => dialog(called(row), (close) => make("div", { class: "row" }, ...always(row, now, close))), { "aria-label": t("More about {name} …", { name: called(row) }) })] : always(row, now))];
        const anew = (row) => [may(row), talks(row), callOf(row)?.listen, callOf(row)?.take_over, hears(row)].join();
        const all = [button(t("State of all shown …"), () => setState(this.seen().filter(may), options)), button(t("Assign all shown …"), () => assign(this.seen(), options)), button(t("My telephone …"), () => telephoneAsk())];
        super({ name: "agents", title: t("Agents"), columns: COLUMNS, key: (row) => row.name, sort: ["state", false], none: t("The directory has no agents."), acts, anew, tools: all,
            filters: [{ name: "team", text: t("Team"), of: (row) => row.groups || [] }, { name: "does", text: t("State"), of: (row) => WORDS[does(row)] || plain(does(row)) }] });
        this.agent = me.agent;
        this.called = (name) => called(this.rows.get(name)?.row || { name });
    }
    // The contacts of an agent, as interactions.
    take(row) {
        super.take({ ...row, behind: () => this.behind(t("Contacts of {name}", { name: called(row) }), new Set((row.contacts || []).map(({ ixn }) => ixn)), true) });
    }
    behind(title, those, alone) {
        interactions({ title, ixns: [...those], called: this.called, me: this.agent, alone });
    }
    all() { return [...this.rows.values()].map(({ row }) => row); }
    // Only those of the team who do this.
    only(team, word) {
        this.chooseOnly("team", team);
        this.chooseOnly("does", word);
        this.element.scrollIntoView({ block: "start" });
    }
}

// A team a row: how many do what. The first row is everybody.
const EVERYBODY = t("Everybody");
const counted = (what, text) => ({ name: what, text, figure: true, by: (row) => row.does.get(what) || 0, of: (row) => String(row.does.get(what) || 0), press: (row) => row.shows(WORDS[what]) });
const PEOPLE = [
    { name: "team", text: t("Team"), of: (row) => row.team, by: (row) => (row.team === EVERYBODY ? "" : row.team) },
    { name: "available", text: t("Available"), says: t("Ready, may be chosen now, and on no contact"), figure: true, by: (row) => row.available, of: (row) => String(row.available), press: (row) => row.shows(WORDS.ready) },
    counted("talks", t("On contact")),
    { name: "more", text: t("On contact, and takes more"), figure: true, by: (row) => row.more, of: (row) => String(row.more), press: (row) => row.shows(WORDS.talks), hidden: true },
    counted("offered", t("Offered")), counted("after_call_work", t("After-contact work")), counted("not_ready", t("Not ready")),
    { name: "reasons", text: t("Not ready because"), of: (row) => listed(row.reasons) },
    counted("logged_out", t("Logged out")),
];
export class People extends Table {
    constructor(agents) {
        super({ name: "people", title: t("People"), columns: PEOPLE, key: (row) => row.team });
        this.agents = agents;
    }
    countAll(agents) {
        const rows = new Map();
        const of = (team) => {
            if (!rows.has(team)) rows.set(team, { team, available: 0, more: 0, does: new Map(), reasons: new Map(), shows: (word) => this.agents.only(team === EVERYBODY ? "" : team, word) });
            return rows.get(team);
        };
        of(EVERYBODY);
        for (const agent of agents)
            for (const row of [EVERYBODY, ...(agent.groups || [])].map(of)) {
                const doing = does(agent), why = doing === "not_ready" && (reason(agent) || t("no reason"));
                row.does.set(doing, (row.does.get(doing) || 0) + 1);
                if (available(agent)) row.available++;
                if (!agent.not_chosen && doing === "talks") row.more++;
                if (why) row.reasons.set(why, (row.reasons.get(why) || 0) + 1);
            }
        this.whole([...rows.values()]);
    }
}
