/* runtime/core/site/directory.c - Routing points, queues, and the strategies that are active there.
 *
 * The directory is the configuration of the site. The rows of the directory come as events, wait in `staged`, and come
 * into force together at their commit. Activations wait in the same way in `bindings`. So a strategy never sees a part
 * of a new configuration. */
#include "runtime/core/site/directory.h"

#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/owned.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/now.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/events_site.h"

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

static void core_directory_init(void *self, const struct parts *parts)
{
    struct directory *directory = self;
    *directory = (struct directory){
        .options = parts->options,
        .now = parts->now,
        .facts = parts->facts,
        .names = parts->names,
        .timers = parts->timers,
        .slab = parts->slab,
        .agents = parts->agents,
        .claims = parts->claims,
        .interactions = parts->interactions,
        .strategies = parts->strategies,
        .cursors = parts->cursors,
    };
    lookup_init(&directory->by_dn, directory, point_key);
    lookup_init(&directory->by_name, directory, queue_key);
    settings_init(&directory->settings);
    places_init(&directory->places);
    reasons_init(&directory->reasons);
    campaign_definitions_init(&directory->campaigns);
}

static void core_directory_free(void *self)
{
    struct directory *directory = self;
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

struct point *core_directory_point_made(const struct directory *directory, uint32_t dn)
{
    uint32_t slot;
    return dn != 0 && lookup_find(&directory->by_dn, dn, &slot) ? &directory->points[slot] : NULL;
}

struct point *core_directory_point(const struct directory *directory, uint32_t dn)
{
    struct point *point = core_directory_point_made(directory, dn);
    return point && point->known ? point : NULL;
}

/* Returns the strategy for an arrival. The random choice depends only on the number and the seed, so a
 * replay and every later question give the same strategy. A point without an older strategy always gives the newer
 * one. */
struct binding core_directory_binding(const struct directory *directory, const struct point *point, uint64_t number,
                                      bool made)
{
    bool newer = point->percent >= 100 || table_mix64(number ^ directory->options->seed) % 100 < point->percent;
    if (directory->options->choosing) {
        struct span dn = names_text(directory->names, point->dn);
        int chosen = directory->options->choosing(directory->options->self, made ? number : 0, dn);
        if (chosen != 0) newer = chosen > 0;
    }
    return newer || point->before.program == PROGRAM_NONE ? point->now : point->before;
}

bool core_directory_in_force(const struct directory *directory, uint16_t program)
{
    for (uint32_t at = 0; at < directory->point_count; at++) {
        const struct point *point = &directory->points[at];
        if (point->now.program == program || (point->percent < 100 && point->before.program == program)) return true;
        if (point->candidate == program) return true;
    }
    return false;
}

void core_directory_left(struct directory *directory, uint16_t program)
{
    if (program == PROGRAM_NONE || core_directory_in_force(directory, program)) return;
    directory->strategies->programs[program].out_us = now_wall_us(directory->now);
}

/* Returns a queue; one that the directory does not have gets the default times. */
struct queue core_directory_queue(const struct directory *directory, uint32_t name)
{
    uint32_t slot;
    if (name != 0 && lookup_find(&directory->by_name, name, &slot)) return directory->queues[slot];
    return (struct queue){.handling_us = UINT64_C(1000000) * QUEUE_HANDLING_S,
                          .offer_us = UINT64_C(1000000) * QUEUE_OFFER_S};
}

bool core_directory_has_queue(const struct directory *directory, uint32_t name)
{
    uint32_t slot;
    bool known = name != 0 && lookup_find(&directory->by_name, name, &slot) && directory->queues[slot].known;
    return known || core_directory_point(directory, name);
}

uint32_t core_directory_queue_dn(const struct directory *directory, uint32_t name)
{
    uint32_t slot;
    if (name == 0 || !lookup_find(&directory->by_name, name, &slot) || !directory->queues[slot].known)
        return name; /* the queue's name may be a DN of the switch, although the directory does not have it */
    return directory->queues[slot].dn != 0 ? directory->queues[slot].dn : name;
}

/* Returns the queue's routing point: one with the queue's name, or with the DN that the directory gives the queue. */
struct point *core_directory_queue_point(const struct directory *directory, uint32_t queue)
{
    struct point *point = core_directory_point(directory, queue);
    return point ? point : core_directory_point(directory, core_directory_queue_dn(directory, queue));
}

static uint64_t directory_hash(const void *self)
{
    const struct directory *directory = self;
    return directory->settings.content + directory->places.content + directory->campaigns.content;
}

static bool directory_good(const void *self)
{
    const struct directory *directory = self;
    return settings_check(&directory->settings) && places_check(&directory->places) &&
           campaign_definitions_check(&directory->campaigns);
}

/* ---- as bytes ---- */

/* Writes or reads frames of the given kind, which are parsed again at their commit. */
static void keep_staging(struct keeper *keeper, struct staging *staging, unsigned kind)
{
    struct message message;
    staging->bytes = keep_owned(keeper, staging->bytes, &staging->length, STAGED_BYTES_MAX);
    if (!keep_reading(keeper)) return;
    staging->capacity = staging->length;
    for (uint32_t at = 0; at < staging->length && keep_good(keeper);) {
        size_t size = message_frame_size(staging->bytes + at, staging->length - at);
        bool good = size != 0 && size <= staging->length - at &&
                    message_read(&message, staging->bytes + at, size, NULL) && message.kind == kind;
        if (!good) keep_fail(keeper, "rows of the directory wait for their commit, and cannot be read");
        at += good ? (uint32_t)size : 0;
    }
}

static void keep_binding(struct directory *directory, struct keeper *keeper, struct binding *binding)
{
    binding->program = program_keep(directory->strategies, keeper, binding->program);
    binding->strategy = keep_u16(keeper, binding->strategy);
    binding->given = owned_pairs_keep(keeper, binding->given, MESSAGE_FRAME_MAX);
    bool known =
        binding->program == PROGRAM_NONE ||
        binding->strategy < image_count(directory->strategies->programs[binding->program].image, SECTION_STRATEGIES);
    if (!known) keep_fail(keeper, "a strategy is active that no program has");
}

static void keep_point(struct directory *directory, struct keeper *keeper, uint32_t number)
{
    struct point *point = &directory->points[number];
    point->dn = name_keep(directory->names, keeper, point->dn);
    point->defaults = owned_text_keep(keeper, point->defaults, MESSAGE_FRAME_MAX);
    point->answer_timeout_us = keep_i64(keeper, point->answer_timeout_us);
    point->router_grace_us = keep_i64(keeper, point->router_grace_us);
    keep_binding(directory, keeper, &point->now);
    keep_binding(directory, keeper, &point->before);
    point->percent = keep_u8(keeper, point->percent);
    point->told = keep_u64(keeper, point->told);
    point->known = keep_bool(keeper, point->known);
    point->seen = keep_bool(keeper, point->seen);
    point->rollout = keep_has(keeper, 19) ? keep_u32(keeper, point->rollout) : 0;
    point->candidate =
        keep_has(keeper, 19) ? program_keep(directory->strategies, keeper, point->candidate) : PROGRAM_NONE;
    lookup_restore(&directory->by_dn, keeper, number);
}

static void keep_queue(struct directory *directory, struct keeper *keeper, uint32_t number)
{
    struct queue *queue = &directory->queues[number];
    queue->name = name_keep(directory->names, keeper, queue->name);
    queue->dn = name_keep(directory->names, keeper, queue->dn);
    queue->handling_us = keep_u64(keeper, queue->handling_us);
    queue->offer_us = keep_u64(keeper, queue->offer_us);
    queue->routing_us = keep_u64(keeper, queue->routing_us);
    queue->known = keep_bool(keeper, queue->known);
    queue->seen = keep_bool(keeper, queue->seen);
    queue->elsewhere = keep_has(keeper, 5) && keep_bool(keeper, queue->elsewhere);
    lookup_restore(&directory->by_name, keeper, number);
}

static void directory_part_keep(void *self, struct keeper *keeper)
{
    struct directory *directory = self;
    keep_staging(keeper, &directory->staged, KIND_DirectoryRow);
    keep_staging(keeper, &directory->bindings, KIND_Activate);
    directory->staged_version = keep_u64(keeper, directory->staged_version);
    directory->staged_cut = keep_bool(keeper, directory->staged_cut);
    directory->version = keep_u64(keeper, directory->version);
    directory->activated = keep_u32(keeper, directory->activated);
    directory->points = keep_rows(keeper, directory->points, &directory->point_count, &directory->point_capacity,
                                  POINTS_MAX, sizeof *directory->points);
    for (uint32_t at = 0; at < directory->point_count && keep_good(keeper); at++) keep_point(directory, keeper, at);
    directory->queues = keep_rows(keeper, directory->queues, &directory->queue_count, &directory->queue_capacity,
                                  QUEUES_MAX, sizeof *directory->queues);
    for (uint32_t at = 0; at < directory->queue_count && keep_good(keeper); at++) keep_queue(directory, keeper, at);
    settings_keep(directory, keeper);
    places_keep(directory, keeper);
    reasons_keep(directory, keeper);
    campaign_definitions_keep(&directory->campaigns, directory->names, keeper);
    keep_raw(keeper, directory->rows_hash, sizeof directory->rows_hash);
}

static bool directory_sound(void *self)
{
    struct directory *directory = self;
    return places_sound(directory);
}

const struct part_ops part_ops_directory = {
    .check = directory_good,
    .size = sizeof(struct directory),
    .init = core_directory_init,
    .free = core_directory_free,
    .hash = directory_hash,
    .keep = directory_part_keep,
    .sound = directory_sound,
};
