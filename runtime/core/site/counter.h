/* runtime/core/site/counter.h - The site's counters: how often strategies counted something, in total and per key.
 *
 * The table owns the rows. They stay while the core lives, and a replay makes them again. A counter is known by its
 * name, so it goes on when a new image is loaded. Its first row holds the total; each key has another row, at most
 * COUNTER_KEYS_MAX per counter and COUNTERS_MAX rows in all. A key beyond these limits, or longer than a name may be,
 * counts only in the total; `beyond` counts these.
 *
 * A window has the form of the instructions: 0 is without end; a positive number is a span in microseconds; a
 * negative number means since that moment of the wall clock. A span is counted in sixtieths, so an entry may still
 * be counted up to a sixtieth of the window too long. If a strategy counts with another window than before, the
 * counter begins anew. */
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
    int64_t window_us;  /* the window of the last count */
    uint64_t count;     /* the count; with a span, as of the last counting */
    uint64_t beyond;    /* row of the total: how often there was no row for a key */
    uint64_t part;      /* with a span: number of the last sixtieth in which something was counted */
    uint32_t *parts;    /* with a span: owned, COUNTER_PARTS counts, a ring indexed by number */
};

struct counters {
    struct names *names;
    const struct now *now;
    struct counter *all;
    uint32_t count, capacity;
    struct lookup by_key;
    uint64_t content; /* additive hash of all rows */
};

/* Counts once: in the total, and for the key unless it is empty. */
void counter_add(struct counters *, struct span name, struct span key, int64_t window_us);
uint64_t counter_value(const struct counters *, struct span name, struct span key,
                       int64_t window_us); /* the count now */
const struct counter *counter_find(const struct counters *, struct span name,
                                   struct span key); /* NULL: never counted */
/* The count of a row now, by the window of the last counting. 0 if it counts since a moment more than a day ago. */
uint64_t counter_now(const struct counters *, const struct counter *);
bool counters_check(const struct counters *); /* true: `content` is the sum over all rows */
