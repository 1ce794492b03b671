/* runtime/core/rollouts/rollout.c - A new rollout's row, and the part's operations: its begin and end, its hash, and
 * what must always hold. */
#include "runtime/core/rollouts/rollout.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/image.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/part.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/rollouts/rider.h"
#include "runtime/core/site/program.h"

/* Returns the row that is used next: a further one, or that of the oldest rollout that is over. NULL: all are open. */
static struct rollout *rollout_row(struct rollouts *rollouts)
{
    struct rollout *oldest = NULL;
    if (rollouts->count < ROLLOUTS_MAX) {
        rollouts->all = memory_grow(rollouts->all, &rollouts->capacity, rollouts->count + 1, sizeof *rollouts->all);
        return &rollouts->all[rollouts->count++];
    }
    for (uint32_t at = 0; at < rollouts->count; at++) {
        struct rollout *rollout = &rollouts->all[at];
        if (!rollout_is_open(rollout) && (!oldest || rollout->id < oldest->id)) oldest = rollout;
    }
    if (!oldest) return NULL;
    riders_forget(rollouts, oldest);
    rollout_row_free(rollouts, oldest);
    return oldest;
}

struct rollout *rollout_new(struct rollouts *rollouts, struct point *point)
{
    struct rollout *rollout = rollout_row(rollouts);
    assert(point->rollout == 0);
    if (!rollout) return NULL;
    rollouts_listen(rollouts);
    rollout->id = ++rollouts->last_id;
    rollout->made_at_us = rollouts->now->time_us;
    rollout->pair_first = now_wall_us(rollouts->now) < 0 ? 0 : (uint32_t)(now_wall_us(rollouts->now) / ROLLOUT_PAIR_US);
    rollout->dn = point->dn;
    rollout->candidate.program = PROGRAM_NONE;
    rollout->control = point->now.program;
    point->rollout = rollout->id;
    return rollout;
}

static void rollouts_init(void *self, const struct parts *parts)
{
    struct rollouts *rollouts = self;
    *rollouts = (struct rollouts){
        .options = parts->options,
        .now = parts->now,
        .facts = (struct facts *)(uintptr_t)parts->facts,
        .names = parts->names,
        .timers = parts->timers,
        .directory = parts->directory,
        .interactions = parts->interactions,
        .strategies = parts->strategies,
    };
}

static void rollouts_release(void *self)
{
    struct rollouts *rollouts = self;
    for (uint32_t at = 0; at < rollouts->count; at++) {
        rollouts->all[at].timer = 0; /* the timers are freed as a whole */
        rollout_row_free(rollouts, &rollouts->all[at]);
    }
    free(rollouts->all);
    free(rollouts->riders.all);
}

static uint64_t measure_hash(const struct rollout_measure *measure)
{
    uint64_t hash = table_mix64((uint64_t)measure->guard.kind << 56 ^ (uint64_t)measure->guard.seconds << 32 ^
                                measure->guard.margin);
    if (measure->guard.site) hash = table_mix64(hash + measure->guard.low);
    for (unsigned arm = 0; arm < 2; arm++) {
        hash = table_mix64(hash + measure->rate[arm].count) + measure->rate[arm].hits;
        for (unsigned at = 0; at < ROLLOUT_PAIRS; at++)
            hash = table_mix64(hash + measure->open[at][arm].count) + measure->open[at][arm].hits;
        for (unsigned at = 0; measure->times && at < DURATION_BUCKETS; at++)
            hash = table_mix64(hash + measure->times[arm].at_least[at]);
    }
    return table_mix64(table_mix64(table_mix64(hash + measure->pairs) + measure->squares) + (uint64_t)measure->sum);
}

static uint64_t rollout_hash(const struct rollout *rollout)
{
    uint64_t hash = table_mix64((uint64_t)rollout->id << 32 | (uint64_t)rollout->state << 24 |
                                (uint64_t)rollout->step << 16 | (uint64_t)rollout->ask << 1 | rollout->slices);
    if (!rollout_is_open(rollout)) return hash | 1;
    hash = table_mix64(hash + rollout->salt) + rollout->hold_us + rollout->seen_content;
    hash = table_mix64(hash + rollout->expires_us) + rollout->least;
    hash = table_mix64(hash + rollout->level) + rollout->step_at_us;
    hash = table_mix64(hash + (uint64_t)rollout->at_us) + (uint64_t)rollout->started_us;
    hash = table_mix64(hash + ((uint64_t)rollout->candidate.program << 16 | rollout->candidate.strategy));
    for (unsigned at = 0; at < rollout->steps; at++) hash = table_mix64(hash + rollout->shares[at]);
    for (unsigned arm = 0; arm < 3; arm++)
        hash = table_mix64(hash + rollout->arms[arm].arrived) + rollout->arms[arm].ended;
    for (unsigned at = 0; at < rollout->guards; at++) hash = table_mix64(hash + measure_hash(&rollout->measures[at]));
    return hash | 1;
}

/* A core that never had a rollout has the digest of one without this part. */
static uint64_t rollouts_hash(const void *self)
{
    const struct rollouts *rollouts = self;
    uint64_t hash = rollouts->riders.content + (uint64_t)rollouts->freeze_until_us;
    for (uint32_t at = 0; at < rollouts->count; at++) hash += rollout_hash(&rollouts->all[at]);
    return hash;
}

/* True: each arm's arrivals are its riders, what has ended and what was left out; the sum of the riders is right. */
static bool rollouts_good(const void *self)
{
    const struct rollouts *rollouts = self;
    uint64_t content = 0, riders = 0, of_rows = 0;
    for (uint32_t slot = 0; slot < rollouts->riders.count; slot++) {
        const struct rider *rider = &rollouts->riders.all[slot];
        if (rider->row == 0) continue;
        content += rider_hash(rider, slot);
        riders++;
    }
    for (uint32_t at = 0; at < rollouts->count; at++) {
        const struct rollout *rollout = &rollouts->all[at];
        uint64_t arrived = 0, left = 0;
        for (unsigned arm = 0; arm < 3; arm++) {
            arrived += rollout->arms[arm].arrived;
            left += rollout->arms[arm].ended + rollout->arms[arm].out;
        }
        if (arrived != left + rollout->riders) return false;
        of_rows += rollout->riders;
        const struct point *point = core_directory_point_made(rollouts->directory, rollout->dn);
        if (rollout_is_open(rollout) && (!point || point->rollout != rollout->id)) return false;
    }
    return content == rollouts->riders.content && riders == rollouts->riders.riding && riders == of_rows;
}

/* True: each rider's interaction lives, each rollout has its candidate's strategy, each open rollout is its point's,
 * and each point's rollout is open. */
static bool rollouts_sound(void *self)
{
    struct rollouts *rollouts = self;
    bool good = true;
    for (uint32_t slot = 0; good && slot < rollouts->riders.count; slot++)
        if (rollouts->riders.all[slot].row != 0)
            good = rollouts->riders.all[slot].row <= rollouts->count && slot < rollouts->interactions->count &&
                   interaction_at(rollouts->interactions, slot)->state != IX_FREE;
    for (uint32_t at = 0; good && at < rollouts->directory->point_count; at++) {
        const struct point *point = &rollouts->directory->points[at];
        const struct rollout *rollout = rollout_of_point(rollouts, point);
        if (point->rollout != 0)
            good = rollout && rollout_is_open(rollout) && rollout->dn == point->dn &&
                   point->candidate == rollout->candidate.program;
    }
    for (uint32_t at = 0; good && at < rollouts->count; at++) {
        const struct rollout *rollout = &rollouts->all[at];
        const struct binding *candidate = &rollout->candidate;
        const struct point *point = core_directory_point_made(rollouts->directory, rollout->dn);
        good = rollout->id != 0 && candidate->program < rollouts->strategies->program_count &&
               candidate->strategy <
                   image_count(rollouts->strategies->programs[candidate->program].image, SECTION_STRATEGIES) &&
               (!rollout_is_open(rollout) || (point && point->rollout == rollout->id));
    }
    return good && rollouts_good(rollouts);
}

const struct part_ops part_ops_rollouts = {
    .size = sizeof(struct rollouts),
    .since = 19,
    .init = rollouts_init,
    .free = rollouts_release,
    .hash = rollouts_hash,
    .check = rollouts_good,
    .keep = rollouts_keep,
    .sound = rollouts_sound,
};
