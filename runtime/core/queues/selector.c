/* runtime/core/queues/selector.c - Selectors: found by a hash of their contents, then compared
 * as a whole.
 *
 * The key of a selector is the hash of its contents. If another selector has the same key, the next number is tried,
 * and so on. A search takes the same steps and stops at a number that no selector has. The selectors of one queue
 * are in a list that is linked in both directions, so one can be removed without a search. */
#include "runtime/core/queues/selector.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/queues/line_keep.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/site/program.h"

static uint64_t want_key(const void *owner, uint32_t slot)
{
    const struct selectors *wants = owner;
    return wants->all[slot].key;
}

void selectors_init(struct selectors *wants)
{
    *wants = (struct selectors){.free = SELECTOR_NONE};
    lookup_init(&wants->by_key, wants, want_key);
}

void selectors_free(struct selectors *wants)
{
    for (uint32_t at = 0; at < wants->count; at++) {
        free(wants->all[at].lines);
        free(wants->all[at].clauses);
    }
    free(wants->all);
    lookup_free(&wants->by_key);
}

struct selector *selector_at(const struct selectors *wants, uint32_t want)
{
    assert(want < wants->count);
    return &wants->all[want];
}

/* Hashes every field that selector_is_same() compares. A field missing here would only cause collisions; a field
 * missing there would treat different selectors as equal. */
static uint64_t wanted_hash(const struct wanted *wanted)
{
    uint64_t hash = table_mix64((uint64_t)wanted->vq << 48 | (uint64_t)wanted->link << 32 |
                                (uint64_t)wanted->program << 16 | wanted->count);
    hash = table_mix64(hash + wanted->medium + (wanted->promised ? 1u << 16 : 0)) + wanted->goal_us;
    if (wanted->ripe_us != 0) hash = table_mix64(hash) + wanted->ripe_us;
    for (uint32_t at = 0; at < wanted->count; at++) {
        const struct vm_line *line = &wanted->lines[at];
        hash = table_mix64(hash + ((uint64_t)line->kind << 32 | (uint64_t)line->function << 16 | line->type));
        hash = table_mix64(hash + line->target + ((uint64_t)line->share << 32));
        for (uint32_t capture = 0; capture < line->capture_count; capture++)
            hash = table_mix64(hash + line->captures[capture]);
    }
    return hash;
}

static bool selector_same_line(const struct vm_line *a, const struct vm_line *b)
{
    return a->kind == b->kind && a->function == b->function && a->type == b->type && a->target == b->target &&
           a->share == b->share && a->capture_count == b->capture_count &&
           memcmp(a->captures, b->captures, a->capture_count * sizeof a->captures[0]) == 0;
}

static bool selector_is_same(const struct selector *want, const struct wanted *wanted)
{
    if (want->vq != wanted->vq || want->link != wanted->link || want->program != wanted->program) return false;
    if (want->promised != wanted->promised || want->ripe_us != wanted->ripe_us) return false;
    if (want->medium != wanted->medium || want->goal_us != wanted->goal_us || want->count != wanted->count)
        return false;
    for (uint32_t at = 0; at < want->count; at++)
        if (!selector_same_line(&want->lines[at], &wanted->lines[at])) return false;
    return true;
}

/* Finds or makes a selector. The search stops at the first free key, although an equal selector may have a higher
 * key, if one between them was released. Then two equal selectors exist, which costs memory and time; each keeps its
 * own visits. */
uint32_t selector_of(struct selectors *wants, const struct wanted *wanted, uint32_t *first, bool *made)
{
    uint64_t key = wanted_hash(wanted);
    uint32_t slot, count = wanted->count;
    *made = false;
    for (; lookup_find(&wants->by_key, key, &slot); key++)
        if (selector_is_same(&wants->all[slot], wanted)) return slot;
    slot = POOL_TAKE(wants, next);
    struct selector *want = &wants->all[slot];
    assert(want->number == 0 && want->held == 0);
    *made = true;
    /* A free row keeps the memory for lines and clauses for the next selector. */
    struct vm_line *kept = want->lines;
    uint32_t capacity = want->line_capacity;
    struct demand_clause *clauses = want->clauses;
    uint32_t clause_capacity = want->clause_capacity;
    kept = memory_grow(kept, &capacity, count, sizeof *kept);
    if (count != 0) memcpy(kept, wanted->lines, count * sizeof *kept);
    *want = (struct selector){
        .key = key,
        .number = ++wants->last_number,
        .root = UINT32_MAX,
        .first = UINT32_MAX,
        .places = UINT32_MAX,
        .previous = SELECTOR_NONE,
        .next = *first,
        .vq = wanted->vq,
        .link = wanted->link,
        .program = wanted->program,
        .medium = wanted->medium,
        .count = wanted->count,
        .promised = wanted->promised,
        .goal_us = wanted->goal_us,
        .ripe_us = wanted->ripe_us,
        .lines = kept,
        .clauses = clauses,
        .line_capacity = capacity,
        .clause_capacity = clause_capacity,
    };
    if (*first != SELECTOR_NONE) wants->all[*first].previous = slot;
    *first = slot;
    lookup_add(&wants->by_key, slot);
    return slot;
}

void selector_hold(struct selectors *wants, uint32_t want)
{
    assert(selector_at(wants, want)->number != 0);
    selector_at(wants, want)->held++;
}

/* Frees a selector; its row keeps the arrays for the next one. No visit may have the selector any more (asserted). */
void selector_release(struct selectors *wants, uint32_t slot, uint32_t *first)
{
    struct selector *want = selector_at(wants, slot);
    assert(want->held > 0 && want->number != 0);
    if (--want->held != 0) return;
    assert(want->root == UINT32_MAX && want->places == UINT32_MAX);
    lookup_remove(&wants->by_key, want->key);
    *(want->previous == SELECTOR_NONE ? first : &wants->all[want->previous].next) = want->next;
    if (want->next != SELECTOR_NONE) wants->all[want->next].previous = want->previous;
    want->number = 0;
    want->next = wants->free;
    wants->free = slot;
}

static void keep_contents(struct vqs *vqs, struct keeper *keeper, struct selector *want)
{
    uint32_t count = want->count;
    want->lines = keep_rows(keeper, want->lines, &count, &want->line_capacity, UINT16_MAX, sizeof *want->lines);
    want->count = (uint16_t)count;
    for (uint32_t at = 0; at < count && keep_good(keeper); at++)
        line_keep(vqs, keeper, want->program, &want->lines[at]);
    want->clauses = keep_rows(keeper, want->clauses, &want->clause_count, &want->clause_capacity, UINT32_MAX,
                              sizeof *want->clauses);
    for (uint32_t at = 0; at < want->clause_count && keep_good(keeper); at++)
        line_clause_keep(vqs, keeper, &want->clauses[at], count);
    want->highest = name_keep(vqs->names, keeper, want->highest);
    bool compares = false;
    for (uint32_t at = 0; at < count; at++)
        compares = compares || (want->lines[at].kind == LINE_ORDER && want->lines[at].function != IMAGE_NONE);
    if (want->highest != 0 && !compares) keep_fail(keeper, "a selection compares agents by nothing");
}

/* Writes or reads a selector, without its treap, its first visit and its places among the waiters, which vqs_rank
 * makes anew, and without the memory of a free row. A free row has the number 0, and only its place in the free list
 * is written. */
static void keep_selector(struct vqs *vqs, struct keeper *keeper, struct selectors *wants, uint32_t slot)
{
    struct selector *want = &wants->all[slot];
    want->number = keep_u64(keeper, want->number);
    want->next = keep_index(keeper, want->next, wants->count, SELECTOR_NONE);
    if (keep_reading(keeper)) want->root = want->first = want->places = UINT32_MAX;
    if (want->number == 0) return;
    want->previous = keep_index(keeper, want->previous, wants->count, SELECTOR_NONE);
    want->key = keep_u64(keeper, want->key);
    want->held = keep_u32(keeper, want->held);
    want->vq = keep_u16(keeper, want->vq);
    want->link = keep_u16(keeper, want->link);
    want->program = program_keep(vqs->strategies, keeper, want->program);
    want->medium = media_keep(keeper, (uint8_t)want->medium);
    want->promised = keep_has(keeper, 9) && keep_bool(keeper, want->promised);
    want->goal_us = keep_u64(keeper, want->goal_us);
    want->ripe_us = keep_has(keeper, 16) ? keep_u64(keeper, want->ripe_us) : 0;
    keep_contents(vqs, keeper, want);
    lookup_restore(&wants->by_key, keeper, slot);
}

void selectors_keep(struct vqs *vqs, struct keeper *keeper, struct selectors *wants)
{
    POOL_KEEP(wants, keeper, UINT32_MAX);
    wants->last_number = keep_u64(keeper, wants->last_number);
    for (uint32_t slot = 0; slot < wants->count && keep_good(keeper); slot++) keep_selector(vqs, keeper, wants, slot);
}
