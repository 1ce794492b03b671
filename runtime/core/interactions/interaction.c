/* runtime/core/interactions/interaction.c - The table of interactions, and their ends. voice.c handles the events of
 * calls. */
#include "runtime/core/interactions/interaction.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/facts.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/source.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"

static_assert(sizeof(struct interaction) == 120, "there may be millions; what few have belongs in struct extra");
static_assert(IX_ENDED < 1 << 3 && OWNER_WORKBIN < 1 << 3 && ROUTE_STOPPING < 1 << 3 && ENDED_MERGED < 1 << 4 &&
                  IMAGE_EVENTS <= 3 && SOURCES_MAX <= 1 << 8,
              "struct interaction has bits for each value");

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

static uint64_t alias_key(const void *owner, uint32_t row)
{
    const struct extras *extras = owner;
    return extras->all[row].alias;
}

static uint64_t extra_key(const void *owner, uint32_t row)
{
    const struct extras *extras = owner;
    return extras->all[row].slot;
}

static void interactions_init(void *self, const struct parts *parts)
{
    struct interactions *interactions = self;
    struct interactions *table = interactions;
    *table = (struct interactions){.options = parts->options,
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
    lookup_init(&table->by_id, table, id_key);
    lookup_init(&table->by_conn, table, conn_key);
    lookup_init(&table->by_alias, &table->extras, alias_key);
    table->extras.free = EXTRA_NONE;
    lookup_init(&table->extras.by_slot, &table->extras, extra_key);
}

static void interactions_free(void *self)
{
    struct interactions *interactions = self;
    struct interactions *table = interactions;
    for (uint32_t at = 0; at < table->chunk_count; at++) free(table->chunks[at]);
    free(table->chunks);
    free(table->ended);
    free(table->touched);
    free(table->parties);
    free(table->kept);
    lookup_free(&table->by_id);
    lookup_free(&table->by_conn);
    lookup_free(&table->by_alias);
    lookup_free(&table->extras.by_slot);
    free(table->extras.all);
}

struct interaction *interaction_at(const struct interactions *interactions, uint32_t slot)
{
    return slot_at(interactions, slot);
}

struct interaction *interaction_by_id(const struct interactions *interactions, uint64_t id)
{
    const struct interactions *table = interactions;
    uint32_t slot, row;
    if (id == 0) return NULL;
    if (lookup_find(&table->by_id, id, &slot)) return interaction_at(interactions, slot);
    return lookup_find(&table->by_alias, id, &row) ? interaction_at(interactions, table->extras.all[row].slot) : NULL;
}

static const struct extra no_extra = {
    .main = INTERACTION_NONE, .consults = INTERACTION_NONE, .consult_next = INTERACTION_NONE};

static uint32_t extra_row(const struct interactions *interactions, const struct interaction *ix)
{
    uint32_t row = EXTRA_NONE;
    bool found = lookup_find(&interactions->extras.by_slot, ix->slot, &row);
    assert(ix->extra && found);
    (void)found;
    return row;
}

const struct extra *interaction_extra(const struct interactions *interactions, const struct interaction *ix)
{
    return ix->extra ? &interactions->extras.all[extra_row(interactions, ix)] : &no_extra;
}

struct extra *interaction_extra_make(struct interactions *interactions, struct interaction *ix)
{
    struct extras *extras = &interactions->extras;
    assert(ix->state != IX_FREE && ix->state != IX_ENDED);
    if (ix->extra) return &extras->all[extra_row(interactions, ix)];
    uint32_t row = extras->free;
    if (row != EXTRA_NONE) {
        extras->free = extras->all[row].slot;
    } else {
        row = extras->count++;
        extras->all = memory_grow(extras->all, &extras->capacity, extras->count, sizeof *extras->all);
    }
    extras->all[row] = no_extra;
    extras->all[row].slot = ix->slot;
    lookup_add(&extras->by_slot, row);
    ix->extra = true;
    return &extras->all[row];
}

void interaction_extra_spare(struct interactions *interactions, struct interaction *ix)
{
    struct extras *extras = &interactions->extras;
    if (!ix->extra) return;
    uint32_t row = extra_row(interactions, ix);
    const struct extra *extra = &extras->all[row];
    if (extra->alias || extra->age_us || extra->treatment || extra->unreached || extra->tries_until_us[0] ||
        extra->tries_until_us[1] || extra->late_us || extra->walks || extra->main != INTERACTION_NONE ||
        extra->consults != INTERACTION_NONE || extra->consult_next != INTERACTION_NONE)
        return;
    lookup_remove(&extras->by_slot, ix->slot);
    extras->all[row] = (struct extra){.slot = extras->free};
    extras->free = row;
    ix->extra = false;
}

void interaction_answers_to(struct interactions *interactions, struct interaction *ix, uint64_t id)
{
    struct lookup *by_alias = &interactions->by_alias;
    struct extra *extra = interaction_extra_make(interactions, ix);
    assert(id != 0);
    if (extra->alias) lookup_remove(by_alias, extra->alias); /* an interaction answers to one other id at most */
    extra->alias = id;
    lookup_add(by_alias, extra_row(interactions, ix));
    interaction_touch(interactions, ix);
}

struct interaction *interaction_by_conn(const struct interactions *interactions, uint64_t conn)
{
    uint32_t slot;
    return conn != 0 && lookup_find(&interactions->by_conn, conn, &slot) ? interaction_at(interactions, slot) : NULL;
}

struct interaction *interaction_of(const struct interactions *interactions, const struct message *message)
{
    uint64_t conn = message_u(message, ENVELOPE_conn);
    struct interaction *ix = interaction_by_conn(interactions, conn);
    if (!ix && conn == 0) ix = interaction_by_id(interactions, message_u(message, ENVELOPE_ixn));
    return ix;
}

/* The row with that number, which is free. */
static struct interaction *row_take(struct interactions *table, uint32_t slot)
{
    while (slot / CHUNK >= table->chunk_count) {
        table->chunks =
            memory_grow(table->chunks, &table->chunk_capacity, table->chunk_count + 1, sizeof *table->chunks);
        table->chunks[table->chunk_count++] = memory_zeroed(CHUNK, sizeof **table->chunks);
    }
    if (slot >= table->count) table->count = slot + 1;
    assert(slot_at(table, slot)->state == IX_FREE);
    return slot_at(table, slot);
}

uint64_t interactions_newest(const struct interactions *interactions)
{
    uint64_t number = interactions->last_number;
    return number == 0 ? 0 : (uint64_t)interactions->options->partition << 48 | number;
}

void interactions_skip(struct interactions *table, uint64_t least)
{
    if (table->last_number < least) table->last_number = least;
}

struct interaction *interaction_new(struct interactions *interactions, enum media media, uint64_t conn, unsigned link)
{
    struct interactions *table = interactions;
    if (table->live >= interactions->options->interactions_max) {
        fact_tell(interactions->facts, &(struct fact){.what = FACT_overload});
        return NULL;
    }
    uint64_t id = (uint64_t)interactions->options->partition << 48 | ++table->last_number;
    const struct image *none = interactions->no_image;
    assert(link < SOURCES_MAX);
    block_handle block = block_new(interactions->slab, none, image_strategy(none, 0));
    if (block == BLOCK_HANDLE_NONE) {
        fact_tell(interactions->facts, &(struct fact){.what = FACT_overload});
        return NULL;
    }
    uint32_t slot = block; /* see struct interaction */
    struct interaction *ix = row_take(table, slot);
    *ix = (struct interaction){
        .id = id,
        .conn = conn,
        .leg = conn != 0,
        .changed_us = interactions->now->time_us,
        .slot = slot,
        .previous = table->last,
        .next = INTERACTION_NONE,
        .claims = CLAIM_NONE,
        .parties = PARTY_NONE,
        .visit = VISIT_NONE,
        .program = PROGRAM_NONE,
        .link = (uint8_t)link,
        .media = media & 15u,
        .state = IX_OBSERVED,
        .owner_kind = OWNER_DEVICE,
    };
    *(table->last == INTERACTION_NONE ? &table->first : &slot_at(table, table->last)->next) = slot;
    table->last = slot;
    table->live++;
    lookup_add(&table->by_id, slot);
    if (conn != 0) lookup_add(&table->by_conn, slot);
    struct block *head = block_at(interactions->slab, block);
    head->arrived = interactions->now->time_us;
    head->media = media & 15u;
    return ix;
}

uint16_t interaction_strategy(const struct interactions *interactions, const struct interaction *ix)
{
    return block_at(interactions->slab, ix->block)->strategy;
}

void interaction_treatment(struct interactions *interactions, struct interaction *ix, uint32_t ref)
{
    if (ref == 0 && !ix->extra) return;
    interaction_extra_make(interactions, ix)->treatment = ref;
    interaction_extra_spare(interactions, ix);
}

uint64_t interaction_arrived(const struct interactions *interactions, const struct interaction *ix)
{
    return block_at(interactions->slab, ix->block)->arrived;
}

void interaction_unreached(struct interactions *interactions, struct interaction *ix, uint32_t agent)
{
    uint32_t noted = agent == AGENT_NONE ? 0 : agent + 1;
    if (interaction_extra(interactions, ix)->unreached == noted) return;
    interaction_extra_make(interactions, ix)->unreached = noted;
    interaction_extra_spare(interactions, ix);
}

void interaction_late(struct interactions *interactions, struct interaction *ix, uint64_t late_us)
{
    if (late_us > interactions->now->time_us) late_us = interactions->now->time_us;
    if (late_us == 0) return;
    block_at(interactions->slab, ix->block)->arrived = interactions->now->time_us - late_us;
    interaction_extra_make(interactions, ix)->late_us = late_us;
}

uint64_t interaction_enters(struct interactions *interactions, struct interaction *ix)
{
    uint64_t late_us = interaction_extra(interactions, ix)->late_us;
    if (late_us == 0) return interactions->now->time_us;
    interaction_extra_make(interactions, ix)->late_us = 0;
    interaction_extra_spare(interactions, ix);
    return interactions->now->time_us - late_us;
}

uint64_t interaction_age_enters(struct interactions *interactions, struct interaction *ix, uint64_t entered_us,
                                bool fresh)
{
    uint64_t age_us = ix->has_waited && !fresh ? interaction_extra(interactions, ix)->age_us : entered_us;
    ix->has_waited = true;
    if (ix->extra) {
        interaction_extra_make(interactions, ix)->age_us = 0;
        interaction_extra_spare(interactions, ix);
    }
    interaction_touch(interactions, ix);
    return age_us;
}

void interaction_age_leaves(struct interactions *interactions, struct interaction *ix, uint64_t age_us)
{
    ix->has_waited = true;
    interaction_extra_make(interactions, ix)->age_us = age_us;
    interaction_touch(interactions, ix);
}

void interaction_timer(struct interactions *interactions, struct interaction *ix, unsigned kind, unsigned part,
                       uint64_t deadline_us)
{
    uint32_t *handle = part_timer(interactions->forks, ix, part);
    assert(handle && kind != TIMER_NONE);
    timer_cancel(interactions->timers, handle);
    timer_set(
        interactions->timers,
        &(struct timer){.deadline_us = deadline_us, .kind = (uint8_t)kind, .part = (uint8_t)part, .data = ix->slot});
}

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

void interaction_leave_call(struct interactions *interactions, struct interaction *ix)
{
    if (!ix->leg) return;
    lookup_remove(&interactions->by_conn, ix->conn);
    link_thaw(interactions->forks, ix); /* no link holds it now */
    ix->leg = false;                    /* `conn` stays: people ask for the interaction by it afterwards */
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
        unsigned link = agent_link_of(interactions->agents, claim);
        if (claim->state == CLAIM_ACTIVE && link >= SOURCE_LINKS) links |= UINT64_C(1) << (link - SOURCE_LINKS);
    }
    return links;
}

struct party *interaction_party(const struct interactions *interactions, const struct interaction *ix, uint64_t dn)
{
    for (uint32_t at = ix->parties; at != PARTY_NONE; at = interactions->parties[at].next)
        if (interactions->parties[at].dn == dn) return &interactions->parties[at];
    return NULL;
}

static uint64_t party_content(const struct interaction *ix, const struct party *party)
{
    uint64_t content = mix64(mix64(ix->id) + party->dn);
    return mix64(content + ((uint64_t)party->agent << 16 | (uint64_t)party->role << 8 | party->state));
}

static void tell_party(struct interactions *interactions, const struct interaction *ix, const struct party *party,
                       unsigned what)
{
    struct fact fact = {
        .what = (uint16_t)what,
        .value = party->state,
        .name = party->agent != AGENT_NONE ? agent_at(interactions->agents, party->agent)->name : 0,
        .ixn = ix->id,
    };
    fact.number = (struct span){party->number, party->length};
    fact.role = party->role;
    fact.whom = party->agent;
    fact_tell(interactions->facts, &fact);
}

void interaction_party_told(struct interactions *interactions, const struct interaction *ix, struct party *party,
                            uint32_t agent, unsigned role, unsigned state)
{
    interactions->party_content -= party_content(ix, party);
    party->agent = agent;
    if (agent != AGENT_NONE) agent_refer(interactions->agents, agent);
    party->role = (uint8_t)role;
    party->state = (uint8_t)state;
    interactions->party_content += party_content(ix, party);
    tell_party(interactions, ix, party, FACT_party_told);
}

/* The parties are those of the sum, and each row of struct extra is one interaction's. */
static bool check(const void *self)
{
    const struct interactions *interactions = self;
    uint64_t content = 0;
    uint32_t extras = 0;
    for (uint32_t at = interactions->first; at != INTERACTION_NONE; at = interaction_at(interactions, at)->next) {
        const struct interaction *ix = interaction_at(interactions, at);
        for (uint32_t party = ix->parties; party != PARTY_NONE; party = interactions->parties[party].next)
            content += party_content(ix, &interactions->parties[party]);
        if (ix->extra && interaction_extra(interactions, ix)->slot != ix->slot) return false;
        extras += ix->extra;
    }
    return content == interactions->party_content && extras == interactions->extras.by_slot.count;
}

struct party *interaction_party_add(struct interactions *interactions, struct interaction *ix, uint64_t dn,
                                    struct span number)
{
    struct interactions *table = interactions;
    uint32_t *at = &ix->parties, count = 0;
    for (; *at != PARTY_NONE; at = &table->parties[*at].next, count++)
        if (table->parties[*at].dn == dn) return &table->parties[*at];
    if (count >= PARTIES_MAX) return NULL;
    uint32_t slot = table->party_free;
    if (slot != PARTY_NONE) {
        table->party_free = table->parties[slot].next;
        *at = slot;
    } else {
        slot = *at = table->party_count++; /* written before the array grows, since `at` may point into it */
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

void interaction_party_remove(struct interactions *interactions, struct interaction *ix, uint64_t dn)
{
    struct interactions *table = interactions;
    for (uint32_t *at = &ix->parties; *at != PARTY_NONE; at = &table->parties[*at].next) {
        if (table->parties[*at].dn != dn) continue;
        uint32_t slot = *at;
        *at = table->parties[slot].next;
        tell_party(interactions, ix, &table->parties[slot], FACT_party_gone);
        table->party_content -= party_content(ix, &table->parties[slot]);
        table->parties[slot] = (struct party){.next = table->party_free};
        table->party_free = slot;
        return;
    }
}

static void row_free(struct interactions *table, struct interaction *ix)
{
    assert(ix->state == IX_ENDED);
    *(ix->previous == INTERACTION_NONE ? &table->first : &slot_at(table, ix->previous)->next) = ix->next;
    *(ix->next == INTERACTION_NONE ? &table->last : &slot_at(table, ix->next)->previous) = ix->previous;
    *ix = (struct interaction){.slot = ix->slot, .state = IX_FREE};
}

/* The event is over: frees the rows and blocks of the interactions that it has ended. */
static void settle(void *self)
{
    struct interactions *interactions = self;
    struct interactions *table = interactions;
    for (uint32_t at = 0; at < table->ended_count; at++) {
        row_free(table, slot_at(table, table->ended[at]));
        block_free(interactions->slab, table->ended[at]);
    }
    table->ended_count = 0;
}

static uint64_t hash(const void *self)
{
    const struct interactions *interactions = self;
    return interactions->party_content + mix64(interactions->last_number);
}

static uint64_t consult_hash(const struct interactions *interactions, const struct interaction *ix)
{
    const struct extra *extra = interaction_extra(interactions, ix);
    uint64_t main = extra->main == INTERACTION_NONE ? 0 : mix64(interaction_at(interactions, extra->main)->id);
    uint64_t alias = extra->alias == 0 ? 0 : mix64(mix64(extra->alias) + 1);
    return main + alias + (ix->due_events == 0 ? 0 : mix64(ix->due_events + UINT64_C(1)));
}

static uint64_t content(const void *self, const struct interaction *ix)
{
    const struct interactions *interactions = self;
    return consult_hash(interactions, ix) + until_hash(interactions->forks, ix) + (ix->mandatory ? mix64(1) : 0);
}

/* Covers all of the interaction that decides, but not its places in indexes: the block and what each part holds for it.
 * The hashes are added, so that the order of the parts does not matter. */
uint64_t interaction_content(const struct interactions *interactions, const struct interaction *ix)
{
    uint64_t age = ix->has_waited ? mix64(mix64(ix->id) + interaction_extra(interactions, ix)->age_us) : 0;
    return block_hash(interactions->slab, block_at(interactions->slab, ix->block), ix->id, ix->conn) +
           parts_content(interactions->parts, ix) + age;
}

void interaction_touch(struct interactions *interactions, struct interaction *ix)
{
    struct interactions *table = interactions;
    if (ix->touched) return;
    ix->touched = true;
    table->touched =
        memory_grow(table->touched, &table->touched_capacity, table->touched_count + 1, sizeof *table->touched);
    table->touched[table->touched_count++] = ix->slot;
}

void interactions_count(struct interactions *interactions)
{
    struct interactions *table = interactions;
    for (uint32_t at = 0; at < table->touched_count; at++) {
        struct interaction *ix = slot_at(table, table->touched[at]);
        if (!ix->touched) continue; /* it has ended; its row may be another's, who stands in the list, too */
        uint64_t content = interaction_content(interactions, ix);
        interactions->content += content - ix->content;
        ix->content = content;
        ix->touched = false;
    }
    table->touched_count = 0;
}

void interactions_recount(struct interactions *interactions)
{
    interactions->content = 0;
    for (uint32_t at = interactions->first; at != INTERACTION_NONE; at = interaction_at(interactions, at)->next) {
        struct interaction *ix = interaction_at(interactions, at);
        ix->content = interaction_content(interactions, ix);
        interactions->content += ix->content;
    }
}

struct interaction *interaction_of_block(const struct interactions *interactions, block_handle handle)
{
    if (interactions->reader && interactions->reader->block == handle) return interactions->reader;
    struct interaction *ix = interaction_at(interactions, handle);
    assert(ix->state != IX_FREE && ix->state != IX_ENDED);
    return ix;
}

/* Writes the partition, a dash and the counter in hexadecimal: "1-000000000001". */
uint32_t interaction_text(uint64_t id, char out[24])
{
    uint32_t length = 0;
    char digits[24];
    uint64_t partition = id >> 48, number = id & ((UINT64_C(1) << 48) - 1);
    uint32_t count = 0;
    do digits[count++] = (char)('0' + partition % 10);
    while ((partition /= 10) != 0);
    while (count > 0) out[length++] = digits[--count];
    out[length++] = '-';
    for (int shift = 44; shift >= 0; shift -= 4) out[length++] = "0123456789abcdef"[number >> shift & 15];
    return length;
}

void interaction_remove(struct interactions *interactions, struct interaction *ix)
{
    struct interactions *table = interactions;
    assert(table->live > 0 && ix->claims == CLAIM_NONE && ix->parties == PARTY_NONE && ix->visit == VISIT_NONE);
    assert(ix->timer[0] == 0 && ix->timer[1] == 0 && ix->pending.timer == 0 && !ix->forked);
    interactions->content -= ix->content;
    if (ix->leg) lookup_remove(&table->by_conn, ix->conn);
    if (ix->extra) {
        struct extra *extra = interaction_extra_make(interactions, ix);
        if (extra->alias) lookup_remove(&table->by_alias, extra->alias);
        uint32_t slot = extra->slot;
        *extra = no_extra;
        extra->slot = slot;
        interaction_extra_spare(interactions, ix);
    }
    lookup_remove(&table->by_id, ix->id);
    table->ended = memory_grow(table->ended, &table->ended_capacity, table->ended_count + 1, sizeof *table->ended);
    table->ended[table->ended_count++] = ix->slot;
    table->live--;
    /* The row keeps its place in the list, since a walk through the list may stand at it. */
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

static bool hexadecimal(struct span text, uint32_t from, uint64_t *number)
{
    *number = 0;
    if (from >= text.length || text.length - from > 16) return false;
    for (uint32_t at = from; at < text.length; at++) {
        uint8_t c = text.bytes[at];
        unsigned digit = c >= '0' && c <= '9'   ? c - (unsigned)'0'
                         : c >= 'a' && c <= 'f' ? c - 'a' + 10u
                         : c >= 'A' && c <= 'F' ? c - 'A' + 10u
                                                : 16;
        if (digit == 16) return false;
        *number = *number << 4 | digit;
    }
    return true;
}

const char *interaction_owner_word(unsigned kind)
{
    static const char *const words[] = {"none", "device", "queue", "strategy", "agent", "workbin"};
    assert(kind < sizeof words / sizeof words[0]);
    return words[kind];
}

const char *interaction_state_word(unsigned state)
{
    static const char *const words[] = {"ended", "observed", "queued", "routing", "handling", "closing"};
    assert(state < sizeof words / sizeof words[0]);
    return words[state];
}

uint64_t interaction_id_of(struct span name)
{
    uint64_t number, partition = 0;
    uint32_t dash = 0;
    while (dash < name.length && name.bytes[dash] >= '0' && name.bytes[dash] <= '9' && dash < 5)
        partition = partition * 10 + (uint64_t)(name.bytes[dash++] - '0');
    if (dash == name.length || name.bytes[dash] != '-' || partition > UINT16_MAX) return 0;
    return hexadecimal(name, dash + 1, &number) && number >> 48 == 0 ? partition << 48 | number : 0;
}

struct interaction *interaction_named(const struct interactions *interactions, struct span name)
{
    uint64_t id = interaction_id_of(name), conn;
    if (id != 0) return interaction_by_id(interactions, id);
    return hexadecimal(name, 0, &conn) ? interaction_by_conn(interactions, conn) : NULL;
}

/* The flags of a row, but those that other rows make: `extra`, and `touched`, which is only so during a batch. */
// clang-format off
#define FLAGS(FLAG)                                                                                                    \
    FLAG(leg) FLAG(running) FLAG(gone) FLAG(child_waited) FLAG(instructed) FLAG(signalled) FLAG(mandatory)             \
    FLAG(grows) FLAG(followed) FLAG(excludes) FLAG(switches) FLAG(forked) FLAG(keeps) FLAG(kept) FLAG(booked)          \
    FLAG(submitted) FLAG(observed) FLAG(debugged) FLAG(stands)
// clang-format on

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

static void keep_words(struct interactions *interactions, struct keeper *keeper, struct interaction *ix)
{
    ix->owner = NAME_OF(name_keep(interactions->names, keeper, ix->owner));
    ix->dn = NAME_OF(name_keep(interactions->names, keeper, ix->dn));
    ix->route_to = NAME_OF(name_keep(interactions->names, keeper, ix->route_to));
    ix->state = keep_index(keeper, ix->state, IX_ENDED, IX_FREE) & 7u;
    ix->owner_kind = keep_index(keeper, ix->owner_kind, OWNER_WORKBIN + 1, OWNER_NONE) & 7u;
    ix->route_phase = keep_index(keeper, ix->route_phase, ROUTE_STOPPING + 1, ROUTE_IDLE) & 7u;
    ix->outcome = keep_index(keeper, ix->outcome, ENDED_MERGED + 1, ENDED_OTHER) & 15u;
    ix->media = keep_index(keeper, ix->media, MEDIA_KINDS, media_none) & 15u;
    ix->due_events = keep_bits(keeper, ix->due_events, IMAGE_EVENTS) & 7u;
    ix->program = keep_u16(keeper, ix->program);
    ix->route_code = keep_u16(keeper, ix->route_code);
    ix->link = (uint8_t)keep_index(keeper, ix->link, SOURCES_MAX, 0);
    ix->child = keep_u8(keeper, ix->child);
}

static void keep_timers(struct interactions *interactions, struct keeper *keeper, struct interaction *ix)
{
    const uint32_t of_step = 1u << TIMER_STEP | 1u << TIMER_LIFETIME | 1u << TIMER_AGAIN;
    for (unsigned part = 0; part < 2; part++)
        ix->timer[part] = timer_keep(interactions->timers, keeper, ix->timer[part], of_step, ix->slot, part);
    pending_keep(keeper, &ix->pending);
    if (ix->pending.ref == 0) return;
    ix->pending.timer = timer_keep(interactions->timers, keeper, ix->pending.timer, 1u << TIMER_EFFECT, ix->slot, 0);
}

static void keep_row(struct interactions *interactions, struct keeper *keeper, struct interaction *ix)
{
    keep_flags(keeper, ix);
    keep_words(interactions, keeper, ix);
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
    if (!keep_has(keeper, 2)) return; /* who waits then has an age by its visit (migration.c) */
    ix->has_waited = keep_bool(keeper, ix->has_waited);
}

/* The rows that are taken, by arrival: their list is made anew. */
static struct interaction *read_row(struct interactions *interactions, struct keeper *keeper, uint32_t slot)
{
    struct interactions *table = interactions;
    if (!keep_good(keeper) || slot == 0 || (slot < table->count && slot_at(table, slot)->state != IX_FREE)) {
        keep_fail(keeper, "two interactions have one row");
        return NULL;
    }
    struct interaction *ix = row_take(table, slot);
    *ix = (struct interaction){.slot = slot, .previous = table->last, .next = INTERACTION_NONE};
    *(table->last == INTERACTION_NONE ? &table->first : &slot_at(table, table->last)->next) = slot;
    table->last = slot;
    keep_row(interactions, keeper, ix);
    if (ix->state == IX_FREE || ix->id == 0 || (ix->leg && ix->conn == 0))
        keep_fail(keeper, "an interaction has no state, id or ConnID");
    lookup_restore(&table->by_id, keeper, slot);
    if (ix->leg) lookup_restore(&table->by_conn, keeper, slot);
    return ix;
}

static void keep_rows_taken(struct interactions *interactions, struct keeper *keeper)
{
    struct interactions *table = interactions;
    table->live = keep_count(keeper, table->live, slab_blocks(interactions->slab));
    lookup_fill(&table->by_id, keeper, table->live);
    lookup_fill(&table->by_conn, keeper, table->live);
    for (uint32_t number = 0, at = table->first; number < table->live; number++) {
        uint32_t slot = keep_index(keeper, keep_reading(keeper) ? 0 : at, slab_handles(interactions->slab), 0);
        if (keep_reading(keeper)) {
            if (!read_row(interactions, keeper, slot)) break;
            continue;
        }
        keep_row(interactions, keeper, slot_at(table, slot));
        at = slot_at(table, slot)->next;
    }
    lookup_filled(&table->by_id, keeper);
    lookup_filled(&table->by_conn, keeper);
}

/* A row that is free has no main interaction, not even none. */
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
    row->unreached = keep_has(keeper, 2) ? keep_u32(keeper, row->unreached) : 0;
    row->consults = keep_u32(keeper, row->consults);
    row->consult_next = keep_u32(keeper, row->consult_next);
    lookup_restore(&extras->by_slot, keeper, at);
    if (row->alias != 0) lookup_restore(&interactions->by_alias, keeper, at);
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

static void keep(void *self, struct keeper *keeper)
{
    struct interactions *interactions = self;
    struct interactions *table = interactions;
    struct extras *extras = &table->extras;
    keep_rows_taken(interactions, keeper);
    table->last_number = keep_u64(keeper, table->last_number);
    extras->all = keep_rows(keeper, extras->all, &extras->count, &extras->capacity, UINT32_MAX, sizeof *extras->all);
    extras->free = keep_index(keeper, extras->free, extras->count, EXTRA_NONE);
    lookup_fill(&extras->by_slot, keeper, extras->count);
    for (uint32_t at = 0; at < extras->count && keep_good(keeper); at++) keep_extra(interactions, keeper, at);
    lookup_filled(&extras->by_slot, keeper);
    table->parties = keep_rows(keeper, table->parties, &table->party_count, &table->party_capacity, UINT32_MAX,
                               sizeof *table->parties);
    table->party_free = keep_index(keeper, table->party_free, table->party_count, PARTY_NONE);
    for (uint32_t at = 0; at < table->party_count && keep_good(keeper); at++)
        keep_party(interactions, keeper, &table->parties[at]);
    table->party_content = keep_u64(keeper, table->party_content);
}

static bool is_live(const struct interactions *interactions, uint32_t slot)
{
    const struct interactions *table = interactions;
    return slot < table->count && slot_at(table, slot)->state != IX_FREE;
}

/* Extras that are not free are those of interactions, whose flag they are. */
static bool extras_sound(struct interactions *interactions)
{
    const struct extras *extras = &interactions->extras;
    struct marks marks = marks_of(extras->count);
    bool good = true;
    for (uint32_t at = extras->free; good && at != EXTRA_NONE; at = extras->all[at].slot)
        if (!(good = mark(&marks, at) && extras->all[at].main == 0)) break;
    for (uint32_t at = 0; good && at < extras->count; at++) {
        const struct extra *row = &extras->all[at];
        if (row->main == 0) continue;
        good = mark(&marks, at) && is_live(interactions, row->slot) &&
               (row->main == INTERACTION_NONE || is_live(interactions, row->main)) &&
               (row->consults == INTERACTION_NONE || is_live(interactions, row->consults)) &&
               (row->consult_next == INTERACTION_NONE || is_live(interactions, row->consult_next));
        if (good) interaction_at(interactions, row->slot)->extra = true;
    }
    good = good && marks.marked == extras->count;
    marks_free(&marks);
    return good;
}

/* The consultations of a main interaction name it, each in one list. */
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
            if (!(good = mark(&marks, at) &&
                         interaction_extra(interactions, interaction_at(interactions, at))->main == ix))
                break;
    }
    good = good && marks.marked == with_main;
    marks_free(&marks);
    return good;
}

/* Each party is on one interaction's list, or free. */
static bool parties_sound(const struct interactions *interactions)
{
    const struct interactions *table = interactions;
    struct marks marks = marks_of(table->party_count);
    bool good = true;
    for (uint32_t at = table->party_free; good && at != PARTY_NONE; at = table->parties[at].next)
        if (!(good = mark(&marks, at))) break;
    for (uint32_t ix = table->first; good && ix != INTERACTION_NONE; ix = slot_at(table, ix)->next)
        for (uint32_t at = slot_at(table, ix)->parties; good && at != PARTY_NONE; at = table->parties[at].next)
            if (!(good = mark(&marks, at) && (table->parties[at].agent == AGENT_NONE ||
                                              table->parties[at].agent < interactions->agents->count)))
                break;
    good = good && marks.marked == table->party_count;
    marks_free(&marks);
    return good;
}

/* The claims of an interaction name it; each claim that is not free is in one list. */
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
            if (!(good = mark(&marks, at) && claims->all[at].state != CLAIM_OVER && claims->all[at].interaction == ix))
                break;
    good = good && marks.marked == live;
    marks_free(&marks);
    return good;
}

/* An id that is given next is nobody's yet. */
static bool ids_sound(const struct interactions *interactions)
{
    const struct interactions *table = interactions;
    bool good = table->last_number >> 48 == 0;
    for (uint32_t at = table->first; good && at != INTERACTION_NONE; at = slot_at(table, at)->next)
        good = slot_at(table, at)->id >> 48 == interactions->options->partition &&
               interaction_number(slot_at(table, at)) <= table->last_number;
    return good;
}

/* How they ended, and whose they were, is shown as words. */
static bool ended_sound(const struct interactions *interactions)
{
    const struct records *records = interactions->records;
    uint64_t count = records->ended_count < ENDED_KEPT ? records->ended_count : ENDED_KEPT;
    for (uint64_t at = 0; at < count; at++)
        if (records->ended[at].outcome > ENDED_MERGED || records->ended[at].owner_kind > OWNER_WORKBIN) return false;
    return true;
}

static bool sound(void *self)
{
    struct interactions *interactions = self;
    return ended_sound(interactions) && ids_sound(interactions) && extras_sound(interactions) &&
           consults_sound(interactions) && parties_sound(interactions) && claims_sound(interactions);
}

const struct part_ops part_ops_interactions = {
    .content = content,
    .size = sizeof(struct interactions),
    .init = interactions_init,
    .free = interactions_free,
    .settle = settle,
    .hash = hash,
    .check = check,
    .keep = keep,
    .sound = sound,
};
