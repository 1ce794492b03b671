/* vm/schedule.h - Opening hours: when is it open, when next, how long. Pure; times are wall clocks (as if they were
 * UTC), or, of the functions that take a zone's table (clock.h), moments.
 *
 * A schedule is a list of numbers, a line after another; the last line that names a day has it:
 *   SCHEDULE_WEEKDAYS first, last of the weekdays 0 (Monday) to 6, or SCHEDULE_DATES first, last in days since 1970;
 *   how many hours follow; of each its beginning and end in seconds since midnight, below 172,800, the end after the
 *   beginning: what is open past midnight is the hours of the day on which it began.
 * Whatever does not read so, or lies behind SCHEDULE_NUMBERS_MAX numbers, ends the schedule: it is closed on all days
 * that no line before names. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SCHEDULE_WEEKDAYS, SCHEDULE_DATES };
enum { SCHEDULE_DAYS_MAX = 400, SCHEDULE_END_MAX = 172800, SCHEDULE_NUMBERS_MAX = 4096 };
enum { SCHEDULE_WORK_MAX = 1 << 20 }; /* of one search, in fuel: beyond, it ends as if nothing more came */

struct schedule {
    const void *self;
    int64_t (*number)(const void *self, uint32_t index);
    uint32_t count;
    uint32_t *days; /* how many days were looked at */
};

uint32_t schedule_day_cost(const struct schedule *); /* the fuel for one day that was looked at */
bool schedule_open(const struct schedule *, int64_t us);
/* The next moment after `us` at which it opens, or closes; false: none in SCHEDULE_DAYS_MAX days. */
bool schedule_next(const struct schedule *, int64_t us, bool opens, int64_t *at);
/* When it has been open for `duration_us` since `us`; false: not within three years. */
bool schedule_add(const struct schedule *, int64_t us, int64_t duration_us, int64_t *at);
int64_t schedule_between(const struct schedule *, int64_t from_us, int64_t to_us); /* of three years at most */

/* The same of moments, by the clocks of a zone, and exact where these are set: an hour that comes twice is open twice,
 * and one that is skipped is not; what is found is never before `us`. */
bool schedule_next_by(const struct schedule *, const uint32_t *zone, int64_t us, bool opens, int64_t *at);
bool schedule_add_by(const struct schedule *, const uint32_t *zone, int64_t us, int64_t duration_us, int64_t *at);
int64_t schedule_between_by(const struct schedule *, const uint32_t *zone, int64_t from_us, int64_t to_us);
