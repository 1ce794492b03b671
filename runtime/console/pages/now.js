// now.js - The page Now: what the router knows at this moment. The server tells what has changed, once a second.
import { id } from "../dom.js";
import { t } from "../t.js";
import { Socket } from "../wire.js";
import { Agents, People } from "./agents.js";
import { Assigned } from "./assigned.js";
import { Bins } from "./bins.js";
import { clockIs } from "./figures.js";
import { take } from "./pieces.js";
import { Queues } from "./queues.js";
import { follow as followShifts, zoneIs } from "./shifts.js";
import { follow } from "./targets.js";

const TICK_MS = 1000;
// What was heard has drawn all times: the next tick is a second from then.
const tick = () => { clearInterval(ticking); ticking = setInterval(() => { tables.agents.tick(); tables.queues.tick(); tables.bins.tick(); }, TICK_MS); };
let socket = null, ticking = 0, followed = null, tables = null, told = null;

const heard = {
    welcome: () => told.line(""),
    now(message) {
        told.line(message.up ? "" : t("The router does not answer: what is shown is old."));
        if (message.status) { clockIs(message.status.wall_us); zoneIs(message.status.zone); }
        if (take(tables.agents, message.agents)) {
            tables.people.countAll(tables.agents.all());
            tables.queues.has(tables.agents.all());
            tables.assigned.countAll(tables.agents.all());
        }
        take(tables.queues, message.queues);
        take(tables.bins, message.bins);
        if (!performance.getEntriesByName("shown").length) performance.mark("shown"); // once: marks are kept
    },
};
// line(text) says what is wrong; over(text): the session is.
export const start = (me, { line, over }) => {
    told = { line };
    const agents = new Agents(me);
    tables = { agents, people: new People(agents), queues: new Queues(me, agents), bins: new Bins(agents), assigned: new Assigned(agents) };
    id("now").replaceChildren(tables.queues.element, tables.bins.element, tables.people.element, tables.assigned.element, agents.element);
    line(t("Connecting …"));
    socket = new Socket({ path: "console/live", heard, lost: () => line(t("The connection is lost. Trying again …")), over: () => over(t("The session is over.")) });
    const ends = [follow(() => tables?.queues.changed(tables.queues.all())), followShifts(() => tables?.agents.changed([]))]; // a quiet table shows the columns of shifts, too
    followed = () => ends.forEach((end) => end());
    tick();
};
export const stop = () => {
    clearInterval(ticking);
    followed?.();
    socket?.end();
    socket = null;
    if (tables) id("now").replaceChildren();
    tables = null;
};

addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "f" && tables && !document.querySelector("dialog[open]") && tables.agents.find()) event.preventDefault();
});

// The page is seen again, or goes on after the computer has slept: a dead connection is found at once, and the server tells all.
addEventListener("visibilitychange", () => { if (!document.hidden) socket?.woke(); });
for (const kind of ["resume", "pageshow"]) document.addEventListener(kind, () => socket?.woke());
for (const there of [true, false]) addEventListener(there ? "online" : "offline", () => socket?.network(there));
