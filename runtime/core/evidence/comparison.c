/* runtime/core/evidence/comparison.c - An interval beside the margin: beyond it, short of it, or around it. */
#include "runtime/core/evidence/comparison.h"

#include <assert.h>

#include "runtime/core/evidence/bound.h"

enum { COMPARISON_MILLION = 1000000, COMPARISON_ONE = 10000 };

static int64_t comparison_margin(const struct evidence_ask *ask)
{
    assert(ask->margin <= COMPARISON_ONE);
    return (int64_t)(ask->margin * BOUND_ONE / COMPARISON_ONE);
}

int64_t comparison_beyond(const struct evidence_ask *ask, const struct comparison *c)
{
    return (ask->fewer_is_worse ? -c->difference : c->difference) - comparison_margin(ask);
}

enum evidence_says comparison_says(const struct evidence_ask *ask, const struct comparison *c, bool enough)
{
    int64_t beyond = comparison_beyond(ask, c);
    if (c->units == 0 || !enough) return EVIDENCE_TOO_LITTLE;
    if (beyond > (int64_t)c->radius) return EVIDENCE_WORSE;
    return -beyond > (int64_t)c->radius ? EVIDENCE_NO_WORSE : EVIDENCE_TOO_LITTLE;
}

/* Rounded to the nearest; half away from zero */
static int64_t comparison_millionths(int64_t fraction)
{
    int64_t half = fraction < 0 ? -(int64_t)(BOUND_ONE / 2) : (int64_t)(BOUND_ONE / 2);
    return (fraction * COMPARISON_MILLION + half) / (int64_t)BOUND_ONE;
}

static int64_t comparison_within_one(int64_t fraction)
{
    if (fraction > (int64_t)BOUND_ONE) return (int64_t)BOUND_ONE;
    return fraction < -(int64_t)BOUND_ONE ? -(int64_t)BOUND_ONE : fraction;
}

void comparison_tell(const struct comparison *c, struct evidence *evidence)
{
    int64_t radius = (int64_t)c->radius;
    evidence->difference = comparison_millionths(c->difference);
    evidence->low = comparison_millionths(comparison_within_one(c->difference - radius));
    evidence->high = comparison_millionths(comparison_within_one(c->difference + radius));
}

uint64_t comparison_more(const struct evidence_ask *ask, const struct comparison *c, uint64_t least)
{
    int64_t beyond = comparison_beyond(ask, c);
    uint64_t gap = (uint64_t)(beyond < 0 ? -beyond : beyond);
    uint64_t lacks = c->units < least ? least - c->units : 0;
    if (c->units == 0) return lacks;
    if (c->radius < gap) return lacks;
    bound_wide one = (bound_wide)c->variance * c->units; /* the variance of one unit */
    uint64_t needed = bound_reaches(one < UINT64_MAX ? (uint64_t)one : UINT64_MAX, gap, 0, ask->alpha, c->horizon);
    if (needed == UINT64_MAX) return EVIDENCE_NEVER;
    uint64_t more = needed > c->units ? needed - c->units : 1;
    return more > lacks ? more : lacks;
}
