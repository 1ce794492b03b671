// report_words.js - The names of reports and of their figures, for people. What each means comes from the server, which has it
// from gcxrecords.
import { plain } from "../dom.js";
import { t } from "../t.js";

const WORDS = { service_level: t("Service level"), abandonment: t("Abandonment"), waits: t("Waits"), handling: t("Handling"), occupancy: t("Occupancy"), transfers: t("Transfers"), reasons: t("Reasons"), wrapups: t("Wrap-up codes"), campaigns: t("Campaigns"), callbacks: t("Call-backs"), satisfaction: t("Satisfaction"),
    offered: t("Offered"), answered: t("Answered"), abandoned: t("Abandoned"), cleared: t("Went elsewhere"), patience: t("Patience"), longest: t("Longest"), mean_wait: t("Wait on average"), mean_answer: t("Until answered, on average"),
    missed: t("Missed"), other: t("Other"), mean_ring: t("Ringing on average"), mean_handle: t("Handling on average"), login: t("Logged in"), ready: t("Ready"), not_ready: t("Not ready"), after_call: t("After-contact work"), busy: t("Busy"),
    handled: t("Handled"), consulted: t("Consulted"), transferred: t("Transferred"), calls: t("Calls"), begun: t("Begun"), no_answer: t("No answer"), machine: t("Machine"),
    unanswered: t("Unanswered"), judged: t("Judged"), satisfied: t("Satisfied"), unsatisfied: t("Unsatisfied"), undecided: t("Undecided"), average: t("Average"),
    queue: t("Virtual queue"), agent: t("Agent"), team: t("Team"), strategy: t("Strategy"), version: t("Version"), reason: t("Reason"), code: t("Wrap-up code"), campaign: t("Campaign"), kind: t("Kind") };
// of: a column, a figure without its unit, or a report.
export const headOf = (name) => {
    const bare = name.replace(/_(ms|percent)$/, ""), [, seconds] = bare.match(/^(?:within|level)_(\d+)s$/) || [];
    const text = seconds ? t("Within {seconds} s", { seconds: Number(seconds) }) : Object.hasOwn(WORDS, bare) ? WORDS[bare] : plain(bare);
    return /_percent$|^level_/.test(name) ? `${text} (%)` : text;
};
