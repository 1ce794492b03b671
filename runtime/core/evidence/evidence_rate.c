/* runtime/core/evidence/evidence_rate.c - Two rates: their difference, its interval, and what both say about the
 * margin. */
#include <assert.h>

#include "runtime/core/evidence/bound.h"
#include "runtime/core/evidence/evidence_rate.h"

enum { RATE_LEAST = 50, RATE_HORIZON = 1000 };

/* Returns the variance of one call of the arm, in parts of 2^64. One more of both outcomes is taken as seen. */
static uint64_t rate_variance(const struct evidence_arm *arm)
{
    bound_wide yes = ((bound_wide)(arm->hits + 1) << 60) / (arm->count + 2);
    return (uint64_t)(yes * (((bound_wide)1 << 60) - yes) >> 56);
}

/* Returns the calls per arm that weigh as much as both arms' calls. */
static uint64_t rate_pairs(const struct evidence_arm *control, const struct evidence_arm *candidate)
{
    bound_wide both = (bound_wide)control->count + candidate->count;
    return both > 0 ? (uint64_t)(2 * (bound_wide)control->count * candidate->count / both) : 0;
}

static int64_t rate_fraction(const struct evidence_arm *arm)
{
    return (int64_t)(((bound_wide)arm->hits << 32) / arm->count);
}

struct comparison evidence_rate_compare(const struct evidence_ask *ask, const struct evidence_arm *control,
                                        const struct evidence_arm *candidate)
{
    assert(control->hits <= control->count && candidate->hits <= candidate->count);
    struct comparison c = {.radius = BOUND_ONE, .horizon = RATE_HORIZON};
    c.units = rate_pairs(control, candidate);
    if (c.units == 0) return c;
    uint64_t variance = rate_variance(control) / control->count + rate_variance(candidate) / candidate->count;
    c.difference = rate_fraction(candidate) - rate_fraction(control);
    c.radius = bound_radius(variance, c.units, ask->alpha, RATE_HORIZON);
    c.variance_of_one = (rate_variance(control) + rate_variance(candidate));
    if (control->count != candidate->count) c.variance_of_one = (uint64_t)((bound_wide)variance * c.units);
    return c;
}

uint64_t evidence_rate_least(const struct evidence_ask *ask)
{
    return ask->least > RATE_LEAST ? ask->least : RATE_LEAST;
}

static uint64_t rate_fewer(const struct evidence_arm *control, const struct evidence_arm *candidate)
{
    return control->count < candidate->count ? control->count : candidate->count;
}

void evidence_rate(const struct evidence_ask *ask, const struct evidence_arm *control,
                   const struct evidence_arm *candidate, struct evidence *evidence)
{
    struct comparison c = evidence_rate_compare(ask, control, candidate);
    evidence->says = comparison_says(ask, &c, rate_fewer(control, candidate) >= evidence_rate_least(ask));
    comparison_tell(&c, evidence);
}

uint64_t evidence_rate_more(const struct evidence_ask *ask, const struct evidence_arm *control,
                            const struct evidence_arm *candidate)
{
    struct comparison c = evidence_rate_compare(ask, control, candidate);
    uint64_t fewer = rate_fewer(control, candidate), least = evidence_rate_least(ask);
    uint64_t lacks = fewer < least ? least - fewer : 0, more = comparison_more(ask, &c, 0);
    return more > lacks ? more : lacks;
}
