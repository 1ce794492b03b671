/* compiler/lint/line_overridden.c - Finds a line of a schedule whose days are all named by lines below it: the last
 * line that names a day decides, so this line never does. Usually dates were written above the weekdays that were
 * meant as the general rule.
 *
 *     schedule office zone "Europe/Paris" { 2026-12-24 08:00..12:00; mon..fri 08:00..18:00; }
 *
 * The lines are read from the last one to the first, and `below` collects the weekdays and dates of the lines read
 * so far. A line whose days are all in `below` is reported. */
#include "compiler/check/holidays.h"

#include <assert.h>

#include "compiler/check/schedule_rows.h"
#include "compiler/lint/lint.h"

enum { RANGES_MAX = 1024 }; /* the most date ranges to compare; lines above that many are not checked */

struct range {
    int64_t first, last; /* days since 1970 */
    const struct node *line;
};

/* The days named by the lines below the current one. */
struct below {
    struct range *ranges;
    size_t count;
    const struct node *weekdays[7];
};

static int weekday_of(int64_t day)
{
    return (int)((day + 3) % 7); /* the first day of 1970 was a Thursday */
}

static const struct node *has_weekdays(const struct below *below, int first, int last)
{
    for (int i = first; i != last; i = (i + 1) % 7)
        if (!below->weekdays[i]) return NULL;
    return below->weekdays[last] ? below->weekdays[first] : NULL;
}

/* Returns the line that decides that date, and the last date of its range. NULL: no line. */
static const struct node *has_date(const struct below *below, int64_t day, int64_t *last)
{
    int64_t next = INT64_MAX; /* where dates begin again */
    for (size_t i = 0; i < below->count; i++) {
        const struct range *range = &below->ranges[i];
        if (range->first > day && range->first < next) next = range->first;
        if (day < range->first || day > range->last) continue;
        *last = range->last;
        return range->line;
    }
    *last = has_weekdays(below, 0, 6) ? next - 1 : day;
    return below->weekdays[weekday_of(day)];
}

static const struct node *has_dates(const struct below *below, int64_t first, int64_t last)
{
    const struct node *by = NULL;
    for (int64_t day = first, reached; day <= last; day = reached + 1) {
        const struct node *line = has_date(below, day, &reached);
        if (!line) return NULL;
        by = by ? by : line;
    }
    return by;
}

/* Returns the line that overrides every day of `day`; NULL where no line does, or where `day` names no day. */
static const struct node *below_has_day(const struct below *below, const struct node *day)
{
    const struct node *from = day->kind == NODE_RANGE ? day->range.from : day, *by = NULL;
    const struct node *to = day->kind == NODE_RANGE ? day->range.to : day;
    if (from->kind == NODE_DATE) return has_dates(below, from->date.days, to->date.days);
    if (from->kind == NODE_NAME)
        return has_weekdays(below, schedule_weekday(from->name.name.text), schedule_weekday(to->name.name.text));
    const struct holidays *holidays = day->meaning;
    for (size_t i = 0; holidays && i < holidays->count; i++) {
        by = has_dates(below, holidays->days[i], holidays->days[i]);
        if (!by) return NULL;
    }
    return by;
}

static void below_add_range(struct below *below, int64_t first, int64_t last, const struct node *line)
{
    if (below->count < RANGES_MAX) below->ranges[below->count++] = (struct range){first, last, line};
}

static void add_day(struct below *below, const struct node *day, const struct node *line)
{
    const struct node *from = day->kind == NODE_RANGE ? day->range.from : day;
    const struct node *to = day->kind == NODE_RANGE ? day->range.to : day;
    const struct holidays *holidays = day->kind == NODE_HOLIDAYS ? day->meaning : NULL;
    for (size_t i = 0; holidays && i < holidays->count; i++)
        below_add_range(below, holidays->days[i], holidays->days[i], line);
    if (from->kind == NODE_DATE) below_add_range(below, from->date.days, to->date.days, line);
    if (from->kind != NODE_NAME) return;
    int last = schedule_weekday(to->name.name.text);
    for (int i = schedule_weekday(from->name.name.text);; i = (i + 1) % 7) {
        if (!below->weekdays[i]) below->weekdays[i] = line;
        if (i == last) return;
    }
}

static void look_at_schedule_line(struct lint *lint, const struct below *below, const struct node *line)
{
    assert(line->kind == NODE_SCHEDULE_LINE);
    const struct node *by = NULL;
    EACH_NODE (day, line->schedule_line.days) {
        by = below_has_day(below, day);
        if (!by) return;
    }
    if (!by) return;
    diag_note(lint_report(lint, LINE_OVERRIDDEN, line->span), by->span, "the last line that names a day has it");
}

void lint_line_overridden(struct lint *lint)
{
    EACH_OF (lint, schedule, NODE_SITE_SCHEDULE) {
        size_t count = schedule->schedule.lines.count;
        const struct node **lines = ARENA_ARRAY(lint->program->arena, const struct node *, count + 1);
        struct below below = {.ranges = ARENA_ARRAY(lint->program->arena, struct range, RANGES_MAX)};
        EACH_NODE (line, schedule->schedule.lines) *lines++ = line;
        for (; count > 0 && below.count < RANGES_MAX; count--) {
            const struct node *line = *--lines;
            look_at_schedule_line(lint, &below, line);
            EACH_NODE (day, line->schedule_line.days) add_day(&below, day, line);
        }
    }
}
