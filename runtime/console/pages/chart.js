// chart.js - Figures over time as lines, drawn as SVG. What they show stands in a table beside them, too.
import { make } from "../dom.js";
import { t } from "../t.js";

const WIDE = 800, HIGH = 220, LEFT = 56, BELOW = 24, ABOVE = 8, RIGHT = 8, STEPS = 4, LABELS = 6;
export const LINES_MAX = 6;
const svg = (name, attributes = {}, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
};
// The next number with one digit that is not below: so the steps have round labels.
const ceiling = (most) => {
    if (!(most > 0)) return 1;
    const tens = 10 ** Math.floor(Math.log10(most));
    return [1, 2, 4, 5, 8, 10].map((one) => one * tens).find((one) => one >= most * 0.999999);
};
// labels: of the moments, in their order. lines: [{ name, values }], a value for each moment, null where there is none.
// band: { low, high }, drawn behind the lines. written(value): its text. title: what a screen reader says.
export const chart = ({ title, labels, lines, band = null, written }) => {
    const most = (values) => values.reduce((all, value) => Math.max(all, value ?? 0), 0);
    const top = ceiling(Math.max(...lines.slice(0, LINES_MAX).map((line) => most(line.values)), most(band ? band.high : []))), count = Math.max(1, labels.length - 1);
    const x = (i) => LEFT + (WIDE - LEFT - RIGHT) * (labels.length === 1 ? 0.5 : i / count);
    const y = (value) => ABOVE + (HIGH - ABOVE - BELOW) * (1 - value / top);
    const picture = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": title, class: "chart", direction: "ltr" });
    for (let step = 0; step <= STEPS; step++) {
        const value = top * step / STEPS;
        picture.append(svg("line", { x1: LEFT, x2: WIDE - RIGHT, y1: y(value), y2: y(value), class: "grid" }),
            svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, written(value)));
    }
    const each = Math.max(1, Math.ceil(labels.length / LABELS));
    labels.forEach((label, i) => { if (i % each === 0) picture.append(svg("text", { x: x(i), y: HIGH - 6, "text-anchor": !i ? "start" : x(i) > WIDE - LEFT ? "end" : "middle" }, label)); });
    if (band) picture.append(svg("path", { class: "band", d: `M${[...band.high.map((value, i) => `${x(i)},${y(value)}`), ...band.low.map((value, i) => `${x(i)},${y(value)}`).reverse()].join("L")}Z` }));
    lines.slice(0, LINES_MAX).forEach((line, number) => {
        let path = "";
        line.values.forEach((value, i) => {
            if (value === null) return;
            path += `${i && line.values[i - 1] !== null ? "L" : "M"}${x(i).toFixed(1)},${y(value).toFixed(1)}`;
            if (labels.length <= 60) picture.append(svg("circle", { cx: x(i), cy: y(value), r: 3, class: `line-${number}` }, svg("title", {}, `${line.name} ${labels[i]}: ${written(value)}`)));
        });
        picture.append(svg("path", { d: path, class: `line-${number}` }));
    });
    return make("figure", { class: "charted" }, make("div", { class: "scroll" }, picture), make("figcaption", {}, ...lines.slice(0, LINES_MAX).map((line, number) => make("span", { class: `key line-${number}` }, line.name || "–")),
        lines.length > LINES_MAX ? t("The {most} largest of {count} are drawn.", { most: LINES_MAX, count: lines.length }) : null));
};
