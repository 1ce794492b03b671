// strategies_take.js - Files in which a draft and what others have published contradict each other: the person sees both sides, and
// says which one stays. Nothing is changed before.
import { make } from "../dom.js";
import { t } from "../t.js";
import { patchesOf } from "./strategies_past.js";

const WHATS = {
    lines: [t("You and others have changed the same lines. All other lines stay those of both."), t("Keep my lines"), t("Take theirs")],
    file: [t("You and others have changed it, and it is no text whose lines could be merged."), t("Keep my file"), t("Take theirs")],
    removed_by_others: [t("Others have removed it, and you have changed it."), t("Keep my file"), t("Leave it removed")],
    removed_by_me: [t("You have removed it, and others have changed it."), t("Leave it removed"), t("Take theirs")],
    folder: [t("It is a file on one side and a folder on the other. Save yours under another name, remove it here, and take in again.")],
};

const rowOf = (row, at, patches) => {
    const [said, ...sides] = WHATS[row.what];
    const radios = sides.map((text, side) => make("label", { class: "check" }, make("input", { type: "radio", name: `side-${at}`, required: true, value: side === 0 ? "mine" : "published" }), text));
    return make("fieldset", {}, make("legend", {}, row.path), make("p", {}, said), radios.length ? make("div", { class: "row" }, ...radios) : null,
        patches.length ? make("details", { open: true }, make("summary", {}, t("From what is published to your draft")), ...patches) : null);
};
// take(choices): takes in, with them.
export const contradictionsOf = async ({ choose, draft, published }, take, editor) => {
    const rows = [];
    for (const [at, row] of choose.entries()) rows.push(rowOf(row, at, await patchesOf({ from: published, to: draft, path: row.path }, editor)));
    return make("section", { class: "card review" }, make("h2", { tabindex: "-1" }, t("Take in what others have published")), make("p", { class: "quiet" }, t("Nothing is changed yet. What is not kept stays in the history.")),
        make("form", { onsubmit: async (event) => {
            event.preventDefault();
            const said = new FormData(event.target);
            await take({ draft, published, choices: Object.fromEntries(choose.map((row, at) => [row.path, said.get(`side-${at}`)])) });
        } }, ...rows, choose.some((row) => row.what === "folder") ? null : make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Take in")))));
};
