/* runtime/core/base/batch.h - What goes into a core and comes out of it: batches of events, options, effects. */
#ifndef CORE_BATCH_H
#define CORE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core;
struct image;

enum { CORE_HASH = 32, BATCH_EVENTS_MAX = 1000, BATCH_BYTES_MAX = 256 * 1024 };
enum { LINKS_MAX = 64 }; /* links: their numbers are those from SOURCE_LINKS on */

/* What the journal holds, one after another: everything that happened at one moment of logical time. Due timers fire
 * before the events, in key order; where very many are due, the first of them, the others in the batches that follow.
 * `previous` is the BLAKE2b hash of the batch before as it was stored. */
struct batch {
    uint16_t partition;
    uint64_t epoch;
    uint64_t number; /* dense from 1 */
    uint8_t previous[CORE_HASH];
    uint32_t semantics;
    uint64_t time_us;       /* logical: never goes back */
    uint64_t digest_before; /* of the core after the batch before */
    uint32_t count;
    struct span events; /* `count` frames, one after another, as they were posted */
};

struct core_options {
    uint16_t partition;
    uint64_t seed;
    uint32_t interactions_max; /* arrivals beyond are default-routed */
    /* The image with that hash, loaded and verified, or NULL. It stays valid while the core lives. */
    const struct image *(*image)(void *self, const uint8_t hash[CORE_HASH]);
    void *self;
    /* Of one that waits in a virtual queue: whom it gets is decided now (empty: nobody), and nothing is changed yet, so
     * that why.h can be asked. For tests; it must only read. NULL: nobody asks. */
    void (*deciding)(void *self, struct core *, uint64_t ixn, struct span chosen);
    /* An interaction is stopped with this word, also where no call is left to be told of it; or it fails so where there
     * is none. For tests; likewise. */
    void (*ending)(void *self, uint64_t ixn, struct span why);
};

/* Where effects go, in their order. `frame` is valid during the call only. Frames carry `source` (the link addressed,
 * SOURCE_HOST for queries, SOURCE_ADMIN for replies to it), `ixn` and `ref`. NULL: nobody listens (replay). */
struct effect_sink {
    void (*effect)(void *self, struct span frame);
    void *self;
};

#endif
