/* runtime/core/evidence/evidence_quantile.c - Two quantiles, by the arms' shares beyond each length that the control's
 * may be. */
#include <assert.h>

#include "runtime/core/evidence/bound.h"
#include "runtime/core/evidence/evidence_rate.h"
#include "runtime/core/pacing/duration.h"

enum { QUANTILE_HORIZON = 1000, QUANTILE_STEPS = 16, QUANTILE_ONE = 10000 };

/* What both functions work with. */
struct quantiles {
    const struct evidence_ask *ask;
    const struct evidence_quantile *of;
    const struct durations *control, *candidate;
};

/* Returns an arm's rate of calls that last `us` or longer. */
static struct evidence_arm quantile_beyond(const struct durations *arm, uint64_t us)
{
    uint64_t count = durations_count(arm), hits = (durations_lasting(arm, us) + (1 << 15)) >> 16;
    return (struct evidence_arm){.count = count, .hits = hits < count ? hits : count};
}

static uint64_t quantile_allowed(const struct quantiles *q, uint64_t us)
{
    return us + (uint64_t)((bound_wide)us * q->ask->margin / QUANTILE_ONE) + q->of->margin_us;
}

/* Compares the arms beyond a length that the control's quantile may have. Three quarters of alpha are for that. */
static struct comparison quantile_compare(const struct quantiles *q, uint64_t us, struct evidence_ask *ask)
{
    *ask = (struct evidence_ask){.alpha = q->ask->alpha - q->ask->alpha / 4};
    struct evidence_arm control = quantile_beyond(q->control, us);
    struct evidence_arm candidate = quantile_beyond(q->candidate, quantile_allowed(q, us));
    return evidence_rate_compare(ask, &control, &candidate);
}

/* The shares between which the control's quantile is. Each side has an eighth of alpha. */
static bool quantile_doubt(const struct quantiles *q, uint32_t *low, uint32_t *high)
{
    uint32_t share = q->of->share, alpha = q->ask->alpha / 8 > 0 ? q->ask->alpha / 8 : 1;
    uint64_t count = durations_count(q->control), variance = ((uint64_t)share * (CHANCE_ONE - share)) << 4;
    uint32_t radius = (uint32_t)(bound_radius(variance / count, count, alpha, QUANTILE_HORIZON) >> 2);
    *low = share - (radius < share ? radius : share);
    *high = radius < CHANCE_ONE - share ? share + radius : CHANCE_ONE;
    return *low > 0 && *high < CHANCE_ONE;
}

static enum evidence_says quantile_says(const struct quantiles *q)
{
    uint32_t low, high;
    if (!quantile_doubt(q, &low, &high)) return EVIDENCE_TOO_LITTLE;
    enum evidence_says all = EVIDENCE_TOO_LITTLE;
    for (uint32_t step = 0; step <= QUANTILE_STEPS; step++) {
        uint32_t share = low + (uint32_t)((uint64_t)(high - low) * step / QUANTILE_STEPS);
        struct evidence_ask ask;
        struct comparison c = quantile_compare(q, durations_quantile_us(q->control, share), &ask);
        enum evidence_says here = comparison_says(&ask, &c, true);
        if (here == EVIDENCE_TOO_LITTLE || (step > 0 && here != all)) return EVIDENCE_TOO_LITTLE;
        all = here;
    }
    return all;
}

static bool quantile_enough(const struct quantiles *q)
{
    uint64_t least = evidence_rate_least(q->ask);
    return durations_count(q->control) >= least && durations_count(q->candidate) >= least;
}

/* Returns the candidate's quantile when its share is shifted by the radius, less the control's. */
static int64_t quantile_apart(const struct quantiles *q, int64_t radius)
{
    int64_t share = (int64_t)q->of->share + radius;
    if (share < 0) share = 0;
    if (share >= CHANCE_ONE) share = CHANCE_ONE - 1; /* all of them have no length that they are below */
    return (int64_t)durations_quantile_us(q->candidate, (uint32_t)share) -
           (int64_t)durations_quantile_us(q->control, q->of->share);
}

void evidence_quantile(const struct evidence_ask *ask, const struct evidence_quantile *of,
                       const struct durations *control, const struct durations *candidate, struct evidence *evidence)
{
    assert(of->share > 0 && of->share < CHANCE_ONE);
    struct quantiles q = {.ask = ask, .of = of, .control = control, .candidate = candidate};
    struct evidence_ask part;
    *evidence = (struct evidence){.says = EVIDENCE_TOO_LITTLE};
    if (durations_count(control) == 0 || durations_count(candidate) == 0) return;
    struct comparison c = quantile_compare(&q, durations_quantile_us(control, of->share), &part);
    int64_t radius = (int64_t)(c.radius >> 2);
    evidence->difference = quantile_apart(&q, 0);
    evidence->low = quantile_apart(&q, -radius);
    evidence->high = quantile_apart(&q, radius);
    if (quantile_enough(&q)) evidence->says = quantile_says(&q);
}

uint64_t evidence_quantile_more(const struct evidence_ask *ask, const struct evidence_quantile *of,
                                const struct durations *control, const struct durations *candidate)
{
    struct quantiles q = {.ask = ask, .of = of, .control = control, .candidate = candidate};
    uint64_t fewer = durations_count(control), least = evidence_rate_least(ask);
    if (durations_count(candidate) < fewer) fewer = durations_count(candidate);
    if (fewer < least) return least - fewer;
    if (quantile_says(&q) != EVIDENCE_TOO_LITTLE) return 0;
    struct evidence_ask part;
    struct comparison c = quantile_compare(&q, durations_quantile_us(control, of->share), &part);
    uint64_t more = comparison_more(&part, &c, 0);
    return more > 0 ? more : 1;
}
