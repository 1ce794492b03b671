/* runtime/core/site/table_cursor.c - The table of cursors: for each interaction that reads business tables, a list
 * of versions.
 *
 *     for row in table      the interaction may wait inside the loop, and the table may change then
 *
 *     interaction --walks--> cursor {setting, version 7, times 1} -> ...
 *     setting: version 9, walkers 0          past: version 7, walkers 1, its rows
 *
 * A loop sees the table as it was when the loop began. When a new version comes into force, rows that a loop still
 * reads are moved to `past`; the last reader frees them. The bytes of all past versions are limited; cursor_room()
 * says whether a change would exceed the limit. */
#include "runtime/core/site/table_cursor.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/setting.h"

enum { VERSION_MASK = 0x7fffffff }; /* a cursor stores its version in the upper half of an int */

static void cursors_init(void *self, const struct parts *parts)
{
    struct cursors *cursors = self;
    *cursors = (struct cursors){
        .names = parts->names,
        .slab = parts->slab,
        .interactions = parts->interactions,
        .directory = parts->directory,
        .bytes_max = CURSOR_BYTES_MAX,
    };
}

static void cursors_free(void *self)
{
    struct cursors *cursors = self;
    for (uint32_t at = 0; at < cursors->past_count; at++) business_free(&cursors->past[at].rows);
    free(cursors->past);
    free(cursors->all);
}

/* Returns a new version number, never 0, which means that there is no table. Numbers begin again after two thousand
 * million. */
uint32_t cursor_version(struct cursors *cursors)
{
    cursors->versions = (cursors->versions + 1) & VERSION_MASK;
    if (cursors->versions == 0) cursors->versions = 1;
    return cursors->versions;
}

static uint32_t place_among(const struct cursors *cursors, const struct setting *setting)
{
    assert(setting >= cursors->directory->settings.all);
    return (uint32_t)(setting - cursors->directory->settings.all);
}

static uint64_t bytes_of(const struct business *rows)
{
    return rows->capacity + (uint64_t)rows->room * sizeof *rows->all;
}

uint64_t cursor_bytes(const struct setting *setting)
{
    return setting->walkers == 0 ? 0 : bytes_of(&setting->rows);
}

bool cursor_room(const struct cursors *cursors, uint64_t bytes)
{
    return bytes == 0 ||
           (cursors->past_bytes <= cursors->bytes_max && bytes <= cursors->bytes_max - cursors->past_bytes);
}

/* The table changes: keeps its rows for their readers; without readers only the version number is given up, and the
 * caller frees the rows. */
void cursor_keep(struct cursors *cursors, struct setting *setting)
{
    uint32_t version = setting->version;
    setting->version = 0;
    if (setting->walkers == 0) return;
    cursors->past = memory_grow(cursors->past, &cursors->past_capacity, cursors->past_count + 1, sizeof *cursors->past);
    cursors->past[cursors->past_count++] =
        (struct past_table){place_among(cursors, setting), version, setting->walkers, setting->rows};
    cursors->past_bytes += bytes_of(&setting->rows);
    setting->rows = (struct business){0};
    setting->walkers = 0;
}

static struct past_table *past_of(const struct cursors *cursors, uint32_t setting, uint32_t version)
{
    for (uint32_t at = 0; at < cursors->past_count; at++)
        if (cursors->past[at].version == version && cursors->past[at].setting == setting) return &cursors->past[at];
    return NULL;
}

const struct business *cursor_rows(const struct cursors *cursors, const struct setting *setting, uint32_t version)
{
    if (setting->version == version) return &setting->rows;
    const struct past_table *past = past_of(cursors, place_among(cursors, setting), version);
    return past ? &past->rows : NULL;
}

static uint64_t cursor_content(const struct interaction *ix, const struct cursor *cursor)
{
    return table_mix64(ix->id + ((uint64_t)cursor->version << 32)) * cursor->times;
}

/* Returns the link, in the list from `at` on, to the row of the given version; the last link if there is no such
 * row. */
static uint32_t *cursor_place(struct cursors *cursors, uint32_t *at, uint32_t version)
{
    while (*at != 0 && cursors->all[*at - 1].version != version) at = &cursors->all[*at - 1].next;
    return at;
}

static void let_go_past(struct cursors *cursors, const struct cursor *cursor)
{
    struct past_table *past = past_of(cursors, cursor->setting, cursor->version);
    assert(past && past->walkers > 0);
    if (--past->walkers > 0) return;
    cursors->past_bytes -= bytes_of(&past->rows);
    business_free(&past->rows);
    *past = cursors->past[--cursors->past_count];
}

/* Frees the row to which the link `at` points. The last reader of an old version frees that version, too. */
static void cursor_let_go(struct cursors *cursors, struct interaction *ix, uint32_t *at)
{
    uint32_t slot = *at;
    struct cursor *cursor = &cursors->all[slot - 1];
    assert(slot != 0 && slot <= cursors->count && cursor->setting < cursors->directory->settings.count);
    struct setting *setting = &cursors->directory->settings.all[cursor->setting];
    cursors->content -= cursor_content(ix, cursor);
    assert(setting->version != cursor->version || setting->walkers > 0);
    if (setting->version == cursor->version)
        setting->walkers--;
    else
        let_go_past(cursors, cursor);
    *at = cursor->next;
    *cursor = (struct cursor){.next = cursors->free};
    cursors->free = slot;
}

/* Begins a cursor. `times` counts nested loops over the same version, so one row is enough for all. */
void cursor_begin(struct cursors *cursors, struct interaction *ix, struct setting *setting)
{
    assert(setting->version != 0);
    uint32_t *first = &interaction_extra_make(cursors->interactions, ix)->walks,
             slot = *cursor_place(cursors, first, setting->version);
    if (slot == 0 && cursors->free == 0) {
        cursors->all = memory_grow(cursors->all, &cursors->capacity, cursors->count + 1, sizeof *cursors->all);
        cursors->all[cursors->count] = (struct cursor){0};
        cursors->free = ++cursors->count;
    }
    if (slot == 0) {
        slot = cursors->free;
        cursors->free = cursors->all[slot - 1].next;
        cursors->all[slot - 1] = (struct cursor){place_among(cursors, setting), setting->version, 0, *first};
        *first = slot;
        setting->walkers++;
    }
    struct cursor *cursor = &cursors->all[slot - 1];
    cursors->content -= cursor_content(ix, cursor);
    if (cursor->times < UINT32_MAX) cursor->times++;
    cursors->content += cursor_content(ix, cursor);
}

void cursor_end(struct cursors *cursors, struct interaction *ix, uint32_t version)
{
    if (!ix->extra) return;
    uint32_t *at = cursor_place(cursors, &interaction_extra_make(cursors->interactions, ix)->walks, version);
    if (*at == 0) return;
    struct cursor *cursor = &cursors->all[*at - 1];
    assert(cursor->times > 0);
    if (cursor->times == 1) {
        cursor_let_go(cursors, ix, at);
        interaction_extra_spare(cursors->interactions, ix);
        return;
    }
    cursors->content -= cursor_content(ix, cursor);
    cursor->times--;
    cursors->content += cursor_content(ix, cursor);
}

/* Ends unused cursors. A fault or an early end may leave a loop without its last step. So the VM is asked which
 * versions its loops still read, and the other versions are given up. */
void cursor_settle(struct cursors *cursors, struct interaction *ix)
{
    const struct slab *slab = cursors->slab;
    if (!ix->extra) return;
    for (uint32_t *at = &interaction_extra_make(cursors->interactions, ix)->walks; *at != 0;) {
        const struct cursor *cursor = &cursors->all[*at - 1];
        if (vm_walks(slab, block_at(slab, ix->block), cursor->version))
            at = &cursors->all[*at - 1].next;
        else
            cursor_let_go(cursors, ix, at);
    }
    interaction_extra_spare(cursors->interactions, ix);
}

void cursor_forget(void *self, struct interaction *ix)
{
    struct cursors *cursors = self;
    if (!ix->extra) return;
    uint32_t *first = &interaction_extra_make(cursors->interactions, ix)->walks;
    while (*first != 0) cursor_let_go(cursors, ix, first);
    interaction_extra_spare(cursors->interactions, ix);
}

static uint64_t cursors_hash(const void *self)
{
    const struct cursors *cursors = self;
    return cursors->content;
}

static void keep_cursor(const struct cursors *cursors, struct keeper *keeper, struct cursor *cursor)
{
    cursor->setting = keep_u32(keeper, cursor->setting);
    cursor->version = keep_u32(keeper, cursor->version);
    cursor->times = keep_u32(keeper, cursor->times);
    cursor->next = keep_index(keeper, cursor->next, cursors->count + 1, 0);
}

static void keep_past(struct cursors *cursors, struct keeper *keeper, struct past_table *past)
{
    past->setting = keep_u32(keeper, past->setting);
    past->version = keep_u32(keeper, past->version);
    past->walkers = keep_u32(keeper, past->walkers);
    business_keep(&past->rows, keeper);
    if (keep_reading(keeper)) cursors->past_bytes += bytes_of(&past->rows);
}

static void cursors_keep(void *self, struct keeper *keeper)
{
    struct cursors *cursors = self;
    cursors->all =
        keep_rows(keeper, cursors->all, &cursors->count, &cursors->capacity, UINT32_MAX - 1, sizeof *cursors->all);
    cursors->free = keep_index(keeper, cursors->free, cursors->count + 1, 0);
    for (uint32_t at = 0; at < cursors->count && keep_good(keeper); at++)
        keep_cursor(cursors, keeper, &cursors->all[at]);
    cursors->past = keep_rows(keeper, cursors->past, &cursors->past_count, &cursors->past_capacity, UINT32_MAX,
                              sizeof *cursors->past);
    for (uint32_t at = 0; at < cursors->past_count && keep_good(keeper); at++)
        keep_past(cursors, keeper, &cursors->past[at]);
    cursors->bytes_max = keep_u64(keeper, cursors->bytes_max);
    cursors->versions = keep_u32(keeper, cursors->versions);
    cursors->content = keep_u64(keeper, cursors->content);
}

/* True: each cursor is in the list of one interaction, or free. */
static bool cursors_sound(void *self)
{
    struct cursors *cursors = self;
    struct marks marks = marks_of(cursors->count);
    bool good = true;
    for (uint32_t at = cursors->free; good && at != 0; at = cursors->all[at - 1].next)
        if (!(good = marks_mark(&marks, at - 1))) break;
    for (uint32_t ix = cursors->interactions->first; good && ix != INTERACTION_NONE;
         ix = interaction_at(cursors->interactions, ix)->next)
        for (uint32_t at = interaction_extra(cursors->interactions, interaction_at(cursors->interactions, ix))->walks;
             good && at != 0; at = cursors->all[at - 1].next)
            if (!(good =
                      marks_mark(&marks, at - 1) && cursors->all[at - 1].setting < cursors->directory->settings.count))
                break;
    for (uint32_t at = 0; good && at < cursors->past_count; at++)
        good = cursors->past[at].setting < cursors->directory->settings.count;
    return marks_end(&marks, cursors->count) && good;
}

const struct part_ops part_ops_cursors = {
    .size = sizeof(struct cursors),
    .init = cursors_init,
    .free = cursors_free,
    .forget = cursor_forget,
    .over = cursor_forget,
    .hash = cursors_hash,
    .keep = cursors_keep,
    .sound = cursors_sound,
};
