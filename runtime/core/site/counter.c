/* runtime/core/site/counter.c - Counters by name and key. Reading a counter changes nothing, because counters are
 * also read between batches.
 *
 *     window_us > 0   the last so many microseconds, in a ring of parts
 *     window_us = 0   for ever
 *     window_us < 0   since a moment of the wall clock, which is -window_us
 *
 * A name has one row for its total, with key 0, and one row per key. A window is precise to one part of the ring: a
 * part is dropped as a whole. Rows of keys are in two lists, oldest use first: those of their counter, and all. */
#include "runtime/core/site/counter.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/now.h"

static const int64_t DAY_US = INT64_C(86400000000);

enum { COUNTERS_HAVE_ORDER = 16 }; /* the version of snapshots that keeps how many keys are kept, and their order */

static uint64_t counters_key(uint32_t name, uint32_t key)
{
    return (uint64_t)name << 32 | key;
}

static uint64_t counter_key(const void *owner, uint32_t slot)
{
    const struct counters *counters = owner;
    return counters_key(counters->all[slot].name, counters->all[slot].key);
}

static void counters_init(void *self, const struct parts *parts)
{
    struct counters *counters = self;
    *counters = (struct counters){.names = parts->names, .now = parts->now, .ends = {COUNTER_NONE, COUNTER_NONE}};
    lookup_init(&counters->by_key, counters, counter_key);
}

static void counters_free(void *self)
{
    struct counters *counters = self;
    for (uint32_t at = 0; at < counters->count; at++) free(counters->all[at].parts);
    free(counters->all);
    lookup_free(&counters->by_key);
}

static uint64_t counter_hash(const struct counter *row)
{
    uint64_t hash = table_mix64(table_mix64(counters_key(row->name, row->key)) + row->count);
    hash = table_mix64(table_mix64(hash + (uint64_t)row->window_us) + row->part + row->beyond * 3);
    hash = table_mix64(hash + row->used + (row->key == 0 ? (uint64_t)row->most << 32 : 0));
    for (uint32_t at = 0; row->parts && at < COUNTER_PARTS; at++) hash = table_mix64(hash + row->parts[at]);
    return hash;
}

bool counters_check(const struct counters *counters)
{
    uint64_t content = 0;
    for (uint32_t at = 0; at < counters->count; at++) content += counter_hash(&counters->all[at]);
    return content == counters->content;
}

/* ---- the order of the keys by their last use ---- */

static struct counter_place *counter_among(const struct counters *counters, bool own, uint32_t slot)
{
    return own ? &counters->all[slot].own : &counters->all[slot].common;
}

static void counter_place_leave(const struct counters *counters, struct counter_ends *ends, bool own, uint32_t slot)
{
    struct counter_place place = *counter_among(counters, own, slot);
    *(place.before == COUNTER_NONE ? &ends->oldest : &counter_among(counters, own, place.before)->after) = place.after;
    *(place.after == COUNTER_NONE ? &ends->newest : &counter_among(counters, own, place.after)->before) = place.before;
}

static void counter_place_last(const struct counters *counters, struct counter_ends *ends, bool own, uint32_t slot)
{
    *counter_among(counters, own, slot) = (struct counter_place){.before = ends->newest, .after = COUNTER_NONE};
    *(ends->newest == COUNTER_NONE ? &ends->oldest : &counter_among(counters, own, ends->newest)->after) = slot;
    ends->newest = slot;
}

/* Tells the neighbours in a list, or its ends, that the row has moved to another place. */
static void counter_place_moves(const struct counters *counters, struct counter_ends *ends, bool own, uint32_t to)
{
    const struct counter_place *place = counter_among(counters, own, to);
    if (place->before != COUNTER_NONE)
        counter_among(counters, own, place->before)->after = to;
    else
        ends->oldest = to;
    if (place->after != COUNTER_NONE)
        counter_among(counters, own, place->after)->before = to;
    else
        ends->newest = to;
}

static void key_leaves(struct counters *counters, uint32_t slot)
{
    struct counter *whole = &counters->all[counters->all[slot].whole];
    counter_place_leave(counters, &whole->ends, true, slot);
    counter_place_leave(counters, &counters->ends, false, slot);
    assert(whole->keys > 0);
    whole->keys--;
}

/* Puts a key's row at the end of both lists, since the key is counted now. */
static void key_joins(struct counters *counters, uint32_t slot)
{
    struct counter *whole = &counters->all[counters->all[slot].whole];
    counter_place_last(counters, &whole->ends, true, slot);
    counter_place_last(counters, &counters->ends, false, slot);
    whole->keys++;
}

/* ---- rows ---- */

static bool counters_slot(const struct counters *counters, uint32_t name, uint32_t key, uint32_t *slot)
{
    return lookup_find(&counters->by_key, counters_key(name, key), slot);
}

static struct counter *counters_find(const struct counters *counters, uint32_t name, uint32_t key)
{
    uint32_t slot;
    return counters_slot(counters, name, key, &slot) ? &counters->all[slot] : NULL;
}

/* Appends a row to the table. */
static uint32_t counters_new(struct counters *counters)
{
    assert(counters->count < COUNTERS_MAX);
    uint32_t slot = counters->count++;
    counters->all = memory_grow(counters->all, &counters->capacity, counters->count, sizeof *counters->all);
    return slot;
}

static void counters_make(struct counters *counters, uint32_t slot, struct counter row)
{
    counters->all[slot] = row;
    lookup_add(&counters->by_key, slot);
    counters->content += counter_hash(&counters->all[slot]);
}

/* Finds the row of a counter's total, or makes it. False: the table is full. */
static bool whole_slot(struct counters *counters, uint32_t name, uint32_t *slot)
{
    if (counters_slot(counters, name, 0, slot)) return true;
    if (counters->count >= COUNTERS_MAX) return false;
    *slot = counters_new(counters);
    counters_make(counters, *slot,
                  (struct counter){.name = name, .most = COUNTER_KEYS, .ends = {COUNTER_NONE, COUNTER_NONE}});
    return true;
}

/* Returns the number of the present part; the ring has one part more than the window needs, since the newest part
 * has only begun. */
static uint64_t part_now(const struct counters *counters, int64_t window_us)
{
    uint64_t width = (uint64_t)window_us / (COUNTER_PARTS - 1);
    return counters->now->time_us / (width == 0 ? 1 : width);
}

/* Returns the sum of the parts inside the window that ends with part `now`. */
static uint64_t sum_until(const struct counter *row, uint64_t now)
{
    uint64_t sum = 0;
    assert(row->parts);
    for (uint64_t back = 0; back < COUNTER_PARTS && back <= row->part; back++)
        if (row->part - back + COUNTER_PARTS > now) sum += row->parts[(row->part - back) % COUNTER_PARTS];
    return sum;
}

/* Moves the ring on to part `now`; the parts in between become empty. */
static void counter_advance(struct counter *row, uint64_t now)
{
    assert(row->parts);
    for (uint64_t gone = 0; row->part < now && gone < COUNTER_PARTS; gone++)
        row->parts[++row->part % COUNTER_PARTS] = 0;
    if (row->part < now) row->part = now; /* the whole ring is empty now */
}

static void begin_anew(struct counter *row, int64_t window_us)
{
    free(row->parts);
    row->parts = window_us > 0 ? memory_zeroed(COUNTER_PARTS, sizeof *row->parts) : NULL;
    row->count = row->part = 0;
    row->window_us = window_us;
}

/* Adds one to the row. If the window is another one than before, the count begins at 0 first. For a count since a
 * moment, only a change to a later moment begins anew: the count since an earlier moment is too large for it. */
static void add_one(const struct counters *counters, struct counter *row, int64_t window_us)
{
    assert(window_us != INT64_MIN);
    bool since = window_us < 0 && row->window_us < 0;
    if (since ? window_us < row->window_us : window_us != row->window_us) begin_anew(row, window_us);
    if (window_us <= 0) {
        row->count++;
        return;
    }
    uint64_t now = part_now(counters, window_us);
    counter_advance(row, now);
    if (row->parts[now % COUNTER_PARTS] < UINT32_MAX) row->parts[now % COUNTER_PARTS]++;
    row->count = sum_until(row, now);
}

static void count_in(struct counters *counters, struct counter *row, int64_t window_us)
{
    counters->content -= counter_hash(row);
    add_one(counters, row, window_us);
    counters->content += counter_hash(row);
}

/* Returns the row's count for a window; 0 if the counter has another window. */
static uint64_t counter_sum(const struct counters *counters, const struct counter *row, int64_t window_us)
{
    if (window_us < 0)
        return row->window_us <= window_us ? row->count : 0; /* the row counts since that moment or a later one, so
                                                              * its count is right */
    if (row->window_us != window_us) return 0;
    return window_us == 0 ? row->count : sum_until(row, part_now(counters, window_us));
}

/* Notes that a key of the counter got no row, or lost its row while its count was not 0. */
static void key_beyond(struct counters *counters, uint32_t whole)
{
    struct counter *row = &counters->all[whole];
    counters->content -= counter_hash(row);
    row->beyond++;
    counters->content += counter_hash(row);
}

/* Removes the row of the key that was counted longest ago, the first of the list `ends`, so that another key can have
 * the row. False: the list is empty. */
static bool key_give_up(struct counters *counters, const struct counter_ends *ends, uint32_t *slot)
{
    *slot = ends->oldest;
    if (*slot == COUNTER_NONE) return false;
    struct counter *row = &counters->all[*slot];
    if (counter_sum(counters, row, row->window_us) != 0) key_beyond(counters, row->whole);
    key_leaves(counters, *slot);
    lookup_remove(&counters->by_key, counters_key(row->name, row->key));
    counters->content -= counter_hash(row);
    free(row->parts);
    row->parts = NULL;
    return true;
}

/* Moves the table's last row to a free place. The last row may be that of a key, or of a total, whose keys then name
 * the new place. */
static void counters_move(struct counters *counters, uint32_t to)
{
    uint32_t from = --counters->count;
    if (from == to) return;
    struct counter *row = &counters->all[to];
    lookup_remove(&counters->by_key, counters_key(counters->all[from].name, counters->all[from].key));
    *row = counters->all[from];
    counters->all[from] = (struct counter){0};
    lookup_add(&counters->by_key, to);
    if (row->key != 0) {
        counter_place_moves(counters, &counters->all[row->whole].ends, true, to);
        counter_place_moves(counters, &counters->ends, false, to);
        return;
    }
    for (uint32_t at = row->ends.oldest; at != COUNTER_NONE; at = counters->all[at].own.after)
        counters->all[at].whole = to;
}

/* Each count gives up some keys of a counter that has more keys than its site now lets it keep. */
static void keys_shrink(struct counters *counters, uint32_t name)
{
    enum { AT_ONCE = 32 };
    for (uint32_t gone = 0; gone < AT_ONCE; gone++) {
        const struct counter *whole = counters_find(counters, name, 0);
        uint32_t slot;
        if (whole->keys <= whole->most || !key_give_up(counters, &whole->ends, &slot)) return;
        counters_move(counters, slot);
    }
}

/* Finds a row for a new key of the counter: an unused one, or, beyond the limits, that of the key that was counted
 * longest ago. False: there is no row. */
static bool key_room(struct counters *counters, uint32_t whole, uint32_t *slot)
{
    const struct counter *total = &counters->all[whole];
    if (total->keys >= total->most) return key_give_up(counters, &total->ends, slot);
    if (counters->count >= COUNTERS_MAX) return key_give_up(counters, &counters->ends, slot);
    *slot = counters_new(counters);
    return true;
}

/* Finds the key's row or makes it. False: the key is too long for a name, or there is no room. */
static bool key_slot(struct counters *counters, uint32_t whole, struct span key, uint32_t *slot)
{
    uint32_t name = counters->all[whole].name, text = names_pass(counters->names, key);
    if (text == 0) return false;
    if (counters_slot(counters, name, text, slot)) {
        key_leaves(counters, *slot);
        key_joins(counters, *slot);
        return true;
    }
    if (!key_room(counters, whole, slot)) return false;
    counters_make(counters, *slot, (struct counter){.name = name, .key = text, .whole = whole});
    key_joins(counters, *slot);
    return true;
}

/* Counts once. A key without a row is counted in the total and in `beyond`, so the total is always right. */
void counter_add(struct counters *counters, struct span name, struct span key, int64_t window_us, uint32_t most)
{
    uint32_t whole, slot, text = names_find(counters->names, name);
    if (text == 0 && counters->count < COUNTERS_MAX) text = names_pass(counters->names, name);
    if (text == 0 || !whole_slot(counters, text, &whole) || window_us == INT64_MIN) return;
    count_in(counters, &counters->all[whole], window_us);
    if (key.length == 0) return;
    if (counters->all[whole].most != (most == 0 ? COUNTER_KEYS : most)) {
        counters->content -= counter_hash(&counters->all[whole]);
        counters->all[whole].most = most == 0 ? COUNTER_KEYS : most;
        counters->content += counter_hash(&counters->all[whole]);
    }
    if (!key_slot(counters, whole, key, &slot)) {
        key_beyond(counters, whole);
        return;
    }
    counters->content -= counter_hash(&counters->all[slot]);
    counters->all[slot].used = ++counters->uses;
    counters->content += counter_hash(&counters->all[slot]);
    count_in(counters, &counters->all[slot], window_us);
    keys_shrink(counters, text);
}

const struct counter *counter_find(const struct counters *counters, struct span name, struct span key)
{
    uint32_t text = names_find(counters->names, name), of = key.length == 0 ? 0 : names_find(counters->names, key);
    bool unseen = text == 0 || (key.length != 0 && of == 0);
    return unseen ? NULL : counters_find(counters, text, of);
}

uint64_t counter_value(const struct counters *counters, struct span name, struct span key, int64_t window_us)
{
    const struct counter *row = counter_find(counters, name, key);
    return !row ? 0 : counter_sum(counters, row, window_us);
}

/* Returns the count for people to read; a count since a moment is shown for a day. */
uint64_t counter_now(const struct counters *counters, const struct counter *row)
{
    if (row->window_us < 0) return now_wall_us(counters->now) + row->window_us < DAY_US ? row->count : 0;
    return counter_sum(counters, row, row->window_us);
}

static uint64_t counters_hash(const void *self)
{
    const struct counters *counters = self;
    return counters->content;
}

static bool counters_good(const void *self)
{
    const struct counters *counters = self;
    return counters_check(counters);
}

static void keep_counter(struct counters *counters, struct keeper *keeper, struct counter *row)
{
    row->name = name_keep(counters->names, keeper, row->name);
    row->key = name_keep(counters->names, keeper, row->key);
    /* only written: a reader counts the keys anew as it makes the lists */
    uint32_t keys = keep_u32(keeper, row->key == 0 ? row->keys : 0);
    row->window_us = keep_i64(keeper, row->window_us);
    row->count = keep_u64(keeper, row->count);
    row->beyond = keep_u64(keeper, row->beyond);
    row->part = keep_u64(keeper, row->part);
    if (keep_has(keeper, COUNTERS_HAVE_ORDER)) {
        uint32_t most = keep_u32(keeper, row->key == 0 ? row->most : 0);
        if (row->key == 0) row->most = most;
        row->used = keep_u64(keeper, row->used);
    }
    if (keep_reading(keeper) && row->key == 0) row->ends = (struct counter_ends){COUNTER_NONE, COUNTER_NONE};
    (void)keys;
    if (row->window_us <= 0) return;
    if (!row->parts) row->parts = memory_zeroed(COUNTER_PARTS, sizeof *row->parts);
    for (uint32_t at = 0; at < COUNTER_PARTS; at++) row->parts[at] = keep_u32(keeper, row->parts[at]);
}

/* Puts a row that was read from a snapshot at the end of the lists of keys. False: the row has no key, or its counter
 * has no total. */
static bool key_restore(struct counters *counters, uint32_t slot)
{
    if (slot >= counters->count || counters->all[slot].key == 0) return false;
    struct counter *row = &counters->all[slot];
    if (!counters_slot(counters, row->name, 0, &row->whole)) return false;
    key_joins(counters, slot);
    return true;
}

/* Keeps the order in which the keys were counted last. `used` must grow from row to row, so no row can come twice. */
static void counter_order_keep(struct counters *counters, struct keeper *keeper)
{
    uint32_t keys = 0, slot = counters->ends.oldest;
    for (uint32_t at = 0; at < counters->count; at++) keys += counters->all[at].key != 0;
    counters->uses = keep_u64(keeper, counters->uses);
    for (uint64_t used = 0; keys > 0 && keep_good(keeper); keys--) {
        slot = keep_index(keeper, slot, counters->count, COUNTER_NONE);
        if (keep_reading(keeper) && !key_restore(counters, slot)) keep_fail(keeper, "a counter's key without its row");
        if (!keep_good(keeper)) return;
        const struct counter *row = &counters->all[slot];
        if (row->used <= used || row->used > counters->uses) keep_fail(keeper, "a counter's keys have no order");
        used = row->used;
        slot = row->common.after;
    }
}

/* A snapshot of an older version has no order: the keys' rows are put into the lists in the order in which they were
 * made. */
static void counter_order_begin(struct counters *counters, struct keeper *keeper)
{
    counters->content = 0;
    for (uint32_t at = 0; at < counters->count && keep_good(keeper); at++) {
        struct counter *row = &counters->all[at];
        if (row->key == 0) row->most = COUNTER_KEYS;
        if (row->key != 0) row->used = ++counters->uses;
        if (row->key != 0 && !key_restore(counters, at)) keep_fail(keeper, "a counter's key without its row");
        counters->content += counter_hash(row);
    }
}

static void counters_keep(void *self, struct keeper *keeper)
{
    struct counters *counters = self;
    counters->all =
        keep_rows(keeper, counters->all, &counters->count, &counters->capacity, COUNTERS_MAX, sizeof *counters->all);
    for (uint32_t at = 0; at < counters->count && keep_good(keeper); at++) {
        keep_counter(counters, keeper, &counters->all[at]);
        lookup_restore(&counters->by_key, keeper, at);
    }
    counters->content = keep_u64(keeper, counters->content);
    if (keep_has(keeper, COUNTERS_HAVE_ORDER))
        counter_order_keep(counters, keeper);
    else
        counter_order_begin(counters, keeper);
}

const struct part_ops part_ops_counters = {
    .check = counters_good,
    .size = sizeof(struct counters),
    .init = counters_init,
    .free = counters_free,
    .hash = counters_hash,
    .keep = counters_keep,
};
