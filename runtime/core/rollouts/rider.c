/* runtime/core/rollouts/rider.c - The riders: which interaction is in which arm of which rollout, and what becomes of
 * it.
 *
 *     the strategy begins --> rider --> served, handed on, abandoned ... (facts) --> ended: the guards count it
 *
 * Facts of interactions without a rider are passed over. A fact that no interaction of the candidate may meet brings
 * the rollout back at once, here: the next arrival gets the present version already. */
#include <assert.h>

#include "runtime/core/base/batch.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/record.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/rollouts/rider.h"

#define PAIR_US INT64_C(1800000000)

uint64_t rider_key(const void *owner, uint32_t row)
{
    return ((const struct rollouts *)owner)->riders.all[row].ixn;
}

uint64_t rider_hash(const struct rider *rider)
{
    uint64_t hash = table_mix64(rider->ixn) + rider->begun_us;
    hash = table_mix64(hash) + ((uint64_t)rider->rollout << 32 | rider->served_ms);
    hash = table_mix64(hash) + ((uint64_t)rider->pair << 8 | (uint64_t)rider->handled << 3 |
                                (uint64_t)rider->abandoned << 2 | (uint64_t)rider->handed << 1 | rider->arm);
    return table_mix64(hash) | 1;
}

static struct rider *rider_of(const struct rollouts *rollouts, uint64_t ixn)
{
    uint32_t row;
    if (rollouts->riders.by_ixn.count == 0 || !lookup_find(&rollouts->riders.by_ixn, ixn, &row)) return NULL;
    return &rollouts->riders.all[row];
}

const struct rider *rollout_rider(const struct rollouts *rollouts, uint64_t ixn)
{
    return rider_of(rollouts, ixn);
}

/* Takes the rider out of the table. Its rollout may be forgotten already. */
static void rider_leaves(struct rollouts *rollouts, struct rider *rider, bool ended)
{
    struct rollout *rollout = rollout_by_id(rollouts, rider->rollout);
    uint32_t row = (uint32_t)(rider - rollouts->riders.all);
    if (rollout) {
        assert(rollout->riders > 0);
        rollout->riders--;
        *(ended ? &rollout->arms[rider->arm].ended : &rollout->arms[rider->arm].out) += 1;
    }
    rollouts->riders.content -= rider_hash(rider);
    lookup_remove(&rollouts->riders.by_ixn, rider->ixn);
    POOL_GIVE(&rollouts->riders, row, next);
}

static uint32_t pair_of(const struct rollouts *rollouts)
{
    int64_t wall_us = now_wall_us(rollouts->now);
    return wall_us < 0 ? 0 : (uint32_t)(wall_us / PAIR_US) & 0xffffffu;
}

void rollout_rides(struct rollouts *rollouts, const struct interaction *ix, const struct binding *binding)
{
    if (binding->rollout == 0) return;
    struct rollout *rollout = rollout_by_id(rollouts, binding->rollout);
    struct rider *rider = rider_of(rollouts, ix->id);
    if (!rollout || (rider && rider->rollout == rollout->id)) return;
    if (rider) rider_leaves(rollouts, rider, false);
    assert(binding->arm == ARM_CANDIDATE || binding->arm == ARM_CONTROL);
    uint32_t row = POOL_TAKE(&rollouts->riders, next);
    rollouts->riders.all[row] = (struct rider){.ixn = ix->id,
                                               .begun_us = rollouts->now->time_us,
                                               .rollout = rollout->id,
                                               .served_ms = RIDER_UNSERVED,
                                               .pair = pair_of(rollouts) & 0xffffffu,
                                               .arm = binding->arm & 1u};
    rollouts->riders.content += rider_hash(&rollouts->riders.all[row]);
    lookup_add(&rollouts->riders.by_ixn, row);
    rollout->riders++;
    rollout->arms[binding->arm].arrived++;
}

/* ---- what becomes of them ---- */

static bool rider_served_within(const struct rider *rider, uint32_t seconds)
{
    return rider->served_ms != RIDER_UNSERVED && rider->served_ms / 1000 < seconds;
}

/* Counts an interaction that is over for a guard of rates. */
static void rider_counts(struct rollout *rollout, struct rollout_measure *measure, const struct rider *rider)
{
    bool served = rider->served_ms != RIDER_UNSERVED, hit = false;
    switch (measure->guard.kind) {
    case ROLLOUT_GUARD_abandoned:
        hit = rider->abandoned;
        break;
    case ROLLOUT_GUARD_sl:
        hit = rider_served_within(rider, measure->guard.seconds);
        break;
    case ROLLOUT_GUARD_unserved:
        hit = !served && !rider->abandoned;
        break;
    case ROLLOUT_GUARD_transferred:
        if (!served) return;
        hit = rider->handed;
        break;
    default:
        return;
    }
    rollout_counts(rollout, measure, rider, hit);
}

static void rider_times(struct rollout *rollout, const struct rider *rider, unsigned first, unsigned last, uint64_t us)
{
    for (unsigned at = 0; at < rollout->guards; at++) {
        struct rollout_measure *measure = &rollout->measures[at];
        if (measure->guard.kind < first || measure->guard.kind > last) continue;
        durations_add(&measure->times[rider->arm], us);
        if (rider->arm == ARM_CANDIDATE) rollout_shows(measure, rider->ixn, us);
        measure->stirred = true;
    }
}

static void rider_ends(struct rollouts *rollouts, struct rider *rider, struct rollout *rollout,
                       const struct ended *ended)
{
    bool out = ended->outcome == ENDED_PASSED_ON || ended->outcome == ENDED_MERGED;
    rollouts->riders.content -= rider_hash(rider);
    if (!out && ended->outcome == ENDED_ABANDONED && rider->served_ms == RIDER_UNSERVED) rider->abandoned = true;
    rollouts->riders.content += rider_hash(rider);
    for (unsigned at = 0; rollout && !out && at < rollout->guards; at++)
        rider_counts(rollout, &rollout->measures[at], rider);
    rider_leaves(rollouts, rider, !out);
}

static void rider_served(const struct rollouts *rollouts, struct rider *rider, struct rollout *rollout)
{
    if (rider->served_ms != RIDER_UNSERVED) return;
    uint64_t us = rollouts->now->time_us - rider->begun_us;
    rider->served_ms = us / 1000 < RIDER_UNSERVED ? (uint32_t)(us / 1000) : RIDER_UNSERVED - 1;
    rider_times(rollout, rider, ROLLOUT_GUARD_wait_p50, ROLLOUT_GUARD_wait_p90, us);
}

/* Notes that the interaction was handed on, if that was within the seconds of the guard. */
static void rider_handed(const struct rollouts *rollouts, struct rider *rider, const struct rollout *rollout)
{
    uint64_t served_us = rider->begun_us + (uint64_t)rider->served_ms * 1000;
    if (rider->served_ms == RIDER_UNSERVED) return;
    for (unsigned at = 0; at < rollout->guards; at++)
        if (rollout->measures[at].guard.kind == ROLLOUT_GUARD_transferred &&
            rollouts->now->time_us - served_us <= rollout->measures[at].guard.seconds * UINT64_C(1000000))
            rider->handed = true;
}

static unsigned rider_hard(const struct fact *fact)
{
    switch (fact->what) {
    case FACT_strategy_failed:
        return fact->value == code_link_down || fact->value == code_lost ? ROLLOUT_GUARDS : ROLLOUT_GUARD_error;
    case FACT_faulted:
        return ROLLOUT_GUARD_fault;
    case FACT_quarantined:
        return ROLLOUT_GUARD_quarantine;
    default:
        return ROLLOUT_GUARDS;
    }
}

static void rider_hears(struct rollouts *rollouts, struct rider *rider, struct rollout *rollout,
                        const struct fact *fact)
{
    rollouts->riders.content -= rider_hash(rider);
    switch (fact->what) {
    case FACT_routed:
        rider_served(rollouts, rider, rollout);
        break;
    case FACT_abandoned:
        rider->abandoned = rider->served_ms == RIDER_UNSERVED;
        break;
    case FACT_handed_on:
        rider_handed(rollouts, rider, rollout);
        break;
    case FACT_served:
        if (!rider->handled)
            rider_times(rollout, rider, ROLLOUT_GUARD_handling_p50, ROLLOUT_GUARD_handling_p90, fact->took_us);
        rider->handled = true;
        break;
    default:
        if (rider->arm == ARM_CANDIDATE) rollout_hard(rollouts, rollout, rider_hard(fact), rider->ixn);
        break;
    }
    rollouts->riders.content += rider_hash(rider);
}

void rollouts_hear(void *self, const struct fact *fact)
{
    struct rollouts *rollouts = self;
    if (rollouts->riders.by_ixn.count == 0) return;
    switch (fact->what) {
    case FACT_routed:
    case FACT_abandoned:
    case FACT_handed_on:
    case FACT_served:
    case FACT_strategy_failed:
    case FACT_faulted:
    case FACT_quarantined:
    case FACT_ended:
        break;
    default:
        return;
    }
    struct rider *rider = rider_of(rollouts, fact->ixn);
    if (!rider) return;
    struct rollout *rollout = rollout_by_id(rollouts, rider->rollout);
    if (fact->what == FACT_ended) {
        rider_ends(rollouts, rider, rollout, fact->ended);
        if (rollout) rollout_stirs(rollouts, rollout);
    } else if (rollout) {
        rider_hears(rollouts, rider, rollout, fact);
    }
}
