/* runtime/core/rollouts/rider.c - The riders: which interaction is in which arm of which rollout, and what becomes of
 * it.
 *
 *     the strategy begins --> rider --> served, or abandoned: its outcome is known, and the guards count it
 *                                   --> ended: those that are left count it
 *
 * An interaction counts when its outcome is known, and not when it ends: those that last long would count later, and a
 * version whose talks are longer would look worse at first. Facts of interactions without a rider are passed over. A
 * fact that no interaction of the candidate may meet brings the rollout back at once, here: the next arrival gets the
 * present version already. */
#include <assert.h>

#include "runtime/core/base/batch.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/record.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/rollouts/rider.h"

uint64_t rider_hash(const struct rider *rider, uint32_t slot)
{
    uint64_t flags = (uint64_t)rider->beside << 6 | (uint64_t)rider->elsewhere << 5 | (uint64_t)rider->handled << 4 |
                     (uint64_t)rider->abandoned << 3 | (uint64_t)rider->handed << 2;
    uint64_t hash = table_mix64((uint64_t)slot << 32 | rider->begun);
    hash = table_mix64(hash + ((uint64_t)rider->served << 32 | (uint64_t)rider->pair << 16 | (uint64_t)rider->row << 8 |
                               flags | rider->arm));
    return hash | 1;
}

static struct rider *rider_of(const struct rollouts *rollouts, const struct interaction *ix)
{
    bool rides = ix->slot < rollouts->riders.count && rollouts->riders.all[ix->slot].row != 0;
    return rides ? &rollouts->riders.all[ix->slot] : NULL;
}

const struct rider *rollout_rider(const struct rollouts *rollouts, const struct interaction *ix)
{
    return rider_of(rollouts, ix);
}

struct rollout *rollout_of_rider(const struct rollouts *rollouts, const struct rider *rider)
{
    assert(rider->row != 0 && rider->row <= rollouts->count);
    return &rollouts->all[rider->row - 1];
}

void rider_leaves(struct rollouts *rollouts, uint32_t slot, bool ended)
{
    struct rider *rider = &rollouts->riders.all[slot];
    struct rollout *rollout = rollout_of_rider(rollouts, rider);
    assert(rollout->riders > 0 && rollouts->riders.riding > 0);
    rollout->riders--;
    *(ended ? &rollout->arms[rider->arm].ended : &rollout->arms[rider->arm].out) += 1;
    rollouts->riders.content -= rider_hash(rider, slot);
    rollouts->riders.riding--;
    *rider = (struct rider){0};
}

void riders_forget(struct rollouts *rollouts, const struct rollout *rollout)
{
    uint32_t row = (uint32_t)(rollout - rollouts->all) + 1;
    for (uint32_t slot = 0; rollout->riders != 0 && slot < rollouts->riders.count; slot++)
        if (rollouts->riders.all[slot].row == row) rider_leaves(rollouts, slot, false);
}

uint32_t rollout_pair(const struct rollouts *rollouts, const struct rollout *rollout)
{
    int64_t pair = now_wall_us(rollouts->now) / ROLLOUT_PAIR_US - (int64_t)rollout->pair_first;
    return pair < 0 ? 0 : pair > UINT16_MAX ? UINT16_MAX : (uint32_t)pair;
}

static uint32_t ticks_of(uint64_t us)
{
    uint64_t ticks = us / RIDER_TICK_US;
    return ticks < RIDER_UNSERVED ? (uint32_t)ticks : RIDER_UNSERVED - 1;
}

/* Notes whether the strategy that begins is another one than the candidate's. A strategy that follows up in the same
 * image is the candidate's, too. */
static void rider_goes(struct rollouts *rollouts, const struct interaction *ix, const struct binding *binding)
{
    struct rider *rider = rider_of(rollouts, ix);
    if (!rider || rider->arm != ARM_CANDIDATE) return;
    rollouts->riders.content -= rider_hash(rider, ix->slot);
    rider->elsewhere = binding->program != rollout_of_rider(rollouts, rider)->candidate.program;
    rollouts->riders.content += rider_hash(rider, ix->slot);
}

void rollout_rides(struct rollouts *rollouts, const struct interaction *ix, const struct binding *binding)
{
    rider_goes(rollouts, ix, binding);
    if (binding->rollout == 0) return;
    struct rollout *rollout = rollout_by_id(rollouts, binding->rollout);
    const struct rider *rider = rider_of(rollouts, ix);
    if (!rollout || (rider && rollout_of_rider(rollouts, rider) == rollout)) return;
    if (rider) rider_leaves(rollouts, ix->slot, false);
    assert(binding->arm != ARM_REST || rollout->site);
    rollouts->riders.all =
        memory_grow(rollouts->riders.all, &rollouts->riders.capacity, ix->slot + 1, sizeof *rollouts->riders.all);
    if (rollouts->riders.count <= ix->slot) rollouts->riders.count = ix->slot + 1;
    bool again =
        binding->arm != ARM_BESIDE && binding->arm != ARM_REST && rollout_key_comes_again(rollouts, rollout, ix);
    struct rider *fresh = &rollouts->riders.all[ix->slot];
    *fresh = (struct rider){.begun = ticks_of(rollouts->now->time_us - rollout->made_at_us),
                            .served = RIDER_UNSERVED,
                            .pair = (uint16_t)rollout_pair(rollouts, rollout),
                            .row = (uint8_t)(rollout - rollouts->all + 1),
                            .arm = binding->arm == ARM_BESIDE ? ARM_CANDIDATE : binding->arm & 3u,
                            .beside = binding->arm == ARM_BESIDE || again};
    rollouts->riders.content += rider_hash(fresh, ix->slot);
    rollouts->riders.riding++;
    rollout->riders++;
    rollout->arms[fresh->arm].arrived++;
}

/* ---- what becomes of them ---- */

static uint64_t rider_begun_us(const struct rollout *rollout, const struct rider *rider)
{
    return rollout->made_at_us + (uint64_t)rider->begun * RIDER_TICK_US;
}

static bool rider_served_within(const struct rider *rider, uint32_t seconds)
{
    return rider->served != RIDER_UNSERVED && rider->served < (uint64_t)seconds * (1000000 / RIDER_TICK_US);
}

static bool rider_known(const struct rider *rider)
{
    return rider->served != RIDER_UNSERVED || rider->abandoned;
}

/* Counts an interaction for a guard of rates. */
static void rider_counts(struct rollout *rollout, struct rollout_measure *measure, const struct rider *rider,
                         uint64_t ixn)
{
    bool served = rider->served != RIDER_UNSERVED, hit = false;
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
    rollout_counts(rollout, measure, rider, ixn, hit);
}

/* Counts the interaction for the guards that know its outcome now, unless it was beside. Whether it is handed on is
 * known when it is `over`, and all else before. */
static void rider_counts_all(struct rollout *rollout, const struct rider *rider, uint64_t ixn, bool over)
{
    bool compared = !rider->beside && rider->arm != ARM_REST;
    for (unsigned at = 0; at < rollout->guards; at++) {
        struct rollout_measure *measure = &rollout->measures[at];
        bool late = measure->guard.kind == ROLLOUT_GUARD_transferred;
        if (late == over && (measure->guard.site || compared)) rider_counts(rollout, measure, rider, ixn);
    }
}

void riders_known_count(struct rollouts *rollouts)
{
    for (uint32_t slot = 0; slot < rollouts->riders.count; slot++) {
        const struct rider *rider = &rollouts->riders.all[slot];
        if (rider->row != 0 && rider_known(rider))
            rider_counts_all(rollout_of_rider(rollouts, rider), rider, interaction_at(rollouts->interactions, slot)->id,
                             false);
    }
}

static void rider_times(struct rollout *rollout, const struct rider *rider, uint64_t ixn, unsigned first, unsigned last,
                        uint64_t us)
{
    for (unsigned at = 0; !rider->beside && rider->arm != ARM_REST && at < rollout->guards; at++) {
        struct rollout_measure *measure = &rollout->measures[at];
        if (measure->guard.kind < first || measure->guard.kind > last) continue;
        durations_add(&measure->times[rider->arm], us);
        if (rider->arm == ARM_CANDIDATE) rollout_shows(measure, ixn, us);
        measure->stirred = true;
    }
}

/* The interaction is over. One that goes on in another domain or call is over there. */
static void rider_ends(struct rollouts *rollouts, uint32_t slot, const struct ended *ended)
{
    struct rider *rider = &rollouts->riders.all[slot];
    struct rollout *rollout = rollout_of_rider(rollouts, rider);
    struct rider over = *rider;
    bool goes_on = ended->outcome == ENDED_PASSED_ON || ended->outcome == ENDED_MERGED, out = rider->beside || goes_on;
    bool known = rider_known(&over);
    if (ended->outcome == ENDED_ABANDONED && !known) over.abandoned = true;
    if (!known && !goes_on) rider_counts_all(rollout, &over, ended->ixn, false);
    if (!goes_on) rider_counts_all(rollout, &over, ended->ixn, true);
    rider_leaves(rollouts, slot, !out);
    rollout_stirs(rollouts, rollout);
}

static void rider_served(const struct rollouts *rollouts, struct rider *rider, struct rollout *rollout, uint64_t ixn)
{
    if (rider_known(rider)) return;
    uint64_t us = rollouts->now->time_us - rider_begun_us(rollout, rider);
    rider->served = ticks_of(us);
    rider_times(rollout, rider, ixn, ROLLOUT_GUARD_wait_p50, ROLLOUT_GUARD_wait_p90, us);
    rider_counts_all(rollout, rider, ixn, false);
}

static void rider_abandoned(struct rider *rider, struct rollout *rollout, uint64_t ixn)
{
    if (rider_known(rider)) return;
    rider->abandoned = true;
    rider_counts_all(rollout, rider, ixn, false);
}

/* Notes that the interaction was handed on, if that was within the seconds of the guard. */
static void rider_handed(const struct rollouts *rollouts, struct rider *rider, const struct rollout *rollout)
{
    uint64_t served_us = rider_begun_us(rollout, rider) + (uint64_t)rider->served * RIDER_TICK_US;
    if (rider->served == RIDER_UNSERVED) return;
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
    case FACT_promise_broken:
        return ROLLOUT_GUARD_promise;
    default:
        return ROLLOUT_GUARDS;
    }
}

static void rider_hears(struct rollouts *rollouts, uint32_t slot, const struct fact *fact)
{
    struct rider *rider = &rollouts->riders.all[slot];
    struct rollout *rollout = rollout_of_rider(rollouts, rider);
    rollouts->riders.content -= rider_hash(rider, slot);
    switch (fact->what) {
    case FACT_routed:
        rider_served(rollouts, rider, rollout, fact->ixn);
        break;
    case FACT_abandoned:
        rider_abandoned(rider, rollout, fact->ixn);
        break;
    case FACT_handed_on:
        rider_handed(rollouts, rider, rollout);
        break;
    case FACT_served:
        if (!rider->handled)
            rider_times(rollout, rider, fact->ixn, ROLLOUT_GUARD_handling_p50, ROLLOUT_GUARD_handling_p90,
                        fact->took_us);
        rider->handled = true;
        break;
    default:
        if (rider->arm == ARM_CANDIDATE && !rider->elsewhere)
            rollout_hard(rollouts, rollout, rider_hard(fact), fact->ixn);
        break;
    }
    rollouts->riders.content += rider_hash(rider, slot);
    rollout_stirs(rollouts, rollout);
}

static void rollouts_hear(void *self, const struct fact *fact)
{
    struct rollouts *rollouts = self;
    if (rollouts->riders.riding == 0) return;
    switch (fact->what) {
    case FACT_routed:
    case FACT_abandoned:
    case FACT_handed_on:
    case FACT_served:
    case FACT_strategy_failed:
    case FACT_faulted:
    case FACT_quarantined:
    case FACT_promise_broken:
    case FACT_ended:
        break;
    default:
        return;
    }
    const struct interaction *ix = interaction_by_id(rollouts->interactions, fact->ixn);
    if (!ix || !rider_of(rollouts, ix)) return;
    if (fact->what == FACT_ended)
        rider_ends(rollouts, ix->slot, fact->ended);
    else
        rider_hears(rollouts, ix->slot, fact);
}

/* Hears of interactions from now on. A core that never had a rollout hears nothing, so that its calls cost nothing. */
void rollouts_listen(struct rollouts *rollouts)
{
    if (rollouts->listens) return;
    rollouts->listens = true;
    facts_read_by(rollouts->facts, rollouts, rollouts_hear);
}
