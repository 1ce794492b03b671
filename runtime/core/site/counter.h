/* runtime/core/site/counter.h - The site's counters: how often strategies counted something, in total and per key.
 *
 * The table owns the rows. The rows stay as long as the core exists, and a replay makes them again. A counter is
 * identified by its name, so it goes on counting when a new image is loaded. A counter's first row has the total;
 * each key has another row, at most COUNTER_KEYS_MAX per counter and COUNTERS_MAX rows in all. A key beyond these
 * limits, or longer than a name may be, counts only in the total; `beyond` says how often.
 *
 * A window is given as in the instructions: 0: without end; positive: a span in microseconds; negative: since that
 * moment of the wall clock. A span is counted in sixtieths, so an entry may be counted up to a sixtieth of the
 * window too long. If a strategy counts with another window than before, the counter begins at 0 again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct now;

enum { COUNTERS_MAX = 100000, COUNTER_KEYS_MAX = 1000, COUNTER_PARTS = 61 };

struct counter {
    uint32_t name, key; /* key 0: the total */
    uint32_t keys;      /* row of the total: number of rows with keys */
    int64_t window_us;  /* the window with which the last count was made */
    uint64_t count;     /* the count; with a span, as of the last counting */
    uint64_t beyond;    /* row of the total: how often a key got no row */
    uint64_t part;      /* with a span: number of the last sixtieth in which something was counted */
    uint32_t *parts;    /* with a span: owned, COUNTER_PARTS counts, a ring indexed by number */
};

struct counters {
    struct names *names;
    const struct now *now;
    struct counter *all;
    uint32_t count, capacity;
    struct lookup by_key;
    uint64_t content; /* sum of the hashes of all rows */
};

/* Adds one to the total, and to the key's count unless the key is empty. */
void counter_add(struct counters *, struct span name, struct span key, int64_t window_us);
uint64_t counter_value(const struct counters *, struct span name, struct span key,
                       int64_t window_us); /* the count now */
const struct counter *counter_find(const struct counters *, struct span name,
                                   struct span key); /* NULL: never counted */
/* Returns the present count of a row, for the window of the last count. 0 if it counts since a moment more than a
 * day ago. */
uint64_t counter_now(const struct counters *, const struct counter *);
bool counters_check(const struct counters *); /* true: `content` is the sum over all rows */
