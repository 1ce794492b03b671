/* runtime/core/snapshot.c - Writes and reads a snapshot, in this order: magic and version; what its reader must
 * have; the core's own fields, names, programs, timers and blocks, to which all parts refer; a section per part; the
 * digest.
 *
 *     | magic | version | semantics, layout, options |
 *     | own fields | names | programs | timers | blocks | part | part | ... | digest |
 *
 * The same functions write and read: a keeper that writes takes each value and returns it, a keeper that reads
 * returns the value of the file. So the order cannot differ between writing and reading. The keeper stores the first
 * error, which is checked at the end; until then everything that is read has a harmless value. */
#include "runtime/core/snapshot.h"

#include <string.h>

#include "vm/block.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/check.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/vocabulary.h"

enum { HEAD = 12 };
static const char magic[8] = {'g', 'c', 'x', 'c', 'o', 'r', 'e', '\n'};

/* Returns the image of a block. A host may give another image than the hash says, as a debugger does to try a
 * changed program. */
static const struct image *find_image(void *self, const uint8_t *hash)
{
    const struct core *core = self;
    if (memcmp(hash, image_hash(core->no_image), IMAGE_HASH) == 0) return core->no_image;
    for (uint32_t at = 0; at < core->strategies->program_count; at++) {
        const struct site_program *program = &core->strategies->programs[at];
        if (memcmp(hash, program->hash, IMAGE_HASH) == 0 || memcmp(hash, image_hash(program->image), IMAGE_HASH) == 0)
            return program->image;
    }
    return NULL;
}

/* Writes or reads the core's own fields. A later version of the format adds a field after a check with keep_has(). */
static void keep_own(struct core *core, struct keeper *keeper)
{
    keep_same(keeper, SOURCES_MAX, "it has other sources than this version");
    core->now->number = keep_u64(keeper, core->now->number);
    core->now->epoch = keep_u64(keeper, core->now->epoch);
    core->now->time_us = keep_u64(keeper, core->now->time_us);
    core->now->wall_offset_us = keep_i64(keeper, core->now->wall_offset_us);
    for (unsigned source = 0; source < SOURCES_MAX; source++) {
        core->last_seq[source] = keep_u64(keeper, core->last_seq[source]);
        core->last_conn[source] = keep_u64(keeper, core->last_conn[source]);
    }
    uint32_t closed =
        keep_bits(keeper, core->draining | (uint32_t)core->gated << 1 | (uint32_t)core->dials_held << 2, 3);
    core->draining = (closed & 1) != 0;
    core->gated = (closed & 2) != 0;
    core->dials_held = (closed & 4) != 0;
    core->settle_all = keep_bool(keeper, core->settle_all);
    core->events = keep_u64(keeper, core->events);
    core->running = keep_u32(keeper, core->running);
    if (keep_has(keeper, 2)) core->now->restored_s = keep_u64(keeper, core->now->restored_s);
}

/* Writes or reads the core. Names come first: everything after them refers to names by number. */
static void keep_core(struct core *core, struct keeper *keeper)
{
    keep_own(core, keeper);
    names_keep(core->names, keeper);
    programs_keep(core->strategies, keeper);
    timers_keep(core->timers, keeper);
    slab_keep(core->slab, keeper, find_image, core);
    parts_keep(core->parts, keeper);
}

/* Writes or reads the numbers that a reader must know, and the options. Returns the semantics number of the core
 * that wrote the snapshot. */
static uint32_t keep_options(struct core_options *options, struct keeper *keeper, const struct migrations *migrations)
{
    uint32_t semantics = keep_u32(keeper, migrations->to), layout = keep_u32(keeper, BLOCK_VERSION);
    if (!migrations_reach(migrations, semantics))
        keep_fail_as(keeper, ERROR_VERSION, "it was made by a version that decides differently: semantics %u, not %u",
                     (unsigned)semantics, (unsigned)migrations->to);
    if (layout != BLOCK_VERSION && (layout != BLOCK_VERSION_READ || keep_has(keeper, 10)))
        keep_fail_as(keeper, ERROR_VERSION, "interactions have another layout in it: %u, not %u", (unsigned)layout,
                     (unsigned)BLOCK_VERSION);
    options->partition = keep_u16(keeper, options->partition);
    options->seed = keep_u64(keeper, options->seed);
    options->interactions_max = keep_u32(keeper, options->interactions_max);
    return semantics;
}

bool core_save(struct core *core, keep_write *write, void *self)
{
    struct keeper *keeper = keep_begin_write(write, self);
    uint8_t head[HEAD];
    memcpy(head, magic, sizeof magic);
    for (unsigned at = 0; at < HEAD - sizeof magic; at++)
        head[sizeof magic + at] = (uint8_t)((uint32_t)SNAPSHOT_VERSION >> 8 * at);
    keep_raw(keeper, head, sizeof head);
    keep_options(&core->options, keeper, &migrations_here);
    keep_core(core, keeper);
    keep_u64(keeper, core_digest(core));
    return keep_finish(keeper, NULL);
}

/* Changes the core from another semantics number, which computes digests differently; tests check that all promises
 * are preserved (core_golden.c). */
static bool snapshot_migrated(struct core *core, const struct migrations *migrations, uint32_t from,
                              struct error *error)
{
    return migrations_take(migrations, from, core, error) && core_check_migrated(core, error);
}

/* The bytes were read. True: the core that was read is consistent, and the same as the one that was saved. A
 * snapshot of the same semantics must give the same digest. If the caller says that it was verified, the long check
 * is skipped. */
static bool core_good(struct core *core, const struct migrations *migrations, uint32_t semantics,
                      enum core_origin origin, uint64_t digest, struct error *error)
{
    const char *part = parts_sound(core->parts);
    if (part) {
        error_set(error, ERROR_INPUT, "its %s name rows that are not there", part);
    } else if (!timers_claimed(core->timers)) {
        error_set(error, ERROR_INPUT, "it has timers that belong to nothing");
    } else {
        interactions_recount(core->interactions);
        if (semantics != migrations->to) return snapshot_migrated(core, migrations, semantics, error);
        if (origin == ORIGIN_ALTERED || core_digest(core) == digest)
            return origin == ORIGIN_VERIFIED || core_check_loaded(core, error);
        error_set(error, ERROR_INPUT, "its digest is another one than the core's that it makes");
    }
    return false;
}

static uint32_t version_of(const uint8_t *head)
{
    uint32_t version = 0;
    for (unsigned at = HEAD; at-- > sizeof magic;) version = version << 8 | head[at];
    return version;
}

/* NULL with the reason. Loads a core. The options that the snapshot decides (partition, seed, limit) replace the
 * given ones before the core is made. */
struct core *core_load_as(const struct core_options *given, struct keeper *keeper, const struct migrations *migrations,
                          enum core_origin origin, struct error *error)
{
    struct core_options options = *given;
    uint8_t head[HEAD];
    keep_raw(keeper, head, sizeof head);
    uint32_t version = !keep_good(keeper) || memcmp(head, magic, sizeof magic) != 0 ? 0 : version_of(head);
    if (version == 0) keep_fail(keeper, "it is no snapshot of a core");
    if (version > SNAPSHOT_VERSION) keep_fail_as(keeper, ERROR_VERSION, "it was made by a newer version");
    keep_set_version(keeper, version);
    uint32_t semantics = keep_options(&options, keeper, migrations);
    if (!keep_good(keeper)) {
        keep_finish(keeper, error);
        return NULL;
    }
    struct core *core = core_new(&options);
    keep_core(core, keeper);
    uint64_t digest = keep_u64(keeper, 0);
    if (keep_finish(keeper, error) && core_good(core, migrations, semantics, origin, digest, error)) return core;
    core_free(core);
    return NULL;
}

struct core *core_load(const struct core_options *options, const void *bytes, size_t length, struct error *error)
{
    return core_load_as(options, keep_begin_read(bytes, length), &migrations_here, ORIGIN_ANYBODY, error);
}

struct core *core_load_from(const struct core_options *options, keep_read *read, void *self, uint64_t length,
                            bool verified, struct error *error)
{
    return core_load_as(options, keep_begin_read_from(read, self, length), &migrations_here,
                        verified ? ORIGIN_VERIFIED : ORIGIN_ANYBODY, error);
}
