// letter.js - How a mail is read: its text with links and folded quotes, its HTML in a frame from which no request leaves,
// what it has opened (forwarded mails, invitations), and a mail of one's own that can still be taken back.
import { attempt, button, complain, draft, draftNames, id, make, moment, settle } from "./dom.js";
import { locale, t } from "./t.js";
import { isBegin, isQuote, runs } from "./history.js";
import { follow, linked, target, truth } from "./linked.js";
import { ask, desk } from "./main.js";
import { get, getBytes } from "./wire.js";
import { canUndo, UNDO_KEY } from "./undo.js";
import { allHeld, comesBack, expect, finish, has, show } from "./work.js";

// ---- text ----

const FOLDED = 4;
// Earlier mails are shown quieter, and many lines of them are folded.
export const texts = (text) => {
    const block = make("div", { class: "text" });
    for (const { old, lines } of runs(text)) {
        const part = make("div", { class: old ? "quoted" : "said" }, ...linked(lines.join("\n")));
        block.append(old && lines.length > FOLDED ? make("details", { class: "folded" }, make("summary", {}, t("{count} lines of earlier mails", { count: lines.length })), part) : part);
    }
    return block;
};

// ---- HTML ----

// A mail's HTML is copied into the frame letter.html, whose policy lets nothing be loaded and no script run. The copy has
// these elements and attributes alone; a picture of the mail itself comes from the contact store.
const TAGS = new Set(("A ABBR ADDRESS ARTICLE ASIDE B BDI BDO BIG BLOCKQUOTE BR CAPTION CENTER CITE CODE COL COLGROUP DD DEL DFN DIV DL DT EM FIGCAPTION FIGURE " +
    "FONT FOOTER H1 H2 H3 H4 H5 H6 HEADER HR I IMG INS KBD LI MAIN MARK NAV OL P PRE Q S SAMP SECTION SMALL SPAN STRIKE STRONG SUB SUP TABLE TBODY TD TFOOT TH " +
    "THEAD TIME TR TT U UL VAR WBR").split(" "));
const DROPPED = new Set(["SCRIPT", "STYLE", "TITLE", "TEMPLATE", "NOSCRIPT", "IFRAME", "OBJECT", "EMBED", "SVG", "MATH", "AUDIO", "VIDEO", "SELECT", "TEXTAREA", "HEAD"]);
const KEPT = ["align", "valign", "bgcolor", "color", "width", "height", "border", "cellpadding", "cellspacing", "colspan", "rowspan", "dir", "lang", "face", "size", "alt", "title", "start", "type", "class", "style"];
const PICTURES = /^data:image\/(png|jpeg|gif|webp)[;,]/i, DEEP = 200, LONG = 2000000;

const linkOf = (element, copied) => {
    const url = target(element.getAttribute("href") || "");
    if (!url) return;
    for (const [name, value] of Object.entries(follow(url))) copied.setAttribute(name, value);
    copied.append(truth(copied.textContent, url));
};
// A name that is escaped wrongly is meant as it stands.
const unescaped = (name) => { try { return decodeURIComponent(name); } catch { return name; } };
const pictureOf = (element, copied, view) => {
    const src = (element.getAttribute("src") || "").trim(), own = /^cid:(.+)/i.exec(src);
    if (own) {
        const part = view.parts.find((one) => one.content_id === unescaped(own[1]).replace(/^<|>$/g, "") && one.message === view.part.message);
        if (part) view.own.push([copied, part]);
    } else if (PICTURES.test(src)) copied.setAttribute("src", src);
    else if (/^(https?:)?\/\//i.test(src)) {
        view.outside++;
        if (view.wanted) copied.setAttribute("src", src.startsWith("//") ? `https:${src}` : src);
        else copied.setAttribute("alt", element.getAttribute("alt") || "");
    }
};
// Earlier mails are folded where something else was said: the mail's own programs do not run, and none is needed for it.
const foldInto = (into) => {
    const doc = into.ownerDocument, folded = doc.createElement("details");
    folded.append(Object.assign(doc.createElement("summary"), { textContent: t("Earlier mails") }));
    into.append(folded);
    return folded;
};
const copyInto = (from, into, view, depth, folded = false) => {
    let below = null; // the earlier mails, to the end of what encloses them
    for (const node of from.childNodes) {
        if (node.nodeType === Node.TEXT_NODE) (below || into).append(...(into.closest("a") ? [node.data] : linked(node.data)));
        if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.tagName.toUpperCase()) || depth > DEEP) continue;
        if (!folded && !below && isBegin(node)) below = foldInto(into);
        const parent = below || (!folded && isQuote(node) ? foldInto(into) : into), old = Boolean(folded || parent !== into);
        if (!TAGS.has(node.tagName)) { copyInto(node, parent, view, depth + 1, old); continue; }
        const copied = into.ownerDocument.createElement(node.tagName);
        for (const name of KEPT) if (node.hasAttribute(name)) copied.setAttribute(name, node.getAttribute(name));
        copyInto(node, copied, view, depth + 1, old);
        if (node.tagName === "A") linkOf(node, copied);
        if (node.tagName === "IMG") pictureOf(node, copied, view);
        parent.append(copied);
    }
};
// A mail that says nothing above the earlier ones is shown whole: it was sent on.
const openFolded = (body) => {
    const all = [...body.querySelectorAll("details")], bare = body.cloneNode(true);
    for (const one of bare.querySelectorAll("details")) one.remove();
    if (!bare.textContent.trim() && !bare.querySelector("img")) for (const one of all) one.open = true;
};
// The frame is as high as what is in it. What a mail has placed outside of its page makes the frame higher, and never lower
// again while its width stays: else each look would change what the next one sees.
const fit = (frame) => {
    if (!frame.isConnected || !frame.clientWidth) return;
    const page = frame.contentDocument.documentElement, { width, most = 0 } = frame.fitted || {};
    const high = Math.max(page.getBoundingClientRect().height, page.scrollHeight > page.clientHeight ? page.scrollHeight : 0, width === frame.clientWidth ? most : 0);
    frame.fitted = { width: frame.clientWidth, most: high };
    frame.style.height = `${Math.min(Math.ceil(high) + 4, 20000)}px`;
};
const draw = async (frame, view) => {
    // In a template nothing is loaded or run while it is read.
    const into = frame.contentDocument, from = into.createElement("template");
    from.innerHTML = view.html;
    Object.assign(view, { own: [], outside: 0 });
    for (const style of from.content.querySelectorAll("style")) into.head.append(Object.assign(into.createElement("style"), { textContent: style.textContent }));
    copyInto(from.content, into.body, view, 0);
    openFolded(into.body);
    into.addEventListener("toggle", () => { frame.fitted = null; fit(frame); }, true);
    // A picture of the mail that its HTML does not name stands below.
    for (const part of view.parts.filter((one) => one.role === "inline" && PICTURES.test(`data:${one.type};`) && !view.own.some(([, other]) => other === one))) {
        view.own.push([Object.assign(into.createElement("img"), { alt: part.name || t("Picture") }), part]);
        into.body.append(view.own.at(-1)[0]);
    }
    new ResizeObserver(() => fit(frame)).observe(frame); // its pane may be hidden now
    for (const one of into.images) one.addEventListener("load", () => fit(frame));
    for (const [picture, part] of view.own) {
        const blob = await getBytes(`api/parts/${part.part}`);
        if (PICTURES.test(`data:${blob.type};`)) picture.src = URL.createObjectURL(blob);
    }
};
// The frame of a mail's HTML; `drawn` is called when it is there.
export const framed = (view, drawn) => {
    const frame = make("iframe", { src: view.wanted ? "letter_pictures.html" : "letter.html", title: t("The e-mail with its layout"),
        sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox", onload: attempt(async () => { await draw(frame, view); drawn(); }) });
    return frame;
};
// The HTML of a message, with the way back to its text; pictures from outside come when the agent wants them.
export const html = (part, parts, text) => {
    const view = { part, parts, wanted: false, html: "" }, holder = make("div", { class: "as-html" });
    const pictures = button(t("Show its pictures"), () => { view.wanted = true; show(); }, { hidden: true, title: t("They are loaded from outside: whoever sent the mail may see that it is read") });
    const swap = button(t("As text"), () => {
        const plain = !holder.hidden;
        holder.hidden = plain;
        text.hidden = !plain;
        pictures.hidden = plain || view.wanted || !view.outside;
        swap.textContent = plain ? t("With layout") : t("As text");
    });
    const show = () => new Promise((done) => holder.replaceChildren(framed(view, () => {
        pictures.hidden = view.wanted || !view.outside || holder.hidden;
        done();
    })));
    text.hidden = true;
    getBytes(`api/parts/${part.part}`).then((blob) => blob.text()).then((said) => {
        if (said.length > LONG) throw new Error("long");
        view.html = said;
        return show();
    }).catch(() => { swap.click(); swap.hidden = true; });
    return make("div", {}, make("div", { class: "row" }, swap, pictures), holder);
};

// ---- what was opened ----

// Forwarded mails and the like, which the adapter has read: each folded under its name, with its layout where it has one,
// below its head. The parts of one mail stand together, its text the last.
const HEAD = /^(?:(?:From|To|Cc|Date|Subject): .*\n)*/;
const isLayout = (part) => /^text\/html\b/i.test(part.type || "");
export const opened = (parts) => {
    const all = parts.filter((part) => part.role === "opened");
    const mails = all.reduce((found, part) => { if (isLayout(part)) found.at(-1).push(part); else { found.at(-1).text = part; found.push([]); } return found; }, [[]]);
    return mails.filter((one) => one.text || one.length).map((layouts) => {
        const body = make("div", { class: "opened" }, make("p", { class: "quiet" }, t("Loading …"))), { text } = layouts;
        return make("details", { class: "folded", ontoggle: attempt(async (event) => {
            if (!event.target.open || body.dataset.loaded) return;
            body.dataset.loaded = "yes";
            const said = text ? await (await getBytes(`api/parts/${text.part}`)).text() : "", plain = texts(said);
            body.replaceChildren(...(layouts.length ? [make("div", { class: "text" }, HEAD.exec(said)[0]), ...layouts.map((one) => html(one, parts.filter((part) => part.role !== "inline"), plain)), plain] : [plain]));
        }) }, make("summary", {}, (text || layouts[0]).name || t("Forwarded mail")), body);
    });
};

// ---- invitations ----

// The lines of a calendar (RFC 5545), unfolded: name, parameters, value.
const lines = (text) => text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/).map((line) => /^([\w-]+)((?:;[\w-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)$/.exec(line)).filter(Boolean)
    .map(([, name, more, value]) => ({ name: name.toUpperCase(), more, value }));
const said = (value) => value.replace(/\\([nN,;\\])/g, (_, one) => (one.toLowerCase() === "n" ? "\n" : one));
const param = (line, name) => new RegExp(`;${name}=("[^"]*"|[^;:]*)`, "i").exec(line?.more || "")?.[1].replace(/"/g, "");
// A time of a calendar: with Z that of the world, else as it stands, with its zone.
const when = (line) => {
    const part = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?$/.exec(line?.value || "");
    if (!part) return line?.value || "";
    const [, y, m, d, h, min, , z] = part, zone = param(line, "TZID");
    if (z) return new Date(Date.UTC(y, m - 1, d, h, min)).toLocaleString(locale, { dateStyle: "full", timeStyle: "short" });
    const date = new Date(y, m - 1, d, h || 0, min || 0);
    return h ? `${date.toLocaleString(locale, { dateStyle: "full", timeStyle: "short" })}${zone ? ` (${zone})` : ""}` : date.toLocaleDateString(locale, { dateStyle: "full" });
};
const person = (line) => [param(line, "CN"), line.value.replace(/^mailto:/i, "")].filter(Boolean).join(", ");
const REPLIES = [["ACCEPTED", t("Accept"), t("Accepted")], ["TENTATIVE", t("Perhaps"), t("Tentative")], ["DECLINED", t("Decline"), t("Declined")]];
const lineOf = (line) => `${line.name}${line.more}:${line.value}`;
const isAt = (line, name, what) => line.name === name && line.value.toUpperCase() === what;
// The zones of a calendar that these lines name, each with its VTIMEZONE and all that stands in it.
const zonesOf = (all, named) => {
    const zones = new Set(named.map((line) => param(line, "TZID")).filter(Boolean)), found = [];
    for (let from = 0; (from = all.findIndex((line, i) => i >= from && isAt(line, "BEGIN", "VTIMEZONE"))) >= 0; from++) {
        const zone = all.slice(from, all.findIndex((line, i) => i > from && isAt(line, "END", "VTIMEZONE")) + 1);
        if (zones.has(zone.find((line) => line.name === "TZID")?.value)) found.push(...zone);
    }
    return found;
};
// What the answer says again of the invitation.
const repeated = (event) => ["UID", "ORGANIZER", "DTSTART", "DTEND", "RECURRENCE-ID", "SEQUENCE", "SUMMARY"].map((name) => event.find((one) => one.name === name)).filter(Boolean);
// The answer to an invitation (RFC 5546): who answers is the address of ours that was invited. It has the zones that it names.
const reply = (all, event, state, own) => ["BEGIN:VCALENDAR", "PRODID:-//gcx//desk//EN", "VERSION:2.0", "METHOD:REPLY", ...zonesOf(all, repeated(event)).map(lineOf), "BEGIN:VEVENT",
    ...repeated(event).map(lineOf),
    `DTSTAMP:${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}`, `ATTENDEE;PARTSTAT=${state}:mailto:${own}`, "END:VEVENT", "END:VCALENDAR"]
    .map((line) => line.replace(/(.{60})(?=.)/gu, "$1\r\n ")).join("\r\n") + "\r\n";
// `answer(state, text, name, file)` sends the answer; null: this agent cannot.
export const invitation = (part, own, answer) => {
    const box = make("section", { class: "invitation", "aria-label": t("Invitation") });
    getBytes(`api/parts/${part.part}`).then((blob) => blob.text()).then((text) => {
        const all = lines(text), from = all.findIndex((line) => isAt(line, "BEGIN", "VEVENT"));
        const event = from < 0 ? [] : all.slice(from + 1, all.findIndex((line, i) => i > from && isAt(line, "END", "VEVENT")));
        const one = (name) => event.find((line) => line.name === name), method = (all.find((line) => line.name === "METHOD")?.value || "").toUpperCase();
        if (!one("UID") && !one("SUMMARY")) return;
        const people = event.filter((line) => line.name === "ATTENDEE");
        const rows = [[t("What"), said(one("SUMMARY")?.value || "")], [t("When"), [when(one("DTSTART")), when(one("DTEND"))].filter(Boolean).join(t(" to "))], [t("Where"), said(one("LOCATION")?.value || "")],
            [t("Who asks"), one("ORGANIZER") ? person(one("ORGANIZER")) : ""], [t("Who else"), people.slice(0, 20).map(person).join("; ") + (people.length > 20 ? t("; and {count} more", { count: people.length - 20 }) : "")],
            [t("Again"), said(one("RRULE")?.value || "")]].filter(([, value]) => value);
        box.append(make("h3", {}, method === "CANCEL" ? t("This meeting is cancelled") : method === "REPLY" ? t("An answer to an invitation") : t("Invitation")),
            make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, ...linked(value))])),
            ...(answer && method === "REQUEST" && one("ORGANIZER") ? [make("div", { class: "row" }, ...REPLIES.map(([state, text, past]) => button(text, attempt(() => answer(past, said(one("SUMMARY")?.value || ""),
                one("ORGANIZER").value.replace(/^mailto:/i, ""), new Blob([reply(all, event, state, own)], { type: "text/calendar" }))))))] : []));
    }).catch(() => {});
    return box;
};

// ---- a mail that waits ----

// Those that a page which is loaded again offers to take back: by ixn, with the time of the mail and of the offer's end.
const waiting = () => draft(`${desk.me.agent}-waiting`);
const waitingKeep = (ixn, one) => {
    const all = waiting().read() || {};
    if (one) all[ixn] = one; else delete all[ixn];
    if (Object.keys(all).length) waiting().write(all); else waiting().forget();
};
// The refusals that say that the mail waits no more. After any other it does, as far as the page knows.
const OVER = new Set(["gone", "not_waiting", "taken", "locked"]), LATER_MS = 1000;
const offered = new Set(); // by ixn
// The note with its Undo, by the button or by Alt+Z. While there is no connection it stays. What was taken back is written into
// the answered mail again, where that is there and nothing else was begun; else it is shown as it lies at the router.
const offerBack = (ixn, { at, ends, answered, written }) => {
    const again = () => Boolean(comesBack(answered)?.body.letterAgain?.(written));
    const take = async () => {
        const mine = has(ixn); // the answer to the first press was lost with the connection
        if (mine) { close(); return again() ? ask("done", { ixn }) : show(mine); }
        const taken = expect(ixn);
        try {
            await ask("pull", { workbin: "later", ids: [ixn] });
        } catch (error) {
            taken.cancel();
            if (!OVER.has(error.code)) throw error;
            complain({ text: t("It cannot be taken back any more: it is on its way.") });
            close();
            return;
        }
        close();
        if (again()) await taken.discard(); else taken.show();
    };
    const back = button(t("Undo"), attempt(async () => {
        back.disabled = true; // pressed twice, it is taken back once
        try { await take(); } finally { back.disabled = false; }
    }), UNDO_KEY);
    const note = make("p", { class: "note sent", role: "status" }, at ? t("It goes {time}. ", { time: moment(at) }) : t("Sent. "), back, button("×", () => { close(); finish(answered); }, { "aria-label": t("Dismiss") }));
    const close = () => {
        if (!offered.has(ixn)) return; // logged out meanwhile
        clearTimeout(timer);
        if (note.contains(document.activeElement)) settle(id("work"), id("list"));
        note.remove();
        waitingKeep(ixn);
        ended();
    };
    const isOver = () => { if (desk.socket?.welcomed) close(); else timer = setTimeout(isOver, LATER_MS); };
    const ended = canUndo(() => back.click(), () => {
        clearTimeout(timer);
        offered.delete(ixn);
        note.remove();
    });
    offered.add(ixn);
    id("notes").append(note);
    let timer = setTimeout(isOver, ends - Date.now());
};
export const UNDO_LEAST_S = 10; // so long at least, where it goes later
// It lies in the workbin `later` for some seconds, or until its time, and can be taken back. `of`: the mail that it answers
// (`answered`), and what was written, for its field. Answers until when it can be taken back.
export const sent = (ixn, at, of = {}) => {
    const now = Date.now(), undo = desk.me.undo || 0, until = Math.max(at || 0, now + 1000 * undo);
    if (until <= now || !ixn) return now;
    const one = { ...of, at, ends: Math.min(until, now + 1000 * Math.max(undo, UNDO_LEAST_S)) };
    waitingKeep(ixn, one);
    offerBack(ixn, one);
    return one.ends;
};
// The page was loaded again, or goes on in another browser: what was sent before can be taken back still.
export const sentBefore = () => {
    for (const [ixn, one] of Object.entries({ ...Object.fromEntries(allHeld()), ...waiting().read() })) {
        if (one.ends <= Date.now() || has(ixn)) waitingKeep(ixn);
        else if (!offered.has(ixn)) offerBack(ixn, one);
    }
};
// What was sent long ago is forgotten, whoever has sent it at this machine.
export const sentForget = () => {
    for (const name of draftNames("").filter((one) => one.endsWith("-waiting"))) {
        const kept = draft(name), all = Object.entries(kept.read() || {}), left = all.filter(([, one]) => !(one?.ends <= Date.now()));
        if (left.length === all.length) continue;
        if (left.length) kept.write(Object.fromEntries(left)); else kept.forget();
    }
};

// ---- signatures ----

// The standard response of the category `signature` whose name is the address of ours, else `default`; its fields are filled.
export const signature = async (own, contact) => {
    const { responses } = await get("api/responses", { category: "signature" });
    const named = (name) => responses.find((one) => one.name.toLowerCase() === name);
    const found = named((own || "").toLowerCase()) || named("default");
    return found ? (await get(`api/responses/${found.response}`, { contact })).text : "";
};
