/* runtime/core/site/business.c - The rows of a business table: how its parts are put together, and sorted by key for
 * searching.
 *
 *     bytes:  [key "10" value ...][key "44" value ...][key "1" value ...]     as they came
 *     all:    {at, key, key_length} of "1", "10", "44"                        sorted by key
 *
 * A table comes in several messages, so business_add() is called for each and business_sort() once after the last.
 * Before the sort, no row can be found. Bytes and rows are owned by the struct. */
#include "runtime/core/site/business.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"
#include "runtime/vocabulary/rows.h"

void business_free(struct business *rows)
{
    free(rows->bytes);
    free(rows->all);
    *rows = (struct business){0};
}

/* Adds a part. False: the table has too many bytes or rows. The caller then drops the whole table. */
bool business_add(struct business *rows, struct span pairs)
{
    assert(rows->length <= TABLE_BYTES_MAX);
    if (pairs.length > TABLE_BYTES_MAX - rows->length) return false;
    if (pairs.length == 0) return true;
    uint32_t at = 0, before = rows->length;
    rows->bytes = memory_grow(rows->bytes, &rows->capacity, before + pairs.length, 1);
    memcpy(rows->bytes + before, pairs.bytes, pairs.length);
    rows->length += pairs.length;
    struct span mine = {rows->bytes + before, pairs.length};
    struct kv_pair pair;
    for (uint32_t from = 0; kv_next(mine, &at, &pair); from = at) {
        if (rows->count >= TABLE_ROWS_MAX) return false;
        rows->all = memory_grow(rows->all, &rows->room, rows->count + 1, sizeof *rows->all);
        rows->all[rows->count++] =
            (struct business_row){before + from, (uint32_t)(pair.key.bytes - rows->bytes), pair.key.length};
    }
    return true;
}

/* Compares bytes first and then lengths: a prefix comes before longer keys. */
static int order_of(const struct business *rows, const struct business_row *row, struct span key)
{
    uint32_t shorter = row->key_length < key.length ? row->key_length : key.length;
    int order = shorter > 0 ? memcmp(rows->bytes + row->key, key.bytes, shorter) : 0;
    return order != 0 ? order : (row->key_length > key.length) - (row->key_length < key.length);
}

static struct span business_row_key(const struct business *rows, const struct business_row *row)
{
    return (struct span){rows->bytes + row->key, row->key_length};
}

/* Merges two neighbouring sorted runs of `from` into `to`. Rows of equal keys keep their order, so that the last of
 * them can be found. */
static void business_merge(const struct business *rows, const struct business_row *from, struct business_row *to,
                           uint32_t first, uint32_t second, uint32_t end)
{
    assert(first <= second && second <= end && end <= rows->count);
    for (uint32_t a = first, b = second, at = first; at < end; at++) {
        bool left = b >= end || (a < second && order_of(rows, &from[a], business_row_key(rows, &from[b])) <= 0);
        to[at] = from[left ? a++ : b++];
    }
}

static bool is_sorted(const struct business *rows)
{
    for (uint32_t at = 1; at < rows->count; at++)
        if (order_of(rows, &rows->all[at - 1], business_row_key(rows, &rows->all[at])) >= 0) return false;
    return true;
}

/* Merge sort, from short runs to long ones, in two arrays that change roles. Rows of equal keys keep their order, so
 * that the last row can be kept and the earlier ones dropped. `room` is set to the size after the sort, because
 * snapshots compare it. */
void business_sort(struct business *rows)
{
    if (is_sorted(rows)) return; /* most files are */
    struct business_row *other = memory_zeroed(rows->count, sizeof *other), *made = rows->all;
    rows->room = rows->count;
    for (uint32_t width = 1; width < rows->count; width *= 2) {
        for (uint32_t at = 0; at < rows->count; at += 2 * width) {
            uint32_t second = rows->count - at < width ? rows->count : at + width;
            uint32_t end = rows->count - second < width ? rows->count : second + width;
            business_merge(rows, made, other, at, second, end);
        }
        struct business_row *next = other;
        other = made;
        made = next;
    }
    free(other);
    /* Of rows with equal keys the last one is kept. */
    uint32_t kept = 0;
    for (uint32_t at = 0; at < rows->count; at++) {
        bool again = kept > 0 && order_of(rows, &made[kept - 1], business_row_key(rows, &made[at])) == 0;
        made[again ? kept - 1 : kept++] = made[at];
    }
    rows->all = made;
    rows->count = kept;
}

struct span business_all(const struct business *rows)
{
    return (struct span){rows->bytes, rows->length};
}

bool business_at(const struct business *rows, uint32_t place, struct kv_pair *pair)
{
    if (place >= rows->count) return false;
    uint32_t at = rows->all[place].at;
    return kv_next(business_all(rows), &at, pair);
}

bool business_add_row(struct business *rows, const struct business *from, uint32_t place)
{
    assert(place < from->count && rows != from);
    struct kv_pair pair;
    uint32_t begin = from->all[place].at, end = begin;
    if (!kv_next(business_all(from), &end, &pair)) return false;
    return business_add(rows, (struct span){from->bytes + begin, end - begin});
}

static bool business_find_row(const struct business *rows, struct span key, struct kv_value *value)
{
    uint32_t low = 0, high = rows->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = order_of(rows, &rows->all[middle], key);
        if (order == 0) {
            struct kv_pair pair;
            if (!business_at(rows, middle, &pair)) return false;
            *value = pair.value;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Finds the row for a text. With `prefix` the longest key with which the text begins counts: for "4471", "447"
 * before "44". */
bool business_find(const struct business *rows, struct span text, bool prefix, struct kv_value *value)
{
    if (business_find_row(rows, text, value)) return true;
    /* A key of a table has at most ADDR_MAX_BYTES bytes, so a longer prefix need not be tried. */
    uint32_t longest = text.length <= ADDR_MAX_BYTES ? text.length : ADDR_MAX_BYTES + 1u;
    for (uint32_t left = longest; prefix && left > 0; left--)
        if (business_find_row(rows, (struct span){text.bytes, left - 1}, value)) return true;
    return false;
}

/* Writes or reads the pairs, one after another. Returns the number of pairs. */
static uint32_t keep_pairs(struct business *rows, struct keeper *keeper, struct span written)
{
    struct kv_pair pair;
    uint32_t at = 0, count = 0;
    while (kv_next(written, &at, &pair)) count++;
    count = keep_count(keeper, count, TABLE_ROWS_MAX);
    at = 0;
    for (uint32_t number = 0; number < count && keep_good(keeper); number++) {
        uint32_t from = at, end = 0;
        struct span one = {NULL, 0};
        if (!keep_reading(keeper)) {
            kv_next(written, &at, &pair);
            one = (struct span){written.bytes + from, at - from};
        }
        keep_bytes(keeper, &one.bytes, &one.length, TABLE_BYTES_MAX);
        if (!keep_reading(keeper)) continue;
        if (!kv_check(one, NULL) || !kv_next(one, &end, &pair) || end != one.length || !business_add(rows, one))
            keep_fail(keeper, "the rows of a table are damaged");
    }
    return count;
}

/* True: an array of `count` elements may have this capacity after growth; `before` elements were the most that it
 * had to hold. */
static bool business_may_be(uint32_t capacity, uint32_t count, uint32_t before)
{
    return capacity >= count && capacity <= 2 * before + 8;
}

/* Writes or reads the table, with its capacities: the bytes of tables count for a limit, and a restored core must
 * count the same. */
void business_keep(struct business *rows, struct keeper *keeper)
{
    struct span written = keep_reading(keeper) ? (struct span){0} : business_all(rows);
    if (keep_reading(keeper)) business_free(rows);
    uint32_t capacity = keep_u32(keeper, rows->capacity), room = keep_u32(keeper, rows->room);
    uint32_t pairs = keep_pairs(rows, keeper, written);
    if (!keep_reading(keeper) || !keep_good(keeper)) return;
    business_sort(rows);
    if (!business_may_be(capacity, rows->length, rows->length) || !business_may_be(room, rows->count, pairs)) {
        keep_fail(keeper, "the rows of a table take more or less room than they can");
        return;
    }
    if (capacity != 0) rows->bytes = memory_grown(rows->bytes, capacity, 1);
    if (room != 0) rows->all = memory_grown(rows->all, room, sizeof *rows->all);
    rows->capacity = capacity;
    rows->room = room;
}
