/* runtime/core/read/rollouts.c - Reads rollouts and versions. */
#include "runtime/core/read/rollouts.h"

#include <assert.h>
#include <string.h>

#include "vm/image.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/state.h"
#include "runtime/core/evidence/evidence.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/rollouts/judge.h"
#include "runtime/core/rollouts/rollout.h"
#include "runtime/core/site/program.h"

_Static_assert((int)CORE_ROLLOUT_STEPS == (int)ROLLOUT_STEPS_MAX &&
                   (int)CORE_ROLLOUT_GUARDS == (int)ROLLOUT_GUARDS_MAX &&
                   (int)CORE_ROLLOUT_EXAMPLES == (int)ROLLOUT_EXAMPLES,
               "as rollout.h");
_Static_assert((int)CORE_GUARD_WORSE == (int)EVIDENCE_WORSE && (int)CORE_GUARD_NO_WORSE == (int)EVIDENCE_NO_WORSE,
               "as evidence.h");

const char *core_guard_words(enum core_guard_says says)
{
    return rollout_guard_words(says);
}

static void read_measure(const struct rollout *rollout, const struct rollout_measure *measure, bool more,
                         struct core_rollout_guard *guard)
{
    struct evidence evidence;
    uint64_t needed = 0;
    *guard = (struct core_rollout_guard){.time = measure->times != NULL, .site = measure->guard.site};
    rollout_guard_write(&measure->guard, guard->text);
    rollout_judges(rollout, measure, &evidence, more ? &needed : NULL);
    guard->says = (enum core_guard_says)evidence.says;
    guard->difference = evidence.difference;
    guard->low = evidence.low;
    guard->high = evidence.high;
    guard->more = needed;
    for (unsigned arm = 0; arm < 2; arm++) {
        guard->count[arm] = measure->times ? durations_count(&measure->times[arm]) : measure->rate[arm].count;
        guard->hits[arm] = measure->rate[arm].hits;
        if (measure->times)
            guard->figure_us[arm] = durations_quantile_us(
                &measure->times[arm],
                (uint32_t)((uint64_t)CHANCE_ONE * rollout_guard_quantile(measure->guard.kind) / 100));
    }
}

static struct span read_title(const struct core *core, uint16_t program, uint16_t strategy)
{
    if (program == PROGRAM_NONE) return (struct span){NULL, 0};
    const struct image *image = core->strategies->programs[program].image;
    struct text text = image_text(image, image_strategy(image, strategy)->name);
    return (struct span){(const uint8_t *)text.bytes, text.length};
}

/* Returns the row with the index-th lowest id. */
static const struct rollout *rollout_in_order(const struct rollouts *rollouts, uint32_t index)
{
    for (uint32_t at = 0; at < rollouts->count; at++) {
        uint32_t before = 0;
        for (uint32_t other = 0; other < rollouts->count; other++)
            before += rollouts->all[other].id < rollouts->all[at].id;
        if (before == index) return &rollouts->all[at];
    }
    return NULL;
}

bool core_rollout_brief(const struct core *core, uint32_t index, struct core_rollout_brief *row)
{
    const struct rollout *rollout = rollout_in_order(core->rollouts, index);
    if (!rollout) return false;
    *row = (struct core_rollout_brief){.id = rollout->id,
                                       .state = rollout->state,
                                       .open = rollout_is_open(rollout),
                                       .point = core_name(core, rollout->dn)};
    return true;
}

bool core_rollout_at(const struct core *core, uint32_t index, bool more, struct core_rollout *row)
{
    const struct rollout *rollout = rollout_in_order(core->rollouts, index);
    if (!rollout) return false;
    bool by_guard = rollout->why == ROLLOUT_WHY_worse || rollout->why == ROLLOUT_WHY_hard;
    int64_t since_us = rollout->begun_us != 0 ? rollout->begun_us : rollout->started_us;
    *row = (struct core_rollout){
        .id = rollout->id,
        .point = core_name(core, rollout->dn),
        .strategy = read_title(core, rollout->candidate.program, rollout->candidate.strategy),
        .has_control = rollout->control != PROGRAM_NONE,
        .state = rollout->state,
        .why = rollout_why_words(rollout->why),
        .guard = by_guard ? rollout_guard_name(rollout->guard) : NULL,
        .open = rollout_is_open(rollout),
        .ask = rollout->ask,
        .approval = rollout->approval,
        .slices = rollout->slices,
        .share = rollout->state == rollout_state_done ? ROLLOUT_SHARE_ALL : rollout_share(rollout),
        .step = rollout->step,
        .steps = rollout->steps,
        .started_us = rollout->started_us,
        .at_us = rollout->at_us,
        .begun_us = rollout->begun_us,
        .step_us = rollout->step_us,
        .over_us = rollout->over_us,
        .expires_us = since_us + (int64_t)rollout->expires_us,
        .hold_until_us = rollout->step_us + (int64_t)rollout->hold_us,
        .hold_us = rollout->hold_us,
        .least = rollout->least,
        .level = rollout->level,
        .by = core_name(core, rollout->by),
        .starter = rollout->starter,
        .approver = rollout->approver,
        .reason = rollout->reason,
        .guard_count = rollout->guards,
        .example_count = rollout->example_count,
    };
    memcpy(row->image, core->strategies->programs[rollout->candidate.program].hash, CORE_HASH);
    if (row->has_control) memcpy(row->control, core->strategies->programs[rollout->control].hash, CORE_HASH);
    memcpy(row->shares, rollout->shares, sizeof row->shares);
    memcpy(row->examples, rollout->examples, sizeof row->examples);
    for (unsigned arm = 0; arm < 2; arm++) {
        row->arms[arm].arrived = rollout->arms[arm].arrived;
        row->arms[arm].ended = rollout->arms[arm].ended;
        row->arms[arm].out = rollout->arms[arm].out;
        row->arms[arm].live = rollout->arms[arm].arrived - rollout->arms[arm].ended - rollout->arms[arm].out;
    }
    for (unsigned at = 0; at < rollout->guards; at++)
        read_measure(rollout, &rollout->measures[at], more, &row->guards[at]);
    return true;
}

const char *core_version_words(enum core_version_state state)
{
    static const char *const words[] = {
#define STATE(id, word, doc) [VERSION_##id] = word,
#define ASIDE(id, word, doc) [VERSION_##id] = word,
#include "runtime/core/read/version_states.def"
    };
    assert((size_t)state < sizeof words / sizeof *words);
    return words[state];
}

bool core_version_at(const struct core *core, uint32_t index, struct core_version *row)
{
    if (index >= core->strategies->program_count) return false;
    const struct site_program *program = &core->strategies->programs[index];
    *row = (struct core_version){.interactions = program->interactions, .since_us = program->out_us};
    memcpy(row->image, program->hash, CORE_HASH);
    bool canary = false;
    for (uint32_t at = 0; at < core->directory->point_count; at++) {
        const struct point *point = &core->directory->points[at];
        bool older = point->percent < 100 && point->before.program == index;
        row->points += point->known && (point->now.program == index || older);
        if (point->candidate != index) continue;
        const struct rollout *rollout = rollout_of_point(core->rollouts, point);
        uint32_t share = rollout ? rollout_share(rollout) : 0;
        canary = true;
        if (share > row->share) row->share = share;
    }
    row->state = row->points != 0             ? VERSION_ACTIVE
                 : canary                     ? VERSION_CANARY
                 : program->interactions != 0 ? VERSION_DRAINING
                                              : VERSION_DRAINED;
    if (row->state == VERSION_ACTIVE || row->state == VERSION_CANARY) row->since_us = 0;
    if (program->interactions == 0) return true;
    EACH_INTERACTION (ix, core->interactions)
        if (ix->program == index && ix->state != IX_FREE) {
            row->oldest = ix->id;
            row->oldest_us = (int64_t)interaction_arrived(core->interactions, ix) + core->now->wall_offset_us;
            break;
        }
    return true;
}

void core_rollout_freeze(const struct core *core, int64_t *from_us, int64_t *until_us)
{
    *from_us = core->rollouts->freeze_from_us;
    *until_us = core->rollouts->freeze_until_us;
}

bool core_ride(const struct core *core, uint64_t ixn, struct core_ride *ride)
{
    const struct interaction *ix = interaction_by_id(core->interactions, ixn);
    const struct rider *rider = ix ? rollout_rider(core->rollouts, ix) : NULL;
    const struct rollout *rollout = rider && rider->arm != ARM_REST ? rollout_of_rider(core->rollouts, rider) : NULL;
    *ride =
        (struct core_ride){.rollout = rollout ? rollout->id : 0, .candidate = rollout && rider->arm == ARM_CANDIDATE};
    /* A strategy that could not begin has not become the interaction's. */
    uint16_t program = rollout && ride->candidate ? rollout->candidate.program : ix ? ix->program : PROGRAM_NONE;
    if (program == PROGRAM_NONE) return false;
    memcpy(ride->image, core->strategies->programs[program].hash, CORE_HASH);
    return true;
}
