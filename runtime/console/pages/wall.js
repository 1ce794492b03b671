// wall.js - The wall: large figures for a room to see, without any act; F fills the screen.
import { button, id, make, put } from "../dom.js";
import { dates, t } from "../t.js";
import { Socket } from "../wire.js";
import { clockIs, lasts, percent } from "./figures.js";
import { take } from "./pieces.js";
import { level, levelColour, misses, nobody, soon } from "./queues.js";
import { follow, goal, waitColour } from "./targets.js";

// All rows by their names; null until they were told.
class Rows {
    constructor() { this.all = null; }
    whole(rows) { this.all = new Map(rows.map((row) => [row.name, row])); }
    changed(rows, gone = []) {
        this.all ||= new Map();
        for (const row of rows) this.all.set(row.name, row);
        for (const name of gone) this.all.delete(name);
    }
}
let socket = null, followed = null, queues = new Rows(), agents = new Rows(), wall = null;

const clocks = dates({ timeStyle: "medium" });
const big = (text, value, colour = "") => make("div", { class: "big", "data-wait": colour || null }, make("dt", {}, text), make("dd", {}, value));
const colourOf = (colour) => colour || "";
// A sum of some of the rows would be a wrong one: nothing is shown before all are there.
const draw = () => {
    if (!queues.all || !agents.all) return;
    const all = [...queues.all.values()].sort((a, b) => b.waiting - a.waiting || a.name.localeCompare(b.name)), people = [...agents.all.values()];
    const talks = people.filter((one) => one.contacts?.[0]?.talks).length, free = people.filter((one) => !one.not_chosen && !one.contacts?.length).length;
    wall.sums.replaceChildren(big(t("Waiting"), String(all.reduce((sum, row) => sum + row.waiting, 0))), big(t("Available"), String(free)), big(t("On contact"), String(talks)));
    wall.queues.replaceChildren(...all.map((row) => make("section", { "aria-label": row.name, "data-misses": misses(row) ? "" : null }, make("h2", {}, row.name), row.nobody_can ? make("p", { class: "because warning" }, nobody(row)) : "",
        make("dl", {}, big(t("Waiting"), String(row.waiting)), big(t("Longest wait"), row.waiting ? lasts(row.longest_wait_us) : "–", colourOf(row.waiting ? waitColour(row.longest_wait_us, row) : "")),
            big(goal(row), level(row), colourOf(levelColour(row))), big(t("Next 15 min"), soon(row) < 0 ? "–" : `${soon(row)} %`, misses(row) ? "late" : "")))));
};
const fill = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
const onKey = (event) => { if (event.key === "f" && !event.ctrlKey && !event.metaKey && !event.altKey) fill(); };

export const start = (me, { line, over }) => {
    queues = new Rows();
    agents = new Rows();
    wall = { sums: make("dl", { class: "sums" }), queues: make("div", { class: "walled" }) };
    const clock = make("p", { class: "quiet" });
    document.documentElement.classList.add("wall");
    id("now").replaceChildren(make("div", { class: "row" }, clock, button(t("Fill the screen (F)"), fill)), wall.sums, wall.queues);
    followed = follow(draw);
    addEventListener("keydown", onKey);
    socket = new Socket({ path: "console/live", lost: () => line(t("The connection is lost. Trying again …")), over: () => over(t("The session is over.")), heard: {
        welcome: () => line(""),
        now(message) {
            line(message.up ? "" : t("The router does not answer: what is shown is old."));
            if (message.status) clockIs(message.status.wall_us);
            put(clock, clocks.format(new Date()));
            take(queues, message.queues);
            take(agents, message.agents);
            draw();
        },
    } });
};
export const stop = () => {
    followed?.();
    removeEventListener("keydown", onKey);
    document.documentElement.classList.remove("wall");
    socket?.end();
    socket = null;
    id("now").replaceChildren();
};
