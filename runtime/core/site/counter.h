/* runtime/core/site/counter.h - The site's counters: how often strategies counted something, in total and per key.
 *
 * The table owns the rows, and a replay makes them again. A counter is identified by its name, so it goes on counting
 * when a new image is loaded. A counter's first row has the total, and stays as long as the core exists; each key has
 * another row. A counter keeps at most as many keys as its site says (`most`), or COUNTER_KEYS if the site says
 * nothing. All counters together have at most COUNTERS_MAX rows. If a counter has its most keys, a new key gets the row
 * of the counter's key that was counted longest ago; if the table is full, that of the key of all counters that was
 * counted longest ago. If the site keeps fewer keys than before, each count gives up some of those that are too many.
 * A key that is longer than a name can be is counted in the total only. `beyond` says how often a key got no row, or
 * lost its row while its count was not 0: then a strategy that limits something by this counter may have allowed too
 * much.
 *
 * A window is given as in the instructions: 0: without end; positive: a span in microseconds; negative: since that
 * moment of the wall clock. A span is counted in sixtieths, so an entry may be counted up to a sixtieth of the window
 * too long. If a strategy counts with another window than before, the counter begins at 0 again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "vm/counted.h"
#include "runtime/vocabulary/message.h"

struct now;

enum { COUNTERS_MAX = 100000, COUNTER_PARTS = 61 };
enum { COUNTER_NONE = UINT32_MAX }; /* no row */

/* The place of a key's row in a list of rows, in the order in which they were counted last. */
struct counter_place {
    uint32_t before, after;
};
/* The first and the last row of such a list. */
struct counter_ends {
    uint32_t oldest, newest;
};

struct counter {
    uint32_t name, key; /* key 0: the total */
    union {
        struct {                 /* in the row of the total */
            uint32_t keys, most; /* number of the counter's keys, and the most that it may have */
            struct counter_ends ends;
        };
        struct { /* in the row of a key */
            /* own: the place among the keys of the same counter; common: among those of all counters */
            struct counter_place own, common;
        };
    };
    uint32_t whole;    /* in the row of a key: the slot of its counter's total */
    int64_t window_us; /* the window with which the last count was made */
    uint64_t count;    /* the count; with a span, as of the last counting */
    uint64_t beyond;   /* in the row of the total: how often a key got no row, or lost it while its count was not 0 */
    uint64_t used;     /* in the row of a key: greater than `used` of each row that was counted before it */
    uint64_t part;     /* with a span: number of the last sixtieth in which something was counted */
    uint32_t *parts;   /* with a span: owned, COUNTER_PARTS counts, a ring indexed by number */
};

struct counters {
    struct names *names;
    const struct now *now;
    struct counter *all;
    uint32_t count, capacity;
    struct lookup by_key;
    struct counter_ends ends; /* all rows with keys */
    uint64_t uses;            /* `used` of the row that was counted last */
    uint64_t content;         /* sum of the hashes of all rows */
};

/* Adds one to the total, and to the key's count unless the key is empty. `most`: how many keys the counter keeps; 0:
 * COUNTER_KEYS. */
void counter_add(struct counters *, struct span name, struct span key, int64_t window_us, uint32_t most);
uint64_t counter_value(const struct counters *, struct span name, struct span key,
                       int64_t window_us); /* the count now */
const struct counter *counter_find(const struct counters *, struct span name,
                                   struct span key); /* NULL: never counted */
/* Returns the present count of a row, for the window of the last count. 0 if it counts since a moment more than a
 * day ago. */
uint64_t counter_now(const struct counters *, const struct counter *);
bool counters_check(const struct counters *); /* true: `content` is the sum over all rows */
