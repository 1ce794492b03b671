/* runtime/reports/period.h - Periods of the site's zone: quarters of an hour, hours, days and weeks, from day to day.
 *
 * The zone is the process's own (TZ). Records count by quarters of an hour in UTC, and each of these belongs to the
 * period that the clocks of the zone show at its beginning: a day may have 23 or 25 hours, and an hour that comes twice
 * is two periods. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum period_length { PERIOD_quarter, PERIOD_hour, PERIOD_day, PERIOD_week, PERIOD_total, PERIOD_LENGTHS };
enum { PERIOD_QUARTER_S = 900, PERIOD_LABEL = 24, PERIOD_DAYS_MAX = 3660 };

struct periods {
    enum period_length length;
    int64_t from, to; /* seconds since 1970: where the first one begins, and where the last one ends */
    int64_t *starts;  /* where each one begins */
    uint32_t count;
    uint32_t *of_quarter; /* of each quarter of an hour since `from`: the number of its period */
};

bool period_length_read(const char *text, enum period_length *);
/* Makes `zone` the process's zone; NULL leaves the machine's. False: there is no such zone. */
bool period_zone(const char *zone, struct error *);
/* Reads a day, 2026-11-30. */
bool period_day_read(const char *text, int64_t *day); /* days since 1970 */
int64_t period_today(void);
/* The day that the clocks of the zone show at the moment. */
int64_t period_day_of(int64_t at);
/* When the clocks of the zone show the beginning of the day: seconds since 1970. */
int64_t period_day_begins(int64_t day);
/* The periods of the days from the first to the last one. False with the reason: too many, or none. */
bool periods_make(struct periods *, enum period_length, int64_t first_day, int64_t last_day, struct error *);
void periods_free(struct periods *);
/* The number of the period in which the moment is; false: in none. */
bool periods_find(const struct periods *, int64_t at, uint32_t *number);
/* Writes a moment as the zone's clocks show it: the day, and where the periods are shorter the time, too. */
void period_label(enum period_length, int64_t at, char text[PERIOD_LABEL]);
