// console.js - Log in and log out of the console, and the head of its page; now.js is what it shows.
import { attempt, button, id, make, put, settle } from "../dom.js";
import { get, post, trust } from "../wire.js";
import * as now from "./now.js";

const line = (text) => { put(id("line"), text); id("line").classList.toggle("wrong", text !== ""); };

const enter = (text = "") => {
    now.stop();
    id("console").hidden = true;
    id("entrance").hidden = false;
    id("login-error").textContent = text;
    document.title = "Log in – gcx console";
    id(id("login-name").value ? "login-password" : "login-name").focus();
};
// The session may be that of a desk in another window, whose work is not given back without a question.
const leave = attempt(async () => {
    try {
        await post("api/logout");
    } catch (error) {
        if (error.code !== "open") throw error;
        if (!confirm(`${error.message} Log out?`)) return;
        await post("api/logout?force=yes");
    }
    enter("You are logged out.");
});
const begin = (me) => {
    if (me.role !== "supervisor") return enter(`${me.name} is no supervisor: the console is for supervisors. The desk has your work.`);
    trust(me, () => location.reload());
    id("entrance").hidden = true;
    id("console").hidden = false;
    document.title = "Now – gcx console";
    id("self").replaceChildren(make("a", { href: "../" }, "Desk"), make("span", {}, me.name), button("Log out", leave));
    line("");
    now.start(me, { line, over: enter });
    settle(id("now"));
    performance.mark("usable");
};
id("login").onsubmit = async (event) => {
    event.preventDefault();
    id("login-error").textContent = "";
    const name = id("login-name").value.trim(), password = id("login-password").value;
    try {
        begin(await post("api/login", { name, password }));
    } catch (error) {
        id("login-error").textContent = error.code === "login" ? "The name or the password is wrong." : error.message;
        id("login-password").focus();
    }
    id("login-password").value = "";
};
get("api/me").then(begin, (error) => enter(error.code === "lost" ? error.message : ""));
