/* runtime/core/base/batch.h - The input and output of a core: batches of events, options, effects. */
#ifndef CORE_BATCH_H
#define CORE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core;
struct image;

enum { CORE_HASH = 32, BATCH_EVENTS_MAX = 1000, BATCH_BYTES_MAX = 256 * 1024 };
enum { LINKS_MAX = 64 }; /* a link's number is its source, from SOURCE_LINKS on */

/* One record of the journal: everything that happened at one moment of logical time. Due timers fire before the events,
 * in the order of timer.h. If very many timers are due, the first of them fire in this batch and the others in the
 * following batches. `previous` is the BLAKE2b hash of the batch before, as it was stored. */
struct batch {
    uint16_t partition;
    uint64_t epoch;
    uint64_t number; /* from 1, without gaps */
    uint8_t previous[CORE_HASH];
    uint32_t semantics;
    uint64_t time_us;       /* logical time, which never goes back */
    uint64_t digest_before; /* of the core after the batch before */
    uint32_t count;
    struct span events; /* `count` frames, one after another, as they were posted */
    struct span sealed; /* of the journal, which hides what is secret in the events; the core never looks at it */
};

struct core_options {
    uint16_t partition;
    uint64_t seed;
    uint32_t interactions_max; /* further arrivals are default-routed */
    /* Returns the image with that hash, loaded and verified, or NULL. The image stays valid while the core lives. */
    const struct image *(*image)(void *self, const uint8_t hash[CORE_HASH]);
    void *self;
    /* For tests: the core has decided which target the waiting interaction gets (empty: none), in which virtual queue,
     * and has not changed anything yet, so the test may ask why.h. The function must only read. May be NULL. */
    void (*deciding)(void *self, struct core *, uint64_t ixn, struct span chosen, struct span vq);
    /* For tests: the interaction is stopped with this word, or has failed so. The core calls it also when no call is
     * left that could be told. The function must only read. May be NULL. */
    void (*ending)(void *self, uint64_t ixn, struct span why);
    /* For comparisons of two versions: which strategy of the routing point `dn` gets the arrival? 1: the one that was
     * activated last, -1: the one before it, 0: as its percentage says. The function must only read. May be NULL. */
    int (*choosing)(void *self, uint64_t ixn, struct span dn);
};

/* Receives the effects in their order. `frame` is valid during the call only. Frames carry `source` (the addressed
 * link, SOURCE_HOST for queries, SOURCE_ADMIN for replies to it), `ixn` and `ref`. A core with a NULL sink drops its
 * effects, as in a replay. */
struct effect_sink {
    void (*effect)(void *self, struct span frame);
    void *self;
};

#endif
