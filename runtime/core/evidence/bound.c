/* runtime/core/evidence/bound.c - Robbins' mixture in integers: with t observations and r = c(alpha) / horizon, the
 * radius is sqrt(variance * 2 (t r + 1) / (t r) * ln(1 + sqrt(t r + 1) / (2 alpha))). */
#include "runtime/core/evidence/bound.h"

#include <assert.h>

enum { BOUND_COUNT_BITS = 40 };

/* ln 2, 32.32 */
#define BOUND_LN_2 UINT64_C(2977044472)

uint64_t bound_root(bound_wide square)
{
    bound_wide root = 0;
    for (int bit = 63; bit >= 0; bit--) {
        bound_wide longer = root | (bound_wide)1 << bit;
        if (longer * longer <= square) root = longer;
    }
    return (uint64_t)root;
}

/* The whole part of the logarithm to base 2 is the place of the highest bit. Each squaring of what is left tells a bit
 * more. */
uint64_t bound_ln(bound_wide x)
{
    assert(x >= BOUND_ONE);
    uint64_t high = (uint64_t)(x >> 64);
    unsigned top = high ? 127 - (unsigned)__builtin_clzll(high) : 63 - (unsigned)__builtin_clzll((uint64_t)x);
    uint64_t mantissa = (uint64_t)(top > 63 ? x >> (top - 63) : x << (63 - top)); /* 1 is 2^63 */
    uint64_t log2 = top - 32;
    for (int bit = 0; bit < 32; bit++) {
        bound_wide square = (bound_wide)mantissa * mantissa >> 63;
        unsigned doubled = (unsigned)(square >> 64);
        log2 = log2 << 1 | doubled;
        mantissa = (uint64_t)(square >> doubled);
    }
    return (uint64_t)((bound_wide)log2 * BOUND_LN_2 >> 32);
}

/* c(alpha) / horizon: a = -2 ln (2 alpha), c = a + ln a + 1 */
static uint64_t bound_rate(uint32_t alpha, uint32_t horizon)
{
    uint64_t twice = 2 * bound_ln(((bound_wide)1000000 << 32) / (2 * alpha));
    return (twice + bound_ln(twice) + BOUND_ONE) / horizon;
}

/* Returns the square of the radius in standard deviations of the average, 32.32. */
static bound_wide bound_factor(uint64_t count, uint32_t alpha, uint32_t horizon)
{
    bound_wide grown = (bound_wide)count * bound_rate(alpha, horizon);
    uint64_t root = bound_root((grown + BOUND_ONE) << 32);
    uint64_t log = bound_ln(BOUND_ONE + (bound_wide)root * 1000000 / (2 * alpha));
    return 2 * (grown + BOUND_ONE) * log / grown;
}

uint64_t bound_radius(uint64_t variance, uint64_t count, uint32_t alpha, uint32_t horizon)
{
    assert(count > 0 && count <= UINT64_C(1) << BOUND_COUNT_BITS && alpha > 0 && alpha <= 100000);
    uint64_t radius = bound_root(variance * bound_factor(count, alpha, horizon) >> 32) + 1;
    return radius < BOUND_ONE ? radius : BOUND_ONE;
}

static uint64_t bound_needs(uint64_t variance_of_one, uint64_t count, uint64_t slack, uint32_t alpha, uint32_t horizon)
{
    uint64_t variance = variance_of_one / count;
    uint64_t deviation = bound_root(variance);
    return bound_radius(variance, count, alpha, horizon) + (uint64_t)((bound_wide)deviation * slack >> 32);
}

uint64_t bound_reaches(uint64_t variance_of_one, uint64_t gap, uint64_t slack, uint32_t alpha, uint32_t horizon)
{
    uint64_t enough = 1, most = UINT64_C(1) << BOUND_COUNT_BITS;
    while (enough < most && bound_needs(variance_of_one, enough, slack, alpha, horizon) >= gap) enough *= 2;
    if (bound_needs(variance_of_one, enough, slack, alpha, horizon) >= gap) return UINT64_MAX;
    uint64_t lacks = enough / 2; /* 0 lacks, too */
    while (enough - lacks > 1) {
        uint64_t middle = lacks + (enough - lacks) / 2;
        if (bound_needs(variance_of_one, middle, slack, alpha, horizon) < gap)
            enough = middle;
        else
            lacks = middle;
    }
    return enough;
}

/* The factor is never below 2 ln (1 / (2 alpha)); of that logarithm, the whole part to base 2 is taken. */
bool bound_may_leave(uint64_t variance, uint64_t away, uint32_t alpha)
{
    unsigned doublings = 31 - (unsigned)__builtin_clz(1000000 / (2 * alpha));
    return (bound_wide)away * away > (bound_wide)variance * (2 * doublings * BOUND_LN_2) >> 32;
}
