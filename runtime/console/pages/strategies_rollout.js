// strategies_rollout.js - How a published version comes to callers: what yesterday would have been, a share of the arrivals while
// guards compare, everybody; and back by one press. Each is a command of gcxctl; gcx-rollout(7) says what it does.
import { announce, attempt, button, complain, dialog, labelled, make, moment, plain, put, select, settle } from "../dom.js";
import { t, tenths } from "../t.js";
import { get, post } from "../wire.js";
import { chart } from "./chart.js";
import { inWords, linesInWords } from "./strategies_words.js";

const EVERY_MS = 5000;
const STATES = { approval: t("waits for approval"), scheduled: t("begins at its time"), canary: t("compares"), asks: t("asks whether it goes on"), held: t("is held"), done: t("has all arrivals"), back: t("went back"), ended: t("ended") };
const SAYS = { "no worse": t("no worse"), worse: t("worse"), "too little": t("too little is known") };
const seconds = (us) => t("{seconds} s", { seconds: tenths(us / 1e6) });
const share = (part) => t("{percent} %", { percent: tenths(100 * part) });
const figure = (guard, side) => (guard.of === "time" ? side.figure_us : side.count ? side.hits / side.count : 0);
const written = (guard) => (guard.of === "time" ? seconds : share);

const FIGURES = [["abandoned:+1pt", t("Abandoned: at most 1 point more")], ["sl/20s:-2pt", t("Service level in 20 s: at most 2 points less")], ["wait:p90:+15s", t("Wait of nine in ten: at most 15 s more")], ["transferred:+1pt", t("Handed on: at most 1 point more")]];
const NAMES = new Map([...FIGURES, ["unserved:+1pt", t("Unserved: at most 1 point more")]]);
const nameOf = (guard) => NAMES.get(guard.guard) || guard.guard;

// ---- the rollouts ----

// What a guard allows where the present version has this figure, as "abandoned:+1pt" says it; null: it has a range of its own.
const boundOf = (guard, was) => {
    const margin = /:([+-][0-9.]+)(pt|ms|s|m)$/.exec(guard.guard);
    if (!margin || was === null) return null;
    return Math.max(0, was + Number(margin[1]) * { pt: 0.01, ms: 1e3, s: 1e6, m: 60e6 }[margin[2]]);
};
const ranges = (guard) => { const found = /:([0-9.]+)%\.\.([0-9.]+)%$/.exec(guard.guard); return found ? [found[1] / 100, found[2] / 100] : null; };
const guardRow = (guard) => make("tr", {}, make("th", { scope: "row" }, nameOf(guard)), make("td", {}, SAYS[guard.says] || guard.says),
    make("td", { class: "figure" }, written(guard)(figure(guard, guard.candidate)), make("small", {}, ` ${t("of {count}", { count: guard.candidate.count })}`)),
    make("td", { class: "figure" }, written(guard)(figure(guard, guard.control)), make("small", {}, ` ${t("of {count}", { count: guard.control.count })}`)),
    make("td", {}, guard.more ? t("{count} more are needed", { count: guard.more }) : ""));
// The server has kept what the guard has said since the rollout began: [moment in us, [count, value, count, value] of each guard].
const curveOf = (rollout, guard, at) => {
    const time = guard.of === "time", value = ([count, value_]) => (count === 0 ? null : time ? value_ : value_ / count), write = written(guard), site = ranges(guard);
    const rows = (rollout.curve?.points || []).filter((point) => point[1 + at]).map((point) => { const [count, is, others, was] = point[1 + at]; return { at: point[0] / 1000, is: value([count, is]), was: value([others, was]) }; })
        .filter((row) => row.is !== null || row.was !== null);
    if (rows.length === 0) return null;
    const first = rows[0], last = rows.at(-1), said = (figure_) => (figure_ === null ? "–" : write(figure_)), bound = boundOf(guard, last.was);
    const lines = [{ name: t("New version"), values: rows.map((row) => row.is) }, ...(site ? [] : [{ name: t("Present version"), values: rows.map((row) => row.was) }]),
        ...(site ? site.map((one) => ({ name: t("Bound of the guard"), values: rows.map(() => one) })) : bound === null ? [] : [{ name: t("Bound of the guard"), values: rows.map((row) => boundOf(guard, row.was)) }])];
    return make("section", {}, chart({ title: t("{guard}, since the rollout began", { guard: nameOf(guard) }), labels: rows.map((row) => moment(row.at)), written: write, lines }),
        make("p", { class: "quiet" }, site ? t("{guard}: at {from} all arrivals had {first}, at {until} {last}.", { guard: nameOf(guard), from: moment(first.at), first: said(first.is), until: moment(last.at), last: said(last.is) })
            : t("{guard}: at {from} the new version had {first} and the present one {was}; at {until} they have {last} and {now}. The bound is {bound}.", { guard: nameOf(guard), from: moment(first.at), first: said(first.is), was: said(first.was), until: moment(last.at), last: said(last.is), now: said(last.was), bound: said(bound) })));
};
// Each word about a rollout is asked for, with a why. says: what it does, where the button does not say it. ask(why): true when it is done.
const askWhy = (title, press, says, ask) => dialog(title, (close) => {
    const why = make("input", { maxlength: "200", autocomplete: "off", required: true });
    return make("form", { onsubmit: attempt(async (event) => {
        event.preventDefault();
        if (await ask(why.value.trim())) close();
    }) }, says ? make("p", {}, says) : null, labelled(t("Why"), why),
    make("div", { class: "row" }, make("button", { type: "submit", class: "first" }, press)));
});
const askWord = (rollout, press, ask) => askWhy(t("Rollout {id} at {point}", { id: String(rollout.id), point: rollout.point }), press, null, ask);
// A rollout that is done goes back by activating the image of before, which cannot be halved.
const askBack = (rollout, ask) => askWhy(t("Back to the version of before at {point}", rollout), t("Take back"), t("All new arrivals at {point} get the version of before again, at once. What goes on there stays with its version.", rollout), ask);
const isPast = (rollout) => rollout.state === "done" && !rollout.in_force;
const rolloutCard = (rollout, say, back) => {
    const asks = (press, act) => () => askWord(rollout, press, (why) => say(rollout, act, why, t("It is said")));
    return make("section", { class: "card", "aria-label": t("Rollout {id} at {point}", { id: String(rollout.id), point: rollout.point }) },
        make("div", { class: "top" }, make("h2", {}, isPast(rollout) ? t("Rollout {id} at {point}", { id: String(rollout.id), point: rollout.point }) : t("{point}: {share} % have the new version", { point: rollout.point, share: rollout.share / 100 })),
            ...(rollout.open ? [
                rollout.state === "approval" ? button(t("Approve …"), asks(t("Approve"), "approve")) : button(t("Go on …"), asks(t("Go on"), "on")),
                rollout.state === "held" ? null : button(t("Hold …"), asks(t("Hold"), "hold")),
                button(t("Take back …"), asks(t("Take back"), "back"), { class: "first" })] : back ? [button(t("Back to the version of before …"), () => askBack(rollout, back))] : [])),
        make("p", {}, t("Rollout {id} {state}, step {step} of {steps} ({shares} %).", { id: String(rollout.id), state: STATES[rollout.state] || plain(rollout.state), step: rollout.step, steps: rollout.steps, shares: rollout.shares.map((one) => one / 100).join(", ") }),
            rollout.why ? ` ${rollout.why[0].toUpperCase()}${rollout.why.slice(1)}.` : "", isPast(rollout) ? ` ${t("Its version does not run there any more.")}` : ""),
        make("p", { class: "quiet" }, t("{by}: {reason}", { by: (rollout.by || "").replace(/ by \w+\(\d+\)$/, ""), reason: rollout.reason })),
        make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("Guards of rollout {id}", { id: String(rollout.id) }) }, make("table", { "aria-label": t("Guards of rollout {id}", { id: String(rollout.id) }) },
            make("thead", {}, make("tr", {}, ...[t("Guard"), t("It says"), t("New version"), t("Present version")].map((text) => make("th", { scope: "col" }, text)), make("td"))),
            make("tbody", {}, ...rollout.guards.map(guardRow)))),
        ...rollout.guards.map((guard, at) => curveOf(rollout, guard, at)));
};

// ---- a new one ----

const hours = (count) => (count === null ? t("nobody can say") : count < 48 ? t("{count} h", { count }) : t("{count} days", { count: Math.round(count / 24) }));
const planText = ({ hourly, plan }, steps, hold) => [t("Arrivals in an hour: {hourly}.", { hourly }), t("It takes at least {steps} times {hold}, until all have the new version.", { steps, hold }), ...(plan || []).flatMap((guard) => [
    guard.needed ? t("{guard}: {needed} of each version are needed, {most} in bad luck.", { guard: nameOf(guard), needed: guard.needed, most: guard.needed_most }) : nameOf(guard),
    ...(guard.steps.some((step) => step.hours !== undefined) ? [] : [t("How long that takes cannot be told: the router has seen too little of the figure.")]), ...guard.steps.map((step) => t("At {share} %: {hours}, in bad luck {most}.", { share: step.share / 100, hours: hours(step.hours), most: hours(step.hours_most) }))])].join("\n");

// commit: the version that is published now. What is begun here is this one, also where another is published meanwhile.
const newCard = (points, commit, begun, over) => {
    const point = select(points.map((row) => [row.dn, `${row.dn}${row.strategy ? `: ${row.strategy}` : ""}`])), said = make("pre", { class: "text", tabindex: "0", role: "region", "aria-label": t("What was found"), hidden: true });
    const steps = make("input", { value: "5,25,100", pattern: "[0-9, ]+", required: true }), hold = make("input", { value: "30m", required: true }), why = make("input", { maxlength: "200", required: true, autocomplete: "off" });
    const guards = FIGURES.map(([value, text], at) => { const box = make("input", { type: "checkbox", value, checked: at === 0 }); return [box, make("label", { class: "check" }, box, text)]; });
    const asks = make("input", { type: "checkbox" }), slices = make("input", { type: "checkbox" });
    const range = make("input", { type: "checkbox" }), what = select([["abandoned", t("Abandoned")], ["sl/20s", t("Service level in 20 s")], ["transferred", t("Handed on")]]);
    const least = make("input", { type: "number", min: "0", max: "100", step: "0.1", value: "0" }), most = make("input", { type: "number", min: "0", max: "100", step: "0.1", value: "5" }), asked = make("p", { role: "status", class: "quiet" });
    // What the versions differ in decides how they are compared: the router says so of a plan, which touches nobody.
    // Answers come in any order, and a person who has chosen meanwhile has decided.
    let compared = 0;
    const compares = async () => {
        const own = ++compared;
        try {
            await order("plan", false);
            if (own !== compared) return;
            slices.checked = false;
            put(asked, "");
        } catch (error) {
            if (error.status === 401) return over(error.message);
            if (own !== compared) return;
            slices.checked = /--slices/.test(error.message);
            put(asked, slices.checked ? t("The new version selects agents differently: so it is compared by quarters of an hour. Or judge all arrivals by a range.") : inWords(error.message));
        }
    };
    point.addEventListener("change", compares);
    range.addEventListener("change", () => { compared++; if (range.checked) slices.checked = false; });
    slices.addEventListener("change", () => { compared++; if (slices.checked) range.checked = false; });
    let found = ""; // what was found of the version: it stays when its rollout begins
    const tell = (text) => { put(said, text); said.hidden = !text; };
    const build = () => post("api/strategies/build", { commit });
    const minutes = make("input", { type: "number", min: "1", max: "10", value: "5", required: true });
    const order = async (act, bySlices = slices.checked) => {
        await build();
        return post("api/strategies/rollout", { act, point: point.value, commit, steps: steps.value.replaceAll(" ", ""), hold: hold.value.trim(), guard: range.checked ? [] : guards.filter(([box]) => box.checked).map(([box]) => box.value), ask: asks.checked, ...(range.checked ? { site: [`${what.value}:${least.value}%..${most.value}%`] } : { slices: bySlices }), why: why.value.trim() || t("a plan") });
    };
    // What gcxctl says of the version: it takes a while, and touches nobody.
    const looks = (words, path, more) => attempt(async () => {
        tell(found = words);
        try {
            await build();
            found = linesInWords((await post(path, { commit, point: point.value, ...more() })).text) || t("Nothing.");
        } catch (error) {
            if (error.status === 401) return over(error.message);
            found = inWords(error.message);
        }
        tell(found);
    });
    const yesterday = looks(t("Yesterday is played …"), "api/strategies/what-if", () => ({ since: "24h" }));
    const shadow = looks(t("Both versions decide what comes; only the present one acts …"), "api/strategies/shadow", () => ({ seconds: 60 * Number(minutes.value) }));
    if (points.length) compares();
    return make("section", { class: "card", "aria-labelledby": "rollout-new" }, make("h2", { id: "rollout-new" }, t("A rollout of what is published")), make("p", { class: "quiet" }, t("Version {version}", { version: commit.slice(0, 10) })),
        points.length === 0 ? make("p", { class: "none" }, t("The router has no routing points.")) : make("form", { class: "rollout", onsubmit: attempt(async (event) => {
            event.preventDefault();
            tell(t("A moment …"));
            try { await order("begin"); } catch (error) { tell(inWords(error.message)); if (/--slices/.test(error.message)) await compares(); return; }
            tell(found);
            announce(t("The rollout has begun"));
            await begun();
        }) }, labelled(t("Routing point"), point), labelled(t("Shares in percent"), steps), labelled(t("Each at least"), hold),
        make("fieldset", {}, make("legend", {}, t("It goes back by itself unless")), ...guards.map(([, label]) => label)),
        make("label", { class: "check" }, asks, t("A person says when the next step begins")), make("label", { class: "check" }, slices, t("By quarters of an hour, where it selects agents differently")),
        make("label", { class: "check" }, range, t("Judge all arrivals by a range")), make("div", { class: "row" }, labelled(t("Figure"), what), labelled(t("From percent"), least), labelled(t("To percent"), most)), asked,
        labelled(t("Why"), why), make("div", { class: "row" }, labelled(t("Minutes of the shadow"), minutes)), make("div", { class: "row" }, button(t("What yesterday would have been"), yesterday), button(t("What both decide from now on"), shadow), button(t("How long it takes"), attempt(async () => {
            tell(t("A moment …"));
            try { tell(planText(await order("plan"), steps.value.split(",").length, hold.value.trim())); } catch (error) { tell(inWords(error.message)); }
        })),
            make("button", { type: "submit", class: "first" }, t("Begin the rollout")))), said);
};

// Shows all, and looks again for as long as it stands in the page. over(text): the session is.
export const rolloutsOf = async (over, commit) => {
    const list = make("div", { class: "rollouts" }), shown = new Map();
    // Of this rollout, and not of one that was begun there since: the server refuses it then.
    const say = async (rollout, act, why, told) => {
        try { await post("api/strategies/rollout", { act, point: rollout.point, rollout: rollout.id, why }); } catch (error) {
            if (error.status === 401) over(error.message); else complain({ text: inWords(error.message) });
            return false;
        }
        announce(told);
        await look();
        return true;
    };
    const back = (rollout, why) => say(rollout, "back", why, t("The version of before has all arrivals at {point} again", rollout));
    // The last rollout of its point, whose version runs there now.
    const goesBack = (rollouts, row) => row.state === "done" && row.in_force && row.control_image && rollouts.findLast(({ point }) => point === row.point) === row;
    const look = async () => {
        const { rollouts } = await get("api/strategies/running/rollouts"), last = rollouts.slice(-5).toReversed();
        for (const { id: number, open } of last) {
            const [row] = open || shown.get(number)?.open !== false ? (await get("api/strategies/running/rollouts", { rollout: number })).rollouts : [shown.get(number)];
            shown.set(number, row);
        }
        const at = list.contains(document.activeElement) ? document.activeElement : null, card = at?.closest("section")?.getAttribute("aria-label"), had = at?.textContent;
        list.replaceChildren(...(last.length === 0 ? [make("section", { class: "card" }, make("p", { class: "none" }, t("There was no rollout yet.")))] : last.map((row) => rolloutCard({ ...shown.get(row.id), in_force: row.in_force }, say, goesBack(rollouts, row) ? (why) => back(row, why) : null))));
        const [same] = [...list.children].filter((one) => card && one.getAttribute("aria-label") === card);
        if (same) settle([...same.querySelectorAll("button")].find((one) => one.textContent === had), same.querySelector("h2"));
    };
    const { routing_points: points } = await get("api/strategies/running/points");
    await look();
    const again = () => setTimeout(async () => {
        if (!list.isConnected) return;
        try {
            if (!document.hidden) await look();
        } catch (error) {
            if (error.status === 401) return over(error.message);
        }
        again();
    }, EVERY_MS);
    again();
    return make("div", { class: "rollouts" }, make("h2", { class: "unseen", tabindex: "-1", id: "rollouts" }, t("Rollouts")), list, newCard((points || []).filter((row) => row.strategy), commit, look, over));
};
