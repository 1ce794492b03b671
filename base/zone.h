/* base/zone.h - Wall-clock time in a named zone to the instant it is, by the machine's time zone database. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Sets the instant at which the zone's clocks show `local_us`, a wall-clock time as if in UTC. A time that the clocks
 * skip counts as if they had not yet been set; of a time that comes twice the first one is taken. False where there is
 * no such zone. */
bool zone_instant(const char *zone, int64_t local_us, int64_t *utc_us);

/* The seconds east of UTC that the clocks of a zone show, and from when on; the first row is from the beginning of time
 * on, the last ones follow the zone's rule as far as ZONE_LAST_YEAR. */
struct zone_rules {
    const char *name;
    const int64_t *from; /* seconds since 1970 */
    const int32_t *offsets;
    uint32_t count;
};

struct arena;
enum { ZONE_LAST_YEAR = 2100 };

/* Reads the rules of a zone into the arena; NULL where there is no such zone. */
const struct zone_rules *zone_rules(struct arena *, const char *name);
bool zone_exists(const char *name);
