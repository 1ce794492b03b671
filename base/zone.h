/* base/zone.h - Converts the wall-clock time of a named zone to UTC, by the machine's time zone database. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Sets `*utc_us` to the instant at which the zone's clocks show `local_us`, a wall-clock time written as if it were
 * UTC. A time that the clocks skip is read as if they had not yet been changed; of a time that occurs twice the
 * first one is taken. False: there is no such zone. */
bool zone_instant(const char *zone, int64_t local_us, int64_t *utc_us);

/* The offsets of a zone in seconds east of UTC, each with the moment from which it applies; the first row applies
 * from the beginning of time, the last rows follow the zone's rule up to ZONE_LAST_YEAR. */
struct zone_rules {
    const char *name;
    const int64_t *from; /* seconds since 1970 */
    const int32_t *offsets;
    uint32_t count;
};

struct arena;
enum { ZONE_LAST_YEAR = 2100 };

/* Reads the rules of a zone into the arena; NULL: there is no such zone. */
const struct zone_rules *zone_rules(struct arena *, const char *name);
bool zone_exists(const char *name);
