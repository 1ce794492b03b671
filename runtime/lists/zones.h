/* runtime/lists/zones.h - The clocks of records' time zones, and daily windows by these clocks.
 *
 * A window is given as seconds since midnight by the clock of a zone, from and till; if `till` is less, it includes
 * midnight. A window is compared with the time on the zone's clock, so a window from 2:00 to 3:00 is never open on the
 * day when the clock skips that hour, and twice as long on the day when the clock repeats it.
 *
 * The database cannot compute this, so its table of zones has the present shift of each zone and the time until
 * which that is valid (struct zone_clock): fetching refreshes the rows that are out of date, and joins them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct zones; /* the rules of the zones used so far */

struct zones *zones_new(void);
void zones_free(struct zones *); /* NULL is allowed */

struct zone_clock {
    int64_t shift;        /* seconds by which the clock is ahead of UTC */
    int64_t midnight;     /* when the day began, microseconds since 1970 UTC */
    int64_t since, until; /* shift and midnight are valid from `since` until before `until` */
};
/* Reads the zone's clock at `now`. False: there is no such zone. */
bool zones_clock(struct zones *, const char *zone, int64_t now, struct zone_clock *);
bool zones_known(struct zones *, const char *zone);
/* Turns a time on the clock, given as if it were UTC, into microseconds since 1970 UTC. A time that the clock shows
 * twice means the first of the two; a time that it skips is computed as if the clock had not been changed. */
bool zones_instant(struct zones *, const char *zone, int64_t local_us, int64_t *us);

/* The windows of a day in which a record or a person may be called; there is a second window if `again_from` and
 * `again_till` differ. */
struct zone_windows {
    int64_t from, till, again_from, again_till;
};
/* Moves `*at` to the next time when one of the windows is open, if none is open at `*at`. False: none opens within
 * some days, the zone is unknown, or `*at` is beyond the year 9999. */
bool zones_opening(struct zones *, const char *zone, const struct zone_windows *, int64_t *at);

/* Returns the seconds since midnight by the zone's clock. */
int64_t zone_second(const struct zone_clock *, int64_t now);
bool zone_is_open(const struct zone_windows *, int64_t second);
