// mms.js - A multimedia message's pane: its slides in their order, its files, and a short message as the answer.
import { attempt, bdi, bytes, button, make, time } from "./dom.js";
import { t } from "./t.js";
import { linked } from "./linked.js";
import { desk } from "./main.js";
import { stored } from "./contact.js";
import { compose } from "./texts.js";
import { notes } from "./together.js";
import { cards, isCard } from "./vcard.js";
import { get, getBytes } from "./wire.js";

const href = (part) => `api/parts/${part.part}`;
const save = (part, text) => make("a", { href: href(part), target: "_blank", rel: "noopener", download: part.name || "" }, text);
const text = async (part) => new TextDecoder().decode(await (await getBytes(href(part))).arrayBuffer());
// The plugin has found the type by the bytes; anything else is a file to save. Nothing plays by itself.
const shown = async (part) => {
    const type = part.type || "", name = part.name || "", kind = part.role === "inline" ? type.split("/")[0] : "";
    if (kind === "image") return make("a", { href: href(part), target: "_blank", rel: "noopener", download: name }, make("img", { src: href(part), alt: name || t("Picture"), loading: "lazy" }));
    if (kind === "audio") return make("audio", { src: href(part), controls: true, preload: "none", "aria-label": name || t("Sound") });
    if (kind === "video") return make("video", { src: href(part), controls: true, preload: "none", "aria-label": name || t("Film") });
    if (kind === "text") return make("div", { class: "text said" }, ...linked(await text(part)));
    return null;
};
// Parts of the plugin's own; the slides count the others.
const ownParts = (part) => ["text", "slides", "envelope"].includes(part.role);
const slide = async ({ ms, parts }, all, title) => {
    const elements = await Promise.all(parts.map((place) => (all[place] ? shown(all[place]) : null)));
    return make("li", {}, title || ms ? make("p", { class: "quiet" }, title, title && ms ? " · " : "", ms ? `${Math.round(ms / 100) / 10} s` : "") : null,
        make("div", { class: "pictures" }, ...elements.filter(Boolean)));
};
const files = (parts) => make("ul", { class: "files", "aria-label": t("Files") },
    ...parts.filter((part) => !ownParts(part) && part.role !== "raw" && (part.role !== "inline" || !(part.type || "").startsWith("text/")))
        .map((part) => make("li", {}, save(part, part.name || part.type || t("file")), make("span", { class: "quiet" }, " " + bytes(part.length)))));

export const open = (item) => {
    const read = make("div", { class: "letter", role: "region", "aria-label": t("The message"), tabindex: "0" }, make("p", { class: "quiet" }, t("Loading …")));
    const number = /^\+?[0-9]{3,}$/.test(item.from || "") ? item.from : null;
    const answer = number && desk.me.texts ? button(t("Answer by short message …"), () => compose(number), { class: "first" })
        : make("p", { class: "quiet" }, t("Multimedia messages are not answered from here."));
    const load = async () => {
        const { interaction } = await stored(item), { parts } = await get(`api/interactions/${interaction}/parts`);
        const written = parts.find((part) => part.role === "slides"), slides = written ? JSON.parse(await text(written)) : [];
        const all = parts.filter((part) => !ownParts(part));
        read.replaceChildren(make("p", { class: "quiet" }, bdi(item.from || ""), item.to ? t(" to {to}", { to: item.to }) : "", item.received ? " · " : "", item.received ? time(item.received) : ""),
            make("ol", { class: "slides", "aria-label": t("Slides") }, ...await Promise.all(slides.map((one, i) => slide(one, all, slides.length > 1 ? t("Slide {i}", { i: i + 1 }) : "")))),
            slides.length ? "" : make("p", { class: "quiet" }, t("There is nothing to show.")), files(parts), ...parts.filter(isCard).map((part) => cards(part, item)));
    };
    const colleagues = notes(item.ixn, async () => (await stored(item)).interaction);
    load().catch((error) => read.replaceChildren(make("p", { class: "wrong" }, error.message)));
    return {
        element: make("div", { class: "mail" }, read, make("div", { class: "row answers" }, answer), colleagues.element),
        again: () => {},
        noted: colleagues.again,
        unsent: colleagues.unsent,
        forget: colleagues.forget,
        message: attempt(load),
        focus: () => read.focus(),
        close: () => {},
    };
};
