// responses.js - Standard responses: found by words, filled in for the contact and the agent, put where the agent writes.
import { attempt, dialog, make, labelled } from "./dom.js";
import { t } from "./t.js";
import { stored } from "./contact.js";
import { get } from "./wire.js";
import { matcher } from "./words.js";

// ---- what is there ----

// The site brings responses seldom: within a minute they are not asked for again.
const KEPT_MS = 60000;
let kept = { at: -KEPT_MS, responses: [] };
export const all = async () => {
    if (performance.now() - kept.at < KEPT_MS) return kept.responses;
    const responses = (await get("api/responses")).responses.filter((one) => one.category !== "signature");
    kept = { at: performance.now(), responses };
    return responses;
};

// Responses in the customer's language come first, then those for all languages; within each those of the category that a
// strategy has found; each group in the order of the store.
const rank = (one, item) => {
    const language = String(item.data?.language ?? "").toLowerCase(), own = (one.language || "").toLowerCase();
    const spoken = own && own === language ? 0 : own ? 2 : 1;
    return 2 * spoken + Number((one.category || "").toLowerCase() !== String(item.data?.category ?? "").toLowerCase());
};
export const nearFirst = (responses, item) => [...responses].sort((a, b) => rank(a, item) - rank(b, item));

// ---- filled in ----

const FIELD = /\{(\w[\w.]*)\}/g;
const left = new Set(); // fields that agents have left open
// A field that neither the contact nor the agent has is looked for in the user data, as {order} or {data.order}.
const ofData = (name, item) => { const value = item.data?.[name.replace(/^data\./, "")]; return value !== null && ["string", "number"].includes(typeof value) ? String(value) : null; };
// The agent is asked for what is still not known; what they leave empty stays as {field}. Null: they have given up.
const askFields = (name, text, names) => new Promise((done) => {
    const fields = names.map((one) => [one, make("input", { maxlength: "256" })]);
    const box = dialog(t("{name}: what is not known", { name }), (close) => make("form", { onsubmit: (event) => {
        event.preventDefault();
        const values = Object.fromEntries(fields.map(([one, field]) => [one, field.value]));
        done(text.replace(FIELD, (whole, one) => { if (one in values && !values[one]) left.add(whole); return values[one] || whole; }));
        close();
    } }, ...fields.map(([one, field]) => labelled(one.replace(/[._]/g, " "), field)),
    make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Put in")))), null);
    box.addEventListener("close", () => done(null));
});
export const filled = async (response, item) => {
    const contact = await stored(item).then((one) => one.contact, () => undefined);
    const { text } = await get(`api/responses/${response.response}`, { contact, name: contact ? undefined : item.data?.sender_name });
    const own = new Set([...response.text.matchAll(FIELD)].map(([, name]) => name));
    const known = text.replace(FIELD, (whole, name) => (own.has(name) ? ofData(name, item) ?? whole : whole));
    const open = [...new Set([...known.matchAll(FIELD)].map(([, name]) => name))].filter((name) => own.has(name));
    return open.length ? askFields(response.name, known, open) : known;
};
// What was left open and is about to be sent: the agent is asked first.
export const sendsOpen = (text) => {
    const open = [...new Set(text.match(FIELD))].filter((one) => left.has(one) || kept.responses.some((response) => response.text.includes(one)));
    return !open.length || confirm(t("{places} are not filled in. Send it so?", { count: open.length, places: open.join(", ") }));
};

// ---- chosen in a dialog ----

// `category`: templates alone.
export const choose = attempt(async (item, use, category) => {
    const responses = nearFirst(category ? (await get("api/responses", { category })).responses : await all(), item);
    dialog(category ? t("Templates") : t("Standard responses"), (close) => {
        const list = make("ul", { class: "choices" });
        const pick = attempt(async (response) => {
            close();
            const text = await filled(response, item);
            if (text !== null) use(text);
        });
        const find = make("input", { oninput: () => fill() });
        const fill = () => {
            const fits = matcher(find.value), good = responses.filter((one) => fits(one.category, one.name, one.text));
            list.replaceChildren(...good.map((one) => make("li", {}, make("button", { type: "button", class: "entry", onclick: () => pick(one) },
                make("span", { class: "subject" }, one.name), make("span", { class: "quiet" }, [one.category, one.language].filter(Boolean).join(" · ")),
                make("span", { class: "quiet" }, one.text.slice(0, 160))))));
            if (!good.length) list.append(make("li", { class: "none" }, responses.length ? t("None has these words.") : t("There are no standard responses.")));
        };
        find.onkeydown = (event) => { if (event.key === "Enter") { event.preventDefault(); list.querySelector("button")?.click(); } };
        fill();
        return [labelled(t("Words"), find), list];
    }, item);
});
