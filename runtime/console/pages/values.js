// values.js - Values of settings as people write them: what is asked for, and whether it is within its bounds.
import { make, plain, select } from "../dom.js";
import { t } from "../t.js";

const UNITS_MS = { d: 86400000, h: 3600000, m: 60000, s: 1000, ms: 1 };
const duration = (text) => {
    const parts = text.match(/^-?(?:\d+(?:ms|[dhms]))+$/) && [...text.matchAll(/(\d+)(ms|[dhms])/g)];
    return parts ? parts.reduce((sum, [, count, unit]) => sum + count * UNITS_MS[unit], 0) : NaN;
};
// How a text of the type is read as a number, and an example of such a text.
const TYPES = {
    int: [(text) => (/^-?\d+$/.test(text) ? Number(text) : NaN), t("a whole number")],
    float: [(text) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN), t("a number, as 12.5")],
    percent: [(text) => (/^-?\d+(\.\d+)?%$/.test(text) ? parseFloat(text) : NaN), t("a share, as 12.5%")],
    duration: [duration, t("a time, as 90s, 10m or 1h30m")],
    clock: [(text) => (/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(text) ? Number(text.replace(/:/g, "").padEnd(6, "0")) : NaN), t("a time of day, as 08:30")],
    date: [(text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : NaN), t("a date, as 2026-12-24")],
};

// What is wrong with the text, as a sentence; "": nothing that the page knows. The router judges it again.
export const fault = ({ type, low, high }, text) => {
    if (!TYPES[type] || text === "none") return "";
    const [read, example] = TYPES[type], value = read(text);
    if (Number.isNaN(value)) return t("Please write {example}.", { example });
    const under = low !== null && low !== undefined && value < read(low), above = high !== null && high !== undefined && value > read(high);
    return under || above ? t("The site has it from {low} to {high}.", { low, high }) : "";
};
export const bounds = ({ low, high, type, choices }) => (low !== null && low !== undefined ? t("{low} to {high}", { low, high }) : choices ? choices.join(", ") : type === "bool" ? "true, false" : "");
// The control for a value of the type. It complains by itself before anything is sent.
export const control = (declared, value) => {
    const choices = declared.type === "bool" ? ["true", "false"] : declared.choices;
    if (choices) {
        const choice = select((choices.includes(value) ? choices : [value, ...choices]).map((one) => [one, one === "" ? "–" : plain(one)]));
        choice.value = value;
        return choice;
    }
    const field = make("input", { autocomplete: "off", spellcheck: "false", value });
    field.addEventListener("input", () => field.setCustomValidity(field.value ? fault(declared, field.value.trim()) : ""));
    return field;
};
