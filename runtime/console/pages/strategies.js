// strategies.js - The page Strategies: the site's files in a person's draft, checked as they are written; what has become of
// them, what a change means for callers, and who publishes it. The text is the only truth, and git keeps it.
import { announce, attempt, button, complain, dialog, id, labelled, make, put, settle } from "../dom.js";
import { t } from "../t.js";
import { get, post, putTo } from "../wire.js";
import { diagram } from "./strategies_diagram.js";
import { changeBox } from "./strategies_edit.js";
import { KeptTexts } from "./strategies_kept.js";
import { differenceOf, historyOf, reviewOf } from "./strategies_past.js";
import { player } from "./strategies_play.js";
import { contradictionsOf } from "./strategies_take.js";
import { rolloutsOf } from "./strategies_rollout.js";
import { simulateOf } from "./strategies_simulate.js";
import { plainText } from "./strategies_text.js";

const EVERY_MS = 15000, CHECK_MS = 400, DRAW_MS = 1500;
let page = null; // { me, line, over, kept, list, left, right, timer, open }

const failed = (mine) => (error) => {
    if (!mine || page !== mine) return;
    if (error.status === 401) return page.over(t("The session is over."));
    page.line(error.message);
};

// Something else is to be shown. What this returns says whether nothing was asked for since: else what comes late is not shown.
const showing = () => {
    const mine = page;
    if (!mine) return () => false; // it was left
    const number = ++mine.shows;
    return () => page === mine && mine.shows === number;
};

// ---- the files ----

// A new file that was begun and not saved stands beside them.
const filesOf = ({ files }) => {
    const there = new Set(files.map(({ path }) => path)), begun = page.kept.paths().filter((path) => !there.has(path));
    const row = (path, press) => make("li", {}, button(path, press, { class: "link", "aria-current": page.open?.path === path ? "true" : null }), there.has(path) ? null : make("span", { class: "quiet" }, ` ${t("not saved yet")}`));
    return make("nav", { "aria-label": t("Files") }, make("ul", { class: "files" }, ...files.map(({ path }) => row(path, () => open(path))), ...begun.map((path) => row(path, () => edit({ path, id: "", text: "" })))),
        files.length + begun.length === 0 ? make("p", { class: "none" }, t("There is no file yet.")) : null);
};

const draftLine = ({ draft: own, head }) => !own ? (head ? t("You have no draft: what you see is published.") : t("Nothing is published yet."))
    : t("Your draft has saved changes that are not published.");

const leftOf = (list) => {
    const own = list.draft, mine = list.reviews.find((one) => one.by === page.me.name), asked = mine && mine.commit === own?.commit;
    return [
        make("section", { class: "card", "aria-labelledby": "files" }, make("div", { class: "top" }, make("h2", { id: "files" }, t("Files")), button(t("New file …"), create)), filesOf(list)),
        make("section", { class: "card", "aria-labelledby": "own" }, make("h2", { id: "own" }, t("Draft")), make("p", { class: "quiet" }, draftLine(list)),
            own?.behind ? make("p", { class: "quiet" }, t("Others have published since it began.")) : null,
            asked ? make("p", { class: "quiet" }, t("It waits for somebody to approve it.")) : null,
            make("div", { class: "row" },
                own ? button(t("What changes"), () => show(() => differenceOf({ from: "base", to: "draft" }, t("What your draft changes"), rich()))) : null,
                own?.behind ? button(t("Take in"), () => takeIn()) : null,
                own && !asked ? button(t("Ask for approval …"), propose) : null,
                asked ? button(t("Ask no more"), () => act("api/strategies/review", { on: false }, t("Nobody is asked any more"))) : null,
                own ? button(t("Discard …"), discard) : null, button(t("History"), () => show(() => historyOf({}, follow))), list.head ? button(t("Rollouts"), rollouts) : null,
                list.files.length ? button(t("Simulation"), () => show(() => simulateOf({ published: Boolean(list.head), editing: page.open?.diagram.strategyAt(page.open.path, page.open.editor.line()) || "" }))) : null)),
        make("section", { class: "card", "aria-labelledby": "reviews" }, make("h2", { id: "reviews" }, t("For approval")),
            list.reviews.length === 0 ? make("p", { class: "none" }, t("Nothing waits.")) : make("ul", {}, ...list.reviews.map((one) => make("li", {},
                button(t("{by}: {message}", one), () => show(() => reviewOf(one, list.four_eyes, decide, rich())), { class: "link" }))))),
    ];
};
// What the page was told last, shown anew only where it is another.
const told = (list) => {
    const text = JSON.stringify([list, page.open?.path]);
    if (page.told === text) return;
    page.told = text;
    page.list = list;
    const had = page.left.contains(document.activeElement) ? document.activeElement.textContent : "";
    page.left.replaceChildren(...leftOf(list));
    if (had) settle([...page.left.querySelectorAll("button")].find((one) => one.textContent === had));
};
const look = async () => {
    const mine = page;
    if (!mine) return; // it was left while something was saved
    clearTimeout(mine.timer);
    try {
        if (!document.hidden || !page.list) {
            const list = await get("api/strategies");
            if (page !== mine) return;
            told(list);
            page.line("");
        }
    } catch (error) {
        failed(mine)(error);
    }
    if (page === mine) page.timer = setTimeout(look, EVERY_MS);
};

// ---- what is done with the draft ----

const act = attempt(async (path, body, said) => {
    await post(path, body);
    announce(said);
    await look();
});
// Where both have changed the same lines, a strategy has both texts then; of other files the person chooses before anything is changed.
const takeIn = attempt(async (chosen = {}) => {
    const mine = page, { both, ...asked } = await post("api/strategies/draft", { act: "update", ...chosen });
    if (page !== mine) return;
    if (asked.choose) return show(() => contradictionsOf(asked, takeIn, rich()));
    announce(both.length ? t("{files}: you and others have changed the same lines. Both texts stand there between <<<<<<< and >>>>>>>: choose, and save.", { files: both.join(", ") }) : t("What others have published is in your draft"));
    page.open?.editor?.anew?.(); // files of others may be in it now
    await look();
    if (page !== mine) return;
    const { path, id: was } = page.open ?? {}, other = page.list.files.some((one) => one.path === path && one.id !== was);
    if (both.length || other) await open(both[0] ?? path);
    else if (chosen.choices) await show(() => differenceOf({ from: "base", to: "draft" }, t("What your draft changes"), rich()));
});
const propose = () => dialog(t("Ask for approval"), (close) => {
    const title = make("input", { maxlength: "200", required: true, autocomplete: "off" });
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        close();
        await act("api/strategies/review", { on: true, title: title.value.trim() }, t("Others are asked"));
    }) }, make("p", {}, t("What waits for approval, and what is published then, has this title in the history.")), labelled(t("What the change does, in a sentence"), title), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Ask"))));
});
const decide = attempt(async (review, approve) => {
    try {
        await putTo("api/strategies/review", { by: review.by, commit: review.commit, approve });
        announce(approve ? t("It is published") : t("It is declined"));
    } finally {
        await look();
    }
    await show(() => historyOf({ version: "head" }, follow));
});
// No file is open any more, and the editor ends with its connection to the language server.
const closed = (...shown) => {
    page.open?.editor?.end();
    page.open = null;
    page.right.replaceChildren(...shown);
};
const discard = () => dialog(t("Discard your draft"), (close) => make("form", { onsubmit: attempt(async (event) => {
    event.preventDefault();
    await post("api/strategies/draft", { act: "discard" });
    close();
    announce(t("Your draft is gone"));
    closed();
    await look();
}) }, make("p", {}, t("All that you have saved and nobody has published is gone then.")), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Discard")))));

const create = () => dialog(t("A new file"), (close) => {
    const name = make("input", { maxlength: "200", required: true, autocomplete: "off", spellcheck: "false", pattern: "[^\\\\]+" });
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        const path = name.value.trim();
        if (page.list.files.some((one) => one.path === path)) throw new Error(t("There is a file of this name."));
        close();
        await edit({ path, id: "", text: "" });
    }) }, labelled(t("Name, such as lines/sales.gcx"), name), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Begin"))));
});

// ---- the editor ----

// The editor is there where the build has made it; a person may prefer the plain field, which every reader of screens knows.
const PLAIN = "gcx-console-plain";
const prefersPlain = () => localStorage.getItem(PLAIN) === "yes";
const rich = () => page.me.editor && !prefersPlain();
const editorOf = async () => {
    if (!rich()) return plainText;
    try { return (await import("./editor.js")).editor; } catch { return plainText; }
};
const change = () => {
    if (prefersPlain()) localStorage.removeItem(PLAIN); else localStorage.setItem(PLAIN, "yes");
    const { path, id: was, saved } = page.open;
    edit({ path, id: was, text: saved });
};
const ask = (label, usual) => new Promise((done) => dialog(label, (close) => {
    const field = make("input", { maxlength: "200", required: true, autocomplete: "off", spellcheck: "false", value: usual });
    return make("form", { onsubmit: async (event) => { event.preventDefault(); close(); done(field.value.trim()); } }, labelled(label, field), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Rename"))));
}));
// The text with the edits of a language server, whose places count lines from 0.
const edited = (text, edits) => {
    const begins = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) begins.push(at + 1);
    const at = ({ line, character }) => Math.min((begins[line] ?? text.length) + character, text.length);
    return edits.toSorted((one, two) => at(two.range.start) - at(one.range.start)).reduce((now, { range, newText }) => now.slice(0, at(range.start)) + newText + now.slice(at(range.end)), text);
};
const listed = async () => new Map((await get("api/strategies")).files.map((one) => [one.path, one.id]));
// A name that is changed in other files, too: they and the open one are saved in the draft, each as a commit. Nothing is changed
// where a file has no longer the text for which the edits were made: `known` has the ids of then, here() changes the open one.
// It is `own` that is saved then, also where another one was opened meanwhile.
const others = async (own, rest, known, here) => {
    const files = await Promise.all(rest.map(([path]) => get("api/strategies/file", { path })));
    if (files.some((file) => file.id !== known.get(file.path))) {
        page?.open?.editor.anew?.();
        throw new Error(t("The file was changed elsewhere since you wrote this"));
    }
    here();
    for (const [at, [path, edits]] of rest.entries()) {
        await putTo("api/strategies/file", { path, seen: files[at].id, text: edited(files[at].text, edits) });
        announce(t("{path} is saved in your draft", { path }));
    }
    if (rest.length === 0) return;
    await save(own, own.editor.value());
    page?.open?.editor.anew?.();
};

// ---- one file ----

const SEVERITY = { error: t("Error"), warning: t("Warning"), note: t("Note") };
const messageOf = (row, path) => make("li", { "data-severity": row.severity }, button(
    t("{file}{line}:{column} {severity}: {message}", { file: row.file === path ? "" : `${row.file} `, line: String(row.line), column: String(row.column), severity: SEVERITY[row.severity] || row.severity, message: row.message }),
    () => goTo(row), { class: "link" }), row.hint ? make("span", { class: "quiet" }, ` ${row.hint}`) : null);

const goTo = async (row) => {
    if (page.open?.path !== row.file) await open(row.file);
    if (page?.open?.path === row.file) page.open.editor?.go(row.line, row.column);
};
// Asks gcxc a moment after the last key; what it says of an older text is not shown.
const check = (file) => {
    clearTimeout(file.later);
    file.later = setTimeout(async () => {
        if (page?.open !== file) return;
        const asked = ++file.asked, mine = page;
        try {
            const found = await post("api/strategies/check", { path: file.path, text: file.editor.value() });
            if (page !== mine || page.open !== file || file.asked !== asked) return;
            const rows = found.diagnostics;
            file.editor.marks(rows.filter((row) => row.file === file.path));
            file.messages.replaceChildren(...rows.map((row) => messageOf(row, file.path)));
            put(file.count, rows.length === 0 ? t("gcxc finds nothing wrong.") : t("gcxc finds errors: {errors}, warnings: {warnings}.", found));
            page.line("");
        } catch (error) {
            failed(mine)(error);
        }
    }, CHECK_MS);
};
// The diagram of what is written, a while after the last key: gcxc and Graphviz take longer than the check.
// Tests that were asked for are played by the drawing that comes in place of this one, too.
const draw = async (file, play = false) => {
    clearTimeout(file.drawing);
    file.playing = file.playing || play;
    play = file.playing;
    if (play) file.diagram.plays_now();
    const asked = ++file.drawn, mine = page, stop = new AbortController();
    file.draws?.abort(); // the drawing before this one is not wanted any more, nor done where it still waits
    file.draws = stop;
    try {
        const found = await post("api/strategies/diagram", { path: file.path, text: file.editor.value(), ...(play ? { play } : {}) }, undefined, { signal: stop.signal });
        if (page !== mine || page.open !== file || file.drawn !== asked) return;
        file.playing = false;
        file.diagram.show(found, file.path);
        file.diagram.at(file.path, file.editor.line());
        file.player.knows(file.diagram.strategies());
    } catch (error) {
        if (page !== mine || page.open !== file || file.drawn !== asked) return;
        file.playing = false;
        if (error.code === "changed") file.diagram.fails(error.message); else failed(mine)(error);
    }
};
// A box of another file leads to that file first.
const changeIn = async (file, box) => {
    if (box.file !== file.path) return goTo({ file: box.file, line: box.first, column: 1 });
    return changeBox({ box, written: () => (page?.open === file ? file.editor.value() : null), take(text, line) {
        file.editor.take(text);
        file.editor.go(line, 1);
        draw(file, file.diagram.plays());
    } });
};
const drawLater = (file) => {
    clearTimeout(file.drawing);
    file.drawing = setTimeout(() => { if (page?.open === file) draw(file, file.diagram.plays()); }, DRAW_MS);
};
const save = attempt(async (file, text) => {
    const message = file.why.value.trim(), { kept } = file;
    const saved = await putTo("api/strategies/file", { path: file.path, seen: file.id, ...(text === null ? { remove: true } : { text }), ...(message ? { message } : {}) });
    // What was written meanwhile is kept, as a change of what is saved now; and of a file that is removed what was not saved.
    // What was written in the file opened anew stays a change of what it was written for.
    const later = kept.read(), here = later?.text === file.editor.value();
    if (later && later.text !== text) { if (here) kept.write({ text: later.text, id: saved.id || "" }); } else kept.forget();
    file.why.value = "";
    announce(text === null ? t("{path} is removed from your draft", file) : t("{path} is saved in your draft", file));
    if (text === null && page?.open === file) closed(); else if (text !== null) { file.id = saved.id; file.saved = text; stale(file); file.editor.saved?.(); }
    await look();
});
// The file was changed elsewhere since this was written: the server refuses it until the person has seen what stands there now.
const newer = (file, row) => {
    const seen = () => {
        const text = file.editor.value();
        file.id = row.id;
        if (text === file.saved) file.kept.forget(); else file.kept.write({ text, id: row.id });
        box.remove();
        stale(file);
    };
    const box = make("div", { class: "newer", role: "region", "aria-label": t("The file was changed elsewhere since you wrote this") },
        make("p", {}, t("The file was changed elsewhere since you wrote this")), make("details", {}, make("summary", {}, t("Its text now")), make("pre", { class: "scroll", tabindex: "0" }, row.text)),
        make("div", { class: "row" }, button(t("Take its text now"), () => { file.editor.take(row.text); seen(); }), button(t("Keep mine in its place"), seen)));
    return box;
};
const stale = (file) => { put(file.state, file.editor.value() === file.saved ? "" : t("not saved yet")); };

// Shows a file to be written. What was written and not saved is there again, also after a reload.
const edit = attempt(async (row) => {
    const wanted = showing(), editor = await editorOf(), was = await page?.kept.begun(row.path, row.id);
    if (!wanted()) return;
    page.open?.editor?.end();
    const file = { ...row, saved: row.text, kept: page.kept.own(row.path), asked: 0 }, { kept } = file;
    const begun = was && was.text !== row.text ? was : null;
    if (!begun) kept.forget();
    file.count = make("p", { role: "status", class: "quiet" });
    file.limit = make("p", { role: "status", class: "quiet" });
    file.messages = make("ul", { class: "messages", "aria-label": t("What gcxc says") });
    file.state = make("span", { class: "quiet" });
    file.why = make("input", { maxlength: "2000", autocomplete: "off" });
    file.editor = editor({ path: row.path, ask, listed, others: (...given) => others(file, ...given), limited: (is) => put(file.limit, is ? t("This file is too large for help while it is written: names are not completed, explained or changed. gcxc checks it all the same.") : ""), words: { rename: t("New name"), meanwhile: t("The text was changed meanwhile: do it again."), away: t("gcxc does not answer: do it again in a moment."), complain }, address: new URL("language", document.baseURI).href.replace(/^http/, "ws"), label: t("Text of {path}", row), text: begun ? begun.text : row.text,
        changed: (text) => {
            if (text === file.saved) kept.forget(); else kept.write({ text, id: file.id });
            stale(file);
            file.others.look();
            file.diagram.stale();
            check(file);
            drawLater(file);
        } });
    file.drawn = 0;
    file.diagram = diagram({ go: (path, line) => goTo({ file: path, line, column: 1 }), ask: (play) => draw(file, play), edit: (box) => changeIn(file, box) });
    file.player = player({ written: () => ({ path: file.path, text: file.editor.value() }), passed: (way) => file.diagram.passed(way) });
    for (const what of ["keyup", "click"]) file.editor.element.addEventListener(what, () => file.diagram.at(file.path, file.editor.line()));
    const old = begun && begun.id !== row.id;
    if (old) { file.id = begun.id; announce(t("The file was changed elsewhere since you wrote this")); }
    page.open = file;
    file.others = page.kept.offers(row.path, () => (page?.open === file ? [file.saved, file.editor.value()] : null), (text) => file.editor.take(text));
    page.right.replaceChildren(make("section", { class: "card studio-file", "aria-labelledby": "path", onkeydown: (event) => {
        if (!(event.ctrlKey || event.metaKey) || event.key !== "s") return;
        event.preventDefault();
        save(file, file.editor.value());
    } },
        make("div", { class: "top" }, make("h2", { id: "path", tabindex: "-1" }, row.path), file.state,
            page.me.editor ? button(prefersPlain() ? t("Editor") : t("Plain field"), change) : null, button(t("History of this file"), () => show(() => historyOf({ path: row.path }, follow, take))), button(t("Remove"), () => save(file, null), { hidden: row.id === "" })),
        old ? newer(file, row) : null, file.others.element, make("div", { class: "text-and-diagram" }, make("div", { class: "text-side" }, file.editor.element,
            make("div", { class: "row" }, labelled(t("What is changed, and why"), file.why), button(t("Save"), () => save(file, file.editor.value()), { class: "first" })), file.count, file.limit), file.diagram.element),
        file.messages, file.diagram.below, file.player.element));
    stale(file);
    check(file);
    draw(file, file.diagram.plays());
    if (page.list) told(page.list);
    settle(id("path"));
});
const open = attempt(async (path) => {
    const wanted = showing(), file = await get("api/strategies/file", { path });
    if (wanted()) await edit(file);
});

// ---- what has become of it ----

// The text of an earlier version is put into the editor: whoever looks at it saves it, or not. Undo brings back what stood there.
const take = attempt(async (path, version) => {
    const mine = page, wanted = showing(), [then, now] = await Promise.all([get("api/strategies/file", { path, version }), get("api/strategies/file", { path }).catch(() => ({ path, id: "", text: "" }))]);
    if (!wanted()) return;
    await edit(now);
    if (page === mine && page.open?.path === path && page.open.editor.value() !== then.text) page.open.editor.take(then.text);
});
const follow = (query, title) => show(() => differenceOf(query, title, rich()));
const show = attempt(async (make_) => {
    if (!page) return;
    const wanted = showing(), working = make("p", { role: "status", class: "working" }, t("A moment: gcxc works on it …"));
    page.right.prepend(working);
    const card = await make_().finally(() => working.remove());
    if (!wanted()) return;
    closed(card);
    told(page.list);
    settle(card.querySelector("h2"));
});

const rollouts = () => show(() => {
    const mine = page;
    return rolloutsOf((text) => page === mine && page.over(text), page.list.head);
});

export const start = (me, { line, over }) => {
    page = { me, line, over, kept: new KeptTexts(me.agent), left: make("div", { class: "studio-left" }), right: make("div", { class: "studio-right" }), timer: 0, open: null, shows: 0, told: "", list: null };
    id("now").replaceChildren(make("div", { class: "studio" }, page.left, page.right));
    if (!me.designer) {
        page.right.replaceChildren(make("section", { class: "card" }, make("h2", {}, t("Strategies")), make("p", {}, t("The desk's setting `strategies` names no repository, or `designers` does not name you."))));
        return;
    }
    look();
};
export const stop = () => {
    clearTimeout(page?.timer);
    clearTimeout(page?.open?.later);
    page?.open?.editor?.end();
    if (page) id("now").replaceChildren();
    page = null;
};
