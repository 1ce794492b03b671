/* runtime/core/site/table_cursor.c - The table of cursors: a list of versions per interaction that reads a business
 * table. */
#include "runtime/core/site/table_cursor.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/site/business.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/setting.h"

enum { VERSION_MASK = 0x7fffffff }; /* a cursor has it in the upper half of an int */

static void walks_init(struct core *core)
{
    struct cursors *walks = core->cursors;
    *walks = (struct cursors){.bytes_max = CURSOR_BYTES_MAX};
}

static void walks_free(struct core *core)
{
    struct cursors *walks = core->cursors;
    for (uint32_t at = 0; at < walks->past_count; at++) business_free(&walks->past[at].rows);
    free(walks->past);
    free(walks->all);
}

uint32_t cursor_version(struct core *core)
{
    core->cursors->versions = (core->cursors->versions + 1) & VERSION_MASK;
    if (core->cursors->versions == 0) core->cursors->versions = 1;
    return core->cursors->versions;
}

static uint32_t place_among(const struct core *core, const struct setting *setting)
{
    return (uint32_t)(setting - core->directory->settings.all);
}

static uint64_t bytes_of(const struct business *rows)
{
    return rows->capacity + (uint64_t)rows->room * sizeof *rows->all;
}

uint64_t cursor_bytes(const struct setting *setting)
{
    return setting->walkers == 0 ? 0 : bytes_of(&setting->rows);
}

bool cursor_room(const struct core *core, uint64_t bytes)
{
    const struct cursors *walks = core->cursors;
    return bytes == 0 || (walks->past_bytes <= walks->bytes_max && bytes <= walks->bytes_max - walks->past_bytes);
}

void cursor_keep(struct core *core, struct setting *setting)
{
    struct cursors *walks = core->cursors;
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

static struct past_table *past_of(const struct cursors *walks, uint32_t setting, uint32_t version)
{
    for (uint32_t at = 0; at < walks->past_count; at++)
        if (walks->past[at].version == version && walks->past[at].setting == setting) return &walks->past[at];
    return NULL;
}

const struct business *cursor_rows(const struct core *core, const struct setting *setting, uint32_t version)
{
    if (setting->version == version) return &setting->rows;
    const struct past_table *past = past_of(core->cursors, place_among(core, setting), version);
    return past ? &past->rows : NULL;
}

static uint64_t content_of(const struct interaction *ix, const struct cursor *walk)
{
    return mix64(ix->id + ((uint64_t)walk->version << 32)) * walk->times;
}

/* What stands before the row of that version in the list that begins at `at`, or before its end. */
static uint32_t *place_of(struct cursors *walks, uint32_t *at, uint32_t version)
{
    while (*at != 0 && walks->all[*at - 1].version != version) at = &walks->all[*at - 1].next;
    return at;
}

static void let_go_past(struct cursors *walks, const struct cursor *walk)
{
    struct past_table *past = past_of(walks, walk->setting, walk->version);
    assert(past && past->walkers > 0);
    if (--past->walkers > 0) return;
    walks->past_bytes -= bytes_of(&past->rows);
    business_free(&past->rows);
    *past = walks->past[--walks->past_count];
}

/* The row at that place of its list is given back. */
static void let_go(struct core *core, struct interaction *ix, uint32_t *at)
{
    struct cursors *walks = core->cursors;
    uint32_t slot = *at;
    struct cursor *walk = &walks->all[slot - 1];
    struct setting *setting = &core->directory->settings.all[walk->setting];
    walks->content -= content_of(ix, walk);
    if (setting->version == walk->version)
        setting->walkers--;
    else
        let_go_past(walks, walk);
    *at = walk->next;
    *walk = (struct cursor){.next = walks->free};
    walks->free = slot;
}

void cursor_begin(struct core *core, struct interaction *ix, struct setting *setting)
{
    struct cursors *walks = core->cursors;
    uint32_t *first = &interaction_extra_make(core, ix)->walks, slot = *place_of(walks, first, setting->version);
    if (slot == 0 && walks->free == 0) {
        walks->all = memory_grow(walks->all, &walks->capacity, walks->count + 1, sizeof *walks->all);
        walks->all[walks->count] = (struct cursor){0};
        walks->free = ++walks->count;
    }
    if (slot == 0) {
        slot = walks->free;
        walks->free = walks->all[slot - 1].next;
        walks->all[slot - 1] = (struct cursor){place_among(core, setting), setting->version, 0, *first};
        *first = slot;
        setting->walkers++;
    }
    struct cursor *walk = &walks->all[slot - 1];
    walks->content -= content_of(ix, walk);
    if (walk->times < UINT32_MAX) walk->times++;
    walks->content += content_of(ix, walk);
}

void cursor_end(struct core *core, struct interaction *ix, uint32_t version)
{
    struct cursors *walks = core->cursors;
    if (!ix->extra) return;
    uint32_t *at = place_of(walks, &interaction_extra_make(core, ix)->walks, version);
    if (*at == 0) return;
    struct cursor *walk = &walks->all[*at - 1];
    if (walk->times == 1) {
        let_go(core, ix, at);
        interaction_extra_spare(core, ix);
        return;
    }
    walks->content -= content_of(ix, walk);
    walk->times--;
    walks->content += content_of(ix, walk);
}

void cursor_settle(struct core *core, struct interaction *ix)
{
    const struct slab *slab = core->slab;
    if (!ix->extra) return;
    for (uint32_t *at = &interaction_extra_make(core, ix)->walks; *at != 0;) {
        const struct cursor *walk = &core->cursors->all[*at - 1];
        if (vm_walks(slab, block_at(slab, ix->block), walk->version))
            at = &core->cursors->all[*at - 1].next;
        else
            let_go(core, ix, at);
    }
    interaction_extra_spare(core, ix);
}

void cursor_forget(struct core *core, struct interaction *ix)
{
    if (!ix->extra) return;
    uint32_t *first = &interaction_extra_make(core, ix)->walks;
    while (*first != 0) let_go(core, ix, first);
    interaction_extra_spare(core, ix);
}

static uint64_t hash(const struct core *core)
{
    return core->cursors->content;
}

const struct part_ops part_ops_cursors = {
    .size = sizeof(struct cursors),
    .init = walks_init,
    .free = walks_free,
    .forget = cursor_forget,
    .over = cursor_forget,
    .hash = hash,
};
