// interactions.js - The interactions behind a figure, and from each to why: a dialog that stays as it is now.
import { attempt, button, dialog, make, medium, put, wordOf } from "../dom.js";
import { t } from "../t.js";
import { get } from "../wire.js";
import { act, looked } from "./acts.js";
import { forUs } from "./figures.js";
import { listenButtons } from "./listen.js";
import { Table } from "./table.js";
import { why } from "./why.js";

const EVERY_MS = 3000;
// called(agent): the name for people.
const columns = (called) => [
    { name: "from", text: t("From"), of: (row) => row.ani || row.ixn },
    { name: "media", text: t("Medium"), of: (row) => medium(row.media) },
    { name: "since", text: t("Since"), figure: true, by: (row) => -row.arrived_us, of: (row) => forUs(row.arrived_us) },
    { name: "state", text: t("State"), of: (row) => wordOf(row.state) },
    { name: "vq", text: t("Queue"), of: (row) => row.vq || "" },
    { name: "owner", text: t("With"), of: (row) => (row.owner_kind === "agent" ? called(row.owner) : row.owner || "") },
    { name: "to", text: t("To"), of: (row) => row.dnis || "", hidden: true },
    { name: "priority", text: t("Priority"), figure: true, by: (row) => row.priority, of: (row) => String(row.priority), hidden: true },
    { name: "strategy", text: t("Strategy"), of: (row) => row.strategy || "", hidden: true },
    { name: "ixn", text: t("Number"), of: (row) => row.ixn, hidden: true },
];
const ROWS_MAX = 1000, PAGES_MAX = 20, KNOWN_MAX = 60;
// All that wait in the queue. Where there are too many older ones, it is said that not all were looked at.
const waiting = async (where) => {
    const rows = [];
    let from, page;
    for (let pages = 0; pages < PAGES_MAX && rows.length < ROWS_MAX; pages++) {
        page = await get("api/supervisor/interactions", { ...where, live: "yes", from });
        rows.push(...page.interactions.map((row) => ({ ...row, seen: page.as_of_us })));
        from = page.next;
        if (!from) break;
    }
    return { rows, more: Boolean(from) };
};
// Asks for each interaction by its number. An interaction that is gone is left out.
const known = async (all) => {
    const rows = [];
    for (const ixn of all.slice(0, KNOWN_MAX))
        try {
            rows.push(await looked(ixn));
        } catch (error) {
            if (error.status !== 404) throw error;
        }
    return { rows, more: all.length > KNOWN_MAX };
};
// Shows the interactions that wait in `queue`, or in the queue or workbin `bin` (of `bin_of`), or those of the list `ixns`. With `alone`, the router's reason is shown at once
// if there is only one interaction.
export const interactions = ({ title, queue, bin, bin_of, ixns, called, me, alone }) => {
    const answer = make("p", { class: "because", role: "status", hidden: true }), wrong = make("p", { class: "wrong", role: "status" });
    const tell = attempt(async (row) => {
        put(answer, await why(row.ixn, called));
        answer.hidden = false;
    });
    // What is written is looked at where agents write: the desk opens it, and asks whether to look on or take it over.
    const written = (row) => row.media !== "voice" && row.owner_kind === "agent" && row.owner !== me;
    const watch = (row) => button(t("Watch"), () => open(`../#ixn=${encodeURIComponent(row.ixn)}`, "gcx-desk"), { "aria-label": t("Watch {ani}", { ani: row.ani || row.ixn }) });
    const heard = (row) => row.media === "voice" && row.owner_kind === "agent" && row.owner !== me; // by supervisors
    const table = new Table({ name: "behind", title, columns: columns(called), key: (row) => row.ixn, sort: ["since", true], none: t("There is none now."),
        filters: [{ name: "media", text: t("Medium"), of: (row) => medium(row.media) }, { name: "queue", text: t("Queue"), of: (row) => row.vq || "" }],
        tools: [button(t("Change all shown …"), () => act(table.seen(), t("Change {count} interactions", { count: table.seen().length })))],
        anew: (row) => (heard(row) || written(row) ? [row.owner, row.listen, row.take_over].join() : ""),
        acts: (row, now) => [...(heard(row) ? listenButtons(() => now().owner, called(row.owner), row) : []), ...(written(row) ? [watch(row)] : []), button(t("Change …"), () => act([now()], t("Change {ani}", { ani: row.ani || row.ixn })), { "aria-label": t("Change {ani} …", { ani: row.ani || row.ixn }) }), button(t("Why"), () => tell(now()), { "aria-label": t("Why {ani}", { ani: row.ani || row.ixn }) })] });
    const box = dialog(title, () => [answer, wrong, table.element]);
    let timer = 0;
    const look = async () => {
        try {
            const { rows, more } = ixns ? await known(ixns) : await waiting({ queue, bin, bin_of });
            const those = rows.filter((row) => row.state !== "ended");
            table.whole(those);
            put(wrong, more ? t("There are more: not all were looked at.") : "");
            if (alone && those.length === 1 && answer.hidden) tell(those[0]);
        } catch (error) {
            put(wrong, error.message);
        }
        if (box.isConnected) timer = setTimeout(look, EVERY_MS);
    };
    box.classList.add("wide");
    box.addEventListener("close", () => clearTimeout(timer));
    look();
};
