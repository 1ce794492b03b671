/* runtime/daemon/reload/reload_rollout.c - Keeps what rollouts have brought: the core itself activates a version at the
 * last step, and a load of the files must not put the one of before back.
 *
 *     files: the version of before    core: a rollout is done, and its version is active    -> it stays
 *     files: any other version                                                              -> the files count
 *
 * The core has this state from its journal, so it holds over restarts and takeovers. It forgets rollouts in time:
 * therefore the version is noted in activations.json, too, like one that was activated by hand. */
#include "runtime/daemon/reload/reload_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/core/read/rollouts.h"

/* The rollout whose version is active at the point. */
struct rolled_out {
    const char *dn;
    char strategy[NAME_MAX_BYTES + 1], actor[ADDR_MAX_BYTES + 1];
    uint8_t image[CORE_HASH], control[CORE_HASH];
    int64_t over_us;
    bool found;
};

/* On the core's thread. Only the newest rollout of the point counts. */
static void rolled_out_look(void *self, struct core *core)
{
    struct rolled_out *look = self;
    struct core_rollout_brief brief;
    struct core_rollout row;
    struct point_row point;
    uint32_t newest = UINT32_MAX;
    for (uint32_t at = 0; core_rollout_brief(core, at, &brief); at++)
        if (span_is(brief.point, look->dn)) newest = brief.state == rollout_state_done ? at : UINT32_MAX;
    if (newest == UINT32_MAX || !core_rollout_at(core, newest, false, &row)) return;
    snprintf(look->strategy, sizeof look->strategy, "%.*s", (int)row.strategy.length, (const char *)row.strategy.bytes);
    snprintf(look->actor, sizeof look->actor, "%.*s", (int)row.starter.length, (const char *)row.starter.bytes);
    memcpy(look->image, row.image, CORE_HASH);
    memcpy(look->control, row.control, CORE_HASH);
    look->over_us = row.over_us;
    look->found = row.has_control && core_point_at(core, span_of(look->dn), &point) && point.image &&
                  memcmp(point.image, look->image, CORE_HASH) == 0;
}

bool reload_rolled_out(const struct reload_world *world, const struct active *active, uint8_t image[IMAGE_HASH],
                       char strategy[NAME_MAX_BYTES + 1])
{
    struct rolled_out look = {.dn = active->dn};
    engine_read(world->engine, rolled_out_look, &look);
    if (!look.found || memcmp(active->image, look.control, IMAGE_HASH) != 0) return false;
    memcpy(image, look.image, IMAGE_HASH);
    memcpy(strategy, look.strategy, sizeof look.strategy);
    return true;
}

/* Finds which image the files give the point: that of the activation by hand, else the configuration's. */
static const uint8_t *rolled_out_file(const struct reload *reload, const struct reload_world *world, const char *point,
                                      struct activation *activation)
{
    if (activations_get(world->activations, point, activation)) return activation->image;
    for (size_t i = 0; i < reload->active_count; i++) {
        const struct active *active = &reload->active[i];
        if (strcmp(active->dn, point) != 0) continue;
        for (size_t k = 0; k < reload->image_count; k++)
            if (image_strategy_named(reload->images[k], active->configured, (uint32_t)strlen(active->configured)))
                return image_hash(reload->images[k]);
    }
    return NULL;
}

bool reload_rollout_note(const struct reload *reload, const struct reload_world *world, const char *point,
                         struct error *error)
{
    assert(reload && world && point);
    struct rolled_out look = {.dn = point};
    struct activation_ask nobody = {0};
    struct activation kept;
    if (!world->activations) return true;
    engine_read(world->engine, rolled_out_look, &look);
    const uint8_t *file = look.found ? rolled_out_file(reload, world, point, &kept) : NULL;
    if (!file || memcmp(file, look.control, IMAGE_HASH) != 0) return true;
    kept = (struct activation){.strategy = look.strategy,
                               .actor = look.actor,
                               .why = "its rollout has given it all arrivals",
                               .at_us = (uint64_t)look.over_us};
    memcpy(kept.image, look.image, IMAGE_HASH);
    if (!activations_set(world->activations, point, &kept, nobody, error)) return false;
    free(activations_settle(world->activations, nobody, true, error));
    return true;
}
