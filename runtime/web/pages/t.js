// t.js - The language of the pages: their texts, and how numbers, dates and durations are written. The English text is the
// name of its translation: t("Send"), t("{count} offers wait", { count: 3 }). A module that imports t.js runs when the
// language is there, so its tables may have texts, too.

const root = new URL("languages/", import.meta.url), KEPT = "gcx-language";
const RIGHT_TO_LEFT = /^(ar|fa|he|ur)\b/;
const load = async (name) => {
    try {
        const answer = await fetch(new URL(`${name}.json`, root));
        return answer.ok ? await answer.json() : null;
    } catch { return null; }
};
const index = await load("index") || { usual: "en", languages: ["en"] };
const among = (wished) => {
    const tag = String(wished).toLowerCase(), same = (one) => index.languages.find((name) => name.toLowerCase() === one);
    return same(tag) || same(tag.split("-")[0]);
};
// What the person has chosen, else what the browser asks for, else what the site says.
const kept = () => { try { return localStorage.getItem(KEPT) || ""; } catch { return ""; } }; // where nothing may be kept, nothing is
const wished = [...(navigator.languages || [navigator.language || "en"])];
export const language = [kept(), ...wished].map(among).find(Boolean) || index.usual;
// The browser says from which country its person is: dates of en-GB are others than those of en-US.
export const locale = wished.find((one) => one.toLowerCase().startsWith(`${language.toLowerCase()}-`)) || language;
const rows = await load(language) || {};
const plurals = new Intl.PluralRules(locale), numbers = new Intl.NumberFormat(locale);

// A text of somebody's ends the directions of writing that it begins, and no other: what stands around it keeps its order. It
// is read as it was written: the two signs that turn letters round, whatever their script, are left out.
const TURNS = /[\u202a-\u202e\u2066-\u2069]/, ROUND = "\u202d\u202e", OTHERS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const BEGINS = "\u202a\u202b\u2066\u2067\u2068", ENDS = "\u202c\u2069";
export const straight = (text) => {
    if (!TURNS.test(text)) return text;
    const ends = [];
    let made = "";
    for (const one of text) {
        if (one === "\n") made += ends.splice(0).reverse().join("");
        if (ROUND.includes(one)) continue;
        if (BEGINS.includes(one)) ends.push(one < "\u2066" ? "\u202c" : "\u2069");
        if (ENDS.includes(one) && ends.at(-1) !== one) continue;
        if (ENDS.includes(one)) ends.pop();
        made += one;
    }
    return made + ends.reverse().join("");
};
// Within a sentence it is read by itself.
const isolated = (text) => (TURNS.test(text) || OTHERS.test(text) ? `\u2068${straight(text)}\u2069` : text);

export const number = (value) => numbers.format(value);
const oneDigit = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
export const tenths = (value) => oneDigit.format(value);
// The text in the language. {name} is a place for given.name; a text with forms by plural takes that of given.count. A text
// that has no translation, such as one of the server's with a name in it, stays English.
export const t = (text, given = {}) => {
    const row = Object.hasOwn(rows, text) ? rows[text] : text;
    const form = typeof row === "string" ? row : row[plurals.select(given.count)] ?? row.other;
    return form.replace(/\{(\w+)\}/g, (place, name) => !Object.hasOwn(given, name) ? place
        : typeof given[name] === "number" ? number(given[name]) : isolated(String(given[name])));
};
// A sentence of the server's, as it came: some have a translation.
export const said = (text) => t(text);
export const list = (texts) => new Intl.ListFormat(locale, { type: "conjunction" }).format(texts);
export const dates = (how) => new Intl.DateTimeFormat(locale, how);

const two = (value) => String(value).padStart(2, "0");
export const duration = (ms) => {
    const s = Math.max(0, Math.round(ms / 1000));
    if (s < 3600) return `${Math.floor(s / 60)}:${two(s % 60)}`;
    return s < 172800 ? t("{hours} h {minutes}", { hours: Math.floor(s / 3600), minutes: two(Math.floor(s / 60) % 60) })
        : t("{count} days", { count: Math.floor(s / 86400) });
};
export const bytes = (count) => count < 1000 ? t("{count} B", { count }) : count < 1e6 ? t("{count} kB", { count: Math.round(count / 1e3) })
    : t("{count} MB", { count: Number((count / 1e6).toFixed(1)) });

// What the page's own file says.
const ATTRIBUTES = ["aria-label", "title", "placeholder"];
document.documentElement.lang = language;
document.documentElement.dir = RIGHT_TO_LEFT.test(language) ? "rtl" : "ltr";
for (const one of document.body.querySelectorAll("*")) {
    for (const name of ATTRIBUTES) if (one.hasAttribute(name)) one.setAttribute(name, t(one.getAttribute(name)));
    for (const node of one.childNodes)
        if (node.nodeType === Node.TEXT_NODE && node.data.trim()) node.data = node.data.replace(node.data.trim(), (text) => t(text));
}

// The control by which a person chooses; the page is loaded again in the language.
export const languageChoice = () => {
    const choice = document.createElement("select");
    choice.setAttribute("aria-label", t("Language"));
    for (const name of index.languages) choice.append(new Option(nameOf(name), name, false, name === language));
    choice.onchange = () => {
        try { localStorage.setItem(KEPT, choice.value); } catch { /* it holds nowhere */ }
        location.reload();
    };
    return choice;
};
const nameOf = (name) => {
    const called = new Intl.DisplayNames([name, "en"], { type: "language" }).of(name) || name;
    return called.charAt(0).toLocaleUpperCase(name) + called.slice(1);
};
