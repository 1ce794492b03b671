// strategies_edit.js - A change of one statement, made at its box of the diagram. gcxc says what can be changed there, and
// writes the new text: the page only puts it where the old one was.
import { announce, button, dialog, labelled, make, put, select } from "../dom.js";
import { t } from "../t.js";
import { post } from "../wire.js";

const shortOf = (statement) => { const [first, ...rest] = statement.split("\n"); return rest.length || first.length > 60 ? `${first.slice(0, 60)} …` : first; };

// box: { file, first, column }; written(): the text of that file as it is now; take(text, line): it becomes that.
export const changeBox = async ({ box, written, take }) => {
    const text = written(), place = { path: box.file, text, line: box.first, column: box.column };
    const { line, statement, values, more } = await post("api/strategies/edit", place);
    dialog(t("Line {line}: {statement}", { line: String(line), statement: shortOf(statement) }), (close) => {
        const wrong = make("p", { role: "alert", class: "wrong" });
        const fields = values.map((row) => [row, row.value.includes("\n") ? make("textarea", { rows: "3", spellcheck: "false", class: "mono", required: !row.may_go }, row.value) : make("input", { value: row.value, spellcheck: "false", autocomplete: "off", class: "mono", maxlength: "8000", required: !row.may_go })]);
        const added = select([["", t("nothing")], ...more.map((word) => [word, word])], { class: "mono" }), value = make("input", { spellcheck: "false", autocomplete: "off", class: "mono", maxlength: "8000" });
        const behind = make("input", { spellcheck: "false", autocomplete: "off", class: "mono", maxlength: "8000" });
        const ask = async (change) => {
            put(wrong, "");
            try {
                if (written() !== text) throw new Error(t("The text was changed meanwhile: choose the box again."));
                const found = await post("api/strategies/edit", { ...place, ...change });
                close();
                take(found.text, line);
                announce(t("It is written in the text, and not saved yet"));
            } catch (error) {
                put(wrong, error.message);
            }
        };
        return make("form", { class: "box-change", onsubmit: (event) => {
            event.preventDefault();
            const set = fields.filter(([row, field]) => field.value !== row.value).map(([row, field]) => `${row.name}=${field.value}`);
            if (added.value) set.push(`${added.value}=${value.value}`);
            const insert = behind.value.trim();
            if (set.length + insert.length === 0) close(); else ask({ ...(set.length ? { set } : {}), ...(insert ? { insert } : {}) });
        } },
        ...fields.map(([row, field]) => labelled(row.name, field)),
        more.length ? make("div", { class: "row" }, labelled(t("Add"), added), labelled(t("Its value"), value)) : null,
        labelled(t("A step behind it"), behind), wrong,
        make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Write it")), button(t("Remove it"), () => ask({ remove: true }))));
    });
};
