/* runtime/core/interactions/interaction_keep.c - How interactions are written to snapshots and read, and whether
 * what was read is consistent.
 *
 * A row's number is the handle of its block, so a row is written with its number and read into the row of the same
 * number. The fields of struct extra follow in an array of their own. The functions ...sound() are called when all
 * parts are read: they make sure that each row is in exactly one list, so that no loop can run in a circle or reach
 * a free row. */
#include "runtime/core/interactions/interaction_table.h"

#include <assert.h>
#include <string.h>

#include "vm/image.h"
#include "vm/keep.h"
#include "vm/memory.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/source.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"

/* The flags of a row that snapshots have: all but `extra`, which follows from other rows, and `touched`, which is
 * set only during a batch. */
// clang-format off
#define FLAGS(FLAG)                                                                                                    \
    FLAG(leg) FLAG(running) FLAG(gone) FLAG(child_waited) FLAG(instructed) FLAG(signalled) FLAG(mandatory)             \
    FLAG(grows) FLAG(followed) FLAG(excludes) FLAG(switches) FLAG(forked) FLAG(keeps) FLAG(kept) FLAG(booked)          \
    FLAG(submitted) FLAG(observed) FLAG(debugged) FLAG(stands)
// clang-format on

/* Writes or reads the flags; their order in the list is their order in the snapshot. */
static void keep_flags(struct keeper *keeper, struct interaction *ix)
{
    uint32_t flags = 0, bit = 0;
#define FLAG(name) flags |= (uint32_t)ix->name << bit++;
    FLAGS(FLAG)
#undef FLAG
    flags = keep_bits(keeper, flags, bit);
    bit = 0;
#define FLAG(name) ix->name = (flags >> bit++ & 1) != 0;
    FLAGS(FLAG)
#undef FLAG
}

/* Events whose handlers had not run yet, from a row of a snapshot before version 10. Such events belong in a row of
 * struct extra, which is read later. */
struct old_due {
    uint32_t slot;
    uint16_t events;
};

static void old_due(struct buffer *due, uint32_t slot, uint16_t events)
{
    struct old_due row = {.slot = slot, .events = events};
    if (events != 0) buffer_put(due, &row, sizeof row);
}

static void keep_words(struct interactions *interactions, struct keeper *keeper, struct buffer *due,
                       struct interaction *ix)
{
    ix->owner = NAME_OF(name_keep(interactions->names, keeper, ix->owner));
    ix->dn = NAME_OF(name_keep(interactions->names, keeper, ix->dn));
    ix->route_to = NAME_OF(name_keep(interactions->names, keeper, ix->route_to));
    ix->state = keep_index(keeper, ix->state, IX_ENDED, IX_FREE) & 7u;
    ix->owner_kind = keep_index(keeper, ix->owner_kind, OWNER_WORKBIN + 1, OWNER_NONE) & 7u;
    ix->route_phase = keep_index(keeper, ix->route_phase, ROUTE_STOPPING + 1, ROUTE_IDLE) & 7u;
    ix->outcome = keep_index(keeper, ix->outcome, ENDED_PASSED_ON + 1, ENDED_OTHER) & 15u;
    ix->media = media_keep(keeper, (uint8_t)ix->media);
    if (!keep_has(keeper, 10)) old_due(due, ix->slot, (uint16_t)keep_bits(keeper, 0, 3));
    ix->program = keep_u16(keeper, ix->program);
    ix->route_code = keep_u16(keeper, ix->route_code);
    ix->link = (uint8_t)keep_index(keeper, ix->link, SOURCES_MAX, 0);
    ix->child = keep_u8(keeper, ix->child);
}

static void keep_timers(struct interactions *interactions, struct keeper *keeper, struct interaction *ix)
{
    assert(ix->slot != 0 && ix->slot < interactions->count);
    const uint32_t of_step = 1u << TIMER_STEP | 1u << TIMER_LIFETIME | 1u << TIMER_AGAIN | 1u << TIMER_TURN;
    for (unsigned part = 0; part < 2; part++)
        ix->timer[part] = timer_keep(interactions->timers, keeper, ix->timer[part], of_step, ix->slot, part);
    pending_keep(keeper, &ix->pending);
    if (ix->pending.ref == 0) return;
    ix->pending.timer = timer_keep(interactions->timers, keeper, ix->pending.timer, 1u << TIMER_EFFECT, ix->slot, 0);
}

static void interaction_row_keep(struct interactions *interactions, struct keeper *keeper, struct buffer *due,
                                 struct interaction *ix)
{
    keep_flags(keeper, ix);
    keep_words(interactions, keeper, due, ix);
    keep_timers(interactions, keeper, ix);
    ix->id = keep_u64(keeper, ix->id);
    ix->conn = keep_u64(keeper, ix->conn);
    ix->changed_us = keep_u64(keeper, ix->changed_us);
    ix->ends_us = keep_u64(keeper, ix->ends_us);
    if (ix->forked)
        ix->fork = keep_u32(keeper, ix->fork);
    else
        ix->until_us = keep_u64(keeper, ix->until_us);
    ix->claims = keep_u32(keeper, ix->claims);
    ix->parties = keep_u32(keeper, ix->parties);
    ix->visit = keep_u32(keeper, ix->visit);
    ix->ref = keep_u32(keeper, ix->ref);
    ix->revision = keep_u32(keeper, ix->revision);
    /* in older snapshots the age of a waiting interaction comes from its visit (migration.c) */
    if (!keep_has(keeper, 2)) return;
    ix->has_waited = keep_bool(keeper, ix->has_waited);
}

/* Reads a row in use; the rows come in the order of arrival, so their list is built anew. */
static struct interaction *read_row(struct interactions *interactions, struct keeper *keeper, struct buffer *due,
                                    uint32_t slot)
{
    if (!keep_good(keeper) || slot == 0 ||
        (slot < interactions->count && interaction_at(interactions, slot)->state != IX_FREE)) {
        keep_fail(keeper, "two interactions have one row");
        return NULL;
    }
    struct interaction *ix = interaction_row_take(interactions, slot);
    *ix = (struct interaction){.slot = slot, .previous = interactions->last, .next = INTERACTION_NONE};
    *(interactions->last == INTERACTION_NONE ? &interactions->first
                                             : &interaction_at(interactions, interactions->last)->next) = slot;
    interactions->last = slot;
    interaction_row_keep(interactions, keeper, due, ix);
    if (ix->state == IX_FREE || ix->id == 0 || (ix->leg && ix->conn == 0))
        keep_fail(keeper, "an interaction has no state, id or ConnID");
    lookup_restore(&interactions->by_id, keeper, slot);
    if (ix->leg) lookup_restore(&interactions->by_conn, keeper, slot);
    return ix;
}

static void keep_rows_taken(struct interactions *interactions, struct keeper *keeper, struct buffer *due)
{
    interactions->live = keep_count(keeper, interactions->live, slab_blocks(interactions->slab));
    lookup_fill(&interactions->by_id, keeper, interactions->live);
    lookup_fill(&interactions->by_conn, keeper, interactions->live);
    for (uint32_t number = 0, at = interactions->first; number < interactions->live; number++) {
        uint32_t slot = keep_index(keeper, keep_reading(keeper) ? 0 : at, slab_handles(interactions->slab), 0);
        if (keep_reading(keeper)) {
            if (!read_row(interactions, keeper, due, slot)) break;
            continue;
        }
        interaction_row_keep(interactions, keeper, due, interaction_at(interactions, slot));
        at = interaction_at(interactions, slot)->next;
    }
    lookup_filled(&interactions->by_id, keeper);
    lookup_filled(&interactions->by_conn, keeper);
}

/* In a free row `main` is 0; in a used row without a main interaction it is INTERACTION_NONE. */
static void keep_extra(struct interactions *interactions, struct keeper *keeper, uint32_t at)
{
    struct extras *extras = &interactions->extras;
    struct extra *row = &extras->all[at];
    row->main = keep_u32(keeper, row->main);
    row->slot = keep_u32(keeper, row->slot);
    if (row->main == 0) return;
    row->alias = keep_u64(keeper, row->alias);
    for (unsigned part = 0; part < 2; part++) row->tries_until_us[part] = keep_u64(keeper, row->tries_until_us[part]);
    row->late_us = keep_u64(keeper, row->late_us);
    row->walks = keep_u32(keeper, row->walks);
    row->treatment = keep_u32(keeper, row->treatment);
    row->age_us = keep_has(keeper, 2) ? keep_u64(keeper, row->age_us) : 0;
    row->agents[NOTED_unreached] = keep_has(keeper, 2) ? keep_u32(keeper, row->agents[NOTED_unreached]) : 0;
    row->books = keep_has(keeper, 4) ? keep_u32(keeper, row->books) : 0;
    row->notes = keep_has(keeper, 4) ? keep_u32(keeper, row->notes) : 0;
    row->hurry_us = keep_has(keeper, 5) ? keep_u64(keeper, row->hurry_us) : 0;
    row->switched_us = keep_has(keeper, 16) ? keep_u64(keeper, row->switched_us) : 0;
    row->submits = keep_has(keeper, 5) ? keep_u8(keeper, row->submits) : 0;
    row->generation = keep_has(keeper, 5) ? keep_u8(keeper, row->generation) : 0;
    row->consults = keep_u32(keeper, row->consults);
    row->consult_next = keep_u32(keeper, row->consult_next);
    row->due_events = keep_has(keeper, 10) ? keep_u16(keeper, row->due_events) : 0;
    if (keep_has(keeper, 17)) {
        row->origin = name_keep(interactions->names, keeper, row->origin);
        row->origin_link = (uint16_t)keep_index(keeper, row->origin_link, SOURCES_MAX, 0);
        row->agents[NOTED_readies] = keep_u32(keeper, row->agents[NOTED_readies]);
    }
    lookup_restore(&extras->by_slot, keeper, at);
    if (row->alias != 0) lookup_restore(&interactions->by_alias, keeper, at);
}

/* Stores the events in a row of struct extra; a new row is appended, because the list of free rows is not checked
 * yet. */
static void interaction_keep_owe(struct interactions *interactions, struct keeper *keeper, const struct old_due *old)
{
    struct extras *extras = &interactions->extras;
    struct interaction *ix = interaction_at(interactions, old->slot);
    uint32_t row, free = extras->free;
    if (ix->extra != lookup_find(&extras->by_slot, ix->slot, &row)) {
        keep_fail(keeper, "an interaction says that it has a row of its own, and has none, or has one untold");
        return;
    }
    extras->free = EXTRA_NONE;
    interaction_extra_make(interactions, ix)->due_events = old->events;
    extras->free = free;
}

static void keep_party(struct interactions *interactions, struct keeper *keeper, struct party *party)
{
    party->dn = keep_u64(keeper, party->dn);
    party->agent = keep_u32(keeper, party->agent);
    party->next = keep_index(keeper, party->next, interactions->party_count, PARTY_NONE);
    party->role = keep_u8(keeper, party->role);
    party->state = keep_u8(keeper, party->state);
    party->length = (uint8_t)keep_count(keeper, party->length, NAME_BYTES_MAX);
    keep_raw(keeper, party->number, party->length);
}

/* Writes or reads all interactions. Due events in old snapshots are collected while the rows are read, and stored in
 * the extra rows when these are read. */
void interactions_keep(void *self, struct keeper *keeper)
{
    struct interactions *interactions = self;
    struct extras *extras = &interactions->extras;
    struct buffer due = {0};
    keep_rows_taken(interactions, keeper, &due);
    interactions->last_number = keep_u64(keeper, interactions->last_number);
    POOL_KEEP(extras, keeper, UINT32_MAX);
    lookup_fill(&extras->by_slot, keeper, extras->count);
    for (uint32_t at = 0; at < extras->count && keep_good(keeper); at++) keep_extra(interactions, keeper, at);
    lookup_filled(&extras->by_slot, keeper);
    for (size_t at = 0; at < due.length && keep_good(keeper); at += sizeof(struct old_due))
        interaction_keep_owe(interactions, keeper, (const struct old_due *)(const void *)(due.bytes + at));
    buffer_free(&due);
    interactions->parties = keep_rows(keeper, interactions->parties, &interactions->party_count,
                                      &interactions->party_capacity, UINT32_MAX, sizeof *interactions->parties);
    interactions->party_free = keep_index(keeper, interactions->party_free, interactions->party_count, PARTY_NONE);
    for (uint32_t at = 0; at < interactions->party_count && keep_good(keeper); at++)
        keep_party(interactions, keeper, &interactions->parties[at]);
    interactions->party_content = keep_u64(keeper, interactions->party_content);
    for (unsigned own = 0; own < MEDIA_OWN_MAX && keep_has(keeper, 6); own++) {
        char *name = interactions->own_media[own];
        if (!keep_has(keeper, 10) && own == NAME_MEDIA_FEW) break;
        uint32_t length = keep_has(keeper, 10) ? keep_index(keeper, (uint32_t)strlen(name), MEDIUM_NAME_MAX + 1, 0)
                                               : MEDIUM_NAME_MAX + 1;
        keep_raw(keeper, name, length);
        interactions->own_media[own][MEDIUM_NAME_MAX] = '\0';
    }
}

static bool is_live(const struct interactions *interactions, uint32_t slot)
{
    return slot < interactions->count && interaction_at(interactions, slot)->state != IX_FREE;
}

/* True: each extra row in use belongs to an interaction, which has the flag. */
static bool extras_sound(struct interactions *interactions)
{
    const struct extras *extras = &interactions->extras;
    struct marks marks = marks_of(extras->count);
    bool good = true;
    POOL_MARK_FREE(extras, slot, main, 0, &marks, good);
    for (uint32_t at = 0; good && at < extras->count; at++) {
        const struct extra *row = &extras->all[at];
        if (row->main == 0) continue;
        good = marks_mark(&marks, at) && is_live(interactions, row->slot) &&
               (row->main == INTERACTION_NONE || is_live(interactions, row->main)) &&
               (row->consults == INTERACTION_NONE || is_live(interactions, row->consults)) &&
               (row->consult_next == INTERACTION_NONE || is_live(interactions, row->consult_next));
        if (good) interaction_at(interactions, row->slot)->extra = true;
    }
    return marks_end(&marks, extras->count) && good;
}

/* True: the consultations of a main interaction name it, and each is in one list. */
static bool consults_sound(const struct interactions *interactions)
{
    struct marks marks = marks_of(interactions->count);
    uint32_t with_main = 0;
    bool good = true;
    for (uint32_t ix = interactions->first; good && ix != INTERACTION_NONE;
         ix = interaction_at(interactions, ix)->next) {
        const struct extra *extra = interaction_extra(interactions, interaction_at(interactions, ix));
        with_main += extra->main != INTERACTION_NONE;
        for (uint32_t at = extra->consults; good && at != INTERACTION_NONE;
             at = interaction_extra(interactions, interaction_at(interactions, at))->consult_next)
            if (!(good = marks_mark(&marks, at) &&
                         interaction_extra(interactions, interaction_at(interactions, at))->main == ix))
                break;
    }
    return marks_end(&marks, with_main) && good;
}

/* True: each party is in one interaction's list, or free. */
static bool parties_sound(const struct interactions *interactions)
{
    struct marks marks = marks_of(interactions->party_count);
    bool good = true;
    for (uint32_t at = interactions->party_free; good && at != PARTY_NONE; at = interactions->parties[at].next)
        if (!(good = marks_mark(&marks, at))) break;
    for (uint32_t ix = interactions->first; good && ix != INTERACTION_NONE; ix = interaction_at(interactions, ix)->next)
        for (uint32_t at = interaction_at(interactions, ix)->parties; good && at != PARTY_NONE;
             at = interactions->parties[at].next)
            if (!(good = marks_mark(&marks, at) && (interactions->parties[at].agent == AGENT_NONE ||
                                                    interactions->parties[at].agent < interactions->agents->count)))
                break;
    return marks_end(&marks, interactions->party_count) && good;
}

/* True: the claims of an interaction name it, and each claim in use is in one list. */
static bool claims_sound(const struct interactions *interactions)
{
    const struct claims *claims = interactions->claims;
    struct marks marks = marks_of(claims->count);
    uint32_t live = 0;
    bool good = true;
    for (uint32_t at = 0; at < claims->count; at++) live += claims->all[at].state != CLAIM_OVER;
    for (uint32_t ix = interactions->first; good && ix != INTERACTION_NONE; ix = interaction_at(interactions, ix)->next)
        for (uint32_t at = interaction_at(interactions, ix)->claims; good && at != CLAIM_NONE;
             at = claims->all[at].next_of_interaction)
            if (!(good = marks_mark(&marks, at) && claims->all[at].state != CLAIM_OVER &&
                         claims->all[at].interaction == ix))
                break;
    return marks_end(&marks, live) && good;
}

/* True: no interaction has an id that will be given next. */
static bool ids_sound(const struct interactions *interactions)
{
    bool good = interactions->last_number >> 48 == 0;
    for (uint32_t at = interactions->first; good && at != INTERACTION_NONE; at = interaction_at(interactions, at)->next)
        good = interaction_at(interactions, at)->id >> 48 == interactions->options->partition &&
               interaction_number(interaction_at(interactions, at)) <= interactions->last_number;
    return good;
}

/* True: how each ended interaction ended, and its owner's kind, have words to be shown. */
static bool ended_sound(const struct interactions *interactions)
{
    const struct records *records = interactions->records;
    uint64_t count = records->ended_count < ENDED_KEPT ? records->ended_count : ENDED_KEPT;
    for (uint64_t at = 0; at < count; at++)
        if (records->ended[at].outcome > ENDED_PASSED_ON || records->ended[at].owner_kind > OWNER_WORKBIN) return false;
    return true;
}

bool interactions_sound(void *self)
{
    struct interactions *interactions = self;
    return ended_sound(interactions) && ids_sound(interactions) && extras_sound(interactions) &&
           consults_sound(interactions) && parties_sound(interactions) && claims_sound(interactions);
}
