/* runtime/core/base/batch.h - The input and output of a core: batches of events, options, effects. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core;
struct image;

enum { CORE_HASH = 32, BATCH_EVENTS_MAX = 1000, BATCH_BYTES_MAX = 256 * 1024 };
enum { LINKS_MAX = 64 }; /* most links of a core; the number of a link is its source, counted from SOURCE_LINKS */

/* One record of the journal: everything that happened at one moment of logical time. Due timers fire before the
 * events, in the order of timer.h. If very many timers are due, the first of them fire in this batch and the others
 * in the following batches. `previous` is the BLAKE2b hash of the previous batch in its stored form. */
struct batch {
    uint16_t partition;
    uint64_t epoch;
    uint64_t number; /* batches count from 1, without gaps */
    uint8_t previous[CORE_HASH];
    uint32_t semantics;
    uint64_t time_us;       /* logical time in microseconds; it never goes back */
    uint64_t digest_before; /* core_digest() after the previous batch */
    uint32_t count;
    struct span events; /* the events: `count` frames, one after another, unchanged */
    struct span sealed; /* the events' secrets, which the journal has taken out (secrets.h); not for the core */
    /* Not stored with the batch: the events and timers that the core skips, because they have crashed a core twice
     * (journal/batches.h). Each is named by a number: an event by its place in the batch, from 0; a timer by its
     * place in the order of firing, plus PASSED_TIMER. */
    const uint32_t *passed;
    uint32_t passed_count;
};

enum { PASSED_TIMER = 1 << 30 };

/* What a core is working on in a batch. interaction of the event or the timer; 0: unknown */
enum core_place { CORE_RESTS, CORE_FIRES, CORE_TAKES };
struct core_mark {
    uint32_t place;   /* enum core_place */
    uint32_t index;   /* place of the event or timer in the batch, from 0 */
    uint64_t batch;   /* number of the batch */
    uint64_t conn;    /* ConnID in the event */
    uint64_t ixn;     /* the interaction whose strategy runs; 0: none runs */
    uint64_t running; /* sequence number that its source gave the event */
    uint64_t number;  /* sequence number that its source gave the event */
    uint64_t key; /* names the mail or record in the event, which a link may send again under another number; 0: none
                   * (quarantine.h) */
    uint64_t owner, due_us; /* timers: number of the object that owns the timer; deadline of the timer */
    uint16_t kind;          /* kind of the event */
    uint8_t source;         /* source of the event */
    uint8_t timer, part;    /* timers: kind of the timer; part of the object */
};

/* For tests, in checked builds only: makes the core crash before it takes an event that contains `text`, or before
 * it fires a timer of the kind `timer`. */
struct core_plant {
    char text[32]; /* bytes that the event contains; empty: no event crashes */
    uint16_t kind; /* kind of the event; 0: any */
    uint8_t timer; /* kind of the timer; TIMER_NONE: no timer crashes */
    bool hangs;    /* true: the core loops for ever instead of crashing */
};

struct core_options {
    uint16_t partition;
    uint64_t seed;
    uint32_t interactions_max; /* most interactions that the core holds at once; further arrivals are default-routed */
    /* Returns the program image with the given hash, loaded and verified, or NULL. The image stays valid while the
     * core lives. */
    const struct image *(*image)(void *self, const uint8_t hash[CORE_HASH]);
    void *self;
    /* For tests: called when the core has decided which target the waiting interaction gets (empty: none) and in
     * which virtual queue, and has changed nothing yet, so the test may ask why.h. The function must only read. May
     * be NULL. */
    void (*deciding)(void *self, struct core *, uint64_t ixn, struct span chosen, struct span vq);
    /* For tests: called when the strategy of the interaction is stopped, or has failed, for the reason `why`. The
     * core calls it also for a call that has ended already. The function must only read. May be NULL. */
    void (*ending)(void *self, uint64_t ixn, struct span why);
    /* For comparisons of two versions: decides which strategy of the routing point `dn` gets the arrival. 1: the one
     * that was activated last, -1: the one before it, 0: the usual choice by percentage. `ixn` 0: the interaction is
     * still to be made. The function must only read. May be NULL. */
    int (*choosing)(void *self, uint64_t ixn, struct span dn);
    /* For comparisons of two versions: may selections take the ready agent of this name now? A comparison gives each
     * interaction the agent that the other core has chosen for it. The function must only read. NULL: all agents may be
     * taken. */
    bool (*offering)(void *self, struct span agent);
    /* For comparisons of two versions: returns the id of the interaction that is being made, which no other has. Random
     * numbers are drawn by ids, so the same interaction needs the same id in both cores. The function must only read.
     * NULL: ids are counted. */
    uint64_t (*numbering)(void *self, unsigned media, uint64_t conn);
    bool secrets_stay; /* for tests: secrets are kept after their interaction has ended */
    /* The mark in which the core writes what it is working on. May be NULL. */
    volatile struct core_mark *mark;
#ifdef VM_CHECKED
    const struct core_plant *plant; /* NULL: nothing is planted */
#endif
};

/* Called with each effect, in the order in which the core makes them. `frame` is valid during the call only. Frames
 * carry `source` (the addressed link, SOURCE_HOST for queries, SOURCE_ADMIN for replies to it), `ixn` and `ref`. A
 * core with a NULL sink drops its effects; replays do this. */
struct effect_sink {
    void (*effect)(void *self, struct span frame);
    void *self;
};
