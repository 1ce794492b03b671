// find.js - Finding contacts by name or address, and interactions by the words in them.
import { attempt, dialog, labelled, make } from "./dom.js";
import { t } from "./t.js";
import { before, showContact } from "./contact.js";
import { contactsOf } from "./who.js";
import { get } from "./wire.js";

export const find = () => dialog(t("Find"), (close) => {
    const words = make("input", { required: true, maxlength: "200" }), found = make("div", { class: "found", "aria-live": "polite" });
    const search = attempt(async (event) => {
        event.preventDefault();
        const q = words.value.trim();
        const [contacts, { interactions }] = await Promise.all([contactsOf(q, attempt(async ({ contact }) => { await showContact(contact); close(); })), get("api/search", { q, limit: 30 })]);
        found.replaceChildren(
            make("h3", {}, t("Contacts")), make("ul", {}, ...contacts),
            make("h3", {}, t("Interactions")), interactions.length ? make("ul", { class: "history" }, ...interactions.map((one) => make("li", {}, before(one)))) : make("p", { class: "none" }, t("None.")));
    });
    return [make("form", { onsubmit: search }, labelled(t("Name, address or words"), words), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Find")))), found];
});
