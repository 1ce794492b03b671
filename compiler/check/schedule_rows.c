/* compiler/check/schedule_rows.c - Turns the lines of a schedule into numbers: each day or range of days with the
 * line's hours. */
#include "compiler/check/schedule_rows.h"

#include <assert.h>
#include <string.h>

#include "compiler/check/holidays.h"
#include "vm/schedule.h"

static const int64_t SECOND_US = 1000000, DAY_S = 86400;

struct numbers {
    struct arena *arena;
    int64_t *all;
    size_t count, room;
};

int schedule_weekday(const char *name)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int i = 0; i < 7; i++)
        if (!strcmp(days[i], name)) return i;
    return -1;
}

static void schedule_put_number(struct numbers *numbers, int64_t number)
{
    if (numbers->count == numbers->room) {
        size_t room = numbers->room ? 2 * numbers->room : 64, size = sizeof *numbers->all;
        numbers->all = arena_grow(numbers->arena, numbers->all, numbers->room * size, room * size);
        numbers->room = room;
    }
    numbers->all[numbers->count++] = number;
}

/* Hours that end at or before they begin end on the next day: 22:00..06:00, and 00:00..00:00 is the whole day. */
static void put_days(struct numbers *numbers, int64_t what, int64_t first, int64_t last, struct nodes hours)
{
    schedule_put_number(numbers, what);
    schedule_put_number(numbers, first);
    schedule_put_number(numbers, last);
    schedule_put_number(numbers, (int64_t)hours.count);
    EACH_NODE (range, hours) {
        int64_t from = range->range.from->clock.us / SECOND_US, to = range->range.to->clock.us / SECOND_US;
        schedule_put_number(numbers, from);
        schedule_put_number(numbers, to <= from ? to + DAY_S : to);
    }
}

static void put_day(struct numbers *numbers, const struct node *day, struct nodes hours)
{
    const struct node *from = day->kind == NODE_RANGE ? day->range.from : day;
    const struct node *to = day->kind == NODE_RANGE ? day->range.to : day;
    if (day->kind == NODE_HOLIDAYS) {
        const struct holidays *holidays = day->meaning;
        for (size_t i = 0; holidays && i < holidays->count; i++)
            put_days(numbers, SCHEDULE_DATES, holidays->days[i], holidays->days[i], hours);
    } else if (from->kind == NODE_DATE) {
        put_days(numbers, SCHEDULE_DATES, from->date.days, to->date.days, hours);
    } else {
        int first = schedule_weekday(from->name.name.text), last = schedule_weekday(to->name.name.text);
        put_days(numbers, SCHEDULE_WEEKDAYS, first, first <= last ? last : 6, hours);
        if (first > last) put_days(numbers, SCHEDULE_WEEKDAYS, 0, last, hours); /* sat..mon */
    }
}

int64_t *schedule_numbers(struct arena *arena, const struct node *schedule, size_t *count)
{
    assert(schedule->kind == NODE_SITE_SCHEDULE);
    struct numbers numbers = {.arena = arena};
    EACH_NODE (line, schedule->schedule.lines)
        EACH_NODE (day, line->schedule_line.days) put_day(&numbers, day, line->schedule_line.hours);
    *count = numbers.count;
    return numbers.all;
}
