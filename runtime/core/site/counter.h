/* runtime/core/site/counter.h - The site's counters: how often strategies counted, for all keys and for each.
 *
 * The table owns the rows; they stay while the core lives, and replay makes them again. A counter is known by its name,
 * so that it goes on through new images. Its first row is that of the whole counter; each key has one beside it, up to
 * COUNTER_KEYS_MAX of one counter and COUNTERS_MAX rows of all: what is beyond counts for the whole counter only, and
 * is told of. Keys longer than a name may be are beyond, too.
 *
 * A window is, as instructions have it: 0 for ever; over so many us; or, negative, since that moment of the wall clock.
 * Over is counted in sixtieths of the window: what happened up to a sixtieth before it is counted still. Who counts
 * with another window than before begins anew. */
#ifndef CORE_COUNTER_H
#define CORE_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct core;

enum { COUNTERS_MAX = 100000, COUNTER_KEYS_MAX = 1000, COUNTER_PARTS = 61 };

struct counter {
    uint32_t name, key; /* key 0: the whole counter */
    uint32_t keys;      /* of the whole one: how many rows have keys */
    int64_t window_us;  /* with which was counted last */
    uint64_t count;     /* over: as of the last */
    uint64_t beyond;    /* of the whole one: for how many there was no row */
    uint64_t part;      /* over: the number of the last sixtieth that was counted in */
    uint32_t *parts;    /* over: owned, COUNTER_PARTS of them, a ring by number */
};

struct counters {
    struct counter *all;
    uint32_t count, capacity;
    struct lookup by_key;
    uint64_t content; /* additive, of all rows */
};

void counter_add(struct core *, struct span name, struct span key, int64_t window_us);
uint64_t counter_value(const struct core *, struct span name, struct span key, int64_t window_us); /* now */
const struct counter *counter_find(const struct core *, struct span name, struct span key); /* NULL: never counted */
/* The number of a row now, by the window with which it was counted; since a moment more than a day ago: 0. */
uint64_t counter_now(const struct core *, const struct counter *);
bool counters_check(const struct counters *);

#endif
