/* runtime/core/base/now.h - The batch that is applied now: its number, epoch and times. Only core.c sets these
 * values, when a batch begins; all other files read them. */
#pragma once

#include <stdint.h>

/* Limit of the wall clock's time: no clock is set beyond it, so moments and durations can be added without an
 * overflow. */
#define WALL_OFFSET_MAX_US (INT64_C(1) << 61)

struct now {
    uint64_t number, epoch, time_us; /* number, epoch and logical time of the batch */
    int64_t wall_offset_us;
    uint64_t restored_s; /* second since 1970 of the journal's last restore from a copy (Epoch_restored); 0: never */
};

/* Returns the wall clock's time of the batch that is applied now, in microseconds. */
static inline int64_t now_wall_us(const struct now *now)
{
    return (int64_t)now->time_us + now->wall_offset_us;
}
