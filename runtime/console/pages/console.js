// console.js - Log in and log out of the console, and the head of its page; now.js and change.js are what it shows.
import { attempt, button, draftsForget, id, make, put, settle } from "../dom.js";
import { languageChoice, t } from "../t.js";
import { entrance } from "../entrance.js";
import { get, post, trust } from "../wire.js";
import { chosenLoad } from "./chosen.js";

const line = (text) => { put(id("line"), text); id("line").classList.toggle("wrong", text !== ""); };

// The pages of the console, each by its part of the address. A page's module is loaded when it is asked for: start(me, told) shows
// it in #now, stop() ends it.
const PAGES = { now: t("Now"), today: t("Today"), wall: t("Wall"), change: t("Change"), history: t("History"), quality: t("Quality"), reports: t("Reports"), strategies: t("Strategies") };
// Supervisors have all pages; that of strategies is for designers, whatever their role.
const may = (name) => (name === "strategies" ? me.designer : me.role === "supervisor");
let me = null, shown = "", page = null, turn = 0;
const end = () => {
    page?.stop();
    page = null;
    shown = "";
    turn++;
};
const show = async (name) => {
    end();
    shown = name;
    const own = turn;
    document.title = t("{most} – gcx console", { most: PAGES[name] });
    id("now").setAttribute("aria-label", PAGES[name]);
    for (const link of id("pages").children)
        if (link.hash === `#/${name}`) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    line("");
    let module;
    try { module = await import(`./${name}.js`); } catch { return own === turn && line(t("The page could not be loaded: press F5.")); }
    if (own !== turn) return; // another page was asked for meanwhile
    page = module;
    page.start(me, { line, over: enter });
    settle(id("now"));
};
const pageAsked = () => {
    const [asked] = location.hash.slice(2).split("/"); // a page may have a part of its own behind a slash
    return Object.hasOwn(PAGES, asked) && may(asked) ? asked : Object.keys(PAGES).find(may);
};
addEventListener("hashchange", () => { if (shown && location.hash.startsWith("#/") && pageAsked() !== shown) show(pageAsked()); });

const enter = (text = "") => {
    end();
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
    await show(pageAsked());
    performance.mark("usable");
};
const entered = entrance({ title: t("gcx console"), begin });
get("api/me").then(begin, (error) => enter(error.code === "lost" ? error.message : ""));
