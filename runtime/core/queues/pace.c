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

/* How far waits differ from the expected wait, in thousandths of it, by position: a tenth of the waits was shorter than
 * `low`, a tenth longer than `high`. tests/bench/ewt.c measured this with 1 to 50 agents. Position 1 has the widest
 * range: the pace counts callers behind who hang up, too, and they do not bring the first one nearer. */
static const struct {
    uint32_t position, low, high;
} pace_spread[] = {{1, 180, 3700}, {2, 420, 2850},  {3, 470, 2350},  {4, 510, 2000},
                   {6, 540, 1850}, {12, 610, 1480}, {24, 670, 1300}, {64, 680, 1200}};
enum { PACE_SPREADS = sizeof pace_spread / sizeof *pace_spread };

static uint64_t pace_between(uint64_t at, unsigned row, uint64_t from, uint64_t to)
{
    uint64_t before = pace_spread[row - 1].position, width = pace_spread[row].position - before;
    return from < to ? from + (to - from) * (at - before) / width : from - (from - to) * (at - before) / width;
}

static uint64_t pace_thousandths(uint64_t us, uint64_t share)
{
    uint64_t most_us = (uint64_t)INT64_MAX / share;
    return (us < most_us ? us : most_us) * share / 1000;
}

/* If fewer than 8 times were measured, the range is wider: after n times the high end is greater by one n-th of itself,
 * for example by half after two times, and the low end is smaller. */
bool pace_range_us(const struct pace *pace, uint32_t position, uint64_t *low_us, uint64_t *high_us)
{
    uint64_t mean_us = pace_expected_us(pace, position), times = pace->spacings > 0 ? pace->spacings : 1;
    if (mean_us == UINT64_MAX) return false;
    unsigned row = 1;
    uint64_t last = pace_spread[PACE_SPREADS - 1].position, at = position < last ? position : last;
    while (row < PACE_SPREADS - 1 && pace_spread[row].position < at) row++;
    uint64_t low = pace_between(at, row, pace_spread[row - 1].low, pace_spread[row].low);
    uint64_t high = pace_between(at, row, pace_spread[row - 1].high, pace_spread[row].high);
    if (times < 8) {
        low = low * times / (times + 1);
        high = high * (times + 1) / times;
    }
    *low_us = pace_thousandths(mean_us, low);
    *high_us = pace_thousandths(mean_us, high);
    return true;
}

uint64_t pace_hash(const struct pace *pace, uint64_t hash)
{
    return table_mix64(table_mix64(table_mix64(hash + pace->left_us) + pace->spacing_us) +
                       ((uint64_t)pace->spacings << 1 | pace->waited));
}
