// targets.js - What each queue is to reach, and from when a wait is coloured: set by supervisors, with who and when.
//
// A site whose strategies have `table queue_targets edit supervisor { key queue: str; seconds: int; percent: int; ... }` keeps
// them at the router: they are changed by hand as any setting, with a reason, and strategies read the same. Else each person
// has their own, which the server keeps as what they choose of tables.
import { attempt, dialog, labelled, make, moment, select, tell } from "../dom.js";
import { t } from "../t.js";
import { getWhole, putTo } from "../wire.js";
import { choose, chosen } from "./chosen.js";

const TABLE = "api/supervisor/settings/queue_targets", OWN = "targets", EVERY_MS = 15000;
export const WITHIN_S = [5, 10, 20, 30, 60, 120, 180, 300, 600, 1800];
const USUAL = { seconds: 20, percent: 80 }, FIELDS = ["seconds", "percent", "long", "late"];
const seconds = (s) => (s < 120 ? `${s} s` : t("{minutes} min", { minutes: s / 60 }));

let targets = {}, atRouter = false, has = [], timer = 0; // targets: the router's
const all = () => (atRouter ? targets : chosen(OWN));

export const targetOf = (row) => ({ ...USUAL, ...(Object.hasOwn(all(), row.name) ? all()[row.name] : {}) });
export const goal = (row) => t("{percent} % in {duration}", { percent: targetOf(row).percent, duration: seconds(targetOf(row).seconds) });
// A wait is long, and late, from so many seconds on.
const longOf = (row) => targetOf(row).long || targetOf(row).seconds, lateOf = (row) => targetOf(row).late || 2 * longOf(row);
export const waitColour = (wait_us, row) => (wait_us > 1e6 * lateOf(row) ? "late" : wait_us > 1e6 * longOf(row) ? "long" : "");

const take = (answer) => {
    const rows = {};
    for (const { key, fields, hand } of answer.rows || [])
        rows[key] = { ...Object.fromEntries(FIELDS.filter((field) => field in fields).map((field) => [field, Number(fields[field])])),
            ...(hand ? { by: (hand.by || "").replace(/ by \S+$/, ""), why: hand.why, at: hand.since_us / 1000, seen: hand.since_us } : {}) };
    has = (answer.settings[0].columns || []).map((column) => column.name);
    return rows;
};
// Reads them now and again; changed() is called when they are others. Answers what ends it.
export const follow = (changed) => {
    let alive = true;
    const look = async () => {
        try {
            const rows = take(await getWhole(TABLE)), other = JSON.stringify(rows) !== JSON.stringify(targets);
            if (!alive) return;
            atRouter = true;
            targets = rows;
            if (other) changed();
        } catch (error) {
            if (error.status === 404) atRouter = false;
        }
        if (alive) timer = setTimeout(look, EVERY_MS);
    };
    clearTimeout(timer);
    look();
    return () => {
        alive = false;
        clearTimeout(timer);
    };
};

export const targetSet = (row, changed) => dialog(t("Target of {name}", { name: row.name }), (close) => {
    const now = targetOf(row), within = select([...new Set([...WITHIN_S, now.seconds])].sort((a, b) => a - b).map((one) => [String(one), seconds(one)]));
    const number = (value, more) => make("input", { type: "number", min: "1", step: "1", value: value ?? "", ...more });
    const share = number(now.percent, { max: "100", required: true }), long = number(now.long, {}), late = number(now.late, {});
    const why = make("input", { maxlength: "200", autocomplete: "off", required: true });
    let seen = now.seen || 0;
    within.value = String(now.seconds);
    const said = () => ({ seconds: within.value, percent: share.value, long: long.value, late: late.value });
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        // What was there and is empty now is taken away.
        const values = Object.entries(said()).filter(([field, value]) => (value !== "" || now[field]) && (!atRouter || has.includes(field)));
        const target = Object.fromEntries(values.filter(([, value]) => value !== "").map(([field, value]) => [field, Number(value)]));
        if (target.late < (target.long ?? target.seconds)) throw new Error(t("A wait is too long only after it is long."));
        if (atRouter) {
            try {
                await putTo(TABLE, { key: row.name, row: values.map(([field, value]) => `${field}=${value}`), why: why.value, seen });
            } catch (error) {
                if (error.status === 409) { // what the other has set is seen now, and the next press is meant
                    targets = take(await getWhole(TABLE));
                    seen = targetOf(row).seen || 0;
                    changed();
                }
                throw error;
            }
            targets = take(await getWhole(TABLE));
        } else choose(OWN, { ...all(), [row.name]: target });
        changed();
        close();
        tell(t("Target of {name}", { name: row.name }));
    }) }, labelled(t("Of a hundred, so many"), share), labelled(t("are answered within"), within),
    labelled(t("A wait is long after so many seconds"), long), labelled(t("A wait is too long after so many seconds"), late), ...(atRouter ? [labelled(t("Why"), why)] : []),
    make("p", { class: "quiet" }, now.by ? t("Set by {by}, {time}. ", { by: now.by, time: moment(now.at) }) : atRouter ? t("Nobody has set it. ") : t("It is kept for you alone."), now.why ? `${now.why}. ` : ""),
    make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Set"))));
});
