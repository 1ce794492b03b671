// notify.js - What waits while the page is not seen: the browser's notifications, the title, the icon; and the dialog that
// sets them and the sounds.
import { attempt, button, dialog, make } from "./dom.js";
import { t } from "./t.js";
import { loudness, loudnessSet, muted, mute, ring, quiet } from "./sound.js";

const WANTED = "gcx-desk-notify";
const there = "Notification" in window, shown = new Map();
const wanted = () => { try { return localStorage.getItem(WANTED) === "yes"; } catch { return false; } };
const want = (on) => { try { localStorage.setItem(WANTED, on ? "yes" : "no"); } catch { /* nothing is kept */ } };
const on = () => there && Notification.permission === "granted" && wanted();
const seen = () => !document.hidden && document.hasFocus();

// Tells it outside of the page, once per `tag`, which a later one replaces; a press shows the page, and calls `go`.
export const notify = (tag, title, text, go) => {
    if (!on() || seen()) return;
    try {
        unnotify(tag);
        const one = new Notification(title, { body: text, tag, icon: "icon.svg" });
        one.onclick = () => { window.focus(); unnotify(tag); go?.(); };
        shown.set(tag, one);
    } catch { /* some browsers have notifications for installed pages only */ }
};
// It waits no more.
export const unnotify = (tag) => { shown.get(tag)?.close(); shown.delete(tag); };
const unnotifyAll = () => { for (const tag of [...shown.keys()]) unnotify(tag); };
addEventListener("focus", unnotifyAll);
addEventListener("visibilitychange", () => { if (!document.hidden) unnotifyAll(); });

// The title and the icon say what waits: `parts` as "2 offered".
export const waits = (parts, page) => {
    document.title = (parts.length ? `(${parts.join(", ")}) ` : "") + page;
    const icon = document.querySelector("link[rel=icon]"), href = parts.length ? "icon-waits.svg" : "icon.svg";
    if (icon.getAttribute("href") !== href) icon.setAttribute("href", href);
};

const STATES = { denied: t("This browser forbids them for this page: allow them beside its address."), none: t("This browser has none.") };
export const settings = () => dialog(t("Sounds and notifications"), () => {
    const said = make("p", { class: "quiet", role: "status" }), test = () => { ring("offer"); setTimeout(quiet, 100, "offer"); };
    const say = () => { said.textContent = !there ? STATES.none : Notification.permission === "denied" ? STATES.denied : on() ? t("What waits is told by the browser while you do not look at this page.") : ""; };
    const check = (text, checked, set, attributes = {}) => {
        const box = make("input", { type: "checkbox", ...attributes, onchange: attempt(async () => { box.checked = await set(box.checked); say(); }) });
        box.checked = checked;
        return make("label", { class: "check" }, box, text);
    };
    const loud = make("input", { type: "range", min: "1", max: "10", value: String(loudness()), "aria-label": t("Loudness"), onchange: () => { loudnessSet(Number(loud.value)); test(); } });
    say();
    return make("div", { class: "settings" },
        check(t("Sounds"), !muted(), (sounds) => { mute(!sounds); if (sounds) test(); return sounds; }), make("div", { class: "row" }, t("Loudness"), loud, button(t("Try it"), test)),
        check(t("Notifications of the browser"), on(), async (asked) => {
            if (asked && Notification.permission === "default") await Notification.requestPermission(); // asked for by this press alone
            want(asked && Notification.permission === "granted");
            return on();
        }, { disabled: !there }), said);
});
