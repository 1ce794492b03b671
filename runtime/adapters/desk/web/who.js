// who.js - Whom something is from: the contact's name instead of the address, whether they are verified, and what else is
// open of them; and changes of a contact, which can be undone.
import { announce, attempt, button, dialog, labelled, make, medium, plain, select, time } from "./dom.js";
import { t } from "./t.js";
import { before } from "./contact.js";
import { called, person } from "./people.js";
import { undoable } from "./undo.js";
import { get, putTo } from "./wire.js";
import { has, show } from "./work.js";

// The name that the contact store has; "": it has none, or the person may be another one.
export const known = (item) => (item.who?.unverified ? "" : item.who?.name || "");

const LONG = 100;
const subjectOf = ({ subject = "" }) => (subject ? [make("span", { title: subject.length > LONG ? subject : null }, subject.length > LONG ? subject.slice(0, LONG) + "…" : subject), ": "] : []);
// What else is open of the contact: "Marie has it since 10:04".
export const standing = (open, thread = 0) => (open || []).map((one) => make("li", {}, make("span", { class: "medium" }, medium(one.media)), " ",
    ...subjectOf(one), ...(one.agent ? [person(one.agent), t(" has it since "), time(one.since)] : [one.media === "voice" ? t("goes on since ") : t("waits since "), time(one.received)]),
    thread && one.thread === thread ? t(", of the same thread") : ""));
// An e-mail of the same thread: shown where the agent has it, else it can be read here.
const belongs = (one) => {
    const own = has(one.ixn);
    return make("li", {}, t("Belongs to: "), own ? button(one.subject || t("E-mail"), () => show(own)) : before(one), ...(own ? [] : one.agent ? [person(one.agent), t(" has it since "), time(one.since)] : [t("waits")]));
};
const ofThread = (item) => (item.who?.open || []).filter((one) => one.media === "email" && one.thread && one.thread === item.who.thread);
// The e-mails that are open of the same thread; null: there are none.
export const kin = (item) => (ofThread(item).length ? make("ul", { class: "standing", "aria-label": t("Of the same thread") }, ...ofThread(item).map(belongs)) : null);
// Answers go to somebody else than who has written.
export const answersTo = (item) => {
    const to = item.data?.reply_to;
    return to && item.from && to.toLowerCase() !== item.from.toLowerCase() ? make("p", { class: "quiet" }, t("Answers go to {to}", { to })) : null;
};
// Below an offer.
export const notes = (item) => {
    const rest = (item.who?.open || []).filter((one) => !ofThread(item).includes(one));
    return [answersTo(item), item.who?.unverified ? make("p", { class: "unverified" }, t("Not verified")) : null, kin(item),
        rest.length ? make("ul", { class: "standing", "aria-label": t("Also open of the same contact") }, ...standing(rest, item.who.thread)) : null].filter(Boolean);
};

// ---- changes ----

const KINDS = [["email", t("E-mail address")], ["phone", t("Telephone number")], ["chat", t("Chat")], ["social", t("Social")], ["other", t("Other")]];
// The contact as it is after an act; Alt+Z undoes the act for as long as the page says so, and a button below the contact later.
const acted = (one, again, text) => {
    const last = (one.acts || []).find((act) => act.last);
    again(one);
    if (last) undoable(text, attempt(async () => again(await change(one, "undo", { act: last.act })))); else announce(text);
};
const WHAT = { edit: t("changed"), merge: t("merged"), link: t("gave something to") };
const under = (contact, what) => `api/contacts/${contact}/${what}`;

// Changes the contact as the agent has seen it: whoever was quicker is called by name.
const change = (one, what, body) => putTo(under(one.contact, what), body).catch((error) => {
    if (error.code !== "changed") throw error;
    const by = /, last by (.+): look at it again\.$/.exec(error.message)?.[1], name = one.name || t("The contact");
    throw new Error(by ? t("{name} was changed meanwhile, last by {by}: look at it again.", { name, by: called(by) }) : t("{name} was changed meanwhile: look at it again.", { name }));
});

// A row of a form that is a name and a value, or an address; `gone` where it is to be removed.
const fieldRow = (name, value) => {
    const named = make("input", { value: name, maxlength: "64", pattern: "[A-Za-z0-9_]+", title: t("Letters from a to z, digits and _"), "aria-label": t("Name of the field"), readonly: Boolean(name) });
    const field = make("input", { value, maxlength: "1000", "aria-label": name ? plain(name) : t("Value") });
    return { row: make("div", { class: "row" }, named, field), name: () => named.value.trim(), value: () => field.value.trim() };
};
const addressRow = (kinds, address) => {
    const kind = select(kinds, { "aria-label": t("Kind") }), field = make("input", { value: address, maxlength: "320", "aria-label": t("Address") });
    return { row: make("div", { class: "row" }, kind, field), kind: () => kind.value, address: () => field.value.trim() };
};
// `more` is what is proposed: a name, and addresses with their kinds.
const edit = (one, again, more = { name: "", addresses: [] }) => dialog(t("Change the contact"), (close) => {
    const name = make("input", { value: one.name || more.name, maxlength: "200", autocomplete: "off" });
    const fields = Object.entries(one.fields || {}).map(([key, value]) => fieldRow(key, value)), fresh = [], addresses = make("div", {}), list = make("div", {}, ...fields.map(({ row }) => row));
    const gone = new Set();
    for (const address of one.addresses || []) {
        const box = make("input", { type: "checkbox", onchange: () => { if (box.checked) gone.add(address); else gone.delete(address); } });
        addresses.append(make("div", { class: "row" }, make("label", {}, box, ` ${t("Remove")} `, address.shown || address.address)));
    }
    const add = (to, made, into) => { into.push(made); to.append(made.row); made.row.querySelector("input:not([readonly])")?.focus(); };
    for (const [kind, address] of more.addresses) {
        const made = addressRow(KINDS, address);
        made.row.querySelector("select").value = kind;
        add(addresses, made, fresh);
    }
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        const changed = [...fields.filter((row) => row.value() !== one.fields[row.name()]), ...fresh.filter((row) => row.name && row.value && row.name() && row.value())];
        const body = { changed: one.changed, ...(name.value.trim() !== (one.name || "") ? { name: name.value.trim() } : {}),
            fields: Object.fromEntries(changed.filter((row) => row.value).map((row) => [row.name(), row.value()])),
            add: fresh.filter((row) => row.kind && row.address()).map((row) => ({ kind: row.kind(), address: row.address() })),
            remove: [...gone].map(({ kind, address }) => ({ kind, address })) };
        if (body.name === undefined && !Object.keys(body.fields).length && !body.add.length && !body.remove.length) { close(); return; }
        const edited = await change(one, "edit", body);
        close();
        acted(edited, again, t("The contact is changed."));
    }) }, labelled(t("Name"), name), make("h3", {}, t("Addresses")), addresses, button(t("Another address"), () => add(addresses, addressRow(KINDS, ""), fresh)),
    make("h3", {}, t("Data")), list, button(t("Another field"), () => add(list, fieldRow("", ""), fresh)),
    make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Save"))));
});
export const take = edit;
// Contacts that have these words, each as a button. Several may have one name: the addresses tell which is which.
export const contactsOf = async (q, act, without) => {
    const { contacts } = await get("api/contacts", { q, limit: 10 });
    const shown = await Promise.all(contacts.filter((one) => one.contact !== without).map(async (one) => {
        const { addresses = [] } = await get(`api/contacts/${one.contact}`).catch(() => ({}));
        const where = addresses.map((each) => each.shown || each.address).join(", "), press = button(one.name || t("Contact {contact}", { contact: one.contact }), () => act({ ...one, where }));
        if (where) press.append(make("span", { class: "quiet", dir: "auto" }, where));
        return make("li", {}, press);
    }));
    return shown.length ? shown : [make("li", { class: "none" }, t("None."))];
};
// Another contact becomes a part of this one.
const merge = (one, again) => dialog(t("Merge another contact into {name}", { name: one.name || t("this one") }), (close) => {
    const words = make("input", { required: true, maxlength: "200" }), found = make("ul", { class: "found", "aria-live": "polite" });
    const take = attempt(async (other) => {
        if (!confirm(t("{name} becomes a part of {name2}, with its addresses and history. It can be undone. Merge?", { name: [other.name || t("Contact {contact}", { contact: other.contact }), other.where].filter(Boolean).join(", "), name2: one.name || t("this contact") }))) return;
        const merged = await change(one, "merge", { changed: one.changed, other: other.contact });
        close();
        acted(merged, again, t("The contacts are one."));
    });
    const search = attempt(async (event) => {
        event.preventDefault();
        found.replaceChildren(...await contactsOf(words.value.trim(), take, one.contact));
    });
    return [make("form", { onsubmit: search }, labelled(t("Name or address"), words), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Find")))), found];
});
// What somebody has done is undone by a press; the last act first.
const acts = (one, again) => {
    const last = (one.acts || []).find((act) => act.last);
    const undo = attempt(async () => {
        again(await change(one, "undo", { act: last.act }));
        announce(t("It is undone"));
    });
    return last ? make("p", { class: "quiet acts" }, person(last.agent), t(" {most} this contact ", { most: WHAT[last.what] || plain(last.what) }), time(last.at), ". ", button(t("Undo"), undo)) : null;
};
// Below a contact: what agents may do with it. `again` is given the contact as it is then.
export const changes = (one, again) => [make("p", { class: "row" }, button(t("Change …"), () => edit(one, again)), button(t("Merge …"), () => merge(one, again))), acts(one, again)].filter(Boolean);
// What no contact is known of is given to one.
export const link = (interaction, done) => dialog(t("Whose is it?"), (close) => {
    const words = make("input", { required: true, maxlength: "200" }), found = make("ul", { class: "found", "aria-live": "polite" });
    const take = attempt(async ({ contact }) => {
        const { changed } = await get(`api/contacts/${contact}`);
        const linked = await putTo(under(contact, "link"), { changed, interaction });
        close();
        acted(linked, done, t("It is the contact's now."));
    });
    const search = attempt(async (event) => {
        event.preventDefault();
        found.replaceChildren(...await contactsOf(words.value.trim(), take));
    });
    return [make("form", { onsubmit: search }, labelled(t("Name or address"), words), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Find")))), found];
});
