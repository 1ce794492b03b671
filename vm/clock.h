/* vm/clock.h - The clocks of a zone: their rules stand in a table of the image (image.h). */
#pragma once

#include "vm/image.h"

/* Returns the table of that number; NULL: it is no zone's. */
const uint32_t *clock_zone(const struct image *, uint64_t number);
/* The table of the zone of that name; NULL: the image has none. */
const uint32_t *clock_zone_named(const struct image *, struct text name);
/* Seconds east of UTC, at a moment: seconds since 1970. */
int64_t clock_zone_offset(const uint32_t *table, int64_t seconds);
/* The next moment after this one at which the clocks are set; false: never more. */
bool clock_zone_change_after(const uint32_t *table, int64_t seconds, int64_t *at);
/* Returns the offset for a time that the clocks show. A time that they skip counts as if they had not yet been set; a
 * time that they show twice is the first of the two. */
int64_t clock_zone_offset_shown(const uint32_t *table, int64_t local);

/* The last time up to this one that is a multiple of the unit, also before 1970. */
static inline int64_t floor_to(int64_t us, int64_t unit)
{
    return us - (us % unit + unit) % unit;
}
