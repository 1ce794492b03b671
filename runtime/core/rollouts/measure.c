/* runtime/core/rollouts/measure.c - What the guards of a rollout have counted, of each arm.
 *
 *     by the arrival    counts and hits of each arm
 *     by the quarter    counts and hits of each arm in each of the latest pairs of quarters; a pair that is over
 * becomes one difference of rates */
#include <string.h>

#include "runtime/core/evidence/evidence.h"
#include "runtime/core/rollouts/rider.h"

static void measure_turn(struct rollout_measure *measure, unsigned at)
{
    struct evidence_slices slices = {measure->pairs, measure->sum, measure->squares};
    struct evidence_arm arms[2];
    for (unsigned arm = 0; arm < 2; arm++)
        arms[arm] = (struct evidence_arm){measure->open[at][arm].count, measure->open[at][arm].hits};
    evidence_slices_add(&slices, &arms[ARM_CONTROL], &arms[ARM_CANDIDATE]);
    measure->pairs = slices.pairs;
    measure->sum = slices.sum;
    measure->squares = slices.squares;
    memset(measure->open[at], 0, sizeof measure->open[at]);
}

void rollout_pairs_turn(struct rollout *rollout, uint32_t pair)
{
    if (!rollout->slices || pair <= rollout->pair_newest) return;
    uint32_t turns = pair - rollout->pair_newest < ROLLOUT_PAIRS ? pair - rollout->pair_newest : ROLLOUT_PAIRS;
    for (uint32_t turn = 0; turn < turns; turn++)
        for (unsigned at = 0; at < rollout->guards; at++)
            measure_turn(&rollout->measures[at], (pair - turn) % ROLLOUT_PAIRS);
    rollout->pair_newest = pair;
}

void rollout_shows(struct rollout_measure *measure, uint64_t ixn, uint64_t weight)
{
    unsigned lowest = 0;
    for (unsigned at = 1; at < ROLLOUT_EXAMPLES; at++)
        if (measure->examples[at].weight < measure->examples[lowest].weight) lowest = at;
    if (weight > measure->examples[lowest].weight) measure->examples[lowest] = (struct rollout_example){ixn, weight};
}

void rollout_counts(struct rollout *rollout, struct rollout_measure *measure, const struct rider *rider, uint64_t ixn,
                    bool hit)
{
    struct rollout_rate *rate = &measure->rate[measure->guard.site ? 0 : rider->arm];
    rate->count++;
    rate->hits += hit;
    measure->stirred = true;
    if (rider->arm == ARM_CANDIDATE && hit == rollout_guard_grows(measure->guard.kind))
        rollout_shows(measure, ixn, rate->count);
    uint32_t pair = rider->pair;
    if (!rollout->slices || pair + ROLLOUT_PAIRS <= rollout->pair_newest || pair > rollout->pair_newest) return;
    rate = &measure->open[pair % ROLLOUT_PAIRS][rider->arm];
    rate->count++;
    rate->hits += hit;
}
