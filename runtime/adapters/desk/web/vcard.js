// vcard.js - Contact cards that come as files (vCard, RFC 6350 and older): shown with what they say, and taken into the
// contact after a look. A card is what somebody has written: nothing of it is taken by itself.
import { attempt, button, make } from "./dom.js";
import { t } from "./t.js";
import { changed, stored } from "./contact.js";
import { get, getBytes } from "./wire.js";
import { take } from "./who.js";

export const isCard = (part) => /^text\/(x-)?v?card\b|^text\/directory\b/i.test(part.type || "") || (part.role === "attachment" && /\.vcf$/i.test(part.name || ""));

const CARDS_MAX = 20, EACH_MAX = 20, CARD_BYTES_MAX = 1000000, LONG = 320;
const unquoted = (value) => { try { return decodeURIComponent(value.replace(/%/g, "%25").replace(/=([0-9A-F]{2})/gi, "%$1")); } catch { return value; } };
const plain = (value) => value.replace(/\\([nN,;:\\])/g, (_, one) => (one.toLowerCase() === "n" ? "\n" : one)).trim().slice(0, LONG);
// Divided at semicolons, of which those that belong to a part have a stroke before them.
const parts = (value) => (value.match(/(?:\\.|[^;\\])+/g) || []).map(plain).filter(Boolean);
const linesOf = (text) => text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/).map((line) => /^(?:[\w-]+\.)?([\w-]+)((?:;(?:"[^"]*"|[^":])*)?):(.*)$/.exec(line)).filter(Boolean)
    .map(([, name, more, value]) => ({ name: name.toUpperCase(), value: /QUOTED-PRINTABLE/i.test(more) ? unquoted(value) : value }));
// Of each kind a card has a few: a hostile one may have a hundred thousand.
const few = (list, one) => { if (list.length < EACH_MAX) list.push(one); };
export const cardsOf = (text) => {
    const cards = [];
    for (const { name, value } of linesOf(text)) {
        const card = cards.at(-1);
        if (name === "BEGIN" && value.trim().toUpperCase() === "VCARD") {
            if (cards.length === CARDS_MAX) break;
            cards.push({ name: "", telephones: [], mails: [], rest: [] });
        }
        else if (!card || !value.trim()) continue;
        else if (name === "FN") card.name = plain(value);
        else if (name === "N") card.named = parts(value).slice(0, 2).reverse().join(" ");
        else if (name === "TEL") few(card.telephones, plain(value.replace(/^tel:/i, "")));
        else if (name === "EMAIL") few(card.mails, plain(value.replace(/^mailto:/i, "")));
        else if (name === "ORG" || name === "ADR") few(card.rest, parts(value).join(", "));
        else if (name === "TITLE" || name === "NOTE") few(card.rest, plain(value));
    }
    return cards;
};
// The addresses of a card that the contact has not yet, however they are written.
const same = (kind, address) => (kind === "phone" ? address.replace(/[^0-9+]/g, "") : address.toLowerCase());
const fresh = (card, contact) => {
    const known = new Set((contact.addresses || []).map(({ kind, address }) => same(kind, address)));
    return [...card.telephones.map((address) => ["phone", address]), ...card.mails.map((address) => ["email", address])]
        .filter(([kind, address]) => !known.has(same(kind, address)) && known.add(same(kind, address)));
};
const shown = (card, item) => make("div", { class: "invitation" }, make("b", {}, card.name || card.named || t("Contact")),
    make("ul", {}, ...[...card.telephones, ...card.mails, ...card.rest].map((one) => make("li", { class: "text" }, one))),
    item && (card.telephones.length || card.mails.length) ? button(t("Take into the contact …"), attempt(async () => {
        const { contact } = await stored(item);
        if (!contact) throw new Error(t("It has no contact yet: first give it to one."));
        const one = await get(`api/contacts/${contact}`);
        take(one, () => changed(item), { name: card.name || card.named || "", addresses: fresh(card, one) });
    })) : "");
// The cards of a file. `item` null: they are only shown.
export const cards = (part, item) => {
    const box = make("section", { class: "contact-cards", "aria-label": t("Contact cards") });
    if (part.length > CARD_BYTES_MAX) return box;
    getBytes(`api/parts/${part.part}`).then((blob) => blob.text()).then((text) => box.append(...cardsOf(text).map((card) => shown(card, item)))).catch(() => {});
    return box;
};
