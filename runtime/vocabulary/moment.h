/* runtime/vocabulary/moment.h - A moment of a core, which counts its own microseconds, by the wall clock. */
#pragma once

#include <stdint.h>

/* A moment that the wall clock cannot say, as the end of the longest timeout is, is the last one that it can. */
static inline int64_t moment_wall_us(uint64_t core_us, int64_t offset_us)
{
    int64_t wall_us;
    if (core_us > INT64_MAX || __builtin_add_overflow((int64_t)core_us, offset_us, &wall_us)) return INT64_MAX;
    return wall_us;
}
