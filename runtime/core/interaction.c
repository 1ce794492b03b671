/* runtime/core/interaction.c - The table of interactions, and their ends. What happens to them is in call.c. */
#include "runtime/core/interaction.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/agent.h"
#include "runtime/core/booking.h"
#include "runtime/core/claim.h"
#include "runtime/core/consult.h"
#include "runtime/core/directory.h"
#include "runtime/core/effect.h"
#include "runtime/core/exclude.h"
#include "runtime/core/fiber.h"
#include "runtime/core/growth.h"
#include "runtime/core/keep.h"
#include "runtime/core/link.h"
#include "runtime/core/memory.h"
#include "runtime/core/next.h"
#include "runtime/core/record.h"
#include "runtime/core/select.h"
#include "runtime/core/session.h"
#include "runtime/core/signal.h"
#include "runtime/core/state.h"
#include "runtime/core/strategy.h"
#include "runtime/core/table.h"
#include "runtime/core/timer.h"
#include "runtime/core/userdata.h"
#include "runtime/core/vq.h"
#include "runtime/core/part.h"
#include "runtime/core/walk.h"

static struct interaction *slot_at(const struct interactions *table, uint32_t slot)
{
    assert(slot < table->count);
    return &table->chunks[slot / CHUNK][slot % CHUNK];
}

static uint64_t id_key(const void *owner, uint32_t slot)
{
    return slot_at(owner, slot)->id;
}

static uint64_t conn_key(const void *owner, uint32_t slot)
{
    return slot_at(owner, slot)->conn;
}

static uint64_t alias_key(const void *owner, uint32_t slot)
{
    return slot_at(owner, slot)->alias;
}

static void interactions_init(struct core *core)
{
    struct interactions *table = core->interactions;
    *table = (struct interactions){
        .free = INTERACTION_NONE, .first = INTERACTION_NONE, .last = INTERACTION_NONE, .party_free = PARTY_NONE};
    lookup_init(&table->by_id, table, id_key);
    lookup_init(&table->by_conn, table, conn_key);
    lookup_init(&table->by_alias, table, alias_key);
}

static void interactions_free(struct core *core)
{
    struct interactions *table = core->interactions;
    for (uint32_t at = 0; at < table->chunk_count; at++) free(table->chunks[at]);
    free(table->chunks);
    free(table->ended);
    free(table->parties);
    lookup_free(&table->by_id);
    lookup_free(&table->by_conn);
    lookup_free(&table->by_alias);
}

struct interaction *interaction_at(const struct core *core, uint32_t slot)
{
    return slot_at(core->interactions, slot);
}

struct interaction *interaction_by_id(const struct core *core, uint64_t id)
{
    uint32_t slot;
    if (id == 0) return NULL;
    bool found = lookup_find(&core->interactions->by_id, id, &slot) ||
                 lookup_find(&core->interactions->by_alias, id, &slot);
    return found ? interaction_at(core, slot) : NULL;
}

void interaction_answers_to(struct core *core, struct interaction *ix, uint64_t id)
{
    struct lookup *by_alias = &core->interactions->by_alias;
    if (ix->alias != 0) lookup_remove(by_alias, ix->alias); /* the one before has no other */
    ix->alias = id;
    lookup_add(by_alias, ix->slot);
    strategy_touch(core, ix);
}

struct interaction *interaction_by_conn(const struct core *core, uint64_t conn)
{
    uint32_t slot;
    return conn != 0 && lookup_find(&core->interactions->by_conn, conn, &slot) ? interaction_at(core, slot) : NULL;
}

struct interaction *interaction_of(const struct core *core, const struct message *message)
{
    uint64_t conn = message_u(message, ENVELOPE_conn);
    struct interaction *ix = interaction_by_conn(core, conn);
    if (ix == NULL && conn == 0) ix = interaction_by_id(core, message_u(message, ENVELOPE_ixn));
    return ix;
}

static uint32_t slot_take(struct interactions *table)
{
    uint32_t slot = table->free;
    if (slot != INTERACTION_NONE) {
        table->free = slot_at(table, slot)->next;
        return slot;
    }
    slot = table->count++;
    if (slot / CHUNK == table->chunk_count) {
        table->chunks =
            memory_grow(table->chunks, &table->chunk_capacity, table->chunk_count + 1, sizeof *table->chunks);
        table->chunks[table->chunk_count++] = memory_zeroed(CHUNK, sizeof **table->chunks);
    }
    return slot;
}

struct interaction *interaction_new(struct core *core, enum media media, uint64_t conn, unsigned link)
{
    struct interactions *table = core->interactions;
    if (table->live >= core->options.interactions_max) {
        core->overload++;
        return NULL;
    }
    uint64_t id = (uint64_t)core->options.partition << 48 | ++table->last_number;
    const struct image *none = core->strategies->none;
    block_handle block = block_new(core->strategies->slab, none, image_strategy(none, 0), id);
    if (block == BLOCK_HANDLE_NONE) {
        core->overload++;
        return NULL;
    }
    uint32_t slot = slot_take(table);
    struct interaction *ix = slot_at(table, slot);
    *ix = (struct interaction){
        .id = id,
        .conn = conn,
        .changed_us = core->time_us,
        .slot = slot,
        .previous = table->last,
        .next = INTERACTION_NONE,
        .block = block,
        .claims = CLAIM_NONE,
        .parties = PARTY_NONE,
        .visit = VISIT_NONE,
        .main = INTERACTION_NONE,
        .consults = INTERACTION_NONE,
        .consult_next = INTERACTION_NONE,
        .program = PROGRAM_NONE,
        .link = (uint16_t)link,
        .media = (uint8_t)media,
        .state = IX_OBSERVED,
        .owner_kind = OWNER_DEVICE,
    };
    *(table->last == INTERACTION_NONE ? &table->first : &slot_at(table, table->last)->next) = slot;
    table->last = slot;
    table->live++;
    lookup_add(&table->by_id, slot);
    if (conn != 0) lookup_add(&table->by_conn, slot);
    struct block *head = block_at(core->strategies->slab, block);
    head->conn = conn;
    head->arrived = core->time_us;
    head->media = (uint8_t)media;
    return ix;
}

uint64_t interaction_arrived(const struct core *core, const struct interaction *ix)
{
    return block_at(core->strategies->slab, ix->block)->arrived;
}

void interaction_timer(struct core *core, struct interaction *ix, unsigned kind, unsigned part, uint64_t deadline_us)
{
    timer_cancel(core->timers, part_timer(core, ix, part));
    timer_set(
        core->timers,
        &(struct timer){.deadline_us = deadline_us, .kind = (uint8_t)kind, .part = (uint8_t)part, .data = ix->slot});
}

void interaction_own(struct core *core, struct interaction *ix, enum interaction_state state, enum owner_kind kind,
                     uint32_t name)
{
    ix->state = (uint8_t)state;
    ix->owner_kind = (uint8_t)kind;
    ix->owner = name;
    ix->changed_us = core->time_us;
}

void interaction_note(struct core *core, const struct interaction *ix, unsigned kind, unsigned value, uint32_t name)
{
    record_happening(
        core->records,
        &(struct happening){
            .at_us = core->time_us, .ixn = ix->id, .kind = (uint16_t)kind, .value = (uint16_t)value, .name = name});
}

void interaction_leave_call(struct core *core, struct interaction *ix)
{
    if (ix->conn == 0) return;
    lookup_remove(&core->interactions->by_conn, ix->conn);
    link_thaw(core, ix); /* no link holds it now */
    ix->conn = 0;        /* the block keeps it: people ask by it afterwards */
}

void interaction_conn(struct core *core, struct interaction *ix, uint64_t conn)
{
    if (ix->conn != 0) lookup_remove(&core->interactions->by_conn, ix->conn);
    ix->conn = conn;
    if (conn != 0) lookup_add(&core->interactions->by_conn, ix->slot);
    block_at(core->strategies->slab, ix->block)->conn = conn;
}

struct party *interaction_party(const struct core *core, const struct interaction *ix, uint64_t dn)
{
    for (uint32_t at = ix->parties; at != PARTY_NONE; at = core->interactions->parties[at].next)
        if (core->interactions->parties[at].dn == dn) return &core->interactions->parties[at];
    return NULL;
}

static uint64_t party_content(const struct interaction *ix, const struct party *party)
{
    uint64_t content = mix64(mix64(ix->id) + party->dn);
    return mix64(content + ((uint64_t)party->agent << 16 | (uint64_t)party->role << 8 | party->state));
}

void interaction_party_told(struct core *core, const struct interaction *ix, struct party *party, uint32_t agent,
                            unsigned role, unsigned state)
{
    core->interactions->party_content -= party_content(ix, party);
    party->agent = agent;
    party->role = (uint8_t)role;
    party->state = (uint8_t)state;
    core->interactions->party_content += party_content(ix, party);
}

bool interaction_parties_check(const struct core *core)
{
    uint64_t content = 0;
    for (uint32_t at = core->interactions->first; at != INTERACTION_NONE; at = interaction_at(core, at)->next) {
        const struct interaction *ix = interaction_at(core, at);
        for (uint32_t party = ix->parties; party != PARTY_NONE; party = core->interactions->parties[party].next)
            content += party_content(ix, &core->interactions->parties[party]);
    }
    return content == core->interactions->party_content;
}

struct party *interaction_party_add(struct core *core, struct interaction *ix, uint64_t dn, struct span number)
{
    struct interactions *table = core->interactions;
    uint32_t *at = &ix->parties, count = 0;
    for (; *at != PARTY_NONE; at = &table->parties[*at].next, count++)
        if (table->parties[*at].dn == dn) return &table->parties[*at];
    if (count >= PARTIES_MAX) return NULL;
    uint32_t slot = table->party_free;
    if (slot != PARTY_NONE) {
        table->party_free = table->parties[slot].next;
        *at = slot;
    } else {
        slot = *at = table->party_count++; /* before the array moves: `at` may point into it */
        table->parties =
            memory_grow(table->parties, &table->party_capacity, table->party_count, sizeof *table->parties);
    }
    struct party *party = &table->parties[slot];
    *party = (struct party){.dn = dn, .agent = AGENT_NONE, .next = PARTY_NONE};
    party->length = (uint8_t)text_cut((const char *)number.bytes, number.length, sizeof party->number);
    if (party->length != 0) memcpy(party->number, number.bytes, party->length);
    table->party_content += party_content(ix, party);
    return party;
}

void interaction_party_remove(struct core *core, struct interaction *ix, uint64_t dn)
{
    struct interactions *table = core->interactions;
    for (uint32_t *at = &ix->parties; *at != PARTY_NONE; at = &table->parties[*at].next) {
        if (table->parties[*at].dn != dn) continue;
        uint32_t slot = *at;
        *at = table->parties[slot].next;
        table->party_content -= party_content(ix, &table->parties[slot]);
        table->parties[slot] = (struct party){.next = table->party_free};
        table->party_free = slot;
        return;
    }
}

static void keep_for_people(struct core *core, const struct interaction *ix)
{
    struct ended ended = {
        .ixn = ix->id,
        .conn = block_at(core->strategies->slab, ix->block)->conn,
        .arrived_us = interaction_arrived(core, ix),
        .changed_us = core->time_us,
        .priority = block_at(core->strategies->slab, ix->block)->priority,
        .strategy = names_intern(core->names, strategy_title(core, ix)),
        .owner = ix->owner,
        .owner_kind = ix->owner_kind,
        .media = ix->media,
        .outcome = ix->outcome,
    };
    kv_clear(&core->scratch);
    read_data(core, ix, &core->scratch);
    record_ended(core->records, &ended, kv_span(&core->scratch));
}

void interaction_end(struct core *core, struct interaction *ix)
{
    struct interactions *table = core->interactions;
    if (interaction_has_ended(ix)) return;
    consult_main_over(core, ix);
    consult_over(core, ix);
    if (ix->running) strategy_drop(core, ix, ENDED_OTHER);
    select_leave(core, ix, VISIT_CLEARED);
    while (ix->claims != CLAIM_NONE)
        session_release(core, ix->claims, claim_at(core->claims, ix->claims)->state == CLAIM_ACTIVE);
    parts_forget(core, ix);
    timer_cancel(core->timers, &ix->timer[0]);
    timer_cancel(core->timers, &ix->timer[1]);
    while (ix->parties != PARTY_NONE) interaction_party_remove(core, ix, table->parties[ix->parties].dn);
    keep_for_people(core, ix);
    core->content -= ix->content;
    core->ended++;
    block_free(core->strategies->slab, ix->block);
    if (ix->conn != 0) lookup_remove(&table->by_conn, ix->conn);
    if (ix->alias != 0) lookup_remove(&table->by_alias, ix->alias);
    lookup_remove(&table->by_id, ix->id);
    table->ended = memory_grow(table->ended, &table->ended_capacity, table->ended_count + 1, sizeof *table->ended);
    table->ended[table->ended_count++] = ix->slot;
    table->live--;
    *ix = (struct interaction){
        .slot = ix->slot,
        .previous = ix->previous,
        .next = ix->next,
        .claims = CLAIM_NONE,
        .parties = PARTY_NONE,
        .visit = VISIT_NONE,
        .main = INTERACTION_NONE,
        .consults = INTERACTION_NONE,
        .consult_next = INTERACTION_NONE,
        .program = PROGRAM_NONE,
        .state = IX_ENDED,
    };
}

static void row_free(struct interactions *table, struct interaction *ix)
{
    uint32_t slot = ix->slot;
    *(ix->previous == INTERACTION_NONE ? &table->first : &slot_at(table, ix->previous)->next) = ix->next;
    *(ix->next == INTERACTION_NONE ? &table->last : &slot_at(table, ix->next)->previous) = ix->previous;
    *ix = (struct interaction){.slot = slot, .state = IX_FREE, .next = table->free};
    table->free = slot;
}

void interactions_settle(struct core *core)
{
    struct interactions *table = core->interactions;
    for (uint32_t at = 0; at < table->ended_count; at++) row_free(table, slot_at(table, table->ended[at]));
    table->ended_count = 0;
}

static uint64_t hash(const struct core *core)
{
    return core->interactions->party_content + mix64(core->interactions->last_number);
}

static uint64_t content(const struct core *core, const struct interaction *ix)
{
    return consult_hash(core, ix) + until_hash(core, ix) + (ix->mandatory ? mix64(1) : 0);
}

const struct part_ops part_ops_interactions = {.content = content, .size = sizeof(struct interactions), .init = interactions_init, .free = interactions_free, .hash = hash, .check = interaction_parties_check};
