// helped.js - Help beside the conversation: articles of the site, and what its helper suggests. An agent chooses and sends.
import { attempt, button, dialog, labelled, make, select } from "./dom.js";
import { stored } from "./contact.js";
import { desk } from "./main.js";
import { get, post } from "./wire.js";

// Articles are found while the agent writes words; one that is chosen is read, then put in as its text or as its link.
const articles = (item, use) => dialog("Articles", (close) => {
    const list = make("ul", { class: "choices" }), words = make("input", { type: "search", autocomplete: "off" });
    let asked = 0;
    const read = attempt(async (name) => {
        const one = await get(`api/knowledge/${encodeURIComponent(name)}`);
        const put = (text) => { close(); use(text); };
        list.replaceChildren(make("li", {}, make("h3", { tabindex: "-1" }, one.title), make("p", { class: "text" }, one.text),
            make("div", { class: "row" }, button("Put in the text", () => put(one.text), { class: "first" }),
                button("Put in the link", () => put(one.link), { hidden: !one.link }), button("Back", () => find()))));
        list.querySelector("h3").focus();
    });
    const find = attempt(async () => {
        const turn = ++asked, { articles: found } = await get("api/knowledge", { q: words.value.trim() || undefined });
        if (turn !== asked) return; // more was written meanwhile
        list.replaceChildren(...found.map((one) => make("li", {}, make("button", { type: "button", class: "entry", onclick: () => read(one.article) },
            make("span", { class: "subject" }, one.title), make("span", { class: "quiet" }, one.excerpt)))));
        if (!found.length) list.append(make("li", { class: "none" }, "No article has these words."));
    });
    words.addEventListener("input", find);
    words.onkeydown = (event) => { if (event.key === "Enter") { event.preventDefault(); list.querySelector("button")?.click(); } };
    find();
    return [labelled("Words", words), list];
}, item);

// What the helper answers is text of a program: it is shown as text, and nothing of it is sent by itself.
const KINDS = [["reply", "Suggest replies"], ["draft", "Finish my draft"], ["translation", "Translate my draft"], ["summary", "Sum up the conversation"]];
const suggestions = (item, use, written) => dialog("Suggestions", (close) => {
    const list = make("ul", { class: "choices" }), state = make("p", { class: "quiet", role: "status" });
    const kind = select(KINDS), language = make("input", { maxlength: "64", autocomplete: "off" });
    const into = labelled("Into the language", language);
    into.hidden = true;
    kind.addEventListener("change", () => { into.hidden = kind.value !== "translation"; });
    const suggest = attempt(async () => {
        list.replaceChildren();
        state.textContent = "The helper is asked …";
        try {
            const { interaction } = await stored(item);
            const { suggestions: found } = await post("api/help", { kind: kind.value, interaction, medium: item.media, text: written().slice(0, 16000),
                ...(language.value.trim() ? { language: language.value.trim() } : {}) });
            state.textContent = found.length ? "A program has written these: read before you send." : "The helper has nothing to suggest.";
            list.replaceChildren(...found.map((one) => make("li", {}, one.title ? make("span", { class: "subject" }, one.title) : null, make("p", { class: "text" }, one.text),
                kind.value === "summary" ? null : button("Put in", () => { close(); use(one.text); }))));
        } catch (error) {
            state.textContent = "";
            throw error;
        }
    });
    return make("form", { onsubmit: (event) => { event.preventDefault(); return suggest(); } }, labelled("What", kind), into,
        make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, "Ask the helper")), state, list);
}, item);

// The buttons of an answer: `use` puts a text in, `written` says what is there so far.
export const help = (item, use, written) => [
    desk.me.knowledge ? button("Articles …", () => articles(item, use)) : null,
    desk.me.helper ? button("Suggestions …", () => suggestions(item, use, written)) : null,
];
