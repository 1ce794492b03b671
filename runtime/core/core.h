/* runtime/core/core.h - The deterministic machine: events in, effects out.
 *
 * A core owns a partition: its interactions (each one block), virtual queues, agents and claims, timers, directory and
 * decision records. It is pure: no clock, socket, file, thread or global state. All that it knows came in a batch, and
 * the same batches give the same effects and digests, always. */
#ifndef CORE_CORE_H
#define CORE_CORE_H

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

struct core *core_new(const struct core_options *);
void core_free(struct core *);

/* Applies one batch. Events that are malformed or repeated change nothing. An assertion fails where the batch is not
 * the next one: the caller has checked it. */
void core_apply(struct core *, const struct batch *, const struct effect_sink *);

/* Hash of all effects in their order, and of the logical contents of all blocks and of what decides beside them
 * (forks, exclusions, settings, signals, counters), after the last batch. */
uint64_t core_digest(const struct core *);
/* Logical time of the next timer, or UINT64_MAX: by then a batch is due, perhaps an empty one. Now where one is due
 * that the last batch has left. */
uint64_t core_next_timer(const struct core *);
uint64_t core_time(const struct core *);
uint64_t core_last_seq(const struct core *, unsigned source); /* 0 where it never posted */
uint64_t core_last_conn(const struct core *, unsigned source);

#endif
