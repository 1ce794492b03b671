/* tests/unit/vm_schedule.c - Opening hours: which line has a day, what is open past midnight, what comes next. */
#include <criterion/criterion.h>

#include "vm/clock.h"
#include "vm/schedule.h"

static const int64_t SECOND = 1000000, HOUR = 3600 * INT64_C(1000000), DAY = 86400 * INT64_C(1000000);

/* Monday to Friday 08:00..12:00 and 13:00..18:00; Saturday 22:00..02:00 the next day; 2026-01-01 (day 20454, a
 * Thursday) closed; 2026-01-05 (a Monday) 10:00..11:00. */
static const int64_t numbers[] = {
    SCHEDULE_WEEKDAYS,
    0,
    4,
    2,
    28800,
    43200,
    46800,
    64800,
    SCHEDULE_WEEKDAYS,
    5,
    5,
    1,
    79200,
    93600,
    SCHEDULE_DATES,
    20454,
    20454,
    0,
    SCHEDULE_DATES,
    20458,
    20458,
    1,
    36000,
    39600,
};
enum { NEW_YEAR = 20454 };

static int64_t number(const void *self, uint32_t index)
{
    return ((const int64_t *)self)[index];
}

static uint32_t days;
static struct schedule week(void)
{
    days = 0;
    return (struct schedule){numbers, number, sizeof numbers / sizeof *numbers, &days};
}

static int64_t moment_at(int64_t day, int64_t hour)
{
    return day * DAY + hour * HOUR;
}

Test(vm_schedule, the_last_line_that_names_a_day_has_it, .timeout = 10)
{
    struct schedule s = week();
    cr_assert(!schedule_open(&s, moment_at(NEW_YEAR, 9)));
    cr_assert(schedule_open(&s, moment_at(NEW_YEAR + 1, 9)));
    cr_assert(!schedule_open(&s, moment_at(NEW_YEAR + 1, 12)));
    cr_assert(schedule_open(&s, moment_at(NEW_YEAR + 1, 12) - SECOND));
    cr_assert(!schedule_open(&s, moment_at(NEW_YEAR + 4, 9)));
    cr_assert(schedule_open(&s, moment_at(NEW_YEAR + 4, 10)));
}

Test(vm_schedule, hours_past_midnight_are_those_of_the_day_before, .timeout = 10)
{
    struct schedule s = week();
    cr_assert(schedule_open(&s, moment_at(NEW_YEAR + 2, 23)));
    cr_assert(schedule_open(&s, moment_at(NEW_YEAR + 3, 1)));
    cr_assert(!schedule_open(&s, moment_at(NEW_YEAR + 3, 2)));
}

Test(vm_schedule, what_opens_and_closes_next_is_found, .timeout = 10)
{
    struct schedule s = week();
    int64_t found;
    cr_assert(schedule_next(&s, moment_at(NEW_YEAR, 9), true, &found) && found == moment_at(NEW_YEAR + 1, 8));
    cr_assert(schedule_next(&s, moment_at(NEW_YEAR + 1, 9), true, &found) && found == moment_at(NEW_YEAR + 1, 13));
    cr_assert(schedule_next(&s, moment_at(NEW_YEAR + 1, 9), false, &found) && found == moment_at(NEW_YEAR + 1, 12));
    cr_assert(schedule_next(&s, moment_at(NEW_YEAR + 2, 23), false, &found) && found == moment_at(NEW_YEAR + 3, 2));
    struct schedule never = {numbers + 14, number, 4, &days};
    cr_assert(!schedule_next(&never, moment_at(NEW_YEAR, 9), true, &found));
}

Test(vm_schedule, open_time_is_added_and_counted, .timeout = 10)
{
    struct schedule s = week();
    int64_t found;
    cr_assert(schedule_add(&s, moment_at(NEW_YEAR + 1, 11), 2 * HOUR, &found) && found == moment_at(NEW_YEAR + 1, 14));
    cr_assert(schedule_add(&s, moment_at(NEW_YEAR, 11), 0, &found) && found == moment_at(NEW_YEAR + 1, 8));
    cr_assert_eq(schedule_between(&s, moment_at(NEW_YEAR, 0), moment_at(NEW_YEAR + 2, 0)), 9 * HOUR);
    cr_assert_eq(schedule_between(&s, moment_at(NEW_YEAR + 2, 0), moment_at(NEW_YEAR, 0)), -9 * HOUR);
    cr_assert_eq(schedule_between(&s, moment_at(NEW_YEAR + 4, 0), moment_at(NEW_YEAR + 5, 9)), 2 * HOUR);
}

Test(vm_schedule, what_does_not_read_is_closed, .timeout = 10)
{
    static const int64_t bad[] = {SCHEDULE_WEEKDAYS, 0, 6, 1000, 0, 86400};
    static const int64_t backwards[] = {SCHEDULE_WEEKDAYS, 0, 6, 2, 43200, 28800, 0, INT64_MAX};
    struct schedule cut = {bad, number, 6, &days}, wrong = {backwards, number, 8, &days};
    cr_assert(!schedule_open(&cut, moment_at(NEW_YEAR, 9)) && !schedule_open(&wrong, moment_at(NEW_YEAR, 9)));
    struct schedule s = week();
    int64_t found;
    cr_assert(!schedule_open(&s, INT64_MAX) && !schedule_next(&s, INT64_MIN + 1, true, &found));
    cr_assert_eq(schedule_between(&s, INT64_MIN + 1, INT64_MAX), 0);
}

/* As many hours as there is room for, every day: all edges of three years would be looked at for minutes. */
Test(vm_schedule, a_search_ends_whatever_a_schedule_holds, .timeout = 10)
{
    enum { HOURS = (SCHEDULE_NUMBERS_MAX - 4) / 2 };
    static int64_t full[SCHEDULE_NUMBERS_MAX] = {SCHEDULE_WEEKDAYS, 0, 6, HOURS};
    for (int64_t i = 0; i < HOURS; i++) full[4 + 2 * i] = 40 * i, full[5 + 2 * i] = 40 * i + 20;
    struct schedule s = {full, number, SCHEDULE_NUMBERS_MAX, &days};
    int64_t found;
    days = 0;
    cr_assert(schedule_add(&s, moment_at(NEW_YEAR, 0), 90 * SECOND, &found) &&
              found == moment_at(NEW_YEAR, 0) + 170 * SECOND);
    cr_assert(!schedule_add(&s, moment_at(NEW_YEAR, 0), 900 * DAY, &found));
    cr_assert_leq(days, SCHEDULE_WORK_MAX / schedule_day_cost(&s) + 1);
    days = 0;
    int64_t open = schedule_between(&s, moment_at(NEW_YEAR, 0), moment_at(NEW_YEAR + 900, 0));
    cr_assert(open > 0 && open < 900 * DAY);
}

/* The slow, obvious answer: the last of all lines that name the day, or the day before. */
static bool obviously_open(const int64_t *list, uint32_t count, int64_t us)
{
    for (int64_t day = us / DAY - 1; day <= us / DAY; day++) {
        uint32_t found = count;
        for (uint32_t i = 0; i < count; i += 4 + 2 * (uint32_t)list[i + 3]) {
            int64_t named = list[i] == SCHEDULE_WEEKDAYS ? (day + 3) % 7 : day;
            if (list[i + 1] <= named && named <= list[i + 2]) found = i;
        }
        for (int64_t i = 0; found < count && i < list[found + 3]; i++)
            if (day * DAY + list[found + 4 + 2 * i] * SECOND <= us && us < day * DAY + list[found + 5 + 2 * i] * SECOND)
                return true;
    }
    return false;
}

/* Hours begin and end at full hours here, so looking at each hour of a month is enough. */
Test(vm_schedule, lines_of_weekdays_and_dates_in_any_order_come_to_the_same, .timeout = 60)
{
    enum { MONTH = 31, LINES = 12, SEEDS = 300 };
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        int64_t list[LINES * 8], open = 0;
        uint32_t count = 0, chance = seed;
#define CHANCE(bound) ((int64_t)((chance = chance * 1664525 + 1013904223) >> 16) % (bound))
        for (int line = 0; line < LINES; line++) {
            bool dates = CHANCE(2);
            int64_t first = dates ? NEW_YEAR + CHANCE(MONTH) : CHANCE(7), hours = CHANCE(3);
            list[count++] = dates ? SCHEDULE_DATES : SCHEDULE_WEEKDAYS;
            list[count++] = first;
            list[count++] = first + CHANCE(5) - 1;
            list[count++] = hours;
            for (int64_t i = 0, from; i < hours; i++) {
                list[count++] = (from = CHANCE(40)) * 3600;
                list[count++] = (from + 1 + CHANCE(8)) * 3600;
            }
        }
        struct schedule s = {list, number, count, &days};
        for (int64_t us = moment_at(NEW_YEAR - 2, 0); us < moment_at(NEW_YEAR + MONTH, 0); us += HOUR) {
            bool is = obviously_open(list, count, us);
            cr_assert_eq(schedule_open(&s, us), is, "seed %u, hour %d", seed, (int)(us / HOUR));
            open += is ? HOUR : 0;
        }
        days = 0;
        cr_assert_eq(schedule_between(&s, moment_at(NEW_YEAR - 2, 0), moment_at(NEW_YEAR + MONTH, 0)), open, "seed %u",
                     seed);
    }
}

/* Europe/Paris in 2026, as a table of an image: at 01:00 UTC the clocks go from 02:00 to 03:00, and back from 03:00. */
static const int64_t MARCH = INT64_C(1774746000), OCTOBER = INT64_C(1792890000), MINUTE = 60 * INT64_C(1000000);

static const uint32_t *paris(void)
{
    static uint32_t table[4 + 3 * 3];
    const int64_t from[] = {INT64_MIN, MARCH, OCTOBER};
    table[2] = 3;
    for (int i = 0; i < 3; i++) {
        table[4 + 3 * i] = (uint32_t)from[i];
        table[5 + 3 * i] = (uint32_t)((uint64_t)from[i] >> 32);
        table[6 + 3 * i] = i == 1 ? 7200 : 3600;
    }
    return table;
}

static struct schedule daily(const int64_t *hours)
{
    static int64_t all[6];
    all[0] = SCHEDULE_WEEKDAYS, all[1] = 0, all[2] = 6, all[3] = 1, all[4] = hours[0], all[5] = hours[1];
    days = 0;
    return (struct schedule){all, number, 6, &days};
}

Test(vm_schedule, an_hour_that_comes_twice_is_open_twice_and_nothing_lies_in_the_past, .timeout = 10)
{
    const int64_t always[] = {0, 86400}, office[] = {8 * 3600, 18 * 3600};
    struct schedule s = daily(always);
    int64_t first = OCTOBER * SECOND - 30 * MINUTE, second = OCTOBER * SECOND + 30 * MINUTE, found; /* both 02:30 */
    cr_assert(schedule_add_by(&s, paris(), second, 10 * MINUTE, &found) && found == second + 10 * MINUTE);
    cr_assert(schedule_add_by(&s, paris(), first, 90 * MINUTE, &found) && found == first + 90 * MINUTE);
    cr_assert(schedule_add_by(&s, paris(), first, 48 * HOUR, &found) && found == first + 48 * HOUR);
    cr_assert_eq(schedule_between_by(&s, paris(), first, second), HOUR);
    cr_assert_eq(schedule_between_by(&s, paris(), second, first), -HOUR);
    s = daily(office);
    cr_assert(schedule_next_by(&s, paris(), second, true, &found) && found == OCTOBER * SECOND + 6 * HOUR);
    cr_assert(schedule_add_by(&s, paris(), first - 12 * HOUR, 5 * HOUR, &found));
    cr_assert_eq(found, OCTOBER * SECOND + 6 * HOUR + 90 * MINUTE);
}

Test(vm_schedule, hours_around_a_change_of_the_clocks_open_and_close_by_the_hands, .timeout = 10)
{
    const int64_t night[] = {2 * 3600 + 1800, 2 * 3600 + 2700}, early[] = {3600, 2 * 3600 + 1800};
    struct schedule s = daily(night); /* 02:30..02:45: skipped in March, twice in October */
    int64_t change = MARCH * SECOND, found;
    cr_assert(schedule_next_by(&s, paris(), change - HOUR, true, &found) && found == change + 23 * HOUR + 30 * MINUTE);
    cr_assert_eq(schedule_between_by(&s, paris(), change - 12 * HOUR, change + 12 * HOUR), 0);
    change = OCTOBER * SECOND;
    cr_assert_eq(schedule_between_by(&s, paris(), change - 12 * HOUR, change + 12 * HOUR), 30 * MINUTE);
    cr_assert(schedule_next_by(&s, paris(), change - 20 * MINUTE, true, &found) && found == change + 30 * MINUTE);
    s = daily(early); /* 01:00..02:30: the hands jump over its end in March, and back into it in October */
    change = MARCH * SECOND;
    cr_assert(schedule_next_by(&s, paris(), change - 10 * MINUTE, false, &found) && found == change);
    change = OCTOBER * SECOND;
    cr_assert(schedule_next_by(&s, paris(), change - 10 * MINUTE, true, &found) && found == change);
    cr_assert(schedule_next_by(&s, paris(), change, false, &found) && found == change + 30 * MINUTE);
    cr_assert(schedule_add_by(&s, paris(), change - 40 * MINUTE, 20 * MINUTE, &found));
    cr_assert_eq(found, change + 10 * MINUTE);
}

/* Rows of an image are in order, and no more is known of them: one that is farther than a clock can show is never. */
Test(vm_schedule, a_change_of_the_clocks_that_is_farther_than_all_time_is_none, .timeout = 10)
{
    static uint32_t table[4 + 3 * 2] = {[2] = 2, [4] = 0, [5] = 0x80000000};
    const int64_t office[] = {8 * 3600, 18 * 3600};
    struct schedule s = daily(office);
    const int64_t now = MARCH * SECOND;
    /* In microseconds it would be, modulo 2^64, an hour before now. */
    int64_t far = (int64_t)((UINT64_C(1) << 58) + (uint64_t)(MARCH - 3600)), found = 0;
    table[7] = (uint32_t)far, table[8] = (uint32_t)((uint64_t)far >> 32);
    cr_assert(schedule_next_by(&s, table, now, true, &found) && found > now);
    s = daily((const int64_t[]){0, 0});
    cr_assert_not(schedule_next_by(&s, table, now, true, &found));
    cr_assert_not(schedule_add_by(&s, table, now, HOUR, &found));
    cr_assert_eq(schedule_between_by(&s, table, now, now + 48 * HOUR), 0);
}
