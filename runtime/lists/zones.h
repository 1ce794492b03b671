/* runtime/lists/zones.h - The clocks of records' zones, and daily windows by them.
 *
 * A window is seconds since midnight by the clocks of a zone, from and till; where `till` is less, it goes over
 * midnight. It is compared with what the clocks show, so a window from 2:00 to 3:00 is never open on the day when the
 * clocks skip that hour, and twice as long on the day when they repeat it.
 *
 * The database cannot compute this, so its table of zones holds the present shift of each zone and the moment until
 * which that is so (struct zone_clock): fetching refreshes the rows that are no longer true, and joins them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct zones; /* the rules of the zones that were asked for */

struct zones *zones_new(void);
void zones_free(struct zones *); /* NULL is allowed */

struct zone_clock {
    int64_t shift;        /* seconds that the clocks are ahead of UTC */
    int64_t midnight;     /* when the day began, microseconds since 1970 UTC */
    int64_t since, until; /* shift and midnight hold from `since` until before `until` */
};
/* Reads the zone's clock at `now`. False: there is no such zone. */
bool zones_clock(struct zones *, const char *zone, int64_t now, struct zone_clock *);
bool zones_known(struct zones *, const char *zone);
/* Turns what the clocks show, written as if it were UTC, into the instant. A time that the clocks show twice is the
 * first of the two; a time that they skip is taken as if they had not been set. */
bool zones_instant(struct zones *, const char *zone, int64_t local_us, int64_t *us);

/* Moves `*at` to the next moment when the window is open, where it is not open at `*at`. False: it does not open within
 * some days, the zone is unknown, or `*at` is beyond the year 9999. */
bool zones_opening(struct zones *, const char *zone, int64_t from, int64_t till, int64_t *at);

/* Returns the seconds since midnight by that clock. */
int64_t zone_second(const struct zone_clock *, int64_t now);
bool zone_window_is_open(int64_t from, int64_t till, int64_t second);
