// texts.js - Short messages: how many carry a text, as the adapter divides it (sms/parts.h), and one to a number.
import { attempt, dialog, keepField, key, labelled, make, put, tell } from "./dom.js";
import { t } from "./t.js";
import { ask, desk } from "./main.js";
import { GSM, GSM_EXTENDED } from "./gsm.js";

const basic = new Set(GSM), extended = new Set(GSM_EXTENDED);

// A character is one septet or two; where one of them is not in the alphabet, each is one unit of UTF-16 or two. No
// character is divided. `left`: what the last message has room for. `way`: headers with a reference of 16 bits are longer.
export const texts = (text, way = desk.me?.texts_way) => {
    const characters = [...text].map((one) => one.codePointAt(0));
    const plain = characters.every((one) => basic.has(one) || extended.has(one));
    const units = characters.map((one) => 1 + (plain ? extended.has(one) : one > 0xffff));
    const [alone, room] = (plain ? [160, 153] : [70, 67]).map((one, i) => one - (i && way === "udh16" ? 1 : 0)), all = units.reduce((sum, one) => sum + one, 0);
    if (all <= alone) return { count: 1, left: alone - all, plain };
    let count = 1, used = 0;
    for (const one of units) {
        if (used + one > room) { count++; used = 0; }
        used += one;
    }
    return { count, left: room - used, plain };
};

// The words that agents read before they send it.
export const cost = (text) => {
    const { count, left, plain } = texts(text);
    return [t("{count} messages", { count }), t("room for {left} more", { left })].join(", ") + (plain ? "" : t("; its characters need more room"));
};

// Edited, it is another one.
export const compose = (number) => dialog(t("A short message"), (close) => {
    const to = make("input", { type: "tel", value: number, required: true, maxlength: "40" });
    const text = make("textarea", { rows: "4", maxlength: "4000", required: true }), price = make("p", { class: "quiet" });
    const sent = keepField(text, `${desk.me.agent}-text-${number || ""}`), priced = () => put(price, text.value.trim() && cost(text.value.trim()));
    let name = key();
    priced();
    return make("form", { oninput: () => { name = key(); priced(); }, onsubmit: attempt(async (event) => {
        event.preventDefault();
        await ask("text", { key: name, to: to.value, text: text.value.trim() });
        sent();
        close();
        tell(t("The message is on its way"));
    }) }, labelled(t("To"), to), labelled(t("Text"), text), price, make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Send"))));
});
