// now.js - The page Now: what the router knows at this moment, each queue a row.
import { duration, id } from "../dom.js";
import { get } from "../wire.js";
import { Table } from "./table.js";

const EVERY_MS = 3000, WITHIN_S = 20;

const percent = (part, whole) => (whole ? `${Math.round(100 * part / whole)} %` : "–");
const offered = (row) => row.last_hour.answered + row.last_hour.abandoned;
const within = (row) => row.last_hour.within_s.find(([bound]) => bound === WITHIN_S)?.[1] ?? 0;

const QUEUES = [
    { name: "name", text: "Queue", of: (row) => row.name },
    { name: "waiting", text: "Waiting", by: (row) => row.waiting, of: (row) => String(row.waiting) },
    { name: "longest", text: "Longest wait", by: (row) => row.longest_wait_us, of: (row) => (row.waiting ? duration(row.longest_wait_us / 1000) : "–") },
    { name: "within", text: `Answered within ${WITHIN_S} s`, by: (row) => (offered(row) ? within(row) / offered(row) : -1), of: (row) => percent(within(row), offered(row)) },
    { name: "abandoned", text: "Gave up", by: (row) => row.last_hour.abandoned, of: (row) => String(row.last_hour.abandoned) },
    { name: "offered", text: "In the last hour", by: offered, of: (row) => String(offered(row)) },
];
let queues = null, timer = 0;

const look = async (told) => {
    try {
        queues.whole((await get("api/supervisor/queues")).queues);
        told.line("");
    } catch (error) {
        if (error.status === 401) return told.over("The session is over.");
        told.line(error.message);
    }
    timer = setTimeout(look, EVERY_MS, told);
};
// told: line(text) says what is wrong; over(text): the session is.
export const start = (me, told) => {
    queues = new Table({ name: "queues", title: "Queues", columns: QUEUES, key: (row) => row.name, person: me.name });
    id("now").replaceChildren(queues.element);
    look(told);
};
export const stop = () => clearTimeout(timer);
