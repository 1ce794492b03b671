/* runtime/vocabulary/moment.h - Converts a moment of a core, which counts its own microseconds, to the wall clock. */
#pragma once

#include <stdint.h>

/* Returns the wall clock's time of a moment of the core. A moment beyond the wall clock's range, such as the end of
 * the longest timeout, becomes the last moment within it. */
static inline int64_t moment_wall_us(uint64_t core_us, int64_t offset_us)
{
    int64_t wall_us;
    if (core_us > INT64_MAX || __builtin_add_overflow((int64_t)core_us, offset_us, &wall_us)) return INT64_MAX;
    return wall_us;
}
