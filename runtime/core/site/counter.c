/* runtime/core/site/counter.c - Counters by name and key. Reading a counter changes nothing, because counters are
 * also read between batches.
 *
 *     window_us > 0   the last so many microseconds, in a ring of parts
 *     window_us = 0   for ever
 *     window_us < 0   since a moment of the wall clock, which is -window_us
 *
 * A name has one row for its total, with key 0, and one row per key. A window is precise to one part of the ring: a
 * part is dropped as a whole. */
#include "runtime/core/site/counter.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/now.h"

static const int64_t DAY_US = INT64_C(86400000000);

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
    *counters = (struct counters){.names = parts->names, .now = parts->now};
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
    for (uint32_t at = 0; row->parts && at < COUNTER_PARTS; at++) hash = table_mix64(hash + row->parts[at]);
    return hash;
}

bool counters_check(const struct counters *counters)
{
    uint64_t content = 0;
    for (uint32_t at = 0; at < counters->count; at++) content += counter_hash(&counters->all[at]);
    return content == counters->content;
}

static struct counter *counters_find(const struct counters *counters, uint32_t name, uint32_t key)
{
    uint32_t slot;
    return lookup_find(&counters->by_key, counters_key(name, key), &slot) ? &counters->all[slot] : NULL;
}

/* Finds the row or makes it; NULL: there is no room for one more. Rows are never freed. */
static struct counter *counters_row(struct counters *counters, uint32_t name, uint32_t key)
{
    struct counter *row = counters_find(counters, name, key);
    if (row || counters->count >= COUNTERS_MAX) return row;
    uint32_t slot = counters->count++;
    counters->all = memory_grow(counters->all, &counters->capacity, counters->count, sizeof *counters->all);
    counters->all[slot] = (struct counter){.name = name, .key = key};
    lookup_add(&counters->by_key, slot);
    counters->content += counter_hash(&counters->all[slot]);
    return &counters->all[slot];
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

/* Another window begins anew. Adds one to the row. For a count since a moment, only a change to a later moment
 * begins anew: the count since an earlier moment is too large for it. */
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

/* Finds the key's row or makes it; NULL: there is no room. The check for room comes before the key becomes a name,
 * since a name is kept for ever. */
static struct counter *key_row(struct counters *counters, uint32_t name, struct span key)
{
    uint32_t text = names_find(counters->names, key);
    struct counter *row = text == 0 ? NULL : counters_find(counters, name, text);
    if (row) return row;
    assert(counters_find(counters, name, 0)); /* counter_add has made the row of the total before */
    if (counters_find(counters, name, 0)->keys >= COUNTER_KEYS_MAX || counters->count >= COUNTERS_MAX) return NULL;
    text = names_pass(counters->names, key);
    row = text == 0 ? NULL : counters_row(counters, name, text);
    if (row) counters_find(counters, name, 0)->keys++;
    return row;
}

/* Counts once. A key without room is counted in the total and in `beyond`, so the total is always right. */
void counter_add(struct counters *counters, struct span name, struct span key, int64_t window_us)
{
    uint32_t text = names_find(counters->names, name);
    if (text == 0 && counters->count < COUNTERS_MAX) text = names_pass(counters->names, name);
    struct counter *whole = text == 0 ? NULL : counters_row(counters, text, 0);
    if (!whole || window_us == INT64_MIN) return;
    count_in(counters, whole, window_us);
    if (key.length == 0) return;
    struct counter *row = key_row(counters, text, key);
    if (row) {
        count_in(counters, row, window_us);
        return;
    }
    /* the row of the total is read again, since key_row may have moved the rows */
    whole = counters_find(counters, text, 0);
    assert(whole);
    counters->content -= counter_hash(whole);
    whole->beyond++;
    counters->content += counter_hash(whole);
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
    row->keys = keep_u32(keeper, row->keys);
    row->window_us = keep_i64(keeper, row->window_us);
    row->count = keep_u64(keeper, row->count);
    row->beyond = keep_u64(keeper, row->beyond);
    row->part = keep_u64(keeper, row->part);
    if (row->window_us <= 0) return;
    if (!row->parts) row->parts = memory_zeroed(COUNTER_PARTS, sizeof *row->parts);
    for (uint32_t at = 0; at < COUNTER_PARTS; at++) row->parts[at] = keep_u32(keeper, row->parts[at]);
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
}

const struct part_ops part_ops_counters = {
    .check = counters_good,
    .size = sizeof(struct counters),
    .init = counters_init,
    .free = counters_free,
    .hash = counters_hash,
    .keep = counters_keep,
};
