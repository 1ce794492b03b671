// table.js - A table of rows that change: sorted, searched, its columns chosen; one stop of the Tab key, and arrows inside.
//
// whole(rows) and changed(rows, gone) say what there is. Only the rows that are seen, and the one with the focus, are elements:
// gaps stand for the others. A row keeps its element, and only cells whose text is another one are touched. While the focus or
// the pointer is in the table, rows stay at their places.
import { button, dialog, labelled, make, put, select } from "../dom.js";
import { locale, t } from "../t.js";
import { chosen, choose } from "./chosen.js";

const SHORT = 12;
// Rows that are drawn above and below those that are seen; the height of a row before one is drawn, in pixels; and the length
// of a text that may be wider than its cell: each cell that cuts its text is painted by itself, which hundreds should not be.
const BEYOND = 4, HEIGHT = 36, WIDE = 10;
// Heights are asked for once for each size of the window: an answer each second would lay out the page each second.
let sizes = 0;
addEventListener("resize", () => sizes++);
const collator = new Intl.Collator(locale, { numeric: true, sensitivity: "base" });
const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a ?? ""), String(b ?? "")));

// A column: `name`, `text` of its heading, `of(row)` the text of its cell, `by(row)` what it is sorted by, if not by its text;
// `colour(row)`: "long" or "late"; `state(row)`: a dot; `press(row)`: the cell is a button that does this; `hidden`: shown only
// where a person chose it; `figure`: it stands at the right; `says`: what is counted; `sparse`: it is shown once a row has something in it; `draw(row)`: the element in the cell, when its text is another one.
export class Table {
    // kept: the name by which the server keeps what a person chooses;
    // filters: [{ name, text, of(row): the words by which the row is found }]; acts(row): buttons of the row, which are made
    // anew where `anew(row)`, a text, is another one;
    // tools: buttons of the table; hides: without a row the table is not there.
    constructor({ name, title, columns, key, kept = name, acts = null, anew = () => "", filters = [], tools = [], none = t("None."), sort = null, hides = false }) {
        Object.assign(this, { name, title, columns, key, acts, anew, hides });
        this.remember = kept;
        this.kept = { sort, ...chosen(kept) };
        this.rows = new Map(); // by key: { row, line, cells }; without a line until it is drawn
        this.places = []; // all of them as they are sorted
        this.order = []; // those of them that are shown
        this.gaps = [];
        this.filled = new Set(); // names of the sparse columns in which a row had something
        this.height = HEIGHT;
        this.top = 0; // pixels above those that are seen
        this.space = innerHeight; // of the rows that are seen at once
        this.measured = -1; // for which size of the window
        this.wanted = "";
        this.given = false; // nothing was told yet
        this.head = make("tr", { "aria-rowindex": "1" });
        this.body = make("tbody");
        this.count = make("span", { class: "count" });
        this.none = make("p", { class: "none" }, none);
        const heading = make("h2", { id: `table-${name}` }, title, " ", this.count);
        this.grid = make("table", { role: "grid", "aria-labelledby": heading.id, onkeydown: (event) => this.moves(event), onfocusin: (event) => this.stopAt(event.target),
            onfocusout: (event) => { if (!this.grid.contains(event.relatedTarget)) setTimeout(() => this.settle()); } },
        make("thead", {}, this.head), this.body);
        this.scroll = make("div", { class: "scroll", onpointerleave: () => setTimeout(() => this.settle()), onscroll: () => { this.top = this.scroll.scrollTop; this.draw(); } }, this.grid);
        // A short table is seen whole, and needs no search.
        this.searched = make("div", { class: "searched" });
        this.search = make("input", { type: "search", id: `find-${name}`, oninput: () => { this.wanted = this.search.value.toLowerCase(); this.later(); } });
        this.choices = filters.map((filter) => {
            const choice = select([["", t("All")]], { onchange: () => { this.keep({ [filter.name]: choice.value }); this.settle(true); } });
            return { ...filter, choice, known: new Set() };
        });
        this.element = make("section", { class: `card ${name}`, "aria-labelledby": heading.id },
            make("div", { class: "top" }, heading, ...this.choices.map(({ text, choice }) => labelled(text, choice)), this.searched, ...tools, button(t("Columns …"), () => this.choose(), { "aria-label": t("Columns of {title} …", { title }) })),
            this.none, this.scroll);
        this.searched.append(labelled(t("Show only"), this.search));
        this.headMake();
    }

    // ---- what a person chose ----

    keep(change) {
        Object.assign(this.kept, change);
        choose(this.remember, this.kept);
    }
    isShown(column) { return this.kept.columns?.[column.name] ?? (column.sparse ? this.filled.has(column.name) : !column.hidden); }
    // Columns that are empty in most hours are shown once a row has something to say in them.
    fillColumns() {
        const now = this.columns.filter((column) => column.sparse && !this.filled.has(column.name) && this.places.some(({ row }) => column.of(row)));
        if (!now.length || this.grid.contains(document.activeElement)) return;
        for (const column of now) this.filled.add(column.name);
        this.headMake();
    }
    choose() {
        dialog(t("Columns of {title}", { title: this.title }), () => make("div", { class: "columns" }, ...this.columns.slice(1).map((column) => make("label", { class: "check" },
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
        this.later();
    }
    // What was typed or pressed is seen first, and then the rows.
    later() {
        this.waits ||= requestAnimationFrame(() => setTimeout(() => {
            this.waits = 0;
            this.settle(true);
        }));
    }

    // ---- heads and rows ----

    headMake() {
        this.shown = this.columns.filter((column) => this.isShown(column));
        this.head.replaceChildren(...this.shown.map((column) => make("th", { scope: "col", "data-column": column.name, class: column.figure ? "figure" : null },
            button(column.text, () => this.sortBy(column), { tabindex: "-1", title: column.says ?? null }))), ...(this.acts ? [make("td")] : []));
        for (const one of this.places) one.line = null;
        this.body.replaceChildren();
        this.measured = -1;
        this.stop = null;
        this.sorted();
        this.settle();
    }
    sorted() {
        const [name, down] = this.kept.sort || [];
        for (const head of this.head.querySelectorAll("th"))
            if (head.dataset.column === name) head.setAttribute("aria-sort", down ? "descending" : "ascending"); else head.removeAttribute("aria-sort");
    }
    lineMake(one) {
        one.line = make("tr");
        one.cells = [];
        this.shown.forEach((column, i) => {
            const cell = make(i ? "td" : "th", { ...(i ? {} : { scope: "row" }), class: column.figure ? "figure" : null });
            const inner = column.press ? button("", () => column.press(one.row), { class: "link", tabindex: "-1", hidden: true }) : cell;
            if (inner === cell) cell.tabIndex = -1; else cell.append(inner);
            one.cells.push({ cell, inner, text: "" });
            one.line.append(cell);
        });
        one.acts = make("td", { class: "acts" });
        one.anew = null;
        if (this.acts) one.line.append(one.acts);
    }
    // The Tab key's stop, and the focus, go to the button of the same text, or the first one.
    actsFill(one) {
        const anew = this.anew(one.row);
        if (one.anew === anew) return;
        one.anew = anew;
        const { stop } = this, stops = one.acts.contains(stop), focused = one.acts.contains(document.activeElement);
        const acts = this.acts(one.row, () => one.row);
        for (const act of acts) act.tabIndex = -1;
        one.acts.replaceChildren(...acts);
        const to = stops && (acts.find((act) => act.textContent === stop.textContent) || this.stops(one.line)[0]);
        if (to) this.stopAt(to);
        if (to && focused) this.focus(to);
    }
    fill(one) {
        this.shown.forEach((column, i) => {
            const { cell, inner } = one.cells[i], text = String(column.of(one.row) ?? "");
            if (one.cells[i].text !== text) {
                one.cells[i].text = text;
                if (column.draw) inner.replaceChildren(column.draw(one.row)); else put(inner, text);
                cell.classList.toggle("wide", text.length > WIDE);
                if (column.press) { inner.hidden = !text; inner.toggleAttribute("data-zero", text === "0"); }
            }
            const colour = column.colour?.(one.row) ?? "", state = column.state?.(one.row) ?? "";
            if ((cell.dataset.wait || "") !== colour) cell.dataset.wait = colour;
            if ((cell.dataset.state || "") !== state) cell.dataset.state = state;
        });
        if (this.acts) this.actsFill(one);
    }
    // Times that go on by themselves.
    tick() {
        if (!document.hidden) for (const one of this.drawn) this.fill(one);
    }
    take(row) {
        const name = this.key(row);
        let one = this.rows.get(name);
        if (!one) {
            one = { line: null };
            this.rows.set(name, one);
            this.places.push(one);
        }
        one.row = row;
        for (const { choice, of, known, name: of_ } of this.choices)
            for (const word of [of(row)].flat())
                if (word && !known.has(word)) {
                    known.add(word);
                    const option = make("option", { value: word }, word), behind = [...choice.options].slice(1).find((other) => collator.compare(other.value, word) > 0);
                    choice.insertBefore(option, behind || null);
                    if (this.kept[of_] === word) choice.value = word;
                }
    }
    whole(rows, given = true) {
        this.given = given;
        const old = new Set(this.rows.keys());
        for (const row of rows) {
            this.take(row);
            old.delete(this.key(row));
        }
        this.drop(old);
    }
    changed(rows, gone = []) {
        for (const row of rows) this.take(row);
        this.drop(gone);
    }
    drop(names) {
        this.fillColumns();
        const gone = new Set([...names].map((name) => this.rows.get(name)));
        for (const name of names) this.rows.delete(name);
        this.places = this.places.filter((one) => !gone.has(one));
        this.settle();
    }

    // ---- which rows are seen, and in which order ----

    fits(one) {
        return this.choices.every(({ choice, of }) => !choice.value || [of(one.row)].flat().includes(choice.value)) &&
            (!this.wanted || this.columns.some((column) => String(column.of(one.row) ?? "").toLowerCase().includes(this.wanted)));
    }
    seen() { return this.order.map(({ row }) => row); }
    settle(must = false) {
        const focused = this.body.contains(document.activeElement), held = focused ? this.placeOf(document.activeElement) : -1, one = this.order[held];
        if (must || !focused && !this.scroll.matches(":hover")) this.sort();
        this.order = this.places.filter((other) => this.fits(other));
        const shown = this.order.length, all = this.rows.size;
        put(this.count, shown === all ? String(shown || "") : t("{shown} of {all}", { shown, all }));
        this.none.hidden = all > 0 || !this.given;
        this.scroll.hidden = all === 0;
        this.element.hidden = this.hides && all === 0;
        this.searched.hidden = all < SHORT && !this.wanted;
        if (must && this.top) this.scrollTo(0);
        this.draw();
        // The focus of a row that is gone goes to the one at its place.
        if (one && !this.order.includes(one)) this.focus(this.stopsAt(Math.min(held + 1, shown))[0]);
    }
    sort() {
        const [name, down] = this.kept.sort || [], column = this.columns.find((one) => one.name === name) || this.columns[0];
        const by = column.by || column.of, first = this.columns[0];
        const all = this.places.map((one) => ({ one, by: by(one.row), name: first.of(one.row) }));
        all.sort((a, b) => (down ? compare(b.by, a.by) : compare(a.by, b.by)) || collator.compare(a.name, b.name));
        this.places = all.map(({ one }) => one);
    }

    // ---- which of them are elements ----

    placeOf(element) {
        const line = element?.closest("tr");
        return line ? this.order.findIndex((one) => one.line === line) : -1;
    }
    // Draws the rows that are seen, and the one where the Tab key stops, which may have the focus.
    draw() {
        const { height, order } = this, count = Math.ceil(this.space / height) + 2 * BEYOND;
        const first = Math.max(0, Math.min(Math.floor(this.top / height) - BEYOND, order.length - count)), end = Math.min(first + count, order.length);
        const stop = this.placeOf(this.stop), places = Array.from({ length: end - first }, (_, i) => first + i);
        if (stop >= 0 && stop < first) places.unshift(stop);
        if (stop >= end) places.push(stop);
        const lines = [];
        let gaps = 0, next = 0;
        const gap = (rows) => {
            if (!rows) return;
            const line = this.gaps[gaps] ||= make("tr", { role: "presentation", "aria-hidden": "true" });
            line.style.height = `${rows * height}px`;
            lines.push(line);
            gaps++;
        };
        this.drawn = places.map((place) => order[place]);
        for (const place of places) {
            const one = order[place];
            gap(place - next);
            if (!one.line) this.lineMake(one);
            this.fill(one);
            one.line.setAttribute("aria-rowindex", String(place + 2));
            lines.push(one.line);
            next = place + 1;
        }
        gap(order.length - next);
        this.grid.setAttribute("aria-rowcount", String(order.length + 1));
        this.lay(lines);
        if (this.acts) this.actsWide();
        if (this.measured !== sizes && places.length) this.measure();
        if (!this.stop?.isConnected) this.stopAt(this.stops(this.head)[0]);
    }
    // The column of acts is as wide as the most of them in a row need.
    actsWide() {
        const most = Math.max(0, ...this.drawn.map((one) => one.acts.childElementCount)), wide = most < 4 ? "few" : most > 5 ? "many" : "";
        if ((this.grid.dataset.acts || "") !== wide) this.grid.dataset.acts = wide;
    }
    // Where the table is scrolled to is known without asking, too.
    scrollTo(top) { this.scroll.scrollTop = this.top = top; }
    measure() {
        const height = this.drawn[0].line.getBoundingClientRect().height;
        if (!height) return; // the table is not in the page yet
        this.height = height;
        this.space = parseFloat(getComputedStyle(this.scroll).maxHeight) || innerHeight;
        this.measured = sizes;
    }
    // These are all lines of the body. One that has its place is not moved: it may have the focus.
    lay(lines) {
        const kept = new Set(lines);
        for (const line of [...this.body.children]) if (!kept.has(line)) line.remove();
        const held = this.body.contains(document.activeElement) && document.activeElement;
        let at = this.body.firstElementChild;
        // If the next row is the right one, it stays. The row before it is put into its own place later.
        for (const line of lines)
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
    // The stops of the line with this number: 0 is the head. The row is drawn for it.
    stopsAt(number) {
        const one = this.order[number - 1];
        if (!one) return this.stops(this.head);
        if (!one.line?.isConnected) {
            this.scrollTo((number - 1) * this.height);
            this.draw();
        }
        return this.stops(one.line);
    }
    moves(event) {
        const stops = this.stops(event.target.closest("tr")), at = stops.indexOf(event.target);
        if (at < 0 || event.altKey || event.metaKey) return;
        const number = this.placeOf(event.target) + 1, last = this.order.length;
        const to = (line, place = at) => {
            const others = this.stopsAt(Math.max(0, Math.min(last, line)));
            return others[Math.max(0, Math.min(others.length - 1, place))];
        };
        const page = Math.max(1, Math.floor(this.scroll.clientHeight / this.height) - 1);
        const goes = { ArrowRight: () => stops[at + 1], ArrowLeft: () => stops[at - 1], ArrowDown: () => to(number + 1), ArrowUp: () => to(number - 1), PageDown: () => to(number + page), PageUp: () => to(number - page),
            Home: () => (event.ctrlKey ? to(0, 0) : stops[0]), End: () => (event.ctrlKey ? to(last, stops.length) : stops.at(-1)) }[event.key];
        if (!goes) return;
        event.preventDefault();
        this.focus(goes());
    }
    // The browser looks only through the rows that are drawn: where others are, the table's own search is taken. Pressed there,
    // the key is the browser's.
    find() {
        if (this.drawn.length === this.order.length || this.searched.hidden || this.search === document.activeElement) return false;
        this.search.focus();
        this.search.select();
        return true;
    }
}
