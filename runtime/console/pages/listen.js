// listen.js - A supervisor hears an agent's call at a telephone of their own, without being an agent: the buttons of a row.
import { attempt, button, dialog, labelled, make, tell } from "../dom.js";
import { t } from "../t.js";
import { putTo } from "../wire.js";
import { chosen, choose } from "./chosen.js";

const DOES = { listen: t("listens"), whisper: t("whispers"), join: t("joins in"), take_over: t("takes over") };
const telephone = () => chosen("telephone").at || "";
// Asks once at which telephone; later it is changed by the button of the table.
export const telephoneAsk = (then = null) => dialog(t("Your telephone"), (close) => {
    const at = make("input", { inputmode: "tel", maxlength: "64", autocomplete: "off", required: true, value: telephone() });
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        choose("telephone", { at: at.value.trim() });
        if (then) await then(close); else close();
    }) }, make("p", {}, t("This telephone is called when you listen. No other agent may be logged in there, and you need not be.")), labelled(t("Number"), at),
    make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Keep"))));
});
// A dialog that asks for it stays where it is refused.
const ask = async (agent, how, close) => {
    await putTo(`api/supervisor/agents/${encodeURIComponent(agent)}/listen`, how === "stop" ? { how } : { how, at: telephone() });
    close?.();
    tell(how === "stop" ? t("Hung up") : t("{number} is called", { number: telephone() }));
};
const listens = (agent, how, close) => {
    if (telephone()) return ask(agent, how, close);
    close?.();
    return telephoneAsk((asked) => ask(agent, how, asked));
};
// Whoever takes a call over is asked first: the agent loses it.
const takes = (agent, name) => dialog(t("Take over the call of {name}", { name }), (close) => make("form", { onsubmit: attempt(async (event) => {
    event.preventDefault();
    await listens(agent, "take_over", close);
}) }, make("p", {}, t("Your telephone is called. Once you answer you talk to the customer, and {name} is out of the call and told so.", { name })),
make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, t("Take over")))));

// The call that the agent talks in by telephone; undefined: there is none.
export const callOf = (row) => (row.contacts || []).find((one) => one.talks && one.media === "voice");
export const listeners = (row) => (row.contacts || []).flatMap((one) => one.listeners || []);
export const listenersSay = (row) => listeners(row).map((one) => `${one.by} ${DOES[one.how] || ""}${one.hears ? "" : t(" (is called)")}`).join(", ");
// Buttons for the call of `agent()`, who is called `name`, as far as its switch can; and the one for whoever hears it.
export const listenButtons = (agent, name, call) => {
    const does = (how) => attempt(() => listens(agent(), how)), says = (act) => ({ "aria-label": t("{act}: the call of {name}", { act, name }) });
    return [...(call.listen ? [button(t("Listen"), does("listen"), says(t("Listen"))), button(t("Whisper"), does("whisper"), says(t("Whisper"))), button(t("Join"), does("join"), says(t("Join")))] : []),
        ...(call.take_over ? [button(t("Take over …"), () => takes(agent(), name), says(t("Take over …")))] : [])];
};
export const hangUpButton = (agent, name) => button(t("Hang up"), attempt(() => ask(agent(), "stop")), { "aria-label": t("Hang up the call of {name}", { name }) });
