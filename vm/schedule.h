/* vm/schedule.h - Opening hours: is it open, when does it next open or close, how long is it open. These functions
 * are pure; times are wall-clock times (as if they were UTC), or, in functions with a zone's table (clock.h),
 * moments.
 *
 * A schedule is a list of numbers, a line after another; the last line that names a day has it:
 *   SCHEDULE_WEEKDAYS first, last of the weekdays 0 (Monday) to 6, or SCHEDULE_DATES first, last in days since 1970;
 *   how many hours follow; of each its beginning and end in seconds since midnight, below 172,800, the end after the
 *   beginning: what is open past midnight is the hours of the day on which it began.
 * A number that does not fit this form, and any after SCHEDULE_NUMBERS_MAX numbers, ends the schedule: it is closed on
 * all days that no earlier line names. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SCHEDULE_WEEKDAYS, SCHEDULE_DATES };
enum { SCHEDULE_DAYS_MAX = 400, SCHEDULE_END_MAX = 172800, SCHEDULE_NUMBERS_MAX = 4096 };
/* limit of one search, in fuel: after it the search ends as if nothing more were found */
enum { SCHEDULE_WORK_MAX = 1 << 20 };

struct schedule {
    const void *self;
    int64_t (*number)(const void *self, uint32_t index);
    uint32_t count;
    uint32_t *days; /* counts the days examined */
};

uint32_t schedule_day_cost(const struct schedule *); /* the fuel for one examined day */
bool schedule_open(const struct schedule *, int64_t us);
/* Finds the next time after `us` at which the schedule opens, or closes; false: none within SCHEDULE_DAYS_MAX days. */
bool schedule_next(const struct schedule *, int64_t us, bool opens, int64_t *at);
/* Finds when the schedule has been open for `duration_us` since `us`; false: not within three years. */
bool schedule_add(const struct schedule *, int64_t us, int64_t duration_us, int64_t *at);
/* returns the open time between the two, for three years at most */
int64_t schedule_between(const struct schedule *, int64_t from_us, int64_t to_us);

/* The functions with _by take moments and the clocks of a zone, and are exact when these change: an hour that occurs
 * twice is open twice, and a skipped one is not; the result is never before `us`. */
bool schedule_next_by(const struct schedule *, const uint32_t *zone, int64_t us, bool opens, int64_t *at);
bool schedule_add_by(const struct schedule *, const uint32_t *zone, int64_t us, int64_t duration_us, int64_t *at);
int64_t schedule_between_by(const struct schedule *, const uint32_t *zone, int64_t from_us, int64_t to_us);
