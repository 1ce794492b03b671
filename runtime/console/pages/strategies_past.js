// strategies_past.js - What has become of the site's files: commits, what differs between two versions as text and for callers,
// and a draft that waits for approval.
import { attempt, button, make, time } from "../dom.js";
import { t } from "../t.js";
import { get } from "../wire.js";
import { Further } from "./further.js";
import { pictureOf } from "./strategies_diagram.js";

const top = (title, ...acts) => make("div", { class: "top" }, make("h2", { tabindex: "-1" }, title), ...acts);

// ---- differences ----

const CHANGES = { added: t("new"), deleted: t("removed"), renamed: t("renamed"), modified: "" };
// A line of a patch, by its first character; a screen reader hears which lines are new and which are gone.
const patchLine = (line) => (line.startsWith("+") ? make("ins", {}, line) : line.startsWith("-") ? make("del", {}, line) : line.startsWith("@@") ? make("span", { class: "quiet" }, line) : document.createTextNode(line));
const isHead = (line, at) => line === "" || (at < 6 && /^(diff |index |---|\+\+\+|new file|deleted file|similarity|rename )/.test(line));
const linesOf = (patch) => patch.split("\n").filter((line, at) => !isHead(line, at));
// The lines of a patch as rows of two: what was, what is. Lines that go and lines that come in their place share rows.
const pairsOf = (lines) => {
    const rows = [];
    let gone = [], come = [];
    const flush = () => {
        for (let at = 0; at < Math.max(gone.length, come.length); at++) rows.push([gone[at], come[at]]);
        [gone, come] = [[], []];
    };
    for (const line of lines) {
        if (line.startsWith("-")) gone.push(make("del", {}, line.slice(1)));
        else if (line.startsWith("+")) come.push(make("ins", {}, line.slice(1)));
        else {
            flush();
            const both = line.startsWith("@@") ? () => make("span", { class: "quiet" }, line.replace(/^@@.*@@ ?/, "… ")) : () => line.slice(1);
            rows.push([both(), both()]);
        }
    }
    flush();
    return rows;
};
const columnsOf = (file) => make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("Both versions of {path}", file) }, make("table", { class: "both-texts", "aria-label": t("Both versions of {path}", file) },
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, t("Before")), make("th", { scope: "col" }, t("After")))),
    make("tbody", {}, ...pairsOf(linesOf(file.patch)).map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell ?? "")))))));
// Where the build has an editor it shows both texts whole, and marks what differs within a line.
const besideOf = async (file, { from, to, editor }) => {
    if (!editor || !from || !to || file.change !== "modified") return columnsOf(file);
    try {
        const [{ beside }, before, after] = await Promise.all([import("./editor.js"), get("api/strategies/file", { path: file.old_path, version: from }), get("api/strategies/file", { path: file.path, version: to })]);
        return beside(before.text, after.text, [t("Before"), t("After")]).element;
    } catch { return columnsOf(file); }
};
const patchOf = (file, between) => {
    const one = make("pre", { tabindex: "0", role: "region", "aria-label": t("Difference of {path}", file) }, ...linesOf(file.patch ?? "").flatMap((line) => [patchLine(line), "\n"])), body = make("div", {}, one);
    const beside = button(t("Beside each other"), attempt(async () => {
        const on = beside.getAttribute("aria-pressed") !== "true";
        body.replaceChildren(on ? await besideOf(file, between) : one);
        beside.setAttribute("aria-pressed", String(on));
    }), { "aria-pressed": "false", "aria-label": t("{path}, beside each other", file) });
    return make("section", { class: "patch" }, make("div", { class: "top" }, make("h3", {}, `${file.path} `, make("span", { class: "quiet" }, file.change === "renamed" ? t("was {old_path}", file) : CHANGES[file.change] || "")), file.patch === undefined ? null : beside),
        file.patch === undefined ? make("p", { class: "none" }, t("The difference is too long to be shown.")) : body);
};
// The diagram of both versions: gcxc colours what is gone and what is new, and says so below it.
const bothDrawn = (picture) => {
    const drawn = picture && pictureOf(picture);
    if (!drawn) return null;
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", t("Both versions as a diagram; what differs is told above"));
    return make("details", { open: true }, make("summary", {}, t("As a diagram")), make("div", { class: "pictures", tabindex: "0", role: "region", "aria-label": t("As a diagram") }, drawn));
};
const callersOf = ({ changes, picture, why }) => make("section", { "aria-label": t("What changes for callers") }, make("h3", {}, t("What changes for callers")),
    why ? make("p", { class: "none" }, why) : changes.length === 0 ? make("p", { class: "none" }, t("Nothing.")) : make("ul", { class: "callers" }, ...changes.map((row) => make("li", {},
        make("p", {}, [row.in, row.step, row.about].filter(Boolean).join(": ")), row.before ? make("del", {}, row.before) : null, row.before && row.after ? " → " : null, row.after ? make("ins", {}, row.after) : null))), bothDrawn(picture));

const differenceIn = async (query, editor) => {
    const answer = await get("api/strategies/difference", query);
    return [callersOf(answer.callers), ...(answer.files.length === 0 ? [make("p", { class: "none" }, t("No line differs."))] : answer.files.map((file) => patchOf(file, { ...answer, editor })))];
};
// Of one file, from one commit to another: what differs as text.
export const patchesOf = async (query, editor) => (await get("api/strategies/difference", query)).files.map((file) => patchOf(file, { ...query, editor }));
// editor: the build has made it.
export const differenceOf = async (query, title, editor) => make("section", { class: "card" }, top(title), ...await differenceIn(query, editor));

// decide(review, approve): what the person says.
export const reviewOf = async (review, fourEyes, decide, editor) => make("section", { class: "card" },
    top(t("{by} asks for approval", review), ...(review.mine && fourEyes ? [] : [button(t("Approve"), () => decide(review, true), { class: "first" })]), button(t("Decline"), () => decide(review, false))),
    make("p", { class: "text" }, review.message), review.mine && fourEyes ? make("p", { class: "quiet" }, t("Somebody else must approve it: you have written it.")) : null,
    ...await differenceIn({ from: "base", to: review.commit }, editor));

// ---- history ----

// follow(query, title): shows what a commit has changed. take(path, version): writes a file anew as it was then.
export const historyOf = async (query, follow, take) => {
    const rows = make("tbody"), title = query.path ? t("History of {path}", query) : t("History");
    const further = new Further(async (from = 0) => {
        const { commits } = await get("api/strategies/history", { ...query, from: from || undefined });
        return { commits, next: commits.length < 100 ? null : from + commits.length };
    }, ({ commits }) => {
        rows.append(...commits.map((row) => make("tr", {}, make("td", {}, time(row.at_ms)), make("td", {}, row.by, row.approved_by ? make("div", { class: "quiet" }, t("approved by {person}", { person: row.approved_by })) : null), make("td", { class: "wide text" }, row.message.trim()),
            make("td", { class: "acts" }, button(t("What changed"), () => follow({ from: row.parent, to: row.commit, path: query.path }, row.message.split("\n")[0]), { "aria-label": t("What changed by {message}", { message: row.message.split("\n")[0] }) }),
                query.path ? button(t("As it was"), () => take(query.path, row.commit), { "aria-label": t("As it was at {message}", { message: row.message.split("\n")[0] }) }) : null))));
    });
    await further.begin();
    return make("section", { class: "card" }, top(title), !rows.children.length ? make("p", { class: "none" }, t("Nothing yet.")) : make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title },
        make("table", { "aria-label": title }, make("thead", {}, make("tr", {}, ...[t("When"), t("Who"), t("What"), ""].map((text) => (text ? make("th", { scope: "col" }, text) : make("td"))))), rows)), further.button);
};
