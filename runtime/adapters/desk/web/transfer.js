// transfer.js - Handing on: to a colleague with their presence, to a queue, into a workbin; consultation and conference.
import { announce, attempt, dialog, going, keepField, labelled, make, medium, mediumWord, plain, stateText } from "./dom.js";
import { t } from "./t.js";
import { ask, desk } from "./main.js";
import { colleagues } from "./people.js";
import { matcher } from "./words.js";

const HOWS = [["transfer", t("Transfer"), t("It is theirs; you have it no more when they accept.")], ["consult", t("Consult"), t("They see it and talk to you; the customer does not see that.")],
    ["conference", t("Conference"), t("They come in beside you.")]];

export const handOn = attempt(async (item) => {
    const state = (one) => one.states[mediumWord(item.media)] || "logged_out";
    const rank = (one) => ["ready", "after_call_work", "not_ready"].indexOf(state(one)) + 1 || 9;
    const people = (await colleagues()).filter((one) => one.agent !== (item.owner || desk.me.agent)).sort((a, b) => rank(a) - rank(b) || a.agent.localeCompare(b.agent));
    const bins = [...(desk.me.queues || []).map((name) => ({ to: "queue", name })), ...(desk.me.workbins || []).map((name) => ({ to: "workbin", name }))];
    if (item.pane && !item.pane.isConnected) return; // it went meanwhile
    dialog(t("Hand on: {subject}", { subject: item.subject || item.ani || medium(item.media) }), (close, box) => {
        const find = make("input", { type: "search", autocomplete: "off", placeholder: t("A colleague, a queue or a workbin"), oninput: () => fill() });
        const reason = make("input", { maxlength: "200", autocomplete: "off" });
        const reasoned = keepField(reason, `${desk.me.agent}-${item.ixn}-reason`), list = make("ul", { class: "choices" });
        const hows = make("fieldset", { class: "hows" }, make("legend", {}, t("How")), ...HOWS.filter(([how]) => ((desk.me.conversations || ["chat"]).includes(item.media) || how !== "conference") && (!item.may || item.may.includes(how)))
            .map(([how, text, says], i) => make("span", { class: "check" }, make("input", { type: "radio", name: "how", value: how, id: `how-${how}`, checked: i === 0, onchange: () => fill() }),
                make("label", { for: `how-${how}`, title: says }, text))));
        const how = () => hows.querySelector("input:checked").value;
        const go = attempt(async (to, name, shown) => {
            item.body?.lies?.();
            const done = await going(box, ask("move", { ixn: item.ixn, how: to === "agent" ? how() : to === "queue" ? "transfer" : "place", to, name, ...(reason.value ? { reason: reason.value } : {}) }));
            reasoned();
            announce(to === "agent" ? t("It is offered to {shown}", { shown }) : t("It lies in {shown} now", { shown }));
            close();
            return done;
        });
        const choice = (to, name, shown, note, dot) => make("li", {}, make("button", { type: "button", class: "entry", onclick: () => go(to, name, shown) },
            make("span", { class: "subject" }, shown), make("span", { class: "quiet presence", "data-state": dot || null }, note)));
        const fill = () => {
            const fits = matcher(find.value);
            const rows = people.filter((one) => fits(one.agent, one.display, one.place))
                .map((one) => choice("agent", one.agent, one.display || one.agent, [stateText(state(one)), one.reason && plain(one.reason), one.has ? t("has {has}", { has: one.has }) : ""].filter(Boolean).join(" · "), state(one)));
            if (how() === "transfer") rows.push(...bins.filter((one) => fits(one.name)).map((one) => choice(one.to, one.name, one.name, one.to === "queue" ? t("Queue") : t("Your workbin"))));
            list.replaceChildren(...rows);
            if (!rows.length) list.append(make("li", { class: "none" }, t("There is nobody and nothing of this name.")));
        };
        find.onkeydown = (event) => { if (event.key === "Enter") { event.preventDefault(); list.querySelector("button")?.focus(); } };
        fill();
        return [labelled(t("Search by name"), find), hows, labelled(t("Reason, for who takes it"), reason), list];
    }, item);
});
