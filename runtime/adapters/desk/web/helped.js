// helped.js - Help beside the conversation: articles of the site, and what its helper suggests or translates. An agent
// chooses and sends.
import { attempt, button, dialog, labelled, make, select } from "./dom.js";
import { marked } from "./keys.js";
import { locale, t } from "./t.js";
import { stored } from "./contact.js";
import { desk } from "./main.js";
import { markdown, markdownText } from "./markdown.js";
import { get, post } from "./wire.js";

// Articles are found while the agent writes words; one that is chosen is read, then put in as its text or as its link.
const articles = (item, use) => dialog(t("Articles"), (close) => {
    const list = make("ul", { class: "choices" }), words = make("input", { type: "search", autocomplete: "off" });
    let asked = 0;
    const read = attempt(async (name) => {
        const one = await get(`api/knowledge/${encodeURIComponent(name)}`);
        const put = (text) => { close(); use(text); };
        list.replaceChildren(make("li", {}, make("h3", { tabindex: "-1" }, one.title), markdown(one.text),
            make("div", { class: "row" }, button(t("Put in the text"), () => put(markdownText(one.text)), { class: "first" }),
                button(t("Put in the link"), () => put(one.link), { hidden: !one.link }), button(t("Back"), () => find()))));
        list.querySelector("h3").focus();
    });
    const find = attempt(async () => {
        const turn = ++asked, { articles: found } = await get("api/knowledge", { q: words.value.trim() || undefined });
        if (turn !== asked) return; // more was written meanwhile
        list.replaceChildren(...found.map((one) => make("li", {}, make("button", { type: "button", class: "entry", onclick: () => read(one.article) },
            make("span", { class: "subject" }, one.title), make("span", { class: "quiet" }, markdownText(one.excerpt))))));
        if (!found.length) list.append(make("li", { class: "none" }, t("No article has these words.")));
    });
    words.addEventListener("input", find);
    words.onkeydown = (event) => { if (event.key === "Enter") { event.preventDefault(); list.querySelector("button")?.click(); } };
    find();
    return [labelled(t("Words"), words), list];
}, item);

// ---- suggestions ----

const TEXT_MAX = 16000;
// What the helper is given of a long text: its first part, up to the end of a line, and no half of a letter.
const isLong = (text) => text.length > TEXT_MAX;
const firstPart = (text) => {
    const end = text.lastIndexOf("\n", TEXT_MAX);
    return isLong(text) ? text.slice(0, end > TEXT_MAX / 2 ? end : TEXT_MAX).replace(/[\ud800-\udbff]$/, "") : text;
};
const helper = async (item, kind, text, language) => {
    const { interaction } = await stored(item);
    const { suggestions } = await post("api/help", { kind, interaction, medium: item.media, text: firstPart(text), ...(language ? { language } : {}) });
    return suggestions;
};
// What the helper answers is text of a program: it is shown as text, and nothing of it is sent by itself. A draft and a
// translation are the whole text: they stand in place of what was written.
const KINDS = [["reply", t("Suggest replies")], ["draft", t("Finish my draft")], ["translation", t("Translate my draft")], ["summary", t("Sum up the conversation")]];
const suggestions = (item, pane) => dialog(t("Suggestions"), (close) => {
    const list = make("ul", { class: "choices" }), state = make("p", { class: "quiet", role: "status" });
    const kind = select(KINDS), language = make("input", { maxlength: "64", autocomplete: "off" });
    const into = labelled(t("Into the language"), language);
    into.hidden = true;
    kind.addEventListener("change", () => { into.hidden = kind.value !== "translation"; });
    // Of a long text it is a part alone, which replaces nothing.
    const puts = (asked, text) => (asked === "summary" ? null : asked !== "reply" && pane.written().trim() && !isLong(pane.written())
        ? button(t("Put in its place"), () => { close(); pane.replace(text); }) : button(t("Put in"), () => { close(); pane.use(text); }));
    const suggest = attempt(async () => {
        const asked = kind.value;
        list.replaceChildren();
        state.textContent = t("The helper is asked …");
        try {
            const found = await helper(item, asked, pane.written(), language.value.trim());
            state.textContent = found.length ? [t("A program has written these: read before you send."), isLong(pane.written()) ? t("It was given the first part of your text only.") : ""].join(" ").trim() : t("The helper has nothing to suggest.");
            list.replaceChildren(...found.map((one) => make("li", {}, one.title ? make("span", { class: "subject" }, one.title) : null, make("p", { class: "text" }, one.text), puts(asked, one.text))));
        } catch (error) {
            state.textContent = "";
            throw error;
        }
    });
    return make("form", { onsubmit: (event) => { event.preventDefault(); return suggest(); } }, labelled(t("What"), kind), into,
        make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Ask the helper"))), state, list);
}, item);

// The buttons of an answer. `pane`: use(text) puts a text in, replace(text) puts it in place of all that was written, and
// written() is what is there so far.
export const help = (item, pane) => [
    desk.me.knowledge ? button(t("Articles …"), () => articles(item, pane.use), marked("articles")) : null,
    desk.me.helper ? button(t("Suggestions …"), () => suggestions(item, pane), marked("suggestions")) : null,
];

// ---- what a customer has written, in the agent's language ----

const own = () => locale;
// A button, and once it was pressed the translation below the text: on this page alone, it is no message. The item keeps
// it for a text that is drawn again. `text()` is what the customer has written.
export const translation = (item, text) => {
    const known = item.translations ||= new Map(), name = () => `${own()} ${text()}`;
    const element = make("span", { class: "translation", role: "status", hidden: !desk.me.helper || !text().trim() });
    const show = () => element.replaceChildren(make("span", { class: "quiet" }, isLong(text()) ? t("The first part, translated by a program:") : t("Translated by a program:")), make("span", { class: "text", lang: own() }, known.get(name())), isLong(text()) ? make("span", { class: "quiet" }, t("So far: the rest is too long for the program.")) : "");
    const press = button(t("Translate"), attempt(() => element.ask()), { class: "link" });
    element.ask = async () => {
        if (known.has(name())) return;
        const [first] = await helper(item, "translation", text(), own());
        if (!first) throw new Error(t("The helper has no translation of this."));
        known.set(name(), first.text);
        show();
    };
    element.again = () => { if (known.has(name())) show(); else element.replaceChildren(press); };
    element.again();
    return element;
};
// All that the customer has written there, one text after another.
export const translateAll = (log) => (desk.me.helper ? button(t("Translate all"), attempt(async () => {
    for (const one of log.querySelectorAll(".translation:not([hidden])")) await one.ask();
})) : null);
