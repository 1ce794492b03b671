/* runtime/core/evidence/evidence_slices.c - Pairs of quarters of an hour: the average of their differences. */
#include "runtime/core/evidence/bound.h"
#include "runtime/core/evidence/comparison.h"

enum { SLICES_LEAST = 20, SLICES_HORIZON = 50, SLICES_MOST = 1000000, SLICES_ONE = 1000000, SLICES_PART = 100 };

static int64_t slice_rate(const struct evidence_arm *arm)
{
    return (int64_t)((bound_wide)arm->hits * SLICES_ONE / arm->count);
}

void evidence_slices_add(struct evidence_slices *slices, const struct evidence_arm *control,
                         const struct evidence_arm *candidate)
{
    if (control->count == 0 || candidate->count == 0 || slices->pairs == SLICES_MOST) return;
    int64_t difference = slice_rate(candidate) - slice_rate(control);
    slices->pairs++;
    slices->sum += difference;
    slices->squares += (uint64_t)(difference * difference);
}

bool evidence_slices_good(const struct evidence_slices *slices)
{
    if (slices->pairs > SLICES_MOST) return false;
    int64_t most = (int64_t)slices->pairs * SLICES_ONE;
    return slices->sum >= -most && slices->sum <= most && slices->squares <= (uint64_t)most * SLICES_ONE;
}

/* The variance is taken around the margin, not around the average: it is never too small, also where pairs are few. */
static uint64_t slices_variance(const struct evidence_ask *ask, const struct evidence_slices *slices)
{
    int64_t margin = (int64_t)ask->margin * (ask->fewer_is_worse ? -SLICES_PART : SLICES_PART);
    int64_t squares = (int64_t)slices->squares - 2 * margin * slices->sum + margin * margin * (int64_t)slices->pairs;
    bound_wide one = ((bound_wide)squares << 64) / slices->pairs / SLICES_ONE / SLICES_ONE;
    return one < UINT64_MAX ? (uint64_t)one : UINT64_MAX;
}

static struct comparison slices_compare(const struct evidence_ask *ask, const struct evidence_slices *slices)
{
    struct comparison c = {.units = slices->pairs, .radius = BOUND_ONE, .horizon = SLICES_HORIZON};
    if (c.units == 0) return c;
    c.difference = slices->sum * (1 << 20) / (int64_t)c.units * (1 << 12) / SLICES_ONE; /* in two steps: 32.32 */
    c.variance = slices_variance(ask, slices) / c.units;
    c.radius = bound_radius(c.variance, c.units, ask->alpha, SLICES_HORIZON);
    return c;
}

static uint64_t slices_least(const struct evidence_ask *ask)
{
    return ask->least > SLICES_LEAST ? ask->least : SLICES_LEAST;
}

void evidence_slices(const struct evidence_ask *ask, const struct evidence_slices *slices, struct evidence *evidence)
{
    struct comparison c = slices_compare(ask, slices);
    evidence->says = comparison_says(ask, &c, slices->pairs >= slices_least(ask));
    comparison_tell(&c, evidence);
}

uint64_t evidence_slices_more(const struct evidence_ask *ask, const struct evidence_slices *slices)
{
    struct comparison c = slices_compare(ask, slices);
    return comparison_more(ask, &c, slices_least(ask));
}
