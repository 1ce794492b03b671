// links.js - Links out of the desk, into other programs of the site, and links into it: #ixn=..., #contact=...
import { attempt, button, complain, make, medium, time } from "./dom.js";
import { t } from "./t.js";
import { pull } from "./bins.js";
import { before, showContact } from "./contact.js";
import { desk, turn } from "./main.js";
import { person } from "./people.js";
import { get } from "./wire.js";
import * as work from "./work.js";

// A link is for all interactions, or for those of its media and virtual queues. Of a call the queue is user data.
const beside = ({ media, vqs }, item) => (!media || media.includes(item.media) || media.includes(item.medium)) && (!vqs || vqs.includes(item.vq ?? item.data?.vq));
// A link whose keys are not all attached is left out: a strategy shows it by attaching them. A value is data: it is escaped, and
// the host is the site's own.
const filled = ({ url }, item) => {
    let whole = true;
    const address = url.replace(/\{([^}]+)\}/g, (_, key) => {
        const value = key === "ixn" ? item.ixn : item.data?.[key];
        if (value === undefined || value === null || value === "" || typeof value === "object") whole = false;
        return encodeURIComponent(String(value));
    });
    return whole ? address : null;
};
const of = (item, framed) => (desk.me?.links || []).filter((one) => Boolean(one.frame) === framed && beside(one, item)).map((one) => [one.title, filled(one, item)]).filter(([, url]) => url);
export const linksOf = (item) => {
    const links = of(item, false);
    return links.length ? make("section", {}, make("h2", {}, t("Links")),
        make("ul", { class: "links" }, ...links.map(([title, url]) => make("li", {}, make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, title))))) : null;
};

// A page of the site in a frame, loaded when the agent opens it: it runs its own scripts, and can neither leave its frame nor
// reach the desk. `before` stays where it shows the same pages: whatever the agent has written in them stands there.
export const framesOf = (item, before) => {
    const frames = of(item, true), shows = JSON.stringify(frames);
    if (before?.dataset.shows === shows) return before;
    if (!frames.length) return null;
    return make("section", { class: "frames", "data-shows": shows }, ...frames.map(([title, url]) => {
        const details = make("details", { ontoggle: () => {
            if (details.open && !details.querySelector("iframe")) details.append(make("iframe", { src: url, title, sandbox: "allow-scripts allow-forms allow-same-origin allow-popups", referrerpolicy: "no-referrer" }));
        } }, make("summary", {}, title));
        return details;
    }));
};
// The children are these and the frames; frames that are there already are not touched, since a frame that is moved loads anew.
export const putWithFrames = (place, children, frames) => {
    if (!frames || frames.parentNode !== place) return place.replaceChildren(...children, ...(frames ? [frames] : []));
    for (const one of [...place.children]) if (one !== frames) one.remove();
    frames.before(...children);
};

// Where it waits, if the agent may take it from there: the words of its subject find it in a long queue.
const lies = async (ixn, { subject = "" }) => {
    const places = [...(desk.me.queues || []).map((name) => ["queue", name]), ...(desk.me.workbins || []).map((name) => ["workbin", name])];
    const found = await Promise.all(places.map(async ([object, name]) => {
        const { items } = await get(`api/${object}s/${encodeURIComponent(name)}`, { limit: 50, find: subject.trim().slice(0, 16) }).catch(() => ({ items: [] }));
        return items.some(({ id, locked }) => id === ixn && !locked) && { [object]: name };
    }));
    return found.find(Boolean);
};
// What somebody else has, or nobody: to be read, with the one who has it. Colleagues may leave a note, and supervisors look on or take it over.
const openShow = async (ixn) => {
    const one = await get(`api/open/${encodeURIComponent(ixn.slice(0, 40))}`).catch((wrong) => { if (wrong.status !== 404) throw wrong; });
    if (!one) return complain({ text: t("{ixn} is not open: it is done, or was never here.", { ixn: ixn.slice(0, 40) }) });
    const read = before(one), waits = !one.since && await lies(ixn, one), heading = make("h2", { tabindex: "-1" }, one.subject || medium(one.media));
    const look = (how) => attempt(() => work.supervise(ixn, how));
    work.showOther(make("article", { class: "pane", "aria-label": heading.textContent },
        make("header", {}, make("div", { class: "heading" }, heading,
            make("p", { class: "quiet" }, medium(one.media), " · ", ...(one.since ? [person(one.agent), t(" has it since "), time(one.since)] : [t("nobody has it; it waits since "), time(one.received)]))),
            make("div", { class: "actions" }, ...(desk.me.role === "supervisor" && one.since ? [button(t("Monitor"), look("monitor")), button(t("Take over"), look("take_over"))] : []),
                ...(waits ? [button(t("Take"), attempt(async () => { work.want(ixn); await pull({ ...waits, ids: [ixn] }); }), { class: "first" })] : []))),
        read));
    read.open = true;
    heading.focus();
    if (one.contact) await showContact(one.contact);
};
// What the address of the page names is shown once; it is taken out of the address, so that a reload shows the desk as it is.
export const follow = attempt(async () => {
    const wants = new URLSearchParams(location.hash.slice(1)), ixn = wants.get("ixn"), contact = wants.get("contact");
    if (!ixn && !contact) return;
    history.replaceState(null, "", location.pathname);
    const own = work.all().find((one) => one.ixn === ixn);
    if (own) return work.show(own);
    if (ixn?.includes("-")) return openShow(ixn);
    if (ixn && !/^[1-9][0-9]*$/.test(ixn)) return complain({ text: t("The link names no interaction.") });
    const whose = ixn ? (await get(`api/interactions/${ixn}`)).contact : contact;
    if (!/^[1-9][0-9]*$/.test(String(whose))) return complain({ text: t("The link names no contact.") });
    await showContact(Number(whose));
    turn("about");
});
addEventListener("hashchange", () => { if (desk.me) follow(); });
