// table.js - A table of rows that change: sorted, searched, its columns chosen; one stop of the Tab key, and arrows inside.
//
// whole(rows) and changed(rows, gone) say what there is. A row keeps its element as long as its key is there, and only cells
// whose text is another one are touched. While the focus or the pointer is in the table, rows stay at their places.
import { button, dialog, labelled, make, put, select } from "../dom.js";

const REMEMBERED = "gcx-console-", SHORT = 12;
const remembered = (name) => { try { return JSON.parse(localStorage.getItem(name)) || {}; } catch { return {}; } };
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a ?? ""), String(b ?? "")));

// A column: `name`, `text` of its heading, `of(row)` the text of its cell, `by(row)` what it is sorted by, if not by its text;
// `colour(row)`: "long" or "late"; `state(row)`: a dot; `press(row)`: the cell is a button that does this; `hidden`: shown only
// where a person chose it; `figure`: it stands at the right.
export class Table {
    // filters: [{ name, text, of(row): the words by which the row is found }]; acts(row): buttons of the row;
    // tools: buttons of the table.
    constructor({ name, title, columns, key, person, acts = null, filters = [], tools = [], none = "None.", sort = null }) {
        Object.assign(this, { name, title, columns, key, acts });
        this.remember = `${REMEMBERED}${name}-${person}`;
        this.kept = { sort, ...remembered(this.remember) };
        this.rows = new Map(); // by key: { row, line, cells }
        this.wanted = "";
        this.given = false; // nothing was told yet
        this.head = make("tr");
        this.body = make("tbody");
        this.count = make("span", { class: "count" });
        this.none = make("p", { class: "none" }, none);
        const heading = make("h2", { id: `table-${name}` }, title, " ", this.count);
        this.grid = make("table", { role: "grid", "aria-labelledby": heading.id, onkeydown: (event) => this.moves(event), onfocusin: (event) => this.stopAt(event.target),
            onfocusout: (event) => { if (!this.grid.contains(event.relatedTarget)) setTimeout(() => this.settle()); } },
        make("thead", {}, this.head), this.body);
        this.scroll = make("div", { class: "scroll", onpointerleave: () => this.settle() }, this.grid);
        // A short table is seen whole, and needs no search.
        this.searched = make("div", { class: "searched" });
        const search = make("input", { type: "search", id: `find-${name}`, oninput: () => { this.wanted = search.value.toLowerCase(); this.settle(true); } });
        this.choices = filters.map((filter) => {
            const choice = select([["", "All"]], { onchange: () => { this.keep({ [filter.name]: choice.value }); this.settle(true); } });
            return { ...filter, choice, known: new Set() };
        });
        this.element = make("section", { class: `card ${name}`, "aria-labelledby": heading.id },
            make("div", { class: "top" }, heading, ...this.choices.map(({ text, choice }) => labelled(text, choice)), this.searched, ...tools, button("Columns …", () => this.choose(), { "aria-label": `Columns of ${title} …` })),
            this.none, this.scroll);
        this.searched.append(labelled("Show only", search));
        this.headMake();
    }

    // ---- what a person chose ----

    keep(change) {
        Object.assign(this.kept, change);
        try { localStorage.setItem(this.remember, JSON.stringify(this.kept)); } catch { /* the browser keeps nothing */ }
    }
    isShown(column) { return this.kept.columns?.[column.name] ?? !column.hidden; }
    choose() {
        dialog(`Columns of ${this.title}`, () => make("div", { class: "columns" }, ...this.columns.slice(1).map((column) => make("label", { class: "check" },
            make("input", { type: "checkbox", ...(this.isShown(column) ? { checked: true } : {}), onchange: (event) => {
                this.keep({ columns: { ...this.kept.columns, [column.name]: event.target.checked } });
                this.headMake();
            } }), column.text))));
    }
    // The filter has this value, if there is a row that has it.
    chooseOnly(name, word) {
        const one = this.choices.find((other) => other.name === name);
        one.choice.value = word && one.known.has(word) ? word : "";
        this.keep({ [name]: one.choice.value });
        this.settle(true);
    }
    sortBy(column) {
        const [name, down] = this.kept.sort || [];
        this.keep({ sort: name === column.name ? [name, !down] : [column.name, Boolean(column.by)] });
        this.sorted();
        this.settle(true);
    }

    // ---- heads and rows ----

    headMake() {
        this.shown = this.columns.filter((column) => this.isShown(column));
        this.head.replaceChildren(...this.shown.map((column) => make("th", { scope: "col", "data-column": column.name, class: column.figure ? "figure" : null },
            button(column.text, () => this.sortBy(column), { tabindex: "-1" }))), ...(this.acts ? [make("td")] : []));
        const all = [...this.rows.values()].map(({ row }) => row);
        this.body.replaceChildren();
        this.rows.clear();
        this.stop = null;
        this.sorted();
        this.whole(all, this.given);
    }
    sorted() {
        const [name, down] = this.kept.sort || [];
        for (const head of this.head.querySelectorAll("th"))
            if (head.dataset.column === name) head.setAttribute("aria-sort", down ? "descending" : "ascending"); else head.removeAttribute("aria-sort");
    }
    lineMake(row) {
        const one = { row, cells: [] };
        one.line = make("tr");
        this.shown.forEach((column, i) => {
            const cell = make(i ? "td" : "th", { ...(i ? {} : { scope: "row" }), class: column.figure ? "figure" : null });
            const inner = column.press ? button("", () => column.press(one.row), { class: "link", tabindex: "-1", hidden: true }) : cell;
            if (inner === cell) cell.tabIndex = -1; else cell.append(inner);
            one.cells.push({ cell, inner, text: "" });
            one.line.append(cell);
        });
        if (this.acts) one.line.append(make("td", { class: "acts" }, ...this.actsOf(one)));
        return one;
    }
    actsOf(one) {
        const acts = this.acts(one.row, () => one.row);
        for (const act of acts) act.tabIndex = -1;
        return acts;
    }
    fill(one) {
        this.shown.forEach((column, i) => {
            const { cell, inner } = one.cells[i], text = String(column.of(one.row) ?? "");
            if (one.cells[i].text !== text) {
                one.cells[i].text = text;
                put(inner, text);
                if (column.press) { inner.hidden = !text; inner.toggleAttribute("data-zero", text === "0"); }
            }
            const colour = column.colour?.(one.row) ?? "", state = column.state?.(one.row) ?? "";
            if ((cell.dataset.wait || "") !== colour) cell.dataset.wait = colour;
            if ((cell.dataset.state || "") !== state) cell.dataset.state = state;
        });
    }
    // Times that go on by themselves, of the rows that are seen.
    tick() {
        if (document.hidden) return;
        const { top, bottom } = this.scroll.getBoundingClientRect();
        // All places are read before a text is changed: each change would have the browser lay out the table again.
        const seen = [...this.rows.values()].filter(({ line }) => {
            const at = !line.hidden && line.getBoundingClientRect();
            return at && at.bottom > top && at.top < bottom;
        });
        for (const one of seen) this.fill(one);
    }
    take(row) {
        const name = this.key(row);
        let one = this.rows.get(name);
        if (!one) {
            one = this.lineMake(row);
            this.rows.set(name, one);
            this.body.append(one.line);
        }
        one.row = row;
        this.fill(one);
        for (const { choice, of, known, name: of_ } of this.choices)
            for (const word of [of(row)].flat())
                if (word && !known.has(word)) {
                    known.add(word);
                    const option = make("option", { value: word }, word), behind = [...choice.options].slice(1).find((other) => collator.compare(other.value, word) > 0);
                    choice.insertBefore(option, behind || null);
                    if (this.kept[of_] === word) choice.value = word;
                }
    }
    // The row goes; a focus that it has goes to the one at its place.
    drop(name) {
        const one = this.rows.get(name);
        if (!one) return;
        const next = one.line.contains(document.activeElement) && (one.line.nextElementSibling || one.line.previousElementSibling);
        this.rows.delete(name);
        one.line.remove();
        if (next) this.focus(this.stops(next)[0]);
    }
    whole(rows, given = true) {
        this.given = given;
        const old = new Set(this.rows.keys());
        for (const row of rows) {
            this.take(row);
            old.delete(this.key(row));
        }
        for (const name of old) this.drop(name);
        this.settle();
    }
    changed(rows, gone = []) {
        for (const row of rows) this.take(row);
        for (const name of gone) this.drop(name);
        this.settle();
    }

    // ---- which rows are seen, and in which order ----

    fits(one) {
        return this.choices.every(({ choice, of }) => !choice.value || [of(one.row)].flat().includes(choice.value)) &&
            (!this.wanted || this.columns.some((column) => String(column.of(one.row) ?? "").toLowerCase().includes(this.wanted)));
    }
    seen() { return [...this.rows.values()].filter(({ line }) => !line.hidden).map(({ row }) => row); }
    settle(must = false) {
        let seen = 0;
        for (const one of this.rows.values()) {
            const hidden = !this.fits(one);
            if (one.line.hidden !== hidden) one.line.hidden = hidden;
            if (!hidden) seen++;
        }
        put(this.count, seen === this.rows.size ? String(seen || "") : `${seen} of ${this.rows.size}`);
        this.none.hidden = this.rows.size > 0 || !this.given;
        this.scroll.hidden = this.rows.size === 0;
        this.searched.hidden = this.rows.size < SHORT && !this.wanted;
        if (must || !this.scroll.matches(":hover") && !this.body.contains(document.activeElement)) this.order();
        if (!this.stop?.isConnected || this.stop.closest("tr").hidden) this.stopAt(this.stops(this.head)[0]);
    }
    order() {
        const [name, down] = this.kept.sort || [], column = this.columns.find((one) => one.name === name) || this.columns[0];
        const by = column.by || column.of, first = this.columns[0];
        const all = [...this.rows.values()].map((one) => ({ line: one.line, by: by(one.row), name: first.of(one.row) }));
        all.sort((a, b) => (down ? compare(b.by, a.by) : compare(a.by, b.by)) || collator.compare(a.name, b.name));
        const held = this.body.contains(document.activeElement) && document.activeElement;
        let at = this.body.firstElementChild;
        // A row that comes later is left until its turn: the rows behind it do not move.
        for (const { line } of all)
            if (line === at || line === at?.nextElementSibling) at = line.nextElementSibling; else this.body.insertBefore(line, at);
        if (held && document.activeElement !== held) held.focus({ preventScroll: true });
    }

    // ---- the keyboard: one stop of Tab; arrows, Home, End, Page Up and Page Down go on from there ----

    stops(line) { return line ? [...line.cells].flatMap((cell) => (cell.querySelector("button:not([hidden])") ? [...cell.querySelectorAll("button:not([hidden])")] : cell.hasAttribute("tabindex") ? [cell] : [])) : []; }
    stopAt(element) {
        const stop = element?.closest("button, [tabindex]");
        if (!stop || stop === this.stop || !this.grid.contains(stop)) return;
        if (this.stop) this.stop.tabIndex = -1;
        stop.tabIndex = 0;
        this.stop = stop;
    }
    focus(element) { element?.focus(); }
    moves(event) {
        const line = event.target.closest("tr"), stops = this.stops(line), at = stops.indexOf(event.target);
        if (at < 0 || event.altKey || event.metaKey) return;
        const lines = [this.head, ...[...this.body.rows].filter((one) => !one.hidden)], row = lines.indexOf(line);
        const to = (number, place = at) => {
            const others = this.stops(lines[Math.max(0, Math.min(lines.length - 1, number))]);
            return others[Math.max(0, Math.min(others.length - 1, place))];
        };
        const page = Math.max(1, Math.floor(this.scroll.clientHeight / 28) - 1);
        const goes = { ArrowRight: () => stops[at + 1], ArrowLeft: () => stops[at - 1], ArrowDown: () => to(row + 1), ArrowUp: () => to(row - 1), PageDown: () => to(row + page), PageUp: () => to(row - page),
            Home: () => (event.ctrlKey ? to(0, 0) : stops[0]), End: () => (event.ctrlKey ? to(lines.length, stops.length) : stops.at(-1)) }[event.key];
        if (!goes) return;
        event.preventDefault();
        this.focus(goes());
    }
}
