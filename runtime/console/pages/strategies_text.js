// strategies_text.js - A text with line numbers that is written in a plain field: what every browser has.
import { make } from "../dom.js";

const RANK = { error: 2, warning: 1 };

// { element, value(), take(text), line(), marks(diagnostics), go(line, column), end() }; changed(text) hears each key.
export const plainText = ({ label, text, changed }) => {
    const numbers = make("pre", { "aria-hidden": "true", class: "numbers" });
    const field = make("textarea", { "aria-label": label, spellcheck: "false", autocapitalize: "none", autocomplete: "off", wrap: "off", rows: "24" });
    let lines = 0, marked = new Map();
    const count = () => {
        const now = field.value.split("\n").length;
        if (now === lines) return;
        lines = now;
        shown();
    };
    const shown = () => numbers.replaceChildren(...Array.from({ length: lines }, (_, at) => make("span", { "data-severity": marked.get(at + 1) || null }, `${at + 1}\n`)));
    field.value = text;
    field.addEventListener("input", () => { count(); changed(field.value); });
    field.addEventListener("scroll", () => { numbers.scrollTop = field.scrollTop; });
    count();
    return {
        element: make("div", { class: "code" }, numbers, field),
        value: () => field.value,
        // Another text in place of this one: as if it had been typed, so the browser's Undo takes it back.
        take(other) {
            field.focus();
            field.select();
            if (!document.execCommand("insertText", false, other)) field.setRangeText(other, 0, field.value.length, "start");
            if (field.value !== other) field.value = other;
            count();
            changed(field.value);
        },
        line: () => field.value.slice(0, field.selectionStart).split("\n").length,
        marks(rows) {
            marked = new Map();
            for (const row of rows)
                if ((RANK[row.severity] || 0) >= (RANK[marked.get(row.line)] || 0)) marked.set(row.line, row.severity);
            shown();
        },
        go(line, column) {
            const before = field.value.split("\n").slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
            field.focus();
            field.setSelectionRange(before + column - 1, before + column - 1);
            field.scrollTop = Math.max(0, (line - 8) * Number.parseFloat(getComputedStyle(field).lineHeight));
        },
        end() {},
    };
};
