/* runtime/core/site/table_cursor.c - Walks: a list of versions for the few interactions that are amid one. */
#include "runtime/core/site/table_cursor.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/site/business.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/site/setting.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"

enum { VERSION_MASK = 0x7fffffff }; /* a cursor has it in the upper half of an int */

static void walks_init(struct core *core)
{
    struct walks *walks = core->walks;
    *walks = (struct walks){.bytes_max = WALK_BYTES_MAX};
}

static void walks_free(struct core *core)
{
    struct walks *walks = core->walks;
    for (uint32_t at = 0; at < walks->past_count; at++) business_free(&walks->past[at].rows);
    free(walks->past);
    free(walks->all);
}

uint32_t walk_version(struct core *core)
{
    core->walks->versions = (core->walks->versions + 1) & VERSION_MASK;
    if (core->walks->versions == 0) core->walks->versions = 1;
    return core->walks->versions;
}

static uint32_t place_among(const struct core *core, const struct setting *setting)
{
    return (uint32_t)(setting - core->directory->settings.all);
}

static uint64_t bytes_of(const struct business *rows)
{
    return rows->capacity + (uint64_t)rows->room * sizeof *rows->all;
}

uint64_t walk_bytes(const struct setting *setting)
{
    return setting->walkers == 0 ? 0 : bytes_of(&setting->rows);
}

bool walk_room(const struct core *core, uint64_t bytes)
{
    const struct walks *walks = core->walks;
    return bytes == 0 || (walks->past_bytes <= walks->bytes_max && bytes <= walks->bytes_max - walks->past_bytes);
}

void walk_keep(struct core *core, struct setting *setting)
{
    struct walks *walks = core->walks;
    uint32_t version = setting->version;
    setting->version = 0;
    if (setting->walkers == 0) return;
    walks->past = memory_grow(walks->past, &walks->past_capacity, walks->past_count + 1, sizeof *walks->past);
    walks->past[walks->past_count++] =
        (struct past_table){place_among(core, setting), version, setting->walkers, setting->rows};
    walks->past_bytes += bytes_of(&setting->rows);
    setting->rows = (struct business){0};
    setting->walkers = 0;
}

static struct past_table *past_of(const struct walks *walks, uint32_t setting, uint32_t version)
{
    for (uint32_t at = 0; at < walks->past_count; at++)
        if (walks->past[at].version == version && walks->past[at].setting == setting) return &walks->past[at];
    return NULL;
}

const struct business *walk_rows(const struct core *core, const struct setting *setting, uint32_t version)
{
    if (setting->version == version) return &setting->rows;
    const struct past_table *past = past_of(core->walks, place_among(core, setting), version);
    return past != NULL ? &past->rows : NULL;
}

static uint64_t content_of(const struct interaction *ix, const struct walk *walk)
{
    return mix64(ix->id + ((uint64_t)walk->version << 32)) * walk->times;
}

/* What stands before the row of that version in the interaction's list, or before its end. */
static uint32_t *place_of(struct walks *walks, struct interaction *ix, uint32_t version)
{
    uint32_t *at = &ix->walks;
    while (*at != 0 && walks->all[*at - 1].version != version) at = &walks->all[*at - 1].next;
    return at;
}

static void let_go_past(struct walks *walks, const struct walk *walk)
{
    struct past_table *past = past_of(walks, walk->setting, walk->version);
    assert(past != NULL && past->walkers > 0);
    if (--past->walkers > 0) return;
    walks->past_bytes -= bytes_of(&past->rows);
    business_free(&past->rows);
    *past = walks->past[--walks->past_count];
}

/* The row at that place of its list is given back. */
static void let_go(struct core *core, struct interaction *ix, uint32_t *at)
{
    struct walks *walks = core->walks;
    uint32_t slot = *at;
    struct walk *walk = &walks->all[slot - 1];
    struct setting *setting = &core->directory->settings.all[walk->setting];
    walks->content -= content_of(ix, walk);
    if (setting->version == walk->version)
        setting->walkers--;
    else
        let_go_past(walks, walk);
    *at = walk->next;
    *walk = (struct walk){.next = walks->free};
    walks->free = slot;
}

void walk_begin(struct core *core, struct interaction *ix, struct setting *setting)
{
    struct walks *walks = core->walks;
    uint32_t slot = *place_of(walks, ix, setting->version);
    if (slot == 0 && walks->free == 0) {
        walks->all = memory_grow(walks->all, &walks->capacity, walks->count + 1, sizeof *walks->all);
        walks->all[walks->count] = (struct walk){0};
        walks->free = ++walks->count;
    }
    if (slot == 0) {
        slot = walks->free;
        walks->free = walks->all[slot - 1].next;
        walks->all[slot - 1] = (struct walk){place_among(core, setting), setting->version, 0, ix->walks};
        ix->walks = slot;
        setting->walkers++;
    }
    struct walk *walk = &walks->all[slot - 1];
    walks->content -= content_of(ix, walk);
    if (walk->times < UINT32_MAX) walk->times++;
    walks->content += content_of(ix, walk);
}

void walk_end(struct core *core, struct interaction *ix, uint32_t version)
{
    struct walks *walks = core->walks;
    uint32_t *at = place_of(walks, ix, version);
    if (*at == 0) return;
    struct walk *walk = &walks->all[*at - 1];
    if (walk->times == 1) {
        let_go(core, ix, at);
        return;
    }
    walks->content -= content_of(ix, walk);
    walk->times--;
    walks->content += content_of(ix, walk);
}

void walk_settle(struct core *core, struct interaction *ix)
{
    const struct slab *slab = core->slab;
    for (uint32_t *at = &ix->walks; *at != 0;) {
        const struct walk *walk = &core->walks->all[*at - 1];
        if (vm_walks(slab, block_at(slab, ix->block), walk->version))
            at = &core->walks->all[*at - 1].next;
        else
            let_go(core, ix, at);
    }
}

void walk_forget(struct core *core, struct interaction *ix)
{
    while (ix->walks != 0) let_go(core, ix, &ix->walks);
}

static uint64_t hash(const struct core *core)
{
    return core->walks->content;
}

const struct part_ops part_ops_walks = {
    .size = sizeof(struct walks), .init = walks_init, .free = walks_free, .forget = walk_forget, .hash = hash};
