/* runtime/core/base/batch.h - The input and output of a core: batches of events, options, effects. */
#pragma once

#include <stdbool.h>
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
    uint64_t number; /* batches count from 1, without gaps */
    uint8_t previous[CORE_HASH];
    uint32_t semantics;
    uint64_t time_us;       /* logical time in microseconds; it never goes back */
    uint64_t digest_before; /* core_digest() after the previous batch */
    uint32_t count;
    struct span events; /* `count` frames, one after another, as they were posted */
    struct span sealed; /* the events' secrets, cut out by the journal (secrets.h); not for the core */
    /* Not part of the record: the events and timers that the core skips, because they have crashed a core twice
     * (journal/batches.h). An event is named by its place in the batch, from 0; a timer by its place in the order of
     * firing, plus PASSED_TIMER. */
    const uint32_t *passed;
    uint32_t passed_count;
};

enum { PASSED_TIMER = 1 << 30 };

/* What a core is working on in a batch. The core writes it before it begins each timer and event, so that after a crash
 * the memory tells which timer or event the core was at. */
enum core_place { CORE_RESTS, CORE_FIRES, CORE_TAKES };
struct core_mark {
    uint32_t place;   /* enum core_place */
    uint32_t index;   /* place of the event or timer in the batch, from 0 */
    uint64_t batch;   /* number of the batch */
    uint64_t conn;    /* ConnID in the event */
    uint64_t ixn;     /* interaction of the event or the timer; 0: unknown */
    uint64_t running; /* the interaction whose strategy runs; 0: none does */
    uint64_t number;  /* sequence number that its source gave the event */
    uint64_t key; /* names the mail or record in the event, which a link may send again under another number; 0: none
                     (quarantine.h) */
    uint64_t owner, due_us; /* number of the timer's object; deadline of the timer */
    uint16_t kind;          /* kind of the event */
    uint8_t source;         /* source of the event */
    uint8_t timer, part;    /* kind and part of the timer */
};

/* For tests, in checked builds alone: the core crashes before it takes an event that contains these bytes, or before it
 * fires a timer of this kind. */
struct core_plant {
    char text[32]; /* bytes that the event contains; empty: no event crashes */
    uint16_t kind; /* kind of the event; 0: any */
    uint8_t timer; /* kind of the timer; TIMER_NONE: no timer crashes */
    bool hangs;    /* true: the core loops for ever instead of crashing */
};

struct core_options {
    uint16_t partition;
    uint64_t seed;
    uint32_t interactions_max; /* most interactions at a time; further arrivals are default-routed */
    /* Returns the image with that hash, loaded and verified, or NULL. The image stays valid while the core lives. */
    const struct image *(*image)(void *self, const uint8_t hash[CORE_HASH]);
    void *self;
    /* For tests: the core has decided which target the waiting interaction gets (empty: none), in which virtual queue,
     * and has not changed anything yet, so the test may ask why.h. The function must only read. May be NULL. */
    void (*deciding)(void *self, struct core *, uint64_t ixn, struct span chosen, struct span vq);
    /* For tests: the strategy of the interaction is stopped, or has failed, for the reason `why`. The core calls it
     * also when the call has gone already. The function must only read. May be NULL. */
    void (*ending)(void *self, uint64_t ixn, struct span why);
    /* For comparisons of two versions: which strategy of the routing point `dn` gets the arrival? 1: the one that was
     * activated last, -1: the one before it, 0: as its percentage says. The function must only read. May be NULL. */
    int (*choosing)(void *self, uint64_t ixn, struct span dn);
    bool secrets_stay; /* for tests: secrets are kept after their interaction has ended */
    /* The place where the core writes what it is doing. May be NULL. */
    volatile struct core_mark *mark;
#ifdef VM_CHECKED
    const struct core_plant *plant; /* NULL: nothing is planted */
#endif
};

/* Receives the effects in their order. `frame` is valid during the call only. Frames carry `source` (the addressed
 * link, SOURCE_HOST for queries, SOURCE_ADMIN for replies to it), `ixn` and `ref`. A core with a NULL sink drops its
 * effects, as in a replay. */
struct effect_sink {
    void (*effect)(void *self, struct span frame);
    void *self;
};
