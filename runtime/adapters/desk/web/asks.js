// asks.js - The questions of the agent to those who know: the dialog, and how a call and what was asked about it stand together.
import { announce, attempt, button, dialog, keepField, key, labelled, make, plain, select } from "./dom.js";
import { t } from "./t.js";
import { ask, desk } from "./main.js";
import { colleagues } from "./people.js";
import * as work from "./work.js";

// `call`: that it is about; null: none.
export const compose = (call) => dialog(t("Ask somebody who knows"), (close) => {
    const queue = select(desk.me.asks.map((name) => [name, plain(name)]));
    const text = make("textarea", { rows: "4", maxlength: "4000", required: true });
    const asked = keepField(text, `${desk.me.agent}-question`);
    let name = key();
    return make("form", { oninput: () => { name = key(); }, onsubmit: attempt(async (event) => {
        event.preventDefault();
        const { ixn } = await ask("ask", { key: name, queue: queue.value, text: text.value.trim(), ...(call ? { conn: call.conn } : {}) });
        asked();
        close();
        announce(t("It is asked"));
        if (work.has(ixn)) work.show(work.has(ixn));
    }) }, labelled(t("Whom"), queue), labelled(t("Question"), text), make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Ask"))));
});

export const what = (item) => t("Asked: {queue}", { queue: plain(item.asked.queue) });
export const state = (item) => item.asked.name ? t("{name} has it", { name: item.asked.name }) : t("nobody has it yet");

// In the call's card: what was asked about it, of this agent; or by the one who had the call before, of this one.
export const beside = (call) => {
    const mine = work.all().filter((item) => item.asked?.call === call.conn || item.ixn === call.data?.asked);
    const shown = mine.map((item) => make("p", {}, button(item.asked ? `${what(item)}: ${state(item)}` : t("What was asked about it"), () => work.show(item), { class: "link" })));
    if (desk.me.asks?.length && ["talking", "held"].includes(call.state)) shown.push(make("p", { class: "row" }, button(t("Ask …"), () => compose(call))));
    return shown;
};

// The call can go to whoever has the question about it: by the site's routing point, or to the telephone where they are.
export const actions = (item) => {
    const { call, worker, name } = item.asked;
    if (!call || !worker) return [];
    const give = (op, text, to) => button(text, attempt(() => ask("phone", { op, conn: call, ixn: item.ixn, ...(to ? { to } : {}) })));
    const direct = make("span", {}), point = desk.me.asks_to;
    colleagues().then((all) => {
        const dn = all.find((one) => one.agent === worker)?.dn;
        direct.replaceChildren(...(dn ? [give("transfer", t("Transfer to {dn}", { dn }), dn), give("consult", t("Call {dn} first", { dn }), dn)]
            : point ? [] : [make("span", { class: "quiet" }, t("{name} is at no telephone.", { name }))]));
    }, () => {});
    return [...(point ? [give("transfer", t("Transfer the call to {name}", { name })), give("consult", t("Call {name} first", { name }))] : []), direct];
};
