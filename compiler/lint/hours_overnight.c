/* compiler/lint/hours_overnight.c - Finds hours of a schedule that are open for more than half a day across midnight:
 * the two times were probably swapped.
 *
 *     schedule office zone "Europe/Paris" { mon..fri 18:00..08:00; }
 *
 * A schedule whose name says night, evening, late or closed is left out. */
#include <string.h>
#include <strings.h>

#include "compiler/lint/lint.h"

static const int64_t DAY_HALF_US = INT64_C(12) * 3600 * 1000000;

static bool is_of_night(const char *name)
{
    static const char *const words[] = {"night", "evening", "closed", "late"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(name, words[i])) return true;
    return false;
}

void lint_hours_overnight(struct lint *lint)
{
    EACH_OF (lint, line, NODE_SCHEDULE_LINE) {
        const struct node *schedule = lint_up(lint, line);
        if (schedule->kind != NODE_SITE_SCHEDULE || is_of_night(schedule->schedule.name.text)) continue;
        EACH_NODE (hours, line->schedule_line.hours) {
            if (hours->kind != NODE_RANGE || hours->range.from->kind != NODE_CLOCK ||
                hours->range.to->kind != NODE_CLOCK)
                continue;
            int64_t from = hours->range.from->clock.us, to = hours->range.to->clock.us;
            if (to == 0 || from <= to || 2 * DAY_HALF_US - from + to <= DAY_HALF_US) continue;
            struct diag *diag = lint_report(lint, HOURS_OVERNIGHT, hours->span, schedule->schedule.name.text,
                                            lint_text(lint, hours->range.to->span));
            diag_hint(diag, "%s..%s; a schedule for the night says so in its name",
                      lint_text(lint, hours->range.to->span), lint_text(lint, hours->range.from->span));
        }
    }
}
