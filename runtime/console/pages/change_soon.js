// change_soon.js - What a change would do to the next two hours, before it is made: the server simulates, as `gcxctl soon`
// does, and this shows the waits, the service level and the load with and without it.
import { attempt, button, make, medium, plain, put } from "../dom.js";
import { t, tenths } from "../t.js";
import { post } from "../wire.js";

const EVERY_MS = 1000;
const TITLES = { offered: t("Calls, chats, mails …"), p50: t("Wait, median"), p90: t("Wait, 90 %"), abandonment: t("Abandoned"), sl: t("Answered within 20 s"), occupancy: t("Agents busy") };
const figure = (row, value, sign) => {
    if (value === null || value === undefined) return "–";
    const shown = Math.round(row.unit === "share" ? value * 1000 : value * 10) / 10 || 0, text = tenths(shown); // "|| 0": no -0.0
    return `${sign && shown > 0 ? "+" : ""}${row.unit === "share" ? t("{share} %", { share: text }) : row.unit === "s" ? t("{seconds} s", { seconds: text }) : text}`;
};
const titleOf = (row) => (row.what === "all" ? TITLES[row.measure] : t("{figure}: {name}", { figure: TITLES[row.measure], name: row.what === "medium" ? medium(row.name) : plain(row.name) }));
// By the word of the server's: why nothing is simulated, or only who is there.
const WHYS = { agents: t("Nobody is logged in."), nobody: t("Nobody is there, and nobody is expected in these hours, in the strategies of this setting."), keys: t("Nobody gets an agent there, where callers key nothing and databases do not answer: the desk's setting `simulated_as` names tests that say what they key."),
    failed: t("The simulation has failed: the log of gcxvm says why.") };
const ALONE = { records: t("There are no records of earlier weeks: only who is there now is simulated, with talks of three minutes."), holidays: t("The last 8 same weekdays were all holidays: only who is there now is simulated, with talks of three minutes."),
    quiet: t("Nobody came at these hours on the last 8 same weekdays: only who is there now is simulated, with talks of three minutes.") };
const found = (answer) => [
    make("p", { class: "text" }, `${answer.key ? `${answer.setting} ${answer.key}` : answer.setting}: ${answer.before} → ${answer.after}`),
    answer.alone_word ? make("p", { class: "text" }, ALONE[answer.alone_word] || answer.alone) : make("p", { class: "text" }, t("Simulated for the next {minutes} minutes, {times} times with the change and as often without it, by the callers of {days} of the last 8 same weekdays, from {agents} agents who are logged in and {calls} calls, chats, mails and others that are there.",
        { minutes: answer.ahead_s / 60, times: answer.replications, days: answer.days, agents: answer.agents, calls: answer.calls_now })),
    make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("What the change would do") }, make("table", { "aria-label": t("What the change would do") },
        make("thead", {}, make("tr", {}, ...[t("Figure"), t("As it is"), t("With the change"), t("Difference"), t("In 95 of 100 cases")].map((text) => make("th", { scope: "col" }, text)))),
        make("tbody", {}, ...answer.rows.map((row) => make("tr", { class: row.differs ? "differs" : null }, make("th", { scope: "row" }, titleOf(row)),
            make("td", {}, figure(row, row.before?.mean)), make("td", {}, figure(row, row.after?.mean)), make("td", {}, figure(row, row.difference?.mean, true)),
            make("td", {}, t("{low} to {high}", { low: figure(row, row.difference?.low, true), high: figure(row, row.difference?.high, true) })))))))];

// The button, and where its answer stands. change() has what would be sent to change the setting; what is wrong in it is thrown.
export const trial = (name, change) => {
    const box = make("div", { class: "soon", hidden: true }), said = make("p", { role: "status" }), bar = make("progress", { "aria-label": t("The simulation") });
    const ask = button(t("What would it do?"), attempt(async () => {
        const asked = change(), began = Date.now();
        const tell = () => put(said, t("It is simulated: {seconds} s, at most 180 …", { seconds: Math.round((Date.now() - began) / 1000) }));
        box.replaceChildren(said, bar);
        box.hidden = false;
        ask.disabled = true;
        tell();
        const timer = setInterval(tell, EVERY_MS);
        try {
            const answer = await post(`api/supervisor/settings/${encodeURIComponent(name)}/soon`, asked);
            put(said, answer.why_not ? WHYS[answer.why_not_word] || WHYS.failed : t("This is what it would do."));
            box.replaceChildren(said, ...(answer.why_not ? [] : found(answer)));
        } catch (error) {
            put(said, "");
            box.hidden = true;
            throw error;
        } finally {
            clearInterval(timer);
            ask.disabled = false;
        }
    }));
    return { ask, box };
};
