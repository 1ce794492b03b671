/* runtime/reports/period.c - Divides days of a zone into periods.
 *
 * The days are walked by quarters of an hour, and a period begins where the clocks of the zone show another quarter,
 * hour, day or week than at the quarter before. So no rule about changes of the clocks is needed. */
#include "runtime/reports/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/zone.h"

enum { DAY_S = 86400, ZONE_MOST_S = 15 * 3600 };

static const char *const period_words[PERIOD_LENGTHS] = {"quarter", "hour", "day", "week", "total"};

bool period_length_read(const char *text, enum period_length *length)
{
    for (unsigned i = 0; i < PERIOD_LENGTHS; i++) {
        if (strcmp(text, period_words[i]) != 0) continue;
        *length = (enum period_length)i;
        return true;
    }
    return false;
}

bool period_zone(const char *zone, struct error *error)
{
    char name[80];
    if (zone) {
        if (!zone_exists(zone))
            return error_set(error, ERROR_INPUT, "there is no zone '%.60s': expected one such as Europe/Berlin", zone);
        snprintf(name, sizeof name, ":%s", zone);
        setenv("TZ", name, 1);
    }
    tzset();
    return true;
}

static int64_t period_days(int year, int month, int day)
{
    struct tm date = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return timegm(&date) / DAY_S;
}

bool period_day_read(const char *text, int64_t *day)
{
    int year, month, number, length = 0;
    if (strlen(text) != 10 || sscanf(text, "%4d-%2d-%2d%n", &year, &month, &number, &length) != 3 || length != 10)
        return false;
    if (year < 1971 || month < 1 || month > 12 || number < 1) return false;
    *day = period_days(year, month, number);
    return *day < period_days(month == 12 ? year + 1 : year, month % 12 + 1, 1);
}

int64_t period_day_of(int64_t at)
{
    time_t seconds = at;
    struct tm local;
    localtime_r(&seconds, &local);
    return period_days(local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
}

int64_t period_today(void)
{
    return period_day_of(time(NULL));
}

/* A zone whose clocks skip midnight begins the day at the first moment that is there. */
int64_t period_day_begins(int64_t day)
{
    int64_t at = day * DAY_S - ZONE_MOST_S;
    while (period_day_of(at) < day) at += PERIOD_QUARTER_S;
    return at;
}

/* Two moments of one period have the same key, and those of two periods never have. */
static int64_t period_key(enum period_length length, int64_t at)
{
    time_t seconds = at;
    struct tm local;
    switch (length) {
    case PERIOD_hour:
        localtime_r(&seconds, &local);
        return at - local.tm_min * 60 - local.tm_sec;
    case PERIOD_day:
        return period_day_of(at);
    case PERIOD_week:
        return (period_day_of(at) + 3) / 7; /* 1970 began on a Thursday, and weeks begin on Mondays */
    case PERIOD_total:
        return 0;
    case PERIOD_quarter:
    case PERIOD_LENGTHS:
        break;
    }
    return at;
}

bool periods_make(struct periods *periods, enum period_length length, int64_t first_day, int64_t last_day,
                  struct error *error)
{
    *periods = (struct periods){.length = length};
    if (last_day < first_day) return error_set(error, ERROR_INPUT, "the last day is before the first one");
    if (last_day - first_day >= PERIOD_DAYS_MAX)
        return error_set(error, ERROR_INPUT, "that is more than %d days", PERIOD_DAYS_MAX);
    periods->from = period_day_begins(first_day);
    periods->to = period_day_begins(last_day + 1);
    size_t quarters = (size_t)((periods->to - periods->from + PERIOD_QUARTER_S - 1) / PERIOD_QUARTER_S);
    periods->starts = memory_zeroed(quarters, sizeof *periods->starts);
    periods->of_quarter = memory_zeroed(quarters, sizeof *periods->of_quarter);
    int64_t key = 0;
    for (size_t i = 0; i < quarters; i++) {
        int64_t at = periods->from + (int64_t)i * PERIOD_QUARTER_S, here = period_key(length, at);
        if (i == 0 || here != key) periods->starts[periods->count++] = at;
        key = here;
        periods->of_quarter[i] = periods->count - 1;
    }
    return true;
}

void periods_free(struct periods *periods)
{
    free(periods->starts);
    free(periods->of_quarter);
    *periods = (struct periods){0};
}

bool periods_find(const struct periods *periods, int64_t at, uint32_t *number)
{
    if (at < periods->from || at >= periods->to) return false;
    *number = periods->of_quarter[(at - periods->from) / PERIOD_QUARTER_S];
    return true;
}

void period_label(enum period_length length, int64_t at, char text[PERIOD_LABEL])
{
    time_t seconds = at;
    struct tm local;
    localtime_r(&seconds, &local);
    bool hours = length == PERIOD_quarter || length == PERIOD_hour;
    strftime(text, PERIOD_LABEL, hours ? "%Y-%m-%d %H:%M" : "%Y-%m-%d", &local);
}
