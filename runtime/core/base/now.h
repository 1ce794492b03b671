/* runtime/core/base/now.h - The batch that is applied now: its number, epoch and times. core.c sets them when a batch
 * begins; all others only read. */
#pragma once

#include <stdint.h>

/* No clock is set so far: moments and durations can be added to the wall clock's time without an overflow. */
#define WALL_OFFSET_MAX_US (INT64_C(1) << 61)

struct now {
    uint64_t number, epoch, time_us; /* of the last batch */
    int64_t wall_offset_us;
    uint64_t restored_s; /* the second since 1970 when the journal was put back last (Epoch_restored); 0: never */
};

/* The wall clock's time of this batch. */
static inline int64_t now_wall_us(const struct now *now)
{
    return (int64_t)now->time_us + now->wall_offset_us;
}
