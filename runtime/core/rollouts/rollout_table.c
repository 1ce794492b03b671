/* runtime/core/rollouts/rollout_table.c - The rows of rollouts: how they are made, found, given a timer, and over. This
 * file calls no other file of the folder. */
#include "runtime/core/rollouts/rider.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"

#define STIRS_US UINT64_C(1000000) /* what was counted is looked at within a second */

const char *rollout_why_words(unsigned why)
{
    static const char *const words[ROLLOUT_WHYS] = {
#define WHY(id, words) words,
#include "runtime/core/rollouts/rollout_whys.def"
    };
    return why < ROLLOUT_WHYS ? words[why] : "";
}

bool rollout_is_open(const struct rollout *rollout)
{
    return rollout->state >= rollout_state_approval && rollout->state <= rollout_state_held;
}

uint32_t rollout_share(const struct rollout *rollout)
{
    bool shared = rollout->state >= rollout_state_canary && rollout->state <= rollout_state_held;
    return shared ? rollout->shares[rollout->step] : 0;
}

struct rollout *rollout_by_id(const struct rollouts *rollouts, uint32_t id)
{
    for (uint32_t at = 0; id != 0 && at < rollouts->count; at++)
        if (rollouts->all[at].id == id) return &rollouts->all[at];
    return NULL;
}

struct rollout *rollout_of_point(const struct rollouts *rollouts, const struct point *point)
{
    return rollout_by_id(rollouts, point->rollout);
}

void rollout_row_free(struct rollouts *rollouts, struct rollout *rollout)
{
    timer_cancel(rollouts->timers, &rollout->timer);
    span_free(&rollout->candidate.given);
    free(rollout->seen);
    span_free(&rollout->starter);
    span_free(&rollout->approver);
    span_free(&rollout->reason);
    for (unsigned at = 0; at < ROLLOUT_GUARDS_MAX; at++) free(rollout->measures[at].times);
    *rollout = (struct rollout){0};
}

void rollout_over(struct rollouts *rollouts, struct rollout *rollout, enum rollout_state state, enum rollout_why why)
{
    struct point *point = core_directory_point_made(rollouts->directory, rollout->dn);
    assert(rollout_is_open(rollout) && point && point->rollout == rollout->id);
    point->rollout = 0;
    point->candidate = PROGRAM_NONE;
    core_directory_left(rollouts->directory, rollout->candidate.program);
    rollout->state = (uint8_t)state;
    rollout->why = (uint8_t)why;
    rollout->over_us = now_wall_us(rollouts->now);
    free(rollout->seen);
    rollout->seen = NULL;
    rollout->seen_content = 0;
    rollout_looks_in(rollouts, rollout, 0);
}

void rollout_point_activated(struct rollouts *rollouts, const struct point *point)
{
    struct rollout *rollout = rollout_of_point(rollouts, point);
    if (rollout) rollout_over(rollouts, rollout, rollout_state_ended, ROLLOUT_WHY_activated);
}

void rollout_looks_in(struct rollouts *rollouts, struct rollout *rollout, uint64_t in_us)
{
    uint64_t at_us = rollouts->now->time_us + in_us;
    if (rollout->timer != 0 && rollout->look_us <= at_us) return;
    timer_cancel(rollouts->timers, &rollout->timer);
    rollout->look_us = at_us;
    timer_set(
        rollouts->timers,
        &(struct timer){.deadline_us = at_us, .kind = TIMER_ROLLOUT, .data = (uint32_t)(rollout - rollouts->all)});
}

bool rollouts_frozen(const struct rollouts *rollouts, int64_t *until_us)
{
    int64_t wall_us = now_wall_us(rollouts->now);
    *until_us = rollouts->freeze_until_us;
    return wall_us >= rollouts->freeze_from_us && wall_us < rollouts->freeze_until_us;
}

void rollout_stirs(struct rollouts *rollouts, struct rollout *rollout)
{
    if (rollout_is_open(rollout)) rollout_looks_in(rollouts, rollout, STIRS_US);
}

void rollout_hard(struct rollouts *rollouts, struct rollout *rollout, unsigned guard, uint64_t ixn)
{
    if (guard == ROLLOUT_GUARDS) return;
    for (unsigned at = 0; at < rollout->example_count; at++)
        if (rollout->examples[at] == ixn) return;
    bool open = rollout_is_open(rollout);
    if (!open && (rollout->why != ROLLOUT_WHY_hard || rollout->example_count == ROLLOUT_EXAMPLES)) return;
    assert(rollout->example_count < ROLLOUT_EXAMPLES); /* an open rollout has none */
    rollout->examples[rollout->example_count++] = ixn;
    if (!open) return;
    rollout->guard = (uint8_t)guard;
    rollout_over(rollouts, rollout, rollout_state_back, ROLLOUT_WHY_hard);
}
