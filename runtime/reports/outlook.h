/* runtime/reports/outlook.h - How many will come on a day, by quarter of an hour of the zone's clocks.
 *
 * Of W same weekdays, the newest that are known, a quarter's mean is drawn towards the profile of all days:
 *
 *     mean of a quarter = (sum of the quarter over the W days + k T p) / (W + k)
 *
 * T is the mean of the W days' sums, p the quarter's part of all days of these weeks, smoothed over its neighbours, and
 * k = 16 / (1 + T p / 10). So with few calls a day the profile decides, which all days have made, and with many the
 * weekday's own quarter. The interval is that of a negative binomial distribution, as wide as the sums of the last
 * weeks' days differ from the means of their weekdays, and as the mean of only W days may be wrong.
 *
 * The same method is tried on each of the last four weeks' days, from no more than was known as long before it, and so
 * are two rivals: the mean of the same weekdays, and the same day of the week before. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { OUTLOOK_SLOTS = 96, OUTLOOK_TRIED_DAYS = 28, OUTLOOK_WEEKS_MAX = 52, OUTLOOK_INTERVAL_PERCENT = 80 };

/* Past days, each by 96 quarters of the clock. When the clocks change, a quarter comes twice or not at all. */
struct outlook_past {
    int64_t first_day;     /* days since 1970 */
    uint32_t days, begins; /* how many; the first one of them on which anything came: no record is older */
    double *counts;        /* [day][slot] */
    uint8_t *times;        /* [day][slot]: how often the quarter came on that day */
};

struct outlook {
    double means[OUTLOOK_SLOTS]; /* of one quarter that comes once */
    double excess;               /* variance of a day's sum beyond that of chance, as a part of its square */
    uint32_t weekdays;           /* of so many same weekdays */
};

enum outlook_rival { RIVAL_own, RIVAL_mean, RIVAL_week, RIVALS };

struct outlook_trial {
    uint32_t days;                                            /* 0: too little is known to try any */
    double calls, quarter_errors[RIVALS], day_errors[RIVALS]; /* sums of calls, and of errors without their sign */
    uint64_t quarters, held;                                  /* of so many quarters so many were within the interval */
};

/* `day`: counted from the first day of the past; `known`: the last day that may be looked at. False: there is no same
 * weekday. */
bool outlook_make(const struct outlook_past *, uint32_t day, uint32_t known, uint32_t weeks, struct outlook *);
/* The interval in which so many percent of such quarters lie, in whole calls. */
void outlook_interval(double mean, double excess, double *low, double *high);
/* Tries the method on the last days of the past. `ahead`: the forecast of each of these days is made so many days
 * before it. */
void outlook_try(const struct outlook_past *, uint32_t ahead, uint32_t weeks, struct outlook_trial *);
