/* runtime/core/evidence/evidence_plan.c - How many calls a rollout will need, and how long they take to come. */
#include <assert.h>

#include "runtime/core/evidence/bound.h"
#include "runtime/core/evidence/evidence_rate.h"

enum { PLAN_HORIZON = 1000, PLAN_ONE = 10000 };

/* Of averages, nineteen in twenty are at most so many standard deviations too high: 1.645, 32.32 */
#define PLAN_SLACK UINT64_C(7065221202)

static uint64_t plan_reaches(const struct evidence_ask *ask, uint32_t rate, uint64_t slack)
{
    uint64_t least = evidence_rate_least(ask), gap = ask->margin * BOUND_ONE / PLAN_ONE;
    uint64_t both = 2 * (uint64_t)rate * (PLAN_ONE - rate); /* the variance of two calls, in parts of 10,000 squared */
    uint64_t variance = (uint64_t)(((bound_wide)both << 64) / ((uint64_t)PLAN_ONE * PLAN_ONE));
    uint64_t count = gap > 0 ? bound_reaches(variance, gap, slack, ask->alpha, PLAN_HORIZON) : EVIDENCE_NEVER;
    return count > least ? count : least;
}

void evidence_plan(const struct evidence_ask *ask, uint32_t rate, struct evidence_plan *plan)
{
    assert(rate <= PLAN_ONE);
    plan->half = plan_reaches(ask, rate, 0);
    plan->most = plan_reaches(ask, rate, PLAN_SLACK);
}

uint64_t evidence_hours(uint64_t calls, uint64_t hourly, uint32_t share)
{
    bound_wide each = (bound_wide)hourly * share;
    if (calls == EVIDENCE_NEVER || each == 0) return EVIDENCE_NEVER;
    return (uint64_t)(((bound_wide)calls * PLAN_ONE + each - 1) / each);
}
