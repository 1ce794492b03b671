// contents.js - What a customer's message consists of, where it is neither a text nor a file: a place, contact cards, an
// order; and what was said later about a message: another text, a sign, that it is taken back. Such a line is shown beside
// its message, whichever of the two comes first.
import { make, moment, put } from "./dom.js";
import { t } from "./t.js";
import { linked } from "./linked.js";

// A map is asked for when somebody follows the link, and never by the page.
const MAP = "https://www.openstreetmap.org/";
const placeShown = ({ name, address, latitude, longitude }) => {
    const where = latitude && longitude ? `${latitude}, ${longitude}` : "";
    return make("span", { class: "place" }, make("b", {}, name || t("Place")), address ? `\n${address}` : "", where && "\n",
        where && make("a", { href: `${MAP}?${new URLSearchParams({ mlat: latitude, mlon: longitude })}`, target: "_blank", rel: "noopener noreferrer" }, t("Map: {where}", { where })));
};
const contactsShown = ({ lines }) => {
    const all = new Map();
    for (const { name, value } of lines) all.set(name || "", [...(all.get(name || "") || []), value].filter(Boolean));
    return make("span", { class: "cards" }, ...[...all].flatMap(([name, values], at) => [at ? "\n" : "", make("b", {}, name || t("Contact")), ...values.map((one) => `\n${one}`)]));
};
const orderShown = ({ lines, sum, currency }) => make("table", { class: "order" }, make("caption", {}, t("Order")),
    make("thead", {}, make("tr", {}, ...[t("Count"), t("What"), t("Price")].map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...lines.map((one) => make("tr", {}, make("td", {}, one.count || "1"), make("td", {}, one.name || ""),
        make("td", {}, one.price ? `${one.price} ${one.currency || ""}` : "")))),
    sum && make("tfoot", {}, make("tr", {}, make("th", { scope: "row", colspan: "2" }, t("Sum")), make("td", {}, `${sum} ${currency || ""}`))));
const SHOWN = { place: placeShown, contact: contactsShown, order: orderShown };

const takenBack = (at) => t("Taken back by the customer at {time}", { time: moment(at) });
// What stands in the line of a message.
export const contentShown = (one) => (one.taken_back ? [make("i", {}, takenBack(one.taken_back))]
    : SHOWN[one.kind] && one.about && (one.kind === "place" || one.about.lines) ? [SHOWN[one.kind](one.about)] : linked(one.text || ""));
// What such a line says in few words: of an order its rows, without their heads.
export const contentText = (shown) => {
    const cells = [...shown.querySelectorAll(".order :is(caption, td, tfoot th)")];
    return cells.length ? cells.map((one) => one.textContent.trim()).filter(Boolean).join(" ") : shown.textContent;
};

// Is it about a message that was said before?
export const isLater = (one) => Boolean(one.of) && ["edit", "deletion", "reaction"].includes(one.kind);

const sign = (line, { about, at }) => {
    if (line.signed > at) return;
    line.signed = at;
    const shown = line.querySelector(".sign") || line.appendChild(make("span", { class: "sign" }));
    shown.hidden = !about?.text;
    put(shown, about?.text || "");
    shown.setAttribute("title", t("The customer's reaction"));
};
const edit = (line, one) => {
    const text = line.querySelector(".text");
    if (line.taken) return;
    line.texts ||= [{ at: 0, text: text.textContent }];
    line.texts.push({ at: one.at, text: one.about?.text ?? one.text });
    line.texts.sort((a, b) => a.at - b.at);
    const earlier = line.texts.slice(0, -1).map((each) => each.text);
    text.replaceChildren(...linked(line.texts.at(-1).text));
    line.querySelector(".earlier")?.remove();
    line.querySelector(".translation")?.again();
    text.after(make("details", { class: "earlier" }, make("summary", {}, t("Changed at {time}: earlier text", { time: moment(line.texts.at(-1).at) })), ...earlier.map((each) => make("p", {}, each))));
};
const takeBack = (line, one) => {
    line.taken = true;
    line.texts = null;
    line.classList.add("withdrawn");
    line.querySelector(".text").replaceChildren(make("i", {}, takenBack(one.at)));
    line.querySelector(".earlier")?.remove();
    line.querySelector(".translation")?.remove();
};
const APPLY = { reaction: sign, edit, deletion: takeBack };

// The lines of one list by the names of their messages. `line` notes a line; `later` shows what is about one: in its line,
// or, until that is there, as the line that `alone` makes.
export const laters = () => {
    const lines = new Map(), waiting = new Map();
    return {
        line: (name, shown) => {
            lines.set(name, shown);
            for (const { one, instead } of waiting.get(name) || []) { instead.remove(); APPLY[one.kind](shown, one); }
            waiting.delete(name);
        },
        later: (one, alone) => {
            const shown = lines.get(one.of);
            if (shown) { APPLY[one.kind](shown, one); return shown; }
            const instead = alone();
            waiting.set(one.of, [...(waiting.get(one.of) || []), { one, instead }]);
            return instead;
        },
    };
};
