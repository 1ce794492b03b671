/* runtime/core/interactions/interaction.c - The table of interactions: their rows, ids, legs and owners, and the sum of
 * their contents.
 *
 *        interaction_new          the event ends it             the event is over
 *     IX_FREE ----> IX_OBSERVED ... IX_CLOSING ----> IX_ENDED ----> IX_FREE
 *                                                    (interaction_remove; settle)
 *
 * A row has the number of its block and is never moved: it is in a chunk with a fixed address. Rows in use are
 * linked in the order of arrival. The row of an ended interaction stays in that list until the event is over, since
 * a loop through the list may be at it; lookups do not find it any more.
 *
 * Each change of an interaction marks it as touched, and the end of the batch hashes the touched ones anew: the
 * digest contains the sum of all contents, and each interaction is hashed once per batch. */
#include "runtime/core/interactions/interaction_table.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/source.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "base/utf8.h"
#include "vm/memory.h"

static_assert(CHUNK * sizeof(struct interaction) <= ROWS_BYTES, "rows fit into their chunk");
static_assert(IX_ENDED < 1 << 3 && OWNER_WORKBIN < 1 << 3 && ROUTE_STOPPING < 1 << 3 && ENDED_PASSED_ON < 1 << 4 &&
                  IMAGE_EVENTS <= 16 && SOURCES_MAX <= 1 << 8,
              "struct interaction has bits for each value");

static uint64_t id_key(const void *owner, uint32_t slot)
{
    return interaction_at(owner, slot)->id;
}

static uint64_t conn_key(const void *owner, uint32_t slot)
{
    return interaction_at(owner, slot)->conn;
}

static void interactions_init(void *self, const struct parts *parts)
{
    struct interactions *interactions = self;
    *interactions = (struct interactions){.options = parts->options,
                                          .now = parts->now,
                                          .facts = parts->facts,
                                          .no_image = parts->no_image,
                                          .names = parts->names,
                                          .agents = parts->agents,
                                          .claims = parts->claims,
                                          .links = parts->links,
                                          .submissions = parts->submissions,
                                          .records = parts->records,
                                          .timers = parts->timers,
                                          .slab = parts->slab,
                                          .scratch = parts->scratch,
                                          .forks = parts->forks,
                                          .effects = parts->effects,
                                          .parts = parts->rows,
                                          .first = INTERACTION_NONE,
                                          .last = INTERACTION_NONE,
                                          .party_free = PARTY_NONE};
    lookup_init(&interactions->by_id, interactions, id_key);
    lookup_init(&interactions->by_conn, interactions, conn_key);
    extras_init(interactions);
}

static void interactions_free(void *self)
{
    struct interactions *interactions = self;
    for (uint32_t at = 0; at < interactions->chunk_count; at++) free(interactions->chunks[at].rows);
    free(interactions->chunks);
    free(interactions->ended);
    free(interactions->touched);
    free(interactions->parties);
    free(interactions->kept);
    lookup_free(&interactions->by_id);
    lookup_free(&interactions->by_conn);
    extras_free(interactions);
}

struct interaction *interaction_by_id(const struct interactions *interactions, uint64_t id)
{
    uint32_t slot, row;
    if (id == 0) return NULL;
    if (lookup_find(&interactions->by_id, id, &slot)) return interaction_at(interactions, slot);
    return lookup_find(&interactions->by_alias, id, &row)
               ? interaction_at(interactions, interactions->extras.all[row].slot)
               : NULL;
}

struct interaction *interaction_by_conn(const struct interactions *interactions, uint64_t conn)
{
    uint32_t slot;
    return conn != 0 && lookup_find(&interactions->by_conn, conn, &slot) ? interaction_at(interactions, slot) : NULL;
}

/* Returns the interaction of an event, by its ConnID alone if it has one. The id counts only in an event without a
 * ConnID. */
struct interaction *interaction_of(const struct interactions *interactions, const struct message *message)
{
    uint64_t conn = message_u(message, ENVELOPE_conn);
    struct interaction *ix = interaction_by_conn(interactions, conn);
    if (!ix && conn == 0) ix = interaction_by_id(interactions, message_u(message, ENVELOPE_ixn));
    return ix;
}

/* Takes the row of the given number, after making chunks up to it. A chunk that was emptied before is used again
 * from here on. */
struct interaction *interaction_row_take(struct interactions *interactions, uint32_t slot)
{
    while (slot / CHUNK >= interactions->chunk_count) {
        interactions->chunks = memory_grow(interactions->chunks, &interactions->chunk_capacity,
                                           interactions->chunk_count + 1, sizeof *interactions->chunks);
        interactions->chunks[interactions->chunk_count++].rows = memset(memory_pages(ROWS_BYTES), 0, ROWS_BYTES);
    }
    if (slot >= interactions->count) interactions->count = slot + 1;
    struct interaction_chunk *chunk = &interactions->chunks[slot / CHUNK];
    assert(interaction_at(interactions, slot)->state == IX_FREE);
    interactions->chunks_warm -= chunk->warm;
    chunk->warm = false;
    chunk->taken++;
    return interaction_at(interactions, slot);
}

/* Names one of the site's own media. A name belongs to one medium, so another medium with that name loses it. */
void interactions_name_medium(struct interactions *interactions, unsigned own, const char *name, uint32_t length)
{
    assert(own < MEDIA_OWN_MAX);
    char said[MEDIUM_NAME_MAX + 1] = "";
    memcpy(said, name, utf8_cut(name, length, MEDIUM_NAME_MAX));
    for (unsigned other = 0; other < MEDIA_OWN_MAX; other++)
        if (memcmp(interactions->own_media[other], said, sizeof said) == 0)
            memset(interactions->own_media[other], 0, sizeof interactions->own_media[other]);
    memcpy(interactions->own_media[own], said, sizeof said);
}

const char *interactions_medium(const struct interactions *interactions, enum media medium)
{
    const char *own = medium_is_own(medium) ? interactions->own_media[own_of_medium(medium)] : "";
    return *own ? own : enum_name_media(medium);
}

enum media interactions_medium_named(const struct interactions *interactions, struct span name)
{
    int medium = enum_value_media((const char *)name.bytes, name.length);
    if (medium > 0 && !medium_is_own((unsigned)medium)) return (enum media)medium;
    for (unsigned own = 0; own < MEDIA_OWN_MAX; own++)
        if (*interactions->own_media[own] && span_is(name, interactions->own_media[own]))
            return (enum media)medium_of_own(own);
    return medium > 0 ? (enum media)medium : media_none;
}

void interactions_put_media(const struct interactions *interactions, struct kv *into)
{
    bool any = false;
    for (unsigned own = 0; own < MEDIA_OWN_MAX; own++) {
        if (!*interactions->own_media[own]) continue;
        if (!any) kv_list_begin(into, span_of("media"));
        any = true;
        kv_put_text(into, enum_name_media(medium_of_own(own)), span_of(interactions->own_media[own]));
    }
    if (any) kv_list_end(into);
}

uint64_t interactions_newest(const struct interactions *interactions)
{
    uint64_t number = interactions->last_number;
    return number == 0 ? 0 : (uint64_t)interactions->options->partition << 48 | number;
}

void interactions_skip(struct interactions *interactions, uint64_t least)
{
    if (interactions->last_number < least) interactions->last_number = least;
}

static uint64_t interaction_next_id(struct interactions *interactions, enum media media, uint64_t conn)
{
    const struct core_options *options = interactions->options;
    if (options->numbering) return options->numbering(options->self, media, conn);
    return (uint64_t)options->partition << 48 | ++interactions->last_number;
}

/* Makes an interaction. If there are too many, or too little block memory, reports an overload and returns NULL. The
 * caller refuses the arrival. */
struct interaction *interaction_new(struct interactions *interactions, enum media media, uint64_t conn, unsigned link)
{
    if (interactions->live >= interactions->options->interactions_max) {
        fact_tell(interactions->facts, &(struct fact){.what = FACT_overload});
        return NULL;
    }
    uint64_t id = interaction_next_id(interactions, media, conn);
    const struct image *none = interactions->no_image;
    assert(link < SOURCES_MAX);
    block_handle block = block_new(interactions->slab, none, image_strategy(none, 0));
    if (block == BLOCK_HANDLE_NONE) {
        fact_tell(interactions->facts, &(struct fact){.what = FACT_overload});
        return NULL;
    }
    uint32_t slot = block; /* see struct interaction */
    struct interaction *ix = interaction_row_take(interactions, slot);
    *ix = (struct interaction){
        .id = id,
        .conn = conn,
        .leg = conn != 0,
        .changed_us = interactions->now->time_us,
        .slot = slot,
        .previous = interactions->last,
        .next = INTERACTION_NONE,
        .claims = CLAIM_NONE,
        .parties = PARTY_NONE,
        .visit = VISIT_NONE,
        .program = PROGRAM_NONE,
        .link = (uint8_t)link,
        .media = (uint8_t)media,
        .state = IX_OBSERVED,
        .owner_kind = OWNER_DEVICE,
    };
    *(interactions->last == INTERACTION_NONE ? &interactions->first
                                             : &interaction_at(interactions, interactions->last)->next) = slot;
    interactions->last = slot;
    interactions->live++;
    interactions->live_of[ix->media]++;
    lookup_add(&interactions->by_id, slot);
    if (conn != 0) lookup_add(&interactions->by_conn, slot);
    struct block *head = block_at(interactions->slab, block);
    head->arrived = interactions->now->time_us;
    head->media = (uint8_t)media;
    return ix;
}

uint16_t interaction_strategy(const struct interactions *interactions, const struct interaction *ix)
{
    return block_at(interactions->slab, ix->block)->strategy;
}

uint64_t interaction_arrived(const struct interactions *interactions, const struct interaction *ix)
{
    return block_at(interactions->slab, ix->block)->arrived;
}

bool interaction_clock(const struct interactions *interactions, const struct interaction *ix, uint32_t attribute,
                       uint64_t *word)
{
    const struct now *now = interactions->now;
    switch (attribute) {
    case ATTRIBUTE_ID_now:
        *word = (uint64_t)now_wall_us(now);
        return true;
    case ATTRIBUTE_ID_arrived:
        *word = interaction_arrived(interactions, ix) + (uint64_t)now->wall_offset_us;
        return true;
    case ATTRIBUTE_ID_waited:
        *word = now->time_us - interaction_arrived(interactions, ix);
        return true;
    default:
        return false;
    }
}

void interaction_timer(struct interactions *interactions, struct interaction *ix, unsigned kind, unsigned part,
                       uint64_t deadline_us)
{
    uint32_t *handle = fiber_part_timer(interactions->forks, ix, part);
    assert(handle && kind != TIMER_NONE);
    timer_cancel(interactions->timers, handle);
    timer_set(
        interactions->timers,
        &(struct timer){.deadline_us = deadline_us, .kind = (uint8_t)kind, .part = (uint8_t)part, .data = ix->slot});
}

/* Sets state and owner together, and reports the fact about the new owner. */
void interaction_own(struct interactions *interactions, struct interaction *ix, enum interaction_state state,
                     enum owner_kind kind, uint32_t name)
{
    assert(state != IX_FREE && state != IX_ENDED && name < interactions->names->count);
    ix->state = state & 7u;
    ix->owner_kind = kind & 7u;
    ix->owner = NAME_OF(name);
    ix->changed_us = interactions->now->time_us;
    interaction_tell(interactions, ix, FACT_owned, kind, name);
}

void interaction_tell(struct interactions *interactions, const struct interaction *ix, unsigned what, unsigned value,
                      uint32_t name)
{
    fact_tell(interactions->facts,
              &(struct fact){.what = (uint16_t)what, .value = (uint16_t)value, .name = name, .ixn = ix->id});
}

/* Removes the leg: its ConnID may be used for another leg at once, while people may still ask for the interaction by
 * it. */
void interaction_leave_call(struct interactions *interactions, struct interaction *ix)
{
    if (!ix->leg) return;
    lookup_remove(&interactions->by_conn, ix->conn);
    fiber_timers_thaw(interactions->forks, ix); /* no link holds the interaction's timers now */
    ix->leg = false;                            /* `conn` stays: people may ask for the interaction by it later */
}

void interaction_conn(struct interactions *interactions, struct interaction *ix, uint64_t conn)
{
    if (ix->leg) lookup_remove(&interactions->by_conn, ix->conn);
    ix->conn = conn;
    ix->leg = conn != 0;
    if (conn != 0) lookup_add(&interactions->by_conn, ix->slot);
}

uint64_t interaction_agents_links(const struct interactions *interactions, const struct interaction *ix)
{
    uint64_t links = 0;
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = interactions->claims->all[at].next_of_interaction) {
        const struct claim *claim = &interactions->claims->all[at];
        unsigned link = line_link_of_claim(interactions->agents, claim);
        if (claim->state == CLAIM_ACTIVE && link >= SOURCE_LINKS) links |= UINT64_C(1) << (link - SOURCE_LINKS);
    }
    return links;
}

/* True: the sum of parties agrees with the parties, and each row of struct extra belongs to one interaction. */
static bool interactions_part_check(const void *self)
{
    const struct interactions *interactions = self;
    uint64_t content = 0;
    uint32_t extras = 0;
    EACH_INTERACTION (ix, interactions) {
        for (uint32_t party = ix->parties; party != PARTY_NONE; party = interactions->parties[party].next)
            content += party_content(ix, &interactions->parties[party]);
        if (ix->extra && interaction_extra(interactions, ix)->slot != ix->slot) return false;
        extras += ix->extra;
    }
    return content == interactions->party_content && extras == interactions->extras.by_slot.count;
}

/* Takes the row out of the list of arrivals, through which no loop runs now. */
static void row_free(struct interactions *interactions, struct interaction *ix)
{
    assert(ix->state == IX_ENDED);
    *(ix->previous == INTERACTION_NONE ? &interactions->first : &interaction_at(interactions, ix->previous)->next) =
        ix->next;
    *(ix->next == INTERACTION_NONE ? &interactions->last : &interaction_at(interactions, ix->next)->previous) =
        ix->previous;
    *ix = (struct interaction){.slot = ix->slot, .state = IX_FREE};
}

/* Gives the row, which is freed and no longer read, back to its chunk. */
static void row_give(struct interactions *interactions, uint32_t slot)
{
    struct interaction_chunk *chunk = &interactions->chunks[slot / CHUNK];
    assert(chunk->taken > 0);
    if (--chunk->taken > 0) return;
    chunk->warm = interactions->chunks_warm < CHUNKS_WARM;
    interactions->chunks_warm += chunk->warm;
    if (!chunk->warm) memory_pages_idle(chunk->rows, ROWS_BYTES);
}

/* The event is over: frees the rows and blocks of the interactions that it has ended. The row is freed first, then
 * the chunk's count is lowered, then the block is freed, whose handle is the row's number. */
static void interaction_settle(void *self)
{
    struct interactions *interactions = self;
    for (uint32_t at = 0; at < interactions->ended_count; at++) {
        row_free(interactions, interaction_at(interactions, interactions->ended[at]));
        row_give(interactions, interactions->ended[at]);
        block_free(interactions->slab, interactions->ended[at]);
    }
    interactions->ended_count = 0;
}

static uint64_t interactions_hash(const void *self)
{
    const struct interactions *interactions = self;
    return interactions->party_content + table_mix64(interactions->last_number);
}

static uint64_t consult_hash(const struct interactions *interactions, const struct interaction *ix)
{
    const struct extra *extra = interaction_extra(interactions, ix);
    uint64_t main = extra->main == INTERACTION_NONE ? 0 : table_mix64(interaction_at(interactions, extra->main)->id);
    uint64_t alias = extra->alias == 0 ? 0 : table_mix64(table_mix64(extra->alias) + 1);
    uint64_t hurry = extra->hurry_us == 0 ? 0 : table_mix64(table_mix64(extra->hurry_us) + 2);
    uint64_t switched = extra->switched_us == 0 ? 0 : table_mix64(table_mix64(extra->switched_us) + 3);
    uint64_t origin = extra->origin == 0 ? 0 : table_mix64(table_mix64(extra->origin) + 4 + extra->origin_link);
    uint64_t readies =
        extra->agents[NOTED_readies] == 0 ? 0 : table_mix64(table_mix64(extra->agents[NOTED_readies]) + 3000);
    return main + alias + hurry + switched + origin + readies +
           (extra->due_events == 0 ? 0 : table_mix64(extra->due_events + UINT64_C(1)));
}

static uint64_t interactions_own_content(const void *self, const struct interaction *ix)
{
    const struct interactions *interactions = self;
    return consult_hash(interactions, ix) + fiber_until_hash(interactions->forks, ix) +
           (ix->mandatory ? table_mix64(1) : 0);
}

/* Returns the hash of everything in the interaction that decisions depend on: the block and what each part holds for
 * it, but not its places in lookups. The hashes are added, so that the order of the parts does not matter. */
uint64_t interaction_content(const struct interactions *interactions, const struct interaction *ix)
{
    uint64_t age = ix->has_waited ? table_mix64(table_mix64(ix->id) + interaction_extra(interactions, ix)->age_us) : 0;
    return block_hash(interactions->slab, block_at(interactions->slab, ix->block), ix->id, ix->conn) +
           parts_content(interactions->parts, ix) + age;
}

void interaction_touch(struct interactions *interactions, struct interaction *ix)
{
    if (ix->touched) return;
    ix->touched = true;
    interactions->touched = memory_grow(interactions->touched, &interactions->touched_capacity,
                                        interactions->touched_count + 1, sizeof *interactions->touched);
    interactions->touched[interactions->touched_count++] = ix->slot;
}

/* Corrects the sum of contents: subtracts the interaction's earlier share (`content`) and adds its present one. */
void interactions_count(struct interactions *interactions)
{
    for (uint32_t at = 0; at < interactions->touched_count; at++) {
        struct interaction *ix = interaction_at(interactions, interactions->touched[at]);
        /* the interaction has ended; another one that uses its row now has an entry of its own in the list */
        if (!ix->touched) continue;
        uint64_t content = interaction_content(interactions, ix);
        interactions->content += content - ix->content;
        ix->content = content;
        ix->touched = false;
    }
    interactions->touched_count = 0;
}

void interactions_recount(struct interactions *interactions)
{
    interactions->content = 0;
    memset(interactions->live_of, 0, sizeof interactions->live_of);
    EACH_INTERACTION (ix, interactions) {
        interactions->live_of[ix->media]++;
        ix->content = interaction_content(interactions, ix);
        interactions->content += ix->content;
    }
}

/* Returns the interaction of a block; while a latch is evaluated, a block may belong to no call, and then `reader`
 * is returned. */
struct interaction *interaction_of_block(const struct interactions *interactions, block_handle handle)
{
    if (interactions->reader && interactions->reader->block == handle) return interactions->reader;
    struct interaction *ix = interaction_at(interactions, handle);
    assert(ix->state != IX_FREE && ix->state != IX_ENDED);
    return ix;
}

/* Removes the interaction from the table. The interaction's claims, parties, visit, timers and fork must be gone
 * (asserted). */
void interaction_remove(struct interactions *interactions, struct interaction *ix)
{
    assert(interactions->live > 0 && ix->claims == CLAIM_NONE && ix->parties == PARTY_NONE && ix->visit == VISIT_NONE);
    assert(ix->timer[0] == 0 && ix->timer[1] == 0 && ix->pending.timer == 0 && !ix->forked);
    interactions->content -= ix->content;
    if (ix->leg) lookup_remove(&interactions->by_conn, ix->conn);
    extra_drop(interactions, ix);
    lookup_remove(&interactions->by_id, ix->id);
    interactions->ended = memory_grow(interactions->ended, &interactions->ended_capacity, interactions->ended_count + 1,
                                      sizeof *interactions->ended);
    interactions->ended[interactions->ended_count++] = ix->slot;
    interactions->live--;
    interactions->live_of[ix->media]--;
    /* The row keeps its place in the list, since a loop through the list may be at it. */
    *ix = (struct interaction){
        .slot = ix->slot,
        .previous = ix->previous,
        .next = ix->next,
        .claims = CLAIM_NONE,
        .parties = PARTY_NONE,
        .visit = VISIT_NONE,
        .program = PROGRAM_NONE,
        .state = IX_ENDED,
    };
}

const struct part_ops part_ops_interactions = {
    .content = interactions_own_content,
    .size = sizeof(struct interactions),
    .init = interactions_init,
    .free = interactions_free,
    .settle = interaction_settle,
    .hash = interactions_hash,
    .check = interactions_part_check,
    .keep = interactions_keep,
    .sound = interactions_sound,
};
