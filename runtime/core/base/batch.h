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
    uint64_t number; /* from 1, without gaps */
    uint8_t previous[CORE_HASH];
    uint32_t semantics;
    uint64_t time_us;       /* logical time, which never goes back */
    uint64_t digest_before; /* of the core after the batch before */
    uint32_t count;
    struct span events; /* `count` frames, one after another, as they were posted */
    struct span sealed; /* of the journal, which hides what is secret in the events; the core never looks at it */
    /* Not of the record: what of it is passed over, because it has crashed a core twice (journal/batches.h). Places of
     * events, from 0; of timers in the order in which they fire, with PASSED_TIMER. */
    const uint32_t *passed;
    uint32_t passed_count;
};

enum { PASSED_TIMER = 1 << 30 };

/* The present work of a core in a batch. It writes this before it begins each timer and event, so that whoever finds
 * the memory after a crash knows which one it was. */
enum core_place { CORE_RESTS, CORE_FIRES, CORE_TAKES };
struct core_mark {
    uint32_t place;   /* enum core_place */
    uint32_t index;   /* of the event or timer, from 0 */
    uint64_t batch;   /* its number */
    uint64_t conn;    /* of the event */
    uint64_t ixn;     /* of the event or the timer; 0: not said */
    uint64_t running; /* the interaction whose strategy runs; 0: none does */
    uint64_t number;  /* that its source gave the event */
    uint64_t key; /* of the event: the mail or record in it, which a link may tell again under another number; 0: none
                     (quarantine.h) */
    uint64_t owner, due_us; /* of the timer: its object's number, its deadline */
    uint16_t kind;          /* of the event */
    uint8_t source;         /* of the event */
    uint8_t timer, part;    /* of the timer: its kind and part */
};

/* For tests, in checked builds alone: a core crashes that is to take an event with these bytes in it, or to fire a
 * timer of this kind. */
struct core_plant {
    char text[32]; /* empty: no event */
    uint16_t kind; /* of the event; 0: any */
    uint8_t timer; /* TIMER_NONE: no timer */
    bool hangs;    /* instead of crashing, it does so for ever */
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
    bool secrets_stay; /* for tests: of an interaction that has ended, too */
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
