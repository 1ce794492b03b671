// strategies_ways.js - Which ways of a diagram a test took: `gcxc test --ways` has them by places, a diagram has them as edges
// between boxes.
import { t } from "../t.js";

const SVG = "http://www.w3.org/2000/svg";
const at = (one, place) => one.file === place.file && place.line >= one.first && place.line <= one.last;
const sum = (ways) => ways.reduce((all, { taken }) => all + taken, 0);

// The ways from a box of a choice that lead to another box; none: it cannot be told which they are.
const armsTo = (ways, from, to) => ways.branches.filter((one) => one.file === from.file && one.line === from.first && one.column === from.column)
    .flatMap((one) => one.ways).filter((way) => at(to, { file: from.file, line: way.line }) && (to.first !== from.first || way.column >= to.column));
// Of `let who = select ...` the step begins behind the box's place: it is the one of the line that is at no other box.
const exitsOf = (ways, box, boxes) => {
    const here = ways.exits.filter((one) => one.file === box.file && one.line === box.first), exact = here.filter((one) => one.column === box.column);
    return exact.length ? exact : here.filter((one) => !boxes.some((other) => other.file === one.file && other.first === one.line && other.column === one.column));
};
const missingOf = ({ branches, exits }) => {
    const rows = [], steps = new Map();
    for (const { file, line, ways } of branches) {
        const never = ways.find(({ taken }) => taken === 0);
        if (!never || (ways.length > 1 && sum(ways) === 0)) continue;
        rows.push({ file, line, words: never.line === 0 || never.line === line ? t("{file} {line}: only one way is taken", { file, line: String(line) }) : t("{file} {line}: never leads to line {next}", { file, line: String(line), next: String(never.line) }) });
    }
    for (const one of exits.filter(({ taken }) => taken === 0)) {
        const name = `${one.file} ${one.line} ${one.column} ${one.step}`;
        steps.set(name, { ...one, names: [...(steps.get(name)?.names || []), one.exit || t("success")] });
    }
    for (const { file, line, step, names } of steps.values()) rows.push({ file, line, words: t("{file} {line}: {step} never ends with {exits}", { file, line: String(line), step, exits: names.join(", ") }) });
    return rows.toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
};

// { edges, missing, count, taken }: edges of the diagram with what tests took of each, as { exits, taken }; exits undefined: nothing is known.
export const waysOf = ({ boxes, edges, ways }) => {
    if (!ways) return { edges: [], missing: [], count: 0, taken: 0 };
    const by = new Map(boxes.map((box) => [box.id, box]));
    const marked = edges.map((edge) => {
        const from = by.get(edge.from), to = by.get(edge.to);
        if (!from?.file || edge.kind === "beside") return edge;
        const names = edge.kind === "failure" ? edge.label.split(/[,\s]+/).filter(Boolean) : [""];
        const found = from.kind === "choice" ? (to?.file ? armsTo(ways, from, to) : []) : exitsOf(ways, from, boxes).filter(({ exit }) => names.includes(exit) || (names[0] === "fails" && exit !== ""));
        if (found.length === 0) return edge;
        return from.kind === "choice" ? { ...edge, exits: 1, taken: sum(found) > 0 ? 1 : 0 } : { ...edge, exits: found.length, taken: found.filter(({ taken }) => taken > 0).length };
    });
    const all = [...ways.branches.flatMap((one) => one.ways), ...ways.exits];
    return { edges: marked, missing: missingOf(ways), count: all.length, taken: all.filter(({ taken }) => taken > 0).length };
};

// Puts the sign beside the edge: a mark and a colour, and how many where an edge has several exits.
export const signOf = (element, { exits, taken, kind }) => {
    const path = element.querySelector("path");
    if (!path) return;
    const { x, y } = path.getPointAtLength(path.getTotalLength() * (kind === "failure" ? 0.65 : 0.3)), sign = document.createElementNS(SVG, "text");
    element.classList.add(taken === exits ? "taken" : taken ? "partly" : "untaken");
    for (const [name, value] of Object.entries({ x: x - 4, y: y + 3, "text-anchor": "end", "font-size": "11", class: "sign" })) sign.setAttribute(name, value);
    sign.append(`${taken ? "✓" : "✗"}${exits > 1 ? ` ${taken}/${exits}` : ""}`);
    element.append(sign);
};
