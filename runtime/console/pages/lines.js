// lines.js - Small lines of the last hours, drawn as SVG.
const SPACE = "http://www.w3.org/2000/svg", WIDTH = 110, HEIGHT = 24;
const element = (name, attributes) => {
    const one = document.createElementNS(SPACE, name);
    for (const [attribute, value] of Object.entries(attributes)) one.setAttribute(attribute, value);
    return one;
};
// points: [waiting, available] of each five minutes, null where nothing is known; `says` is read out.
export const line = (points, says) => {
    const most = Math.max(1, ...points.filter(Boolean).flat()), step = WIDTH / Math.max(1, points.length - 1);
    const path = (which) => points.map((point, i) => (point ? `${points[i - 1] ? "L" : "M"}${(i * step).toFixed(1)} ${(HEIGHT - 1 - (HEIGHT - 2) * point[which] / most).toFixed(1)}` : "")).join("");
    const svg = element("svg", { class: "line", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, role: "img", "aria-label": says });
    svg.append(element("path", { d: path(1), class: "available" }), element("path", { d: path(0), class: "waiting" }));
    return svg;
};
