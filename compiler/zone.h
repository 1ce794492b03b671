/* compiler/zone.h - Wall-clock time in a named zone to the instant it is, by the machine's time zone database. */
#ifndef COMPILER_ZONE_H
#define COMPILER_ZONE_H

#include <stdbool.h>
#include <stdint.h>

/* `local_us` is the wall clock as if it were UTC. A time that the clocks skip counts as if they had not yet been set;
 * of one that comes twice it is the first. False where there is no such zone. */
bool zone_instant(const char *zone, int64_t local_us, int64_t *utc_us);

#endif
