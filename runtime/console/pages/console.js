// console.js - Log in and log out of the console, and the head of its page; now.js and change.js are what it shows.
import { attempt, button, draftsForget, id, make, put, settle } from "../dom.js";
import { languageChoice, t } from "../t.js";
import { entrance } from "../entrance.js";
import { get, post, trust } from "../wire.js";
import { chosenLoad } from "./chosen.js";
import * as today from "./today.js";
import * as wall from "./wall.js";
import * as change from "./change.js";
import * as history from "./history.js";
import * as now from "./now.js";
import * as quality from "./quality.js";
import * as reports from "./reports.js";
import * as strategies from "./strategies.js";

const line = (text) => { put(id("line"), text); id("line").classList.toggle("wrong", text !== ""); };

// The pages of the console, each by its part of the address; start(me, told) shows it in #now, stop() ends it.
const PAGES = { now: [t("Now"), now], today: [t("Today"), today], wall: [t("Wall"), wall], change: [t("Change"), change], history: [t("History"), history], quality: [t("Quality"), quality], reports: [t("Reports"), reports], strategies: [t("Strategies"), strategies] };
// Supervisors have all pages; that of strategies is for designers, whatever their role.
const may = (name) => (name === "strategies" ? me.designer : me.role === "supervisor");
let me = null, shown = "";
const show = (name) => {
    if (shown) PAGES[shown][1].stop();
    shown = name;
    document.title = t("{most} – gcx console", { most: PAGES[name][0] });
    id("now").setAttribute("aria-label", PAGES[name][0]);
    for (const link of id("pages").children)
        if (link.hash === `#/${name}`) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    line("");
    PAGES[name][1].start(me, { line, over: enter });
    settle(id("now"));
};
const pageAsked = () => {
    const [asked] = location.hash.slice(2).split("/"); // a page may have a part of its own behind a slash
    return Object.hasOwn(PAGES, asked) && may(asked) ? asked : Object.keys(PAGES).find(may);
};
addEventListener("hashchange", () => { if (shown && location.hash.startsWith("#/") && pageAsked() !== shown) show(pageAsked()); });

const enter = (text = "") => {
    if (shown) PAGES[shown][1].stop();
    shown = "";
    id("console").hidden = true;
    entered(text);
};
// The session may be that of a desk in another window, whose work is not given back without a question. That desk ends, too.
const leave = attempt(async () => {
    try {
        await post("api/logout?page=console");
    } catch (error) {
        if (error.code !== "open") throw error;
        if (!confirm(t("{message} Log out?", { message: error.message }))) return;
        await post("api/logout?page=console&force=yes");
    }
    draftsForget(me.agent, true);
    enter(t("You are logged out."));
});
const begin = async (person) => {
    if (person.role !== "supervisor" && !person.designer) return enter(t("{name} is no supervisor: the console is for supervisors. The desk has your work.", { name: person.name }));
    me = person;
    trust(me, () => location.reload());
    id("entrance").hidden = true;
    id("console").hidden = false;
    id("self").replaceChildren(make("a", { href: "../" }, t("Desk")), languageChoice(), make("span", {}, me.name), button(t("Log out"), leave));
    for (const link of id("pages").children) link.hidden = !may(link.hash.slice(2));
    await chosenLoad().catch(() => null); // tables are as nobody has chosen them then
    show(pageAsked());
    performance.mark("usable");
};
const entered = entrance({ title: t("gcx console"), begin });
get("api/me").then(begin, (error) => enter(error.code === "lost" ? error.message : ""));
