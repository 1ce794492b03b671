// strategies_words.js - What gcxc, gcxctl and gcxtwin say on their command lines, in the words of the page. What is not in the
// table is said as it is, without the name of the program, and with the page's name of an option.
import { t } from "../t.js";

const NAMES = { arrivals: t("Calls in an hour"), handling: t("How long agents talk"), patience: t("How long callers wait"), agents: t("Agents who are alike"), within: t("Service level within seconds"), replications: t("Days, each with other callers"),
    for: t("Hours"), steps: t("Shares in percent"), hold: t("Each at least"), guard: t("It goes back by itself unless"), site: t("Judge all arrivals by a range"), slices: t("By quarters of an hour, where it selects agents differently"), by: t("By a key of the data") };
const KINDS = [
    [/use --slices: the versions select agents differently, ([^(;,]*(?:: [^(;,]*)?)/, ([, what]) => t("The versions select agents differently ({what}), and both would take the same agents: compare by quarters of an hour, or judge all arrivals by a range.", { what: what.trim() })],
    [/--site takes the place of --slices/, () => t("Choose one of these: quarters of an hour, or all arrivals by a range.")],
    [/--arrivals .*: say whose they are/, () => t("Choose the strategy that the calls come to.")],
    [/that version runs at (\S+) already/, ([, point]) => t("This version runs at {point} already.", { point })],
    [/--steps: (\S+) is not more than the step before/, ([, share]) => t("Shares in percent: {share} is not more than the share before.", { share })],
    [/--steps.*the last step is not 100/, () => t("Shares in percent: the last one is 100.")],
    [/(\S+) has no agents or queues|nobody was called|nothing arrived/, () => t("Nobody has called: nothing can be compared.")],
    [/there is no routing point `(\S+)`/, ([, point]) => t("The router has no routing point {point}.", { point })],
    [/^a freeze is on until (.+?)(?: \(|: )/, ([, until]) => t("A freeze is on until {until}: until then callers get no other version.", { until })],
    [/^no image begins with/, () => t("The router does not have the version of before any more: publish its text again, and begin a rollout of it.")],
    [/^no rollout of that point is open/, () => t("No rollout is open at this routing point.")],
    [/is open at (\S+?)[:;,. ]*$/, ([, point]) => t("A rollout is open at {point}: end it first.", { point })],
];
// One sentence; all, where several stand in it.
export const inWords = (text) => {
    for (const [kind, words] of KINDS) { const found = kind.exec(text); if (found) return words(found); }
    return text.replace(/^gcx\w+: /, "").replace(/^--(\w[\w-]*)(?: [^:]*)?: /, (whole, name) => (NAMES[name] ? `${NAMES[name]}: ` : "")).replace(/--(\w[\w-]*)/g, (whole, name) => (NAMES[name] ? `“${NAMES[name]}”` : name)).replace(/; see gcx[\w-]*\(\d\)/g, "").replace(/^./, (first) => first.toUpperCase());
};
// An answer of several lines, without what only a command line can do.
export const linesInWords = (text) => text.split("\n").filter((line) => !/^\s*(gcx\w+|\$) .*--|^gcxtwin: .* shadows |Ctrl-C/.test(line))
    .map((line) => line.replace(/^gcx\w+: /, "").replace(/\b([0-9a-f]{10})[0-9a-f]{30}\b/g, "$1").replace(/^Nothing was compared: nothing arrived\.$/, t("Nobody has called: nothing can be compared."))).join("\n").trim();
