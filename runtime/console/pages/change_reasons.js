// change_reasons.js - What each change by hand is asked for: how long it is in force, and why it is made.
import { labelled, make, select } from "../dom.js";
import { t } from "../t.js";

const LASTS = [["", t("Until it is taken back")], ["15m", t("15 minutes")], ["30m", t("30 minutes")], ["1h", t("1 hour")], ["2h", t("2 hours")], ["4h", t("4 hours")], ["1d", t("1 day")], ["7d", t("7 days")], ["until", t("Until …")]];
// Asks both. said() has them as the server takes them.
export const reasons = () => {
    const until = make("input", { type: "datetime-local" }), untilField = labelled(t("Until when"), until);
    const lasts = select(LASTS, { onchange: () => { untilField.hidden = lasts.value !== "until"; until.required = !untilField.hidden; } });
    const why = make("input", { maxlength: "200", autocomplete: "off", required: true });
    untilField.hidden = true;
    return {
        fields: [labelled(t("For how long"), lasts), untilField, labelled(t("Why"), why)],
        said() {
            const seconds = Math.round((new Date(until.value) - Date.now()) / 1000);
            if (lasts.value === "until" && !(seconds > 0)) throw new Error(t("That moment is over. Please choose a later one."));
            return { why: why.value.trim(), ...(lasts.value === "until" ? { for: `${seconds}s` } : lasts.value ? { for: lasts.value } : {}) };
        },
    };
};
