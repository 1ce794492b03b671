/* runtime/daemon/engine/engine.h - A partition at work: one thread drives the core, another makes its batches
 * durable.
 *
 * Owns the partition, the two threads and the posters' numbers, not the store. Posters meet the core in its ring;
 * effects and commits leave by callbacks on the core's thread. Any other thread may call the functions here; the two
 * threads themselves may only post. engine_post() works until engine_free().
 *
 * Invariants: events stand in the ring in the order of their numbers, per source; an effect leaves only after the
 * batch that made it is durable; at most one append is under way. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/core.h"
#include "runtime/daemon/base/histogram.h"
#include "runtime/daemon/base/log.h"
#include "runtime/journal/batches.h"
#include "runtime/vocabulary/message.h"

struct crashes;
struct engine;
struct partition_begun;

struct engine_options {
    struct core_options core;
    struct batches *store;
    const struct log *log;
    const char *state;                   /* folder of the snapshots; NULL: there are none */
    struct crashes *crashes;             /* borrowed (journal/crashes.h); NULL: nobody counts what crashes the core */
    uint64_t restored_s;                 /* as of the partition (journal/partition.h) */
    uint64_t period_us;                  /* of the journal's retention (journal/snapshots.h) */
    const struct partition_begun *begun; /* as of the partition: a core that has followed; NULL: the journal is read */
    uint64_t beat_us;                    /* a sign of life stands in the journal's database so often; 0: none does */
    /* On the core's thread; they may not block, and of the engine only post. */
    void (*effect)(void *self, unsigned link, struct span frame);
    void (*committed)(void *self, unsigned source, uint64_t seq); /* of links and of SOURCE_ADMIN */
    void (*room)(void *self);                                     /* the ring was full and has room again */
    void (*failed)(void *self, const char *why);                  /* the journal cannot go on: the process must end */
    /* Too much of what left waits to be taken: no batch is made until engine_stir(). May be NULL: never. */
    bool (*crowded)(void *self);
    /* The core has stood still: the loop is to read what has come in, and then to call engine_looked(). NULL: nobody
     * looks. */
    void (*look)(void *self);
    void *self;
};

/* Replays the journal, from the newest good snapshot. NULL with the reason where it cannot be. Nothing runs before
 * engine_start(). */
struct engine *engine_new(const struct engine_options *, struct error *);
void engine_start(struct engine *);
/* Applies what was posted, makes it durable, and ends both threads. */
void engine_stop(struct engine *);
void engine_free(struct engine *);

/* An event of SOURCE_HOST or SOURCE_ADMIN, without source and number. Never refused: what the ring does not take waits.
 * Returns the number that `committed` will tell of it (admin). */
uint64_t engine_post(struct engine *, unsigned source, struct span frame);
/* One of SOURCE_HOST that happens at this moment: a core that stood still hears of what was before first. */
void engine_post_now(struct engine *, struct span frame);
/* Gives a link the name under which its events are logged. */
void engine_name_link(struct engine *, unsigned link, const char *name);
/* An event of a link, numbered; by its pace it gathers with others for some milliseconds, while there are batches at
 * all. `moment_us`: when it has happened, by the monotonic clock; 0: nobody knows. False: no room now; `room` is
 * called. */
bool engine_post_link(struct engine *, struct span frame, enum event_pace, uint64_t moment_us);
/* All that had come in is posted, as far as there is room. */
void engine_looked(struct engine *);

/* Asks both threads to go round once; engine_hangs() names one that has not since, or is NULL. Neither waits. */
void engine_ask(struct engine *);
const char *engine_hangs(struct engine *);
/* On the journal's thread, in the midst of an append: it waits for its database, and does not hang. */
void engine_journal_waits(struct engine *);

/* Looks whether there is something to do: what was crowded no longer is. */
void engine_stir(struct engine *);

struct engine_load {
    uint64_t lag_us;                  /* what an event of a link takes, or has taken so far, until it is durable */
    uint64_t ring_events, ring_bytes; /* that wait for the core */
    uint64_t backlog_bytes;           /* of host and admin, that the ring had no room for */
    uint64_t interactions, batches, events; /* after the last round; events since the journal began */
    uint64_t first;                         /* the oldest batch that the journal has */
    uint64_t journal_bytes, journal_free;   /* of its files, and what of that is free to be used again */
    unsigned copies;                        /* servers that have each batch; 0: not known */
    bool archive_fails;                     /* the database cannot archive its own log */
    uint64_t categories_unknown;            /* as eventlog_unknown_categories() has it */
    bool gave_up;                           /* a batch has taken the room of the reserve (journal/reserve.h) */
};
void engine_load(struct engine *, struct engine_load *);
/* As batches_led_until_us (journal/batches.h). */
uint64_t engine_led_until_us(const struct engine *);

/* The costs of its work since the start: `decision` from an event's arrival until what it caused may
 * leave, of the first event of each batch, which waits longest; `sync` of an append to the journal. */
struct engine_cost {
    struct histogram decision, sync;
    atomic_uint_fast64_t appended_bytes, append_failures;
};
struct engine_cost *engine_cost(struct engine *);

/* Batches below `below` may go: the journal's thread removes them in portions, while it has nothing else to do. */
void engine_prune(struct engine *, uint64_t below);
/* Keeps so much space beside the journal for the end (journal/reserve.h); 0: gives it up. False: why not. */
bool engine_reserve(const struct engine *, uint64_t bytes, struct error *);
/* After engine_stop(): cuts a snapshot of the core as it is. False: why not. */
bool engine_cut(struct engine *, struct error *);
/* The batch of the snapshot from which it began, 0: none; `tail`: batches replayed after it. */
uint64_t engine_began(const struct engine *, uint64_t *tail);

uint64_t engine_epoch(const struct engine *);
struct core *engine_core(struct engine *); /* before engine_start(): else engine_read() */
/* Looks into the core between batches; returns when it was done. */
void engine_read(struct engine *, void (*read)(void *self, struct core *), void *self);
/* The same, for who may not wait for a core that hangs. False: it did not look within so long, and will not. */
bool engine_read_within(struct engine *, uint64_t within_us, void (*read)(void *self, struct core *), void *self);
enum { ENGINE_PATIENCE_US = 1000000 };

/* From now on others wait for whoever calls engine_put_image(). */
void engine_serves(struct engine *);
/* Makes an image durable on the journal's thread; returns when it is, or within two seconds with a refusal where the
 * engine serves. The journal may take it later all the same. */
bool engine_put_image(struct engine *, const uint8_t hash[32], struct span bytes, struct error *);
