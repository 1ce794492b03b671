/* runtime/core/site/directory.c - Routing points, queues and the strategies that are active at them. */
#include "runtime/core/site/directory.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/site/place.h"
#include "runtime/core/site/setting.h"

static uint64_t point_key(const void *owner, uint32_t slot)
{
    const struct directory *directory = owner;
    return directory->points[slot].dn;
}

static uint64_t queue_key(const void *owner, uint32_t slot)
{
    const struct directory *directory = owner;
    return directory->queues[slot].name;
}

static void core_directory_init(struct core *core)
{
    struct directory *directory = core->directory;
    *directory = (struct directory){0};
    lookup_init(&directory->by_dn, directory, point_key);
    lookup_init(&directory->by_name, directory, queue_key);
    settings_init(&directory->settings);
    places_init(&directory->places);
    reasons_init(&directory->reasons);
    campaign_definitions_init(&directory->campaigns);
}

static void core_directory_free(struct core *core)
{
    struct directory *directory = core->directory;
    for (uint32_t at = 0; at < directory->point_count; at++) {
        free((void *)(uintptr_t)directory->points[at].defaults.bytes);
        free((void *)(uintptr_t)directory->points[at].now.given.bytes);
        free((void *)(uintptr_t)directory->points[at].before.given.bytes);
    }
    free(directory->points);
    free(directory->queues);
    free(directory->staged.bytes);
    free(directory->bindings.bytes);
    settings_free(&directory->settings);
    places_free(&directory->places);
    reasons_free(&directory->reasons);
    campaign_definitions_free(&directory->campaigns);
    lookup_free(&directory->by_dn);
    lookup_free(&directory->by_name);
}

struct point *core_directory_point(const struct core *core, uint32_t dn)
{
    uint32_t slot;
    if (dn == 0 || !lookup_find(&core->directory->by_dn, dn, &slot) || !core->directory->points[slot].known)
        return NULL;
    return &core->directory->points[slot];
}

struct binding core_directory_binding(const struct core *core, const struct point *point, uint64_t ixn)
{
    bool newer = point->percent >= 100 || mix64(ixn ^ core->options.seed) % 100 < point->percent;
    if (core->options.choosing) {
        int chosen = core->options.choosing(core->options.self, ixn, core_name(core, point->dn));
        if (chosen != 0) newer = chosen > 0;
    }
    return newer || point->before.program == PROGRAM_NONE ? point->now : point->before;
}

bool core_directory_in_force(const struct core *core, uint16_t program)
{
    const struct directory *directory = core->directory;
    for (uint32_t at = 0; at < directory->point_count; at++) {
        const struct point *point = &directory->points[at];
        if (point->now.program == program || (point->percent < 100 && point->before.program == program)) return true;
    }
    return false;
}

struct queue core_directory_queue(const struct core *core, uint32_t name)
{
    const struct directory *directory = core->directory;
    uint32_t slot;
    if (name != 0 && lookup_find(&directory->by_name, name, &slot)) return directory->queues[slot];
    return (struct queue){.handling_us = UINT64_C(1000000) * QUEUE_HANDLING_S,
                          .offer_us = UINT64_C(1000000) * QUEUE_OFFER_S};
}

bool core_directory_has_queue(const struct core *core, uint32_t name)
{
    uint32_t slot;
    bool known =
        name != 0 && lookup_find(&core->directory->by_name, name, &slot) && core->directory->queues[slot].known;
    return known || core_directory_point(core, name);
}

uint32_t core_directory_queue_dn(const struct core *core, uint32_t name)
{
    uint32_t slot;
    if (name == 0 || !lookup_find(&core->directory->by_name, name, &slot) || !core->directory->queues[slot].known)
        return name; /* the queue's name may be a DN of the switch that the directory does not know */
    return core->directory->queues[slot].dn != 0 ? core->directory->queues[slot].dn : name;
}

static uint64_t hash(const struct core *core)
{
    return core->directory->settings.content + core->directory->places.content + core->directory->campaigns.content;
}

static bool check(const struct core *core)
{
    return settings_check(&core->directory->settings) && places_check(&core->directory->places) &&
           campaign_definitions_check(&core->directory->campaigns);
}

const struct part_ops part_ops_directory = {
    .check = check,
    .size = sizeof(struct directory),
    .init = core_directory_init,
    .free = core_directory_free,
    .hash = hash,
};
