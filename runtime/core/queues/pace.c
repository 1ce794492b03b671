/* runtime/core/queues/pace.c - How fast a queue moves: the mean of the last times between two interactions that left
 * it. */
#include "runtime/core/queues/pace.h"

#include <assert.h>

#include "runtime/core/base/table.h"

/* Notes that an interaction has left. If somebody has waited ever since the last one left, the time between them
 * shows how fast the queue moves; otherwise it shows only how often interactions come, which is a guess. */
static void pace_moved(struct pace *pace, uint64_t now_us)
{
    enum { SMOOTHING = 32 };
    uint64_t spacing = now_us - pace->left_us;
    if (pace->left_us != 0 && pace->waited) {
        if (pace->spacings < SMOOTHING) pace->spacings++;
        pace->spacing_us = (pace->spacing_us * (pace->spacings - 1u) + spacing) / pace->spacings;
    } else if (pace->left_us != 0 && pace->spacings == 0) {
        pace->spacing_us = spacing;
    }
    pace->left_us = now_us;
}

void pace_leave(struct pace *pace, bool has_moved, bool wait, uint64_t now_us)
{
    if (has_moved) pace_moved(pace, now_us);
    pace->waited = wait && (pace->waited || has_moved);
}

uint64_t pace_expected_us(const struct pace *pace, uint32_t position)
{
    assert(position > 0);
    uint64_t spacing = pace->spacing_us;
    if (spacing == 0) return UINT64_MAX;
    return spacing > (uint64_t)INT64_MAX / position ? INT64_MAX : spacing * position;
}

uint64_t pace_hash(const struct pace *pace, uint64_t hash)
{
    return table_mix64(table_mix64(table_mix64(hash + pace->left_us) + pace->spacing_us) +
                       ((uint64_t)pace->spacings << 1 | pace->waited));
}
