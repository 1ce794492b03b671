/* runtime/core/rollouts/rollout_keep.c - Rollouts and riders as bytes of a snapshot. */
#include "vm/keep.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/owned.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/evidence/evidence.h"
#include "runtime/core/rollouts/rider.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/message.h"

/* Writes or reads a moment or duration; both are added to others, and none of a core is as large as the limit. */
static int64_t moment_keep(struct keeper *keeper, int64_t us)
{
    us = keep_i64(keeper, us);
    if (us > -WALL_OFFSET_MAX_US && us < WALL_OFFSET_MAX_US) return us;
    keep_fail(keeper, "a rollout has a moment that no clock shows");
    return 0;
}

static void rate_keep(struct keeper *keeper, struct rollout_rate *rate)
{
    rate->count = keep_u64(keeper, rate->count);
    rate->hits = keep_u64(keeper, rate->hits);
    if (rate->hits > rate->count || rate->count > EVIDENCE_COUNT_MOST)
        keep_fail(keeper, "a guard of a rollout counts more than there is");
}

static void measure_keep(struct keeper *keeper, struct rollout_measure *measure)
{
    measure->guard.kind = (uint8_t)keep_index(keeper, measure->guard.kind, ROLLOUT_GUARDS, 0);
    measure->guard.seconds = keep_u32(keeper, measure->guard.seconds);
    measure->guard.margin = keep_u32(keeper, measure->guard.margin);
    measure->guard.site = keep_bool(keeper, measure->guard.site);
    measure->guard.low = keep_u32(keeper, measure->guard.low);
    for (unsigned arm = 0; arm < 2; arm++) {
        rate_keep(keeper, &measure->rate[arm]);
        for (unsigned at = 0; at < ROLLOUT_PAIRS; at++) rate_keep(keeper, &measure->open[at][arm]);
    }
    measure->pairs = keep_u64(keeper, measure->pairs);
    measure->squares = keep_u64(keeper, measure->squares);
    measure->sum = keep_i64(keeper, measure->sum);
    if (!evidence_slices_good(&(struct evidence_slices){measure->pairs, measure->sum, measure->squares}))
        keep_fail(keeper, "a guard of a rollout has differences that no pairs of quarters have");
    measure->says = (uint8_t)keep_index(keeper, measure->says, EVIDENCE_WORSE + 1, EVIDENCE_TOO_LITTLE);
    measure->stirred = keep_bool(keeper, measure->stirred);
    for (unsigned at = 0; at < ROLLOUT_EXAMPLES; at++) {
        measure->examples[at].ixn = keep_u64(keeper, measure->examples[at].ixn);
        measure->examples[at].weight = keep_u64(keeper, measure->examples[at].weight);
    }
    bool rate = rollout_guard_family(measure->guard.kind) == ROLLOUT_RATE;
    if (rollout_guard_family(measure->guard.kind) == ROLLOUT_HARD ||
        (rate && measure->guard.margin > ROLLOUT_SHARE_ALL) ||
        (measure->guard.site && (!rate || measure->guard.low >= measure->guard.margin)))
        keep_fail(keeper, "a rollout has a guard that nobody could have written");
    if (rollout_guard_family(measure->guard.kind) != ROLLOUT_TIME) return;
    if (keep_reading(keeper)) measure->times = memory_zeroed(2, sizeof *measure->times);
    for (unsigned arm = 0; arm < 2; arm++) durations_keep(&measure->times[arm], keeper);
}

static void rollout_words_keep(struct keeper *keeper, struct rollout *rollout)
{
    rollout->state = (uint8_t)keep_index(keeper, rollout->state, rollout_state_ended + 1, rollout_state_gone);
    rollout->why = (uint8_t)keep_index(keeper, rollout->why, ROLLOUT_WHYS, ROLLOUT_WHY_none);
    rollout->guard = (uint8_t)keep_index(keeper, rollout->guard, ROLLOUT_GUARDS, 0);
    rollout->steps = (uint8_t)keep_index(keeper, rollout->steps, ROLLOUT_STEPS_MAX + 1, 0);
    rollout->step = (uint8_t)keep_index(keeper, rollout->step, ROLLOUT_STEPS_MAX, 0);
    rollout->guards = (uint8_t)keep_index(keeper, rollout->guards, ROLLOUT_GUARDS_MAX + 1, 0);
    rollout->example_count = (uint8_t)keep_index(keeper, rollout->example_count, ROLLOUT_EXAMPLES + 1, 0);
    rollout->ask = keep_bool(keeper, rollout->ask);
    rollout->approval = keep_bool(keeper, rollout->approval);
    rollout->slices = keep_bool(keeper, rollout->slices);
    rollout->site = keep_bool(keeper, rollout->site);
    for (unsigned at = 0; at < rollout->steps; at++)
        rollout->shares[at] = (uint16_t)keep_index(keeper, rollout->shares[at], ROLLOUT_SHARE_ALL + 1, 0);
    for (unsigned at = 0; at < rollout->example_count; at++)
        rollout->examples[at] = keep_u64(keeper, rollout->examples[at]);
    /* between two events an open rollout is not at its last step, at which it would be done */
    if (rollout_is_open(rollout) && rollout->step >= rollout->steps) keep_fail(keeper, "a rollout has no such step");
}

static void rollout_row_keep(struct rollouts *rollouts, struct keeper *keeper, uint32_t at)
{
    struct rollout *rollout = &rollouts->all[at];
    rollout->id = keep_u32(keeper, rollout->id);
    rollout->dn = name_keep(rollouts->names, keeper, rollout->dn);
    rollout->by = name_keep(rollouts->names, keeper, rollout->by);
    rollout_words_keep(keeper, rollout);
    rollout->control = program_keep(rollouts->strategies, keeper, rollout->control);
    rollout->candidate.program = program_keep(rollouts->strategies, keeper, rollout->candidate.program);
    rollout->candidate.strategy = keep_u16(keeper, rollout->candidate.strategy);
    rollout->candidate.given = owned_pairs_keep(keeper, rollout->candidate.given, MESSAGE_FRAME_MAX);
    rollout->salt = keep_u64(keeper, rollout->salt);
    rollout->hold_us = (uint64_t)moment_keep(keeper, (int64_t)rollout->hold_us);
    rollout->expires_us = (uint64_t)moment_keep(keeper, (int64_t)rollout->expires_us);
    rollout->least = keep_u64(keeper, rollout->least);
    rollout->level = keep_index(keeper, (uint32_t)rollout->level, EVIDENCE_ALPHA_MOST + 1, 0);
    rollout->at_us = moment_keep(keeper, rollout->at_us);
    rollout->started_us = moment_keep(keeper, rollout->started_us);
    rollout->begun_us = moment_keep(keeper, rollout->begun_us);
    rollout->step_us = moment_keep(keeper, rollout->step_us);
    rollout->over_us = moment_keep(keeper, rollout->over_us);
    rollout->step_at_us = keep_u64(keeper, rollout->step_at_us);
    rollout->look_us = keep_u64(keeper, rollout->look_us);
    rollout->made_at_us = keep_u64(keeper, rollout->made_at_us);
    rollout->pair_first = keep_u32(keeper, rollout->pair_first);
    rollout->pair_newest = keep_u32(keeper, rollout->pair_newest);
    rollout->starter = owned_text_keep(keeper, rollout->starter, ROLLOUT_TEXT_MAX);
    rollout->approver = owned_text_keep(keeper, rollout->approver, ROLLOUT_TEXT_MAX);
    rollout->reason = owned_text_keep(keeper, rollout->reason, ROLLOUT_TEXT_MAX);
    for (unsigned arm = 0; arm < 3; arm++) {
        rollout->arms[arm].arrived = keep_u64(keeper, rollout->arms[arm].arrived);
        rollout->arms[arm].ended = keep_u64(keeper, rollout->arms[arm].ended);
        rollout->arms[arm].out = keep_u64(keeper, rollout->arms[arm].out);
    }
    rollout->riders = keep_u64(keeper, rollout->riders);
    rollout->timer = timer_keep(rollouts->timers, keeper, rollout->timer, 1u << TIMER_ROLLOUT, at, 0);
    for (unsigned number = 0; number < rollout->guards && keep_good(keeper); number++)
        measure_keep(keeper, &rollout->measures[number]);
    if (keep_good(keeper)) rollout_seen_keep(rollout, keeper);
}

/* Writes or reads a rider with its slot. */
static void rider_keep(struct rollouts *rollouts, struct keeper *keeper, uint32_t slot)
{
    struct rider *all = rollouts->riders.all;
    slot = keep_index(keeper, slot, 1u << TIMER_DATA_BITS, 0);
    if (!keep_good(keeper)) return;
    if (keep_reading(keeper) && rollouts->riders.count <= slot) {
        all = rollouts->riders.all = memory_grow(all, &rollouts->riders.capacity, slot + 1, sizeof *all);
        rollouts->riders.count = slot + 1;
    }
    struct rider *rider = &all[slot];
    if (keep_reading(keeper) && rider->row != 0) keep_fail(keeper, "an interaction is in two arms");
    rider->row = (uint8_t)(1 + keep_index(keeper, keep_reading(keeper) ? 0 : rider->row - 1u, rollouts->count, 0));
    rider->begun = keep_u32(keeper, rider->begun);
    rider->served = keep_u32(keeper, rider->served);
    rider->pair = keep_u16(keeper, rider->pair);
    rider->arm = keep_index(keeper, rider->arm, ARM_REST + 1, ARM_REST) & 3u;
    rider->handed = keep_bool(keeper, rider->handed);
    rider->abandoned = keep_bool(keeper, rider->abandoned);
    rider->handled = keep_bool(keeper, rider->handled);
    rider->beside = keep_bool(keeper, rider->beside);
    rider->elsewhere = keep_bool(keeper, rider->elsewhere);
    if (keep_reading(keeper)) rollouts->riders.content += rider_hash(rider, slot);
}

static void riders_keep(struct rollouts *rollouts, struct keeper *keeper)
{
    uint32_t riding = rollouts->riders.riding = keep_count(keeper, rollouts->riders.riding, UINT32_MAX);
    for (uint32_t at = 0, slot = 0; at < riding && keep_good(keeper); at++, slot++) {
        while (!keep_reading(keeper) && rollouts->riders.all[slot].row == 0) slot++;
        rider_keep(rollouts, keeper, slot);
    }
}

void rollouts_keep(void *self, struct keeper *keeper)
{
    struct rollouts *rollouts = self;
    rollouts->last_id = keep_u32(keeper, rollouts->last_id);
    rollouts->freeze_from_us = keep_i64(keeper, rollouts->freeze_from_us);
    rollouts->freeze_until_us = keep_i64(keeper, rollouts->freeze_until_us);
    rollouts->all =
        keep_rows(keeper, rollouts->all, &rollouts->count, &rollouts->capacity, ROLLOUTS_MAX, sizeof *rollouts->all);
    for (uint32_t at = 0; at < rollouts->count && keep_good(keeper); at++) rollout_row_keep(rollouts, keeper, at);
    riders_keep(rollouts, keeper);
    if (rollouts->count != 0) rollouts_listen(rollouts);
}
