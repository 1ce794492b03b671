// links.js - Links out of the desk, into other programs of the site, and links into it: #ixn=..., #contact=...
import { attempt, complain, make } from "./dom.js";
import { showContact } from "./contact.js";
import { desk, turn } from "./main.js";
import { get } from "./wire.js";
import * as work from "./work.js";

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
export const linksOf = (item) => {
    const links = (desk.me?.links || []).map((one) => [one.title, filled(one, item)]).filter(([, url]) => url);
    return links.length ? make("section", {}, make("h2", {}, "Links"),
        make("ul", { class: "links" }, ...links.map(([title, url]) => make("li", {}, make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, title))))) : null;
};

// What the address of the page names is shown once; it is taken out of the address, so that a reload shows the desk as it is.
export const follow = attempt(async () => {
    const wants = new URLSearchParams(location.hash.slice(1)), ixn = wants.get("ixn"), contact = wants.get("contact");
    if (!ixn && !contact) return;
    history.replaceState(null, "", location.pathname);
    const own = work.all().find((one) => one.ixn === ixn);
    if (own) return work.show(own);
    if (ixn && !/^[1-9][0-9]*$/.test(ixn)) return complain({ text: `You do not have the interaction ${ixn.slice(0, 40)}.` });
    const whose = ixn ? (await get(`api/interactions/${ixn}`)).contact : contact;
    if (!/^[1-9][0-9]*$/.test(String(whose))) return complain({ text: "The link names no contact." });
    await showContact(Number(whose));
    turn("about");
});
addEventListener("hashchange", () => { if (desk.me) follow(); });
