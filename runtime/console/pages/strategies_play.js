// strategies_play.js - A call that is played by hand with the text as it is written: whoever plays it is the caller, the agents,
// the databases and the clock. The server plays all acts so far from the beginning, each time one is added or taken back.
import { attempt, button, labelled, make, put, select } from "../dom.js";
import { t } from "../t.js";
import { post } from "../wire.js";

const clock = (us) => t("{seconds} s", { seconds: (us / 1e6).toFixed(us % 1e6 ? 1 : 0) });
const field = (more = {}) => make("input", { autocomplete: "off", spellcheck: "false", maxlength: "400", ...more });

// written(): { path, text } of the open file; passed(way): the diagram marks the boxes of the way.
export const player = ({ written, passed }) => {
    let acts = [], number = 0;
    const number_ = field({ value: "+33145550101", pattern: "\\S+", required: true }), strategy = select([]);
    const asks = make("p", { role: "status" }), wrong = make("p", { role: "alert", class: "wrong" });
    const way = make("ol", { class: "walked", "aria-label": t("The way of the call") }), happened = make("pre", { class: "tests", tabindex: "0", role: "region", "aria-label": t("What has happened") });
    const story = make("details", {}, make("summary", {}, t("What has happened")), happened);

    const stepOf = (step, last) => make("li", { "aria-current": last ? "step" : null }, make("span", { class: "quiet" }, `${clock(step.at_us)} `), step.beside ? "| " : "", step.text.split("\n")[0],
        step.exit ? make("span", { class: "wrong" }, ` ${t("fails: {exit}", step)}`) : null);
    const show = (found) => {
        const open = found.acts.length > 0;
        begin.hidden = open;
        going.hidden = !open;
        answers.hidden = !found.asks;
        back.disabled = !open;
        put(wrong, "");
        put(asks, !open ? "" : found.asks ? t("After {time}: {step} asks.", { time: clock(found.at_us), step: found.asks }) : found.over ? t("After {time} the call is over: {step} was its last step.", { time: clock(found.at_us), step: found.way.at(-1)?.text.split("\n")[0] ?? "" }) : t("After {time} nothing asks: let time pass.", { time: clock(found.at_us) }));
        way.replaceChildren(...found.way.map((step, at) => stepOf(step, at === found.way.length - 1)));
        put(happened, found.timeline.join("\n"));
        story.hidden = !open;
        passed(found.way);
    };
    // An act that is refused is not kept.
    const play = async (next) => {
        const mine = ++number;
        put(wrong, "");
        if (next.length === 0) {
            acts = [];
            return show({ acts, way: [], timeline: [], asks: null, at_us: 0 });
        }
        put(asks, t("It is played …"));
        try {
            const found = await post("api/strategies/play", { ...written(), acts: next });
            if (mine !== number) return;
            acts = next;
            show({ ...found, acts });
        } catch (error) {
            if (mine === number) put(wrong, error.message);
        }
    };
    const does = (act) => play([...acts, act]);
    // A field and a button that makes an act of what is in it.
    const saying = (label, words, act, more) => {
        const what = field({ required: true, ...more });
        return make("form", { class: "row", onsubmit: attempt(async (event) => { event.preventDefault(); await does(act(what.value.trim())); what.value = more?.value || ""; }) }, labelled(label, what), make("button", { type: "submit" }, words));
    };
    const begin = make("form", { class: "row", onsubmit: attempt((event) => { event.preventDefault(); return does(`arrive ${number_.value.trim()}${strategy.value ? ` ${strategy.value}` : ""}`); }) },
        labelled(t("Number of the caller"), number_), labelled(t("Strategy"), strategy), make("button", { type: "submit", class: "first" }, t("Call")));
    const answers = make("div", { class: "answers", hidden: true }, saying(t("Digits that the caller keys"), t("Key"), (text) => `key ${text}`, { pattern: "[0-9*#A-D]+" }),
        saying(t("Answer of a database or step, as the language writes it"), t("Give the answer"), (text) => `answer ${text}`), saying(t("It fails by"), t("Fail"), (text) => `fails ${text}`, { value: "timeout" }));
    const back = button(t("One act back"), attempt(() => play(acts.slice(0, -1))), { disabled: true });
    const going = make("div", { hidden: true }, answers, saying(t("Time passes"), t("Let it pass"), (text) => `advance ${text}`, { value: "10s", pattern: "[0-9]+(ms|s|m|h)([0-9]+(ms|s|m))*" }),
        saying(t("What agents and others do, as in a test"), t("Do it"), (text) => text, { value: "agent marie ready" }),
        make("div", { class: "row" }, button(t("To the end"), attempt(() => does("continue"))), button(t("The caller hangs up"), attempt(() => does("hang up"))), back, button(t("From the beginning"), attempt(() => play([])))));
    const element = make("section", { class: "playing", "aria-labelledby": "playing" }, make("h3", { id: "playing" }, t("Play a call")), begin, asks, wrong, going, way, story);
    story.hidden = true;
    return {
        element,
        // The strategies of the text, as the diagram names them.
        knows(names) {
            const had = strategy.value;
            strategy.replaceChildren(...names.map((name) => make("option", { value: name }, name)));
            if (names.includes(had)) strategy.value = had;
        },
    };
};
