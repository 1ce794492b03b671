// history_story.js - The rows of the records about one interaction, as what happened, in its order: { at, kind, text, more }.
import { duration, wordOf } from "../dom.js";
import { t } from "../t.js";

const at = (text) => Date.parse(text);
const SHORT_MS = 500; // how long shorter ones lasted is not worth a line
const parsed = (text) => { try { return JSON.parse(text) || {}; } catch { return {}; } };
const lasted = (ms) => (ms === undefined ? "" : duration(ms));
const fileOf = (row) => (row.file ? `${row.file.replace(/.*\//, "")}:${row.line}` : "");
const OWNERS = { agent: (name) => t("With agent {name}", { name }), queue: (name) => t("In the queue {name}", { name }), strategy: (name) => t("Served by the strategy {name}", { name }), device: (name) => t("At {name}", { name }) };

// Why this one: what the selection saw when it chose, as why.js says it: it may have chosen before it had looked at all who
// were ready, and then nothing is said of the others.
const decided = (row) => {
    const { ready = 0, among = 0, not_matching = 0, not_ready = 0, claimed = 0 } = row, alone = row.chosen && among <= 1 && ready <= among + not_matching;
    const saw = [row.chosen && among > 1 && t("{count} others fitted and were free.", { count: among - 1 }), alone && t("Nobody else who fitted was free."), not_matching && t("{count} were ready and did not fit.", { count: not_matching }),
        claimed && t("{count} had other contacts.", { count: claimed }), not_ready && t("{count} were not ready.", { count: not_ready })].filter(Boolean).join(" ");
    const head = row.chosen ? t("{name} was chosen after {time}", { name: row.chosen, time: lasted(row.waited_ms || 0) }) : t("Nobody was chosen, after {time}", { time: lasted(row.waited_ms || 0) });
    const place = row.line === undefined ? "" : t("by line {line} of its selection", { line: row.line + 1 });
    return { at: at(row.at), kind: "decision", text: [head, place, row.vq && t("in {queue}", { queue: row.vq })].filter(Boolean).join(", "), more: saw ? [saw] : [] };
};
const changed = (row) => {
    const pairs = Object.entries(parsed(row.changed)).map(([key, value]) => `${key} = ${typeof value === "object" ? JSON.stringify(value) : value}`);
    const gone = Object.values(parsed(row.deleted));
    return { at: at(row.at), kind: "data", text: row.by_whom ? t("Data changed by {name}", { name: row.by_whom }) : t("Data changed"), more: [...pairs, gone.length ? t("Deleted: {keys}", { keys: gone.join(", ") }) : ""].filter(Boolean) };
};
const offered = (row) => [
    { at: at(row.made), kind: "offer", text: t("Offered to {name}", { name: row.agent }), more: [row.vq ? t("from {queue}", { queue: row.vq }) : "", row.mode === "asked" ? t("asked first") : ""].filter(Boolean) },
    row.answered && { at: at(row.answered), kind: "answer", text: row.ring_ms === undefined ? t("{name} answered", { name: row.agent }) : t("{name} answered after {time}", { name: row.agent, time: lasted(row.ring_ms) }) },
    row.ended && { at: at(row.ended), kind: "offer", text: row.outcome === "answered" ? t("{name} was done, after {time}", { name: row.agent, time: lasted(row.handle_ms || 0) }) : t("The offer to {name} was over: {outcome}", { name: row.agent, outcome: wordOf(row.outcome || "").toLowerCase() }) },
].filter(Boolean);
const visited = (row) => [
    { at: at(row.entered), kind: "queue", text: t("Began to wait in {queue}", { queue: row.vq }) },
    row.ended && { at: at(row.ended), kind: "queue", text: t("Left {queue} after {time}: {outcome}", { queue: row.vq, time: lasted(row.waited_ms || 0), outcome: wordOf(row.outcome || "").toLowerCase() }) },
].filter(Boolean);
// Whoever listened is no party for whom they hear. The audit says in which way they did; records of before have no such rows.
const HEARS = { listen: (name) => t("{name} listens", { name }), whisper: (name) => t("{name} whispers", { name }), join: (name) => t("{name} joins the call", { name }) };
const hears = (row) => row.object === "interaction" && Object.hasOwn(HEARS, row.what);
const acted = (row) => (hears(row) ? [{ at: at(row.at), kind: "listener", text: HEARS[row.what](row.actor), more: [t("at {number}", { number: row.key })] }]
    : row.what === "take_over" ? [{ at: at(row.at), kind: "listener", text: t("{name} took the call over from {agent}", { name: row.actor || "–", agent: row.key }) }] : []);
const listened = (row) => [
    row.established && !row.told && { at: at(row.established), kind: "listener", text: t("{name} is there as supervisor", { name: row.agent || row.dn }), more: [t("at {number}", { number: row.dn })] },
    row.ended && row.established && { at: at(row.ended), kind: "listener", text: t("{name} is there no longer", { name: row.agent || row.dn }) },
].filter(Boolean);
const party = (row) => (row.role === "supervisor" ? listened(row) : [
    row.established && { at: at(row.established), kind: "party", text: t("{name} was connected", { name: row.agent || row.dn || wordOf(row.role || "") }), more: row.held_ms ? [t("on hold for {time}", { time: lasted(row.held_ms) })] : [] },
    row.ended && { at: at(row.ended), kind: "party", text: t("{name} left", { name: row.agent || row.dn || wordOf(row.role || "") }) },
].filter(Boolean));
const KINDS = {
    owners: (row) => ({ at: at(row.began), kind: "owner", text: (OWNERS[row.kind] || ((name) => name))(row.name || ""), more: row.ms >= SHORT_MS ? [t("for {time}", { time: lasted(row.ms) })] : [] }),
    parties: party,
    audit: acted,
    vq_visits: visited,
    decisions: decided,
    offers: offered,
    steps: (row) => ({ at: at(row.began), kind: "step", text: [row.step, fileOf(row), row.exit && wordOf(row.exit).toLowerCase()].filter(Boolean).join(", "), more: row.ms >= SHORT_MS ? [t("took {time}", { time: lasted(row.ms) })] : [] }),
    data_changes: changed,
    default_routes: (row) => ({ at: at(row.at), kind: "wrong", text: t("Routed by default to {name}", { name: row.destination || "–" }), more: [row.reason ? wordOf(row.reason) : ""].filter(Boolean) }),
    judgements: (row) => ({ at: at(row.at), kind: "judgement", text: t("Judged: {mark} of 5", { mark: row.mark }), more: row.vq ? [row.vq] : [] }),
    wrapups: (row) => ({ at: at(row.at), kind: "wrapup", text: t("{name} wrapped it up: {code}", { name: row.agent || "–", code: row.code || "–" }), more: row.note ? [row.note] : [] }),
};
const ORDER = Object.keys(KINDS);
export const story = (way) => {
    const row = way.interactions[0];
    const told = (way.audit || []).some(hears);
    const named = { ...way, owners: way.owners.filter((one) => one.name), parties: way.parties.map((one) => ({ ...one, told })) };
    const all = [{ at: at(row.received), kind: "begin", text: t("It came") }, ...ORDER.flatMap((table) => (named[table] || []).flatMap((one) => KINDS[table](one))),
        { at: at(row.ended), kind: "end", text: t("It ended: {outcome}", { outcome: wordOf(row.outcome || row.cause || "").toLowerCase() }) }];
    return all.filter((one) => Number.isFinite(one.at)).sort((a, b) => a.at - b.at || (a.kind === "end") - (b.kind === "end") || (b.kind === "begin") - (a.kind === "begin"));
};
