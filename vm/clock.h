/* vm/clock.h - The clocks of a time zone, by the rules in a table of the image (image.h). */
#pragma once

#include "vm/image.h"

/* Returns the table with that number; NULL: it is not a zone's table. */
const uint32_t *clock_zone(const struct image *, uint64_t number);
/* Returns the table of the zone with that name; NULL: the image has none. */
const uint32_t *clock_zone_named(const struct image *, struct text name);
/* Returns the name of the only zone whose rules the image has; empty: it has none, or several. */
struct text clock_zone_only(const struct image *);
/* Returns the name of the zone; its bytes are in the table. */
struct text clock_zone_name(const uint32_t *table);
/* Returns the seconds east of UTC at a moment, given in seconds since 1970. */
int64_t clock_zone_offset(const uint32_t *table, int64_t seconds);
/* Finds the next moment at which the clocks are changed; false: they never are again. */
bool clock_zone_change_after(const uint32_t *table, int64_t seconds, int64_t *at);
/* Returns the offset for a local time. A time that the clocks skip is read as if they had not yet been changed; a
 * time shown twice means the first one. */
int64_t clock_zone_offset_shown(const uint32_t *table, int64_t local);

/* Returns the greatest multiple of the unit up to this time, also before 1970. */
static inline int64_t floor_to(int64_t us, int64_t unit)
{
    return us - (us % unit + unit) % unit;
}
