// finder.js - The one field of the telephone: it finds colleagues with their presence, queues, contacts and numbers by a part
// of the name; what is a favourite, and who was called last, stands there before anything is written.
import { attempt, labelled, make, moment, plain, stateText, tell } from "./dom.js";
import { t } from "./t.js";
import { desk } from "./main.js";
import { colleagues, named } from "./people.js";
import { get, putTo } from "./wire.js";
import { matcher } from "./words.js";

const WAIT_MS = 250, RECENT = 8, CONTACTS = 8, SHOWN = 30;
let favourites = [];

const RANK = ["ready", "busy", "after_call_work", "not_ready"];
const stateOf = (one) => one.states.voice || Object.values(one.states)[0] || "logged_out";
const isOut = (one) => !one.dn && Object.values(one.states).every((state) => state === "logged_out");
const presence = (one) => [one.dn ? stateText(stateOf(one)) : isOut(one) ? t("Not logged in") : t("At no telephone"), one.reason && plain(one.reason), one.dn].filter(Boolean).join(" · ");

export const favouritesLoad = async () => { ({ favourites } = await get("api/favourites")); };
const isFavourite = (choice) => favourites.some((one) => one.kind === choice.kind && one.name === choice.name);
const asRow = (people, queues) => (one) => {
    const colleague = one.kind === "agent" && people.find((other) => other.agent === one.name), queue = one.kind === "queue" && queues.find((other) => other.name === one.name);
    return colleague ? ofColleague(colleague) : queue || { kind: one.kind, name: one.name, shown: one.shown || one.name, to: one.kind === "number" ? one.name : null, note: one.kind === "agent" ? t("Not logged in") : one.kind === "queue" ? t("No queue any more") : one.shown ? one.name : "" };
};
const ofColleague = (one) => ({ kind: "agent", name: one.agent, shown: one.display || one.agent, to: one.dn || null, out: isOut(one), note: presence(one), state: one.dn ? stateOf(one) : "logged_out" });
const queuesOf = () => (desk.me.call_queues || []).map((one) => one.split("=")).map(([name, to]) => ({ kind: "queue", name, shown: name, to, note: t("Queue · {to}", { to }) }));
const ofCall = (one) => ({ kind: "number", name: one.number, shown: one.name || one.number, to: one.number,
    note: [one.name && one.number, one.outcome === "missed" ? t("Missed") : one.direction === "out" ? t("Called") : t("Has called"), moment(one.began)].filter(Boolean).join(" · ") });
const ofContact = async ({ contact, name }) => {
    const { addresses } = await get(`api/contacts/${contact}`);
    return addresses.filter((one) => one.kind === "phone").map((one) => ({ kind: "number", name: one.address, shown: name || one.address, to: one.address, note: t("Contact · {shown}", { shown: one.shown || one.address }) }));
};
const once = (rows) => rows.filter((one, i) => rows.findIndex((other) => other.kind === one.kind && other.name === one.name) === i);
// What fits; without words the favourites, and whom the agent has talked to last. `more` comes later, from the contact store.
const search = async (text, more) => {
    const queues = queuesOf(), fits = matcher(text);
    const people = (await colleagues()).filter((one) => one.agent !== desk.me.agent).sort((a, b) => RANK.indexOf(stateOf(a)) - RANK.indexOf(stateOf(b)) || a.agent.localeCompare(b.agent));
    const marked = favourites.map(asRow(people, queues));
    if (!text) return once([...marked, ...(await get("api/calls", { limit: 50 })).calls.filter((one) => one.number).map(ofCall)]).slice(0, Math.max(marked.length, 0) + RECENT);
    const out = (await named(text.split(/\s+/)[0])).filter((one) => one.agent !== desk.me.agent && !people.some((other) => other.agent === one.agent));
    const near = [...marked, ...people.map(ofColleague), ...queues, ...out.map(ofColleague)].filter((one) => fits(one.shown, one.name, one.to));
    if (!more) return once(near).slice(0, SHOWN);
    const { contacts } = await get("api/contacts", { q: text, limit: CONTACTS });
    return once([...near, ...(await Promise.all(contacts.map(ofContact))).flat()]).slice(0, SHOWN);
};

// The field. `value()` is whom it means: the number of what was chosen, else what was written.
export const finder = (label) => {
    let chosen = null, later = 0, asked = 0;
    const field = make("input", { type: "tel", autocomplete: "off", maxlength: "64", size: "10", spellcheck: "false", "aria-expanded": "false", role: "combobox", "aria-autocomplete": "list" });
    const list = make("ul", { class: "choices", hidden: true, "aria-label": t("Whom to call") });
    const box = make("div", { class: "finder" }, labelled(label, field), list);
    field.setAttribute("aria-controls", list.id = `${field.id}-list`);
    const close = () => { list.hidden = true; field.setAttribute("aria-expanded", "false"); asked++; clearTimeout(later); };
    const choose = (one) => {
        if (!one.to) { tell(one.out ? t("{shown} is not logged in, and has no number.", { shown: one.shown }) : t("{shown} is at no telephone at present.", { shown: one.shown })); return; }
        chosen = one;
        field.value = one.shown;
        field.title = one.to;
        field.focus();
        close();
    };
    const star = (one) => {
        const mark = make("button", { type: "button", class: "star", "data-choice": `${one.kind} ${one.name}`, "aria-label": t("Favourite: {shown}", { shown: one.shown }), "aria-pressed": String(isFavourite(one)), onclick: attempt(async () => {
            ({ favourites } = await putTo("api/favourites", { kind: one.kind, name: one.name, shown: one.shown, on: !isFavourite(one) }));
            // The list may have been filled anew meanwhile, with another button for this choice.
            for (const shown of [...list.querySelectorAll(".star")].filter((other) => other.dataset.choice === mark.dataset.choice)) {
                shown.setAttribute("aria-pressed", String(isFavourite(one)));
                shown.textContent = isFavourite(one) ? "★" : "☆";
            }
        }) }, isFavourite(one) ? "★" : "☆");
        return mark;
    };
    const fill = (rows, text) => {
        const held = list.contains(document.activeElement) && document.activeElement.textContent;
        list.replaceChildren(...rows.map((one) => make("li", { class: "row" }, make("button", { type: "button", class: "entry", onclick: () => choose(one) },
            make("span", { class: "subject" }, one.shown), make("span", { class: "quiet presence", "data-state": one.state || null }, one.note)), star(one))));
        if (!rows.length) list.append(make("li", { class: "none" }, text ? t("Nobody of this name: what is written is dialled as a number.") : t("Favourites and your last calls stand here.")));
        list.hidden = false;
        field.setAttribute("aria-expanded", "true");
        if (held) ([...list.querySelectorAll("button")].find((one) => one.textContent === held) || field).focus();
    };
    const look = async () => {
        const number = ++asked, text = field.value.trim();
        try {
            const near = await search(text, false);
            if (number === asked) fill(near, text);
            if (!text) return;
            const all = await search(text, true);
            if (number === asked) fill(all, text);
        } catch { /* the field takes a number all the same */ }
    };
    const move = (by) => {
        const all = [...list.querySelectorAll(".entry")], at = all.indexOf(document.activeElement.closest("li")?.querySelector(".entry"));
        (all[at + by] || (at + by < 0 ? field : all[at]))?.focus();
    };
    field.addEventListener("input", () => { chosen = null; field.title = ""; clearTimeout(later); later = setTimeout(look, WAIT_MS); });
    field.addEventListener("click", () => { if (list.hidden) look(); });
    box.addEventListener("keydown", (event) => {
        const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); field.focus(); close(); }
        else if (by && list.hidden) { event.preventDefault(); look(); }
        else if (by) { event.preventDefault(); move(by); }
    });
    box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget)) close(); });
    return { box, field, value: () => (chosen ? chosen.to : field.value.trim()), clear: () => { chosen = null; field.value = field.title = ""; close(); } };
};
