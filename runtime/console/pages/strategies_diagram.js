// strategies_diagram.js - The diagram of what is being written, which follows the cursor: a box leads to its lines, and the
// lines show their box. The server draws it; the page makes the elements that it knows, and no others.
import { attempt, button, complain, make, put } from "../dom.js";
import { t } from "../t.js";
import { signOf, waysOf } from "./strategies_ways.js";

// Whether the tests are played each time it is drawn.
const PLAYS = "gcx-console-plays";
const playsKept = () => { try { return localStorage.getItem(PLAYS) === "yes"; } catch { return false; } };
const playsKeep = (plays) => { try { localStorage.setItem(PLAYS, plays ? "yes" : "no"); } catch { /* this browser keeps nothing */ } };
const SVG = "http://www.w3.org/2000/svg";
const ELEMENTS = new Set(["svg", "g", "polygon", "polyline", "path", "ellipse", "text"]);
const ATTRIBUTES = new Set(["id", "class", "viewBox", "transform", "fill", "stroke", "stroke-width", "stroke-dasharray", "points", "d", "cx", "cy", "rx", "ry", "x", "y", "text-anchor", "font-family", "font-size", "font-weight"]);
const drawn = (element) => {
    const made = document.createElementNS(SVG, element.localName);
    for (const { name, value } of element.attributes) if (ATTRIBUTES.has(name)) made.setAttribute(name, value);
    const [edge] = element.localName === "g" && element.getAttribute("class") === "edge" ? element.children : []; // its title: b1->b2
    if (edge) made.dataset.edge = edge.textContent;
    for (const child of element.childNodes)
        if (child.nodeType === Node.TEXT_NODE && element.localName === "text") made.append(child.data);
        else if (ELEMENTS.has(child.localName)) made.append(drawn(child));
    return made;
};
// How large pictures are drawn: NEAR and FAR are the largest and smallest scale; below LEGIBLE a picture that fits is not read.
const NEAR = 3, FAR = 0.2, LEGIBLE = 0.6, STEP = 1.25, PAN_PX = 80;
const sizeOf = (picture) => (picture.getAttribute("viewBox") || "0 0 1 1").split(/[ ,]+/).slice(2).map(Number);
export const pictureOf = (text) => {
    const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    return root.localName === "svg" ? drawn(root) : null;
};

// { element, below, show(graph, path), stale(), passed(way), plays(), strategies(), fails(why), at(file, line) }: `below`
// is what the tests say; go(file, line) leads to the text, ask(play) has it drawn anew, edit(box) changes the statement of the marked box.
export const diagram = ({ go, ask, edit }) => {
    const note = make("p", { role: "status", class: "quiet" }), pictures = make("div", { class: "pictures" }), said = make("pre", { class: "tests", hidden: true, tabindex: "0", "aria-label": t("What the tests say") });
    const took = make("p", { class: "quiet" }), untaken = make("ul", { class: "messages", "aria-label": t("Ways that no test took") });
    const named = new Map(); // element by the id of its box
    // Right behind a key the diagram is still that of the text before: the one that is wanted comes first.
    const change = button(t("Change the step …"), attempt(async () => {
        for (let tries = 0; old && tries < 3; tries++) await ask(view.plays());
        if (old) throw new Error(note.textContent || t("The diagram is drawn first; again in a moment."));
        if (!chosen) throw new Error(t("Choose a box of the diagram first, or a line of the text that has one."));
        return edit(chosen);
    }));
    const always = make("input", { type: "checkbox", checked: playsKept(), onchange: () => { playsKeep(always.checked); if (always.checked) ask(true).catch(complain); } });
    let graph = { frames: [], boxes: [] }, marked = null, chosen = null, walked = [], zoom = null, old = true; // zoom: null: as it fits

    // A picture that fits is seen whole; a large one by its width, and the mark is scrolled to.
    const fits = (wide, high) => {
        const across = (pictures.clientWidth - 20) / wide, whole = Math.min(across, (pictures.clientHeight - 50) / high);
        return Math.min(1.2, whole >= LEGIBLE ? whole : Math.max(across, LEGIBLE));
    };
    const size = () => {
        for (const picture of pictures.querySelectorAll("svg")) {
            const [wide, high] = sizeOf(picture);
            picture.style.width = `${Math.round(wide * (zoom ?? fits(wide, high)))}px`;
        }
    };
    const zooms = (to) => {
        const [picture] = pictures.querySelectorAll("svg");
        if (!picture) return;
        zoom = to === null ? null : Math.min(NEAR, Math.max(FAR, (zoom ?? fits(...sizeOf(picture))) * to));
        size();
        shows(marked);
    };
    const shows = (element) => {
        if (!element) return;
        const whole = pictures.getBoundingClientRect(), place = element.getBoundingClientRect();
        if (place.top < whole.top || place.bottom > whole.bottom) pictures.scrollTop += place.top - whole.top - whole.height / 3;
        if (place.left < whole.left || place.right > whole.right) pictures.scrollLeft += place.left - whole.left - whole.width / 3;
    };

    // The box is marked, and shown where the pictures are scrolled.
    const mark = (box) => {
        const element = box ? named.get(box.id) : null;
        chosen = element ? box : null;
        if (element === marked) return;
        marked?.classList.remove("here");
        marked = element;
        if (!element) return;
        element.classList.add("here");
        shows(element);
    };
    const choose = (box) => { mark(box); return go(box.file, box.first); };

    // Without Graphviz the boxes are a list.
    const listOf = (frame) => make("ol", {}, ...graph.boxes.filter((box) => box.frame === frame && box.file).map((box) => {
        const [words] = box.text.split("\n");
        const row = make("li", {}, button(words, () => choose(box), { class: "link" }));
        named.set(box.id, row);
        return row;
    }));
    const led = (picture) => {
        const by = new Map(graph.boxes.map((box) => [box.id, box]));
        for (const one of picture.querySelectorAll("[id]")) { // each picture of the page has the same ids
            const box = by.get(one.id);
            one.removeAttribute("id");
            if (!box) continue;
            named.set(box.id, one);
            if (!box.file) continue;
            const words = [...one.querySelectorAll("text")].map((line) => line.textContent.trim()).join(" ");
            one.setAttribute("tabindex", "-1");
            one.setAttribute("role", "button");
            one.setAttribute("aria-label", box.runs === undefined ? t("{words}, line {line}", { words, line: String(box.first) }) : t("{words}, line {line}, played {runs} times", { words, line: String(box.first), runs: box.runs }));
            one.addEventListener("click", () => choose(box));
        }
        return picture;
    };
    // Each way has a sign for whether a test took it, and what no test took is a list.
    const signed = (found) => {
        const { edges, missing, count, taken } = waysOf(found);
        const drawn = new Map();
        for (const one of pictures.querySelectorAll("g.edge")) drawn.set(one.dataset.edge, [...(drawn.get(one.dataset.edge) || []), one]);
        for (const edge of edges) {
            const element = drawn.get(`${edge.from}->${edge.to}`)?.shift();
            if (element && edge.exits) signOf(element, edge);
        }
        put(took, count ? t("Tests took {taken} of {count} ways and exits.", { taken: String(taken), count: String(count) }) : "");
        untaken.replaceChildren(...missing.map((row) => make("li", { "data-severity": "warning" }, button(row.words, () => go(row.file, row.line), { class: "link" }))));
    };
    // One stop for the Tab key: arrows lead from box to box, Enter to the line; with Shift they move the picture.
    const boxes = () => [...pictures.querySelectorAll("[role=button]")];
    pictures.addEventListener("keydown", (event) => {
        const all = boxes(), at = all.indexOf(document.activeElement), step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
        const to = { "+": STEP, "=": STEP, "-": 1 / STEP, 0: null }[event.key], over = event.shiftKey && { ArrowDown: [0, PAN_PX], ArrowRight: [PAN_PX, 0], ArrowUp: [0, -PAN_PX], ArrowLeft: [-PAN_PX, 0] }[event.key];
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (to !== undefined || over) {
            event.preventDefault();
            return over ? pictures.scrollBy(...over) : zooms(to);
        }
        if (at < 0 || (!step && event.key !== "Enter" && event.key !== " ")) return;
        event.preventDefault();
        if (!step) return all[at].dispatchEvent(new MouseEvent("click"));
        const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
        all[at].setAttribute("tabindex", "-1");
        next.setAttribute("tabindex", "0");
        next.focus();
    });
    new ResizeObserver(() => { if (zoom === null) size(); }).observe(pictures);
    const view = {
        element: make("section", { class: "diagram", "aria-labelledby": "diagram" }, make("div", { class: "top" }, make("h3", { id: "diagram" }, t("Diagram")), change, button("−", () => zooms(1 / STEP), { "aria-label": t("Smaller") }), button("+", () => zooms(STEP), { "aria-label": t("Larger") }), button(t("Fit"), () => zooms(null))), note, pictures),
        below: make("section", { class: "tested", "aria-label": t("Tests") }, make("div", { class: "row" }, button(t("Play the tests"), attempt(() => ask(true))), make("label", { class: "check" }, always, t("Play them as I write"))), took, untaken, said),
        // The pictures of the open file come first.
        show(found, path) {
            graph = found;
            const here = new Set(found.boxes.filter((box) => box.file === path).map((box) => box.frame)), order = found.frames.map((frame, at) => [frame, at]);
            named.clear();
            marked = chosen = null;
            old = false;
            pictures.replaceChildren(...order.toSorted(([, a], [, b]) => here.has(b) - here.has(a)).flatMap(([frame, at]) => (frame.outer !== null ? [] : [make("figure", {}, make("figcaption", {}, frame.title), frame.svg ? led(pictureOf(frame.svg) || make("p")) : listOf(at))])));
            boxes()[0]?.setAttribute("tabindex", "0");
            size();
            signed(found);
            view.passed(walked);
            said.hidden = found.tests === undefined;
            put(said, found.tests || "");
            put(note, "");
        },
        // The boxes of a call that is played by hand, and the last of them, where it stands.
        passed(way) {
            walked = way;
            for (const one of pictures.querySelectorAll(".passed")) one.classList.remove("passed");
            for (const step of way) {
                const box = graph.boxes.find((one) => one.file === step.file && one.first === step.first && one.column === step.column && one.kind !== "begin");
                named.get(box?.id)?.classList.add("passed");
                if (step === way.at(-1) && box) mark(box);
            }
        },
        plays: () => always.checked,
        // The strategy of that line of the file, else the first of the file, else "".
        strategyAt(file, line) {
            const own = graph.boxes.filter((box) => box.file === file && graph.frames[box.frame]?.kind === "strategy"), [best] = [...own.filter((box) => box.first <= line).slice(-1), ...own];
            return best ? graph.frames[best.frame].title.replace(/^strategy /, "") : "";
        },
        strategies: () => graph.frames.filter((frame) => frame.kind === "strategy").map((frame) => frame.title.replace(/^strategy /, "")),
        // The text has changed since: boxes have other lines now.
        stale() { old = true; },
        plays_now() { put(note, t("The tests are played …")); },
        fails(why) {
            old = true; // its boxes are those of another text
            put(note, graph.boxes.length ? t("This is the diagram of the text before: {why}", { why }) : why);
        },
        // Of two boxes that have the line the inner one is meant, which has fewer lines. Where a strategy begins is no line of its own.
        at(file, line) {
            const box = graph.boxes.filter((one) => one.kind !== "begin" && one.file === file && one.first <= line && line <= one.last).sort((a, b) => a.last - a.first - (b.last - b.first))[0];
            mark(box);
        },
    };
    return view;
};
