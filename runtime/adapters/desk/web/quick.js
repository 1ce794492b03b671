// quick.js - What makes an agent quick: `/` in a field that is written in finds standard responses and macros; macros; tags.
import { announce, attempt, button, make, plain } from "./dom.js";
import { t } from "./t.js";
import { ask, desk } from "./main.js";
import { all, filled, nearFirst } from "./responses.js";
import { undoable } from "./undo.js";
import { endsForAll, leaves, want } from "./work.js";
import { matcher } from "./words.js";

// ---- macros ----

// What Undo does not bring back, for the agent who chooses a macro; and what it does.
const lasts = (macro, holds) => (holds && (macro.finish || macro.place) ? t("undo while the answer waits") : macro.finish ? t("no undo") : macro.place ? t("undo until it is taken{more}", { more: macro.response ? t(", but what is sent is sent") : "" }) : "");
const told = (macro, holds) => [macro.response && t("puts in {response}", { response: macro.response }), macro.tags && t("tags {tags}", { tags: macro.tags.join(", ") }),
    ...Object.entries(macro.data || {}).map(([name, value]) => `${plain(name)}: ${value}`), macro.wrapup && t("wrap-up {wrapup}", { wrapup: plain(macro.wrapup) }),
    macro.place && (macro.to === "queue" ? t("goes to the queue {place}", { place: macro.place }) : t("goes to the workbin {place}", { place: macro.place })), macro.finish && t("finishes"), lasts(macro, holds)].filter(Boolean).join(" · ");
// What the interaction has afterwards: whoever changes user data is not told of it.
const changes = (macro, item) => ({ ...macro.data, ...(macro.wrapup ? { wrapup: macro.wrapup } : {}), ...(macro.reason ? { move_reason: macro.reason } : {}),
    ...(macro.tags ? { tags: [...new Set([...tagsOf(item), ...macro.tags])].join(", ") } : {}) });
// Sets back what the macro has changed: `before` is the user data that there was. What has another value since keeps it, and
// of the tags those go that the macro gave.
const setBack = async (macro, item, before) => {
    const given = (macro.tags || []).filter((one) => !tagsOf({ data: before }).includes(one));
    const was = { ...before, tags: tagsOf(item).filter((one) => !given.includes(one)).join(", ") };
    const keys = Object.keys(changes(macro, item)).filter((key) => !(key in (macro.data || {})) || String(item.data?.[key]) === String(macro.data[key]));
    const had = keys.filter((key) => was[key] !== undefined && was[key] !== "");
    const gone = keys.filter((key) => !had.includes(key)), of = { ixn: item.ixn, macro: macro.name };
    if (had.length) await ask("data", { ...of, pairs: Object.fromEntries(had.map((key) => [key, String(was[key])])) });
    if (gone.length) await ask("data", { ...of, delete: gone });
    item.data = { ...item.data, ...Object.fromEntries(had.map((key) => [key, was[key]])) };
    for (const key of gone) delete item.data[key];
};
// One that went on comes back first, where nobody has taken it.
const takeBack = async (macro, item) => {
    const here = want(item.ixn);
    try { await ask("pull", { [macro.to]: macro.place, ids: [item.ixn] }); } catch { throw new Error(t("It cannot be taken back any more: somebody has taken it.")); }
    return here;
};
// `pane`: use(text) puts a text into the answer, send() sends it, went() lets the item go. The answer goes first: what cannot
// be sent goes nowhere. refuses() says why not, if so. changing(change) changes the answer, and what it returns takes that back. `holds`: send(macro) has the
// server do the rest once the answer cannot be taken back any more.
const play = attempt(async (macro, item, pane) => {
    if (macro.finish && !(macro.response || leaves(item)) || macro.finish && !endsForAll(item)) return;
    const before = { ...item.data };
    let restore = null;
    if (macro.response) {
        const response = nearFirst(await all(), item).find((one) => `${one.category}/${one.name}` === macro.response);
        if (!response) throw new Error(t("{name}: there is no standard response {response}.", { name: macro.name, response: macro.response }));
        const text = await filled(response, item);
        if (text === null) return;
        const ends = macro.place || macro.finish;
        if (ends && pane.refuses?.()) throw new Error(pane.refuses());
        restore = pane.changing(() => pane.use(text));
        if (ends && !await pane.send(macro)) return;
        if (ends && pane.holds) {
            announce(`${macro.name}: ${told(macro, true)}`);
            return;
        }
    }
    if (macro.place) item.body.lies?.();
    await ask("macro", { ixn: item.ixn, name: macro.name });
    item.data = { ...item.data, ...changes(macro, item) };
    pane.changed();
    if (macro.place || macro.finish) pane.went(Boolean(macro.place));
    if (macro.finish) { announce(`${macro.name}: ${told(macro)}`); return; }
    undoable(`${macro.name}: ${told(macro)}.`, attempt(async () => {
        const now = macro.place ? await takeBack(macro, item) : item;
        await setBack(macro, now, before);
        if (macro.place) { now.body.data?.(); return; }
        restore?.();
        pane.changed();
    }));
});
const macrosFor = (item) => (item.may.includes("data") && !item.asked ? desk.me.macros || [] : []);

// ---- `/` ----

const SHOWN = 8;
// What is written before the caret, and how it is replaced: in a plain field, or in one with layout.
const caret = (field) => {
    if ("selectionStart" in field) return { before: field.value.slice(0, field.selectionStart), take: (count) => field.setRangeText("", field.selectionStart - count, field.selectionStart, "end") };
    const at = getSelection(), node = at.focusNode;
    if (node?.nodeType !== Node.TEXT_NODE || !field.contains(node)) return { before: "" };
    const offset = at.focusOffset;
    return { before: node.data.slice(0, offset), take(count) { const range = document.createRange(); range.setStart(node, offset - count); range.setEnd(node, offset); range.deleteContents(); } };
};
let lists = 0;
// The list below the field; `slash(field, item, pane)` gives its element. Up and down choose, Enter or Tab takes, Escape closes.
export const slash = (fields, item, pane) => {
    const list = make("ul", { role: "listbox", class: "choices slash", id: `slash-${++lists}`, "aria-label": t("Standard responses and macros"), hidden: true });
    let entries = [], chosen = 0, typed = 0, turn = 0, field = fields[0];
    const close = () => {
        turn++;
        list.hidden = true;
        for (const one of fields) { one.removeAttribute("aria-activedescendant"); one.removeAttribute("aria-controls"); }
    };
    const mark = () => {
        [...list.children].forEach((one, i) => one.setAttribute("aria-selected", String(i === chosen)));
        list.children[chosen].scrollIntoView?.({ block: "nearest" });
        field.setAttribute("aria-activedescendant", list.children[chosen].id);
    };
    const pick = attempt(async (entry) => {
        caret(field).take?.(typed);
        field.dispatchEvent(new Event("input", { bubbles: true }));
        close();
        field.focus();
        if (entry.macro) { await play(entry.macro, item, pane); return; }
        const text = await filled(entry.response, item);
        if (text !== null) pane.use(text);
    });
    const look = attempt(async () => {
        const found = /(?:^|\s)\/([^\s/][^\n/]{0,40}|)$/u.exec(caret(field).before), mine = ++turn;
        if (!found) { close(); return; }
        const responses = nearFirst(await all(), item), fits = matcher(found[1]);
        if (mine !== turn) return; // more was typed meanwhile
        entries = [...macrosFor(item).filter((one) => fits(one.name)).map((macro) => ({ macro, name: macro.name, more: told(macro, Boolean(pane.holds && macro.response && desk.me.undo)), text: "" })),
            ...responses.filter((one) => fits(one.category, one.name, one.text)).map((response) => ({ response, name: response.name, more: [response.category, response.language].filter(Boolean).join(" · "), text: response.text.slice(0, 120) }))].slice(0, SHOWN);
        if (!entries.length) { close(); return; }
        typed = found[1].length + 1;
        chosen = 0;
        list.replaceChildren(...entries.map((one, i) => make("li", { role: "option", id: `${list.id}-${i}`, onmousedown: (event) => { event.preventDefault(); pick(one); } },
            make("span", { class: "subject" }, one.name), make("span", { class: "quiet" }, one.more), make("span", { class: "quiet" }, one.text))));
        if (list.hidden) announce(t("Arrow keys choose, Enter puts it in, Escape closes."));
        list.hidden = false;
        field.setAttribute("aria-controls", list.id);
        mark();
    });
    for (const one of fields) {
        one.setAttribute("aria-autocomplete", "list");
        one.addEventListener("input", () => { field = one; look(); });
        one.addEventListener("blur", close);
        one.addEventListener("keydown", (event) => {
            if (list.hidden || event.isComposing) return;
            const step = { ArrowDown: 1, ArrowUp: entries.length - 1 }[event.key];
            if (step) chosen = (chosen + step) % entries.length;
            else if (event.key === "Enter" && !event.ctrlKey && !event.shiftKey || event.key === "Tab" && !event.shiftKey) pick(entries[chosen]);
            else if (event.key === "Escape") close();
            else return;
            event.preventDefault();
            event.stopImmediatePropagation(); // Enter does not send
            if (step) mark();
        }, true);
    }
    return list;
};

// ---- tags ----

export const tagsOf = (item) => String(item.data?.tags ?? "").split(",").map((one) => one.trim()).filter(Boolean);
// The interaction's tags, which the agent gives and takes away. `show` again when its user data has changed.
export const tags = (item) => {
    const element = make("div", { class: "tags", role: "group", "aria-label": t("Tags") });
    const set = attempt(async (list) => {
        if (item.over) item.tagged(list.join(", ")); // its data cannot be changed any more: a note says them
        else await ask("data", list.length ? { ixn: item.ixn, pairs: { tags: list.join(", ") } } : { ixn: item.ixn, delete: ["tags"] });
        item.data = { ...item.data, tags: list.join(", ") };
        show();
        element.querySelector("select")?.focus();
    });
    let shown = "";
    const show = () => {
        const has = tagsOf(item), rest = (desk.me.tags || []).filter((one) => !has.includes(one)), may = (item.may.includes("data") || Boolean(item.over)) && !item.asked;
        const now = JSON.stringify([has, rest, may]);
        if (now === shown) return; // other data have changed: somebody may be choosing here
        shown = now;
        element.hidden = !has.length && !(may && rest.length);
        const add = make("select", { "aria-label": t("Add a tag"), onchange: () => { if (add.value) set([...has, add.value]); } },
            make("option", { value: "" }, t("Add a tag …")), ...rest.map((one) => make("option", { value: one }, plain(one))));
        element.replaceChildren(...has.map((one) => make("span", { class: "tag" }, plain(one), may ? button("×", () => set(has.filter((other) => other !== one)), { "aria-label": t("Remove the tag {one}", { one: plain(one) }) }) : "")),
            may && rest.length ? add : "");
    };
    show();
    return { element, show };
};
