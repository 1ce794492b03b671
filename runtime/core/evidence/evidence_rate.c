/* runtime/core/evidence/evidence_rate.c - Two rates: their difference, its interval, and what both say about the
 * margin. */
#include <assert.h>

#include "runtime/core/evidence/bound.h"
#include "runtime/core/evidence/evidence_rate.h"

enum { RATE_LEAST = 50, RATE_HORIZON = 1000, RATE_ALL = 10000 };

/* Returns hits / count, 32.32. Numbers of every day need no wide division. */
static uint64_t rate_fraction(uint64_t hits, uint64_t count)
{
    return hits >> 32 ? (uint64_t)(((bound_wide)hits << 32) / count) : (hits << 32) / count;
}

/* Returns the variance of a rate of so many calls, in parts of 2^64. */
static uint64_t rate_variance_of(uint64_t rate, uint64_t count)
{
    return rate * (BOUND_ONE - rate) / count;
}

/* Returns the variance of an arm's rate. Each outcome counts once more than it was seen, so that a rate that was never
 * seen has a variance, too. */
static uint64_t rate_variance(const struct evidence_arm *arm)
{
    return rate_variance_of(rate_fraction(arm->hits + 1, arm->count + 2) | 1, arm->count);
}

/* Returns the calls per arm that weigh as much as both arms' calls. */
static uint64_t rate_pairs(const struct evidence_arm *control, const struct evidence_arm *candidate)
{
    bound_wide both = (bound_wide)control->count + candidate->count;
    return both > 0 ? (uint64_t)(2 * (bound_wide)control->count * candidate->count / both) : 0;
}

/* Returns the comparison without its radius. */
static struct comparison rate_begin(const struct evidence_arm *control, const struct evidence_arm *candidate)
{
    assert(control->hits <= control->count && candidate->hits <= candidate->count);
    struct comparison c = {.units = rate_pairs(control, candidate), .radius = BOUND_ONE, .horizon = RATE_HORIZON};
    if (c.units == 0) return c;
    c.difference = (int64_t)rate_fraction(candidate->hits, candidate->count) -
                   (int64_t)rate_fraction(control->hits, control->count);
    c.variance = rate_variance(control) + rate_variance(candidate);
    return c;
}

static void rate_bound(const struct evidence_ask *ask, struct comparison *c)
{
    if (c->units > 0) c->radius = bound_radius(c->variance, c->units, ask->alpha, RATE_HORIZON);
}

struct comparison evidence_rate_compare(const struct evidence_ask *ask, const struct evidence_arm *control,
                                        const struct evidence_arm *candidate)
{
    struct comparison c = rate_begin(control, candidate);
    rate_bound(ask, &c);
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

enum evidence_says evidence_rate_says(const struct evidence_ask *ask, const struct evidence_arm *control,
                                      const struct evidence_arm *candidate)
{
    if (rate_fewer(control, candidate) < evidence_rate_least(ask)) return EVIDENCE_TOO_LITTLE;
    struct comparison c = rate_begin(control, candidate);
    int64_t beyond = comparison_beyond(ask, &c);
    if (!bound_may_leave(c.variance, (uint64_t)(beyond < 0 ? -beyond : beyond), ask->alpha)) return EVIDENCE_TOO_LITTLE;
    rate_bound(ask, &c);
    return comparison_says(ask, &c, true);
}

uint64_t evidence_rate_more(const struct evidence_ask *ask, const struct evidence_arm *control,
                            const struct evidence_arm *candidate)
{
    struct comparison c = evidence_rate_compare(ask, control, candidate);
    uint64_t fewer = rate_fewer(control, candidate), least = evidence_rate_least(ask);
    uint64_t lacks = fewer < least ? least - fewer : 0, more = comparison_more(ask, &c, 0);
    return more > lacks ? more : lacks;
}

/* Both ends of the interval are asked at once: each has half of alpha. The nearer end decides. The variance is at least
 * that of a rate at this end: else a rate that is rare looks certain as long as it was not seen. */
void evidence_within(const struct evidence_ask *ask, const struct evidence_interval *interval,
                     const struct evidence_arm *all, struct evidence *evidence, uint64_t *more)
{
    uint64_t least = evidence_rate_least(ask);
    struct evidence_ask half = {.alpha = ask->alpha < 2 ? 1 : ask->alpha / 2};
    struct comparison c = {.units = all->count, .radius = BOUND_ONE, .horizon = RATE_HORIZON};
    assert(all->hits <= all->count && interval->low < interval->high && interval->high <= RATE_ALL);
    uint64_t low = interval->low * BOUND_ONE / RATE_ALL, high = interval->high * BOUND_ONE / RATE_ALL;
    uint64_t rate = c.units > 0 ? rate_fraction(all->hits, all->count) : 0;
    /* No rate is below 0 or above 1. */
    bool upper = interval->low == 0 || (interval->high < RATE_ALL && high + low < 2 * rate);
    c.difference = (int64_t)rate;
    if (c.units > 0) {
        uint64_t seen = rate_variance(all), there = rate_variance_of(upper ? high : low, all->count);
        c.variance = seen > there ? seen : there;
        rate_bound(&half, &c);
    }
    comparison_tell(&c, evidence);
    if (evidence->low < 0) evidence->low = 0;
    /* How far the rate is outside; negative: inside. */
    c.difference = upper ? (int64_t)rate - (int64_t)high : (int64_t)low - (int64_t)rate;
    evidence->says = comparison_says(&half, &c, all->count >= least);
    if (more) *more = evidence->says == EVIDENCE_TOO_LITTLE ? comparison_more(&half, &c, least) : 0;
}
